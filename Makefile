# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
# Needed: GNU make and python3 (3.11 or newer) with pip. PYTHON=python3.12 chooses another interpreter.

PYTHON ?= python3
BIN := .venv/bin
# Without the two plugins that take every hash for a secret: the catalogue is full of hashes.
SECRETS := --disable-plugin HexHighEntropyString --disable-plugin Base64HighEntropyString --exclude-files '\.safetensors$$'

.PHONY: demo test lint docs audit clean

demo: .venv/.core
	$(BIN)/reconstrue demo --out demo

test: lint
	$(BIN)/python -m pytest

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every code block and notebook is run; warnings are errors. The site is replaced only by a whole one: site/index.html.
docs: .venv/.dev
	rm -rf build/docs
	$(BIN)/python -m sphinx -W --keep-going -q -E -b html -d build/docs/doctrees docs build/docs/site
	rm -rf site && mv build/docs/site site

# Secrets in the files, and known faults of the installed packages: the second needs a network, so neither is part of `test`.
audit: .venv/.audit
	git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook $(SECRETS)
	$(BIN)/python .ci/audit.py

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "reconstrue needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ .venv/.core

.venv/.audit: .venv/.dev
	$(BIN)/python -m pip install --quiet --editable '.[audit]'
	touch $@

clean:
	rm -rf .venv demo build dist site docs/_made .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
