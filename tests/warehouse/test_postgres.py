"""The same project on DuckDB and on PostgreSQL: every table that others read holds the same values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import COUNTY, Home, settings_in
from tests.support.homes import copy_home
from warehouse.build import BuildResult, build, newest_build
from warehouse.compare import Comparison, compare_builds
from warehouse.postgres import Server, is_available, own_server
from warehouse.settings import Settings

pytestmark = pytest.mark.skipif(
    not is_available(), reason="PostgreSQL: neither a server nor its programs, or no driver"
)


@dataclass(frozen=True)
class Twins:
    settings: Settings
    ours: BuildResult
    theirs: BuildResult
    server: Server

    def compare(self) -> Comparison:
        return compare_builds(
            self.ours.path, self.ours.path.parent / "manifest.json", self.server, self.theirs.build_id
        )


@pytest.fixture(scope="module")
def twins(county_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """A copy of the county's house, built on both engines: anew, for gates may have been decided since."""
    folder = tmp_path_factory.mktemp("twins") / "home"
    copy_home(county_home.settings.home, folder)
    settings = settings_in(folder, county_home.settings.inbox, *county_home.settings.registers)
    with own_server(settings) as server:
        yield Twins(settings, build(settings, full_refresh=True), build(settings, target="postgres"), server)


def test_every_value_is_the_same_on_both_engines(twins: Twins) -> None:
    assert (twins.theirs.status, twins.theirs.models, twins.theirs.tests) == (
        "ok",
        twins.ours.models,
        twins.ours.tests,
    )
    found = twins.compare()
    assert [d.line() for d in found.differences] == []
    assert found.tables > 150
    assert found.rows > 100_000


def test_the_house_goes_on_reading_duckdb(twins: Twins) -> None:
    assert newest_build(twins.settings)["build_id"] == twins.ours.build_id
    assert build(twins.settings, target="postgres").reused


def test_a_changed_value_a_lost_row_and_another_type_are_named(twins: Twins) -> None:
    schema = twins.theirs.build_id
    connection = twins.server.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"update {schema}.dim_region set region_name = 'X' where region_code = %s", (COUNTY,))
            cursor.execute(
                f"update {schema}.fct_budget_line set amount_yuan = amount_yuan + 0.01 where amount_yuan = "
                f"(select max(amount_yuan) from {schema}.fct_budget_line)"
            )
            cursor.execute(
                f"delete from {schema}.dim_subject where subject = (select min(subject) from {schema}.dim_subject)"
            )
            cursor.execute(f"alter table {schema}.dim_grade alter column grade type bigint")
        connection.commit()
    finally:
        connection.close()
    counts = twins.compare().counts
    assert counts[("dim_region", "region_name")] == 1
    assert counts[("fct_budget_line", "amount_yuan")] >= 1
    assert counts[("dim_subject", "")] == 1
    assert counts[("dim_grade", "grade")] == 1
    assert {table for table, _ in counts} == {"dim_region", "fct_budget_line", "dim_subject", "dim_grade"}


def test_the_own_server_asks_for_a_password(twins: Twins) -> None:
    from dataclasses import replace

    from warehouse.errors import SchoolhouseError

    with pytest.raises(SchoolhouseError, match="does not answer"):
        replace(twins.server, password="wrong").connect()


def test_the_password_is_readable_by_its_owner_only(twins: Twins) -> None:
    record: Path = twins.settings.home / "postgres" / "server.json"
    assert record.stat().st_mode & 0o077 == 0
