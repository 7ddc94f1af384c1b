"""Summer: who moves up, into which school of the next stage, who leaves the county and who comes to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from synth.fates import BACK, EVENT_COLUMNS, IN, OUT, OUT_OF_COUNTY, event_rows, towns_of
from synth.schools import GRADES, JUNIOR, PRESCHOOL, PRIMARY, SENIOR, SPECIAL, VOCATIONAL, stages_of

SUMMER_OUT, SUMMER_IN, SUMMER_MOVE = 0.008, 0.008, 0.010
YEARLY_DECLINE = 0.985
KINDERGARTEN_SHARE = 0.93  # of a year group that ever went to one
SENIOR_SHARE, VOCATIONAL_SHARE = 0.54, 0.27  # of the junior graduates; the others go to schools elsewhere
FIRST = {stage: span[0] for stage, span in GRADES.items()}
LAST = {stage: span[1] for stage, span in GRADES.items()}


@dataclass(frozen=True)
class Newcomers:
    """People just admitted: arrays of equal length."""

    pupil: np.ndarray
    school: np.ndarray
    grade: np.ndarray
    severe: np.ndarray
    ability: np.ndarray

    def frame(self) -> pd.DataFrame:
        """Columns pupil, school, grade."""
        return pd.DataFrame({"pupil": self.pupil, "school": self.school, "grade": self.grade})


class Register(Protocol):
    """Who hands out pupil numbers."""

    rng: np.random.Generator
    count: int

    def admit(self, year: int, school: np.ndarray, grade: np.ndarray, *, outside: bool = False) -> Newcomers: ...

    def column(self, name: str) -> np.ndarray: ...


def _quotas(total: int, weights: np.ndarray) -> np.ndarray:
    exact = total * weights / weights.sum()
    base = np.floor(exact).astype(int)
    order = np.argsort(-(exact - base), kind="stable")
    base[order[: total - base.sum()]] += 1
    return base


def _place(where_from: np.ndarray, schools: pd.DataFrame, weight: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """School of each pupil: shares by `weight` (a column of `schools`), near to where the pupil comes from."""
    takers = schools.loc[weight > 0].sort_values(["is_urban", "level", "school"])
    quota = _quotas(len(where_from), weight.loc[takers.index].to_numpy(dtype=float))
    nearness = schools["level"].to_numpy()[where_from] + rng.normal(0, 0.12, len(where_from))
    result = np.empty(len(where_from), dtype=int)
    result[np.argsort(nearness, kind="stable")] = np.repeat(takers["school"].to_numpy(), quota)
    return result


def _planned(schools: pd.DataFrame, stage: str, step: int, rng: np.random.Generator) -> pd.Series:
    """Size of the year group that enters each school of a stage."""
    takes = (schools["first_grade"] == FIRST[stage]) & ~schools["special"]
    planned = schools["cohort"].where(takes, 0).to_numpy() * YEARLY_DECLINE**step
    drift = 1 + rng.normal(0, 0.02, len(schools)).clip(-0.04, 0.04)
    return pd.Series(np.where(takes, np.maximum(3, np.rint(planned * drift)), 0).astype(int), index=schools.index)


def _first_formers(
    reg: Register, schools: pd.DataFrame, year: int, step: int, leavers: np.ndarray, were_at: np.ndarray
) -> pd.DataFrame:
    """Grade 1: who leaves the kindergarten, and as many newcomers as the planned year group still has room for."""
    planned = _planned(schools, PRIMARY, step, reg.rng)
    placed = _place(were_at, schools, planned, reg.rng)
    open_seats = np.maximum(0, planned.to_numpy() - np.bincount(placed, minlength=len(schools)))
    fresh = reg.admit(year, np.repeat(schools["school"].to_numpy(), open_seats), np.ones(open_seats.sum(), dtype=int))
    pupil, school = np.r_[leavers, fresh.pupil], np.r_[placed, fresh.school]
    severe = (reg.column("is_disabled") & (reg.column("placement") == "特教学校"))[pupil]
    return pd.DataFrame({"pupil": pupil, "school": _to_special(school, severe, schools), "grade": 1})


def _to_special(school: np.ndarray, severe: np.ndarray, schools: pd.DataFrame) -> np.ndarray:
    homes = schools.loc[schools["special"], "school"].to_numpy()
    return np.where(severe, homes[school % len(homes)], school)


def settle(reg: Register, schools: pd.DataFrame, year: int) -> pd.DataFrame:
    """The roll of the first year of all: everybody is new. Columns pupil, school, grade."""
    parts = []
    for grade in range(FIRST[PRIMARY], LAST[JUNIOR] + 1):
        planned = _planned(schools, PRIMARY, 0, reg.rng)
        where = np.repeat(planned.index.to_numpy(), planned.to_numpy())
        if grade >= FIRST[JUNIOR]:
            where = _place(where, schools, schools["junior_weight"], reg.rng)
        new = reg.admit(year, where, np.full(len(where), grade))
        parts.append(new.frame().assign(school=_to_special(where, new.severe, schools)))
    for grade in range(FIRST[PRESCHOOL], LAST[PRESCHOOL] + 1):
        where = _kindergarten_intake(schools, 0, reg.rng)
        parts.append(reg.admit(year, where, np.full(len(where), grade)).frame())
    juniors = sum(parts[LAST[JUNIOR] - 1].shape)
    for column, share in (("senior_weight", SENIOR_SHARE), ("vocational_weight", VOCATIONAL_SHARE)):
        for grade in range(FIRST[SENIOR], LAST[SENIOR] + 1):
            where = np.repeat(schools["school"].to_numpy(), _quotas(round(juniors * share), schools[column].to_numpy()))
            parts.append(reg.admit(year, where, np.full(len(where), grade)).frame())
    return pd.concat(parts, ignore_index=True)


def _kindergarten_intake(schools: pd.DataFrame, step: int, rng: np.random.Generator) -> np.ndarray:
    """Kindergarten of each child of the smallest group: a share of the year group that will enter grade 1."""
    primary = (schools["first_grade"] == FIRST[PRIMARY]) & ~schools["special"]
    born = schools.loc[primary, "cohort"].sum() * YEARLY_DECLINE ** (step + 3)
    weights = schools["cohort"].where(schools["first_grade"] == FIRST[PRESCHOOL], 0).to_numpy(dtype=float)
    drift = 1 + rng.normal(0, 0.02, len(schools)).clip(-0.04, 0.04)
    return np.repeat(schools["school"].to_numpy(), _quotas(round(born * KINDERGARTEN_SHARE), weights * drift))


def _after_junior(done: pd.DataFrame, reg: Register, schools: pd.DataFrame) -> pd.DataFrame:
    """Where the junior graduates go on: the abler to a senior school, others to the vocational one or away."""
    ability = reg.column("ability")[done["pupil"].to_numpy()] + reg.rng.normal(0, 0.5, len(done))
    order = np.argsort(-ability, kind="stable")
    n_senior, n_vocational = round(len(done) * SENIOR_SHARE), round(len(done) * VOCATIONAL_SHARE)
    where_from = done["school"].to_numpy()
    parts = []
    for rows, column in (
        (order[:n_senior], "senior_weight"), (order[n_senior : n_senior + n_vocational], "vocational_weight")
    ):  # fmt: skip
        school = _place(where_from[rows], schools, schools[column], reg.rng)
        parts.append(pd.DataFrame({"pupil": done["pupil"].to_numpy()[rows], "school": school, "grade": FIRST[SENIOR]}))
    return pd.concat(parts, ignore_index=True)


def move_up(
    reg: Register, schools: pd.DataFrame, now: pd.DataFrame, year: int, step: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, int]:
    """The roll of `year` from that of June; the graduates of the year that closed (school, stage, count, year); the
    events of the summer; how many juniors went on to schools elsewhere."""
    rng = reg.rng
    ill = now.loc[now["returns"], ["pupil", "school", "grade", "stage"]]
    june = now.loc[now["exam_school"] >= 0, ["pupil", "exam_school", "grade"]]
    june = june.rename(columns={"exam_school": "school"}).reset_index(drop=True)
    june["stage"] = stages_of(june["grade"].to_numpy(), june["school"].to_numpy(), schools)
    last = june["stage"].map({**LAST, SPECIAL: LAST[JUNIOR], VOCATIONAL: LAST[SENIOR]})
    closed = june.loc[june["grade"] == last]
    graduates = closed.groupby(["school", "stage"]).size().rename("count").reset_index().assign(year=year)

    events = []
    leaves = rng.random(len(june)) < SUMMER_OUT
    leaves &= june["stage"].isin([PRESCHOOL, PRIMARY, JUNIOR]).to_numpy() & (june["grade"] != LAST[JUNIOR]).to_numpy()
    gone = june.loc[leaves & (june["stage"] != PRESCHOOL)]
    day = np.datetime64(f"{year}-07-06") + rng.integers(0, 20, len(gone))
    events.append(event_rows(gone, year - 1, OUT, day, OUT_OF_COUNTY))
    june = june.loc[~leaves]

    tiny = june.loc[(june["stage"] == PRESCHOOL) & (june["grade"] == LAST[PRESCHOOL])]
    sixth = june.loc[(june["stage"] == PRIMARY) & (june["grade"] == LAST[PRIMARY])]
    ninth = june.loc[(june["stage"] == JUNIOR) & (june["grade"] == LAST[JUNIOR])]
    stay = june.loc[june["grade"] != june["stage"].map({**LAST, SPECIAL: LAST[JUNIOR], VOCATIONAL: LAST[SENIOR]})]
    stay = stay.reset_index(drop=True)
    moved = _move_to_town(stay, schools, year, rng)
    events += moved
    stay["grade"] += 1
    juniors = sixth.assign(
        school=_place(sixth["school"].to_numpy(), schools, schools["junior_weight"], rng), grade=FIRST[JUNIOR]
    )
    seniors = _after_junior(ninth, reg, schools)
    firsts = _first_formers(reg, schools, year, step, tiny["pupil"].to_numpy(), tiny["school"].to_numpy())
    where = _kindergarten_intake(schools, step, rng)
    small = reg.admit(year, where, np.full(len(where), FIRST[PRESCHOOL])).frame()
    # Nobody arrives from elsewhere in an entry grade: there they are counted as entrants.
    settled = stay.loc[stay["stage"].isin([PRIMARY, JUNIOR])]
    like = settled.loc[rng.random(len(settled)) < SUMMER_IN]
    arrived = reg.admit(year, like["school"].to_numpy(), like["grade"].to_numpy(), outside=True).frame()
    arrived["stage"] = like["stage"].to_numpy()
    opening = np.datetime64(f"{year}-09-01")
    events.append(event_rows(arrived, year, IN, opening, OUT_OF_COUNTY))
    events.append(event_rows(ill, year, BACK, opening))
    parts = (stay, juniors, seniors, firsts, small, arrived, ill)
    roll = pd.concat([p[["pupil", "school", "grade"]] for p in parts], ignore_index=True)
    return roll, graduates, pd.concat(events, ignore_index=True)[EVENT_COLUMNS], len(ninth) - len(seniors)


def _move_to_town(stay: pd.DataFrame, schools: pd.DataFrame, year: int, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Families move from the country to town: other grades of the same stage, never an entry year. Changes `stay`."""
    rural = ~schools["is_urban"].to_numpy()[stay["school"]]
    events = []
    for stage in (PRIMARY, JUNIOR):
        towns = towns_of(schools, stage)
        mover = rural & (stay["stage"] == stage).to_numpy() & (rng.random(len(stay)) < SUMMER_MOVE)
        if not len(towns):
            continue
        target = rng.choice(towns, int(mover.sum()))
        before = stay.loc[mover]
        day = np.datetime64(f"{year}-07-06") + rng.integers(0, 20, len(before))
        events.append(event_rows(before, year - 1, OUT, day, target))
        after = before.assign(school=target, grade=before["grade"] + 1)
        events.append(event_rows(after, year, IN, np.datetime64(f"{year}-09-01"), before["school"].to_numpy()))
        stay.loc[mover, "school"] = target
    return events
