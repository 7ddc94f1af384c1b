"""Explain: a number leads to its cells, and the cells give the number again."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import duckdb
import pytest

from tests.conftest import COUNTY, Home
from warehouse.errors import SchoolhouseError
from warehouse.explain import explain

YEAR = "2024-2025"


def _cell_of_file(folder: Path, file: str, row: int, column: str) -> str:
    """The cell of a csv as the office sees it, read by nothing of the house."""
    text = (folder / file).read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            rows = list(csv.reader(io.StringIO(text.decode(encoding))))
            return rows[row - 1][ord(column) - ord("A")]
        except UnicodeDecodeError:
            continue
    raise AssertionError(file)


@pytest.mark.parametrize(
    ("indicator", "entity", "period"),
    [
        ("res_teaching_area_per_student", COUNTY, YEAR),
        ("res_sports_area_per_student", COUNTY, YEAR),
        ("res_equipment_value_per_student", "2199201001", YEAR),
        ("res_above_required_edu_teachers_per100", COUNTY, "2023-2024"),
        ("res_pe_art_teachers_per100", COUNTY, YEAR),
        ("res_backbone_teachers_per100", COUNTY, YEAR),
        ("exm_excellent_rate", COUNTY, YEAR),
        ("exm_low_score_rate", COUNTY, YEAR),
        ("fin_teacher_training_fund", COUNTY, "2024"),
        # Of each family of sources: forms of schools, classes, rosters, registers, events, surveys, people, money.
        ("dig_digital_classroom_coverage", COUNTY, "2024"),
        ("gua_music_rooms_per12", COUNTY, YEAR),
        ("equ_nearby_enrolment_rate", COUNTY, YEAR),
        ("qua_daily_pe_hours", COUNTY, YEAR),
        ("qua_labour_lessons_week", COUNTY, YEAR),
        ("qua_fitness_pass_rate", COUNTY, YEAR),
        ("gua_inspect_lesson", COUNTY, YEAR),
        ("tch_cert_rate", COUNTY, YEAR),
        ("tch_rotation_rate", COUNTY, YEAR),
        ("trn_pass_rate", COUNTY, "2023"),
        ("sat_social_recognition", COUNTY, "2024"),
        ("enr_preschool_gross_rate", COUNTY, YEAR),
        ("enr_inclusive_kindergarten_cov", COUNTY, YEAR),
        ("res_gap_closed_rate", COUNTY, "2024"),
        ("fin_training_share_public_fund", COUNTY, "2024"),
        ("dig_online_course_coverage", COUNTY, "2024"),
    ],
)
def test_the_cells_give_the_number_again(county_home: Home, indicator: str, entity: str, period: str) -> None:
    found = explain(county_home.settings, indicator, entity, period)
    assert found.operands
    for operand in found.operands:
        assert operand.cells
        assert operand.agrees is True
        assert all(c["file"] and c["row"] > 0 and c["values"][0]["column"] for c in operand.cells)
    if len(found.operands) == 2:
        numerator, denominator = (float(o.recomputed) for o in found.operands)
        assert found.value["value"] == pytest.approx(
            numerator / denominator * float(found.indicator["scale"]), rel=1e-9
        )


@pytest.mark.parametrize(
    ("indicator", "period"),
    [
        ("tch_research_projects", YEAR),
        ("qua_provincial_pe_schools", YEAR),
        ("tch_provincial_master_teachers", YEAR),
        ("trn_studio_count", "2024"),
        ("gua_dropout_count", YEAR),
        ("saf_food_safety_incidents", "2024"),
        ("res_school_building_projects", YEAR),
        ("tch_public_normal_students", "2024"),
        ("tch_county_commended_teachers", "2024"),
        ("trn_ordinary_training_visits", YEAR),
        ("exm_gaokao_undergrad_count", "2024"),
        ("tch_micro_topics", YEAR),
    ],
)
def test_a_count_is_that_of_its_rows(county_home: Home, indicator: str, period: str) -> None:
    """A total counts rows of a register: each is named by its file, and their number is the value."""
    found = explain(county_home.settings, indicator, COUNTY, period)
    (operand,) = found.operands
    assert operand.agrees is True
    assert float(operand.recomputed) * float(found.indicator["scale"]) == pytest.approx(found.value["value"])
    assert bool(operand.cells) == (found.value["value"] > 0)


def test_the_named_cells_hold_the_named_values(county_home: Home, county_files: Path) -> None:
    found = explain(county_home.settings, "res_above_required_edu_teachers_per100", "2199201001", YEAR)
    for cell in found.operands[0].cells[:20]:
        value = cell["values"][0]
        assert _cell_of_file(county_files, cell["file"], cell["row"], value["column"]) == value["value"]


def test_a_changed_figure_would_be_seen(county_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warehouse whose measure does not come from its cells is told so."""
    import warehouse.explain as module

    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(county_home.build.path.read_bytes())
    with duckdb.connect(copy) as con:
        con.execute("update fct_measure set value = value + 1 where term_code = 'student_count'")
    monkeypatch.setattr(module, "newest_build", lambda *_: {"path": copy, "build_id": "tampered"})
    found = explain(county_home.settings, "res_teaching_area_per_student", COUNTY, YEAR)
    assert [o.agrees for o in found.operands] == [True, False]


def test_every_origin_names_columns_that_exist(county_home: Home) -> None:
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        columns = set(con.execute("select table_name, column_name from information_schema.columns").fetchall())
        origins = con.execute("select trace_view, counts, fields from measure_origin").fetchall()
    assert origins
    for view, counts, fields in origins:
        for field in [*([counts] if counts else []), *(re.split("[:@]", f)[0] for f in fields.split(";"))]:
            assert (view, field) in columns


def test_no_identifier_is_shown(county_home: Home) -> None:
    found = explain(county_home.settings, "res_above_required_edu_teachers_per100", COUNTY, YEAR)
    assert "teacher_key" not in str(found.to_dict())


@pytest.mark.parametrize(
    ("indicator", "entity"), [("no_such_indicator", COUNTY), ("res_teaching_area_per_student", "2199999999")]
)
def test_what_is_not_there_is_one_clear_line(county_home: Home, indicator: str, entity: str) -> None:
    with pytest.raises(SchoolhouseError) as error:
        explain(county_home.settings, indicator, entity, "1999-2000")
    assert "\n" not in error.value.line("zh")
    assert error.value.fix_zh
