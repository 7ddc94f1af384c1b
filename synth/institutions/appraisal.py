"""How the bureau appraises its schools: the yearly score, and grades of moral education and campus culture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, STAGE_ZH, Base, school_year, scope

# 4 excellent .. 1 failed; 良好 is 3.
GOOD = 3
_GRADE_ZH = {4: "优秀", 3: "良好", 2: "合格", 1: "不合格"}


def scores(base: Base) -> pd.DataFrame:
    """Yearly score of each school: year (calendar), school, code, name, stage, peers (group), score (hundredths)."""
    rng, table = base.stream("assessment"), base.by_year.copy()
    standing = dict(zip(base.schools["school"], rng.normal(0, 3.2, len(base.schools)), strict=True))
    points = 86 + table["school"].map(standing) + 0.5 * table["step"] + rng.normal(0, 1.6, len(table))
    table["score"] = np.rint(np.clip(points, 55, 99.9) * 100).astype(int)
    area = np.where(table["is_urban"], "城区", "农村")
    compulsory = table["stage"].isin(COMPULSORY)
    table["peers"] = np.where(compulsory, area, "") + table["stage"].map(STAGE_ZH) + "组"
    return table


def grades(base: Base) -> pd.DataFrame:
    """Grades of each section and school year: year, school, code, name, stage, moral, culture; those of a school hold
    for all its sections."""
    rng, schools = base.stream("grades"), base.schools
    frames = []
    level = {item: rng.random(len(schools)) for item in ("moral", "culture")}
    for year in base.years:
        now = base.of(COMPULSORY)
        now = now.loc[now["year"] == year]
        step = year - base.years[0]
        for item, weak in (("moral", 0.34), ("culture", 0.42)):
            draw = level[item] + 0.02 * schools["is_urban"].to_numpy()
            grade = np.select([draw < 0.03, draw < weak - 0.1 * step, draw < 0.8 - 0.05 * step], [1, 2, 3], 4)
            now = now.assign(**{item: now["school"].map(dict(zip(schools["school"], grade, strict=True)))})
        frames.append(now)
    return pd.concat(frames, ignore_index=True)


def write(base: Base, home: Path) -> None:
    """学校综合目标考评表 a calendar year, 德育与校园文化评价等级表 a school year."""
    table, graded = scores(base), grades(base)
    for year in base.years:
        t = table.loc[table["year"] == year].sort_values(["peers", "code"])
        out = pd.DataFrame(
            {
                "学校标识码": t["code"], "学校名称": t["name"], "学段": t["stage"].map(STAGE_ZH),
                "考评类别": t["peers"],
                "考评得分": t["score"] / 100,
            }
        )  # fmt: skip
        form = forms.Form(f"{year}年学校综合目标考评表", "分", note="分类别考评,满分100分。", signed=True)
        forms.write_form(home / f"{year}年财政" / "学校综合目标考评表.xlsx", out, form, "考评")
        g = graded.loc[graded["year"] == year]
        out = pd.DataFrame(
            {
                "学年": school_year(year), "学校标识码": g["code"], "学段": g["stage"].map(STAGE_ZH),
                "德育工作评价等级": g["moral"].map(_GRADE_ZH), "校园文化评价等级": g["culture"].map(_GRADE_ZH),
            }
        )  # fmt: skip
        forms.write_table(home / school_year(year) / "学校德育与校园文化评价等级表.csv", out)


def tell(base: Base, answers: Answers) -> None:
    """Schools graded good or better among all of the compulsory stages."""
    graded, both = grades(base), scope(COMPULSORY)
    for year in base.years:
        now = graded.loc[graded["year"] == year]
        for indicator, item in (("qua_moral_edu_good", "moral"), ("qua_campus_culture_good", "culture")):
            good = now.loc[now[item] >= GOOD, "school"].nunique()
            answers.ratio(indicator, school_year(year), both, good, now["school"].nunique(), 100)
