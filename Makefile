# Needs Python 3.11 or later and make; everything else is fetched into .venv (the benchmarks' peers into .venv-bench).
# Another interpreter: make test PYTHON=/path/to/python3.12

.DEFAULT_GOAL := help
.PHONY: help demo test peers interop check-fast fuzz bench docs prove names clean

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
SECONDS ?= 20
CODE := src tests bench fuzz tools

help: ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: .venv/.installed ## decode one message of every kind and print the readings
	@$(BIN)/anymeter demo

test: .venv/.installed peers ## format, lint, types, import contracts, every test and doctest
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -n 2 -q

interop: .venv/.installed .venv-bench/.installed ## speak with other implementations, and keep the matrix in docs/
	$(BIN)/python -m pytest -n 2 -q tests/interop --interop-page docs/interop.md

check-fast: .venv/.installed ## the inner loop: lint, types and the quick tests, stopping at the first failure
	@$(BIN)/ruff format --check -q $(CODE)
	@$(BIN)/ruff check -q $(CODE)
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest -n 2 -x -q -m "not slow"

fuzz: .venv/.fuzz ## run each fuzz target for SECONDS=20
	@$(BIN)/python fuzz/run.py --seconds $(SECONDS)

chaos: .venv/.installed ## random sessions with our server over bad lines for SECONDS=20
	@cd tests && ../$(BIN)/python -m world.chaos --seconds $(SECONDS)

bench: .venv/.installed .venv-bench/.installed ## our speed beside that of other libraries, one table
	@$(BIN)/python bench/run.py --peers .venv-bench/bin/python

docs: .venv/.docs ## the documentation, as a site in site/
	@$(BIN)/python tools/obis_reference.py
	@$(BIN)/python tools/class_reference.py
	@$(BIN)/python tools/protocol_reference.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

prove: .venv/.installed ## break each gate of `make test` once, in a copy, and see that it fails
	@$(BIN)/python tools/prove_gates.py

names: .venv/.installed ## write the list of public names anew
	@cd tests && ../$(BIN)/python -m house.names

clean: ## remove everything that was made, the environments too
	rm -rf .venv .venv-bench site dist build .mypy_cache .ruff_cache .hypothesis .import_linter_cache fuzz/corpus fuzz/findings
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(call make_venv,.venv)

.venv/.installed: pyproject.toml | .venv/bin/python
	@$(call install,.venv,-e '.[dev]')
	@$(BIN)/python -m compileall -q src
	@touch $@

.venv/.docs: .venv/.installed
	@$(call install,.venv,-e '.[docs]')
	@touch $@

.venv/.fuzz: .venv/.installed
	@$(call install,.venv,-e '.[fuzz]')
	@touch $@

.venv-bench/bin/python:
	@$(call make_venv,.venv-bench)

# Other implementations, for the interoperability tests; without them (offline, say) those tests are skipped.
peers:
	@$(MAKE) --no-print-directory .venv-bench/.installed >/dev/null 2>&1 || \
		echo "the peers could not be installed: the interoperability tests are skipped"

.venv-bench/.installed: bench/requirements.txt | .venv-bench/bin/python
	@$(call install,.venv-bench,-r bench/requirements.txt)
	@touch $@

# An environment whose making failed half way is removed, so that the next run starts anew.
define make_venv
if [ -z "$(PYTHON)" ]; then \
  echo "anymeter needs Python 3.11 or later, and none was found. Name one: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
  echo "anymeter needs Python 3.11 or later; $(PYTHON) is not. Name another: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
if ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then \
  echo "$(PYTHON) has no venv or no pip (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; fi; \
echo "making $(1) with $$("$(PYTHON)" --version)"; \
"$(PYTHON)" -m venv $(1) || { rm -rf $(1); echo "$(PYTHON) -m venv $(1) failed" >&2; exit 1; }
endef

define install
echo "installing $(2) into $(1)"; \
$(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2) || { \
  echo "pip could not install $(2): is a package index within reach?" >&2; exit 1; }
endef
