"""The county as its institutions see it: schools, sections and years, and a stream of random numbers a subject."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
import pandas as pd

from synth.county import County

PRIMARY, JUNIOR, SENIOR = "primary", "junior", "senior"
PRESCHOOL, SPECIAL, VOCATIONAL = "preschool", "special", "vocational"
STAGES = (PRESCHOOL, PRIMARY, JUNIOR, SENIOR, SPECIAL, VOCATIONAL)
STAGE_ZH = {
    PRESCHOOL: "学前", PRIMARY: "小学", JUNIOR: "初中", SENIOR: "高中", SPECIAL: "特殊教育", VOCATIONAL: "中职",
}  # fmt: skip
_DIGITS = "一二三四五六七八九"
GRADE_ZH = {-2: "小班", -1: "中班", 0: "大班", **{g: f"{z}年级" for g, z in enumerate(_DIGITS, start=1)}}
GRADE_ZH |= {10: "高一", 11: "高二", 12: "高三"}
TOWN, COUNTRY_TOWN, COUNTRY = "城区", "镇区", "乡村"
COMPULSORY = (PRIMARY, JUNIOR)
ALL = STAGES


def scope(stages: tuple[str, ...]) -> str:
    """Name of a scope of stages: `primary;junior`, `all`."""
    return "all" if stages == ALL else ";".join(stages)


def area_of(urban_rural: pd.Series) -> pd.Series:
    """城区, 镇区 or 乡村 of the codes 111 to 220."""
    return pd.Series(
        np.where(urban_rural.str[:2] == "11", TOWN, np.where(urban_rural.str[:1] == "1", COUNTRY_TOWN, COUNTRY)),
        index=urban_rural.index,
    )


@dataclass(frozen=True)
class Base:
    """The finished county with what its institutions need to know of it."""

    county: County

    @property
    def region(self) -> str:
        return self.county.region_code

    @property
    def years(self) -> list[int]:
        """First calendar years of the school years, ascending."""
        return self.county.years

    @property
    def whole_years(self) -> list[int]:
        """Calendar years of which both school years are told: events of these years are all on file."""
        return self.years[1:]

    @cached_property
    def sections(self) -> pd.DataFrame:
        """Sections of the years: year, school, stage, pupils, classes, teachers, entrants, graduates, classrooms, code,
        name, area, is_urban, is_private, boarding, step (years since the first)."""
        s = self.county.sections
        s = s.loc[s["year"].isin(self.years)]
        table = s[["year", "school", "stage", "pupils", "classes", "teachers"]].copy()
        for name, column in (("entrants", "entrants"), ("graduates", "graduates"), ("classrooms", "classroom_count")):
            table[name] = s[column].fillna(0).astype(int) if column in s else 0
        table = table.merge(self.schools.drop(columns=["stages", "stage"]), on="school")
        table["step"] = table["year"] - self.years[0]
        order = table["stage"].map({stage: i for i, stage in enumerate(STAGES)})
        return table.assign(order=order).sort_values(["year", "school", "order"], ignore_index=True)

    @cached_property
    def schools(self) -> pd.DataFrame:
        """Schools: school, code, name, area, is_urban, is_private, boarding, group, stages (of all years, in
        order), stage
        (the first of them)."""
        plan = self.county.schools
        s = self.county.sections[["school", "stage"]].drop_duplicates()
        s = s.assign(order=s["stage"].map({stage: i for i, stage in enumerate(STAGES)})).sort_values(
            ["school", "order"]
        )
        stages = s.groupby("school")["stage"].agg(tuple)
        table = plan[["school", "code", "name", "is_urban", "is_private"]].copy()
        table["area"] = area_of(plan["urban_rural"])
        table["boarding"] = plan["boarding"].astype(bool) if "boarding" in plan else False
        table["group"] = plan["group"].fillna("") if "group" in plan else ""
        table = table.loc[table["school"].isin(stages.index)].reset_index(drop=True)
        table["stages"] = table["school"].map(stages)
        return table.assign(stage=table["stages"].str[0])

    @cached_property
    def by_year(self) -> pd.DataFrame:
        """Schools of each year: as `schools`, with year, pupils, teachers, step; `stage` the first of the year."""
        keys = ["year", "school"]
        sums = self.sections.groupby(keys, as_index=False).agg(
            pupils=("pupils", "sum"), teachers=("teachers", "sum"), stage=("stage", "first"), step=("step", "first")
        )
        return sums.merge(self.schools.drop(columns=["stages", "stage"]), on="school").sort_values(
            keys, ignore_index=True
        )

    def of(self, stages: tuple[str, ...]) -> pd.DataFrame:
        """The sections of these stages."""
        return self.sections.loc[self.sections["stage"].isin(stages)]

    def count_schools(self, stages: tuple[str, ...], year: int) -> int:
        """Schools with a section of these stages in the year: a school of two stages counts once."""
        s = self.of(stages)
        return int(s.loc[s["year"] == year, "school"].nunique())

    def has(self, *stages: str) -> bool:
        """Whether the county has sections of one of these stages."""
        return bool(self.sections["stage"].isin(stages).any())

    @cached_property
    def grades(self) -> pd.DataFrame:
        """Grades 1 to 12 of general schooling: year, school, grade, stage, pupils, female, with code, area,
        is_urban."""
        g = self.county.grades
        g = g.loc[g["stage"].isin([PRIMARY, JUNIOR, SENIOR]) & g["year"].isin(self.years)]
        columns = ["year", "school", "grade", "stage", "pupils", "female", "classes"]
        table = g[columns].merge(self.schools[["school", "code", "name", "area", "is_urban"]], on="school")
        table["step"] = table["year"] - self.years[0]
        return table.sort_values(["year", "school", "grade"], ignore_index=True)

    def stream(self, subject: str, year: int = 0) -> np.random.Generator:
        """The random numbers of a subject: another for every county, seed, subject and year."""
        return np.random.default_rng([*self._seed, crc32(subject.encode()), year])

    @cached_property
    def _seed(self) -> list[int]:
        # The county keeps no seed; its schools' levels were drawn from it and say as much.
        drawn = np.ascontiguousarray(self.county.schools["level"].to_numpy(dtype=float)).tobytes()
        digest = hashlib.sha256(self.region.encode() + drawn[: 8 * 64]).digest()
        return [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4)]


def school_year(year: int) -> str:
    """`2024-2025` of 2024."""
    return f"{year}-{year + 1}"


def school_year_of(day: pd.Series) -> pd.Series:
    """First calendar year of the school year of each date: it begins in September."""
    return day.dt.year - (day.dt.month < 9)


def days(rng: np.random.Generator, first: str, last: str, n: int) -> pd.Series:
    """`n` dates between two days, both included."""
    start, end = np.datetime64(first), np.datetime64(last)
    span = int((end - start) / np.timedelta64(1, "D")) + 1
    return pd.Series(pd.DatetimeIndex(start + rng.integers(0, span, n).astype("timedelta64[D]")))


def adopt(rng: np.random.Generator, n: int, first: np.ndarray | float, later: float, years: int) -> np.ndarray:
    """In which step (0-based) each of `n` takes something up, `years` for never: a share `first` has it from the start,
    and each later year `later` of all more."""
    draw = rng.random(n)
    return np.clip(np.ceil((draw - first) / later), 0, years).astype(int)
