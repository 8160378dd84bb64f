"""`python -m reconstrue.cli`."""

from reconstrue.cli import main

main()
