# Everything a person or CI does here. On a fresh Debian machine `make app` and `make test` need Python and make, and do the rest.
# `make help` lists the targets; `make PYTHON=python3.12 VENV=.venv312 test` chooses another Python and another place.

PYTHON ?= python3
VENV   ?= .venv
APP    ?= notebooks/three-lines.ipynb
MINUTES ?= 10
# Half of the time tests wait for servers and pages: one more than there are processors.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 1)")
CORPUS  ?= benchmarks/notebooks/corpus notebooks
BIN    := $(VENV)/bin
SHELL  := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
# Containers often set it. Then each kernel and server that a test starts compiles all of nbapp again: a second each.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help app test coverage lint format types floors bench bench-peers libraries soak clean labextension chromium proxy nginx redis

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

test: $(INSTALLED)-test chromium proxy nginx redis lint types floors ## set everything up, then lint, types, floors and all tests
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

coverage: $(INSTALLED)-test chromium proxy nginx redis ## the tests again, with the lines that none of them reaches; takes half as long again
	@$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term $(ARGS)

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

bench: $(INSTALLED)-test chromium proxy ## side by side with a hand-written Voila app, in real Chromium
	@$(BIN)/python -m benchmarks.load_ext
	@$(BIN)/python -m benchmarks.walk
	@$(BIN)/python -m benchmarks.serve
	@$(BIN)/python -m benchmarks.digests
	@$(BIN)/python -m benchmarks.scale
	@$(BIN)/python -m benchmarks.lab
	@$(BIN)/python -m benchmarks.forks
	@$(BIN)/python -m benchmarks.share

bench-peers: $(INSTALLED)-test chromium ## the same beside Streamlit, marimo, Mercury, joblib and dask, each in its own environment
	@$(BIN)/python -m benchmarks.serve --peers
	@$(BIN)/python -m benchmarks.digests --peers
	@$(BIN)/python -m benchmarks.arrivals

libraries: $(INSTALLED)-test chromium ## two cells of some forty libraries, in their newest releases, on every way in; ARGS="bqplot h5py" tries these
	@$(BIN)/python -m benchmarks.libraries $(ARGS)

soak: $(INSTALLED)-test chromium ## the long tests; 10,000 reruns (REPEATS=n): nothing may grow; notebooks (CORPUS=folder): none may differ; an app under attack; WALKS=1000 notebooks of callbacks, random ones for MINUTES=10: none wrong; the oldest and the newest releases of Jupyter
	@$(BIN)/python -m pytest -m soak -n $(WORKERS)
	@$(BIN)/python -m benchmarks.soak $(REPEATS)
	@$(BIN)/python -m benchmarks.corpus --served $(CORPUS)
	@$(BIN)/python -m benchmarks.attack
	@$(BIN)/python -m benchmarks.callback_walks $(WALKS)
	@$(BIN)/python -m benchmarks.random_walks --minutes $(MINUTES)
	@$(BIN)/python -m benchmarks.releases

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

nginx:
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || { $(call apt,nginx,the proxy that the tests put before an app); }

redis:
	@command -v redis-server >/dev/null || { $(call apt,redis-server,a place for results that servers share); }

# JupyterHub's proxy is Node's; version 4 runs from Debian 12's Node 18 on.
proxy: $(BIN)/configurable-http-proxy

$(BIN)/configurable-http-proxy: | $(BIN)/python
	@command -v npm >/dev/null && command -v node >/dev/null || { $(call apt,nodejs npm,the proxy of the JupyterHub that the tests run); }
	@echo "nbapp: installing configurable-http-proxy (once)"
	@npm install --global --prefix "$(abspath $(VENV))" --no-audit --no-fund --loglevel=error configurable-http-proxy@4 >/dev/null || \
		{ echo "nbapp: npm could not install configurable-http-proxy@4, which the tests of JupyterHub need; is a registry reachable?" >&2; exit 1; }
