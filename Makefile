# The two commands of the README are `make demo` and `make test`. Everything they need, they make.
PYTHON ?= python3
BIN := .venv/bin
DEMO_OUT ?= demo-feedback

.PHONY: demo test lint core verify bench clean

demo: .venv/installed
	$(BIN)/grader grade submissions/cnn-architectures --rubric rubrics/cnn-architectures.yaml --out $(DEMO_OUT)

# What the core's environment cannot run, and what it must not: each test runs once.
EXTRAS := torch or tensorflow or data or streamlit or browser or postgres

# These are verified here, in three minutes on two cores; all four, in nine: make verify.
VERIFIED ?= rubrics/cnn-theory-practical.yaml rubrics/cnn-basics.yaml

test: lint core .venv/installed
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "($(EXTRAS)) and not gpu"
	$(BIN)/grader verify $(VERIFIED)

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# All other tests, in an environment without any extra: proof that the core imports no framework.
core: .venv-core/installed
	.venv-core/bin/python -m pytest -n 2 --dist loadfile -m "not ($(EXTRAS) or gpu)"

# The rubrics tested: right answers get everything, planted mistakes are caught. What has not changed is not run again.
verify: .venv/installed
	$(BIN)/grader verify rubrics/*.yaml

# Measurements, not tests: how many cells of the corpus go to the right question; how fast a class is scored again.
bench: .venv/installed
	$(BIN)/python tests/bench/segmentation.py --json bench.json
	$(BIN)/python tests/bench/rescore.py --json bench.json
	$(BIN)/python tests/bench/kernels.py --json bench.json

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable ".[torch,tensorflow,data,streamlit,postgres,dev]"
	touch $@

.venv-core/installed: pyproject.toml
	$(PYTHON) -m venv .venv-core
	.venv-core/bin/pip install --quiet --editable . pytest pytest-xdist pytest-timeout hypothesis reportlab
	touch $@

clean:
	rm -rf .venv .venv-core $(DEMO_OUT)
