"""Use of the teaching platforms month by month, and the catalogue of key points with their micro-lessons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import (
    COMPULSORY,
    GRADE_ZH,
    JUNIOR,
    SENIOR,
    STAGE_ZH,
    Base,
    school_year,
    scope,
)
from synth.staff import TEACHER

NATIONAL, SPACE = "国家中小学智慧教育平台", "市教育云网络学习空间"
# Months of the school year with lessons; November, with its weeks of open lessons, is the busiest everywhere.
_SEASON = {9: 0.86, 10: 0.93, 11: 1.0, 12: 0.9, 1: 0.62, 3: 0.8, 4: 0.85, 5: 0.87, 6: 0.7}
_PEAK = 11
_GENERAL = (*COMPULSORY, SENIOR)
_SUBJECTS = {
    JUNIOR: {"语文": 42, "数学": 48, "英语": 40, "物理": 36, "化学": 28, "道德与法治": 24, "历史": 24},
    SENIOR: {"语文": 38, "数学": 52, "英语": 40, "物理": 44, "化学": 40, "生物": 36, "地理": 30},
}
_GRADES = {JUNIOR: (7, 8, 9), SENIOR: (10, 11, 12)}


def _busy(base: Base) -> pd.DataFrame:
    """Active teachers and pupils of each school at its busiest, and teachers with a space, per school year."""
    rng, table = base.stream("platforms"), base.by_year.copy()
    skill = pd.Series(rng.normal(0, 0.06, len(base.schools)), index=base.schools["school"])
    lift = table["school"].map(skill) + np.where(table["is_urban"], 0.08, 0.0) + 0.09 * table["step"]
    table["teachers_active"] = np.floor(table["teachers"] * np.clip(0.55 + lift, 0.1, 0.99)).astype(int)
    table["pupils_active"] = np.floor(table["pupils"] * np.clip(0.38 + lift, 0.05, 0.97)).astype(int)
    table["space"] = np.floor(table["teachers"] * np.clip(0.62 + 1.2 * lift, 0.1, 1.0)).astype(int)
    return table


def found(base: Base) -> pd.DataFrame:
    """Use a school, month and platform: year (of the school year), calendar, month, school, code, stage, platform,
    teachers, pupils, space (NaN where the platform does not count them)."""
    busy = _busy(base)
    peaks = busy[["year", "school", "teachers_active", "pupils_active"]]
    ahead = peaks.assign(year=peaks["year"] - 1).rename(
        columns={"teachers_active": "teachers_next", "pupils_active": "pupils_next"}
    )
    busy = busy.merge(ahead, on=["year", "school"], how="left")
    # Who is gone by the next autumn has stopped by the spring.
    leaves = busy["teachers_next"].isna() & (busy["year"] < base.years[-1])
    rng = base.stream("platform months")
    parts = []
    for month, share in _SEASON.items():
        part = busy.loc[~leaves] if month < 9 else busy
        part = part.assign(month=month, calendar=part["year"] + (month < 9))
        wobble = 1.0 if month == _PEAK else np.clip(rng.normal(share, 0.03, len(part)), 0.3, 0.97)
        for column in ("teachers", "pupils"):
            top = part[f"{column}_active"]
            # A calendar year is busiest in its November: its spring stays below.
            top = np.minimum(top, part[f"{column}_next"].fillna(np.inf)) if month < 9 else top
            part[column] = np.floor(top * wobble)
        order = list(_SEASON).index(month)
        spaces = np.floor(part["space"] * (0.955 + 0.005 * order)).astype(float)
        national = part.assign(platform=NATIONAL, space=np.nan)
        own = part.assign(platform=SPACE, teachers=np.nan, pupils=np.nan, space=spaces)
        parts += [national, own.loc[own["stage"].isin(_GENERAL)]]
    table = pd.concat(parts, ignore_index=True)
    columns = [
        "year",
        "calendar",
        "month",
        "school",
        "code",
        "name",
        "stage",
        "platform",
        "teachers",
        "pupils",
        "space",
    ]
    return table[columns].sort_values(["year", "calendar", "month", "school", "platform"], ignore_index=True)


def key_points(base: Base) -> pd.DataFrame:
    """Key points of each calendar year: calendar, code, title, stage, grade, subject, lesson ('' where none is
    made)."""
    rng = base.stream("key points")
    parts = []
    for stage, subjects in _SUBJECTS.items():
        for subject, count in subjects.items():
            parts.append(pd.DataFrame({"stage": stage, "subject": subject, "number": np.arange(1, count + 1)}))
    points = pd.concat(parts, ignore_index=True)
    points["title"] = points["subject"] + "重点" + points["number"].astype(str)
    points["code"] = "Z" + (10001 + points.index).astype(str)
    points["grade"] = [_GRADES[s][k % 3] for s, k in zip(points["stage"], points["number"], strict=True)]
    draw = rng.random(len(points)) + np.where(points["stage"] == SENIOR, 0.08, 0.0)
    frames = []
    for step, year in enumerate(base.years):
        made = draw < 0.35 + 0.2 * step
        lesson = np.where(made, "WK" + points["code"].str[1:], "")
        frames.append(points.assign(calendar=year, lesson=lesson))
    return pd.concat(frames, ignore_index=True)


def write(base: Base, home: Path) -> None:
    """平台使用情况表 a school year, 学科重点知识点微课目录 a calendar year (every second one as a workbook)."""
    table, points = found(base), key_points(base)
    for year in base.years:
        t = table.loc[table["year"] == year]
        out = pd.DataFrame(
            {
                "学校标识码": t["code"], "学段": t["stage"].map(STAGE_ZH), "平台名称": t["platform"],
                "统计月份": t["calendar"].astype(str) + "-" + t["month"].astype(str).str.zfill(2),
                "活跃教师数": t["teachers"].astype("Int64"), "活跃学生数": t["pupils"].astype("Int64"),
                "开通网络学习空间教师数": t["space"].astype("Int64"),
            }
        )  # fmt: skip
        forms.write_table(home / school_year(year) / "教育平台使用情况表.csv", out)
        p = points.loc[points["calendar"] == year]
        catalogue = pd.DataFrame(
            {
                "年度": year, "知识点编号": p["code"], "知识点名称": p["title"], "学段": p["stage"].map(STAGE_ZH),
                "年级": p["grade"].map(GRADE_ZH), "学科": p["subject"], "微视频编号": p["lesson"],
            }
        )  # fmt: skip
        folder = home / f"{year}年财政"
        if year % 2:
            forms.write_gb(folder / "学科重点知识点微课目录.csv", catalogue)
            continue
        form = forms.Form(f"{year}年学科重点知识点微课目录", date=f"填报日期:{year}年12月20日", signed=True)
        forms.write_form(folder / "学科重点知识点微课目录.xlsx", catalogue, form)


def tell(base: Base, answers: Answers) -> None:
    """The busiest month of the calendar year, spaces at its end, key points that have a lesson."""
    table, points = found(base), key_points(base)
    sections, general = base.sections, scope(_GENERAL)
    for year in base.years:
        now = table.loc[(table["calendar"] == year) & (table["platform"] == NATIONAL)]
        peak = now.groupby("school")[["teachers", "pupils"]].max().sum()
        snapshot = sections.loc[sections["year"] == year]
        answers.tell("platform_active_teacher_count", year, "all", int(peak["teachers"]))
        answers.tell("platform_active_student_count", year, "all", int(peak["pupils"]))
        # Teachers are those of the roster: one who was left off it is nobody's.
        listed = base.county.staff.loc[(base.county.staff["year"] == year) & (base.county.staff["post"] == TEACHER)]
        teachers, pupils = len(listed), int(snapshot["pupils"].sum())
        answers.ratio("dig_teacher_app_coverage", year, "all", int(peak["teachers"]), teachers, 100)
        answers.ratio("dig_student_app_coverage", year, "all", int(peak["pupils"]), pupils, 100)
        december = table.loc[(table["calendar"] == year) & (table["month"] == 12) & (table["platform"] == SPACE)]
        spaces = int(december["space"].sum())
        answers.tell("learning_space_teacher_count", year, general, spaces)
        teachers = int(listed["stage"].isin(_GENERAL).sum())
        answers.ratio("dig_learning_space_rate", year, general, spaces, teachers, 100)
        p = points.loc[points["calendar"] == year]
        made = int((p["lesson"] != "").sum())
        answers.tell("key_point_count", year, scope((JUNIOR, SENIOR)), len(p), "stage in (junior|senior)")
        answers.ratio("dig_online_course_coverage", year, scope((JUNIOR, SENIOR)), made, len(p), 100)
