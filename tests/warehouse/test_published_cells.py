"""What may be shown: counts of pupils from 1 to 9 are hidden, and never so that the rest gives them away."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run

R, Y = "990201", "2024-2025"


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    load_seeds(connection, ("stage_scope", "person_unit"))
    indicators = [
        {"indicator_code": "pupils", "zone": "published", "disclosure": "pupils", "kind": "ratio",
         "numerator_measure": "special_pupils", "denominator_measure": "pupils"},
        {"indicator_code": "rooms", "zone": "published", "disclosure": "institutional", "kind": "ratio",
         "numerator_measure": "rooms", "denominator_measure": "pupils"},
        {"indicator_code": "scores", "zone": "internal", "disclosure": "pupils", "kind": "ratio",
         "numerator_measure": "special_pupils", "denominator_measure": "pupils"},
        # Deviation over mean, a mean score, a change of rates, and a change of counts: only the last holds counts.
        {"indicator_code": "spread", "zone": "published", "disclosure": "pupils", "kind": "dispersion",
         "numerator_measure": "special_pupils", "denominator_measure": "pupils"},
        {"indicator_code": "mean_score", "zone": "published", "disclosure": "pupils", "kind": "ratio",
         "numerator_measure": "points", "denominator_measure": "pupils"},
        {"indicator_code": "rate_change", "zone": "published", "disclosure": "pupils", "kind": "change",
         "numerator_measure": "special_pupils", "denominator_measure": "pupils"},
        {"indicator_code": "count_change", "zone": "published", "disclosure": "pupils", "kind": "change",
         "numerator_measure": "special_pupils", "denominator_measure": ""},
        {"indicator_code": "subjects", "zone": "published", "disclosure": "pupils", "kind": "total",
         "numerator_measure": "subjects", "denominator_measure": ""},
        {"indicator_code": "schools_without", "zone": "published", "disclosure": "sensitive",
         "kind": "share_of_entities", "numerator_measure": "special_pupils", "denominator_measure": "rooms"},
    ]  # fmt: skip
    load_table(connection, "dim_indicator", indicators)
    forms = {"dispersion": "cv_weighted", "change": "difference", "share_of_entities": "entity_measure"}
    load_table(connection, "indicator_form", [
        {"indicator_code": i["indicator_code"], "form": forms.get(i["kind"], i["kind"])} for i in indicators
    ])  # fmt: skip
    load_table(connection, "dim_measure", [
        {"measure_code": m, "disclosure": d, "value_type": t, "unit": u}
        for m, d, t, u in (
            ("special_pupils", "sensitive", "count", "persons"), ("pupils", "pupils", "count", "persons"),
            ("rooms", "institutional", "count", "rooms"), ("points", "pupils", "score_sum", "points"),
            ("subjects", "pupils", "count", "subjects"),
        )
    ])  # fmt: skip
    load_table(connection, "int_edition_indicator", [
        {"region_code": R, "school_year": Y, "indicator_code": i["indicator_code"], "period_id": Y} for i in indicators
    ])  # fmt: skip
    load_table(connection, "int_indicator_scope", [
        {"indicator_code": i["indicator_code"], "stage_scope": s, "is_own": s == "primary;junior"}
        for i in indicators for s in ("primary;junior", "primary", "junior")
    ])  # fmt: skip
    load_table(connection, "int_parameter__by_school_year",
               [{"school_year": Y, "parameter_code": "suppression_min_count", "value": 10.0}])  # fmt: skip
    load_table(connection, "dim_target", [{"indicator_code": "-", "stage": "-", "urban_rural": "-"}])
    return connection


def _hidden(con: duckdb.DuckDBPyConnection, *cells: dict[str, Any]) -> dict[str, bool]:
    rows = [
        {"indicator_code": "pupils", "region_code": R, "entity_type": "county", "entity_id": R,
         "period_type": "school_year", "period_id": Y, "stage": "primary;junior", "urban_rural": "all",
         "grade": "_all", "subject": "_all", "exam_id": "_all", "group_code": "_all", "status": "ok",
         "definition_version": "1", **c, "value": c["numerator"] / c["denominator"]}
        for c in cells
    ]  # fmt: skip
    load_table(con, "fct_indicator_value", rows)
    run(con, ("int_published_value",))
    found = read(con, "select * from int_published_value")
    return {f"{r['entity_id']}/{r['stage']}/{r['urban_rural']}": bool(r["is_hidden"]) for r in found}


@pytest.mark.parametrize(("count", "hidden"), [(0.0, False), (1.0, True), (9.0, True), (10.0, False)])
def test_small_counts(con: duckdb.DuckDBPyConnection, count: float, hidden: bool) -> None:
    found = _hidden(con, {"numerator": count, "denominator": 500.0})
    assert found == {f"{R}/primary;junior/all": hidden}


@pytest.mark.parametrize(
    ("indicator", "numerator", "denominator", "hidden"),
    [
        ("spread", 0.9, 7.2, False),
        ("mean_score", 8.5, 500.0, False),
        ("mean_score", 850.0, 9.0, True),
        ("rate_change", 4.1, 3.9, False),
        ("count_change", 40.0, 9.0, True),
        ("count_change", 9.0, 40.0, True),
        ("count_change", 40.0, 30.0, False),
        ("subjects", 4.0, 500.0, False),
        ("schools_without", 4.0, 12.0, False),
        ("rooms", 3.0, 500.0, False),
    ],
)
def test_only_counts_of_persons_are_hidden(
    con: duckdb.DuckDBPyConnection, indicator: str, numerator: float, denominator: float, hidden: bool
) -> None:
    cell = {"indicator_code": indicator, "numerator": numerator, "denominator": denominator}
    assert _hidden(con, cell) == {f"{R}/primary;junior/all": hidden}


def test_a_small_area_takes_the_other_with_it(con: duckdb.DuckDBPyConnection) -> None:
    found = _hidden(
        con,
        {"numerator": 43.0, "denominator": 500.0},
        {"numerator": 40.0, "denominator": 300.0, "urban_rural": "urban"},
        {"numerator": 3.0, "denominator": 200.0, "urban_rural": "rural"},
    )
    key = f"{R}/primary;junior/"
    assert found == {f"{key}all": False, f"{key}urban": True, f"{key}rural": True}


def test_a_small_stage_takes_the_other_with_it(con: duckdb.DuckDBPyConnection) -> None:
    found = _hidden(
        con,
        {"numerator": 43.0, "denominator": 500.0},
        {"numerator": 40.0, "denominator": 300.0, "stage": "primary"},
        {"numerator": 3.0, "denominator": 200.0, "stage": "junior"},
    )
    assert [found[f"{R}/{s}/all"] for s in ("primary;junior", "primary", "junior")] == [False, True, True]


def test_a_small_school_takes_the_next_smallest_with_it(con: duckdb.DuckDBPyConnection) -> None:
    schools = [
        {"indicator_code": "rooms", "entity_type": "school", "entity_id": s, "numerator": 2.0, "denominator": n}
        for s, n in (("a", 7.0), ("b", 120.0), ("c", 80.0))
    ]
    found = _hidden(con, *schools)
    assert [found[f"{s}/primary;junior/all"] for s in "abc"] == [True, False, True]


def test_schools_only_for_institutional_and_nothing_internal(con: duckdb.DuckDBPyConnection) -> None:
    cell = {"numerator": 50.0, "denominator": 100.0}
    found = _hidden(
        con,
        {**cell, "entity_type": "school", "entity_id": "pupils_of_a"},
        {**cell, "indicator_code": "rooms", "entity_type": "school", "entity_id": "rooms_of_a"},
        {**cell, "indicator_code": "scores"},
        {**cell, "exam_id": "e1", "subject": "语文"},
    )
    assert set(found) == {"rooms_of_a/primary;junior/all"}
