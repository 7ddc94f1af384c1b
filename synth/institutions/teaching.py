"""Lessons that principals and researchers sat in on, and what inspectors checked in the schools."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, GRADE_ZH, STAGE_ZH, Base, days, school_year, scope
from synth.sheets import write_workbook

RESEARCHER, PRINCIPAL = "教研员", "校长"
_LESSONS = {PRINCIPAL: (24, 46), RESEARCHER: (42, 78)}
_RESEARCHERS = 8
_SUBJECTS = ("语文", "数学", "英语", "体育", "音乐", "美术", "道德与法治", "科学")
# What is checked: cases in scope for each teacher or pupil, and the share checked in the two terms at the start.
_ITEMS = {"听课": ("teachers", 1.0, 0.34), "备课本检查": ("teachers", 1.0, 0.55), "作业本检查": ("pupils", 1.0, 0.2),
          "学生问卷": ("pupils", 1.0, 0.12)}  # fmt: skip
_TERMS = {"上": "秋季学期", "下": "春季学期"}


def _observers(base: Base, year: int) -> pd.DataFrame:
    """Who observes in a school year: teacher (code), person (name), role, school (-1: all schools)."""
    staff = base.county.staff
    now = staff.loc[staff["year"] == year]
    heads = now.loc[now["duty"].isin(["校长", "园长"])]
    heads = heads.drop_duplicates("school")[["code", "name", "school"]]
    heads = heads.set_axis(["teacher", "person", "school"], axis=1).assign(role=PRINCIPAL)
    known = getattr(base.county, "researchers", None)
    if known is not None and {"code", "name"} <= set(known.columns):
        people = known if "year" not in known else known.loc[known["year"] == year]
        people = people.drop_duplicates("code")[["code", "name"]].set_axis(["teacher", "person"], axis=1)
    else:
        codes = [f"YJ{base.region}{k + 1:03d}" for k in range(_RESEARCHERS)]
        people = pd.DataFrame({"teacher": codes, "person": [f"教研员{k + 1}" for k in range(_RESEARCHERS)]})
    return pd.concat([heads, people.assign(role=RESEARCHER, school=-1)], ignore_index=True)


def found(base: Base) -> pd.DataFrame:
    """Lessons observed: year (of the school year), teacher, person, role, day, period, school, code, subject,
    grade, stage,
    present, reached (pupils)."""
    frames = []
    for year in base.years:
        rng, step = base.stream("observations", year), year - base.years[0]
        who = _observers(base, year)
        low, high = (who["role"].map({k: v[i] for k, v in _LESSONS.items()}).to_numpy() for i in range(2))
        lessons = rng.integers(low, high + 1) + 2 * step
        table = who.loc[np.repeat(who.index, lessons)].reset_index(drop=True)
        taught = base.grades.loc[base.grades["year"] == year].reset_index(drop=True)
        own = table["school"].where(table["school"].isin(taught["school"]))
        any_school = pd.Series(taught["school"].unique())
        table = table.loc[own.notna() | (table["role"] == RESEARCHER)].reset_index(drop=True)
        roving = (table["role"] == RESEARCHER).to_numpy()
        table.loc[roving, "school"] = any_school.to_numpy()[rng.integers(0, len(any_school), int(roving.sum()))]
        # One grade of the school, at random.
        first = taught.drop_duplicates("school").assign(at=lambda t: t.index).set_index("school")["at"]
        many = taught.groupby("school").size()
        at = table["school"].map(first) + np.floor(rng.random(len(table)) * table["school"].map(many))
        lesson = taught.loc[at.astype(int)].reset_index(drop=True)
        table[["code", "grade", "stage"]] = lesson[["code", "grade", "stage"]]
        table["subject"] = np.array(_SUBJECTS)[rng.integers(0, len(_SUBJECTS), len(table))]
        table["year"] = year
        # Each observer sits in on the lessons of one day in turn: never two at one time.
        turn = table.groupby("teacher").cumcount()
        start = days(rng, f"{year}-09-08", f"{year}-09-16", len(who)).to_numpy()
        begin = table["teacher"].map(dict(zip(who["teacher"], start, strict=True)))
        table["day"] = begin + pd.to_timedelta((turn // 2) * 6, unit="D")
        table["period"] = 1 + (turn % 2) * 2 + rng.integers(0, 2, len(table))
        size = np.maximum(1, lesson["pupils"] / lesson["classes"]).astype(int)
        table["present"] = np.maximum(1, size - rng.integers(0, 3, len(table)))
        skill = 0.78 + 0.02 * step + np.where(lesson["is_urban"], 0.03, -0.02)
        table["reached"] = rng.binomial(table["present"], np.clip(skill + rng.normal(0, 0.06, len(table)), 0.3, 0.99))
        frames.append(table)
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values(["year", "teacher", "day", "period"], ignore_index=True)


def inspections(base: Base) -> pd.DataFrame:
    """Checks of each school, term and item: year (of the school year), school, code, name, stage, term, item, due,
    done."""
    frames = []
    for year in base.years:
        rng, step = base.stream("inspections", year), year - base.years[0]
        now = base.of(COMPULSORY).query("year == @year")
        now = now.groupby(["year", "school", "code", "name"], as_index=False).agg(
            stage=("stage", "first"), pupils=("pupils", "sum"), teachers=("teachers", "sum")
        )
        for term in _TERMS:
            for item, (of, each, share) in _ITEMS.items():
                due = np.maximum(1, np.rint(now[of] * each)).astype(int)
                part = np.clip(share + 0.08 * step + rng.normal(0, 0.05, len(now)), 0.02, 1.0)
                frames.append(now.assign(term=term, item=item, due=due, done=np.rint(due * part).astype(int)))
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values(["year", "school", "term", "item"], ignore_index=True)


def write(base: Base, home: Path) -> None:
    """听课评课记录表 as a text table, 教学视导检查记录表 with a sheet a term, a file a school year each."""
    lessons, checks = found(base), inspections(base)
    for year in base.years:
        folder = home / school_year(year)
        t = lessons.loc[lessons["year"] == year]
        out = pd.DataFrame(
            {
                "听课人编号": t["teacher"], "听课人": t["person"], "听课人职务": t["role"],
                "听课日期": forms.dates(t["day"]), "节次": t["period"], "学校标识码": t["code"], "学科": t["subject"],
                "年级": t["grade"].map(GRADE_ZH), "到课人数": t["present"], "达标人数": t["reached"],
            }
        )  # fmt: skip
        forms.write_table(folder / "听课评课记录表.csv", out)
        sheets = []
        for term, name in _TERMS.items():
            c = checks.loc[(checks["year"] == year) & (checks["term"] == term)]
            out = pd.DataFrame(
                {
                    "学校标识码": c["code"], "学校名称": c["name"], "学段": c["stage"].map(STAGE_ZH), "学期": name,
                    "检查项目": c["item"], "应查数": c["due"], "实查数": c["done"],
                }
            )  # fmt: skip
            form = forms.Form(
                f"{school_year(year)}学年{name}教学视导检查记录表", sums=("应查数", "实查数"), signed=True
            )
            sheets.append(forms.sheet(out, form, name))
        write_workbook(folder / "教学视导检查记录表.xlsx", sheets)


def tell(base: Base, answers: Answers) -> None:
    """Pupils who reached the lesson's goal, and what was checked of what was due."""
    lessons, checks = found(base), inspections(base)
    both = scope(COMPULSORY)
    for year in base.years:
        period = school_year(year)
        ours = lessons.loc[(lessons["year"] == year) & lessons["stage"].isin(COMPULSORY)]
        present, reached = int(ours["present"].sum()), int(ours["reached"].sum())
        answers.tell("lesson_student_present_count", period, both, present)
        answers.tell("lesson_goal_reached_count", period, both, reached)
        answers.ratio("exm_lesson_goal_attainment", period, both, reached, present, 100)
        # The fewest of those who are in the log.
        log = lessons.loc[lessons["year"] == year]
        for indicator, role in (
            ("tch_principal_lessons_observed", PRINCIPAL),
            ("tch_researcher_lessons_observed", RESEARCHER),
        ):
            answers.tell(indicator, period, "all", int(log.loc[log["role"] == role, "teacher"].value_counts().min()))
        for indicator, item in (
            ("gua_inspect_lesson", "听课"),
            ("gua_inspect_homework", "作业本检查"),
            ("gua_inspect_plan", "备课本检查"),
            ("gua_inspect_questionnaire", "学生问卷"),
        ):
            c = checks.loc[(checks["year"] == year) & (checks["item"] == item)]
            answers.tell("inspection_done_count", period, both, int(c["done"].sum()), f"inspection_item={item}")
            answers.tell("inspection_scope_count", period, both, int(c["due"].sum()), f"inspection_item={item}")
            answers.ratio(indicator, period, both, int(c["done"].sum()), int(c["due"].sum()), 100)
