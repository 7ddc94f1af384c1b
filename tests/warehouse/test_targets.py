"""How a target is judged: every judge below, at and above its value, and the edition's place in the target's span."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run, seed_rows

REGION, YEAR = "990201", "2024-2025"
PLAN_SEEDS = ("policy_targets", "target_subgroup", "target_duplicate")
INDICATORS = {
    "rate": ("ratio", "school_year"),
    "count": ("total", "calendar_year"),
    "growth": ("change", "fiscal_year"),
    "cv": ("dispersion", "school_year"),
    "rounds": ("extreme", "project_year"),
}
STARTS = {"school_year": "2024-2025", "calendar_year": "2024", "fiscal_year": "2024", "project_year": "2024"}


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    load_seeds(connection, ("period_calendar", "stage_scope", "grade_scope", "document_window"))
    editions = [
        {
            "region_code": REGION,
            "school_year": f"{y}-{y + 1}",
            "statistics_date": dt.date(y, 9, 1),
            "fiscal_year": y,
            "calendar_year": y,
            "project_year": y,
            "as_of_date": dt.date(y + 1, 12, 31),
        }
        for y in (2023, 2024)
    ]
    load_table(connection, "dim_edition", editions)
    binding = {"region_code": REGION, "document_code": "D", "valid_from": _date("2020-01-01")}
    load_table(connection, "dim_plan_binding", [{**binding, "valid_to": _date("2030-12-31")}])
    rows = [{"indicator_code": c, "kind": k, "clock": clock} for c, (k, clock) in INDICATORS.items()]
    load_table(connection, "dim_indicator", rows)
    load_table(
        connection,
        "fct_measure",
        [
            {
                "term_code": "school_count",
                "entity_type": "county",
                "urban_rural": "all",
                "region_code": REGION,
                "period_id": YEAR,
                "stage": "junior",
                "value": 4,
            }
        ],
    )
    run(connection, ("int_edition_indicator",))
    return connection


def _value(code: str, value: float | None, period: str | None = None, **more: Any) -> dict[str, Any]:
    clock = INDICATORS[code][1]
    return {
        "indicator_code": code,
        "region_code": REGION,
        "entity_type": "county",
        "entity_id": REGION,
        "period_type": clock,
        "period_id": period or STARTS[clock],
        "stage": "primary",
        "urban_rural": "all",
        "grade": "_all",
        "subject": "_all",
        "exam_id": "_all",
        "group_code": "_all",
        "value": value,
        "status": "ok" if value is not None else "not_reported",
        **more,
    }


def _target(code: str, judge: str, value: float, **more: Any) -> dict[str, Any]:
    clock = INDICATORS[code][1]
    return {
        "target_id": "T",
        "document_code": "D",
        "indicator_code": code,
        "stage": "primary",
        "urban_rural": "all",
        "grade_scope": "",
        "subgroup": "",
        "is_whole_scope": True,
        "judge": judge,
        "is_strict": False,
        "is_differenced": False,
        "target_value": value,
        "unit_code": "pct",
        "recurrence": "yearly",
        "measure_at": "period_end",
        "clock": clock,
        "period_start": _date("2021-01-01"),
        "period_end": _date("2026-12-31"),
        "due_date": _date("2026-12-31"),
        "is_published": True,
        "duplicate_of_target_id": "",
        **more,
    }


def _track(con: duckdb.DuckDBPyConnection, target: dict[str, Any], *values: dict[str, Any]) -> dict[str, Any]:
    load_table(con, "dim_target", [target])
    load_table(con, "fct_indicator_value", list(values))
    con.execute("alter table fct_indicator_value alter value type double")
    run(con, ("int_target_timed", "int_target_valued", "fct_target_tracking"))
    rows = read(con, f"select * from fct_target_tracking where school_year = '{YEAR}'")
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize(
    ("judge", "strict", "below", "at", "above"),
    [
        ("at_least", False, "missed", "met", "met"),
        ("at_most", False, "met", "met", "missed"),
        ("at_most", True, "met", "missed", "missed"),
        ("exact", False, "missed", "met", "missed"),
        ("all_entities", False, "missed", "met", "met"),
        ("informative", False, "informative", "informative", "informative"),
    ],
)
def test_level_judges(
    con: duckdb.DuckDBPyConnection, judge: str, strict: bool, below: str, at: str, above: str
) -> None:
    for shift, status in ((-1e-9, below), (0, at), (1e-9, above)):
        row = _track(con, _target("rate", judge, 0.15, is_strict=strict), _value("rate", 0.15 + shift))
        assert row["status"] == status, (judge, shift)
        assert row["gap"] == pytest.approx(shift, abs=1e-15)


@pytest.mark.parametrize(
    ("judge", "below", "at", "above"),
    [
        ("change_positive", "missed", "missed", "met"),
        ("change_negative", "met", "missed", "missed"),
        ("change_non_negative", "missed", "met", "met"),
    ],
)
def test_change_judges_on_a_change_and_on_a_level(
    con: duckdb.DuckDBPyConnection, judge: str, below: str, at: str, above: str
) -> None:
    for shift, status in ((-0.25, below), (0, at), (0.25, above)):
        assert _track(con, _target("growth", judge, 0), _value("growth", shift))["status"] == status
        # A level is differenced with the year before: 40 -> 40 + shift.
        levels = (_value("rate", 40.0, "2023-2024"), _value("rate", 40.0 + shift))
        row = _track(con, _target("rate", judge, 0, is_differenced=True), *levels)
        assert (row["status"], row["actual_value"]) == (status, shift)


def test_a_fall_of_ten_percent_is_at_most_minus_ten(con: duckdb.DuckDBPyConnection) -> None:
    target = _target("growth", "at_most", -10)
    assert [_track(con, target, _value("growth", v))["status"] for v in (-10.5, -10.0, -9.5)] == [
        "met",
        "met",
        "missed",
    ]


def test_a_level_without_the_year_before_is_no_data(con: duckdb.DuckDBPyConnection) -> None:
    row = _track(con, _target("rate", "change_positive", 0, is_differenced=True), _value("rate", 40.0))
    assert (row["status"], row["actual_value"], row["reason"]) == ("no_data", None, "not_reported")


def test_a_missing_value_is_no_data_with_its_reason(con: duckdb.DuckDBPyConnection) -> None:
    row = _track(con, _target("rate", "at_least", 1), _value("rate", None, status="undefined"))
    assert (row["status"], row["reason"]) == ("no_data", "undefined")


@pytest.mark.parametrize(
    ("recurrence", "clock", "start", "end", "due", "value", "status", "reason"),
    [
        # The snapshot of the edition is 2024-09-01.
        ("standing", "calendar_year", "2024-09-01", "2025-12-31", "2025-12-31", 1, "met", None),
        ("standing", "calendar_year", "2024-09-02", "2025-12-31", "2025-12-31", 1, "not_due", "not_started"),
        ("standing", "calendar_year", "2023-01-01", "2024-08-31", "2024-08-31", 1, "not_due", "period_over"),
        # Due once: in the calendar year 2024, the school year 2024-2025, or later.
        ("once", "calendar_year", "2023-01-01", "2024-12-31", "2024-12-31", 0, "missed", None),
        ("once", "school_year", "2024-09-01", "2025-08-31", "2025-08-31", 1, "met", None),
        ("once", "calendar_year", "2023-01-01", "2025-12-31", "2025-12-31", 0, "at_risk", "off_track"),
        ("once", "calendar_year", "2023-01-01", "2025-12-31", "2025-12-31", 1, "not_due", "on_track"),
        ("once", "calendar_year", "2023-01-01", "2025-12-31", "2025-12-31", None, "not_due", "running"),
        ("once", "calendar_year", "2022-01-01", "2023-12-31", "2023-12-31", 0, "not_due", "period_over"),
        ("once", "calendar_year", "2025-01-01", "2025-12-31", "2025-12-31", 0, "not_due", "not_started"),
        ("yearly", "calendar_year", "2023-01-01", "2025-12-31", "2025-12-31", 0, "missed", None),
        ("school_yearly", "school_year", "2022-09-01", "2025-08-31", "2025-08-31", 1, "met", None),
        ("school_yearly", "school_year", "2021-09-01", "2024-08-31", "2024-08-31", 1, "not_due", "period_over"),
        ("cycle_5y", "calendar_year", "2024-01-01", "2025-12-31", "2025-09-30", 0, "at_risk", "off_track"),
        ("once", "project_year", "2024-03-01", "2025-02-28", "2025-02-28", 1, "met", None),
    ],
)
def test_the_edition_in_the_span_of_the_target(
    con: duckdb.DuckDBPyConnection,
    recurrence: str,
    clock: str,
    start: str,
    end: str,
    due: str,
    value: float | None,
    status: str,
    reason: str | None,
) -> None:
    span = {"period_start": _date(start), "period_end": _date(end), "due_date": _date(due)}
    target = _target("rate", "at_least", 1, recurrence=recurrence, clock=clock, **span)
    row = _track(con, target, _value("rate", value))
    assert (row["status"], row["reason"]) == (status, reason)


def test_both_stages_must_hold_where_no_joint_value_exists(con: duckdb.DuckDBPyConnection) -> None:
    target = _target("cv", "at_most", 0.5, stage="primary;junior")
    good, bad = _value("cv", 0.4), _value("cv", 0.6, stage="junior")
    row = _track(con, target, good, bad)
    assert (row["status"], row["actual_value"]) == ("missed", 0.6)
    # One unknown part: a failing one still decides, a holding one does not.
    unknown = _value("cv", None, stage="junior")
    assert _track(con, target, good, unknown)["status"] == "no_data"
    assert _track(con, target, _value("cv", 0.6), unknown)["status"] == "missed"


def test_the_joint_value_wins_over_the_stages(con: duckdb.DuckDBPyConnection) -> None:
    target = _target("rate", "at_least", 0.9, stage="primary;junior")
    values = (_value("rate", 1.0, stage="primary;junior"), _value("rate", 0.5), _value("rate", 1.5, stage="junior"))
    row = _track(con, target, *values)
    assert (row["status"], row["actual_value"]) == ("met", 1.0)


def test_the_area_of_the_target_selects_the_value(con: duckdb.DuckDBPyConnection) -> None:
    target = _target("rate", "at_least", 50, urban_rural="rural")
    row = _track(con, target, _value("rate", 80.0), _value("rate", 40.0, urban_rural="rural"))
    assert (row["status"], row["actual_value"]) == ("missed", 40.0)


def test_grades_of_the_target_are_judged_one_by_one(con: duckdb.DuckDBPyConnection) -> None:
    target = _target("rounds", "at_least", 2, stage="junior", grade_scope="g7-g8")
    rows = [_value("rounds", v, stage="junior", grade=g) for g, v in (("7", 2.0), ("8", 1.0), ("9", 0.0))]
    pooled = _value("rounds", 0.0, stage="junior")
    row = _track(con, target, *rows, pooled)
    assert (row["status"], row["actual_value"]) == ("missed", 1.0)


def test_every_school_as_a_count_is_compared_as_a_share(con: duckdb.DuckDBPyConnection) -> None:
    target = _target("count", "all_entities", 100, stage="junior")
    for schools, status in ((3.0, "missed"), (4.0, "met")):
        row = _track(con, target, _value("count", schools, stage="junior"))
        assert (row["status"], row["actual_value"]) == (status, schools * 25)


def test_a_cumulated_target_adds_the_years_of_its_span(con: duckdb.DuckDBPyConnection) -> None:
    span = {"period_start": _date("2023-01-01"), "period_end": _date("2025-12-31"), "due_date": _date("2024-06-30")}
    target = _target("count", "at_least", 6, recurrence="once", measure_at="cumulative_from_start", **span)
    years = [_value("count", v, p) for p, v in (("2022", 100.0), ("2023", 2.0), ("2024", 4.0))]
    assert _track(con, target, *years)["actual_value"] == 6.0
    assert _track(con, target, years[0], years[2])["status"] == "no_data"


def test_a_group_without_its_own_value_is_no_data(con: duckdb.DuckDBPyConnection) -> None:
    row = _track(con, _target("rate", "at_least", 1, is_whole_scope=False, subgroup="members"), _value("rate", 5.0))
    assert (row["status"], row["reason"], row["actual_value"]) == ("no_data", "subgroup_not_reported", None)


def test_strictness_and_change_come_from_the_rows_of_the_plans() -> None:
    connection = duckdb.connect()
    load_seeds(connection, PLAN_SEEDS)
    run(connection, ("dim_target",))
    rows = {r["target_id"]: r for r in read(connection, "select * from dim_target")}
    assert len(rows) == 361
    assert {k for k, r in rows.items() if r["is_strict"]} == {"T004-023", "T004-025"}
    differenced = {k for k, r in rows.items() if r["is_differenced"]}
    assert differenced == {"T001-006", "T001-007", "T001-008", "T001-064", "T001-065", "T001-066"}


def test_a_target_that_repeats_another_is_counted_once(con: duckdb.DuckDBPyConnection) -> None:
    """The share of junior schools in the one exam of June 2025 stands in the body of the plan and in its annex."""
    first = _target("rate", "at_least", 90, target_id="first", recurrence="once", due_date=_date("2025-06-30"))
    again = {**first, "target_id": "again", "duplicate_of_target_id": "first"}
    load_table(con, "dim_target", [first, again])
    load_table(con, "fct_indicator_value", [_value("rate", 40.0)])
    run(con, ("int_target_timed", "int_target_valued", "fct_target_tracking"))
    rows = read(con, f"select * from fct_target_tracking where school_year = '{YEAR}'")
    found = {r["target_id"]: (r["status"], r["reason"], r["actual_value"]) for r in rows}
    assert found == {"first": ("missed", None, 40.0), "again": ("informative", "counted_once", 40.0)}


def test_the_plans_repeat_one_target() -> None:
    """Of T002-039 and T002-052, which the review found to be the same, one is judged."""
    connection = duckdb.connect()
    load_seeds(connection, PLAN_SEEDS)
    run(connection, ("dim_target",))
    rows = read(connection, "select * from dim_target where duplicate_of_target_id is not null")
    assert [(r["target_id"], r["duplicate_of_target_id"]) for r in rows] == [("T002-052", "T002-039")]


def test_every_target_is_judged_by_the_edition_of_its_own_period() -> None:
    """Over the editions of the default calendar nothing falls between two editions, and a single one is due once."""
    connection = duckdb.connect()
    load_seeds(connection, (*PLAN_SEEDS, "period_calendar"))
    run(connection, ("dim_target",))
    calendar = [r for r in seed_rows("edition_calendar") if r["region_code"] == "000000"]
    dates, numbers = ("statistics_date", "as_of_date"), ("fiscal_year", "calendar_year", "project_year")
    load_table(connection, "dim_edition", [
        {**r, **{d: _date(r[d]) for d in dates}, **{n: int(r[n]) for n in numbers}} for r in calendar
    ])  # fmt: skip
    connection.execute("""
        create table dim_plan_binding as
        select distinct '000000' as region_code, document_code, date '2000-01-01' as valid_from,
            date '2099-12-31' as valid_to
        from dim_target
    """)
    run(connection, ("int_target_timed",))
    due = read(
        connection,
        """
        select target_id, any_value(recurrence) as recurrence, count(*) filter (where timing = 'due') as times
        from int_target_timed
        where judge <> 'informative' and duplicate_of_target_id is null
        group by target_id
    """,
    )
    assert len(due) > 300
    assert [r["target_id"] for r in due if r["times"] == 0] == []
    assert [r["target_id"] for r in due if r["recurrence"] == "once" and r["times"] != 1] == []


def test_a_plan_with_a_cycle_of_its_own_is_judged_by_it(con: duckdb.DuckDBPyConnection) -> None:
    """Three years give 6, five years 11: the plan that counts five years asks for 10 and has them."""
    load_table(con, "document_window", [{"document_code": "D", "indicator_code": "count", "window_text": "5y"}])
    values = [_value("count", 6.0), _value("count", 11.0, group_code="window_5y")]
    assert _track(con, _target("count", "at_least", 10.0), *values)["status"] == "met"
    load_table(con, "document_window", [{"document_code": "E", "indicator_code": "count", "window_text": "5y"}])
    assert _track(con, _target("count", "at_least", 10.0), *values)["status"] == "missed"


def test_both_ends_of_a_range_are_judged(con: duckdb.DuckDBPyConnection) -> None:
    """One to two deeds each: somebody did three, so the upper target is missed and the lower one met."""
    values = [_value("count", 1.0), _value("count", 3.0, group_code="max")]
    assert _track(con, _target("count", "at_least", 1.0), *values)["status"] == "met"
    assert _track(con, _target("count", "at_most", 2.0), *values)["status"] == "missed"
