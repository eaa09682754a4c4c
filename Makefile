# Everything runs in .venv, which is made from Python and the hashed locks in requirements/. See `make help`.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check law mutations lint types lock ui ui-dev docs doors bench bench-setup clean python

# The first Python on the path that is new enough; `make test PYTHON=/path/to/python3` names another one.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$p"; break; fi; done)
STAGES = $(PYTHON) tools/stages.py

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|' 2>/dev/null \
		|| grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST)

setup: python ## make or refresh .venv with the tools of the tests
	@$(STAGES) setup

demo: python ## set up, build the page, then `worktrail demo` (DEMO="--terminal": the tour without it)
	@$(STAGES) setup --level app
	@.venv/bin/python tools/ui.py build --production
	@.venv/bin/worktrail demo $(DEMO)

test: python ## everything: set-up, lint, types, floors, purity, sizes, docs, all tests
	@$(STAGES) test

check: python ## the inner loop, under a minute: the same without the tests marked slow
	@WORKTRAIL_LAW=$${WORKTRAIL_LAW:-400} $(STAGES) check

ui: python ## build the web application into the package (only when it changed)
	@$(STAGES) setup --level app
	@.venv/bin/python tools/ui.py build --production

ui-dev: python ## the web application with hot reload; proxies to `worktrail serve` (WORKTRAIL_SERVER, default 127.0.0.1:8700)
	@$(STAGES) setup --level app
	@.venv/bin/python tools/ui.py dev

law: python ## many more random segments, engine against oracle (WORKTRAIL_LAW=20000, WORKTRAIL_SEED=…)
	@$(STAGES) setup
	@WORKTRAIL_LAW=$${WORKTRAIL_LAW:-20000} .venv/bin/python -m pytest -q tests/law

mutations: python ## swap what each row of the rule table says; print the golden case that catches it
	@$(STAGES) setup
	@.venv/bin/python -m tests.golden.test_mutations

lint: python ## style only
	@$(STAGES) check --only lint

types: python ## types only
	@$(STAGES) check --only types

lock: python ## compile the locks in requirements/ and ui/ again
	@$(PYTHON) tools/locks.py $(if $(UPGRADE),--upgrade)
	@$(STAGES) setup --level app
	@.venv/bin/python tools/ui.py lock

docs: python ## draw the generated tables and pictures in docs/, and ui/openapi.json, again
	@$(STAGES) setup
	@.venv/bin/python -m tools.docs_tables
	@.venv/bin/python -m tools.rule_pictures
	@.venv/bin/worktrail schema --openapi > ui/openapi.json

doors: python ## freeze what each room exports (tests/house/doors.json)
	@$(STAGES) setup
	@.venv/bin/python tools/doors.py

bench-setup: python ## make .venv-bench: the engines that the benchmarks compare with
	@$(PYTHON) -m venv --clear .venv-bench
	@.venv-bench/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt

bench: python ## measure engine, peers, store, contract and expressions (about six minutes; best on a quiet machine)
	@$(STAGES) setup
	@test -x .venv-bench/bin/python || $(MAKE) --no-print-directory bench-setup
	@.venv/bin/python -m bench.engine
	@.venv/bin/python -m bench.peers
	@.venv/bin/python -m bench.profile --top 15
	@.venv/bin/python -m bench.store
	@.venv/bin/python -m bench.contract
	@.venv/bin/python -m bench.feel

clean: ## remove .venv, .venv-bench and all caches
	rm -rf ui/node_modules ui/.generated src/worktrail/web/static
	rm -rf .venv .venv-bench .venv.lock .venv-lock .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -not -path './ui/*' -prune -exec rm -rf {} +

python:
	@test -n "$(PYTHON)" || { echo "Worktrail needs Python 3.11 or newer, and none was found on the path."; \
		echo "Install one, or name it: make test PYTHON=/path/to/python3"; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Worktrail needs Python 3.11 or newer, and $(PYTHON) is not."; exit 2; }
