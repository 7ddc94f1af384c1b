"""A county as it is: everything that is true of it, before anybody writes it into a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.exams import sit
from synth.facilities import furnish
from synth.identifiers import county_code, county_name
from synth.money import fund
from synth.people import Pupils, live_years
from synth.schools import plan_schools, stage_of
from synth.staff import QUALIFICATIONS, TEACHER, employ

# The school that grows, and by how much, where a county is made with faults: the change is real and wants a reason.
GROWING_SCHOOL, GROWTH = 1, 0.30


@dataclass(frozen=True)
class County:
    """The latent county. `grades`: year, school, grade, stage, pupils, female, classes. `sections`: year, school,
    stage and every figure of the school report. `staff`, `scores`, `money`: one row per person and year, pupil and
    year, line and version."""

    region_code: str
    name: str
    years: list[int]
    schools: pd.DataFrame
    pupils: Pupils
    grades: pd.DataFrame
    sections: pd.DataFrame
    staff: pd.DataFrame
    scores: pd.DataFrame
    money: pd.DataFrame


def count_pupils(pupils: Pupils) -> pd.DataFrame:
    """Pupils and classes on 1 September per year, school and grade."""
    roll = pupils.years.merge(pupils.persons[["pupil", "is_female"]], on="pupil")
    grades = roll.groupby(["year", "school", "grade"], as_index=False).agg(
        pupils=("pupil", "size"), female=("is_female", "sum"), classes=("class_no", "max")
    )
    return grades.assign(stage=stage_of(grades["grade"]))


def _sections(pupils: Pupils, grades: pd.DataFrame, staff: pd.DataFrame, facilities: pd.DataFrame) -> pd.DataFrame:
    keys = ["year", "school", "stage"]
    sections = grades.groupby(keys, as_index=False).agg(
        pupils=("pupils", "sum"), female=("female", "sum"), classes=("classes", "sum")
    )
    entry = grades.loc[grades["grade"].isin([1, 7]), [*keys, "pupils"]].rename(columns={"pupils": "entrants"})
    teachers = staff.loc[staff["post"] == TEACHER]
    posts = (
        teachers.assign(post=teachers["quality"] == len(QUALIFICATIONS) - 1)
        .groupby(keys, as_index=False)
        .agg(teachers=("person", "size"), postgraduates=("post", "sum"), backbones=("backbone", "sum"))
    )
    everyone = staff.groupby(keys, as_index=False).agg(staff=("person", "size"))
    graduates = pupils.graduates.rename(columns={"count": "graduates"})
    for part in (entry, graduates, posts, everyone, facilities):
        sections = sections.merge(part, on=keys, how="left")
    counts = ["entrants", "graduates", "teachers", "postgraduates", "backbones", "staff"]
    sections[counts] = sections[counts].fillna(0).astype(int)
    return sections


def found(index: int, *, schools: int, years: list[int], seed: int, growing: bool) -> County:
    """The county of that index (0-based): the same arguments always give the same county.

    `growing` lets one small school take in families of a new housing estate in the last year.
    """
    region_code = county_code(index)
    streams = [np.random.default_rng([seed, index, k]) for k in range(6)]
    plan = plan_schools(index, schools, streams[0])
    growth = (GROWING_SCHOOL, GROWTH) if growing else None
    pupils = live_years(plan, years, region_code, streams[1], growth=growth)
    grades = count_pupils(pupils)
    heads = grades.groupby(["year", "school", "stage"], as_index=False).agg(
        pupils=("pupils", "sum"), classes=("classes", "sum"), top=("grade", "max")
    )
    staff = employ(plan, heads, years, region_code, streams[2])
    facilities = furnish(plan, heads, years, streams[3])
    sections = _sections(pupils, grades, staff, facilities)
    scores = sit(pupils, plan, grades, years, streams[4])
    money = fund(plan, sections, years, streams[5])
    return County(region_code, county_name(index), years, plan, pupils, grades, sections, staff, scores, money)
