# Every target sets up what it needs in .venv, in a fresh clone with Python >= 3.11 and make alone.
PYTHON ?= python3
BIN := .venv/bin
SYNCBLOCKADE := $(BIN)/syncblockade
# Kernels bring their own threads; those of BLAS only get in their way
export OMP_NUM_THREADS := 1

.PHONY: run quick test test-slow check bench clean

run: .venv/.run
	$(SYNCBLOCKADE) run lorch2017_fig2

quick: .venv/.run
	$(SYNCBLOCKADE) run lorch2017_fig2 --quick

test: .venv/.dev
	$(BIN)/python -m pytest -n 2

test-slow: .venv/.dev
	$(BIN)/python -m pytest -n 2 -m slow

check: .venv/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only -o addopts=--import-mode=importlib

# The stamps are newer than pyproject.toml as long as nothing has to be installed again
.venv/.run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@ .venv/.run

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

clean:
	rm -rf .venv build *.egg-info
