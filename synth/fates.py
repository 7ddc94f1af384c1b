"""What happens to pupils between two summers: who leaves, changes school, falls ill for long, stops coming, dies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.schools import JUNIOR, PRIMARY, SENIOR, SPECIAL

IN, OUT, SUSPENDED, BACK, DEAD, DROPPED = "转入", "转出", "休学", "复学", "死亡", "辍学"
OUT_OF_COUNTY, NOWHERE = -1, -2
# Chances of a year; those who stop coming are found in the upper grades of compulsory schooling.
MIDYEAR_OUT, MIDYEAR_MOVE = 0.005, 0.003
SUSPENSION, DEATH = 0.0015, 0.0002
DROPOUT_FOR_GOOD, DROPOUT_RETURNED = 0.0011, 0.0016
_DROPOUT_GRADES = (4, 9)
_ENTRY = (1, 7, 10)
_MIDYEAR_STAGES = (PRIMARY, JUNIOR, SENIOR)
EVENT_COLUMNS = ["year", "pupil", "school", "grade", "stage", "kind", "date", "return_date", "counterpart"]


def event_rows(
    who: pd.DataFrame, year: int, kind: str, date: np.ndarray | np.datetime64, counterpart: np.ndarray | int = NOWHERE,
    back: np.ndarray | np.datetime64 | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Events of one kind: `who` has pupil, school, grade, stage; columns as EVENT_COLUMNS."""
    n = len(who)
    never = np.full(n, np.datetime64("NaT", "s"))
    return pd.DataFrame(
        {
            "year": year,
            "pupil": who["pupil"].to_numpy(),
            "school": who["school"].to_numpy(),
            "grade": who["grade"].to_numpy(),
            "stage": who["stage"].to_numpy(),
            "kind": kind,
            "date": np.broadcast_to(np.asarray(date).astype("datetime64[s]"), n),
            "return_date": never if back is None else np.asarray(back).astype("datetime64[s]"),
            "counterpart": counterpart,
        },
        columns=EVENT_COLUMNS,
    )


def towns_of(schools: pd.DataFrame, stage: str) -> np.ndarray:
    """Town schools that teach the whole of a compulsory stage, and take everybody."""
    general = ~schools["special"] & schools["is_urban"]
    teaches = schools["first_grade"].eq(1) if stage == PRIMARY else (schools["last_grade"] >= 9)
    if stage == JUNIOR:
        teaches &= schools["first_grade"] <= 7
    return schools.loc[teaches & general & (schools["vocational_weight"] == 0), "school"].to_numpy()


def live_through(
    roll: pd.DataFrame, schools: pd.DataFrame, year: int, rng: np.random.Generator
) -> tuple[np.ndarray, pd.DataFrame]:
    """School in June of each pupil of the roll (-1: left before), and the events of the year."""
    stage, grade = roll["stage"].to_numpy(), roll["grade"].to_numpy()
    june = roll["school"].to_numpy().copy()
    u = rng.random((len(roll), 3))
    day = np.datetime64(f"{year}-10-08") + (u[:, 2] * 220).astype(int)
    events = []

    def happen(mask: np.ndarray, kind: str, **more: object) -> None:
        events.append(event_rows(roll.loc[mask], year, kind, day[mask], **more))  # type: ignore[arg-type]

    settled = np.isin(stage, _MIDYEAR_STAGES)
    out = settled & (u[:, 0] < MIDYEAR_OUT)
    june[out] = -1
    happen(out, OUT, counterpart=OUT_OF_COUNTY)
    for which in (PRIMARY, JUNIOR):
        towns = towns_of(schools, which)
        mover = (u[:, 0] > 1 - MIDYEAR_MOVE) & (stage == which)
        if not len(towns):
            continue
        target = rng.choice(towns, int(mover.sum()))
        really = target != june[mover]
        mover[np.flatnonzero(mover)[~really]] = False
        target = target[really]
        happen(mover, OUT, counterpart=target)
        came = roll.loc[mover].assign(school=target)
        events.append(event_rows(came, year, IN, day[mover], june[mover]))
        june[mover] = target
    left, stays = u[:, 1], (june == roll["school"].to_numpy())
    low, high = 0.0, DEATH
    dead = stays & (left < high) & (stage != SPECIAL) & (grade >= 1)
    june[dead] = -1
    happen(dead, DEAD)
    low, high = high, high + SUSPENSION
    ill = stays & settled & (left >= low) & (left < high) & ~np.isin(grade, _ENTRY)
    june[ill] = -1
    happen(ill, SUSPENDED)
    upper = settled & (grade >= _DROPOUT_GRADES[0]) & (grade <= _DROPOUT_GRADES[1])
    low, high = high, high + DROPOUT_FOR_GOOD
    gone = stays & upper & (left >= low) & (left < high)
    june[gone] = -1
    happen(gone, DROPPED)
    low, high = high, high + DROPOUT_RETURNED
    away = stays & upper & (left >= low) & (left < high)
    happen(away, DROPPED, back=day[away] + 21)
    return june, pd.concat(events, ignore_index=True)
