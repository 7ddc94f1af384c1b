"""Builds: pinned, named by what they are made of, served by zone."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Home, settings_in
from warehouse.build import build, newest_build
from warehouse.errors import SchoolhouseError
from warehouse.query import run_query
from warehouse.serving import zone_path


def test_the_same_inputs_and_code_are_not_built_twice(county_home: Home) -> None:
    again = build(county_home.settings)
    assert (again.build_id, again.reused) == (county_home.build.build_id, True)


def test_every_model_and_test_held(county_home: Home) -> None:
    assert (county_home.build.status, county_home.build.tests_failed) == ("ok", [])
    assert county_home.build.tests > 100


def test_a_pin_rebuilds_the_same_build(county_home: Home) -> None:
    again = build(county_home.settings, pin=county_home.build.path.parent / "pin.json")
    assert again.build_id == county_home.build.build_id


def test_a_pin_of_unknown_files_is_refused(county_home: Home, tmp_path: Path) -> None:
    pin = tmp_path / "pin.json"
    pin.write_text(json.dumps({"submissions": ["0" * 32]}))
    with pytest.raises(SchoolhouseError, match="does not have"):
        build(county_home.settings, pin=pin)
    pin.write_text("not a pin")
    with pytest.raises(SchoolhouseError, match="cannot read the pin"):
        build(county_home.settings, pin=pin)


def test_an_empty_house_says_so(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "home", tmp_path / "inbox")
    with pytest.raises(SchoolhouseError, match="nothing has been ingested"):
        build(settings)
    with pytest.raises(SchoolhouseError, match="there is no build"):
        newest_build(settings)
    with pytest.raises(SchoolhouseError, match="zone is empty"):
        run_query(settings, "select 1")


def _tables(path: Path) -> set[str]:
    with duckdb.connect(path, read_only=True) as con:
        return {r[0] for r in con.execute("select table_name from information_schema.tables").fetchall()}


def _person_columns(path: Path) -> set[str]:
    with duckdb.connect(path, read_only=True) as con:
        found = con.execute(
            "select table_name || '.' || column_name from information_schema.columns"
            " where column_name in ('student_key', 'teacher_key')"
        ).fetchall()
    return {r[0] for r in found}


def test_people_are_reachable_in_the_restricted_zone_only(county_home: Home) -> None:
    internal = zone_path(county_home.settings, "internal")
    restricted = zone_path(county_home.settings, "restricted")
    assert not {t for t in _tables(internal) if t.endswith("_person")}
    assert not _person_columns(internal)
    assert {"fct_exam_score_person", "fct_teacher_snapshot_person"} <= _tables(restricted)
    assert _person_columns(restricted), "the test would not see a person key"
    assert _tables(internal) < _tables(restricted)


def test_no_person_is_named_by_a_value_in_the_internal_zone(county_home: Home) -> None:
    """Whatever a column is called: no value of a text column is the key of a pupil or a teacher."""
    restricted = zone_path(county_home.settings, "restricted").resolve()
    with duckdb.connect(zone_path(county_home.settings, "internal").resolve(), read_only=True) as con:
        con.execute(f"attach '{restricted}' as people (read_only)")
        con.execute(
            "create temp table person as select student_key as key from people.dim_student"
            " union select teacher_key from people.dim_teacher"
        )
        assert con.execute("select count(*) > 1000 from person").fetchall() == [(True,)]
        columns: dict[str, list[str]] = {}
        for table, column in con.execute(
            "select table_name, column_name from duckdb_columns()"
            " where data_type = 'VARCHAR' and database_name not in ('people', 'temp', 'system')"
        ).fetchall():
            columns.setdefault(table, []).append(column)
        assert len(columns) > 100
        named = {
            table: names
            for table, names in columns.items()
            if con.execute(
                f"select 1 from {table} where "
                + " or ".join(f'"{c}" in (select key from person)' for c in names)
                + " limit 1"
            ).fetchall()
        }
    assert not named


def test_scores_are_a_view_on_raw(county_home: Home) -> None:
    with duckdb.connect(zone_path(county_home.settings, "restricted"), read_only=True) as con:
        kind = con.execute(
            "select table_type from information_schema.tables where table_name = 'fct_exam_score_person'"
        ).fetchall()
    assert kind == [("VIEW",)]
    rows = run_query(county_home.settings, "select count(*) as n from fct_exam_score_person", "restricted")
    assert rows.to_pylist()[0]["n"] > 10_000


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "drop table dim_school",
        "create table x as select 1",
        "attach '/etc/hostname' as other",
        "select * from fct_exam_score_person",
        "selekt",
    ],
)
def test_a_query_reads_its_zone_and_nothing_else(county_home: Home, sql: str) -> None:
    with pytest.raises(SchoolhouseError):
        run_query(county_home.settings, sql)


def test_an_unknown_zone_is_one_clear_line(county_home: Home) -> None:
    with pytest.raises(SchoolhouseError, match="unknown zone"):
        run_query(county_home.settings, "select 1", "secret")
