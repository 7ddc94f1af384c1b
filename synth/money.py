"""The education money of a county: budget lines in two versions, what was paid, the final account.

Amounts are whole hundreds of yuan (0.01 of the 万元 in which the forms are printed), so that no sum can drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.schools import JUNIOR, PRIMARY, STAGE_ZH

INITIAL, ADJUSTED = "年初预算", "调整预算"
PAID, FINAL = "执行", "决算"
FUNCTIONS = {"preschool": "2050201", PRIMARY: "2050202", JUNIOR: "2050203", "senior": "2050204"}
FUNCTION_NAMES = {"2050201": "学前教育", "2050202": "小学教育", "2050203": "初中教育", "2050204": "高中教育"}
STAGES_ZH = {"preschool": "学前", "senior": "高中", **STAGE_ZH}
_COUNTY, _CITY, _HIGHER, _SURCHARGE = "县级财政", "市级财政", "上级补助", "教育费附加"
BUREAU, RESEARCH = ("301001", "教育体育局本级"), ("301002", "教育科学研究所")


@dataclass(frozen=True)
class Project:
    """A county project: `amount` in hundreds of yuan for a county of 5000 pupils in the first year, `scale` how it
    grows with the county (1) or not (0)."""

    name: str
    category: str
    unit: tuple[str, str]
    economic: str
    source: str
    stage: str
    amount: int
    scale: float = 1.0


PROJECTS = (
    Project("教学研究专项经费", "教研专项", RESEARCH, "302", _COUNTY, PRIMARY, 3000, 0.3),
    Project("学业质量监测经费", "教研专项", RESEARCH, "302", _COUNTY, JUNIOR, 1850, 0.5),
    Project("校园文化建设项目", "校园文化", BUREAU, "310", _COUNTY, PRIMARY, 12000),
    Project("初中校园文化提升", "校园文化", BUREAU, "310", _HIGHER, JUNIOR, 6500),
    Project("教师全员培训", "教师培训", RESEARCH, "30216", _HIGHER, PRIMARY, 4200),
    Project("骨干教师研修", "教师培训", RESEARCH, "30216", _COUNTY, JUNIOR, 2650, 0.5),
    Project("县级师训费", "师训费", BUREAU, "30216", _COUNTY, PRIMARY, 5000, 0.5),
    Project("市级义务教育发展专项资金", "义务教育发展专项", BUREAU, "310", _CITY, PRIMARY, 20000),
    Project("市级义务教育发展专项资金(初中)", "义务教育发展专项", BUREAU, "310", _CITY, JUNIOR, 10000),
    Project("优秀高中毕业生奖学金", "奖学金", BUREAU, "303", _COUNTY, "senior", 3000, 0.2),
    Project("校长创新实践支持经费", "校长创新实践", BUREAU, "302", _COUNTY, PRIMARY, 1500, 0.5),
    Project("教室照明改造工程", "照明改造", BUREAU, "310", _SURCHARGE, PRIMARY, 8600),
    Project("义务教育学校装备补短板", "配齐教育装备", BUREAU, "310", _HIGHER, JUNIOR, 15500),
    Project("普惠性幼儿园生均补助", "学前普惠补助", BUREAU, "303", _HIGHER, "preschool", 18000),
    Project("普通高中生均公用经费", "公用经费", BUREAU, "302", _COUNTY, "senior", 26000),
)
_QUOTA = {PRIMARY: (650, 720, 720), JUNIOR: (850, 940, 940)}  # yuan a pupil: 2022, 2023 and later
_FLOOR_PUPILS = 100


def _school_lines(schools: pd.DataFrame, sections: pd.DataFrame, year: int) -> pd.DataFrame:
    now = sections.loc[sections["year"] == year].merge(
        schools[["school", "code", "name", "is_private"]], on="school", how="left"
    )
    now = now.loc[~now["is_private"]]
    step = min(max(year - 2022, 0), 2)
    quota = now["stage"].map({stage: q[step] for stage, q in _QUOTA.items()})
    public = (now["pupils"].clip(lower=_FLOOR_PUPILS) * quota / 100).round()
    training = (public * 0.06).round()
    pay = (now["staff"] * 985 * 1.035 ** (year - 2022)).round()
    base = pd.DataFrame(
        {
            "year": year,
            "unit_code": "3011" + now["code"].str[-3:],
            "unit_name": now["name"],
            "function_code": now["stage"].map(FUNCTIONS),
            "stage": now["stage"],
        }
    )
    parts = (
        ("在职人员工资福利", "人员经费", "301", _COUNTY, pay),
        ("义务教育生均公用经费", "公用经费", "302", _HIGHER, public - training),
        ("公用经费安排教师培训费", "公用经费", "30216", _HIGHER, training),
    )
    return pd.concat(
        [
            base.assign(
                project=name, category=cat, economic_code=eco, fund_source=source, initial=amount.astype("int64")
            )
            for name, cat, eco, source, amount in parts
        ],
        ignore_index=True,
    )


def _project_lines(pupils: int, year: int, rng: np.random.Generator) -> pd.DataFrame:
    factor = pupils / 5000
    rows = []
    for p in PROJECTS:
        grown = p.amount * (p.scale * factor + 1 - p.scale) * 1.05 ** (year - 2022) * rng.uniform(0.98, 1.03)
        rows.append(
            {
                "year": year,
                "unit_code": p.unit[0],
                "unit_name": p.unit[1],
                "project": p.name,
                "category": p.category,
                "function_code": FUNCTIONS[p.stage],
                "economic_code": p.economic,
                "fund_source": p.source,
                "stage": p.stage,
                # Budgets are made in round numbers: whole thousands of yuan.
                "initial": int(round(grown / 10) * 10),
            }
        )
    return pd.DataFrame(rows)


def fund(schools: pd.DataFrame, sections: pd.DataFrame, years: list[int], rng: np.random.Generator) -> pd.DataFrame:
    """Lines of every fiscal year: year, unit_code, unit_name, project, category, function_code, economic_code,
    fund_source, stage and the four amounts initial, adjusted, paid, final (hundreds of yuan).

    The adjusted budget moves about a third of the lines; what is paid stays under it; the final account
    adds the payments of the closing period. Personnel money is paid in full, so that spending does not fall.
    """
    frames = []
    for year in years:
        pupils = int(sections.loc[sections["year"] == year, "pupils"].sum())
        lines = pd.concat(
            [_project_lines(pupils, year, rng), _school_lines(schools, sections, year)], ignore_index=True
        )
        n = len(lines)
        moved = rng.random(n) < 0.35
        staff = (lines["category"] == "人员经费").to_numpy()
        change = np.where(moved, np.where(staff, rng.uniform(1.0, 1.02, n), rng.uniform(0.95, 1.10, n)), 1.0)
        adjusted = np.rint(lines["initial"].to_numpy() * change).astype("int64")
        paid = np.rint(adjusted * np.where(staff, 0.998, rng.uniform(0.88, 0.985, n))).astype("int64")
        final = np.minimum(adjusted, np.rint(paid * rng.uniform(1.0, 1.012, n)).astype("int64"))
        lines = lines.assign(adjusted=adjusted, paid=paid, final=np.maximum(paid, final))
        frames.append(
            lines.sort_values(["unit_code", "function_code", "category", "project"], ignore_index=True, kind="stable")
        )
    return pd.concat(frames, ignore_index=True)
