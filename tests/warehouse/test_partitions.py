"""What one year sends anew changes the rows of that year and of no other: models run again on a built county, with one
year's input changed.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.conftest import Home
from tests.warehouse.rendered import references, render

YEAR = "2023-2024"
# What is sent anew, how it differs, the models between, and the fact that others read.
RUNS = {
    "exam groups": (
        "stg_exam_scores__score",
        "school_year <> '{year}' or row_number % 7 <> 0",
        ("int_exam_class__summed", "int_exam_school__summed", "int_exam_school__located"),
        "fct_exam_group_stat",
    ),
    "early warnings": (
        "stg_exam_scores__score",
        "school_year <> '{year}' or row_number % 7 <> 0",
        (
            "int_exam_class__summed",
            "int_exam_school__summed",
            "int_exam_school__located",
            "fct_exam_group_stat",
            "int_exam_group__placed",
            "int_exam_group__compared",
        ),
        "fct_early_warning",
    ),
    "teachers' results": (
        "stg_teacher_assignments__assignment",
        "school_year <> '{year}' or grade <> 5",
        ("int_teacher_test",),
        "fct_teacher_exam_result_person",
    ),
    "resources": (
        "stg_school_report__section",
        "school_year <> '{year}' or stage = 'primary'",
        ("int_section__stock_split",),
        "fct_school_resource_snapshot",
    ),
    "enrolment": (
        "stg_school_enrolment__grade",
        "school_year <> '{year}' or grade > 3",
        (),
        "fct_enrolment_snapshot",
    ),
    "classes": ("stg_class_sizes__class", "school_year <> '{year}' or grade > 3", (), "fct_class_size_snapshot"),
    "teachers": (
        "stg_teacher_roster__teacher",
        "school_year <> '{year}' or row_number % 5 <> 0",
        ("int_teacher__section_assigned",),
        "fct_teacher_snapshot_person",
    ),
}


@pytest.fixture
def con(county_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory beside the build, which stays as it is. Views of the build name it `warehouse`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{county_home.build.path}' as warehouse (read_only)")
        yield connection


def _hashes(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, tuple[int, int]]:
    """Rows and content of each school year, whatever the order of the rows."""
    rows = con.execute(
        f"select school_year, count(*), bit_xor(hash(to_json(t))) from {relation} as t group by school_year"
    ).fetchall()
    return {str(year): (int(n), int(content)) for year, n, content in rows}


@pytest.mark.parametrize("name", RUNS)
def test_another_year_s_rows_are_left_alone(con: duckdb.DuckDBPyConnection, name: str) -> None:
    source, kept, between, fact = RUNS[name]
    con.execute(f"create table {source} as select * from warehouse.{source} where {kept.format(year=YEAR)}")
    made = {source}
    for model in (*between, fact):
        for parent in references(model) - made:
            con.execute(f"create view if not exists {parent} as select * from warehouse.{parent}")
        con.execute(f"create table {model} as {render(model)}")
        made.add(model)
    before, after = _hashes(con, f"warehouse.{fact}"), _hashes(con, fact)
    assert len(before) > 2
    assert after.get(YEAR) != before[YEAR], "the year that came anew differs, or the test proves nothing"
    assert {y: h for y, h in after.items() if y != YEAR} == {y: h for y, h in before.items() if y != YEAR}
