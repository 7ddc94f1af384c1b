"""A county as it is: everything that is true of it, before anybody writes it into a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.exams import sit
from synth.facilities import furnish
from synth.honours import award, backbones
from synth.identifiers import city_code, city_name, county_code, county_name
from synth.money import fund
from synth.people import Pupils, live_years
from synth.schools import (
    CLASS_CAP,
    GRADES,
    JUNIOR,
    PRESCHOOL,
    PRIMARY,
    SENIOR,
    SPECIAL,
    VOCATIONAL,
    plan_schools,
)
from synth.sittings import enter_university, sit_others
from synth.staff import QUALIFICATIONS, TEACHER, TRAINING_HISTORY, VISITOR, employ
from synth.workforce import Workforce, prepare

# The school that grows, and by how much, where a county is made with faults: the change is real and wants a reason.
GROWING_SCHOOL, GROWTH = 1, 0.30
_PSYCH_SHARE = {PRESCHOOL: 0.0, PRIMARY: 0.86, JUNIOR: 0.9, SENIOR: 0.92, SPECIAL: 0.8, VOCATIONAL: 0.82}


@dataclass(frozen=True)
class County:
    """The latent county. `schools`: see `schools.plan_schools`. `pupils`: see `people.Pupils`. `grades`: year,
    school, stage, grade, pupils, female, classes. `classes`: year, school, stage, grade, class_no, pupils.
    `sections`: year, school, stage and every figure of the school report. `staff` (full years) and `staff_history`
    (five years more): see `staff.employ`; `backbone` and `school_backbone` say who held such a title on 1 September.
    `honours`: see `honours.award`. `scores`: the monitoring,
    one row per pupil and year; `sittings`, `gaokao`: see `sittings`; `money`: one row per line and version."""

    index: int
    region_code: str
    name: str
    city_code: str
    city_name: str
    years: list[int]
    schools: pd.DataFrame
    pupils: Pupils
    grades: pd.DataFrame
    classes: pd.DataFrame
    sections: pd.DataFrame
    staff: pd.DataFrame
    staff_history: pd.DataFrame
    honours: pd.DataFrame
    workforce: Workforce
    scores: pd.DataFrame
    sittings: pd.DataFrame
    gaokao: pd.DataFrame
    money: pd.DataFrame

    @property
    def researchers(self) -> pd.DataFrame:
        """The county's researchers, who belong to no school."""
        return self.workforce.researchers


def count_pupils(pupils: Pupils) -> pd.DataFrame:
    """Pupils and classes on 1 September per full year, school, stage and grade."""
    roll = pupils.years.merge(pupils.persons[["pupil", "is_female"]], on="pupil")
    return roll.groupby(["year", "school", "stage", "grade"], as_index=False).agg(
        pupils=("pupil", "size"), female=("is_female", "sum"), classes=("class_no", "max")
    )


def count_history(pupils: Pupils) -> pd.DataFrame:
    """As `count_pupils`, of the years before the full ones."""
    roll = pupils.history.merge(pupils.persons[["pupil", "is_female"]], on="pupil")
    grades = roll.groupby(["year", "school", "stage", "grade"], as_index=False).agg(
        pupils=("pupil", "size"), female=("is_female", "sum")
    )
    return grades.assign(classes=-(-grades["pupils"] // grades["stage"].map(CLASS_CAP)))


def entry_grades(stage: pd.Series) -> pd.Series:
    """Grade in which a pupil enters each stage."""
    return stage.map({**{s: g[0] for s, g in GRADES.items()}, SPECIAL: 1, VOCATIONAL: 10})


def exit_grades(stage: pd.Series) -> pd.Series:
    """Last grade of each stage."""
    return stage.map({**{s: g[1] for s, g in GRADES.items()}, SPECIAL: 9, VOCATIONAL: 12})


def heads_of(grades: pd.DataFrame) -> pd.DataFrame:
    """Sections from grades: year, school, stage, pupils, female, classes, entrants, expected graduates, top grade."""
    keys = ["year", "school", "stage"]
    marked = grades.assign(
        entrants=grades["pupils"].where(grades["grade"] == entry_grades(grades["stage"]), 0),
        leaving=grades["pupils"].where(grades["grade"] == exit_grades(grades["stage"]), 0),
    )
    return marked.groupby(keys, as_index=False).agg(
        pupils=("pupils", "sum"), female=("female", "sum"), classes=("classes", "sum"),
        entrants=("entrants", "sum"), leaving=("leaving", "sum"), top=("grade", "max"),
    )  # fmt: skip


def _sections(pupils: Pupils, heads: pd.DataFrame, staff: pd.DataFrame, facilities: pd.DataFrame) -> pd.DataFrame:
    keys = ["year", "school", "stage"]
    teachers = staff.loc[staff["post"] == TEACHER]
    posts = (
        teachers.assign(post=teachers["quality"] == len(QUALIFICATIONS) - 1)
        .groupby(keys, as_index=False)
        .agg(teachers=("person", "size"), postgraduates=("post", "sum"), backbones=("backbone", "sum"))
    )
    # Who only visits is on no school's payroll.
    employed = staff.loc[staff["post"] != VISITOR]
    everyone = employed.groupby(keys, as_index=False).agg(staff=("person", "size"), established=("established", "sum"))
    graduates = pupils.graduates.rename(columns={"count": "graduates"})
    sections = heads
    for part in (graduates, posts, everyone, facilities):
        sections = sections.merge(part, on=keys, how="left")
    counts = ["entrants", "graduates", "teachers", "postgraduates", "backbones", "staff", "established"]
    sections[counts] = sections[counts].fillna(0).astype(int)
    # Records of mental health: most pupils have one, from the upper grades of primary school on nearly all.
    kept = sections["stage"].map(_PSYCH_SHARE) + 0.02 * (sections["year"] - sections["year"].min())
    spread = 0.06 * np.sin(1.7 * sections["school"] + sections["year"])
    return sections.assign(psych_records=(sections["pupils"] * (kept + spread).clip(0, 1)).astype(int))


def _mark_backbones(staff: pd.DataFrame, honours: pd.DataFrame) -> pd.DataFrame:
    marked = []
    for year, now in staff.groupby("year"):
        county, school = backbones(honours, int(year))  # type: ignore[call-overload]
        teaches = now["post"] == TEACHER
        marked.append(
            now.assign(
                backbone=teaches & now["person"].isin(county), school_backbone=teaches & now["person"].isin(school)
            )
        )
    return pd.concat(marked, ignore_index=True)


def found(index: int, *, schools: int, years: list[int], seed: int, growing: bool) -> County:
    """The county of that index (0-based): the same arguments always give the same county.

    `growing` lets one small school take in families of a new housing estate in the last year.
    """
    region_code = county_code(index)
    streams = [np.random.default_rng([seed, index, k]) for k in range(10)]
    plan = plan_schools(index, region_code, schools, streams[0])
    growth = (GROWING_SCHOOL, GROWTH) if growing else None
    pupils = live_years(plan, years, region_code, streams[1], growth=growth)
    grades = count_pupils(pupils)
    heads = heads_of(grades)
    before = heads_of(count_history(pupils))
    before = before.loc[before["year"] >= years[0] - TRAINING_HISTORY]
    everyone = employ(plan, pd.concat([before, heads], ignore_index=True), region_code, streams[2])
    honours = award(everyone, plan, streams[6])
    everyone = _mark_backbones(everyone, honours)
    staff = everyone.loc[everyone["year"] >= years[0]].reset_index(drop=True)
    facilities = furnish(plan, heads, years, streams[3])
    sections = _sections(pupils, heads, staff, facilities)
    scores = sit(pupils, plan, grades, years, streams[4])
    sittings = sit_others(pupils, plan, years, streams[8])
    gaokao = enter_university(pupils, years, streams[9])
    money = fund(plan, sections, years, streams[5])
    keys = ["year", "school", "stage", "grade", "class_no"]
    classes = pupils.years.groupby(keys, as_index=False).agg(pupils=("pupil", "size"))
    workforce = prepare(region_code, years, plan, sections, classes, everyone, honours, streams[7])
    return County(
        index, region_code, county_name(index), city_code(index), city_name(index), years, plan, pupils, grades,
        classes, sections, staff, everyone, honours, workforce, scores, sittings, gaokao, money,
    )  # fmt: skip
