"""Children of the county by township, age and sex, and those that the disabled persons' federation has registered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import (
    COMPULSORY,
    PRESCHOOL,
    PRIMARY,
    SENIOR,
    SPECIAL,
    VOCATIONAL,
    Base,
    school_year,
    scope,
)
from synth.pupils_files import senior_counts

_TOWNSHIPS = ("城关街道", "新城街道", "石岭镇", "双河镇", "白沙乡", "枫林乡", "月牙镇", "竹园乡")
_OLDEST = 18
SCHOOL_AGE = (6, 15)
CENTRAL = "片区中心小学"


def townships(base: Base) -> pd.DataFrame:
    """Townships: township_code, township and their share of the children."""
    plan = base.county.schools
    if "township_code" in plan:
        # Where there are schools there are children; the weight is the number of the schools.
        counted = plan.groupby(["township_code", "township"], as_index=False).agg(schools=("school", "size"))
        weight = counted["schools"].to_numpy() + 2.0
        return counted.drop(columns="schools").assign(share=weight / weight.sum())
    weight = 1.0 / np.arange(1, len(_TOWNSHIPS) + 1) + 0.2
    codes = [f"{base.region}{101 + i}" for i in range(len(_TOWNSHIPS))]
    return pd.DataFrame({"township_code": codes, "township": _TOWNSHIPS, "share": weight / weight.sum()})


def _heads(base: Base, year: int) -> np.ndarray:
    """Children of each age 0..18 at the end of the year: what the schools hold, and some more."""
    now = base.sections.loc[base.sections["year"] == year]
    step = year - base.years[0]

    def pupils(*stages: str) -> int:
        return int(now.loc[now["stage"].isin(stages), "pupils"].sum())

    cohort = max(10, pupils(PRIMARY) / 6)
    heads = np.array([cohort * 1.02 * 0.985 ** (8 - age) for age in range(_OLDEST + 1)])
    small, old = pupils(PRESCHOOL), senior_pupils(base, year)
    if small:
        heads[3:6] = small / (0.84 + 0.025 * step) / 3
    if old:
        heads[15:18] = old / (0.88 + 0.02 * step) / 3
    return np.rint(heads).astype(int)


def found(base: Base) -> pd.DataFrame:
    """People per calendar year, township, age and sex: year, township_code, township, age, sex, people."""
    places, frames = townships(base), []
    for year in base.years:
        rng = base.stream("population", year)
        heads = _heads(base, year)
        boys = np.rint(heads * 0.523).astype(int)
        for sex, count in (("男", boys), ("女", heads - boys)):
            spread = rng.multinomial(count, places["share"].to_numpy())
            part = pd.DataFrame(spread.T, index=pd.RangeIndex(len(places)))
            long = part.stack().rename("people").rename_axis(["place", "age"]).reset_index()
            frames.append(long.assign(year=year, sex=sex))
    table = pd.concat(frames, ignore_index=True)
    table = table.merge(places[["township_code", "township"]], left_on="place", right_index=True)
    return table.sort_values(["year", "township_code", "age", "sex"], ignore_index=True)


def disabled(base: Base) -> pd.DataFrame:
    """Registered disabled children of school age per calendar year and age: year, age, registered, enrolled (those at a
    compulsory or special school)."""
    persons = base.county.pupils.persons
    if "is_disabled" not in persons:
        return pd.DataFrame(columns=["year", "age", "registered", "enrolled"])
    known = persons.loc[persons["is_disabled"].astype(bool)].set_index("pupil")
    roll = base.county.pupils.years
    roll = roll.loc[roll["pupil"].isin(known.index) & roll["stage"].isin([*COMPULSORY, SPECIAL])]
    age = (roll["year"] - roll["pupil"].map(known["born"].dt.year)).clip(*SCHOOL_AGE)
    frames = []
    for year in base.years:
        rng = base.stream("disabled", year)
        ages = np.arange(SCHOOL_AGE[0], SCHOOL_AGE[1] + 1)
        enrolled = age.loc[roll["year"] == year].value_counts().reindex(ages, fill_value=0).to_numpy()
        # Few are not at school yet, and fewer every year.
        missing = rng.random(len(ages)) < max(0.12, 0.45 - 0.13 * (year - base.years[0]))
        frames.append(pd.DataFrame({"year": year, "age": ages, "registered": enrolled + missing, "enrolled": enrolled}))
    return pd.concat(frames, ignore_index=True)


def senior_pupils(base: Base, year: int) -> int:
    """Pupils of the senior stage: in the county's general and vocational schools, and those who went elsewhere."""
    return sum(senior_counts(base.county, year).values())


def write(base: Base, home: Path) -> None:
    """分年龄人口统计表 with its total, and the federation's register, a file a calendar year each."""
    table, register = found(base), disabled(base)
    for year in base.years:
        t = table.loc[table["year"] == year]
        out = pd.DataFrame(
            {
                "乡镇(街道)代码": t["township_code"], "乡镇(街道)名称": t["township"], "年龄": t["age"],
                "性别": t["sex"],
                "常住人口数": t["people"],
            }
        )  # fmt: skip
        folder = home / f"{year}年财政"
        if year % 2:
            forms.write_table(folder / "分年龄人口统计表.csv", out)
        else:
            form = forms.Form(f"{year}年分年龄人口统计表", "人", f"统计时点:{year}年12月31日", sums=("常住人口数",))
            forms.write_form(folder / "分年龄人口统计表.xlsx", out, form, "人口")
        r = register.loc[register["year"] == year]
        listed = pd.DataFrame({"年龄": r["age"], "登记适龄残疾儿童少年数": r["registered"]})
        form = forms.Form(f"{year}年县残联适龄残疾儿童少年登记表", "人", signed=True)
        forms.write_form(folder / "残联适龄残疾儿童少年登记表.xlsx", listed, form)


def tell(base: Base, answers: Answers) -> None:
    """Townships and their central schools, children of an age band, gross rates of kindergartens and of the senior
    stage,
    disabled children at school."""
    table, register = found(base), disabled(base)
    for year in base.years:
        now = table.loc[table["year"] == year]
        bands = {
            band: int(now.loc[now["age"].between(low, high), "people"].sum())
            for band, low, high in (("3-5", 3, 5), ("15-17", 15, 17))
        }
        answers.tell("township_count", year, "all", now["township_code"].nunique())
        for band, people in bands.items():
            answers.tell("population_count", year, "all", people, f"age_band={band}")
        r, period = register.loc[register["year"] == year], school_year(year)
        registered = int(r["registered"].sum())
        answers.tell("disabled_registered_count", year, "all", registered)
        answers.ratio(
            "qua_disabled_enrolment_rate",
            period,
            scope((*COMPULSORY, SPECIAL)),
            int(r["enrolled"].sum()),
            registered,
            100,
        )
        s = base.sections
        children = int(s.loc[(s["year"] == year) & (s["stage"] == PRESCHOOL), "pupils"].sum())
        if children:
            answers.ratio("enr_preschool_gross_rate", period, PRESCHOOL, children, bands["3-5"], 100)
        if base.has(SENIOR, VOCATIONAL):
            answers.ratio(
                "enr_senior_gross_rate",
                period,
                scope((SENIOR, VOCATIONAL)),
                senior_pupils(base, year),
                bands["15-17"],
                100,
            )
        plan = base.county.schools
        if "role" in plan:
            central = set(plan.loc[plan["role"] == CENTRAL, "school"])
            primary = s.loc[(s["year"] == year) & (s["stage"] == PRIMARY), "school"]
            count = int(primary.isin(central).sum())
            answers.ratio("res_district_central_primary", period, PRIMARY, count, now["township_code"].nunique())
