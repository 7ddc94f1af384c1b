"""A county of two editions with one target and its values, for the tests of how targets are judged."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import duckdb

from tests.warehouse.rendered import load_seeds, load_table, read, render, run, seed_rows

REGION, YEAR = "990201", "2024-2025"
PLAN_SEEDS = ("policy_targets", "target_judge", "target_subgroup", "target_duplicate")
MODELS = (
    "int_target_timed", "int_target_period", "int_target_candidate", "int_target_part", "int_target_judged",
    "fct_target_tracking", "fct_target_tracking_person",
)  # fmt: skip
JUDGES = {r["judge"]: r for r in seed_rows("target_judge")}
INDICATORS = {
    "rate": ("ratio", "school_year"),
    "count": ("total", "calendar_year"),
    "growth": ("change", "fiscal_year"),
    "cv": ("dispersion", "school_year"),
    "rounds": ("extreme", "project_year"),
    "items": ("total", "school_year"),
    "ages": ("extreme", "calendar_year"),
}
RESTRICTED, BY_SECTION = {"ages"}, {"items"}
STARTS = {"school_year": "2024-2025", "calendar_year": "2024", "fiscal_year": "2024", "project_year": "2024"}


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def opened() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    load_seeds(connection, ("period_calendar", "stage_scope", "grade_scope", "document_window", "closing_indicator"))
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
    binding = {"region_code": REGION, "document_code": "D", "valid_from": date("2020-01-01")}
    load_table(connection, "dim_plan_binding", [{**binding, "valid_to": date("2030-12-31")}])
    rows = [
        {
            "indicator_code": c,
            "kind": k,
            "clock": clock,
            "zone": "restricted" if c in RESTRICTED else "published",
            "aggregates_to": "section;school" if c in BY_SECTION else "school;county",
        }
        for c, (k, clock) in INDICATORS.items()
    ]
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


def value_row(code: str, value: float | None, period: str | None = None, **more: Any) -> dict[str, Any]:
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


def target_row(code: str, judge: str, value: float, **more: Any) -> dict[str, Any]:
    clock = INDICATORS[code][1]
    strict = bool(more.pop("is_strict", False))
    return {
        "target_id": "T",
        "document_code": "D",
        "indicator_code": code,
        "stage": "primary",
        "urban_rural": "all",
        "grade_scope": "",
        "subgroup": "",
        "is_whole_scope": True,
        "compared_urban_rural": more.get("urban_rural", "all"),
        "judge": judge,
        "direction": JUDGES[judge]["direction"],
        "is_strict": strict,
        "is_inclusive": JUDGES[judge]["is_inclusive"] == "yes" and not strict,
        "is_differenced": False,
        "target_value": value,
        "unit_code": "pct",
        "recurrence": "yearly",
        "measure_at": "period_end",
        "clock": clock,
        "period_start": date("2021-01-01"),
        "period_end": date("2026-12-31"),
        "due_date": date("2026-12-31"),
        "is_published": True,
        "duplicate_of_target_id": "",
        **more,
    }


@cache
def _rendered(model: str) -> str:
    return render(model)


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Run the models of the targets; their SQL is rendered once, however many tests there are."""
    for model in MODELS:
        con.execute(f'create or replace table "{model}" as {_rendered(model)}')


def track(con: duckdb.DuckDBPyConnection, target: dict[str, Any], *values: dict[str, Any]) -> dict[str, Any]:
    load_table(con, "dim_target", [target])
    load_table(con, "int_indicator_value", list(values))
    con.execute("alter table int_indicator_value alter value type double")
    judge(con)
    rows = read(con, f"select * from fct_target_tracking where school_year = '{YEAR}'")
    assert len(rows) == 1
    return rows[0]
