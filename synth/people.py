"""Pupils: year groups that move up, leave, arrive and change school; one latent ability each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.identifiers import identity_numbers
from synth.names import CANARY_PUPIL_NAME, draw_names
from synth.schools import CLASS_CAP, JUNIOR, PRIMARY, stage_of

SUMMER_OUT, SUMMER_IN, SUMMER_MOVE = 0.008, 0.008, 0.010
MIDYEAR_OUT, MIDYEAR_MOVE = 0.005, 0.003
YEARLY_DECLINE = 0.985


@dataclass(frozen=True)
class Pupils:
    """`persons`: pupil, student_id, name, is_female, ability. `years`: one row per pupil and school year, with year,
    pupil, school, grade, class_no on 1 September and exam_school in June (-1: left before). `graduates`: year,
    school, stage, count of the school year that closed before `year` began."""

    persons: pd.DataFrame
    years: pd.DataFrame
    graduates: pd.DataFrame
    canary: int


class _Register:
    """Hands out pupil numbers and remembers how each pupil came."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.count = 0
        self.parts: list[pd.DataFrame] = []

    def admit(self, year: int, school: np.ndarray, grade: np.ndarray, *, outside: bool = False) -> pd.DataFrame:
        n = len(school)
        pupil = np.arange(self.count, self.count + n)
        self.count += n
        start = np.datetime64(f"{year}-09-01") - 6 * 365
        born = start.astype("datetime64[D]") - (grade.astype(int) - 1) * 365 - self.rng.integers(1, 366, n)
        self.parts.append(
            pd.DataFrame(
                {
                    "pupil": pupil,
                    "born": born.astype("datetime64[s]"),
                    "is_female": self.rng.random(n) < 0.478,
                    "ability": self.rng.normal(0, 1, n),
                    "outside": outside,
                }
            )
        )
        return pd.DataFrame({"pupil": pupil, "school": school, "grade": grade})


def _quotas(total: int, weights: np.ndarray) -> np.ndarray:
    exact = total * weights / weights.sum()
    base = np.floor(exact).astype(int)
    order = np.argsort(-(exact - base), kind="stable")
    base[order[: total - base.sum()]] += 1
    return base


def _place_juniors(leavers: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Junior school of each primary leaver: shares by weight, near to where the pupil comes from."""
    juniors = schools.loc[schools["junior_weight"] > 0].sort_values(["is_urban", "level", "school"])
    quota = _quotas(len(leavers), juniors["junior_weight"].to_numpy(dtype=float))
    nearness = schools["level"].to_numpy()[leavers["school"]] + rng.normal(0, 0.12, len(leavers))
    placed = np.repeat(juniors["school"].to_numpy(), quota)
    result = np.empty(len(leavers), dtype=int)
    result[np.argsort(nearness, kind="stable")] = placed
    return result


def _intake(schools: pd.DataFrame, step: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    primary = schools.loc[schools["first_grade"] == 1]
    planned = primary["cohort"].to_numpy() * YEARLY_DECLINE**step
    size = np.maximum(3, np.rint(planned * (1 + rng.normal(0, 0.02, len(primary)).clip(-0.04, 0.04)))).astype(int)
    return np.repeat(primary["school"].to_numpy(), size), size


def _first_year(reg: _Register, schools: pd.DataFrame, year: int) -> pd.DataFrame:
    parts = []
    for grade in range(1, 7):
        where, _ = _intake(schools, 0, reg.rng)
        parts.append(reg.admit(year, where, np.full(len(where), grade)))
    for grade in range(7, 10):
        where, _ = _intake(schools, 0, reg.rng)
        feeders = pd.DataFrame({"school": where})
        placed = _place_juniors(feeders, schools, reg.rng)
        parts.append(reg.admit(year, placed, np.full(len(placed), grade)))
    return pd.concat(parts, ignore_index=True)


def _next_year(
    reg: _Register, schools: pd.DataFrame, now: pd.DataFrame, year: int, step: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = reg.rng
    stay = now.loc[now["exam_school"] >= 0, ["pupil", "exam_school", "grade"]].rename(columns={"exam_school": "school"})
    done = ((stay["grade"] == 6) | (stay["grade"] == 9)).to_numpy()
    closed = stay.loc[done]
    graduates = closed.assign(stage=stage_of(closed["grade"])).groupby(["school", "stage"]).size()
    stay = stay.loc[(stay["grade"] < 9) & (rng.random(len(stay)) >= SUMMER_OUT)].reset_index(drop=True)

    leavers = stay["grade"] == 6
    stay.loc[leavers, "school"] = _place_juniors(stay.loc[leavers], schools, rng)

    # Families move from the country to town: other grades of the same stage, never an entry year.
    rural = ~schools["is_urban"].to_numpy()[stay["school"]]
    for lo, hi, stage in ((1, 5, PRIMARY), (7, 8, JUNIOR)):
        towns = _schools_of(schools, stage, urban=True)
        mover = rural & stay["grade"].between(lo, hi).to_numpy() & (rng.random(len(stay)) < SUMMER_MOVE)
        if len(towns):
            stay.loc[mover, "school"] = rng.choice(towns, int(mover.sum()))
    stay["grade"] += 1

    where, _ = _intake(schools, step, rng)
    fresh = reg.admit(year, where, np.ones(len(where), dtype=int))
    like = stay.loc[rng.random(len(stay)) < SUMMER_IN]
    arrived = reg.admit(year, like["school"].to_numpy(), like["grade"].to_numpy(), outside=True)
    roll = pd.concat([stay[["pupil", "school", "grade"]], fresh, arrived], ignore_index=True)
    return roll, graduates.rename("count").reset_index().assign(year=year)


def _schools_of(schools: pd.DataFrame, stage: str, *, urban: bool) -> np.ndarray:
    teaches = schools["first_grade"] <= 5 if stage == PRIMARY else schools["last_grade"] >= 8
    return schools.loc[teaches & (schools["is_urban"] == urban), "school"].to_numpy()


def _seat(roll: pd.DataFrame, schools: pd.DataFrame, rng: np.random.Generator, seat: np.ndarray) -> pd.DataFrame:
    """Adds the class and the school in June."""
    group = roll.groupby(["school", "grade"])
    size = group["pupil"].transform("size").to_numpy()
    cap = np.where(roll["grade"] <= 6, CLASS_CAP[PRIMARY], CLASS_CAP[JUNIOR])
    classes = -(-size // cap)
    rank = roll.assign(u=seat[roll["pupil"]]).groupby(["school", "grade"])["u"].rank(method="first").to_numpy() - 1
    roll = roll.assign(class_no=(rank * classes // size).astype(int) + 1)
    june = roll["school"].to_numpy().copy()
    chance = rng.random(len(roll))
    june[chance < MIDYEAR_OUT] = -1
    for lo, hi, stage in ((1, 6, PRIMARY), (7, 9, JUNIOR)):
        towns = _schools_of(schools, stage, urban=True)
        mover = (chance > 1 - MIDYEAR_MOVE) & roll["grade"].between(lo, hi).to_numpy()
        if len(towns):
            june[mover] = rng.choice(towns, int(mover.sum()))
    return roll.assign(exam_school=june)


def live_years(
    schools: pd.DataFrame,
    years: list[int],
    region_code: str,
    rng: np.random.Generator,
    *,
    growth: tuple[int, float] | None = None,
) -> Pupils:
    """Pupils of the school years that begin in `years` (consecutive), after one year of history.

    `growth` (school, share) adds that share of newcomers from outside to a school in the last year; everybody
    else lives the same life with or without it.
    """
    salt = int(rng.integers(0, 2**31))
    reg = _Register(rng)
    now, rolls, graduates = pd.DataFrame(), [], []
    for step, year in enumerate([years[0] - 1, *years]):
        if step == 0:
            roll = _first_year(reg, schools, year)
        else:
            roll, closed = _next_year(reg, schools, now, year, step)
            graduates.append(closed)
        seat = np.random.default_rng([salt, 7]).random(reg.count)
        now = _seat(roll, schools, rng, seat)
        rolls.append(now.assign(year=year))
    if growth is not None:
        school, share = growth
        home = now.loc[now["school"] == school]
        # Spread over the grades: every so-many-th seat gets a neighbour.
        extra = home.iloc[np.linspace(0, len(home) - 1, max(1, round(len(home) * share))).astype(int)]
        came = reg.admit(years[-1], extra["school"].to_numpy(), extra["grade"].to_numpy(), outside=True)
        came = came.assign(class_no=extra["class_no"].to_numpy(), exam_school=school, year=years[-1])
        rolls[-1] = pd.concat([rolls[-1], came], ignore_index=True)

    persons = pd.concat(reg.parts, ignore_index=True)
    area = pd.Series(np.where(persons["outside"], f"9903{int(region_code) % 100:02d}", region_code))
    persons["student_id"] = "G" + identity_numbers(area, persons["born"], persons["is_female"])
    persons["name"] = draw_names(np.random.default_rng([salt, 11]), persons["is_female"].to_numpy()).astype(object)
    all_years = pd.concat(rolls[1:], ignore_index=True)
    canary = _pick_canary(all_years, years)
    persons.loc[canary, "name"] = CANARY_PUPIL_NAME
    return Pupils(persons, all_years, pd.concat(graduates, ignore_index=True), canary)


def _pick_canary(years: pd.DataFrame, span: list[int]) -> int:
    """A pupil of school 0 who sits the exam in the last year and, where there are enough, in the years before."""
    last = years.loc[(years["year"] == span[-1]) & (years["exam_school"] == 0) & (years["grade"] == 6), "pupil"]
    stays = years.loc[years["pupil"].isin(last) & (years["exam_school"] == 0)].groupby("pupil").size()
    return int(stays.index[(stays == stays.max()).to_numpy().argmax()])
