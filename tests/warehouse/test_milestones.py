"""The steps of the plans on the day of an edition, the plan of examinations, and the remarks on the texts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, render, run, seed_rows

REGION, SUMMER, AUTUMN = "990201", "2023-2024", "2024-2025"
AS_OF = {SUMMER: dt.date(2024, 6, 30), AUTUMN: dt.date(2025, 6, 30)}


def _step(milestone_id: str, start: str = "", end: str = "", recurrence: str = "") -> dict[str, Any]:
    return {
        "milestone_id": milestone_id, "document_code": "D", "task": "t", "responsible": "r", "date_precision": "day",
        "recurrence": recurrence, "planned_start": start and dt.date.fromisoformat(start),
        "planned_end": end and dt.date.fromisoformat(end),
    }  # fmt: skip


def _report(milestone_id: str, planned: str, actual: str = "") -> dict[str, Any]:
    return {
        "region_code": REGION, "schedule_id": milestone_id, "milestone_name": f"{milestone_id} {planned}",
        "planned_on": dt.date.fromisoformat(planned), "actual_on": actual and dt.date.fromisoformat(actual),
        "result": "通过", "submission_id": "s",
    }  # fmt: skip


def _track(steps: list[dict[str, Any]], reports: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(step, due day, school year) -> row."""
    con = duckdb.connect()
    load_seeds(con, ("milestone_recurrence", "period_calendar"))
    load_table(con, "dim_milestone", [*steps, _step("whole", "2020-01-01", "2020-01-02")])
    load_table(con, "dim_policy_document", [
        {"document_code": "D", "valid_from": dt.date(2023, 1, 1), "valid_to": dt.date(2025, 12, 31)}
    ])  # fmt: skip
    load_table(con, "int_edition_document", [
        {"region_code": REGION, "school_year": y, "as_of_date": d, "document_code": "D"} for y, d in AS_OF.items()
    ])  # fmt: skip
    load_table(con, "stg_milestones__milestone", [*reports, _report("none", "2020-01-01", "2020-01-01")])
    run(con, ("int_milestone_occurrence", "fct_milestone_tracking"))
    rows = read(con, "select * from fct_milestone_tracking where milestone_id <> 'whole'")
    return {(str(r["milestone_id"]), str(r["due_on"]), str(r["school_year"])): r for r in rows}


@pytest.mark.parametrize(
    ("end", "reports", "summer", "autumn", "delay"),
    [
        ("2024-05-31", [("2024-05-31", "2024-05-31")], "done", "done", 0),
        ("2024-05-31", [("2024-05-31", "2024-06-02")], "done_late", "done_late", 2),
        # Done after the first edition's day: it is overdue there.
        ("2024-05-31", [("2024-05-31", "2024-07-02")], "overdue", "done_late", 32),
        # Put off by the bureau: the plan's own day counts.
        ("2024-05-31", [("2024-12-31", "")], "overdue", "overdue", 395),
        ("2024-05-31", [], "no_data", "no_data", None),
        ("2024-12-31", [], "running", "no_data", None),
        ("2025-03-31", [], "upcoming", "no_data", None),
    ],
)
def test_a_single_step(end: str, reports: list[tuple[str, str]], summer: str, autumn: str, delay: int | None) -> None:
    rows = _track([_step("m", end=end)], [_report("m", *r) for r in reports])
    assert (rows["m", end, SUMMER]["status"], rows["m", end, AUTUMN]["status"]) == (summer, autumn)
    assert rows["m", end, AUTUMN]["delay_day_count"] == delay


def test_a_step_that_comes_again_has_a_report_each_time() -> None:
    reports = [_report("q", "2024-02-10", "2024-02-10"), _report("q", "2024-06-30", "2024-07-04")]
    rows = _track([_step("q", recurrence="every quarter")], reports)
    status = {due: r["status"] for (_, due, year), r in rows.items() if year == AUTUMN}
    assert len(status) == 12
    assert [status[f"2024-{day}"] for day in ("03-31", "06-30", "09-30", "12-31")] == [
        "done", "done_late", "no_data", "no_data",
    ]  # fmt: skip
    assert status["2025-06-30"] == "running" and status["2025-09-30"] == "upcoming"


def test_odd_years_and_terms() -> None:
    rows = _track([_step("odd", recurrence="odd years"), _step("term", recurrence="every term")], [])
    assert {due for m, due, _ in rows if m == "odd"} == {"2023-12-31", "2025-12-31"}
    assert {due for m, due, _ in rows if m == "term"} == {
        "2023-01-31", "2023-08-31", "2024-01-31", "2024-08-31", "2025-01-31", "2025-08-31",
    }  # fmt: skip


def test_every_step_of_the_plans_falls_due_and_every_recurrence_is_known() -> None:
    con = duckdb.connect()
    load_seeds(con, ("schedules", "policy_document", "milestone_recurrence", "period_calendar"))
    run(con, ("dim_milestone", "dim_policy_document", "int_milestone_occurrence"))
    found = read(con, "select * from int_milestone_occurrence")
    assert {r["milestone_id"] for r in found} == {r["schedule_id"] for r in seed_rows("schedules")}
    assert all(str(r["window_start"]) <= str(r["due_on"]) for r in found)
    undated = {r["recurrence"] for r in seed_rows("schedules") if not r["starts_on"] and not r["ends_on"]}
    assert undated <= {r["recurrence"] for r in seed_rows("milestone_recurrence")}


def test_planned_and_held_examinations() -> None:
    con = duckdb.connect()
    plan = {"region_code": REGION, "school_year": AUTUMN, "plan_name": "p", "grade": 8, "planned_month": "2025-01",
            "exam_type": "期末", "exam_level": "县"}  # fmt: skip
    load_table(con, "fct_exam_plan", [{**plan, "subject": s} for s in ("语文", "数学", "物理", "英语")])
    exams = {"a": ("期末", "县", dt.date(2025, 1, 12)), "b": ("期末", "县", dt.date(2025, 2, 20)),
             "c": ("模拟", "县", dt.date(2025, 4, 9)), "d": ("中考", "市", dt.date(2025, 6, 20))}  # fmt: skip
    load_table(con, "dim_exam", [
        {"region_code": REGION, "exam_id": i, "exam_type": t, "exam_level": lv, "exam_date": d}
        for i, (t, lv, d) in exams.items()
    ])  # fmt: skip
    held = [
        ("a", "语文", 90),
        ("b", "语文", 90),
        ("b", "数学", 90),
        ("a", "物理", 0),
        ("c", "英语", 5),
        ("d", "英语", 7),
    ]
    load_table(con, "fct_exam_group_stat", [
        {"region_code": REGION, "school_year": AUTUMN, "grade": 8, "subject": s, "exam_id": i, "group_type": "county",
         "n_scored": n} for i, s, n in held
    ])  # fmt: skip
    run(con, ("fct_exam_plan_status",))
    rows = read(con, "select subject, exam_id, status from fct_exam_plan_status")
    assert {(r["subject"], r["exam_id"], r["status"]) for r in rows} == {
        ("语文", "a", "held"), ("数学", "b", "held_other_month"), ("物理", None, "not_held"),
        ("英语", None, "not_held"), ("英语", "c", "unplanned"),
    }  # fmt: skip


def test_remarks_come_from_reading_and_from_arithmetic() -> None:
    """A remark that rests on a check goes when the check holds; a failing check without a remark stands for itself."""
    con = duckdb.connect()
    load_seeds(con, ("document_remark", "arithmetic_check"))
    checks = [
        {**r, "left_value": 1.0, "right_value": 2.0, "difference": -1.0, "outcome": outcome}
        for r, outcome in zip(seed_rows("arithmetic_check"), ["conflict"] * 43, strict=True)
    ]
    load_table(
        con, "fct_arithmetic_check", [{**c, "outcome": "holds"} if c["check_id"] == "C29" else c for c in checks]
    )
    con.execute(f"create table remarks as {render('fct_document_remark')}")
    rows = {r["remark_id"]: r for r in read(con, "select * from remarks")}
    named = {r["check_id"] for r in seed_rows("document_remark") if r["check_id"]}
    assert named == {"C28", "C29", "C30"}
    assert "DR004-1" not in rows and rows["DR004-2"]["check_id"] == "C30" and rows["DR004-2"]["left_value"] == 1.0
    assert sum(r["found_by"] == "computed" for r in rows.values()) == 42
    assert {r["document_code"] for r in rows.values()} >= {"000", "001", "002", "003", "004"}


def test_remarks_name_targets_and_steps_that_exist() -> None:
    known = {r["target_id"] for r in seed_rows("policy_targets")} | {r["schedule_id"] for r in seed_rows("schedules")}
    named = {x for r in seed_rows("document_remark") for x in r["about"].split(";") if x}
    assert len(named) > 20 and named <= known
