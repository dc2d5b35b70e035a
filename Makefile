# The two commands: `make run` and `make test`. Everything else is for developers.
PYTHON ?= python3
VENV   := .venv
EXTRAS ?= dev
BIN    := $(VENV)/bin
FILES  ?=
COUNT  ?= 300
SECONDS ?= 3600
AUDIT   ?=

.PHONY: run test check lint types imports advisories bench tables long fuzz cluster-test drill outside soak bundle words notes screenshots clean

$(VENV)/.run: pyproject.toml .ci/make_env.py
	@$(PYTHON) .ci/make_env.py $(VENV) ""
	@touch $@

$(VENV)/.dev: pyproject.toml .ci/make_env.py
	@$(PYTHON) .ci/make_env.py $(VENV) $(EXTRAS)
	@touch $@ $(VENV)/.run

run: $(VENV)/.run
	@$(BIN)/rankscope $(FILES)

# Three processes on two cores: while one waits for a window or a worker, another computes.
test: $(VENV)/.dev
	@$(BIN)/python gui/platform_check.py offscreen
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.engine.topk.kernels
	@QT_QPA_PLATFORM=offscreen OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist worksteal

check: lint types imports advisories

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

# Known advisories of what is installed, where pip-audit is and reaches a database; AUDIT has its options.
advisories: $(VENV)/.dev
	@if [ -x $(BIN)/pip-audit ]; then $(BIN)/pip-audit --skip-editable $(AUDIT); else \
		echo "Known advisories were not looked up: pip-audit is not installed, and no database comes with the project."; fi

# Ratios against named references, one BLAS thread as in the window; minutes, not part of `make test`.
bench: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest tests/benchmarks -p benchmark -o addopts="" -q -s

# The two tables of ratios that README shows, in Markdown.
tables: $(VENV)/.dev
	@$(BIN)/python -m tests.benchmarks.tables

# What takes long: kernels compiled by several processes at once.
long: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m long

# The engine on ugly input, with other seeds every time; a failure names the seed that repeats it.
fuzz: $(VENV)/.dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.support.fuzz --seconds 600 --seed $$(date +%s)

# A scheduler and two workers as processes, one killed in the middle; rows are compared.
cluster-test: $(VENV)/.dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.support.drill.clusters

# A few hundred kills at random moments: what is lost, damaged or left; COUNT says how many.
drill: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.support.drill.kills --count $(COUNT)

# Eighty-two checks from outside: disks, names, numbers, sessions, pictures, files; half an hour.
outside: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.support.drill.outside

# An hour of use at random: what grows; SECONDS=600 is ten minutes.
soak: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.support.drill.soak --seconds $(SECONDS)

# Rankscope as one file for Linux that needs no Python: dist/Rankscope-VERSION.run; minutes.
bundle: $(VENV)/.run
	@$(BIN)/python .ci/bundle.py dist/Rankscope-$$($(BIN)/python -c "import gui; print(gui.__version__)").run

# What a table of words lacks; WORDS=new.json merges what has been translated.
words: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.support.words $(WORDS)

# The formulas of the shipped notes, typeset; a test fails when they are old.
notes: $(VENV)/.dev
	@$(BIN)/python -m gui.core.words.prepared

# Every screen as a picture, light and dark, wide and narrow, from the running program.
screenshots: $(VENV)/.dev
	@mkdir -p assets/screenshots
	@for page in topk spectrum column_row position; do for theme in light dark; do for size in 1440x900 1024x700; do \
		QT_QPA_PLATFORM=offscreen $(BIN)/rankscope --fresh --page $$page --theme $$theme \
			--size $$size --screenshot assets/screenshots/$$page-$$theme-$$size.png || exit 1; \
	done; done; done
	@QT_QPA_PLATFORM=offscreen $(BIN)/rankscope --fresh --page topk --theme light --language zh_CN \
		--size 1440x900 --screenshot assets/screenshots/topk-chinese-1440x900.png
	@$(BIN)/python .ci/small_model.py build/tiny-llama
	@QT_QPA_PLATFORM=offscreen $(BIN)/rankscope --fresh --page checkpoint --theme light \
		--size 1440x900 --screenshot assets/screenshots/checkpoint-light-1440x900.png build/tiny-llama
	@QT_QPA_PLATFORM=offscreen $(BIN)/python .ci/library_pictures.py build/library
	@cp build/library/*-en-light-* build/library/*-zh_CN-dark-* assets/screenshots

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .failures build dist
