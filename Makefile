# The two commands: `make run` and `make test`. Everything else is for developers.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
FILES  ?=

.PHONY: run test check lint types imports bench soak screenshots clean

$(VENV)/.run: pyproject.toml .ci/make_env.py
	@$(PYTHON) .ci/make_env.py $(VENV) ""
	@touch $@

$(VENV)/.dev: pyproject.toml .ci/make_env.py
	@$(PYTHON) .ci/make_env.py $(VENV) dev
	@touch $@ $(VENV)/.run

run: $(VENV)/.run
	@$(BIN)/rankscope $(FILES)

test: $(VENV)/.dev
	@$(BIN)/python gui/core/platform_check.py offscreen
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

check: lint types imports

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

# Ratios against named references; minutes, not part of `make test`.
bench: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/benchmarks -p benchmark -o addopts="" -q -s

# Every screen as a picture, light and dark, wide and narrow, from the running program.
screenshots: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m gui.screenshots assets/screenshots

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .failures build dist
