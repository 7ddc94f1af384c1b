"""Schools of a county: what kinds there are, which grades they teach, how large a year group is."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from synth.identifiers import school_code

PRESCHOOL, PRIMARY, JUNIOR, SENIOR = "preschool", "primary", "junior", "senior"
SPECIAL, VOCATIONAL = "special", "vocational"
COMPULSORY = (PRIMARY, JUNIOR)
STAGE_ZH = {
    PRESCHOOL: "学前", PRIMARY: "小学", JUNIOR: "初中", SENIOR: "高中", SPECIAL: "特殊教育", VOCATIONAL: "中职",
}  # fmt: skip
# Kindergarten years stand before grade 1; the special school counts its grades like the compulsory stages.
GRADES = {PRESCHOOL: (-2, 0), PRIMARY: (1, 6), JUNIOR: (7, 9), SENIOR: (10, 12)}
_DIGITS = "一二三四五六七八九"
GRADE_ZH = {-2: "小班", -1: "中班", 0: "大班", **{g: f"{z}年级" for g, z in enumerate(_DIGITS, start=1)}}
GRADE_ZH |= {10: "高一", 11: "高二", 12: "高三"}
URBAN_CODES = ("111", "112", "121")
KINDERGARTEN, TEACHING_POINT, FULL_MIDDLE, TWELVE_YEARS = "111", "218", "341", "345"
CLASS_CAP = {PRESCHOOL: 32, PRIMARY: 45, JUNIOR: 55, SENIOR: 54, SPECIAL: 12, VOCATIONAL: 50}


@dataclass(frozen=True)
class Kind:
    """An archetype: `cohort` is the size of a year group of its first stage (kindergarten, primary), the weights are
    its share of the junior, senior or vocational intake."""

    name: str
    type_code: str
    prefix: str
    urban_rural: str
    first_grade: int
    last_grade: int
    cohort: int
    junior_weight: float
    level: float  # of pupils' ability, in standard deviations
    private: bool = False
    role: str = ""
    boarding: bool = False
    inclusive: str = ""
    senior_weight: float = 0.0
    vocational_weight: float = 0.0
    special: bool = False


# The order makes every prefix of at least four a county: primaries in town and country, and a junior school.
KINDS = (
    Kind("城关{n}小学", "211", "21", "111", 1, 6, 165, 0.0, 0.28, role="集团牵头学校"),
    Kind("{p}中心小学", "211", "21", "220", 1, 6, 28, 0.0, -0.30, role="片区中心小学"),
    Kind("县城{n}初级中学", "311", "31", "111", 7, 9, 0, 0.45, 0.26, role="集团牵头学校"),
    Kind("{p}镇小学", "211", "21", "121", 1, 6, 84, 0.0, 0.02, role="片区中心小学"),
    Kind("{p}教学点", "218", "21", "220", 1, 6, 7, 0.0, -0.42, role="教学点"),
    Kind("{p}九年一贯制学校", "312", "31", "121", 1, 9, 39, 0.08, -0.06, boarding=True),
    Kind("{p}初级中学", "311", "31", "220", 7, 9, 0, 0.17, -0.34, boarding=True),
    Kind("{p}民办小学", "211", "21", "112", 1, 6, 80, 0.0, 0.16, private=True),
    Kind("{p}完全小学", "211", "21", "220", 1, 6, 22, 0.0, -0.26, role="村级完小"),
    Kind("{p}镇初级中学", "311", "31", "121", 7, 9, 0, 0.30, -0.02, boarding=True),
    Kind("新城{n}小学", "211", "21", "112", 1, 6, 126, 0.0, 0.20, role="集团成员学校"),
    Kind("{p}希望小学", "211", "21", "220", 1, 6, 33, 0.0, -0.36, role="村级完小"),
)
KINDERGARTENS = (
    Kind("县直{n}幼儿园", "111", "11", "111", -2, 0, 84, 0.0, 0.0, role="示范幼儿园", inclusive="是"),
    Kind("{p}镇中心幼儿园", "111", "11", "121", -2, 0, 58, 0.0, 0.0, role="乡镇中心幼儿园", inclusive="是"),
    Kind("{p}童乐幼儿园", "111", "11", "112", -2, 0, 56, 0.0, 0.0, private=True, inclusive="是"),
    Kind("{p}双语幼儿园", "111", "11", "112", -2, 0, 28, 0.0, 0.0, private=True, inclusive="否"),
)
SPECIAL_SCHOOL = Kind("{n}特殊教育学校", "511", "51", "112", 1, 9, 0, 0.0, 0.0, special=True, boarding=True)
SENIOR_SCHOOL = Kind("县{n}高级中学", "342", "34", "111", 10, 12, 0, 0.0, 0.25, boarding=True, senior_weight=1.0)
VOCATIONAL_SCHOOL = Kind(
    "{n}职业高级中学", "361", "36", "112", 10, 12, 0, 0.0, 0.0, boarding=True, vocational_weight=1.0
)
FULL_MIDDLE_SCHOOL = Kind(
    "{p}完全中学", FULL_MIDDLE, "34", "121", 7, 12, 0, 0.2, 0.05, boarding=True, senior_weight=0.35
)
TWELVE_YEAR_SCHOOL = Kind(
    "{p}十二年一贯制学校", TWELVE_YEARS, "34", "112", 1, 12, 74, 0.12, 0.12, boarding=True, senior_weight=0.2
)
_PLACES = (
    "柳溪", "石岭", "松坪", "双河", "青龙", "白沙", "大湾", "枫林", "黑井", "月牙", "云峰", "竹园", "马街", "龙潭",
)  # fmt: skip
_TOWNS = ("城关街道", "新城街道", "石岭镇", "双河镇", "白沙乡", "枫林乡", "月牙镇", "竹园乡")
_ORDINALS = ("第一", "第二", "第三", "第四", "第五", "第六", "第七", "第八", "第九")
SCHOOLS_A_TOWN, TOWNS_LEAST = 5, 4


def kinds_of(count: int) -> list[Kind]:
    """Kinds of the schools of a county of `count` compulsory schools: those first, the others in proportion behind.

    For 12: four kindergartens, a special, a senior and a vocational school; from 24 a full middle school for
    every 24, from 48 a twelve-year school for every 48.
    """
    others = [KINDERGARTENS[i % len(KINDERGARTENS)] for i in range(max(2, ceil(count / 3)))]
    others += [SPECIAL_SCHOOL] * max(1, count // 150)
    others += [SENIOR_SCHOOL] * max(1, count // 36)
    others += [VOCATIONAL_SCHOOL] * max(1, count // 72)
    others += [FULL_MIDDLE_SCHOOL] * (count // 24) + [TWELVE_YEAR_SCHOOL] * (count // 48)
    return [KINDS[i % len(KINDS)] for i in range(count)] + others


def plan_schools(county: int, region_code: str, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Schools of a county, one row each: `count` compulsory ones in a fixed order of kinds, then the others.

    Columns: school (0-based), code, name, type_code, urban_rural, is_private, first_grade, last_grade, cohort,
    junior_weight, senior_weight, vocational_weight, special, level, value_added, is_urban, role, group (教育集团),
    district (学区), parent_code (中心学校 of a teaching point), boarding, inclusive (是/否, '' but for kindergartens),
    township_code, township.
    """
    rows = []
    turns: dict[str, int] = {}
    towns = max(TOWNS_LEAST, min(len(_TOWNS), ceil(count / SCHOOLS_A_TOWN)))
    for i, kind in enumerate(kinds_of(count)):
        turn = turns.get(kind.name, 0)
        turns[kind.name] = turn + 1
        # A kind comes round to half of the places: after seven turns their names carry a number.
        place = _PLACES[i % len(_PLACES)] + ("" if turn < 7 else str(turn // 7 + 1))
        ordinal = _ORDINALS[turn] if turn < len(_ORDINALS) else f"第{turn + 1}"
        # Later turns differ in size; year groups stay clear of the class cap so that classes do not come and go.
        factor = 1.0 if turn == 0 else float(rng.choice([0.8, 0.9, 1.0, 1.1]))
        town = {"111": 0, "112": 1}.get(kind.urban_rural, 2 + i % (towns - 2))
        rows.append(
            {
                "school": i,
                "code": school_code(kind.prefix, county, i),
                "name": kind.name.format(p=place, n=ordinal),
                "type_code": kind.type_code,
                "urban_rural": kind.urban_rural,
                "is_private": kind.private,
                "first_grade": kind.first_grade,
                "last_grade": kind.last_grade,
                "cohort": round(kind.cohort * factor),
                "junior_weight": kind.junior_weight * factor,
                "senior_weight": kind.senior_weight * factor,
                "vocational_weight": kind.vocational_weight * factor,
                "special": kind.special,
                "level": kind.level + float(rng.normal(0, 0.08)),
                "value_added": float(rng.normal(0, 0.07)),
                "role": kind.role,
                "boarding": kind.boarding,
                "inclusive": kind.inclusive,
                "township_code": f"{region_code}{101 + town}",
                "township": _TOWNS[town],
            }
        )
    frame = pd.DataFrame(rows)
    frame["is_urban"] = frame["urban_rural"].isin(URBAN_CODES)
    return _belong(frame)


def _belong(schools: pd.DataFrame) -> pd.DataFrame:
    """Adds the group led by the town schools, the district, and the central school of each teaching point."""
    central = schools.loc[schools["role"] == "片区中心小学"]
    parent = np.full(len(schools), "", dtype=object)
    for i in schools.index[schools["type_code"] == TEACHING_POINT]:
        near = central.iloc[(central["school"] - i).abs().argsort(kind="stable")]
        parent[i] = near["code"].iloc[0] if len(near) else ""
    lead = (schools["role"] == "集团牵头学校") & (schools["first_grade"] == 1)
    leaders = schools.loc[lead, "name"].str.removesuffix("小学").tolist()
    group = np.full(len(schools), "", dtype=object)
    joins = (schools["is_urban"] & (schools["type_code"] == "211")) | schools["role"].str.startswith("集团")
    joins &= ~schools["is_private"]
    if leaders:
        group[joins] = [f"{leaders[k % len(leaders)]}教育集团" for k in range(int(joins.sum()))]
    # A district is a town with its schools of compulsory education.
    compulsory = (schools["first_grade"] >= 1) & (schools["first_grade"] <= 7) & ~schools["special"]
    return schools.assign(
        parent_code=parent, group=group, district=(schools["township"] + "学区").where(compulsory, "")
    )


def stages_of(grade: np.ndarray, school: np.ndarray, schools: pd.DataFrame) -> np.ndarray:
    """Stage of each pupil by grade and school: the special and the vocational school are stages of their own."""
    bounds = np.array([PRESCHOOL, PRIMARY, JUNIOR, SENIOR], dtype=object)
    stage = bounds[np.searchsorted([1, 7, 10], grade, side="right")]
    stage[schools["special"].to_numpy()[school]] = SPECIAL
    stage[(schools["vocational_weight"].to_numpy() > 0)[school]] = VOCATIONAL
    return stage


def stage_of(grade: pd.Series) -> pd.Series:
    """Stage of a grade of general schooling: below 1 preschool, 1-6 primary, 7-9 junior, 10-12 senior."""
    bounds = np.array([PRESCHOOL, PRIMARY, JUNIOR, SENIOR], dtype=object)
    return pd.Series(bounds[np.searchsorted([1, 7, 10], grade.to_numpy(), side="right")], index=grade.index)


def sections_of(schools: pd.DataFrame) -> pd.DataFrame:
    """Sections (school x stage), ordered by stage and school: columns school, stage."""
    first, last = schools["first_grade"], schools["last_grade"]
    own = schools["special"] | (schools["vocational_weight"] > 0)
    parts = [
        schools.loc[~own & (first <= GRADES[stage][1]) & (last >= GRADES[stage][0]), ["school"]].assign(stage=stage)
        for stage in (PRIMARY, JUNIOR, PRESCHOOL, SENIOR)
    ]
    parts.append(schools.loc[schools["special"], ["school"]].assign(stage=SPECIAL))
    parts.append(schools.loc[schools["vocational_weight"] > 0, ["school"]].assign(stage=VOCATIONAL))
    return pd.concat(parts, ignore_index=True)
