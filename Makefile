# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
# Needed: GNU make and python3 (3.11 or newer) with pip. PYTHON=python3.12 chooses another interpreter.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint clean

demo: .venv/.core
	$(BIN)/reconstrue demo --out demo

test: lint
	$(BIN)/python -m pytest

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "reconstrue needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ .venv/.core

clean:
	rm -rf .venv demo build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
