"""The controlled study: models that differ in one thing, trained on the same pictures, and what that one thing does.

`plan` (what a study trains and asks: data, from ``studies.toml``), `models` (the trainings), `answers` (the evaluations),
`effects` (figures over seeds and pictures, and the words for them), a file per study, `page` (what is written), `run`.
"""
