"""Every foreign key of a fact is declared, leads to a column that exists, and has bounds that are held."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import jinja2
import pytest

from tests.warehouse.rendered import DBT, load_table, read
from warehouse.star import Link, read_tables

# What a column of this name points to, wherever it stands in a fact.
FOREIGN_KEYS = {
    "region_code", "peer_region_code", "origin_region_code", "township_code",
    "school_year", "entry_school_year", "report_school_year", "entry_year", "exit_year", "fiscal_year", "calendar_year",
    "school_key", "section_key", "school_code", "senior_school_code", "to_school_code", "predecessor_code",
    "successor_code", "rebased_school_code", "counterpart_code", "class_key", "stage", "grade", "subject",
    "main_subject",
    "exam_id", "entry_exam_id", "exit_exam_id", "student_key", "teacher_key", "submission_id",
    "indicator_code", "measure_code", "target_id", "document_code", "rule_id", "project_key", "unit_code", "survey",
    "respondent_group", "room_type", "score_status", "fund_source_code", "function_code", "economic_code",
}  # fmt: skip
# Columns of such a name that no dimension can answer for, and why.
UNLINKED = {
    ("bridge_budget_mention", "region_code"): "a region of a plan, which need not be one that sends files",
    ("fct_budget_line", "region_code"): "a region of a plan, which need not be one that sends files",
    ("fct_quota", "region_code"): "a region of a plan, which need not be one that sends files",
    ("fct_peer_exam_result", "peer_region_code"): "other counties send nothing here",
    ("fct_peer_gaokao", "peer_region_code"): "other counties send nothing here",
    ("fct_student_snapshot_person", "origin_region_code"): "where a pupil is registered may be anywhere in the country",
    ("fct_student_status_event_person", "counterpart_code"): "the school at the other end may be in another county",
    ("fct_researcher_link_person", "teacher_key"): "researchers teach at no school and are on no roster",
    ("fct_dq_result", "stage"): "the stage of the gate at which a check looks, not one of schooling",
    ("fct_target_tracking", "unit_code"): "the unit of a figure, not a unit of the budget",
    ("fct_target_tracking_person", "unit_code"): "the unit of a figure, not a unit of the budget",
    ("fct_rule_operand", "subject"): "what an operand was counted by, which may be a questionnaire or a check",
    ("fct_rule_result_operand", "subject"): "what an operand was counted by, which may be a questionnaire or a check",
    ("fct_recognition", "subject"): "most recognitions have none; those that do are named as the register writes it",
}


def _links() -> list[Link]:
    return [link for table in read_tables().values() for link in table.links]


def test_every_foreign_key_of_a_fact_is_linked_or_has_its_reason() -> None:
    missing = []
    for table in read_tables().values():
        if table.is_fact:
            linked = {link.column for link in table.links}
            keys = {c.name for c in table.columns} & FOREIGN_KEYS
            missing += [(table.name, c) for c in sorted(keys - linked) if (table.name, c) not in UNLINKED]
    assert not missing


def test_a_reason_stands_only_where_there_is_no_link() -> None:
    linked = {(link.fact, link.column) for link in _links()}
    columns = {(t.name, c.name) for t in read_tables().values() for c in t.columns}
    assert not linked & UNLINKED.keys()
    assert not UNLINKED.keys() - columns


# Days that are to come as long as a gap, a project, a milestone or an honour is open: none may be there yet.
TO_COME = {"closed_on", "started_on", "completed_on", "actual_on", "valid_until"}


def test_links_lead_to_columns_that_exist_and_bounds_that_can_be_passed() -> None:
    tables = read_tables()
    assert len(_links()) > 450
    for link in _links():
        assert link.column in {c.name for c in tables[link.fact].columns}, link
        assert 0 <= link.nulls < 1 or (link.nulls == 1 and link.column in TO_COME), link
        assert 0 <= link.unlisted < 1, link
        if link.to in tables:
            field = re.sub(r"cast\((\w+) as varchar\)", r"\1", link.field)
            assert field in {c.name for c in tables[link.to].columns}, link
        else:
            assert next((DBT / "seeds").rglob(f"{link.to}.csv")), link


FACT = [
    {"region_code": "r", "school": "a"},
    {"region_code": "r", "school": "a"},
    {"region_code": "r", "school": "b"},
    {"region_code": "s", "school": "c"},
    {"region_code": "s", "school": "_all"},
    {"region_code": "s", "school": None},
]
DIMENSION = [{"region_code": "r", "code": "a"}, {"region_code": "r", "code": "z"}]


@pytest.mark.parametrize(
    ("more", "nulls", "unlisted"),
    [
        ({}, 1, 3),
        ({"none": "_all"}, 1, 2),
        ({"none": "_all", "by_region": True}, 1, 1),
    ],
)
def test_rows_without_a_key_and_with_a_key_nobody_knows_are_counted_apart(
    more: dict[str, Any], nulls: int, unlisted: int
) -> None:
    con = duckdb.connect()
    load_table(con, "fact", FACT)
    load_table(con, "dimension", DIMENSION)
    link = {"column": "school", "to": "dimension", "field": "code", **more}
    assert _broken(con, link) == [(nulls, unlisted)]
    just = {"nulls": nulls / 6 + 1e-9, "unlisted": unlisted / 6 + 1e-9}
    assert _broken(con, {**link, **just}) == []
    assert _broken(con, {**link, **just, "nulls": nulls / 6 - 1e-3}) == [(nulls, unlisted)]
    assert _broken(con, {**link, **just, "unlisted": unlisted / 6 - 1e-3}) == [(nulls, unlisted)]


def test_shares_are_of_the_rows_that_a_link_is_about() -> None:
    """Of the three rows of region s none is listed, and one has no key; those of r are none of the link's business."""
    con = duckdb.connect()
    load_table(con, "fact", FACT)
    load_table(con, "dimension", DIMENSION)
    link = {"column": "school", "to": "dimension", "field": "code", "where": "facts.region_code = 's'"}
    assert _broken(con, link) == [(1, 2)]
    assert _broken(con, {**link, "nulls": 0.34, "unlisted": 0.67}) == []
    assert _broken(con, {**link, "nulls": 0.33, "unlisted": 0.67}) == [(1, 2)]
    assert _broken(con, {**link, "where": "facts.region_code = 'nowhere'"}) == []


def test_who_left_before_the_first_roll_is_on_none() -> None:
    """Region r has a roll from 2024 on, s from 2022: of the pupils who left in 2024 only those of s are asked."""
    con = duckdb.connect()
    con.execute("create table dimension (code varchar, region_code varchar, first_school_year varchar)")
    con.execute(
        "insert into dimension values ('a', 'r', '2024-2025'), ('b', 's', '2022-2023'), ('c', 's', '2024-2025')"
    )
    con.execute("create table fact (region_code varchar, school varchar, year integer)")
    con.execute("insert into fact values ('r', 'x', 2024), ('r', 'y', 2025), ('s', 'z', 2024), ('s', 'b', 2024)")
    link = {"column": "school", "to": "dimension", "field": "code", "by_region": True}
    assert _broken(con, link) == [(0, 3)]
    assert _broken(con, link | {"since": "first_school_year", "year": "year"}) == [(0, 2)]


@pytest.mark.parametrize(("rows", "bound", "broken"), [(99, 0.9, False), (100, 0.9, True), (99, 0.89, True)])
def test_few_rows_may_all_lack_what_nearly_all_may_lack(rows: int, bound: float, broken: bool) -> None:
    con = duckdb.connect()
    con.execute(f"create table fact as select 'r' as region_code, null::varchar as school from range({rows})")
    load_table(con, "dimension", DIMENSION)
    found = _broken(con, {"column": "school", "to": "dimension", "field": "code", "nulls": bound})
    assert found == ([(rows, 0)] if broken else [])


def test_an_empty_fact_breaks_nothing() -> None:
    con = duckdb.connect()
    con.execute("create table fact (region_code varchar, school varchar)")
    load_table(con, "dimension", DIMENSION)
    assert _broken(con, {"column": "school", "to": "dimension", "field": "code"}) == []


def _broken(con: duckdb.DuckDBPyConnection, link: dict[str, Any]) -> list[tuple[object, object]]:
    text = (DBT / "macros" / "tests" / "well_linked.sql").read_text(encoding="utf-8")
    text = text.replace("{% test ", "{% macro test_").replace("{% endtest %}", "{% endmacro %}")
    template = jinja2.Environment().from_string(text + "{{ test_well_linked('fact', links) }}")  # noqa: S701
    return [(r["null_rows"], r["unlisted_rows"]) for r in read(con, template.render(links=[link]))]
