"""Every model is made on PostgreSQL, by the types that DuckDB gives it, on a house that was sent nothing. It costs half
of what `test_postgres.py` does, which compares the values, and still more than the usual run can afford.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.schema import write_schemas
from tests.conftest import Home, settings_in
from warehouse import build as builds
from warehouse import ledger as l
from warehouse import postgres_load
from warehouse.compare import compare_types
from warehouse.dbt import DbtOutcome, run_dbt
from warehouse.inputs import write_inputs
from warehouse.postgres import Server, is_available, own_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_available(), reason="PostgreSQL: neither a server nor its programs, or no driver"),
]


@dataclass(frozen=True)
class Made:
    server: Server
    outcome: DbtOutcome


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """All models and seeds in the schema `building`, without a row of raw."""
    folder = tmp_path_factory.mktemp("models")
    settings = settings_in(folder / "home", folder / "inbox")
    write_schemas(settings)
    inputs: Path = folder / "build" / "inputs.duckdb"
    write_inputs(l.Ledger.open(settings), inputs.parent, [], builds.hash_pin([]), inputs)
    with own_server(settings) as server, postgres_load.one_build(server):
        postgres_load.load_inputs(server, inputs, settings.raw)
        outcome = run_dbt(
            ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
            database=folder / "unused.duckdb",
            target=folder / "target",
            logs=folder / "logs",
            variables={"raw_dir": str(settings.raw)},
            server=server.environment(),
        )
        yield Made(server, outcome)


def test_every_model_is_made(made: Made) -> None:
    broken = made.outcome.having("error", "fail", "skipped")
    assert {name: made.outcome.messages.get(name, "")[:300] for name in broken} == {}
    assert len(made.outcome.statuses) > 380


def test_columns_have_the_types_that_duckdb_gives_them(made: Made, county_home: Home) -> None:
    manifest = county_home.build.path.parent / "manifest.json"
    found = compare_types(county_home.build.path, manifest, made.server, postgres_load.BUILDING)
    assert [d.line() for d in found.differences] == []
    assert found.tables > 150
