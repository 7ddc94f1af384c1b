"""Figures that two sources give have one definition; a column that nobody sent is no zero."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run

R, Y = "990201", "2024-2025"
REPORTED = [
    "class_count",
    "student_count",
    "female_student_count",
    "entrant_count",
    "graduate_count",
    "staff_count",
    "ft_teacher_count",
    "postgraduate_teacher_count",
    "backbone_teacher_count",
    "classroom_count",
    "multimedia_room_count",
    "teaching_auxiliary_area_m2",
    "indoor_sports_area_m2",
    "sports_ground_area_m2",
    "equipment_value_yuan",
]
NO_KEY = {"region_code": "-", "school_year": "-", "school_code": "-", "stage": "-"}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Two primary schools of 100 pupils whose reports say 1 backbone teacher each."""
    connection = duckdb.connect()
    load_seeds(connection, ("dispersion_item", "balance_exclusion"))
    for column, kind in (("valid_from", "date"), ("valid_to", "date"), ("below_pupils", "integer")):
        connection.execute(f"alter table balance_exclusion alter {column} type {kind}")
    connection.execute("alter table dispersion_item alter scale type decimal(10, 2)")
    keys = [{"region_code": R, "school_year": Y, "school_code": s, "stage": "primary"} for s in ("a", "b")]
    figures = {**dict.fromkeys(REPORTED, 1), "student_count": 100}
    more = {"school_role": "", "boarding_school": "", "inclusive": "", "psych_record_student_count": 0}
    rows = [
        {**k, **figures, **more, "submission_id": "r", "sheet_name": "基表", "row_number": n}
        for n, k in enumerate(keys)
    ]
    load_table(connection, "stg_school_report__section", rows)
    load_table(connection, "stage", [{"stage": "primary", "split_weight": 1.0}])
    school = {
        "urban_rural": "镇区",
        "is_urban": True,
        "ownership": "公办",
        "school_type": "小学",
        "is_teaching_point": False,
        "school_type_code": "211",
    }
    load_table(connection, "dim_school", [{**k, **school, "school_key": k["school_code"]} for k in keys])
    load_table(connection, "dim_school_year", [{"school_year": Y, "statistics_date": "2024-09-01"}])
    connection.execute("alter table dim_school_year alter statistics_date type date")
    load_table(connection, "int_teacher__section_assigned", keys)
    counts = ("ft_teacher", "above_required", "postgraduate", "pe_art", "unknown_qualification")
    load_table(
        connection, "int_section__roster_counted", [{**k, **{f"roster_{c}_count": 4 for c in counts}} for k in keys]
    )
    load_table(
        connection,
        "int_stage_requirement__by_school_year",
        [{"stage": "primary", "school_year": Y, "above_required_min_rank": 3}],
    )
    load_table(
        connection,
        "int_parameter__by_school_year",
        [{"school_year": Y, "parameter_code": "exclude_indoor_sports_from_1_4", "value": 1, "value_text": ""}],
    )
    load_table(connection, "int_school_attribute", [{"school_code": "-", "school_year": "-", "size_band": "-"}])
    load_table(connection, "int_teacher_backbone", [{**NO_KEY, "teacher_key": "-", "is_county_level": True}])
    load_table(connection, "stg_teacher_honours__honour", [{"region_code": "-"}])
    return connection


def _dispersion(con: duckdb.DuckDBPyConnection) -> tuple[object, list[object]]:
    """The coefficient of the facts, and the operands that the indicator reads."""
    run(
        con,
        ("int_section__stock_split", "fct_school_resource_snapshot", "int_balance_eligible", "int_section__measured"),
    )
    run(con, ("int_resource_item__dispersed",))
    run(con, ("int_measure_base__school_resource",))
    facts = read(con, "select cv_value from int_resource_item__dispersed where item_code = 'backbone_teachers'")
    operands = read(
        con, "select backbone_teacher_count as n from int_measure_base__school_resource order by school_code"
    )
    return facts[0]["cv_value"], [o["n"] for o in operands]


def test_without_a_register_the_report_counts_for_fact_and_indicator(con: duckdb.DuckDBPyConnection) -> None:
    assert _dispersion(con) == (0.0, [1, 1])


def test_with_a_register_both_count_its_holders(con: duckdb.DuckDBPyConnection) -> None:
    """2 and 0 of 100 pupils each: the county's ratio is 0.01, both lie 0.01 from it, so the coefficient is 1."""
    load_table(con, "stg_teacher_honours__honour", [{"region_code": R}])
    holder = {"region_code": R, "school_year": Y, "school_code": "a", "stage": "primary"}
    levels = {"x": True, "y": True, "z": False}
    load_table(
        con, "int_teacher_backbone", [{**holder, "teacher_key": k, "is_county_level": v} for k, v in levels.items()]
    )
    cv, operands = _dispersion(con)
    assert (cv, operands) == (pytest.approx(1.0, rel=1e-9), [2, 0])
    kept = read(
        con,
        "select backbone_teacher_count as said, register_backbone_count as held"
        " from fct_school_resource_snapshot order by school_code",
    )
    assert kept == [{"said": 1, "held": 2}, {"said": 1, "held": 0}]


def test_a_school_whose_roster_did_not_come_has_no_figure_in_either(con: duckdb.DuckDBPyConnection) -> None:
    load_table(con, "stg_teacher_honours__honour", [{"region_code": R}])
    con.execute("delete from int_teacher__section_assigned where school_code = 'b'")
    assert _dispersion(con) == (None, [0, None])


Teachers = Callable[[str], list[dict[str, object]]]


@pytest.fixture
def teachers(con: duckdb.DuckDBPyConnection) -> Teachers:
    """Rows of the measures' base for a roster whose columns are given: one teacher in school a, nobody in b."""
    run(con, ("int_section__stock_split", "fct_school_resource_snapshot", "int_measure_base__school_resource"))
    load_seeds(con, ("stage", "qualification_requirement"))
    key = {"region_code": R, "school_year": Y, "school_code": "a", "teacher_key": "t"}
    texts = [
        "sex",
        "certificate_stage",
        "duty",
        "is_specialty_teacher",
        "is_dual_qualified",
        "evaluation_grade",
        "sheet_name",
    ]
    row = {**key, **dict.fromkeys(texts, ""), "submission_id": "s", "row_number": 3, "birth_year": 1980}
    since = dict.fromkeys(("duty_since", "school_since", "hired_since"), "2010-09-01")
    load_table(con, "stg_teacher_roster__teacher", [{**row, **since}])
    con.execute("alter table stg_teacher_roster__teacher alter hired_since type date")
    load_table(
        con,
        "fct_teacher_snapshot_person",
        [
            {
                **key,
                "stage": "primary",
                "main_subject": "语文",
                "post_type": "专任教师",
                "post_group": "teacher",
                "is_full_time_teacher": True,
                "qualification_rank": 3,
                "is_established": True,
            }
        ],
    )
    load_table(
        con,
        "int_condition_parameter",
        [{"school_year": Y, "statistics_date": "2024-09-01", "off_establishment_months": 36}],
    )
    con.execute("alter table int_condition_parameter alter statistics_date type date")

    def counted(columns: str) -> list[dict[str, object]]:
        load_table(con, "stg_ledger__submission", [{"submission_id": "s", "column_map": columns}])
        con.execute("drop table int_school_attribute")
        attribute = {"school_year": Y, "size_band": "-", "is_urban": True, "urban_rural": "镇区", "school_type": "小学"}
        load_table(con, "int_school_attribute", [{"school_code": s, **attribute} for s in "ab"])
        run(con, ("int_measure_base__teacher",))
        return read(
            con,
            "select evaluated_teacher_count as evaluated, professional_teacher_count as professional"
            " from int_measure_base__teacher where school_code = 'a' order by group_code",
        )

    return counted


def test_a_column_that_came_empty_is_a_zero(teachers: Teachers) -> None:
    zero = {"evaluated": 0, "professional": 0}
    assert teachers('{"evaluation_grade": "C", "is_specialty_teacher": "D"}') == [zero, zero]


def test_a_column_that_never_came_is_no_zero(teachers: Teachers) -> None:
    half = {"evaluated": None, "professional": 0}
    assert teachers('{"teacher_key": "A", "is_specialty_teacher": "D", "+evaluation_grade": "E"}') == [half, half]
