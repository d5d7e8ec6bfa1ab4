# Needs only Python 3.11+ and a package registry. Each target works alone on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help install demo test test-cluster check lint types imports sizes coverage wheel evaluate raise-floors bench bench-check bench-store kills faults soak lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# The pip that came with Python may be too old to read the locks (extras of one package under two spellings).
$(VENV)/.pip: requirements-pip.lock
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements-pip.lock
	@touch $@

$(VENV)/.runtime: $(VENV)/.pip requirements.lock
	$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: $(VENV)/.pip requirements-dev.lock pyproject.toml
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.runtime

install: $(VENV)/.dev ## create .venv with callwatch and everything needed to work on it

demo: $(VENV)/.runtime ## harvest the stand-in portal, show the alerts and the digest
	@$(BIN)/python -m callwatch demo

test: $(VENV)/.dev ## the default test suite: what needs no processes of its own
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not cluster"

test-cluster: $(VENV)/.dev ## workers that are killed and a broker that is wiped; needs rabbitmq-server, else skipped with a reason
	$(BIN)/python -m pytest -q -n 0 -m cluster tests/cluster

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

sizes: $(VENV)/.dev
	$(BIN)/python tests/gates/sizes.py

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n 2 -m "not cluster and not played" --cov --cov-report= 
	$(BIN)/python tests/gates/coverage_floor.py

wheel: $(VENV)/.dev
	$(BIN)/python tests/gates/wheel.py

check: lint types imports sizes coverage wheel ## every gate

evaluate: $(VENV)/.dev ## the classifier judged by the labelled sets, against floors that only go up
	$(BIN)/python -m tests.evaluate

raise-floors: $(VENV)/.dev
	$(BIN)/python -m tests.evaluate --raise-floors

bench: $(VENV)/.dev ## speed and memory as ratios to limits measured in the same run (docs/benchmarks.md)
	$(BIN)/python -m tests.bench

bench-check: $(VENV)/.dev ## a shorter run, compared with the stored figures: fails when a ratio is more than 30 % worse
	$(BIN)/python -m tests.bench --quick --check

bench-store: $(VENV)/.dev ## make the figures of the last `make bench` the stored ones, and write docs/benchmarks.md
	$(BIN)/python -m tests.bench.page

KILLS ?= --kills 200
MESSAGES ?= 10000
kills: $(VENV)/.dev ## kill harvest, plan, deliver, scheduler and workers 200 times each over each store; about a quarter of an hour on two idle cores (KILLS="--kills 20" for two minutes)
	$(BIN)/python -m tests.kills $(KILLS)
	$(BIN)/python -m tests.delivery.flood --messages $(MESSAGES)

faults: $(VENV)/.dev ## play every fault on both stores and a minute of the soak, and print what came of it
	$(BIN)/python -m tests.faults

soak: $(VENV)/.dev ## ten times ten minutes of random kills on alternating stores, with an exact oracle; two hours
	$(BIN)/python -m tests.faults.soak --seed 1 2 3 4 5 6 7 8 9 10 --minutes 10 --alternate

lock: $(VENV)/.dev ## write the lock files again from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	echo pip | $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 - -o requirements-pip.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras --universal --extra postgres --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras --universal --extra postgres --group dev --python-version 3.11 pyproject.toml -c requirements.lock -o requirements-dev.lock
	echo hatchling | $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 -c requirements-dev.lock - -o requirements-build.lock

clean: ## remove the environment and what the tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage* dist build callwatch-demo
