"""What checks must not ask: changes on record, stages and exams that were nobody's duty, standards that all meet."""

from __future__ import annotations

import pytest

from tests.expectations.faults import MANY, OTHER_SCALE
from tests.expectations.house import EXAM, PRIOR, REGION, YEAR, House, keys

_GONE = f"delete from fct_school_resource_snapshot where school_code = '2199020002' and school_year = '{YEAR}'"
_NEW = f"delete from fct_school_resource_snapshot where school_code = '2199020002' and school_year = '{PRIOR}'"
_EVENT = "insert into bridge_school_succession values ('{region}', 'BG2', '合并', '{year}', {before}, {after})"
_FLAT = f"update pub_indicator_value set value = {{}} where region_code = '{REGION}'"


def _event(before: str, after: str, year: str = YEAR, region: str = REGION) -> str:
    return _EVENT.format(before=before, after=after, year=year, region=region)


@pytest.mark.parametrize(
    ("change", "event", "asked"),
    [
        (_GONE, _event("'2199020002'", "'2199020001'"), False),
        (_GONE, _event("'2199020002'", "null"), False),
        (_NEW, _event("null", "'2199020002'"), False),
        # The wrong direction, the wrong year and another region's event say nothing of the change.
        (_GONE, _event("'2199020001'", "'2199020002'"), True),
        (_NEW, _event("'2199020002'", "'2199020001'"), True),
        (_GONE, _event("'2199020002'", "'2199020001'", year=PRIOR), True),
        (_GONE, _event("'2199020002'", "'2199020001'", region="990202"), True),
    ],
)
def test_a_change_of_schools_on_record_is_not_asked(house: House, change: str, event: str, asked: bool) -> None:
    house.sql(change)
    house.sql(event)
    assert bool(house.gate("school_set_change").findings) is asked


def test_a_stage_that_nobody_reported_last_year_brings_no_new_schools(house: House) -> None:
    kindergarten = f"""
        insert into fct_school_resource_snapshot (school_code, region_code, school_year, stage)
        values ('1199020009', '{REGION}', '{{}}', 'preschool')"""
    house.sql(kindergarten.format(YEAR))
    assert not house.gate("school_set_change").findings
    house.sql("update fct_school_resource_snapshot set stage = 'primary' where school_code = '1199020009'")
    house.forget_gates()
    assert keys(house.gate("school_set_change")) == {("school_set_change", "school", "1199020009")}


@pytest.mark.parametrize(
    ("setting", "asked"),
    [
        # Without any pupil of the grade there is nobody to sit the exam; without its grades the stage decides.
        ("update fct_enrolment_snapshot set student_count = 0 where school_code = '2199020002' and grade = 4", False),
        ("delete from fct_enrolment_snapshot where school_code = '2199020002'", True),
        # An exam for admission is sat by those who chose it; its register names their schools.
        ("update dim_exam set purpose = '升学'", False),
        ("update dim_exam set purpose = null", True),
        (f"insert into fct_exam_registration_person values ('{REGION}', '{YEAR}', '{EXAM}', 4, '2199020002')", True),
        (f"insert into fct_exam_registration_person values ('{REGION}', '{YEAR}', '{EXAM}', 4, '2199020001')", False),
    ],
)
def test_which_schools_an_exam_is_meant_for(house: House, setting: str, asked: bool) -> None:
    house.sql("delete from fct_exam_group_stat where group_code = '2199020002'")
    house.sql(setting)
    found = {("school_missing_in_exam", "school_grade", "2199020002/4")} if asked else set()
    assert keys(house.gate("school_missing_in_exam")) == found


@pytest.mark.parametrize(
    ("values", "setting", "asked"),
    [
        ("7", "", True),
        ("0", "", True),
        ("7", "update fct_target_tracking set status = 'met'", False),
        ("7", "update fct_target_tracking set status = 'not_judged'", True),
        ("100, numerator = 12, denominator = 12", "", False),
        ("0, numerator = 0, denominator = 12", "", True),
        # A county's figure stands in several scopes, and four schools may well agree.
        ("7, entity_type = 'county'", "", False),
        ("7, entity_id = right(entity_id, 1)", "delete from pub_indicator_value where entity_id > '3'", False),
    ],
)
def test_what_flat_means(house: House, values: str, setting: str, asked: bool) -> None:
    house.sql(_FLAT.format(values))
    if setting:
        house.sql(setting)
    assert bool(house.gate("published_flat").findings) is asked


def test_a_school_counts_once_in_however_many_scopes(house: House) -> None:
    house.sql(_FLAT.format("7, entity_id = case when right(entity_id, 1) <= '3' then right(entity_id, 1) else '0' end"))
    assert not house.gate("published_flat").findings


@pytest.mark.parametrize(
    ("setting", "asked"),
    [
        ("", True),
        # The scale is the exam's own: marks and full mark together may change.
        (f"update dim_exam_subject set full_mark = 50 where exam_id = '{EXAM}' and subject = '语文'", False),
        # Another kind of exam is no measure, nor is one that few pupils sat.
        (f"update dim_exam set exam_type = '期中' where exam_id = '{EXAM}'", False),
        (f"delete from fct_exam_score_person where school_year = '{PRIOR}' and student_key like '%-%-%'", False),
    ],
)
def test_what_a_drift_of_scores_is(house: House, setting: str, asked: bool) -> None:
    house.sql(MANY + OTHER_SCALE + setting)
    found = {("score_drift", "exam_subject", f"{EXAM}/4/语文")} if asked else set()
    assert keys(house.gate("score_drift")) == found


def test_an_earlier_event_is_asked_in_the_year_it_took_effect(house: House) -> None:
    # The school before stands in no report of the year before; a school that was reopened may not have.
    house.sql(_event("'2199020066'", "'2199020001'"))
    found = ("succession_without_successor", "succession", "BG2/2199020066")
    assert keys(house.gate("succession_without_successor")) == {found}
    house.sql("update bridge_school_succession set event_type = '复办' where event_no = 'BG2'")
    house.forget_gates()
    assert not house.gate("succession_without_successor").findings
    # No report of that year at all: nobody can be said to be missing from it.
    house.sql(
        "update bridge_school_succession set event_type = '合并', school_year = '2021-2022' where event_no = 'BG2'"
    )
    house.forget_gates()
    assert not house.gate("succession_without_successor").findings


def test_the_total_is_named_with_its_place(house: House) -> None:
    house.sql(
        f"insert into input_total_mismatch values ('school_report-{REGION}', '小学基表', 9, 'I', '1588', '1570.00')"
    )
    [finding] = house.gate("total_row_mismatch").findings
    assert "小学基表 I9" in finding.message_zh
    assert finding.message_zh.endswith("填报 1588，按各行应为 1570")
