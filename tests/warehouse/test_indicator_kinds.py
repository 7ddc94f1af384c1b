"""Indicators by kind on hand-made figures: each expected number was worked out by hand or printed elsewhere."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run

R, Y = "990201", "2024-2025"
DIMENSIONS = {"urban_rural": "all", "grade": "_all", "subject": "_all", "exam_id": "_all", "group_code": "_all"}


def _paired(form: str, **more: Any) -> dict[str, Any]:
    row = {
        "indicator_code": "i",
        "region_code": R,
        "entity_type": "section",
        "entity_id": R,
        "period_type": "school_year",
        "period_id": Y,
        "start_year": 2024,
        "stage": "primary",
        **DIMENSIONS,
        "form": form,
        "function_name": "max",
        "by_entity": "school",
        "form_subject": "",
        "operator": ">",
        "threshold": "0",
        "window_text": "",
        "scale": 1.0,
        "numerator": 0.0,
        "denominator": 0.0,
        "status": "ok",
        **more,
    }
    if "paired_value" not in row:
        row["paired_value"] = row["numerator"] / row["denominator"] if row["denominator"] else row["numerator"]
    return row


def _load(con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    load_table(con, "int_indicator_paired", rows)
    for column in ("numerator", "denominator", "paired_value"):
        con.execute(f"alter table int_indicator_paired alter {column} type double")


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    load_seeds(connection, ("stage_scope", "indicator_form", "indicator_member", "plan_parameter"))
    return connection


def _dispersion(con: duckdb.DuckDBPyConnection, amounts: list, pupils: list) -> dict[str, Any]:
    """The coefficient of teaching area of primary sections: the row of its indicator."""
    key = {"region_code": R, "school_year": Y, "stage": "primary", "item_code": "teaching_area", "scale": 1.0}
    pairs = zip(amounts, pupils, strict=True)
    rows = [{**key, "school_code": str(n), "measure_value": x, "student_count": p, "is_eligible": True}
            for n, (x, p) in enumerate(pairs)]  # fmt: skip
    load_table(con, "int_section__measured", rows)
    con.execute("alter table int_section__measured alter measure_value type decimal(18, 2)")
    load_seeds(con, ("dispersion_item",))
    con.execute("create or replace table fct_between_school_dispersion (region_code varchar, school_year varchar,"
                " stage varchar, kind varchar, exam_id varchar, grade varchar, subject varchar, icc_value double,"
                " status varchar)")  # fmt: skip
    load_table(con, "int_indicator_scope", [{"indicator_code": "i", "stage_scope": "primary"}])
    run(con, ("int_resource_item__dispersed", "int_indicator__dispersion"))
    (row,) = read(con, "select * from int_indicator__dispersion")
    assert row["indicator_code"] == "res_cv_teaching_area"
    return row


def test_golden_vector_of_the_coefficient(con: duckdb.DuckDBPyConnection) -> None:
    row = _dispersion(con, [279.0, 137.0, 935.0, 160.0, 402.0], [45, 37, 89, 76, 55])
    assert row["denominator"] == pytest.approx(6.334437, abs=5e-7)
    assert row["numerator"] == pytest.approx(3.263861, abs=5e-7)
    assert row["value"] == pytest.approx(0.515257, abs=5e-7)


def test_edges_of_the_coefficient(con: duckdb.DuckDBPyConnection) -> None:
    missing = _dispersion(con, [279.0, None, 935.0], [45, 37, 89])
    assert (missing["status"], missing["value"]) == ("not_reported", None)
    zero = _dispersion(con, [0.0, 0.0], [10, 20])
    assert (zero["status"], zero["value"]) == ("undefined", None)
    # A section without pupils is left out: 2/10 and 4/20 do not differ.
    assert _dispersion(con, [2.0, 4.0, 9.0], [10, 20, 0])["value"] == pytest.approx(0, abs=1e-12)


def test_a_change_needs_both_years(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        _paired("difference", entity_type="county", numerator=v, denominator=None, start_year=y, period_id=str(y))
        for y, v in ((2022, 5.0), (2024, 9.0), (2025, 8.0))
    ]
    relative = [{**r, "indicator_code": "r", "form": "relative", "scale": 100.0} for r in rows]
    _load(con, rows + relative)
    load_table(con, "int_principal_term", [
        {"region_code": R, "school_code": "-", "school_year": Y, "first_year": 2023}
    ])  # fmt: skip
    run(con, ("int_indicator__change",))
    found = {
        (r["indicator_code"], r["period_id"]): (r["value"], r["status"])
        for r in read(con, "select * from int_indicator__change")
    }
    assert found["i", "2025"] == (-1.0, "ok")
    assert found["r", "2025"][0] == pytest.approx(-100 / 9)
    assert found["i", "2024"] == (None, "not_reported")


def _extremes(con: duckdb.DuckDBPyConnection, things: list[dict[str, Any]], **form: Any) -> list[dict[str, Any]]:
    """Values of an indicator that takes an extreme over things of the county."""
    load_table(con, "indicator_form", [
        {"indicator_code": "i", "form": "extreme", "function_name": "max", "by_entity": "school", **form}
    ])  # fmt: skip
    load_table(con, "dim_indicator", [{"indicator_code": "i", "aggregates_to": "school;county", "scale": 1.0}])
    rows = [
        {"indicator_code": "i", "region_code": R, "period_type": "school_year", "period_id": Y, "stage": "primary",
         "only_stage": "primary", "thing": t, "school_code": s, "figure": f} for t, s, f in things
    ]  # fmt: skip
    load_table(con, "int_extreme_thing", rows)
    con.execute("alter table int_extreme_thing alter figure type double")
    _load(con, [_paired("none")])
    run(con, ("int_indicator__extreme",))
    return read(con, "select * from int_indicator__extreme")


def test_the_largest_school_decides(con: duckdb.DuckDBPyConnection) -> None:
    found = _extremes(con, [("a", "a", 1200.0), ("b", "b", 2001.0), ("c", "c", 800.0)])
    assert {(r["entity_type"], r["entity_id"]): r["value"] for r in found} == {
        ("county", R): 2001.0, ("school", "a"): 1200.0, ("school", "b"): 2001.0, ("school", "c"): 800.0
    }  # fmt: skip


def test_a_thing_that_nobody_knows_leaves_the_extreme_open(con: duckdb.DuckDBPyConnection) -> None:
    found = _extremes(con, [("a", "a", 3.0), ("b", "b", None)])
    assert {(r["entity_type"], r["entity_id"]): r["status"] for r in found} == {
        ("county", R): "not_reported", ("school", "a"): "ok", ("school", "b"): "not_reported"
    }  # fmt: skip


def test_a_range_shows_both_its_ends(con: duckdb.DuckDBPyConnection) -> None:
    """Leaders did one, two and four deeds: the fewest is the value, the most stands beside it."""
    found = _extremes(con, [("x", None, 1.0), ("y", None, 4.0), ("z", None, 2.0)], function_name="minmax")
    assert {r["group_code"]: r["value"] for r in found} == {"_all": 1.0, "max": 4.0}


def test_exams_are_counted_by_grade_over_the_year_or_within_a_term(con: duckdb.DuckDBPyConnection) -> None:
    """Grade 7 sat two exams in one term and one in the other; grade 8 one each."""
    counts = (("7", "t1", 2.0), ("7", "t2", 1.0), ("8", "t1", 1.0), ("8", "t2", 1.0))
    base = {"entity_type": "county", "by_entity": "grade", "denominator": None}
    year = [_paired("extreme", **base, function_name="min", grade=g, group_code=t, numerator=n) for g, t, n in counts]
    term = [{**r, "indicator_code": "t", "function_name": "max", "window_text": "1term"} for r in year]
    _load(con, year + term)
    load_table(con, "dim_indicator", [{"indicator_code": "none", "aggregates_to": "county", "scale": 1.0}])
    empty = dict.fromkeys(
        ("region_code", "period_type", "period_id", "stage", "only_stage", "thing", "school_code"), "-"
    )
    load_table(con, "int_extreme_thing", [{"indicator_code": "-", **empty, "figure": 0.0}])
    run(con, ("int_indicator__extreme",))
    rows = read(con, "select * from int_indicator__extreme")
    found = {(r["indicator_code"], r["grade"]): r["value"] for r in rows}
    assert found == {
        ("i", "_all"): 2.0, ("i", "7"): 3.0, ("i", "8"): 2.0, ("t", "_all"): 2.0, ("t", "7"): 2.0, ("t", "8"): 1.0
    }  # fmt: skip


ITEMS = {
    "res_above_required_edu_teachers_per100": 4.2,
    "res_backbone_teachers_per100": 1.0,
    "res_pe_art_teachers_per100": 0.9,
    "res_teaching_area_per_student": 4.5,
    "res_sports_area_per_student": 7.5,
    "res_equipment_value_per_student": 2000.0,
    "res_multimedia_rooms_per100": 2.3,
}


def _no_conditions(con: duckdb.DuckDBPyConnection) -> None:
    """The tables of compiled conditions, empty."""
    text = dict.fromkeys(
        ("indicator_code", "region_code", "period_type", "period_id", "stage_scope", "stage", "school_code",
         "entity_key", "entity_type", "entity_id", *DIMENSIONS), "-",
    )  # fmt: skip
    figures = {"numerator": 0.0, "denominator": 0.0, "value": 0.0, "verdict": 0.0, "status": "ok", "is_unknown": False}
    for name in ("int_condition_population", "int_indicator_judged", "int_indicator__condition"):
        load_table(con, name, [{**text, **figures}])
        con.execute(f"delete from {name}")
    load_table(con, "int_indicator_scope", [{"indicator_code": "res_school_pass_share", "stage_scope": "primary"}])


def _seven_items(
    con: duckdb.DuckDBPyConnection, shares: list[float | None], *, is_assessed: bool = True
) -> dict[str, Any]:
    """A section that holds each item at a share of its standard; returns items met, passed and county share."""
    dims = {"entity_type": "section", "entity_id": "s/primary", "period_type": "school_year", "period_id": Y}
    rows = [
        {"indicator_code": code, "region_code": R, **dims, "stage": "primary", **DIMENSIONS,
         "value": None if share is None else limit * share}
        for (code, limit), share in zip(ITEMS.items(), shares, strict=True)
    ]  # fmt: skip
    load_table(con, "int_indicator_basic", rows)
    limits = {**ITEMS, "res_items_met_count": 6.0}
    load_table(con, "int_indicator_threshold", [
        {"region_code": R, "period_id": Y, "indicator_code": c, "stage": "primary", "judge": "at_least",
         "threshold_value": v} for c, v in limits.items()
    ])  # fmt: skip
    load_table(
        con,
        "int_parameter__by_school_year",
        [{"school_year": Y, "parameter_code": "unmet_item_floor", "value": 0.85}],
    )
    _load(con, [_paired("none")])
    load_table(con, "int_indicator_operand", [{"indicator_code": "x", "operand": "denominator", "entity_type": "county",
                                               "urban_rural": "all", "grade": "_all", "period_type": "school_year",
                                               "region_code": R, "period_id": Y,
                                               "stage": "primary", "operand_value": 1.0}])  # fmt: skip
    load_table(con, "dim_indicator", [{"indicator_code": "res_school_pass_share", "scale": 100.0}])
    _no_conditions(con)
    section = {"school_code": "s", "stage": "primary", "school_year": Y, "is_eligible": is_assessed}
    load_table(con, "int_balance_eligible", [section])
    run(con, ("int_indicator__composite", "int_indicator__share_of_entities"))
    found = {r["indicator_code"]: r["value"] for r in read(con, "select * from int_indicator__composite")}
    share = read(con, "select value from int_indicator__share_of_entities")
    return {**found, "share": share[0]["value"] if share else None}


@pytest.mark.parametrize(
    ("shares", "met", "passed"),
    [
        ([1, 1, 1, 1, 1, 1, 1], 7, 1),
        ([0.85, 1, 1, 1, 1, 1, 1], 6, 1),
        ([0.8499, 1, 1, 1, 1, 1, 1], 6, 0),
        ([0.9, 0.9, 1, 1, 1, 1, 1], 5, 0),
        ([1, None, 1, 1, 1, 1, 1], None, None),
    ],
)
def test_six_of_seven_with_a_floor(
    con: duckdb.DuckDBPyConnection, shares: list[float | None], met: int | None, passed: int | None
) -> None:
    found = _seven_items(con, shares)
    assert found["res_items_met_count"] == met
    assert found["res_school_pass_6of7"] == passed
    assert found["share"] == (None if passed is None else passed * 100)


def test_a_section_that_is_not_assessed_stands_in_no_share(con: duckdb.DuckDBPyConnection) -> None:
    found = _seven_items(con, [0.5, 1, 1, 1, 1, 1, 1], is_assessed=False)
    assert (found["res_school_pass_6of7"], found["share"]) == (0, None)
