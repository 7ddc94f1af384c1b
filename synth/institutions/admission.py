"""Entering school near home, and the places of good senior schools that go to each junior school."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, COUNTRY, JUNIOR, SENIOR, STAGE_ZH, Base, school_year, scope

_FIRST_SHARE, _SHARE_STEP, _SHARE_MOST = 0.5, 0.05, 0.7
_COUNTRY_TILT = 1.08


def zoning(base: Base) -> pd.DataFrame:
    """Entrants of each compulsory section and how many came from its zone: as sections, with zoned."""
    table = base.of(COMPULSORY).copy()
    rng = base.stream("zoning")
    near = np.where(table["is_urban"], 0.935, 0.955) + 0.015 * table["step"] + rng.normal(0, 0.012, len(table))
    near = np.where(table["is_private"], 0.3, np.where(table["boarding"], 0.8, near))
    table["zoned"] = np.minimum(table["entrants"], np.rint(table["entrants"] * np.clip(near, 0, 1))).astype(int)
    return table


def plans(base: Base) -> pd.DataFrame:
    """Planned intake of the senior schools of good standing: year, senior (school), senior_code, planned, quota."""
    s = base.of((SENIOR,))
    s = s.loc[~s["is_private"]]
    # A year group in whole classes, and some more or fewer as the year's beds allow.
    planned = (np.ceil(s["pupils"] / 3 / 50) * 50).astype(int) + base.stream("plans").integers(-4, 5, len(s)) * 5
    share = np.minimum(_FIRST_SHARE + _SHARE_STEP * s["step"], _SHARE_MOST)
    return pd.DataFrame(
        {"year": s["year"], "senior": s["school"], "senior_code": s["code"], "senior_name": s["name"],
         "planned": planned, "quota": np.floor(planned * share).astype(int)}
    )  # fmt: skip


def quotas(base: Base) -> pd.DataFrame:
    """Places of each senior school for each junior section: year, senior_code, code, name, area, places. They go by
    graduates, a little more to the villages; what is left over goes to the largest rests."""
    intake = plans(base)
    junior = base.of((JUNIOR,))[["year", "school", "code", "name", "area", "graduates", "entrants"]]
    pairs = intake.merge(junior, on="year")
    if pairs.empty:
        return pairs.assign(places=pd.Series(dtype=int))
    heads = pairs["graduates"].where(pairs["graduates"] > 0, pairs["entrants"])
    weight = heads * np.where(pairs["area"] == "城区", 1.0, _COUNTRY_TILT)
    group = [pairs["year"], pairs["senior_code"]]
    exact = pairs["quota"] * weight / weight.groupby(group).transform("sum")
    places = np.floor(exact).astype(int)
    left = pairs["quota"] - places.groupby(group).transform("sum")
    rank = (exact - places).groupby(group).rank(method="first", ascending=False)
    return pairs.assign(places=places + (rank <= left))


def write(base: Base, home: Path) -> None:
    """招生划片 a school year; where the county has a senior school, its plan and the places it gives."""
    zoned, intake, places = zoning(base), plans(base), quotas(base)
    for year in base.years:
        folder = home / school_year(year)
        z = zoned.loc[zoned["year"] == year]
        out = pd.DataFrame(
            {
                "学校(机构)标识码": z["code"], "学校(机构)名称": z["name"], "学段": z["stage"].map(STAGE_ZH),
                "新生数": z["entrants"], "就近划片入学新生数": z["zoned"],
            }
        )  # fmt: skip
        form = forms.Form(
            f"{school_year(year)}学年义务教育招生划片情况表", "人", f"填表日期:{year}年9月10日", signed=True,
            sums=("新生数", "就近划片入学新生数"),
        )  # fmt: skip
        forms.write_form(folder / "义务教育招生划片情况表.xlsx", out, form)
        p = intake.loc[intake["year"] == year]
        if p.empty:
            continue
        plan = pd.DataFrame(
            {
                "学年": school_year(year),
                "优质高中": p["senior_name"],
                "高中标识码": p["senior_code"],
                "计划招生数": p["planned"],
            }
        )
        forms.write_gb(folder / "优质高中招生计划表.csv", plan)
        q = places.loc[places["year"] == year]
        quota = pd.DataFrame(
            {
                "优质高中标识码": q["senior_code"], "初中学校标识码": q["code"], "学校名称": q["name"],
                "分配到校名额数": q["places"],
            }
        )  # fmt: skip
        form = forms.Form(f"{school_year(year)}学年优质高中名额分配到校表", "人", sums=("分配到校名额数",), signed=True)
        forms.write_form(folder / "优质高中名额分配表.xlsx", quota, form)


def tell(base: Base, answers: Answers) -> None:
    """Entrants from the zone in public day schools of the towns; quota places, and the villages' share of them."""
    zoned, intake, places = zoning(base), plans(base), quotas(base)
    both, senior = scope(COMPULSORY), scope((SENIOR,))
    for year in base.years:
        period = school_year(year)
        z = zoned.loc[(zoned["year"] == year) & ~zoned["is_private"] & ~zoned["boarding"] & (zoned["area"] != COUNTRY)]
        came, near = int(z["entrants"].sum()), int(z["zoned"].sum())
        answers.ratio("equ_nearby_enrolment_rate", period, both, near, came, 100)
        p, q = intake.loc[intake["year"] == year], places.loc[places["year"] == year]
        if p.empty:
            continue
        planned, given = int(p["planned"].sum()), int(q["places"].sum())
        answers.tell("quality_senior_plan_count", period, senior, planned)
        answers.ratio("equ_quality_senior_quota_share", period, senior, given, planned, 100)
        junior = base.of((JUNIOR,)).loc[lambda t, y=year: t["year"] == y]
        graduates, village = int(junior["graduates"].sum()), junior.loc[junior["area"] != "城区", "graduates"].sum()
        places_village = int(q.loc[q["area"] != "城区", "places"].sum())
        if graduates and given:
            answers.tell("equ_quota_rural_tilt", period, senior, places_village * graduates >= int(village) * given)
