"""A school through its changes: its dated history, and its figures as reported or on the map of a later year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import expand, load_seeds, load_table, read, run

R, RECODED = "990201", "990211"
YEARS = tuple(f"{y}-{y + 1}" for y in range(2021, 2025))
# Which schools report in which years: a renamed; b and c merged into d; e split into f and g; h closed; i closed and
# reopened as j; k another type and code, l; m in a region that gets another code; n closed before that.
REPORTED = {
    "a": YEARS, "b": YEARS[:2], "c": YEARS[:2], "d": YEARS[2:], "e": YEARS[:1], "f": YEARS[1:], "g": YEARS[1:],
    "h": YEARS[:2], "i": YEARS[:1], "j": YEARS[3:], "k": YEARS[:2], "l": YEARS[2:], "m": YEARS, "n": YEARS[:1],
}  # fmt: skip
EVENTS = (
    ("更名", 2022, "a", "a", 1.0), ("合并", 2023, "b", "d", 1.0), ("合并", 2023, "c", "d", 1.0),
    ("拆分", 2022, "e", "f", 0.25), ("拆分", 2022, "e", "g", 0.75), ("撤销", 2023, "h", None, 1.0),
    ("撤销", 2022, "i", None, 1.0), ("复办", 2024, "i", "j", 1.0), ("类型变更", 2023, "k", "l", 1.0),
    ("撤销", 2022, "n", None, 1.0),
)  # fmt: skip
PUPILS = 100


def _school(code: str, year: str, **more: Any) -> dict[str, Any]:
    start = int(year[:4])
    region = RECODED if start >= 2024 else R
    name = f"{code}旧校" if (code, start) == ("a", 2021) else f"{code}校"
    return {"school_key": f"{code}|{year}", "school_code": code, "school_year": year, "region_code": region,
            "school_name": name, "school_type_code": "211", "school_type": "小学", "urban_rural_code": "111",
            "ownership": "公办", "submission_id": "s", **more}  # fmt: skip


def _loaded(schools: Sequence[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    load_seeds(con, ("cohort_span",))
    con.execute("alter table cohort_span alter span_years type integer")
    load_table(con, "dim_school_year", [
        {"school_year": y, "start_year": int(y[:4]), "statistics_date": dt.date(int(y[:4]), 9, 1)} for y in YEARS
    ])  # fmt: skip
    load_table(con, "dim_school", schools)
    load_table(con, "stg_school_report__section", schools)
    load_table(con, "dim_region", [
        {"region_code": R, "old_code": ""}, {"region_code": RECODED, "old_code": R},
    ])  # fmt: skip
    pairs = [
        {"region_code": R, "event_no": str(i), "event_type": kind, "effective_on": dt.date(year, 8, 1),
         "predecessor_code": old, "predecessor_name": f"{old}旧校", "successor_code": new, "successor_name": new,
         "share": share, "document_no": "", "submission_id": "s"}
        for i, (kind, year, old, new, share) in enumerate(EVENTS)
    ]  # fmt: skip
    load_table(con, "stg_school_succession__pair", pairs)
    run(con, ("bridge_school_succession", "int_school__succeeded", "bridge_school_rebased", "dim_school_history"))
    return con


@pytest.fixture(scope="module")
def schools() -> list[dict[str, Any]]:
    return [_school(code, year) for code, years in REPORTED.items() for year in years]


@pytest.fixture(scope="module")
def con(schools: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    return _loaded(schools)


def _rebased(con: duckdb.DuckDBPyConnection, as_of: str) -> dict[tuple[str, str], float]:
    con.execute(f"create or replace table fct as select *, {PUPILS} as pupils, 'x' as kind from dim_school")
    sql = expand("{{ rebased('fct', ['pupils'], \"'" + as_of + "'\", keys=['kind']) }}")
    return {(str(r["school_code"]), str(r["school_year"])): float(str(r["pupils"])) for r in read(con, sql)}


@pytest.mark.parametrize(
    ("school", "year", "stands"),
    [
        ("a", 0, {"a": 1.0}),
        ("b", 0, {"d": 1.0}),
        ("e", 0, {"f": 0.25, "g": 0.75}),
        ("h", 0, {"h": 1.0}),
        ("i", 0, {"j": 1.0}),
        ("k", 1, {"l": 1.0}),
        ("m", 0, {"m": 1.0}),
    ],
    ids=["renamed", "merged", "split", "closed", "reopened", "another type", "another region"],
)
def test_where_a_school_stands_today(
    con: duckdb.DuckDBPyConnection, school: str, year: int, stands: dict[str, float]
) -> None:
    rows = read(
        con,
        f"select rebased_school_code, share from bridge_school_rebased where school_code = '{school}'"
        f" and school_year = '{YEARS[year]}' and as_of_school_year = '{YEARS[-1]}'",
    )
    assert {str(r["rebased_school_code"]): float(str(r["share"])) for r in rows} == stands


def test_a_reopened_school_stands_for_itself_until_it_is_reopened(con: duckdb.DuckDBPyConnection) -> None:
    found = read(
        con,
        "select as_of_school_year, rebased_school_code, is_reported from bridge_school_rebased"
        f" where school_code = 'i' and school_year = '{YEARS[0]}' order by 1",
    )
    assert [tuple(r.values()) for r in found] == [
        (YEARS[0], "i", True), (YEARS[1], "i", False), (YEARS[2], "i", False), (YEARS[3], "j", True),
    ]  # fmt: skip


def test_nobody_is_lost_or_doubled_on_any_map(con: duckdb.DuckDBPyConnection) -> None:
    reported = {y: sum(PUPILS for years in REPORTED.values() if y in years) for y in YEARS}
    for n, as_of in enumerate(YEARS):
        found = _rebased(con, as_of)
        for year in YEARS[: n + 1]:
            assert sum(v for (_, y), v in found.items() if y == year) == pytest.approx(reported[year]), (year, as_of)
        assert not [y for _, y in found if y > as_of], "later rows have no place on an earlier map"
    today = _rebased(con, YEARS[-1])
    assert (today["d", YEARS[0]], today["f", YEARS[0]], today["g", YEARS[0]]) == (200, 25, 75)
    assert ("b", YEARS[0]) not in today
    # As reported is the map of the year itself.
    own = _rebased(con, YEARS[0])
    assert (own["b", YEARS[0]], own["e", YEARS[0]]) == (PUPILS, PUPILS)


def test_rows_of_a_region_follow_its_new_code(con: duckdb.DuckDBPyConnection) -> None:
    regions = {
        (str(r["school_code"]), str(r["as_of_school_year"])): str(r["rebased_region_code"])
        for r in read(con, f"select * from bridge_school_rebased where school_year = '{YEARS[0]}'")
    }
    assert regions["m", YEARS[1]] == R
    assert regions["m", YEARS[3]] == RECODED
    # A school that was closed before has no report under the new code; it follows the region.
    assert regions["n", YEARS[3]] == RECODED


def test_versions_of_a_school_follow_each_other(con: duckdb.DuckDBPyConnection) -> None:
    rows = read(con, "select * from dim_school_history order by school_code, version_no")
    found = [r for r in rows if r["school_code"] == "a"]
    assert [(r["school_name"], r["valid_from"], r["valid_to"], r["status"]) for r in found] == [
        ("a旧校", dt.date(2021, 9, 1), dt.date(2022, 8, 31), "replaced"),
        ("a校", dt.date(2022, 9, 1), dt.date(2024, 8, 31), "replaced"),
        ("a校", dt.date(2024, 9, 1), None, "standing"),
    ], "a name, then a region"
    status = {str(r["school_code"]): r["status"] for r in rows if r["is_latest"]}
    assert status["b"] == "合并"
    assert status["e"] == "拆分"
    assert status["h"] == "撤销"
    assert status["k"] == "类型变更"
    assert status["j"] == "standing"


def test_a_report_that_comes_late_moves_no_key_of_other_years(schools: list[dict[str, Any]]) -> None:
    """The report of m for the third year is missing at first, and differs from its neighbours when it comes."""
    late = next(r for r in schools if (r["school_code"], r["school_year"]) == ("m", YEARS[2]))
    before = _loaded([r for r in schools if r is not late])
    after = _loaded([{**r, "school_name": "m临时名"} if r is late else r for r in schools])
    keys = {
        table: [
            {tuple(r.values()) for r in read(c, f"select {key}, school_code, {year} from {table}")}
            for c in (before, after)
        ]
        for table, key, year in (
            ("bridge_school_rebased", "school_rebased_key", "school_year || as_of_school_year"),
            ("dim_school_history", "school_history_key", "first_school_year"),
        )
    }
    for table, (was, now) in keys.items():
        gone = was - now
        assert not gone, (table, gone)
        assert {row[1] for row in now - was} == {"m"}, table
    assert len(read(before, "select * from dim_school_history where school_code = 'm'")) == 2
    assert len(read(after, "select * from dim_school_history where school_code = 'm'")) == 3


def test_former_names_are_those_of_the_school_and_of_what_it_continues(schools: list[dict[str, Any]]) -> None:
    con = _loaded(schools)
    run(con, ("int_school__formerly_named",))
    found = {
        (str(r["school_code"]), r["start_year"]): r["former_names"]
        for r in read(con, "select * from int_school__formerly_named")
    }
    assert found["a", 2022] == "a旧校"
    assert found["l", 2023] == "k旧校"
    assert found["j", 2024] == "i旧校"
    assert ("a", 2021) not in found
    assert ("d", 2023) not in found, "a merger has no one name before"
