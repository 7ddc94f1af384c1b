"""Ranks and streaks that serve accountability, on hand-made figures: ties, small groups, years on end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run

R = "990201"
LIMITS = {
    "bottom_positions": 3.0,
    "bottom3_metric_total": 4.0,
    "teacher_rank_min_group": 6.0,
    "teacher_cycle_min_tests": 2.0,
}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    load_seeds(connection, ("indicator_form",))
    load_table(connection, "int_parameter__by_school_year", [
        {"school_year": f"{y}-{y + 1}", "parameter_code": c, "value": v}
        for y in (2022, 2023, 2024) for c, v in LIMITS.items()
    ])  # fmt: skip
    return connection


def _sat(teacher: str, year: int, mean: float, **more: Any) -> dict[str, Any]:
    """A teacher's classes in the June exam of a school year; every rate follows the mean."""
    return {
        "region_code": R,
        "school_year": f"{year}-{year + 1}",
        "teacher_key": teacher,
        "exam_id": f"e{year}",
        "exam_date": dt.date(year + 1, 6, 25),
        "grade": 7,
        "subject": "数学",
        "stage": "junior",
        "school_code": "s",
        "n_scored": 40,
        "mean_score": mean,
        "excellent_rate": mean / 4,
        "pass_rate": mean,
        "low_rate": 100 - mean,
        "has_parallel": True,
        "parallel_mean": 70.0,
        **more,
    }


def _judge(con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], float]:
    load_table(con, "int_teacher_test", rows)
    run(con, ("int_indicator__teacher",))
    found = read(con, "select indicator_code, entity_id, period_id, value from int_indicator__teacher")
    return {(str(r["indicator_code"]), str(r["entity_id"]), str(r["period_id"])): r["value"] for r in found}


def test_the_last_three_of_a_subject_and_their_years(con: duckdb.DuckDBPyConnection) -> None:
    """Of seven teachers four are last in all rates; only a was already last the year before. Equals share the
    better place from the bottom: c and d at 62 are both third from below."""
    now = {"a": 50.0, "b": 60.0, "c": 62.0, "d": 62.0, "e": 75.0, "f": 80.0, "g": 90.0}
    before = {"a": 50.0, "b": 90.0, "c": 80.0, "d": 85.0, "e": 55.0, "f": 56.0, "g": 70.0}
    found = _judge(con, [_sat(t, 2024, m) for t, m in now.items()] + [_sat(t, 2023, m) for t, m in before.items()])
    metrics = {t: found["exm_teacher_bottom3_metrics", t, "2024-2025"] for t in now}
    assert metrics == {"a": 4, "b": 4, "c": 4, "d": 4, "e": 0, "f": 0, "g": 0}
    streak = {t: found["exm_teacher_bottom3_streak", t, "2024-2025"] for t in now}
    assert streak == {"a": 2, "b": 1, "c": 1, "d": 1, "e": 0, "f": 0, "g": 0}


def test_a_year_without_a_test_ends_a_teachers_streak(con: duckdb.DuckDBPyConnection) -> None:
    """Last in 2022 and 2024: two years on end only for the one who was last in 2023 too."""
    rows = [_sat(t, y, 90.0 + n) for y in (2022, 2023, 2024) for n, t in enumerate("cdefghi")]
    rows += [_sat(t, y, 50.0) for y in (2022, 2024) for t in "ab"] + [_sat("b", 2023, 50.0)]
    found = _judge(con, rows)
    streak = {t: found["exm_teacher_bottom3_streak", t, "2024-2025"] for t in "ab"}
    assert streak == {"a": 1, "b": 3}


def test_a_group_too_small_is_not_ranked(con: duckdb.DuckDBPyConnection) -> None:
    found = _judge(con, [_sat(t, 2024, 50.0 + n) for n, t in enumerate("abcde")])
    assert not [k for k in found if k[0] != "exm_teacher_below_avg_share"]


def test_tests_below_the_parallel_classes(con: duckdb.DuckDBPyConnection) -> None:
    """Two of three tests below 70; a test without parallel classes counts for nothing; one test alone is too few."""
    rows = [_sat("a", 2023, 60.0), _sat("a", 2024, 65.0), _sat("a", 2024, 90.0, exam_id="mid")]
    rows += [_sat("a", 2024, 10.0, exam_id="x", has_parallel=False), _sat("b", 2024, 10.0)]
    found = _judge(con, rows)
    shares = {k[1:]: v for k, v in found.items() if k[0] == "exm_teacher_below_avg_share"}
    assert shares == {("a", "2024-2025"): pytest.approx(200 / 3)}
