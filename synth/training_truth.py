"""The right answers about training and honours."""

from __future__ import annotations

import pandas as pd

from synth.county import County
from synth.institutions.answers import Answers
from synth.people_truth import BOTH, period
from synth.schools import COMPULSORY
from synth.staff import TEACHER
from synth.training import EXCELLENT, PASSED, RESEARCHER

_CYCLE_YEARS, _CYCLE_HOURS = 5, 360
_CITY = "市级"
# indicator, title or titles, level ('' any), scope, clock, years of the window
_HONOURS = (
    ("tch_provincial_master_teachers", ("名优教师",), "省级", BOTH, "school", 1),
    ("tch_municipal_master_teachers", ("名优教师",), "市级", BOTH, "school", 1),
    ("tch_district_master_teachers", ("名优教师",), "区级", BOTH, "school", 1),
    ("tch_municipal_master_principals", ("名校长",), "市级", BOTH, "school", 1),
    ("tch_district_master_principals", ("名校长",), "区级", BOTH, "school", 1),
    ("tch_homeroom_honours", ("骨干班主任", "名班主任"), "", "all", "calendar", 1),
    ("tch_xingjiang_masters", ("兴江教学名师",), "", "all", "calendar", 3),
    ("tch_subject_leaders_recognised", ("学科带头人",), "", "all", "calendar", 3),
    ("tch_backbone_recognised", ("骨干教师",), "", "all", "calendar", 3),
    ("tch_county_commended_teachers", ("优秀教师表彰",), "县级", "all", "calendar", 5),
    ("tch_senior_professor_teachers", ("正高级教师",), "", "all", "calendar", 5),
    ("tch_special_grade_teachers", ("特级教师",), "", "all", "calendar", 5),
    ("tch_municipal_subject_masters", ("学科名师",), "市级", "all", "calendar", 5),
    ("tch_rural_service_certificates", ("乡村从教10年", "乡村从教20年", "乡村从教30年"), "", "all", "calendar", 1),
)
_TIERS = {
    "trn_ordinary_training_visits": "普及培训", "trn_backbone_training_visits": "骨干培训",
    "trn_highend_training_visits": "高端培训",
}  # fmt: skip
_PROGRAMMES = {
    "trn_leading_principals_per_year": "领军校(园)长", "trn_reserve_cadres_per_year": "教育行政管理后备干部",
    "trn_subject_leaders_per_year": "学科带头人", "trn_backbone_per_year": "骨干教师",
}  # fmt: skip
_SESSIONS = {
    "tch_homeroom_training_sessions": "班主任综合素质提升示范班",
    "saf_psych_training_sessions": "心理健康与家庭教育骨干教师培训",
}
_CULTIVATED = {"tch_lead_principals_cultivated": "领军校长", "tch_backbone_principals_cultivated": "骨干校长"}


def tell_training(county: County, answers: Answers) -> None:
    """Answers by school and calendar year about courses and titles."""
    t = county.workforce.training
    t = t.assign(calendar=t["started"].dt.year)
    for year in county.years:
        now = county.staff.loc[(county.staff["year"] == year) & (county.staff["post"] == TEACHER)]
        basic = now.loc[now["stage"].isin(COMPULSORY)]
        _cycles(answers, t, basic, year)
        _of_the_calendar(county, answers, t, now, year)
        _of_the_school_year(county, answers, t, basic, year)
        _honours(county, answers, year)


def _cycles(answers: Answers, t: pd.DataFrame, basic: pd.DataFrame, year: int) -> None:
    recent = t.loc[t["calendar"].between(year - _CYCLE_YEARS + 1, year)]
    hours = recent.groupby("person")["hours"].sum()
    full = int((basic["person"].map(hours).fillna(0) >= _CYCLE_HOURS).sum())
    answers.ratio("tch_training_360h_completion", year, BOTH, full, len(basic), 100)
    outside = set(recent.loc[recent["level"].isin(["市级", "县级"]), "person"])
    answers.ratio(
        "tch_external_training_once_5y", year, BOTH, int(basic["person"].isin(outside).sum()), len(basic), 100
    )


def _of_the_calendar(county: County, answers: Answers, t: pd.DataFrame, now: pd.DataFrame, year: int) -> None:
    held = t.loc[t["calendar"] == year]
    there = int(now["person"].isin(set(held["person"])).sum())
    answers.ratio("trn_all_staff_coverage", year, "all", there, len(now), 100)
    for name, programme in _PROGRAMMES.items():
        who = held.loc[(held["programme"] == programme) & (held["organiser"] == _CITY), "person"]
        answers.tell(name, year, "all", int(who.nunique()))
    # A project year runs from March: courses of January and February belong to the one before.
    project = t.loc[t["started"].dt.year - (t["started"].dt.month < 3) == year]
    both = project.loc[project["programme"].isin(["学科带头人", "骨干教师"]), "person"]
    answers.tell("trn_leader_backbone_trainees", year, "all", int(both.nunique()))
    graded = project.loc[project["result"] != "", "result"]
    passed, excellent = int(graded.isin([PASSED, EXCELLENT]).sum()), int((graded == EXCELLENT).sum())
    answers.ratio("trn_pass_rate", year, "all", passed, len(graded), 100)
    answers.ratio("trn_excellent_rate", year, "all", excellent, len(graded), 100)
    money = county.money
    budget = int(money.loc[(money["year"] == year) & (money["category"] == "教师培训"), "adjusted"].sum()) * 100
    answers.ratio("trn_unit_cost", year, "all", budget, int(project["person"].nunique()))
    for name, programme in _SESSIONS.items():
        courses = held.loc[held["programme"] == programme, ["course", "course_no", "started"]]
        answers.tell(name, year, "all", len(courses.drop_duplicates()))
    window = t.loc[t["calendar"].between(year - 2, year) & (t["completed"] == "是")]
    for name, programme in _CULTIVATED.items():
        answers.tell(name, year, "all", int(window.loc[window["programme"] == programme, "person"].nunique()))
    ethics = now.loc[now["main_subject"] == "道德与法治", "person"]
    taken = set(held.loc[held["programme"] == "思政课教师轮训", "person"])
    answers.ratio(
        "tch_ideology_teacher_rotation_training", year, "all", int(ethics.isin(taken).sum()), len(ethics), 100
    )
    away = held.loc[(held["mode"] == "线下外出") & (held["arranged"] == "否")].groupby("person").size()
    if len(away):
        answers.tell("gua_teacher_outside_training_max", year, "all", int(away.max()))
    hours = held.loc[held["post"] == RESEARCHER].groupby("person")["hours"].sum()
    answers.tell("tch_researcher_training_hours", year, "all", int(hours.min()))


def _of_the_school_year(county: County, answers: Answers, t: pd.DataFrame, basic: pd.DataFrame, year: int) -> None:
    when = period(year)
    mine = t.loc[(t["year"] == year) & t["stage"].isin(COMPULSORY)]
    fit = mine.loc[(mine["programme"] == "信息技术应用能力") & mine["result"].isin([PASSED, EXCELLENT])]
    answers.ratio("qua_ict_teaching_ability", when, BOTH, len(fit), len(basic), 100)
    smart = set(t.loc[t["year"].between(year - 2, year) & (t["programme"] == "智慧教育应用专项培训"), "person"])
    answers.ratio("dig_smart_training_coverage", when, BOTH, int(basic["person"].isin(smart).sum()), len(basic), 100)
    if year - 2 < county.years[0]:
        return  # the rosters of the years before, which say whose stage it was, are not among the files
    three = t.loc[t["year"].between(year - 2, year) & t["stage"].isin(COMPULSORY)]
    for name, tier in _TIERS.items():
        answers.tell(name, when, BOTH, int((three["tier"] == tier).sum()))


def _honours(county: County, answers: Answers, year: int) -> None:
    h = county.honours
    day = h["awarded_on"]
    school_year = day.dt.year - (day.dt.month < 9)
    for name, titles, level, scope, clock, span in _HONOURS:
        when = day.dt.year if clock == "calendar" else school_year
        rows = h.loc[when.between(year - span + 1, year) & h["title"].isin(titles)]
        if level:
            rows = rows.loc[rows["level"] == level]
        if scope == BOTH:
            rows = rows.loc[rows["stage"].isin(COMPULSORY)]
        answers.tell(name, year if clock == "calendar" else period(year), scope, len(rows))
