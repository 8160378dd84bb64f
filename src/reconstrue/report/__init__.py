"""What we show: tables, figures and the page, as pure functions of the results."""
