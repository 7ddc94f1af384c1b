"""The right answers about teachers: who teaches, with what papers, who changed school, who fills which post."""

from __future__ import annotations

import pandas as pd

from synth.county import County
from synth.institutions.answers import Answers
from synth.people_truth import BOTH, period
from synth.schools import COMPULSORY, JUNIOR, PRESCHOOL, PRIMARY, SENIOR, SPECIAL, VOCATIONAL
from synth.staff import KINDERGARTEN_HEAD, PRINCIPAL, TEACHER, VISITOR
from synth.staff_files import certificates, dual_qualified, evaluations
from synth.teaching import HEALTH, SUBJECT_LESSON, THEME, plan_table

BASELINE = 2023
# The law's least: 高中阶段 for kindergartens, primary and special schools, 专科 for juniors, 本科 above.
_LEAST = {PRESCHOOL: 0, PRIMARY: 0, SPECIAL: 0, JUNIOR: 1, SENIOR: 2, VOCATIONAL: 2}
_ENTITLED = {
    PRIMARY: ("小学教师资格", "初级中学教师资格", "高级中学教师资格"),
    JUNIOR: ("初级中学教师资格", "高级中学教师资格"),
}
_ROTATION_LEVELS = ("县级", "市级", "省级", "国家级")
_ROTATION_TARGETS = (10, 20)


def tell_staff(county: County, answers: Answers) -> None:
    """Answers by school year about teachers, lessons and posts."""
    staff = county.staff.assign(certificate=certificates(county.staff), graded=evaluations(county.staff))
    staff["trade"], staff["dual"] = dual_qualified(county.staff)
    pupils = county.sections.loc[county.sections["stage"].isin(COMPULSORY)].groupby("year")["pupils"].sum()
    arts = {}
    for year in county.years:
        now = staff.loc[staff["year"] == year]
        teachers = now.loc[now["post"] == TEACHER]
        basic = teachers.loc[teachers["stage"].isin(COMPULSORY)]
        when, heads = period(year), int(pupils[year])
        entitled = sum(int(basic.loc[basic["stage"] == s, "certificate"].isin(c).sum()) for s, c in _ENTITLED.items())
        answers.ratio("tch_cert_rate", when, BOTH, entitled, len(basic), 100)
        enough = int((teachers["quality"] >= teachers["stage"].map(_LEAST)).sum())
        answers.ratio("tch_edu_compliance_rate", when, "all", enough, len(teachers), 100)
        judged = basic.loc[basic["graded"] != ""]
        good = int(judged["graded"].isin(["优秀", "良好"]).sum())
        answers.ratio("tch_eval_excellent_share", when, BOTH, good, len(judged), 100)
        answers.ratio("tch_school_backbone_per100", when, BOTH, int(basic["school_backbone"].sum()), heads, 100)
        trade = teachers.loc[teachers["trade"]]
        answers.ratio("tch_dual_qualified_share", when, VOCATIONAL, int(trade["dual"].sum()), len(trade), 100)
        subject = basic["main_subject"]
        answers.ratio("tch_students_per_pe_teacher", when, BOTH, heads, int((subject == "体育").sum()))
        guests = now.loc[(now["post"] == VISITOR) & now["stage"].isin(COMPULSORY), "main_subject"]
        music = ["音乐", "美术"]
        own, visiting = int(subject.isin(music).sum()), int(guests.isin(music).sum())
        answers.ratio("tch_students_per_music_art_teacher", when, BOTH, heads, own + visiting)
        answers.ratio("tch_music_art_fulltime_share", when, BOTH, own, own + visiting, 100)
        arts[year] = own + int((subject == "体育").sum())
        if BASELINE in arts and year >= BASELINE:
            answers.tell("tch_pe_music_art_added", when, BOTH, arts[year] - arts[BASELINE])
        leaders = now.loc[now["duty"].isin([PRINCIPAL, KINDERGARTEN_HEAD])]
        answers.tell("tch_principal_same_school_years", when, "all", int((year - leaders["duty_since"].dt.year).max()))
        answers.tell("tch_principal_age", year, "all", int((year - leaders["born"].dt.year).max()))
        _rotation(county, answers, year)
        _posts(county, answers, year)
        _lessons(county, answers, year)
        intake = county.workforce.intake
        answers.tell("tch_public_normal_students", year, "all", int((intake["year"] == year).sum()))


def _rotation(county: County, answers: Answers, year: int) -> None:
    r = county.workforce.rotation
    r = r.loc[r["year"] == year]
    moved = r.loc[r["rotated"]]
    backbone = int(moved["level"].isin(_ROTATION_LEVELS).sum())
    due = int(r["eligible"].sum())
    answers.ratio("tch_rotation_rate", period(year), BOTH, len(moved), due, 100)
    answers.ratio("tch_rotation_backbone_share", period(year), BOTH, backbone, len(moved), 100)


def _posts(county: County, answers: Answers, year: int) -> None:
    when, w = period(year), county.workforce
    p = w.posts.loc[w.posts["year"] == year]
    one = p.groupby("stage")["standard"].nunique().eq(1).all()
    answers.tell("gua_unified_staffing_std", when, BOTH, bool(one))
    total = int(w.post_totals.loc[w.post_totals["year"] == year, "total"].sum())
    s = county.sections
    everybody = s.loc[(s["year"] == year) & s["stage"].isin(COMPULSORY), "school"]
    kept = int(p["approved"].sum()) <= total and p["school"].nunique() == everybody.nunique()
    answers.tell("gua_staffing_unified_allocation", when, BOTH, kept)
    wanted = w.wanted.loc[w.wanted["year"] == year]
    t = county.staff.loc[(county.staff["year"] == year) & (county.staff["post"] == TEACHER)]
    there = t.groupby(["school", "stage", "main_subject"]).size()
    have = there.reindex(pd.MultiIndex.from_frame(wanted[["school", "stage", "subject"]])).fillna(0).to_numpy()
    short = (wanted["wanted"] - have.astype(int)).clip(lower=0)
    answers.tell("tch_shortage_subject_gap", when, "all", int(short.sum()))


def _lessons(county: County, answers: Answers, year: int) -> None:
    when, w = period(year), county.workforce
    t = w.timetable.loc[w.timetable["year"] == year]
    lessons = t.loc[t["lesson"] == SUBJECT_LESSON]
    halves = int((2 * t.loc[t["lesson"] == THEME, "periods"]).sum())
    answers.ratio("qua_interdisciplinary_share", when, BOTH, halves, 2 * int(lessons["periods"].sum()), 100)
    classes = county.classes
    classes = classes.loc[(classes["year"] == year) & classes["stage"].isin(COMPULSORY)]
    labour = int(lessons.loc[lessons["subject"] == "劳动", "periods"].sum())
    answers.ratio("qua_labour_lessons_week", when, BOTH, labour, len(classes))
    answers.tell("qua_health_lessons", when, BOTH, int(t.loc[t["lesson"] == HEALTH, "term_lessons"].min()))
    due = lessons.merge(plan_table().rename(columns={"periods": "due"}), on=["grade", "subject"])
    answers.tell("qua_curriculum_complete", when, BOTH, bool((due["periods"] >= due["due"]).all()))
    x = w.exercise.loc[w.exercise["year"] == year]
    minutes = x["pe_periods"] * x["pe_minutes"] + (x["break_minutes"] + x["activity_minutes"]) * x["days"]
    answers.ratio("qua_daily_pe_hours", when, BOTH, int(minutes.sum()), 60 * int(x["days"].sum()))
