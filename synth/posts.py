"""Posts: what each school is allowed, how many of them are filled, and how many teachers a subject wants."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.schools import COMPULSORY, JUNIOR, PRIMARY
from synth.teaching import LOAD, PLAN

_STANDARD = {PRIMARY: 19.0, JUNIOR: 13.5}  # pupils a post, in town and country alike
_OLD_COUNTRY = {PRIMARY: 23.0, JUNIOR: 16.0}  # before the standards were made one
_LEAST_A_CLASS = {PRIMARY: 1.7, JUNIOR: 2.7}


def allot(schools: pd.DataFrame, sections: pd.DataFrame) -> pd.DataFrame:
    """Approved posts of the compulsory sections: year, school, stage, standard, approved, filled, vacant_since (NaT).

    In the first year the country still has its older, worse standard; small schools get posts by class.
    """
    s = sections.loc[sections["stage"].isin(COMPULSORY)].reset_index(drop=True)
    urban = schools["is_urban"].to_numpy()[s["school"]]
    private = schools["is_private"].to_numpy()[s["school"]]
    old = (s["year"] == s["year"].min()) & ~urban & (s["year"].max() > s["year"].min())
    standard = np.where(old, s["stage"].map(_OLD_COUNTRY), s["stage"].map(_STANDARD))
    by_class = np.ceil(s["classes"] * s["stage"].map(_LEAST_A_CLASS))
    approved = np.maximum(np.rint(s["pupils"] / standard), by_class)
    approved = np.where(private, 0, np.maximum(approved, s["established"] - 1)).astype(int)
    filled = np.where(private, 0, s["established"])
    vacant = filled < approved
    month = 1 + (s["school"] * 7 + s["year"]) % 8
    since = pd.to_datetime(s["year"].astype(str) + "-" + month.astype(str).str.zfill(2) + "-01").where(vacant)
    return s[["year", "school", "stage"]].assign(
        standard=standard, approved=approved, filled=filled, vacant_since=since
    )


def county_total(posts: pd.DataFrame) -> pd.DataFrame:
    """Posts of the county by stage: year, stage, total. In the first year the county gave out more than it had."""
    totals = posts.groupby(["year", "stage"], as_index=False)["approved"].sum()
    first = (totals["year"] == totals["year"].min()) & (totals["year"].max() > totals["year"].min())
    return totals.assign(total=totals["approved"] + np.where(first, -6, 12)).drop(columns="approved")


def want(classes: pd.DataFrame) -> pd.DataFrame:
    """Teachers a subject wants in each section of general schooling: year, school, stage, subject, wanted."""
    keys = ["year", "school", "stage", "subject"]
    c = classes.loc[classes["stage"].isin(list(LOAD))]
    plan = pd.DataFrame([(g, s, n) for g, p in PLAN.items() for s, n in p.items()], columns=["grade", "subject", "n"])
    lessons = c.merge(plan, on="grade")
    lessons = lessons.loc[~lessons["subject"].isin(["劳动", "信息科技"])]
    sums = lessons.groupby(keys, as_index=False)["n"].sum()
    load = sums["stage"].map(LOAD)
    sums["wanted"] = np.maximum(1, np.rint(0.9 * sums["n"] / load - 0.2)).astype(int)
    return sums.drop(columns="n")
