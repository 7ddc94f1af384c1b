"""The same project on DuckDB and on Spark: every table that others read holds the same values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Home, settings_in
from tests.support.homes import copy_home
from warehouse.build import BuildResult, build, newest_build
from warehouse.compare import Comparison, compare_with
from warehouse.compare_spark import SparkBuild, spark_build
from warehouse.settings import Settings
from warehouse.spark import is_available
from warehouse.spark_load import tables_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_available(), reason="Spark: the extra or Java is not installed"),
]


@dataclass(frozen=True)
class Twins:
    settings: Settings
    ours: BuildResult
    theirs: BuildResult

    @property
    def manifest(self) -> Path:
        return self.ours.path.parent / "manifest.json"


@pytest.fixture(scope="module")
def twins(county_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """A copy of the county's house, built on both engines: anew, for gates may have been decided since."""
    folder = tmp_path_factory.mktemp("twins") / "home"
    copy_home(county_home.settings.home, folder)
    settings = settings_in(folder, county_home.settings.inbox, *county_home.settings.registers)
    yield Twins(settings, build(settings, full_refresh=True), build(settings, target="spark"))


@pytest.fixture(scope="module")
def compared(twins: Twins) -> Comparison:
    with spark_build(twins.settings, twins.manifest, twins.theirs.build_id) as other:
        return compare_with(twins.ours.path, twins.manifest, other)


def test_every_value_is_the_same_on_both_engines(twins: Twins, compared: Comparison) -> None:
    assert (twins.theirs.status, twins.theirs.models, twins.theirs.tests) == (
        "ok",
        twins.ours.models,
        twins.ours.tests,
    )
    assert [d.line() for d in compared.differences] == []
    assert compared.tables > 150
    assert compared.rows > 100_000


def test_the_house_goes_on_reading_duckdb(twins: Twins) -> None:
    assert newest_build(twins.settings)["build_id"] == twins.ours.build_id
    assert build(twins.settings, target="spark").reused


def test_a_changed_value_and_another_type_are_named(twins: Twins, compared: Comparison, tmp_path: Path) -> None:
    """A table with one text changed and one with another type stand before those that were made."""
    made = tables_folder(twins.settings.home / "spark", twins.theirs.build_id)
    for table, columns in {
        "dim_region": "* replace (region_name || 'X' as region_name)",
        "dim_grade": "* replace (cast(grade as bigint) as grade)",
    }.items():
        (tmp_path / table).mkdir()
        duckdb.sql(
            f"copy (select {columns} from '{made / table}/*.parquet') to '{tmp_path / table}/rows.parquet'"
            " (format parquet)"
        )
    found = compare_with(twins.ours.path, twins.manifest, SparkBuild(tmp_path, made))
    changed = {place for place in found.counts if place[0] in ("dim_region", "dim_grade")}
    assert changed == {("dim_region", "region_name"), ("dim_grade", "grade")}
