"""Further training: courses of every year (`courses.csv`), who took them, with what result. A cycle is five years."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from synth.staff import KINDERGARTEN_HEAD, PRINCIPAL, TEACHER, VICE

EXCELLENT, PASSED, FAILED = "优秀", "合格", "不合格"
RESEARCHER = "专职教研员"
COLUMNS = [
    "year", "person", "school", "stage", "post", "main_subject", "course", "course_no", "programme", "level", "tier",
    "organiser", "mode", "arranged", "started", "ended", "hours", "result", "completed", "project",
]  # fmt: skip


@dataclass(frozen=True)
class Course:
    """A kind of course. `share` of the pool takes part in a school year, in `sessions` groups; `month` 9-11 lies in the
    autumn of it, 3-8 in the spring after; `hours` from-to; `graded` gives results; `rate` a number of people a year for
    300 teachers instead of a share."""

    name: str
    programme: str
    pool: str
    level: str
    tier: str
    organiser: str
    mode: str
    month: int
    hours: tuple[int, int]
    share: float = 0.0
    rate: float = 0.0
    sessions: int = 1
    graded: bool = False
    project: str = ""
    on_order: str = "是"


def _courses() -> list[Course]:
    with (Path(__file__).parent / "courses.csv").open(encoding="utf-8", newline="") as f:
        return [
            Course(
                r["name"], r["programme"], r["pool"], r["level"], r["tier"], r["organiser"], r["mode"], int(r["month"]),
                (int(r["hours_from"]), int(r["hours_to"])), float(r["share"]), float(r["rate"]), int(r["sessions"]),
                r["graded"] == "yes", r["project"], r["on_order"],
            )
            for r in csv.DictReader(f)
        ]  # fmt: skip


COURSES = _courses()
_ONCE = ("heads", "vices")


def train(staff: pd.DataFrame, researchers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Every attendance of the years of `staff`, one row a person and course; columns as COLUMNS, `year` the school
    year, dates without time. Nothing is held from December to February, so that school, calendar and project years
    cut between the same courses."""
    parts: list[pd.DataFrame] = []
    done: dict[str, set[int]] = {c.programme: set() for c in COURSES}
    for year, now in staff.groupby("year"):
        teaches = now["post"] == TEACHER
        pools = {
            "teachers": now.loc[teaches],
            "ethics": now.loc[teaches & (now["main_subject"] == "道德与法治")],
            "able": now.loc[teaches & (now["excels"] < 1.9)],
            "heads": now.loc[now["duty"].isin([PRINCIPAL, KINDERGARTEN_HEAD])],
            "vices": now.loc[now["duty"] == VICE],
            "researchers": researchers.loc[researchers["since"] <= year].assign(post=RESEARCHER),
        }
        size = teaches.sum() / 300
        for course in COURSES:
            pool = pools[course.pool]
            if course.pool in _ONCE:
                # Nobody goes twice through a programme for leaders.
                pool = pool.loc[~pool["person"].isin(done[course.programme])]
            took = _attend(course, pool, int(year), size, rng)  # type: ignore[call-overload]
            done[course.programme] |= set(took["person"])
            parts.append(took)
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _attend(course: Course, pool: pd.DataFrame, year: int, size: float, rng: np.random.Generator) -> pd.DataFrame:
    if course.share:
        chosen = rng.random(len(pool)) < course.share
        who = pool.loc[chosen]
    else:
        n = max(1, round(course.rate * size * rng.uniform(0.8, 1.25)))
        who = pool.iloc[np.sort(rng.permutation(len(pool))[:n])]
    n = len(who)
    groups = course.sessions + int(rng.integers(0, 2)) if course.sessions > 1 else 1
    session = rng.integers(0, groups, n)
    calendar = year if course.month >= 9 else year + 1
    # Two sessions a kind of course begin ten days apart.
    start = np.datetime64(f"{calendar}-{course.month:02d}-03") + 10 * session + rng.integers(0, 3)
    low, high = course.hours
    hours = rng.integers(low, high + 1, n) // 2 * 2
    u = rng.random(n)
    result = np.select([u < 0.28, u < 0.97], [EXCELLENT, PASSED], FAILED) if course.graded else np.full(n, "")
    return who[["person", "school", "stage", "post", "main_subject"]].assign(
        year=year,
        course=f"{calendar}年{course.name}",
        course_no=np.char.add(np.char.add("第", (session + 1).astype(str)), "期") if n else "",
        programme=course.programme,
        level=course.level,
        tier=course.tier,
        organiser=course.organiser,
        mode=course.mode,
        arranged=course.on_order,
        started=start.astype("datetime64[s]"),
        ended=(start + np.maximum(1, hours // 8)).astype("datetime64[s]"),
        hours=hours,
        result=result,
        completed=np.where(rng.random(n) < 0.96, "是", "否"),
        project=course.project,
    )
