"""Explain: a number leads to its cells, and the cells give the number again."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from tests.conftest import COUNTY, Home
from warehouse.errors import SchoolhouseError
from warehouse.explain import Explanation, build_of, explain
from warehouse.explain_find import Asked

YEAR = "2024-2025"


def _explain(home: Home, indicator: str, entity: str = COUNTY, period: str = YEAR, **more: str) -> Explanation:
    return explain(home.settings, indicator, Asked(entity, period, **more))


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
        # Of several rows each: roster pupils by section, a cohort with its moves.
        ("equ_migrant_public_share", COUNTY, YEAR),
        ("qua_junior_retention_3y", COUNTY, YEAR),
    ],
)
def test_the_cells_give_the_number_again(county_home: Home, indicator: str, entity: str, period: str) -> None:
    found = _explain(county_home, indicator, entity, period)
    assert found.operands
    for operand in found.operands:
        assert operand.rows
        assert operand.agrees is True
        assert all(r["file_name"] and r["row"] > 0 and r["cells"][0]["column"] for r in operand.rows)
        assert all(len(r["file_sha256"]) == 64 for r in operand.rows)
    assert found.agrees is True


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
    found = _explain(county_home, indicator, period=period)
    (operand,) = found.operands
    assert operand.agrees is True
    assert found.agrees is True
    assert bool(operand.rows) == (found.value["value"] > 0)


@pytest.mark.parametrize(
    ("indicator", "form"),
    [
        ("res_cv_teaching_area", "cv_weighted"),
        ("res_cv_composite", "mean"),
        ("tch_training_360h_completion", "condition_share"),
        ("gua_max_class_size", "extreme"),
        ("gua_small_school_fund_floor", "condition_flag"),
        ("gua_teacher_salary_ratio", "condition_number"),
        ("fin_edu_exp_per_student_growth", "difference"),
        ("saf_incident_yoy", "relative"),
        ("res_school_pass_share", "entity_indicator"),
        ("tch_backbone_recognised", "cycle_sum"),
        ("gua_left_behind_care", "attested"),
    ],
)
def test_a_value_of_each_form_is_made_again(county_home: Home, indicator: str, form: str) -> None:
    """Every form that is published leads to rows, its own or its members', and comes out the same from them."""
    found = explain(county_home.settings, indicator)
    assert found.form["form"] == form
    assert found.agrees is True
    assert found.submissions()


def test_a_target_leads_to_the_value_it_judges(county_home: Home) -> None:
    found = explain(county_home.settings, "TNAT-007")
    assert found.indicator["indicator_code"] == "res_cv_teaching_area"
    assert "TNAT-007" in {t["target_id"] for t in found.targets}


def test_rejected_rows_of_its_files_are_told_with_their_rule(county_home: Home) -> None:
    """Every reject of the contributing files, and none of another."""
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        counts = dict(
            con.execute("select submission_id, count(*) from stg_ledger__reject group by submission_id").fetchall()
        )
    found = _explain(county_home, "exm_excellent_rate")
    expected = {s: n for s, n in counts.items() if s in found.submissions()}
    told: dict[str, int] = {}
    for r in found.rejects:
        told[r["submission_id"]] = told.get(r["submission_id"], 0) + 1
    assert expected
    assert told == expected
    assert all(r["rule"] and r["message_zh"] and "value" not in r for r in found.rejects)


def test_a_changed_figure_would_be_seen(county_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warehouse whose measure does not come from its cells is told so."""
    import warehouse.explain as module

    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(county_home.build.path.read_bytes())
    with duckdb.connect(copy) as con:
        con.execute("update fct_measure set value = value + 1 where term_code = 'student_count'")
        con.execute("update fct_indicator_value set value = value + 1 where indicator_code = 'res_cv_teaching_area'")
    monkeypatch.setattr(module, "newest_build", lambda *_: {"path": copy, "build_id": "tampered"})
    found = _explain(county_home, "res_teaching_area_per_student")
    assert [o.agrees for o in found.operands] == [True, False]
    assert _explain(county_home, "res_cv_teaching_area").agrees is False


def test_every_measure_has_an_origin_whose_columns_exist(county_home: Home) -> None:
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        columns = set(con.execute("select table_name, column_name from information_schema.columns").fetchall())
        bound = set(con.execute("select measure_code, source_fact from measure_binding").fetchall())
        origins = con.execute(
            "select measure_code, source_fact, trace_view, figure, thing, row_condition from measure_origin"
        ).fetchall()
        assert {(m, f) for m, f, *_ in origins} == bound
        for _, _, view, figure, thing, condition in origins:
            if view:
                assert {(view, c) for c in ("submission_id", "sheet_name", "row_number", "entity_id")} <= columns
                con.execute(f"select {figure}, {thing or 'null'} from {view} as b where {condition or 'true'} limit 0")


def test_every_measure_of_a_published_indicator_is_traced(county_home: Home) -> None:
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        lacking = con.execute(
            "select distinct t.measure_code from indicator_requirement as r join term as t using (term_code)"
            " join dim_indicator as i using (indicator_code) left join measure_origin as o"
            " on t.measure_code = o.measure_code and t.source_fact = o.source_fact"
            " where i.zone = 'published' and o.trace_view is null"
        ).fetchall()
    assert lacking == []


def test_an_edition_is_explained_by_its_own_build(county_home: Home, tmp_path: Path) -> None:
    (tmp_path / "attestation").mkdir()
    (tmp_path / "attestation" / "run.json").write_text(f'{{"build_id": "{county_home.build.build_id}"}}')
    build = build_of(tmp_path)
    found = explain(county_home.settings, "res_teaching_area_per_student", build_id=build)
    assert found.build_id == county_home.build.build_id
    with pytest.raises(SchoolhouseError):
        build_of(tmp_path / "attestation")
    with pytest.raises(SchoolhouseError):
        explain(county_home.settings, "res_teaching_area_per_student", build_id="no_such_build")


def test_no_identifier_is_shown(county_home: Home) -> None:
    """Of a person's number the cell is named, never the number nor the key."""
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        keys = {k for (k,) in con.execute("select distinct teacher_key from stg_teacher_roster__teacher").fetchall()}
    for indicator in ("res_above_required_edu_teachers_per100", "tch_training_360h_completion"):
        text = str(explain(county_home.settings, indicator).to_dict())
        assert "'field': 'person'" in text
        assert not keys & set(re.findall(r"[0-9A-Za-z_-]{8,}", text))


def test_what_a_terminal_shows(county_home: Home) -> None:
    lines = list(explain(county_home.settings, "res_teaching_area_per_student").lines())
    text = "\n".join(lines)
    for word in ("公式", "分子", "分母", "一致", "sha256", "目标"):
        assert word in text
    assert "不一致" not in text
    assert len(lines) < 60


@pytest.mark.parametrize(
    ("indicator", "entity"), [("no_such_indicator", COUNTY), ("res_teaching_area_per_student", "2199999999")]
)
def test_what_is_not_there_is_one_clear_line(county_home: Home, indicator: str, entity: str) -> None:
    with pytest.raises(SchoolhouseError) as error:
        _explain(county_home, indicator, entity, "1999-2000")
    assert "\n" not in error.value.line("zh")
    assert error.value.fix_zh
