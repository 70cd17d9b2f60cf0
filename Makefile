# `make quickstart`, `make check` and `make test` set everything up in .venv from the project's own files; both may be repeated.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

KERNEL_SOURCES := setup.py pyproject.toml constraints.txt $(wildcard cython_ext/fieldwalk/kernels/*)

.PHONY: quickstart test check docs benchmarks lint clean

quickstart: $(VENV)/installed
	$(BIN)/fieldwalk run workflow/campaigns/quickstart.yaml

# Workers and the ranks that tests start share the cores, so each of them computes on one thread.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest
WORKERS := -n 2 --dist loadgroup

# Everything: first what two workers can share, then, one by one, what needs the machine for itself.
test: $(VENV)/installed
	@$(PYTEST) $(WORKERS) -m "not serial"; shared=$$?; \
	$(PYTEST) -m serial; serial=$$?; \
	test $$shared$$serial = 00 || $(PYTEST) --cache-show 'cache/lastfailed'; \
	echo "make test: exit status $$shared of the tests on two workers, $$serial of the serial ones; 0 is good"; \
	test $$shared$$serial = 00

# What to run after every change, a minute.
check: $(VENV)/installed
	@$(PYTEST) tests/unit $(WORKERS) -m "not slow and not serial and not workflow"; status=$$?; \
	echo "make check: exit status $$status of unit tests and style; left out: tests/physics, dag, mpi, workflow and cluster,"; \
	echo "and unit tests that are slow, serial or start Snakemake. All of them: make test"; \
	exit $$status

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
