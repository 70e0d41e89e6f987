# Two commands matter on a fresh machine: make demo, make test. Both set everything up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SYNCED := $(VENV)/.synced

.PHONY: demo test bench prove fmt docs

$(SYNCED): pyproject.toml uv.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet 'uv>=0.5'
	$(BIN)/uv sync --quiet --locked --python $(BIN)/python
	touch $(SYNCED)

demo: $(SYNCED)  ## a fresh ledger with the two sample cases, and a tour of it
	$(BIN)/sagsbog demo $(ARGS)

test: $(SYNCED)  ## everything that must hold
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

bench: $(SYNCED)  ## measured speed, as ratios
	$(BIN)/python -m tests.benchmarks $(ARGS)

prove: $(SYNCED)  ## the long campaigns; figures go to docs/proofs.md
	$(BIN)/pytest -n 0 -m prove $(ARGS)

fmt: $(SYNCED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(SYNCED)  ## writes the generated documentation again
	$(BIN)/python -m tests.write_docs
