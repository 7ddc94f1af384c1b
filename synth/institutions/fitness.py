"""Fitness tests by grade and sex, and the skills that pupils are assessed in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, GRADE_ZH, Base, days, school_year, scope

# Rounds of a school year: first and last day; the third is an extra one of some schools in the second term.
_ROUNDS = ((1, "{0}-10-08", "{0}-11-20"), (2, "{1}-03-10", "{1}-05-15"), (3, "{1}-05-20", "{1}-06-20"))
_EXTRA = 0.3
# Skills: what a pupil has on average at the start, and how much more each year.
_SKILLS = {"运动技能": (1.55, 0.14), "艺术技能": (1.12, 0.16), "生活技能": (2.7, 0.25)}


def found(base: Base) -> pd.DataFrame:
    """Tests: year, school, code, name, grade, stage, sex, round_no, day, tested, passed, good, excellent: each counts
    the better ones too."""
    g = base.grades
    rng = base.stream("fitness")
    fit = dict(zip(base.schools["school"], rng.normal(0, 0.02, len(base.schools)), strict=True))
    frames = []
    for year in base.years:
        rng = base.stream("fitness", year)
        now = g.loc[g["year"] == year].reset_index(drop=True)
        schools = now[["school"]].drop_duplicates()
        more = set(schools.loc[rng.random(len(schools)) < _EXTRA, "school"])
        for round_no, first, last in _ROUNDS:
            part = now if round_no < 3 else now.loc[now["school"].isin(more)]
            held = days(rng, first.format(year, year + 1), last.format(year, year + 1), len(schools))
            on = dict(zip(schools["school"], held, strict=True))
            for sex, heads in (("男", part["pupils"] - part["female"]), ("女", part["female"])):
                part_sex = part.assign(sex=sex, round_no=round_no, day=part["school"].map(on), heads=heads)
                frames.append(_test(rng, part_sex, part["school"].map(fit)))
    table = pd.concat(frames, ignore_index=True)
    table = table.loc[table["tested"] > 0]
    return table.sort_values(["year", "school", "grade", "sex", "round_no"], ignore_index=True)


def _test(rng: np.random.Generator, part: pd.DataFrame, fit: pd.Series) -> pd.DataFrame:
    tested = rng.binomial(part["heads"].to_numpy(), 0.965)
    lift = fit.to_numpy() + 0.012 * part["step"].to_numpy() - 0.004 * part["grade"].to_numpy()
    lift = lift + np.where(part["sex"] == "女", 0.008, 0.0) + 0.006 * (part["round_no"].to_numpy() - 1)
    passed = rng.binomial(tested, np.clip(0.925 + lift, 0.5, 0.995))
    good = rng.binomial(passed, np.clip(0.42 + 2 * lift, 0.1, 0.95))
    excellent = rng.binomial(good, 0.16)
    return part.assign(tested=tested, passed=passed, good=good, excellent=excellent)


def skills(base: Base) -> pd.DataFrame:
    """Assessments: year, school, code, name, grade, stage, skill, assessed (pupils), mastered (skills of them all)."""
    rng, g = base.stream("skills"), base.grades.loc[base.grades["stage"].isin(COMPULSORY)]
    frames = []
    for skill, (start, growth) in _SKILLS.items():
        assessed = rng.binomial(g["pupils"].to_numpy(), 0.97)
        mean = start + growth * g["step"] + np.where(g["is_urban"], 0.12, -0.1) + 0.03 * (g["grade"] - 5)
        mastered = np.rint(assessed * np.maximum(0.2, mean + rng.normal(0, 0.12, len(g)))).astype(int)
        frames.append(g.assign(skill=skill, assessed=assessed, mastered=mastered))
    return pd.concat(frames, ignore_index=True).sort_values(["year", "school", "grade", "skill"], ignore_index=True)


def write(base: Base, home: Path) -> None:
    """体质健康测试汇总表 and 综合素质技能测评汇总表, a file a school year each."""
    tests, skill = found(base), skills(base)
    for year in base.years:
        folder = home / school_year(year)
        t = tests.loc[tests["year"] == year]
        out = pd.DataFrame(
            {
                "学校标识码": t["code"], "学校名称": t["name"], "年级": t["grade"].map(GRADE_ZH), "性别": t["sex"],
                "轮次": t["round_no"], "测试日期": forms.dates(t["day"], forms.SLASHED), "测试人数": t["tested"],
                "及格及以上人数": t["passed"], "良好及以上人数": t["good"], "优秀人数": t["excellent"],
            }
        )  # fmt: skip
        forms.write_gb(folder / "学生体质健康测试汇总表.csv", out)
        s = skill.loc[skill["year"] == year]
        out = pd.DataFrame(
            {
                "学校(机构)标识码": s["code"], "学校(机构)名称": s["name"], "年级": s["grade"].map(GRADE_ZH),
                "技能类型": s["skill"], "参评人数": s["assessed"], "掌握项数": s["mastered"],
            }
        )  # fmt: skip
        form = forms.Form(
            f"{school_year(year)}学年学生综合素质评价技能测评汇总表", "人、项", f"填报日期:{year + 1}年6月30日",
            sums=("参评人数", "掌握项数"),
        )  # fmt: skip
        forms.write_form(folder / "综合素质技能测评汇总表.xlsx", out, form, "技能测评")


def tell(base: Base, answers: Answers) -> None:
    """Pass and good rates over all rounds, the fewest rounds of a school in a term, skills a pupil."""
    tests, skill = found(base), skills(base)
    both = scope(COMPULSORY)
    for year in base.years:
        period = school_year(year)
        now = tests.loc[tests["year"] == year]
        ours = now.loc[now["stage"].isin(COMPULSORY)]
        tested = int(ours["tested"].sum())
        answers.tell("fitness_tested_student_count", period, both, tested)
        answers.tell("fitness_pass_student_count", period, both, int(ours["passed"].sum()))
        answers.ratio("qua_fitness_pass_rate", period, both, int(ours["passed"].sum()), tested, 100)
        answers.ratio("qua_fitness_good_rate", period, "all", int(now["good"].sum()), int(now["tested"].sum()), 100)
        rounds = ours.assign(term=ours["day"].dt.year).groupby(["school", "term"])["round_no"].nunique()
        answers.tell("qua_fitness_test_freq", period, both, int(rounds.min()))
        for indicator, kind in (
            ("qua_sport_skills_per_student", "运动技能"),
            ("qua_art_skills_per_student", "艺术技能"),
            ("qua_life_skills_per_student", "生活技能"),
        ):
            s = skill.loc[(skill["year"] == year) & (skill["skill"] == kind)]
            answers.tell("skill_assessed_student_count", period, both, int(s["assessed"].sum()), f"skill_type={kind}")
            answers.tell("student_skill_count", period, both, int(s["mastered"].sum()), f"skill_type={kind}")
            answers.ratio(indicator, period, both, int(s["mastered"].sum()), int(s["assessed"].sum()))
