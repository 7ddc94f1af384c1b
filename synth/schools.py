"""Schools of a county: what kinds there are, which grades they teach, how large a year group is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.identifiers import school_code

PRIMARY, JUNIOR = "primary", "junior"
STAGE_ZH = {PRIMARY: "小学", JUNIOR: "初中"}
GRADE_ZH = dict(enumerate("一二三四五六七八九", start=1))
URBAN_CODES = ("111", "112", "121")
TEACHING_POINT = "218"
CLASS_CAP = {PRIMARY: 45, JUNIOR: 55}


@dataclass(frozen=True)
class Kind:
    """An archetype: `cohort` is the size of a primary year group, `junior_weight` the share of the junior intake."""

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


# The order makes every prefix of at least four a county: primaries in town and country, and a junior school.
KINDS = (
    Kind("城关{n}小学", "211", "21", "111", 1, 6, 165, 0.0, 0.28),
    Kind("{p}中心小学", "211", "21", "220", 1, 6, 28, 0.0, -0.30),
    Kind("县城{n}初级中学", "311", "31", "111", 7, 9, 0, 0.45, 0.26),
    Kind("{p}镇小学", "211", "21", "121", 1, 6, 84, 0.0, 0.02),
    Kind("{p}教学点", "218", "21", "220", 1, 6, 7, 0.0, -0.42),
    Kind("{p}九年一贯制学校", "312", "31", "121", 1, 9, 39, 0.08, -0.06),
    Kind("{p}初级中学", "311", "31", "220", 7, 9, 0, 0.17, -0.34),
    Kind("{p}民办小学", "211", "21", "112", 1, 6, 80, 0.0, 0.16, private=True),
    Kind("{p}完全小学", "211", "21", "220", 1, 6, 22, 0.0, -0.26),
    Kind("{p}镇初级中学", "311", "31", "121", 7, 9, 0, 0.30, -0.02),
    Kind("新城{n}小学", "211", "21", "112", 1, 6, 126, 0.0, 0.20),
    Kind("{p}希望小学", "211", "21", "220", 1, 6, 33, 0.0, -0.36),
)
_PLACES = (
    "柳溪",
    "石岭",
    "松坪",
    "双河",
    "青龙",
    "白沙",
    "大湾",
    "枫林",
    "黑井",
    "月牙",
    "云峰",
    "竹园",
    "马街",
    "龙潭",
)
_ORDINALS = ("第一", "第二", "第三", "第四", "第五", "第六", "第七", "第八", "第九")


def plan_schools(county: int, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Schools of a county, one row each, in a fixed order of kinds.

    Columns: school (0-based), code, name, type_code, urban_rural, is_private, first_grade, last_grade, cohort,
    junior_weight, level, value_added, is_urban.
    """
    rows = []
    for i in range(count):
        turn, k = divmod(i, len(KINDS))
        kind = KINDS[k]
        place = _PLACES[i % len(_PLACES)] + ("" if i < len(_PLACES) else str(i // len(_PLACES) + 1))
        ordinal = _ORDINALS[turn] if turn < len(_ORDINALS) else f"第{turn + 1}"
        # Later turns differ in size; year groups stay clear of the class cap so that classes do not come and go.
        factor = 1.0 if turn == 0 else float(rng.choice([0.8, 0.9, 1.0, 1.1]))
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
                "level": kind.level + float(rng.normal(0, 0.08)),
                "value_added": float(rng.normal(0, 0.07)),
            }
        )
    frame = pd.DataFrame(rows)
    frame["is_urban"] = frame["urban_rural"].isin(URBAN_CODES)
    return frame


def stage_of(grade: pd.Series) -> pd.Series:
    """Stage of a grade: 1-6 primary, 7-9 junior."""
    return pd.Series(np.where(grade <= 6, PRIMARY, JUNIOR), index=grade.index)


def sections_of(schools: pd.DataFrame) -> pd.DataFrame:
    """Sections (school x stage), ordered by stage and school: columns school, stage."""
    primary = schools.loc[schools["first_grade"] <= 6, ["school"]].assign(stage=PRIMARY)
    junior = schools.loc[schools["last_grade"] >= 7, ["school"]].assign(stage=JUNIOR)
    return pd.concat([primary, junior], ignore_index=True)
