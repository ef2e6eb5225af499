# Every command of the project. `make demo` and `make test` set up what they need themselves.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo setup test lint format contracts analysers contracts-assurance contracts-proofs contracts-deep bench printers lock test-slow test-web test-postgres test-printers test-faults

help: ## What can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## Run one print job through every part of Infill, then leave the site running (ONCE=1: stop after it)
	@$(PYTHON) tools/bootstrap.py demo
	@$(BIN)/python -m demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT)) $(if $(RPC_PORT),--rpc-port $(RPC_PORT))

setup: ## Install everything that development needs
	@$(PYTHON) tools/bootstrap.py dev

test: setup lint ## Lint, type-check and run every test that needs no root
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not web and not deep and not slow and not printers"

test-postgres: setup ## Every test that touches the site's rows, on PostgreSQL: TEST_DATABASE_URL, the system's, or the wheel's (exit 3 without)
	$(BIN)/python tools/postgres.py $(BIN)/python -m pytest -n 2 --dist loadgroup -m "database and not web and not deep and not slow"

RUNS ?= 100
test-slow: setup ## Follower, worker and their connections killed RUNS times each, on SQLite and on PostgreSQL; every depth of reorganisation; the agent put to every fault
	RUNS=$(RUNS) $(BIN)/python -m pytest -n 2 --dist loadgroup -m slow
	RUNS=$(RUNS) $(BIN)/python tools/postgres.py $(BIN)/python -m pytest -n 2 --dist loadgroup -m slow tests/kills

lint: setup ## ruff, mypy and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Bring the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

printers: setup
	@$(BIN)/python tools/require.py prusa-slicer cc python-headers libcap libmagic libturbojpeg mosquitto
	@$(PYTHON) tools/bootstrap.py printers

test-printers: printers ## Drivers against the real printer software, and slicing with PrusaSlicer too (exit 3 names what is missing)
	$(BIN)/python -m pytest tests/provider_agent/drivers tests/provider_agent/slicing tests/slicers tests/designs/test_slicings.py

test-faults: printers ## Agent and real printer software through every pair of driver, fault and status of a making (exit 3 names what is missing)
	$(BIN)/python -m pytest -n 2 tests/provider_agent/faults/test_printers.py

test-web: setup ## The pages in a real Chromium, with a wallet that signs (exit 3 names what is missing)
	@$(BIN)/python tools/require.py chromium
	$(BIN)/python -m pytest -m web

contracts: setup ## Compile the contracts into contracts/build
	$(BIN)/python -m contracts.compiler

analysers: setup
	@$(PYTHON) tools/bootstrap.py assurance

contracts-assurance: analysers ## The contracts' coverage and slither: what is not explained fails
	$(BIN)/python -m tools.assurance.coverage
	$(BIN)/python -m tools.assurance.static

contracts-proofs: analysers ## Prove the escrow's invariants for all inputs, with halmos: takes an hour, resumes
	$(BIN)/python -m tools.assurance.proofs

contracts-deep: contracts-assurance contracts-proofs ## Both, 10,000 fuzz runs, a million invariant calls, mutation: takes hours, resumes
	$(BIN)/python -m tools.assurance.deep
	$(BIN)/python -m pytest -m deep tests/contracts
	$(BIN)/python -m tools.assurance.mutation

bench: setup ## Measure; each benchmark prints ours, its peer, the limit and the ratio (exit 3 without PostgreSQL)
	@for main in benchmarks/*/__main__.py; do $(BIN)/python tools/postgres.py $(BIN)/python -m benchmarks.$$(basename $$(dirname $$main)) || exit $$?; done

lock: setup ## Renew the lock files from pyproject.toml
	tools/lock.sh
