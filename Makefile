# Everything a person or CI does here. On a fresh Debian machine `make app` and `make test` need Python and make, and do the rest.
# `make help` lists the targets; `make PYTHON=python3.12 VENV=.venv312 test` chooses another Python and another place.

PYTHON ?= python3
VENV   ?= .venv
APP    ?= notebooks/three-lines.ipynb
MINUTES ?= 10
BIN    := $(VENV)/bin
SHELL  := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help app test coverage lint format types floors bench bench-peers soak clean labextension chromium

# Packages of the environment are installed once, and again when pyproject.toml or the version changes.
INSTALLED := $(VENV)/.installed
DECLARED  := pyproject.toml nbapp/__init__.py
PIP       := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# $(call apt,PACKAGES,WHY): installs Debian packages as root or through sudo, or says what to type.
apt = echo "nbapp: installing $(1): $(2)"; \
	if ! command -v apt-get >/dev/null; then echo "nbapp: please install $(1) ($(2)), then run make again" >&2; exit 1; fi; \
	as=; if [ "$$(id -u)" != 0 ]; then as=sudo; fi; \
	if [ -n "$$as" ] && ! command -v sudo >/dev/null; then \
		echo "nbapp: please run 'apt-get install $(1)' as root ($(2)), then run make again" >&2; exit 1; fi; \
	$$as apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq --no-install-recommends $(1) >/dev/null \
	|| { echo "nbapp: 'apt-get install $(1)' failed ($(2)); install it by hand, then run make again" >&2; exit 1; }

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

app: $(INSTALLED)-app ## open the sample app in the browser; APP=path.ipynb opens another notebook
	@$(BIN)/nbapp serve "$(APP)"

test: $(INSTALLED)-test chromium lint types floors ## set everything up, then lint, types, floors and all tests
	@$(BIN)/python -m pytest -n logical $(ARGS)

coverage: $(INSTALLED)-test chromium ## the tests again, with the lines that none of them reaches; takes half as long again
	@$(BIN)/python -m pytest -n logical --cov --cov-report=term $(ARGS)

lint: $(INSTALLED)-test ## ruff: rules and format
	@$(BIN)/ruff check nbapp tests benchmarks notebooks
	@$(BIN)/ruff format --check --quiet nbapp tests benchmarks notebooks || { echo "nbapp: run 'make format'" >&2; exit 1; }

format: $(INSTALLED)-test ## rewrite the code in ruff's format
	@$(BIN)/ruff format nbapp tests benchmarks notebooks
	@$(BIN)/ruff check --fix nbapp tests benchmarks notebooks

types: $(INSTALLED)-test ## mypy, strict, over nbapp, tests and benchmarks
	@$(BIN)/mypy

floors: $(INSTALLED)-test ## import-linter: which folder may import which
	@$(BIN)/lint-imports --no-logo

labextension: $(INSTALLED)-test ## build JupyterLab's extension anew after a change in labextension/src; needs Node 20
	@cd labextension && $(CURDIR)/$(BIN)/jlpm install --immutable && PATH="$(CURDIR)/$(BIN):$$PATH" $(CURDIR)/$(BIN)/jlpm run build

bench: $(INSTALLED)-test chromium ## side by side with a hand-written Voila app, in real Chromium
	@$(BIN)/python -m benchmarks.load_ext
	@$(BIN)/python -m benchmarks.walk
	@$(BIN)/python -m benchmarks.serve
	@$(BIN)/python -m benchmarks.digests
	@$(BIN)/python -m benchmarks.lab

bench-peers: $(INSTALLED)-test chromium ## the same beside Streamlit, marimo, Mercury, joblib and dask, each in its own environment
	@$(BIN)/python -m benchmarks.serve --peers
	@$(BIN)/python -m benchmarks.digests --peers

soak: $(INSTALLED)-test ## 10,000 reruns (REPEATS=n): nothing may grow; then random notebooks for MINUTES=10: none may be wrong
	@$(BIN)/python -m benchmarks.soak $(REPEATS)
	@$(BIN)/python -m benchmarks.random_walks --minutes $(MINUTES)

clean: ## remove the environment and everything that tools wrote
	@rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .pytest_cache .ruff_cache .mypy_cache .import_linter_cache \
		.hypothesis benchmarks/results benchmarks/.envs
	@find nbapp tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "nbapp: $(PYTHON) is older than Python 3.10; try 'make PYTHON=python3.12'" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ $(call apt,$(shell $(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'),Debian's Python comes without venv); }
	@echo "nbapp: making the environment $(VENV) (a minute or two, once)"
	@$(PYTHON) -m venv $(VENV)

$(INSTALLED)-app: $(DECLARED) | $(BIN)/python
	@$(PIP) --editable '.[samples]'
	@touch $@

$(INSTALLED)-test: $(DECLARED) | $(BIN)/python
	@$(PIP) --editable '.[samples,test,dev]'
	@touch $@ $(INSTALLED)-app

chromium:
	@command -v chromium >/dev/null || { $(call apt,chromium,the browser that the tests drive); }
