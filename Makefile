# `make` alone lists what there is to do.
PYTHON ?= python3
ARGS ?=
# Tests run side by side, one pytest a core and at most four (ARGS='-n 0': one process for all).
PYTEST := .venv/bin/python -m pytest -n logical --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help install run test check bench clean

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
		printf 'make %-9s %s\n' "$$name" "$$text"; done

install: .venv/.installed ## Make .venv with the tested versions of everything (PYTHON=python3.12 for another Python)

run: install ## Run the main job, a search on real data (ARGS='--trials 20' adds options)
	@.venv/bin/epochsearch run $(ARGS)

test: install ## Run all tests (ARGS='-m "not slow and not browser"' for the quick ones)
	@$(PYTEST) $(ARGS)

check: install ## Lint, types, layers and all tests: exactly what CI runs
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@$(PYTEST) $(ARGS)

bench: install ## Measure speed and memory against the textbook script and print the table (ARGS='--help')
	@.venv/bin/python -m tests.benchmarks.bench $(ARGS)

clean: ## Remove .venv and all caches; studies and their databases stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov build dist .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip takes minutes the first time (torch is large), and nothing after that until one of the two files changes.
.venv/.installed: pyproject.toml constraints.txt
	@echo 'Installing into .venv (torch is large: the first time takes some minutes) ...'
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch .venv/.installed
