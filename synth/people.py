"""Pupils: year groups that move up, leave, arrive and change school; one latent ability each.

The life of a year has three modules: `moves` says who goes where in summer, `fates` what happens between two
summers, this one who there is and in which class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.fates import IN, OUT_OF_COUNTY, event_rows, live_through
from synth.identifiers import identity_numbers, outside_area, temporary_numbers
from synth.moves import FIRST, Newcomers, move_up, settle
from synth.names import CANARY_PUPIL_NAME, draw_names
from synth.schools import CLASS_CAP, PRIMARY, stages_of

# Nine years from the first form to the last: the history before the first full year.
HISTORY = 9
_TEMPORARY, _WITHOUT_CARD = 0.006, 0.002


@dataclass(frozen=True)
class Pupils:
    """`persons`: pupil, student_id (for good), first_id, changed_on (NaT: never), name, is_female, born, ability,
    outside, is_migrant, is_eligible, is_left_behind, is_disabled, placement, is_aided, draw (0..1, for habits).
    `years`: one row per pupil and full school year, with year, pupil, school, grade, stage, class_no on 1 September
    and exam_school in June (-1: left before). `graduates`: year, school, stage, count of the school year that closed
    before `year` began. `history`: year, pupil, school, grade, stage of the years before the full ones. `events`:
    year (school year by date), pupil, school, grade, stage, kind, date, return_date, counterpart (school, -1 outside,
    -2 none) of all years. `away`: school year -> juniors who went to schools elsewhere in the summer before."""

    persons: pd.DataFrame
    years: pd.DataFrame
    graduates: pd.DataFrame
    history: pd.DataFrame
    events: pd.DataFrame
    away: dict[int, int]
    canary: int

    def number_at(self, pupil: pd.Series, date: str) -> pd.Series:
        """Student number of each pupil on a day: the temporary one until it is changed."""
        p = self.persons.loc[pupil.to_numpy()]
        late = p["changed_on"].isna() & (p["first_id"] != p["student_id"])
        before = late | (p["changed_on"] > pd.Timestamp(date))
        return pd.Series(np.where(before, p["first_id"], p["student_id"]), index=pupil.index)


class _Register:
    """Hands out pupil numbers and remembers how each pupil came."""

    def __init__(self, rng: np.random.Generator, schools: pd.DataFrame) -> None:
        self.rng = rng
        self.urban = schools["is_urban"].to_numpy()
        self.count = 0
        self.parts: list[pd.DataFrame] = []

    def admit(self, year: int, school: np.ndarray, grade: np.ndarray, *, outside: bool = False) -> Newcomers:
        n = len(school)
        pupil = np.arange(self.count, self.count + n)
        self.count += n
        start = np.datetime64(f"{year}-09-01") - 6 * 365
        born = start.astype("datetime64[D]") - (grade.astype(int) - 1) * 365 - self.rng.integers(1, 366, n)
        u = self.rng.random((n, 6))
        town = self.urban[school]
        migrant = u[:, 0] < np.where(town, 0.09, 0.01) + (0.6 if outside else 0.0)
        behind = ~migrant & (u[:, 1] < np.where(town, 0.03, 0.22))
        disabled = u[:, 2] < 0.014
        # The severe third goes to the special school, some are taught at home.
        placement = np.where(u[:, 3] < 0.36, "特教学校", np.where(u[:, 3] < 0.45, "送教上门", "随班就读"))
        self.parts.append(
            pd.DataFrame(
                {
                    "pupil": pupil,
                    "born": born.astype("datetime64[s]"),
                    "is_female": self.rng.random(n) < 0.478,
                    "ability": self.rng.normal(0, 1, n),
                    "outside": outside,
                    "came": year,
                    "is_migrant": migrant,
                    "is_eligible": migrant & (u[:, 4] < 0.93),
                    "is_left_behind": behind,
                    "is_disabled": disabled,
                    "placement": np.where(disabled, placement, ""),
                    "is_aided": u[:, 5] < np.where(behind, 0.30, np.where(town, 0.06, 0.16)) + 0.4 * disabled,
                    "draw": self.rng.random(n),
                }
            )
        )
        severe = disabled & (placement == "特教学校")
        return Newcomers(pupil, school, grade, severe, self.parts[-1]["ability"].to_numpy())

    def column(self, name: str) -> np.ndarray:
        """One attribute of everybody so far, by pupil number."""
        return np.concatenate([p[name].to_numpy() for p in self.parts])


def _seat(roll: pd.DataFrame, seat: np.ndarray) -> np.ndarray:
    """Class of each pupil: the year group in an order of its own, cut into equal parts under the cap."""
    order = np.lexsort((seat[roll["pupil"]], roll["grade"], roll["school"]))
    school, grade = roll["school"].to_numpy()[order], roll["grade"].to_numpy()[order]
    start = np.flatnonzero(np.r_[True, (school[1:] != school[:-1]) | (grade[1:] != grade[:-1])])
    size = np.diff(np.r_[start, len(order)])
    rank = np.arange(len(order)) - np.repeat(start, size)
    heads = np.repeat(size, size)
    caps = roll["stage"].map(CLASS_CAP).to_numpy()[order]
    class_no = np.empty(len(order), dtype=int)
    class_no[order] = (rank * -(-heads // caps) // heads) + 1
    return class_no


def live_years(
    schools: pd.DataFrame,
    years: list[int],
    region_code: str,
    rng: np.random.Generator,
    *,
    growth: tuple[int, float] | None = None,
) -> Pupils:
    """Pupils of the school years that begin in `years` (consecutive), after `HISTORY` years that leave only counts
    and events.

    `growth` (school, share) adds that share of newcomers from outside to a school in the last year; everybody
    else lives the same life with or without it.
    """
    salt = int(rng.integers(0, 2**31))
    reg = _Register(rng, schools)
    now, rolls, history, graduates, events = pd.DataFrame(), [], [], [], []
    away: dict[int, int] = {}
    for step, year in enumerate(range(years[0] - HISTORY, years[-1] + 1)):
        if step == 0:
            roll = settle(reg, schools, year)
        else:
            roll, closed, moved, away[year] = move_up(reg, schools, now, year, step)
            graduates.append(closed)
            events.append(moved)
        roll["stage"] = stages_of(roll["grade"].to_numpy(), roll["school"].to_numpy(), schools)
        roll["exam_school"], happened = live_through(roll, schools, year, rng)
        events.append(happened)
        now = roll.assign(returns=roll["pupil"].isin(happened.loc[happened["kind"] == "休学", "pupil"]))
        if year < years[0]:
            history.append(now[["pupil", "school", "stage", "grade"]].assign(year=year))
        else:
            seat = np.random.default_rng([salt, 7]).random(reg.count)
            rolls.append(now.drop(columns="returns").assign(year=year, class_no=_seat(now, seat)))
    if growth is not None:
        rolls[-1], came = _grow(reg, rolls[-1], years[-1], growth)
        events.append(came)
    persons = _describe(reg, years, region_code, salt)
    all_years = pd.concat(rolls, ignore_index=True)
    canary = _pick_canary(all_years, years)
    persons.loc[canary, "name"] = CANARY_PUPIL_NAME
    # Its number is searched for: it must be one and stay.
    persons.loc[canary, "first_id"] = persons.loc[canary, "student_id"]
    persons.loc[canary, "changed_on"] = pd.NaT
    parts = (pd.concat(p, ignore_index=True) for p in (graduates, history, events))
    return Pupils(persons, all_years, *parts, away, canary)


def _grow(
    reg: _Register, roll: pd.DataFrame, year: int, growth: tuple[int, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    school, share = growth
    home = roll.loc[roll["school"] == school]
    # Spread over the grades: every so-many-th seat gets a neighbour.
    extra = home.iloc[np.linspace(0, len(home) - 1, max(1, round(len(home) * share))).astype(int)]
    new = reg.admit(year, extra["school"].to_numpy(), extra["grade"].to_numpy(), outside=True)
    came = new.frame().assign(
        class_no=extra["class_no"].to_numpy(), exam_school=school, year=year, stage=extra["stage"].to_numpy()
    )
    later = came.loc[came["grade"] != FIRST[PRIMARY]]
    moved = event_rows(later, year, IN, np.datetime64(f"{year}-09-01"), OUT_OF_COUNTY)
    return pd.concat([roll, came], ignore_index=True), moved


def _describe(reg: _Register, years: list[int], region_code: str, salt: int) -> pd.DataFrame:
    """Persons with their names and numbers; a few begin with a temporary number, a few have no identity card."""
    persons = pd.concat(reg.parts, ignore_index=True)
    area = pd.Series(np.where(persons["outside"], outside_area(region_code), region_code))
    number = identity_numbers(area, persons["born"], persons["is_female"])
    draws = np.random.default_rng([salt, 13]).random((len(persons), 3))
    persons["student_id"] = np.where(draws[:, 0] < _WITHOUT_CARD, "J", "G") + number
    persons["first_id"] = persons["student_id"]
    # The school asks for the card within two years; those of the last years still wait.
    late = (persons["came"] >= years[0] - 1) & (draws[:, 1] < _TEMPORARY)
    temporary = temporary_numbers(region_code, persons.loc[late, "born"], draws[late.to_numpy(), 2])
    temporary = temporary.loc[~temporary.duplicated()]
    persons.loc[temporary.index, "first_id"] = temporary
    when = persons["came"] + 1 + (draws[:, 2] * 2).astype(int)
    changed = (persons["first_id"] != persons["student_id"]) & (when <= years[-1])
    persons["changed_on"] = pd.to_datetime(when.astype(str) + "-11-15").where(changed)
    persons["name"] = draw_names(np.random.default_rng([salt, 11]), persons["is_female"].to_numpy()).astype(object)
    return persons.drop(columns="came")


def _pick_canary(years: pd.DataFrame, span: list[int]) -> int:
    """A pupil of school 0 who sits the exam in the last year and, where there are enough, in the years before."""
    last = years.loc[(years["year"] == span[-1]) & (years["exam_school"] == 0) & (years["grade"] == 6), "pupil"]
    stays = years.loc[years["pupil"].isin(last) & (years["exam_school"] == 0)].groupby("pupil").size()
    return int(stays.index[(stays == stays.max()).to_numpy().argmax()])
