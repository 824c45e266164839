# `make help` lists what there is. Needs Python 3.11 or newer and nothing else.

PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
export PYTHONUNBUFFERED := 1
unexport PYTHONDONTWRITEBYTECODE  # many processes are started: what one has compiled is there for the next

.DEFAULT_GOAL := help
.PHONY: help demo venv messages constraints test faults lint requirements bench

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/run.stamp ## Set up and run everything on http://127.0.0.1:8000 (PORT= changes it); Ctrl-C ends it
	@PORT=$(PORT) exec $(BIN)/python manage.py up --with-parent

venv: .venv/run.stamp ## Make the virtual environment with the pinned requirements

test: .venv/test.stamp ## Set up and run every test, on SQLite and PostgreSQL and in a browser (ARGS= goes to pytest)
	@$(BIN)/python tools/run_tests.py $(ARGS)

faults: .venv/test.stamp ## Break a running site in every way, 12 rounds each, and ask the connected systems what they were told (ARGS="--rounds 1 --seed 7")
	@$(BIN)/python -m tests.faults.run --rounds 12 $(ARGS)

lint: .venv/test.stamp ## Check style, types, floors, migrations, templates, translations and the deployment's settings
	@$(BIN)/python tools/lint.py $(ARGS)

requirements: .venv/test.stamp ## List what the product must do and the tests that prove it
	@$(BIN)/python tools/requirements.py

bench: .venv/test.stamp ## Measure the import of 100,000 accounts, searches among them, sign-ins, a dry run, 120,000 deliveries, and the seals of 1,000,000 events
	@for script in import_accounts search signin policies propagation audit_seals; do $(BIN)/python benchmarks/$$script.py || exit 1; done

messages: .venv/test.stamp ## Bring the translation files up to date and list what has no Japanese yet
	@$(BIN)/python tools/messages.py

constraints: ## Write the versions that .venv holds to constraints.txt
	@{ echo "# Every package that requirements.txt and requirements-dev.txt bring along, pinned (make constraints)."; \
		$(BIN)/python -m pip --disable-pip-version-check freeze --exclude pip --exclude setuptools; \
		echo "async-timeout==5.0.1  # redis wants it before Python 3.11.3"; } > constraints.txt

.venv/run.stamp: requirements.txt constraints.txt | .venv/bin/python
	@echo "Installing the pinned requirements; the first time takes about a minute."
	@$(PIP) install --use-pep517 -r requirements.txt -c constraints.txt
	@touch $@

.venv/test.stamp: requirements-dev.txt .venv/run.stamp
	@echo "Installing what tests and checks need."
	@$(PIP) install -r requirements-dev.txt -c constraints.txt
	@touch $@

.venv/bin/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		$$python -m venv .venv && exit 0; \
		echo "$$python cannot make a virtual environment; on Debian or Ubuntu install the package python3-venv." >&2; rm -rf .venv; exit 1; \
	done; echo "Python 3.11 or newer is needed. If it has another name: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1
