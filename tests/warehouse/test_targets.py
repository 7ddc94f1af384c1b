"""How a target is judged: every judge below, at and above its value, and the edition's place in the target's span."""

from __future__ import annotations

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run, seed_rows
from tests.warehouse.target_rows import PLAN_SEEDS, YEAR, date, judge, opened, target_row, track, value_row


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return opened()


@pytest.mark.parametrize(
    ("form", "strict", "below", "at", "above"),
    [
        ("at_least", False, "missed", "met", "met"),
        ("at_most", False, "met", "met", "missed"),
        ("at_most", True, "met", "missed", "missed"),
        ("exact", False, "missed", "met", "missed"),
        ("all_entities", False, "missed", "met", "met"),
        ("informative", False, "informative", "informative", "informative"),
    ],
)
def test_level_judges(con: duckdb.DuckDBPyConnection, form: str, strict: bool, below: str, at: str, above: str) -> None:
    for shift, status in ((-1e-9, below), (0, at), (1e-9, above)):
        row = track(con, target_row("rate", form, 0.15, is_strict=strict), value_row("rate", 0.15 + shift))
        assert row["status"] == status, (form, shift)
        assert row["gap"] == pytest.approx(shift, abs=1e-15)


@pytest.mark.parametrize(
    ("form", "below", "at", "above"),
    [
        ("change_positive", "missed", "missed", "met"),
        ("change_negative", "met", "missed", "missed"),
        ("change_non_negative", "missed", "met", "met"),
    ],
)
def test_change_judges_on_a_change_and_on_a_level(
    con: duckdb.DuckDBPyConnection, form: str, below: str, at: str, above: str
) -> None:
    for shift, status in ((-0.25, below), (0, at), (0.25, above)):
        assert track(con, target_row("growth", form, 0), value_row("growth", shift))["status"] == status
        # A level is differenced with the year before: 40 -> 40 + shift.
        levels = (value_row("rate", 40.0, "2023-2024"), value_row("rate", 40.0 + shift))
        row = track(con, target_row("rate", form, 0, is_differenced=True), *levels)
        assert (row["status"], row["actual_value"]) == (status, shift)


def test_a_fall_of_ten_percent_is_at_most_minus_ten(con: duckdb.DuckDBPyConnection) -> None:
    target = target_row("growth", "at_most", -10)
    assert [track(con, target, value_row("growth", v))["status"] for v in (-10.5, -10.0, -9.5)] == [
        "met",
        "met",
        "missed",
    ]


def test_a_level_without_the_year_before_is_no_data(con: duckdb.DuckDBPyConnection) -> None:
    row = track(con, target_row("rate", "change_positive", 0, is_differenced=True), value_row("rate", 40.0))
    assert (row["status"], row["actual_value"], row["reason"]) == ("no_data", None, "not_reported")


def test_a_missing_value_is_no_data_with_its_reason(con: duckdb.DuckDBPyConnection) -> None:
    row = track(con, target_row("rate", "at_least", 1), value_row("rate", None, status="undefined"))
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
        ("once", "calendar_year", "2025-01-01", "2025-12-31", "2025-12-31", 1, "not_due", "not_started"),
        ("once", "calendar_year", "2025-01-01", "2025-12-31", "2025-12-31", 0, "at_risk", "not_started"),
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
    span = {"period_start": date(start), "period_end": date(end), "due_date": date(due)}
    target = target_row("rate", "at_least", 1, recurrence=recurrence, clock=clock, **span)
    row = track(con, target, value_row("rate", value))
    assert (row["status"], row["reason"]) == (status, reason)


def test_a_sum_of_a_period_to_come_is_not_at_risk(con: duckdb.DuckDBPyConnection) -> None:
    """What will be counted in 2025 says nothing in 2024; a level (a share of schools equipped) does."""
    span = {"period_start": date("2025-01-01"), "period_end": date("2025-12-31"), "due_date": date("2025-12-31")}
    for measure_at, status in (("period_total", "not_due"), ("period_end", "at_risk"), ("snapshot", "at_risk")):
        target = target_row("count", "at_least", 10, recurrence="once", measure_at=measure_at, **span)
        row = track(con, target, value_row("count", 1.0))
        assert (row["status"], row["reason"]) == (status, "not_started")


def test_both_stages_must_hold_where_no_joint_value_exists(con: duckdb.DuckDBPyConnection) -> None:
    target = target_row("cv", "at_most", 0.5, stage="primary;junior")
    good, bad = value_row("cv", 0.4), value_row("cv", 0.6, stage="junior")
    row = track(con, target, good, bad)
    assert (row["status"], row["actual_value"]) == ("missed", 0.6)
    # One unknown part: a failing one still decides, a holding one does not.
    unknown = value_row("cv", None, stage="junior")
    assert track(con, target, good, unknown)["status"] == "no_data"
    assert track(con, target, value_row("cv", 0.6), unknown)["status"] == "missed"


def test_the_joint_value_wins_over_the_stages(con: duckdb.DuckDBPyConnection) -> None:
    target = target_row("rate", "at_least", 0.9, stage="primary;junior")
    values = (
        value_row("rate", 1.0, stage="primary;junior"),
        value_row("rate", 0.5),
        value_row("rate", 1.5, stage="junior"),
    )
    row = track(con, target, *values)
    assert (row["status"], row["actual_value"]) == ("met", 1.0)


def test_the_area_of_the_target_selects_the_value(con: duckdb.DuckDBPyConnection) -> None:
    target = target_row("rate", "at_least", 50, urban_rural="rural")
    row = track(con, target, value_row("rate", 80.0), value_row("rate", 40.0, urban_rural="rural"))
    assert (row["status"], row["actual_value"]) == ("missed", 40.0)


def test_grades_of_the_target_are_judged_one_by_one(con: duckdb.DuckDBPyConnection) -> None:
    target = target_row("rounds", "at_least", 2, stage="junior", grade_scope="g7-g8")
    rows = [value_row("rounds", v, stage="junior", grade=g) for g, v in (("7", 2.0), ("8", 1.0), ("9", 0.0))]
    pooled = value_row("rounds", 0.0, stage="junior")
    row = track(con, target, *rows, pooled)
    assert (row["status"], row["actual_value"]) == ("missed", 1.0)


def test_every_school_as_a_count_is_compared_as_a_share(con: duckdb.DuckDBPyConnection) -> None:
    target = target_row("count", "all_entities", 100, stage="junior")
    for schools, status in ((3.0, "missed"), (4.0, "met")):
        row = track(con, target, value_row("count", schools, stage="junior"))
        assert (row["status"], row["actual_value"]) == (status, schools * 25)


def test_a_cumulated_target_adds_the_years_of_its_span(con: duckdb.DuckDBPyConnection) -> None:
    span = {"period_start": date("2023-01-01"), "period_end": date("2025-12-31"), "due_date": date("2024-06-30")}
    target = target_row("count", "at_least", 6, recurrence="once", measure_at="cumulative_from_start", **span)
    years = [value_row("count", v, p) for p, v in (("2022", 100.0), ("2023", 2.0), ("2024", 4.0))]
    assert track(con, target, *years)["actual_value"] == 6.0
    assert track(con, target, years[0], years[2])["status"] == "no_data"


def test_a_group_without_its_own_value_is_no_data(con: duckdb.DuckDBPyConnection) -> None:
    row = track(
        con, target_row("rate", "at_least", 1, is_whole_scope=False, subgroup="members"), value_row("rate", 5.0)
    )
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
    first = target_row("rate", "at_least", 90, target_id="first", recurrence="once", due_date=date("2025-06-30"))
    again = {**first, "target_id": "again", "duplicate_of_target_id": "first"}
    load_table(con, "dim_target", [first, again])
    load_table(con, "int_indicator_value", [value_row("rate", 40.0)])
    judge(con)
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
        {**r, **{d: date(r[d]) for d in dates}, **{n: int(r[n]) for n in numbers}} for r in calendar
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
    values = [value_row("count", 6.0), value_row("count", 11.0, group_code="window_5y")]
    assert track(con, target_row("count", "at_least", 10.0), *values)["status"] == "met"
    load_table(con, "document_window", [{"document_code": "E", "indicator_code": "count", "window_text": "5y"}])
    assert track(con, target_row("count", "at_least", 10.0), *values)["status"] == "missed"


def test_both_ends_of_a_range_are_judged(con: duckdb.DuckDBPyConnection) -> None:
    """One to two deeds each: somebody did three, so the upper target is missed and the lower one met."""
    values = [value_row("count", 1.0), value_row("count", 3.0, group_code="max")]
    assert track(con, target_row("count", "at_least", 1.0), *values)["status"] == "met"
    assert track(con, target_row("count", "at_most", 2.0), *values)["status"] == "missed"
