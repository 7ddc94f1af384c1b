"""The education money of a county: budget lines in two versions, what was paid, the final account.

Amounts are whole hundreds of yuan (0.01 of the 万元 in which the forms are printed), so that no sum can drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.schools import JUNIOR, PRIMARY, STAGE_ZH

PRESCHOOL, SENIOR, SPECIAL, VOCATIONAL = "preschool", "senior", "special", "vocational"

INITIAL, ADJUSTED = "年初预算", "调整预算"
PAID, FINAL = "执行", "决算"
FUNCTIONS = {
    PRESCHOOL: "2050201", PRIMARY: "2050202", JUNIOR: "2050203", SENIOR: "2050204", VOCATIONAL: "2050302",
    SPECIAL: "2050701",
}  # fmt: skip
STAGES_ZH = {PRESCHOOL: "学前", SENIOR: "高中", SPECIAL: "特殊教育", VOCATIONAL: "中职", **STAGE_ZH}
_COUNTY, _CITY, _HIGHER, _SURCHARGE = "县级财政", "市级财政", "上级补助", "教育费附加"
_CENTRAL, _PROVINCE, _BOND, _DONATED = "中央财政", "省级财政", "专项债", "捐赠"
# What was not spent of a grant from above stands once more in the next year's budget, under this source.
CARRIED = "上年结转"
_LAPSING = (_HIGHER, _CENTRAL, _PROVINCE)
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
    Project("普通高中生均公用经费", "公用经费", BUREAU, "302", _COUNTY, SENIOR, 26000),
    Project("校舍安全保障长效机制", "校舍维修", BUREAU, "309", _CENTRAL, PRIMARY, 22000),
    Project("义务教育薄弱环节改善与能力提升", "校舍建设", BUREAU, "309", _PROVINCE, JUNIOR, 34000),
    Project("学校建设专项债券项目", "校舍建设", BUREAU, "309", _BOND, PRIMARY, 45000),
    Project("家庭经济困难学生生活补助", "学生资助", BUREAU, "303", _CENTRAL, JUNIOR, 15200),
    Project("乡村教师生活补助", "乡村教师补助", BUREAU, "303", _PROVINCE, PRIMARY, 19800),
    Project("教育信息化与数字校园", "信息化建设", BUREAU, "310", _CITY, JUNIOR, 9400, 0.8),
    Project("社会捐资助学", "捐资助学", BUREAU, "303", _DONATED, SENIOR, 1200, 0.2),
)
# Yuan a pupil: 2022, 2023, 2024 and later.
QUOTAS = {
    PRESCHOOL: (500, 500, 600), PRIMARY: (650, 720, 720), JUNIOR: (850, 940, 940), SENIOR: (1000, 1000, 1200),
    VOCATIONAL: (2000, 2000, 2200), SPECIAL: (6000, 6000, 7000),
}  # fmt: skip
_FLOOR_PUPILS, _FLOORED = 100, (PRIMARY, JUNIOR)
_TOWN_EXTRA = 20  # yuan more a pupil that town primaries had before one quota held for all
_BUILDING, _LEAN_SHARE, _GOOD_YEARS = "校舍建设", 0.1, 3
TRAINING_SHARE = (0.045, 0.055, 0.06)


def allocate(schools: pd.DataFrame, sections: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Public funds of the public schools' sections: year, school, stage, funded (pupils paid for), quota (yuan a
    pupil), allocated (yuan), training (yuan: what of it is planned for teachers' training).

    A fiscal year pays for the pupils of the school year that began before it (a section's first year for its own).
    Schools under 100 pupils are paid for 100. Two things are put right within the years: at first town primaries
    have a higher quota, and in the middle year of three or more teaching points are paid for their heads alone.
    """
    now = sections.loc[sections["year"].isin(years), ["year", "school", "stage", "pupils"]]
    before = now.assign(year=now["year"] + 1).rename(columns={"pupils": "earlier"})
    now = now.merge(before, on=["year", "school", "stage"], how="left")
    now = now.merge(schools[["school", "is_private", "is_urban"]], on="school")
    now = now.loc[~now["is_private"] & now["stage"].isin(list(QUOTAS))].sort_values(["year", "school", "stage"])
    step = (now["year"] - 2022).clip(0, 2)
    quota = sum(now["stage"].map({s: q[k] for s, q in QUOTAS.items()}).where(step == k, 0) for k in range(3))
    if len(years) > 1:
        quota += _TOWN_EXTRA * ((now["year"] == years[0]) & (now["stage"] == PRIMARY) & now["is_urban"])
    heads = now["earlier"].fillna(now["pupils"]).astype("int64")
    lapse = years[len(years) // 2] if len(years) > 2 else None
    floored = now["stage"].isin(_FLOORED) & (now["year"] != lapse)
    funded = heads.where(~floored, heads.clip(lower=_FLOOR_PUPILS))
    allocated = (funded * quota).astype("int64") // 100 * 100
    share = sum((step == k) * part for k, part in enumerate(TRAINING_SHARE))
    training = (allocated * share // 100).astype("int64") * 100
    return now[["year", "school", "stage"]].assign(
        funded=funded, quota=quota.astype("int64"), allocated=allocated, training=training
    )


def _school_lines(schools: pd.DataFrame, sections: pd.DataFrame, funds: pd.DataFrame, year: int) -> pd.DataFrame:
    keys = ["year", "school", "stage"]
    now = sections.loc[sections["year"] == year].merge(funds, on=keys)
    now = now.merge(schools[["school", "code", "name"]], on="school", how="left")
    public, training = now["allocated"] // 100, now["training"] // 100
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
    compulsory = now["stage"].isin(_FLOORED)
    parts = (
        ("在职人员工资福利", "人员经费", "301", _COUNTY, pay),
        (np.where(compulsory, "义务教育生均公用经费", "生均公用经费"), "公用经费", "302", _HIGHER, public - training),
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


def _project_lines(pupils: int, year: int, funded: set[str], rng: np.random.Generator, *, lean: bool) -> pd.DataFrame:
    """Lines of the bureau's projects; in a lean year next to nothing is built."""
    factor = pupils / 5000
    rows = []
    for p in PROJECTS:
        if p.category == "公用经费" and p.stage in funded:
            continue  # its schools have lines of their own
        grown = p.amount * (p.scale * factor + 1 - p.scale) * 1.05 ** (year - 2022) * rng.uniform(0.98, 1.03)
        if lean and p.category == _BUILDING:
            grown *= _LEAN_SHARE
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


def _carried(before: pd.DataFrame, year: int) -> pd.DataFrame:
    """Lines for what the year before left of the bureau's grants from above: spent first, and in full."""
    left = before.loc[before["fund_source"].isin(_LAPSING) & before["unit_code"].isin([BUREAU[0], RESEARCH[0]])]
    left = left.assign(rest=left["adjusted"] - left["final"])
    left = left.loc[left["rest"] > 0]
    amounts = dict.fromkeys(("initial", "adjusted", "paid", "final"), left["rest"])
    return left.drop(columns="rest").assign(year=year, fund_source=CARRIED, **amounts)


def fund(schools: pd.DataFrame, sections: pd.DataFrame, years: list[int], rng: np.random.Generator) -> pd.DataFrame:
    """Lines of every fiscal year: year, unit_code, unit_name, project, category, function_code, economic_code,
    fund_source, stage and the four amounts initial, adjusted, paid, final (hundreds of yuan).

    The adjusted budget moves about a third of the lines; what is paid stays under it; the final account
    adds the payments of the closing period. Personnel money is paid in full, so that spending does not fall, but in
    the last year of more than three: then the county has built what it wanted, and spends less than before. What is
    left of a grant from above is a line of the next year (`fund_source` CARRIED).
    """
    frames: list[pd.DataFrame] = []
    funds = allocate(schools, sections, years)
    funded = set(funds["stage"])
    for year in years:
        pupils = int(sections.loc[sections["year"] == year, "pupils"].sum())
        lean = len(years) > _GOOD_YEARS and year == years[-1]
        parts = [_project_lines(pupils, year, funded, rng, lean=lean), _school_lines(schools, sections, funds, year)]
        lines = pd.concat(parts, ignore_index=True)
        n = len(lines)
        moved = rng.random(n) < 0.35
        staff = (lines["category"] == "人员经费").to_numpy()
        change = np.where(moved, np.where(staff, rng.uniform(1.0, 1.02, n), rng.uniform(0.95, 1.10, n)), 1.0)
        adjusted = np.rint(lines["initial"].to_numpy() * change).astype("int64")
        paid = np.rint(adjusted * np.where(staff, 0.998, rng.uniform(0.88, 0.985, n))).astype("int64")
        final = np.minimum(adjusted, np.rint(paid * rng.uniform(1.0, 1.012, n)).astype("int64"))
        lines = lines.assign(adjusted=adjusted, paid=paid, final=np.maximum(paid, final))
        if frames:
            lines = pd.concat([lines, _carried(frames[-1], year)], ignore_index=True)
        frames.append(
            lines.sort_values(["unit_code", "function_code", "category", "project"], ignore_index=True, kind="stable")
        )
    return pd.concat(frames, ignore_index=True)
