# Two commands matter: `make run` and `make test`. Everything else is listed by `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help

export SCHOOLHOUSE_HOME ?= $(CURDIR)/var
# Airflow, dbt and Great Expectations stay silent on the network.
export DO_NOT_TRACK := 1
export SCARF_ANALYTICS := false
export GX_ANALYTICS_ENABLED := false
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin

.PHONY: help install run up up-prod test lint lint-sql types unit unit-homes unit-rooms full full-install slow-homes slow-rooms bench clean-home

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: .venv/.installed ## install everything from the committed lock

.venv/.installed: pyproject.toml uv.lock
	@command -v $(UV) >/dev/null || { python3 -m venv .uv && .uv/bin/pip install --quiet uv; }
	@$(UV) sync --frozen --quiet --python "$${PYTHON:-python3}"
	@touch $@

run: install ## the whole year under a real Airflow: ingest, build, gate, sign-offs, edition
	@$(BIN)/schoolhouse run

up: install ## leave the Airflow UI running
	@$(BIN)/schoolhouse up

up-prod: ## the compose stack: Airflow with Celery workers, PostgreSQL for it and for BI tools, Superset
	@docker/make-secrets.sh && docker-compose up -d --build

# With `make -j2 test` both cores are at work to the end: the linters, then the rest of the tests, beside the homes' tests.
test: install lint unit-homes types unit-rooms ## lint, types and the tests

# Models that changed within so many commits; all of them where the history does not go back that far.
RECENT ?= 15
CHANGED = $(shell git rev-parse -q --verify HEAD~$(RECENT) >/dev/null && \
	git diff --relative=dbt_project --name-only --diff-filter=d HEAD~$(RECENT) -- 'dbt_project/models/*.sql' 'dbt_project/tests/*.sql' || \
	echo models tests)

lint: install ## ruff on Python, sqlfluff on the models that changed lately
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@if [ -n "$(strip $(CHANGED))" ]; then cd dbt_project && ../$(BIN)/sqlfluff lint $(CHANGED) --processes 2 --disable-progress-bar; fi

lint-sql: install ## sqlfluff on all models: five minutes
	@cd dbt_project && ../$(BIN)/sqlfluff lint models tests --processes 2 --disable-progress-bar

types: install ## pyright on ingest, warehouse, publication, expectations
	@$(BIN)/pyright

unit: install ## the tests without the slow suites
	@$(BIN)/pytest -m "not slow"

# The tests that read a county's built home, made once in this half; the other half is whatever is not named here.
HOMES := tests/cli tests/dags tests/warehouse tests/expectations/test_star.py $(wildcard tests/test_*.py)

unit-homes: install ## of those, the ones on a built home
	@$(BIN)/pytest -m "not slow" $(HOMES)

unit-rooms: install ## of those, all others
	@$(BIN)/pytest -m "not slow" $(addprefix --ignore=,$(HOMES))

# Everything that `make test` leaves out; `make full-install` first, then `make -j2 full`: both cores are at work to the end.
full: install lint-sql slow-homes slow-rooms fuzz county-300 ## the slow suites, the linter on all models, the fuzzer, 300 schools

full-install: install superset-install ## what the slow suites need besides: Spark, Superset and who drives its browser
	@$(UV) sync --frozen --quiet --extra spark --extra server --python "$${PYTHON:-python3}"
	@$(UV) sync --frozen --quiet --directory dashboards --python "$${SUPERSET_PYTHON:-3.11}"

slow-homes: install ## of the slow tests, those on a built home
	@$(BIN)/pytest -m slow --durations=25 $(HOMES)

slow-rooms: install ## of those, all others
	@$(BIN)/pytest -m slow --durations=25 $(addprefix --ignore=,$(HOMES))

bench: install ## cold and warm `make run`, as JSON
	@$(BIN)/python benchmarks/run.py --json

clean-home: ## remove the home with everything in it (asks first)
	@read -p "remove $(SCHOOLHOUSE_HOME)? [y/N] " a; [ "$$a" = y ] && { chmod -R u+w "$(SCHOOLHOUSE_HOME)"; rm -rf "$(SCHOOLHOUSE_HOME)"; }

.PHONY: hostile fuzz
hostile: install ## every file of the hostile corpus: one line, an entry, bounded time and memory
	@$(BIN)/pytest tests/hostile tests/ingest/test_properties.py

# The fuzzer has an environment of its own; SECONDS is its time, FUZZ_HOME where its corpus and findings are kept.
SECONDS ?= 60
FUZZ_HOME ?= $(SCHOOLHOUSE_HOME)/fuzz
fuzz: install ## fuzz the readers for SECONDS=60
	@$(BIN)/python -m tests.fuzz.seeds $(FUZZ_HOME)/corpus
	@$(UV) run --no-project --quiet --python $(BIN)/python --with 'atheris==3.0.0' --with "$$(grep -o 'pyarrow==[0-9.]*' pyproject.toml)" \
		--with "$$(grep -o 'python-calamine==[0-9.]*' pyproject.toml)" --with pyyaml --with numpy --with sqlalchemy --with cryptography \
		python -m tests.fuzz.fuzz_readers $(FUZZ_HOME)/corpus -max_total_time=$(SECONDS) -timeout=20 -rss_limit_mb=4096 \
		-artifact_prefix=$(FUZZ_HOME)/

.PHONY: postgres compare
postgres: install ## a PostgreSQL of the house's own on the loopback, until Ctrl-C
	@$(BIN)/python -m warehouse.postgres

compare: install ## build what is ingested on DuckDB and on PostgreSQL and compare every value
	@$(BIN)/schoolhouse build && $(BIN)/schoolhouse build --target postgres && $(BIN)/python -m warehouse.compare

.PHONY: county-300
county-300: install ## one county of 300 schools from files to warehouse: seconds and peak memory, as JSON
	@$(BIN)/python benchmarks/county.py --schools 300

.PHONY: demo-revision serve
demo-revision: install ## an edition, a corrected file, the next edition and what changed, in a home of its own
	@$(BIN)/schoolhouse demo-revision

serve: install ## the zones into PostgreSQL for BI tools
	@$(BIN)/schoolhouse serve postgres

.PHONY: county-300-both
county-300-both: install ## the same on DuckDB and on PostgreSQL, and every value compared
	@$(BIN)/python benchmarks/county.py --schools 300 --target both

# Apache Superset has an environment of its own: it needs an older pandas and SQLAlchemy than the house.
.PHONY: superset superset-install
superset: install superset-install ## the bureau's dashboards on Superset, on this machine only, until Ctrl-C
	@$(BIN)/python -m dashboards.up

superset-install: dashboards/.venv/.installed

dashboards/.venv/.installed: dashboards/pyproject.toml dashboards/uv.lock
	@$(UV) sync --frozen --quiet --no-dev --compile-bytecode --directory dashboards --python "$${SUPERSET_PYTHON:-3.11}"
	@touch $@

# Where no registry can be reached: the same stack, every image built from a base that this machine makes.
.PHONY: up-prod-local
up-prod-local: ## the compose stack with images of this machine's own
	@docker/local/make-base.sh && docker/make-secrets.sh && docker-compose -f docker-compose.yml -f docker/local/docker-compose.override.yml up -d --build

# Spark is an optional part of the environment: `uv sync --extra spark`, and a Java runtime.
.PHONY: spark compare-spark
spark: install ## Spark of the house's own on the loopback: Thrift server, master, two workers, until Ctrl-C
	@$(BIN)/python -m warehouse.spark_server

compare-spark: install ## build what is ingested on DuckDB and on Spark and compare every value
	@$(BIN)/schoolhouse build && $(BIN)/schoolhouse build --target spark && $(BIN)/python -m warehouse.compare --target spark

# SIZE=small takes minutes, full hours; PAGE=--page-only makes the page anew from results that are there.
.PHONY: bench-page
bench-page: install ## the benchmarks, their results as JSON and docs/benchmarks.md
	@$(BIN)/python -m benchmarks.report --size $(or $(SIZE),full) $(PAGE)
