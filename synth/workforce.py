"""All that happens with a county's teachers beside their lessons: training, rotation, posts, researchers, newcomers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth import posts, teaching
from synth.honours import ABOVE_SCHOOL, BACKBONE_TITLES, SCHOOL, valid_at
from synth.identifiers import identity_numbers
from synth.names import draw_names
from synth.schools import COMPULSORY
from synth.staff import TEACHER
from synth.training import train

_RESEARCH_SUBJECTS = ("语文", "数学", "英语", "物理", "化学", "体育", "科学", "道德与法治")
_TEACHERS_A_RESEARCHER = 55
_LINKS = (2, 6)  # schools a researcher looks after
ROTATION_YEARS = 6  # in the same school before a teacher is due to change
_ROTATED, _ROTATED_BACKBONE = 0.125, 0.22
_UNIVERSITIES = ("滇桥师范大学", "青禾师范学院", "西陲师范大学")
INTAKE = {"省级": 7.0}  # publicly funded student teachers a year for 300 teachers


@dataclass(frozen=True)
class Workforce:
    """`researchers`: person, name, identity, code, main_subject, since, born. `links`: year, person, school.
    `training`: see `training.train`. `rotation`: year, person, school, stage, eligible, rotated, to_school (-1: none),
    level of the backbone title ('' none). `timetable`, `assignments`, `exercise`: see `teaching`. `posts`,
    `post_totals`, `wanted`: see `posts`. `intake`: year (calendar), identity, name, level, main_subject, university."""

    researchers: pd.DataFrame
    links: pd.DataFrame
    training: pd.DataFrame
    rotation: pd.DataFrame
    timetable: pd.DataFrame
    assignments: pd.DataFrame
    exercise: pd.DataFrame
    posts: pd.DataFrame
    post_totals: pd.DataFrame
    wanted: pd.DataFrame
    intake: pd.DataFrame


def prepare(
    region_code: str, years: list[int], schools: pd.DataFrame, sections: pd.DataFrame, classes: pd.DataFrame,
    everyone: pd.DataFrame, honours: pd.DataFrame, rng: np.random.Generator,
) -> Workforce:  # fmt: skip
    """The workforce of a county; `everyone` is its staff with the years before the full ones."""
    staff = everyone.loc[everyone["year"] >= years[0]]
    researchers = _researchers(region_code, everyone, rng)
    timetable = teaching.lay_out(classes, rng)
    allotted = posts.allot(schools, sections)
    return Workforce(
        researchers=researchers,
        links=_links(researchers, schools, years, rng),
        training=train(everyone, researchers, rng),
        rotation=_rotate(staff, schools, honours, rng),
        timetable=timetable,
        assignments=teaching.assign(timetable, staff),
        exercise=teaching.exercise(classes, rng),
        posts=allotted,
        post_totals=posts.county_total(allotted),
        wanted=posts.want(classes),
        intake=_intake(region_code, staff, years, rng),
    )


def _people(area: str, n: int, ages: tuple[int, int], year: int, rng: np.random.Generator) -> pd.DataFrame:
    female = pd.Series(rng.random(n) < 0.5)
    born = pd.to_datetime((year - rng.integers(*ages, n)).astype(str)) + pd.to_timedelta(rng.integers(0, 300, n), "D")
    identity = identity_numbers(pd.Series(area, index=range(n)), pd.Series(born), female)
    name = draw_names(rng, female.to_numpy()).astype(object)
    return pd.DataFrame({"identity": identity, "name": name, "born": born, "is_female": female})


def _researchers(region_code: str, everyone: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    first, last = int(everyone["year"].min()), int(everyone["year"].max())
    n = max(4, round((everyone["year"] == last).sum() / _TEACHERS_A_RESEARCHER))
    people = _people("96" + region_code[2:], n, (32, 50), first, rng)
    start = everyone["person"].max() + 1
    since = np.where(np.arange(n) % 5 == 4, first + rng.integers(2, 5, n), first - rng.integers(1, 8, n))
    return people.assign(
        person=np.arange(start, start + n),
        code=[f"JY{region_code}{k:04d}" for k in range(1, n + 1)],
        main_subject=[_RESEARCH_SUBJECTS[k % len(_RESEARCH_SUBJECTS)] for k in range(n)],
        since=since,
        school=-1,
        stage="",
    )


def _links(
    researchers: pd.DataFrame, schools: pd.DataFrame, years: list[int], rng: np.random.Generator
) -> pd.DataFrame:
    general = schools.loc[(schools["first_grade"] >= 1) & ~schools["special"] & (schools["last_grade"] <= 9), "school"]
    rows = []
    for year in years:
        for r in researchers.loc[researchers["since"] <= year, "person"]:
            n = min(len(general), int(rng.integers(_LINKS[0], _LINKS[1] + 1)))
            rows += [(year, r, s) for s in sorted(rng.permutation(general.to_numpy())[:n].tolist())]
    return pd.DataFrame(rows, columns=["year", "person", "school"])


def _rotate(
    staff: pd.DataFrame, schools: pd.DataFrame, honours: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Teachers of public compulsory schools who are due to change school, and those who did for a year."""
    public = ~schools["is_private"].to_numpy()
    t = staff.loc[(staff["post"] == TEACHER) & staff["stage"].isin(COMPULSORY) & public[staff["school"]]]
    here = t["year"] - t["school_since"].dt.year
    t = t.loc[here >= ROTATION_YEARS - 2]
    eligible = (t["year"] - t["school_since"].dt.year >= ROTATION_YEARS) & (t["age"] < 55)
    growing = 1 + 0.12 * (t["year"] - t["year"].min())
    chance = np.where(t["backbone"], _ROTATED_BACKBONE, _ROTATED) * growing
    rotated = eligible & (rng.random(len(t)) < chance)
    target = np.full(len(t), -1)
    for stage in COMPULSORY:
        takes = schools.loc[public & ~schools["special"], "school"].to_numpy()
        first, last = schools["first_grade"].to_numpy()[takes], schools["last_grade"].to_numpy()[takes]
        takes = takes[(first <= 6) & (first >= 1) if stage == COMPULSORY[0] else (last >= 9) & (first <= 7)]
        go = (rotated & (t["stage"] == stage)).to_numpy()
        if len(takes) > 1:
            drawn = takes[rng.integers(0, len(takes), len(t))]
            nextone = takes[(np.searchsorted(takes, drawn) + 1) % len(takes)]
            target[go] = np.where(drawn == t["school"].to_numpy(), nextone, drawn)[go]
    rotated &= target >= 0
    level = _titles(t, honours)
    return t[["year", "person", "code", "name", "school", "stage"]].assign(
        eligible=eligible, rotated=rotated, to_school=np.where(rotated, target, -1), level=level
    )  # fmt: skip


def _titles(t: pd.DataFrame, honours: pd.DataFrame) -> pd.Series:
    """Highest level of the backbone titles each teacher holds on 1 September; '' for none."""
    order = [*ABOVE_SCHOOL, SCHOOL]
    parts = []
    for year, now in t.groupby("year"):
        held = valid_at(honours, pd.Timestamp(f"{year}-09-01"))
        held = held.loc[held["title"].isin(BACKBONE_TITLES)]
        best = held.assign(rank=held["level"].map(order.index)).groupby("person")["rank"].min()
        parts.append(now["person"].map(best).map(dict(enumerate(order))).fillna(""))
    return pd.concat(parts).reindex(t.index) if parts else pd.Series("", index=t.index)


def _intake(region_code: str, staff: pd.DataFrame, years: list[int], rng: np.random.Generator) -> pd.DataFrame:
    size = (staff["year"] == years[-1]).sum() / 300
    wanted = [(y, level, max(1, rng.poisson(rate * size))) for y in years for level, rate in INTAKE.items()]
    n = sum(k for *_, k in wanted)
    people = _people("95" + region_code[2:], n, (18, 19), years[-1], rng)
    return people.assign(
        year=np.repeat([y for y, *_ in wanted], [k for *_, k in wanted]),
        level=np.repeat([level for _, level, _ in wanted], [k for *_, k in wanted]),
        main_subject=[_RESEARCH_SUBJECTS[k % 7] for k in range(n)],
        university=[_UNIVERSITIES[k % 3] for k in range(n)],
    )
