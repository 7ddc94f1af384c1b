"""Honours of teachers: who holds which title of which level from when to when, and who is a backbone teacher."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.staff import PRINCIPAL, TEACHER

NATIONAL, PROVINCIAL, MUNICIPAL, COUNTY, DISTRICT, SCHOOL = "国家级", "省级", "市级", "县级", "区级", "校级"
ABOVE_SCHOOL = (NATIONAL, PROVINCIAL, MUNICIPAL, COUNTY, DISTRICT)
# Titles that make a backbone teacher while they are valid; the others honour a career or a deed.
BACKBONE_TITLES = (
    "骨干教师", "学科带头人", "教学能手", "名优教师", "骨干班主任", "名班主任", "兴江教学名师", "学科名师", "特级教师",
)  # fmt: skip
_TERM = 3  # years for which a backbone title holds
_BACKBONE_AGE = 32
_SCHOOL_LEVEL = 1.9  # `excels` below this is of school level
_RENEWED = 0.85
# title, level, how many a year for 300 teachers, from when in the year, years it holds (0: for good)
_YEARLY = (
    ("名优教师", PROVINCIAL, 0.5, "03-18", 5),
    ("名优教师", MUNICIPAL, 1.3, "03-18", 5),
    ("名优教师", DISTRICT, 2.6, "03-18", 5),
    ("骨干班主任", COUNTY, 2.4, "05-06", 5),
    ("名班主任", COUNTY, 1.1, "05-06", 5),
    ("兴江教学名师", COUNTY, 1.2, "04-12", 5),
    ("学科名师", MUNICIPAL, 0.9, "06-10", 5),
    ("特级教师", PROVINCIAL, 0.4, "10-20", 0),
    ("正高级教师", PROVINCIAL, 0.8, "11-22", 0),
)
_LEADERS = (("名校长", MUNICIPAL, 0.5, "03-18", 5), ("名校长", DISTRICT, 1.0, "03-18", 5))
_PRAISED = (("优秀教师表彰", COUNTY, 6.0, "09-10", 0),)
_CAREER = ((10, "乡村从教10年", COUNTY), (20, "乡村从教20年", PROVINCIAL), (30, "乡村从教30年", NATIONAL))
COLUMNS = ["person", "school", "stage", "main_subject", "title", "level", "awarded_on", "valid_until"]


def award(staff: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Every honour of the years of `staff` (see `staff.employ`), one row each; columns as COLUMNS, dates NaT where an
    honour holds for good."""
    teachers = staff.loc[staff["post"] == TEACHER]
    # Whoever is honoured beyond the county's usual has a title that is always renewed.
    parts = [_backbones(teachers), _careers(teachers, schools)]
    taken: set[tuple[int, str, str]] = set()
    for year, now in staff.groupby("year"):
        able = now.loc[(now["post"] == TEACHER) & _is_steady(now) & (now["age"] >= _BACKBONE_AGE + 2)]
        heads = now.loc[now["duty"] == PRINCIPAL]
        size = (now["post"] == TEACHER).sum() / 300
        for pool, kinds in ((able, _YEARLY), (heads, _LEADERS), (now.loc[now["post"] == TEACHER], _PRAISED)):
            for title, level, rate, day, holds in kinds:
                free = pool.loc[[(p, title, level) not in taken for p in pool["person"]]]
                chosen = free.iloc[rng.permutation(len(free))[: rng.poisson(rate * size)]]
                taken |= {(p, title, level) for p in chosen["person"]}
                parts.append(_rows(chosen, title, level, f"{year}-{day}", holds))
    honours = pd.concat(parts, ignore_index=True)
    return honours.sort_values(["awarded_on", "person", "title"], kind="stable", ignore_index=True)


def _rows(who: pd.DataFrame, title: object, level: object, day: object, holds: int) -> pd.DataFrame:
    awarded = pd.Series(pd.to_datetime(day), index=who.index)
    until = awarded + pd.DateOffset(years=holds) - pd.Timedelta(days=1) if holds and len(who) else pd.NaT
    until = pd.Series(until, index=who.index, dtype="datetime64[ns]")
    who = who[["person", "school", "stage", "main_subject"]]
    return who.assign(title=title, level=level, awarded_on=awarded, valid_until=until)[COLUMNS]


def _is_steady(staff: pd.DataFrame) -> pd.Series:
    return (staff["excels"] < 1) & (staff["rank"] < 0.75)


def _backbones(teachers: pd.DataFrame) -> pd.DataFrame:
    """Backbone titles in terms of three years, one in seven of which is not renewed; school-level ones beside them."""
    first = int(teachers["year"].min())
    able = teachers.loc[(teachers["excels"] < _SCHOOL_LEVEL) & (teachers["age"] >= _BACKBONE_AGE)]
    # A term begins every third year; those of the first years were awarded before the record begins.
    due = able.loc[((able["year"] + able["person"]) % _TERM == 0) | (able["year"] == first)]
    start = due["year"] - np.where(due["year"] == first, (due["year"] + due["person"]) % _TERM, 0)
    lapses = (due["mood"] > _RENEWED) & ~_is_steady(due)
    due, start = due.loc[~lapses], start[~lapses]
    share = due["rank"].to_numpy()
    steps = [due["excels"] >= 1, share < 0.01, share < 0.07, share < 0.28]
    level = np.select(steps, [SCHOOL, NATIONAL, PROVINCIAL, MUNICIPAL], COUNTY)
    kind = due["person"].to_numpy() % 20
    title = np.select([(level == SCHOOL) | (kind < 12), kind < 17], ["骨干教师", "学科带头人"], "教学能手")
    return _rows(due, title, level, (start.astype(str) + "-05-20").to_numpy(), _TERM)


def _careers(teachers: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    rural = teachers.loc[(~schools["is_urban"].to_numpy()[teachers["school"]])]
    parts = []
    for years, title, level in _CAREER:
        done = rural.loc[rural["teaching_years"] == years]
        parts.append(_rows(done, title, level, (done["year"].astype(str) + "-09-10").to_numpy(), 0))
    return pd.concat(parts)


def valid_at(honours: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Honours that hold on a day."""
    return honours.loc[
        (honours["awarded_on"] <= date) & (honours["valid_until"].isna() | (honours["valid_until"] >= date))
    ]


def backbones(honours: pd.DataFrame, year: int) -> tuple[set[int], set[int]]:
    """Persons who are backbone teachers on 1 September: of county level or above, of any level."""
    titled = valid_at(honours, pd.Timestamp(f"{year}-09-01"))
    titled = titled.loc[titled["title"].isin(BACKBONE_TITLES)]
    return set(titled.loc[titled["level"].isin(ABOVE_SCHOOL), "person"]), set(titled["person"])
