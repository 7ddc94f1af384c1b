"""Why a value is missing: no school to be about, a column nobody sent, or a denominator that is truly zero."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run
from warehouse.explain_parts import make_value

R, Y = "990201", "2024-2025"
DETAIL = {"grade": "_all", "subject": "_all", "exam_id": "_all", "group_code": "_all"}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A county with two primary schools, both in town, and one junior school in a village."""
    connection = duckdb.connect()
    load_seeds(connection, ("stage_scope", "period_calendar"))
    schools = (("a", "primary", True), ("b", "primary", True), ("c", "junior", False))
    load_table(connection, "dim_school", [{"school_key": s, "is_urban": urban} for s, _, urban in schools])
    load_table(connection, "fct_school_resource_snapshot", [
        {"region_code": R, "school_key": s, "school_year": Y, "stage": stage} for s, stage, _ in schools
    ])  # fmt: skip
    run(connection, ("int_scope_populated",))
    return connection


def _status(con: duckdb.DuckDBPyConnection, **more: Any) -> str:
    """Status that the final table gives a ratio of nothing over nothing."""
    row = {"indicator_code": "i", "region_code": R, "entity_type": "county", "entity_id": R,
           "period_type": "school_year", "period_id": Y, "stage": "primary", "urban_rural": "all", **DETAIL,
           "numerator": 0.0, "denominator": 0.0, "status": "undefined", **more}  # fmt: skip
    load_table(con, "int_indicator_basic", [row])
    con.execute("alter table int_indicator_basic add column value double")
    for empty in ("int_indicator__composite", "int_indicator__share_of_entities"):
        con.execute(f"create or replace table {empty} as select * from int_indicator_basic limit 0")
    load_table(con, "dim_indicator", [
        {"indicator_code": "i", "aggregates_to": "school;county", "stage": "primary", "zone": "published",
         "definition_version": "1"}
    ])  # fmt: skip
    load_table(con, "int_edition_indicator", [
        {"region_code": R, "indicator_code": "i", "period_type": "school_year", "period_id": Y}
    ])  # fmt: skip
    load_table(con, "indicator_form", [{"indicator_code": "i", "form": "ratio"}])
    load_table(con, "dim_edition", [{"region_code": R}])
    load_table(con, "indicator_requirement", [{"indicator_code": "i", "term_code": "t"}])
    load_table(con, "indicator_source", [{"indicator_code": "-", "source": "-"}])
    load_table(con, "stg_ledger__submission", [{"source": "school_report"}])
    load_table(con, "fct_measure", [{"region_code": R, "term_code": "t", "value": 0.0}])
    run(con, ("int_indicator_value",))
    found = {r["status"] for r in read(con, "select status from int_indicator_value where numerator is not null")}
    return str(found.pop())


@pytest.mark.parametrize(
    ("base", "value", "status"),
    [(100.0, 87.0, "ok"), (1.0, 8700.0, "ok"), (0.0, None, "undefined"), (-1.0, None, "undefined"),
     (None, None, "not_reported")],
)  # fmt: skip
def test_a_share_of_none_or_of_fewer_is_undefined(base: float | None, value: float | None, status: str) -> None:
    """87 graduates of a cohort from which more pupils left than ever entered are no -8700 percent."""
    con = duckdb.connect()
    key = {"indicator_code": "i", "region_code": R, "entity_type": "school", "entity_id": "a", "is_own": True,
           "period_type": "school_year", "period_id": Y, "start_year": 2024, "stage": "junior", "urban_rural": "all",
           **DETAIL}  # fmt: skip
    operands = {"numerator": 87.0, "denominator": base}
    load_table(con, "int_indicator_operand", [{**key, "operand": o, "operand_value": v} for o, v in operands.items()])
    load_table(con, "dim_indicator", [
        {"indicator_code": "i", "aggregates_to": "school", "window_text": "", "scale": 100, "denominator_term": "d"}
    ])  # fmt: skip
    columns = ("form", "function_name", "by_entity", "subject", "operator", "threshold")
    load_table(con, "indicator_form", [{"indicator_code": "i", **dict.fromkeys(columns, "")}])
    run(con, ("int_indicator_paired",))
    assert read(con, "select paired_value, status from int_indicator_paired") == [
        {"paired_value": value, "status": status}
    ]
    definition, form = {"scale": 100, "denominator_term": "d"}, {"form": "ratio"}
    assert make_value(form, definition, operands, [], []) == value


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"stage": "primary"}, "undefined"),
        ({"stage": "primary;junior"}, "undefined"),
        ({"stage": "vocational"}, "not_applicable"),
        ({"stage": "primary", "urban_rural": "rural"}, "not_applicable"),
        ({"stage": "primary", "urban_rural": "urban"}, "undefined"),
        ({"stage": "primary;junior", "urban_rural": "urban_vs_rural"}, "undefined"),
        ({"stage": "primary", "urban_rural": "urban_vs_rural"}, "not_applicable"),
        # Other calendars: the school year 2024-2025 lies in the fiscal years 2024 and 2025.
        ({"stage": "vocational", "period_type": "fiscal_year", "period_id": "2024"}, "not_applicable"),
        ({"stage": "junior", "period_type": "fiscal_year", "period_id": "2025"}, "undefined"),
        # Of a period without school reports nobody knows which schools there were.
        ({"stage": "vocational", "period_id": "2020-2021"}, "undefined"),
        # A school that is there has no pupils to divide by.
        ({"stage": "vocational", "entity_type": "school", "entity_id": "a"}, "undefined"),
        ({"stage": "vocational", "status": "not_reported"}, "not_reported"),
    ],
)
def test_nothing_over_nothing(con: duckdb.DuckDBPyConnection, scope: dict[str, str], status: str) -> None:
    assert _status(con, **scope) == status


def _rolled(term: str, missing: int, **more: Any) -> dict[str, Any]:
    return {"term_code": term, "measure_code": term, "source_fact": "school_resource", "region_code": R,
            "period_type": "school_year", "period_id": Y, "entity_type": "section", "entity_id": "a/primary",
            "stage_scope": "primary", "urban_rural": "all", **DETAIL, "term_value": 0, "missing_rows": missing,
            "submission_id": "s", **more}  # fmt: skip


def test_a_column_nobody_sent_is_nowhere_zero(con: duckdb.DuckDBPyConnection) -> None:
    """`area` came with no figure, `rooms` with one of two, `pupils` whole; the county has no junior school."""
    rows = []
    for term, missing in (("area", (1, 1)), ("rooms", (1, 0)), ("pupils", (0, 0))):
        rows += [_rolled(term, m, entity_id=f"{s}/primary") for s, m in zip("ab", missing, strict=True)]
        rows.append(_rolled(term, sum(missing), entity_type="county", entity_id=R))
    load_table(con, "int_measure_rolled", rows)
    load_table(con, "term", [
        {"term_code": t, "measure_code": t, "source_fact": "school_resource", "pools_exams": "yes", "rollup": "sum"}
        for t in ("area", "rooms", "pupils")
    ])  # fmt: skip
    load_table(con, "int_term_covered", [
        {"term_code": t, "region_code": R, "period_type": "school_year", "period_id": Y}
        for t in ("area", "rooms", "pupils")
    ])  # fmt: skip
    run(con, ("fct_measure",))
    found = read(
        con,
        """
        select term_code, stage, value, status from fct_measure
        where entity_type = 'county' and urban_rural = 'all' and stage in ('primary', 'junior')
    """,
    )
    assert {(r["term_code"], r["stage"]): (r["value"], r["status"]) for r in found} == {
        ("area", "primary"): (None, "incomplete"),
        ("area", "junior"): (None, "incomplete"),
        ("rooms", "primary"): (None, "incomplete"),
        ("rooms", "junior"): (0, "reported"),
        ("pupils", "primary"): (0, "reported"),
        ("pupils", "junior"): (0, "reported"),
    }


@pytest.mark.star
def test_what_the_pilot_county_never_sent_is_not_reported(star_home) -> None:
    """Its report has no areas, equipment or multimedia rooms, and it has primary schools only."""
    connection = duckdb.connect(str(star_home.build.path), read_only=True)
    absent = "indicator_code in ('res_teaching_area_per_student', 'res_sports_area_per_student',"
    absent += " 'res_equipment_value_per_student', 'res_multimedia_rooms_per100')"
    where = f"from fct_indicator_value where region_code = '990101' and {absent}"
    assert connection.execute(f"select distinct status, value {where}").fetchall() == [("not_reported", None)]
    assert connection.execute(f"select count(distinct stage || urban_rural) {where}").fetchone() == (9,)
    teachers = connection.execute("""
        select distinct stage, status from fct_indicator_value
        where region_code = '990101' and indicator_code = 'sup_ft_teachers_per100' and entity_type = 'county'
        order by stage
    """).fetchall()
    assert teachers == [("junior", "not_applicable"), ("primary", "ok"), ("primary;junior", "ok")]


def test_published_marks_follow_the_status(county_home) -> None:
    """SDMX marks: z where nothing applies, M where something is missing; each with its reason in words."""
    connection = duckdb.connect(str(county_home.build.path), read_only=True)
    rows = connection.execute("""
        select distinct v.status, p.obs_status, p.reason_zh is not null
        from pub_indicator_value p
        join fct_indicator_value v on v.indicator_code = p.indicator_code and v.region_code = p.region_code
            and v.entity_id = p.entity_id and v.period_id = p.period_id and v.stage = p.stage
            and v.urban_rural = p.urban_rural and v.exam_id = '_all' and v.grade = '_all' and v.subject = '_all'
            and v.group_code = '_all'
        where p.value is null order by all
    """).fetchall()
    assert ("not_applicable", "z", True) in rows
    assert ("not_reported", "M", True) in rows
    # A value that is there and not shown is a small count.
    marks = {"undefined": "z", "not_applicable": "z", "ok": "c"}
    assert all(mark == marks.get(status, "M") and told for status, mark, told in rows), rows
