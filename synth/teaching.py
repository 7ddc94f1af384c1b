"""What is taught: the prescribed lessons, the timetable of each class, who teaches it, and how long it moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.schools import COMPULSORY, JUNIOR, PRIMARY, SENIOR
from synth.staff import TEACHER

SUBJECT_LESSON, THEME, HEALTH = "学科课程", "跨学科主题学习", "健康教育"
AUTUMN, SPRING = "上", "下"
# Weekly lessons by grade.
_PRIMARY_EARLY = {"语文": 8, "数学": 4, "道德与法治": 2, "体育": 4, "音乐": 2, "美术": 2, "科学": 1, "劳动": 1}
_PRIMARY_LATE = {
    "语文": 6, "数学": 5, "英语": 3, "道德与法治": 2, "体育": 4, "音乐": 2, "美术": 2, "科学": 2, "劳动": 1,
    "信息科技": 1,
}  # fmt: skip
_JUNIOR = {
    "语文": 5, "数学": 5, "英语": 5, "道德与法治": 2, "体育": 3, "音乐": 1, "美术": 1, "历史": 2, "劳动": 1,
    "信息科技": 1,
}  # fmt: skip
_SENIOR = {
    "语文": 5, "数学": 5, "英语": 5, "道德与法治": 2, "体育": 2, "音乐": 1, "美术": 1, "历史": 2, "物理": 4, "化学": 3,
    "生物": 3, "地理": 2,
}  # fmt: skip
PLAN: dict[int, dict[str, int]] = {
    1: _PRIMARY_EARLY,
    2: _PRIMARY_EARLY,
    **dict.fromkeys((3, 4, 5, 6), _PRIMARY_LATE),
    7: {**_JUNIOR, "生物": 3, "地理": 3},
    8: {**_JUNIOR, "生物": 2, "地理": 2, "物理": 3},
    9: {**_JUNIOR, "物理": 4, "化学": 4},
    **dict.fromkeys((10, 11, 12), _SENIOR),
}
LOAD = {PRIMARY: 14, JUNIOR: 12, SENIOR: 12}  # weekly lessons of a full post
_WEEKS = 18
_SHORT = {PRIMARY: 0.03, JUNIOR: 0.05}  # of the classes that have a lesson less of a small subject than prescribed
_SMALL = ("音乐", "美术", "科学", "劳动", "信息科技")
PE_MINUTES = {PRIMARY: 40, JUNIOR: 45}


def plan_table() -> pd.DataFrame:
    """The prescribed weekly lessons: grade, subject, periods."""
    rows = [(g, s, n) for g, subjects in PLAN.items() for s, n in subjects.items() if g <= 9]
    return pd.DataFrame(rows, columns=["grade", "subject", "periods"])


def lay_out(classes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The timetable: year, school, stage, grade, class_no, subject, lesson, periods (weekly; NaN for a theme of the
    term), term_lessons. Subject lessons, of which the interdisciplinary themes are a part, and health lessons."""
    c = classes.loc[classes["stage"].isin(COMPULSORY)].reset_index(drop=True)
    prescribed = plan_table()
    table = c.drop(columns="pupils").merge(prescribed, on="grade")
    short = table["subject"].isin(_SMALL) & (table["periods"] > 1)
    short &= rng.random(len(table)) < table["stage"].map(_SHORT) * (
        1 - 0.5 * (table["year"] - table["year"].min())
    ).clip(0, 1)
    table["periods"] = table["periods"] - short.astype(int)
    table["lesson"], table["term_lessons"] = SUBJECT_LESSON, np.nan
    # Some schools give labour a second lesson, more of them every year.
    step = table["year"] - table["year"].min()
    keen = rng.random(int(c["school"].max()) + 1)
    table["periods"] += ((table["subject"] == "劳动") & (keen[table["school"]] < 0.3 + 0.15 * step)).astype(int)
    # A tenth of the lessons of the sciences and of Chinese is given to themes; schools are on their way there.
    eager = rng.random(int(c["school"].max()) + 1) if len(c) else rng.random(1)
    host = table["subject"].isin(["语文", "科学", "历史", "地理", "劳动", "生物"])
    theme = table.loc[host & (rng.random(len(table)) < 0.5 + 0.4 * eager[table["school"]])].copy()
    theme["lesson"] = THEME
    theme["periods"] = np.where(theme["subject"] == "语文", 1.5, 0.5)
    health = c.drop(columns="pupils").assign(subject="体育", lesson=HEALTH, periods=np.nan)
    late = (eager[health["school"]] < 0.2) & (health["year"] - health["year"].min() < 2)
    health["term_lessons"] = np.where(late, 3, 4) + (rng.random(len(health)) < 0.4)
    return pd.concat([table, theme, health], ignore_index=True)


def assign(timetable: pd.DataFrame, staff: pd.DataFrame) -> pd.DataFrame:
    """Who teaches which class: year, school, stage, grade, class_no, subject, person, periods, term. The teachers of a
    subject share its classes in turn; where a section has none, its other teachers do."""
    lessons = timetable.loc[timetable["lesson"] == SUBJECT_LESSON]
    t = staff.loc[(staff["post"] == TEACHER) & staff["stage"].isin(COMPULSORY)]
    keys = ["year", "school", "stage"]
    t = t.sort_values([*keys, "person"])
    own = t.assign(subject=t["main_subject"])[[*keys, "subject", "person"]]
    parts = []
    by_subject = _deal(lessons, own, [*keys, "subject"])
    parts.append(by_subject.loc[by_subject["person"].notna()])
    left = by_subject.loc[by_subject["person"].isna()].drop(columns="person")
    parts.append(_deal(left, own.drop(columns="subject"), keys))
    dealt = pd.concat(parts, ignore_index=True).assign(person=lambda d: d["person"].astype(int))
    dealt = dealt[[*keys, "grade", "class_no", "subject", "person", "periods"]]
    both = pd.concat([dealt.assign(term=AUTUMN), dealt.assign(term=SPRING)], ignore_index=True)
    return both.sort_values([*keys, "term", "grade", "class_no", "subject"], ignore_index=True, kind="stable")


def _deal(lessons: pd.DataFrame, people: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Each lesson's teacher: the people with the same keys in turn; NaN where there are none."""
    people = people.assign(turn=people.groupby(keys).cumcount())
    counts = people.groupby(keys).size().rename("many").reset_index()
    lessons = lessons.merge(counts, on=keys, how="left")
    order = lessons.groupby(keys).cumcount()
    lessons["turn"] = (order % lessons["many"].fillna(1)).astype(int)
    return lessons.merge(people, on=[*keys, "turn"], how="left").drop(columns=["turn", "many"])


def exercise(classes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Exercise of each class: year, school, stage, grade, class_no, pe_periods, pe_minutes, break_minutes,
    activity_minutes (a day), days."""
    c = classes.loc[classes["stage"].isin(COMPULSORY)].reset_index(drop=True).drop(columns="pupils")
    keen = rng.random(int(c["school"].max()) + 1) if len(c) else rng.random(1)
    since = c["year"] - c["year"].min()
    more = keen[c["school"]] + 0.2 * since > 0.55
    return c.assign(
        pe_periods=[PLAN[g]["体育"] for g in c["grade"]],
        pe_minutes=c["stage"].map(PE_MINUTES),
        break_minutes=np.where(more, 30, 25),
        activity_minutes=np.where(more, 40, 30) + 5 * (rng.random(len(c)) < 0.3),
        days=5,
    )
