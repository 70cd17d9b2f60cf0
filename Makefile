# `make quickstart` and `make test` set everything up in .venv from the project's own files; both may be repeated.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

KERNEL_SOURCES := setup.py pyproject.toml constraints.txt $(wildcard cython_ext/fieldwalk/kernels/*)

.PHONY: quickstart test docs benchmarks lint clean

quickstart: $(VENV)/installed
	$(BIN)/fieldwalk run workflow/campaigns/quickstart.yaml

test: $(VENV)/installed
	$(BIN)/python -m pytest

lint: $(VENV)/installed
	$(BIN)/python -m pytest tests/unit/test_style.py

docs: $(VENV)/installed
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

benchmarks: $(VENV)/installed
	$(BIN)/python benchmarks/kernels/kernel_speed.py

# The kernels are rebuilt from clean whenever their sources or flags change.
$(VENV)/installed: $(KERNEL_SOURCES)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Fieldwalk needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "python3-venv is missing: install your system's package of that name"; exit 1; }
	@command -v $${CC:-cc} >/dev/null || { echo "no C compiler: install gcc (and python3-dev for Python.h)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	rm -rf build
	$(BIN)/python -m pip install --quiet --editable ".[test,docs]"
	touch $(VENV)/installed

clean:
	rm -rf build $(VENV)
