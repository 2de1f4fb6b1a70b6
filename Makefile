# `make` alone lists what there is to do. Needs Python 3.11 or later and make; nothing else.
PYTHON ?= python3
# Benchmarks in benchmarks/; the sizes of each are its own, small ones unless it is asked for others.
BENCHMARKS ?= run runs extract diff plans writes packages package_import
# Test processes side by side, one more than cores as each waits for what it starts; tests that share a
# world stay in one (tests/conftest.py).
TEST_WORKERS ?= 3

LINT_SQL ?= models

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CLIENTS := tests/sandbox/clients/node_modules

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export RUNTIME__DLTHUB_TELEMETRY := false

PIN = uv pip compile --quiet --no-strip-extras --no-header --universal --generate-hashes --python-version 3.11 $(PIN_OPTIONS)

.DEFAULT_GOAL := help
.PHONY: help setup run test test-full test-faults lint lint-python lint-sql bench docs pictures pins dist clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create .venv with the pinned, hashed dependencies and the p2c command

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml sandbox/pyproject.toml sandbox/requirements.in
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed (PYTHON=...).") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e ./sandbox
	@touch $@

run: setup ## Sandbox with demo data, a run, a second run that writes nothing, part of a story
	@$(BIN)/p2c sandbox reset --demo demo --yes
	@echo; echo "== First run: everything that differs is written"
	@$(BIN)/p2c run --yes
	@echo; echo "== Second run: nothing is left to write"
	@$(BIN)/p2c run --yes
	@echo; echo "== What was written by each flow"
	@$(BIN)/p2c status --limit 2
	@echo; echo "== The beginning of a story: a prospect, a product, a quotation (whole: p2c sandbox story)"
	@$(BIN)/p2c sandbox story --quick --steps 5
	@echo; echo "== What was rejected, and why"
	@$(BIN)/p2c rejects --limit 1
	@echo; echo "Now try: .venv/bin/p2c plan, .venv/bin/p2c rejects, .venv/bin/p2c explain RECORD"
	@echo "The staged data is in warehouse.duckdb; README.md has SQL to try."

lint: setup lint-python lint-sql ## Formatting, style, types, SQL style

lint-python: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

lint-sql: setup
	$(BIN)/sqlfluff lint --processes $(TEST_WORKERS) $(LINT_SQL)

# The style of SQL takes minutes of processor time and changes nothing that a test could see: `make lint`.
test: setup ## Style and types of Python, and every test but the long ones
	@$(BIN)/python -m compileall -q p2c loaders pipelines sandbox/p2c_sandbox
	@$(MAKE) --no-print-directory -j$(TEST_WORKERS) lint-python $(CLIENTS)
	$(BIN)/pytest -n $(TEST_WORKERS) --dist loadscope --no-loadscope-reorder --durations=15 --durations-min=5

$(CLIENTS): tests/sandbox/clients/package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --prefix tests/sandbox/clients && touch $@; \
	else echo "npm is not installed: the tests of npm clients are skipped."; fi

test-full: setup ## What takes long: all of Northwind, stories of several runs, random edits, two runs after each step
	NORTHWIND_ORDERS=all P2C_EDIT_ROUNDS=4 P2C_STORY=full P2C_LONG=1 $(BIN)/pytest -n $(TEST_WORKERS) \
		--dist loadscope tests/northwind tests/loop tests/sandbox/story tests/sandbox/protocol tests/install \
		tests/dbt_macros tests/pipelines tests/match

test-faults: setup ## Hundreds of runs under faults and kill -9; figures go to docs/reliability.md
	P2C_LONG=1 P2C_FAULT_CASES=240 P2C_FAULT_LOOPS=4 P2C_FAULT_EXAMPLES=40 P2C_FAULT_EDITS=18 \
		P2C_FAULT_PAGE=docs/reliability.md $(BIN)/pytest -n $(TEST_WORKERS) --dist loadscope tests/faults

docs: setup ## Write docs/cli.md again from the commands' own help
	$(BIN)/python -m p2c.reference

pictures: setup ## Take the report's pictures for README and docs again, of the data that is there; needs Chromium
	$(BIN)/python -m tests.p2c.pictures

bench: setup ## Measure: all at small sizes, or BENCHMARKS=run BENCH_OPTIONS="100000 --docs"
	@set -e; for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python -m benchmarks.$$name $(BENCH_OPTIONS); done

# requirements.txt is what the application needs, requirements-dev.txt what the sandbox and the tests
# need beside it. Versions that are pinned stay: PIN_OPTIONS="--upgrade" renews all of them.
pins: ## Write both files of requirements again from the ranges in pyproject.toml; needs uv
	$(PIN) pyproject.toml -o requirements.txt
	$(PIN) pyproject.toml --extra dev --extra azure sandbox/requirements.in -c requirements.txt -o requirements-dev.txt \
		$$(sed -nE 's/^([a-zA-Z0-9_.-]+).*==.*/--no-emit-package \1/p' requirements.txt)

dist: setup ## Build the wheels and source archives of both distributions into dist/
	rm -rf dist build sandbox/build
	@set -e; for folder in . sandbox; do (cd $$folder && $(CURDIR)/$(BIN)/python -c 'from setuptools import build_meta as backend; \
		backend.build_wheel("$(CURDIR)/dist"); backend.build_sdist("$(CURDIR)/dist")' >/dev/null); done
	@ls dist

clean: ## Stop the sandbox and remove everything that was built or staged (keeps secrets)
	@if [ -x $(BIN)/p2c ]; then $(BIN)/p2c sandbox down || true; fi
	rm -rf $(VENV) target logs .p2c .sandbox benchmarks/.work warehouse.duckdb warehouse.duckdb.*
	rm -rf dist build sandbox/build tests/sandbox/clients/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info sandbox/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
