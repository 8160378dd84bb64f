"""How the shipped weights are made: recipes as data (`recipes/*.toml`), one file per kind of training."""
