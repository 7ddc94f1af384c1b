"""A number that rests on a combined school's common stock tells how the stock came to its sections."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import COUNTY, Home
from warehouse.explain import explain
from warehouse.explain_find import Asked
from warehouse.explain_split import read_splits, split_lines

YEAR = "2024-2025"
WEIGHTS = {"primary": Decimal(1), "junior": Decimal("1.1"), "senior": Decimal("1.32")}


@pytest.fixture
def school() -> duckdb.DuckDBPyConnection:
    """The example of the practice of 2012: 166 primary and 210 junior pupils, a common stock of 23226."""
    con = duckdb.connect()
    con.execute(
        "create table int_section__stock_split (school_code varchar, school_year varchar, stage varchar,"
        " submission_id varchar, sheet_name varchar, row_number integer, is_split boolean,"
        " equipment_value_yuan decimal(18, 2))"
    )
    con.execute(
        "create table stg_school_report__section (submission_id varchar, sheet_name varchar, row_number integer,"
        " student_count integer, equipment_value_yuan decimal(18, 2))"
    )
    con.execute("create table stage (stage varchar, stage_zh varchar, sort_order integer, split_weight decimal(6, 2))")
    con.execute("insert into stage values ('primary', '小学', 2, 1), ('junior', '初中', 3, 1.1)")
    con.execute(
        "create table int_parameter__by_school_year (school_year varchar, parameter_code varchar, value_text varchar)"
    )
    return con


def _report(con: duckdb.DuckDBPyConnection, method: str, primary: tuple[Any, ...], junior: tuple[Any, ...]) -> None:
    """Each section: pupils, reported, counted."""
    con.execute("insert into int_parameter__by_school_year values ('2012-2013', 'split_method', ?)", [method])
    is_split = method == "weights" and None not in (primary[0], junior[0])
    for row, (stage, (students, reported, counted)) in enumerate((("primary", primary), ("junior", junior)), 1):
        con.execute("insert into stg_school_report__section values ('s', 'a', ?, ?, ?)", [row, students, reported])
        con.execute(
            "insert into int_section__stock_split values ('nine', '2012-2013', ?, 's', 'a', ?, ?, ?)",
            [stage, row, is_split, counted],
        )


ROW = {"school_code": "nine", "period_id": "2012-2013", "cells": [{"field": "equipment_value_yuan"}]}


def test_a_stock_divided_by_weights_shows_weights_shares_and_the_whole(school: duckdb.DuckDBPyConnection) -> None:
    _report(school, "weights", (166, 23226, Decimal("9711.63")), (210, None, Decimal("13514.37")))
    (told,) = read_splits(school, [ROW])
    assert (told["method"], told["is_split"], told["agrees"]) == ("weights", True, True)
    assert [(s["stage"], s["student_count"], s["split_weight"]) for s in told["sections"]] == [
        ("primary", 166, Decimal("1.00")),
        ("junior", 210, Decimal("1.10")),
    ]
    # 166 + 210 * 1.1 = 397
    assert [float(s["share"]) for s in told["sections"]] == pytest.approx([166 / 397, 231 / 397])
    text = "\n".join(split_lines([told], 8))
    assert "小学 : 初中 = 1 : 1.1" in text
    assert "填报 23226 分得 9711.63" in text
    assert "不一致" not in text


def test_a_figure_that_the_weights_do_not_give_is_told(school: duckdb.DuckDBPyConnection) -> None:
    _report(school, "weights", (166, 23226, Decimal("9711.60")), (210, None, Decimal("13514.37")))
    (told,) = read_splits(school, [ROW])
    assert told["agrees"] is False
    assert "不一致" in "\n".join(split_lines([told], 8))


@pytest.mark.parametrize(("method", "students", "reason"), [("actual", 166, "按实际"), ("weights", None, "未分摊")])
def test_a_stock_that_is_not_divided_says_why(
    school: duckdb.DuckDBPyConnection, method: str, students: int | None, reason: str
) -> None:
    _report(school, method, (students, 20000, 20000), (210, 3226, 3226))
    (told,) = read_splits(school, [ROW])
    assert (told["is_split"], told["agrees"], told["sections"][0]["share"]) == (False, True, None)
    (line,) = split_lines([told], 8)
    assert reason in line
    assert "小学 : 初中 = 1 : 1.1" in line
    assert "nine" in line


def test_a_figure_of_no_stock_has_no_split(school: duckdb.DuckDBPyConnection) -> None:
    _report(school, "actual", (166, 1, 1), (210, 2, 2))
    assert read_splits(school, [{**ROW, "cells": [{"field": "student_count"}]}]) == []


def _combined(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Schools of two and more sections whose sections all have a weight: stage, pupils, equipment as reported."""
    rows = con.execute(
        "select school_code, stage, student_count, equipment_value_yuan from stg_school_report__section"
        " where school_year = ? and region_code = ? order by school_code, stage",
        [YEAR, COUNTY],
    ).fetchall()
    schools: dict[str, list[tuple[Any, ...]]] = {}
    for code, *section in rows:
        schools.setdefault(code, []).append(tuple(section))
    return {
        code: sections
        for code, sections in schools.items()
        if len(sections) > 1 and all(stage in WEIGHTS for stage, *_ in sections)
    }


def test_combined_schools_of_the_county_are_told(county_home: Home) -> None:
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        combined = _combined(con)
    assert combined
    found = explain(county_home.settings, "res_equipment_value_per_student", Asked(COUNTY, YEAR))
    by_role = {o.role: o for o in found.operands}
    assert set(combined) <= {s["school_code"] for s in by_role["numerator"].splits}
    assert {s["method"] for s in by_role["numerator"].splits} == {"actual"}
    assert by_role["denominator"].splits == []
    assert "各学部按实际填报" in "\n".join(found.lines())


def test_a_year_of_weights_is_explained_from_the_cells_of_all_sections(
    county_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same county, its combined schools' equipment divided here by hand as the method says."""
    import warehouse.explain as module

    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(county_home.build.path.read_bytes())
    with duckdb.connect(copy) as con:
        combined = _combined(con)
        con.execute(
            "update int_parameter__by_school_year set value_text = 'weights'"
            " where parameter_code = 'split_method' and school_year = ?",
            [YEAR],
        )
        for code, sections in combined.items():
            whole = sum(value for *_, value in sections)
            weight = sum(students * WEIGHTS[stage] for stage, students, _ in sections)
            for stage, students, _ in sections:
                own = (whole * students * WEIGHTS[stage] / weight).quantize(Decimal("0.01"), ROUND_HALF_UP)
                con.execute(
                    "update int_section__stock_split set is_split = true, equipment_value_yuan = ?"
                    " where school_code = ? and school_year = ? and stage = ?",
                    [own, code, YEAR, stage],
                )
    monkeypatch.setattr(module, "newest_build", lambda *_: {"path": copy, "build_id": "weighed"})
    code, sections = next(iter(combined.items()))
    stage, students, value = sections[0]
    asked = Asked(f"{code}/{stage}", YEAR, stage)
    operand = explain(county_home.settings, "res_equipment_value_per_student", asked).operands[0]
    (told,) = operand.splits
    assert told["agrees"] is True
    assert {s["stage"] for s in told["sections"]} == {s for s, *_ in sections}
    (mine,) = (s for s in told["sections"] if s["stage"] == stage)
    assert (mine["student_count"], mine["split_weight"]) == (students, WEIGHTS[stage])
    assert mine["stocks"]["equipment_value_yuan"]["reported"] == value
    assert operand.recomputed == pytest.approx(float(mine["stocks"]["equipment_value_yuan"]["counted"]))
    assert operand.recomputed != pytest.approx(float(value))
