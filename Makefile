# Everything happens in .venv; a stamp per set of packages makes the second call instant.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
TESTS ?= tests
WORKERS ?= auto
# What the console is built from; what the build itself writes is none of it.
MADE := auto-imports.d.ts components.d.ts schema.d.ts
WEB = $(shell find web/console web/packages -name node_modules -prune -o -type f -print) \
    web/package.json docs/openapi.json
WEB_SOURCES = $(filter-out $(addprefix %/,$(MADE)),$(WEB))

.PHONY: help run test check bench bench-scale psql lint types contracts sql unit console web-check screenshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run $(VENV)/.console ## the whole product with a demo, on 127.0.0.1:8000
	@exec $(BIN)/jifen run

test: lint types contracts sql web-check ## everything: lint, types, import contracts, all tests
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(TESTS)

check: lint types contracts unit ## the fast part of it

bench: $(VENV)/.dev ## measure speed against pgbench
	@exec $(BIN)/jifen bench

bench-scale: $(VENV)/.dev ## measure whether it slows down as a shop grows
	@exec $(BIN)/jifen bench-scale $(SCALE)

psql: $(VENV)/.run ## a database prompt
	@exec $(BIN)/jifen psql

lint: $(VENV)/.dev ## style
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

types: $(VENV)/.dev ## static types
	@$(BIN)/mypy --no-error-summary

contracts: $(VENV)/.dev ## who may import whom
	@$(BIN)/lint-imports > $(VENV)/contracts.log 2>&1 \
	    || { cat $(VENV)/contracts.log; exit 1; }

sql: $(VENV)/.dev ## style of the .sql files
	@$(BIN)/sqlfluff lint --disable-progress-bar src > $(VENV)/sql.log 2>&1 \
	    || { cat $(VENV)/sql.log; exit 1; }

console: $(VENV)/.console $(VENV)/.pages ## build the console's pages

web-check: $(VENV)/.console ## types and style of the console's pages
	@sh .ci/npm run --silent check > $(VENV)/web.log 2>&1 || { cat $(VENV)/web.log; exit 1; }

screenshots: $(VENV)/.dev $(VENV)/.console ## a picture of every page, into var/screenshots
	@$(BIN)/pytest tests/browser/screenshots.py

unit: $(VENV)/.dev
	@$(BIN)/pytest tests/unit

clean: ## remove caches and .venv, but no data
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis \
	    web/node_modules src/jifen/faces/console/page.html src/jifen/faces/console/static \
	    src/jifen/faces/docs/pages
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python: .ci/find-python
	@python=$$(sh .ci/find-python) && { $(BIN)/python -m pip --version > /dev/null 2>&1 \
	    || { rm -rf $(VENV) && $$python -m venv $(VENV); }; }
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements.txt pyproject.toml
	@echo "Installing what Jifen needs into $(VENV)."
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@echo "Installing what the checks need into $(VENV)."
	@$(PIP) install -r requirements-dev.txt
	@touch $@

$(VENV)/.web: $(VENV)/.python .ci/npm web/package-lock.json web/package.json web/.npmrc
	@echo "Installing what the console is built with into web/node_modules."
	@sh .ci/npm ci > $(VENV)/web.log 2>&1 || { cat $(VENV)/web.log; exit 1; }
	@touch $@

# In a checkout the documentation is read where it stands; an installed package has a copy.
$(VENV)/.pages: $(VENV)/.python $(shell find docs -type f)
	@rm -rf src/jifen/faces/docs/pages
	@cp -R docs src/jifen/faces/docs/pages
	@touch $@

$(VENV)/.console: $(VENV)/.web $(WEB_SOURCES)
	@echo "Building the console."
	@sh .ci/npm run --silent build > $(VENV)/web.log 2>&1 || { cat $(VENV)/web.log; exit 1; }
	@touch $@
