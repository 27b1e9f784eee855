# On a fresh machine: `make demo` runs everything on the built-in dataset, `make test` checks it.
# Both need git, make and Python 3.11 or newer, and build .venv from the locks the first time.

PYTHON ?= python3
CORES ?= all
RUN := .venv/run.stamp
DEV := .venv/dev.stamp

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_NO_ANALYTICS := 1

.PHONY: help demo test faults kills format schema reference bench times lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

demo: $(RUN) ## run the workflow on config.yaml and say where the report is (CORES=all)
	snakemake --cores $(CORES) --logger hmu
	@echo "Open results/report/index.html in a browser; the tables alone are results/tables/index.html."

test: $(DEV) ## check format, lint, types and the workflow, then run the tests
	ruff format --check workflow tests
	ruff check workflow tests
	mypy
	PYTHONPATH=workflow lint-imports
	snakefmt --check Snakefile workflow/rules
	snakemake --lint
	pytest --numprocesses logical --maxprocesses 4 --dist worksteal $(PYTEST)

faults: $(DEV) ## every fault of tests/faults, and Slurm ends jobs at their time limit; who survived
	pytest -m "faults or corpus" --numprocesses logical --maxprocesses 4 --dist worksteal $(PYTEST)

kills: $(DEV) ## kill thirty runs at random moments, take them up again, compare (KILLS="--seed 1")
	PYTHONPATH=workflow:tests python -m support.killing $(KILLS)

format: $(DEV) ## put the code into the common format
	ruff format workflow tests
	ruff check --fix workflow tests
	snakefmt Snakefile workflow/rules

schema: $(RUN) ## write the schema of configurations, of what the code says (workflow/schemas)
	PYTHONPATH=workflow python -m hmu.config.schema_file

reference: $(RUN) ## fetch the official code into reference/, for tests and benchmarks to compare with
	pip install --quiet einops
	@set -e; while read -r name commit; do \
		echo "reference/$$name"; \
		git init --quiet "reference/$$name"; \
		git -C "reference/$$name" fetch --quiet --depth 1 \
			"https://github.com/$$(echo "$$name" | tr + /)" "$$commit"; \
		git -C "reference/$$name" checkout --quiet --detach "$$commit"; \
	done < workflow/benchmarks/checkouts.txt

bench: $(RUN) ## time us beside the official code (REFERENCE=folder of checkouts, BENCH=options)
	PYTHONPATH=workflow python -m benchmarks $(if $(REFERENCE),--reference $(REFERENCE)) $(BENCH)

times: ## list what the jobs of the last run took, slowest first: seconds and peak memory
	@find results/benchmarks -type f -exec awk -F '\t' \
		'FNR == 2 { printf "%9.1f s %8.0f MB  %s\n", $$1, $$3, FILENAME }' {} + | sort -rn

# The CUDA packages stay out of the locks: torch pins them itself, and a CPU build needs none.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--no-annotate --custom-compile-command 'make lock' $(UV)
lock: $(DEV) ## pin dependencies anew where pyproject.toml asks for it (UV=--upgrade: all of them)
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	sed -i -E '/^(cuda|nvidia|triton)\b/d' requirements.lock requirements-dev.lock

clean: ## remove .venv and caches; results stay (`snakemake --delete-all-output` removes those)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than Python 3.11: name a newer one with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN): .venv/bin/python requirements.lock pyproject.toml
	python -m pip install --requirement requirements.lock
	python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUN) requirements-dev.lock
	python -m pip install --requirement requirements-dev.lock
	@touch $@
