"""Building and equipment projects: the ledger with its branches, and the monthly progress of each project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import (
    COMPULSORY,
    JUNIOR,
    PRESCHOOL,
    PRIMARY,
    SENIOR,
    SPECIAL,
    STAGE_ZH,
    Base,
    days,
    school_year,
    school_year_of,
    scope,
)

BUILT, STARTED, PLANNED = "完工", "在建", "筹建"
NEW, ENLARGED, REBUILT, EXTENDED = "新建", "扩建", "改建", "改扩建"
LIGHTING, EQUIPMENT = "照明改造", "配齐教育装备"
_BUILDING = "校舍建设"
# Unit prices in yuan a m2, and m2 a place.
_FLOOR_PRICE, _GROUND_PRICE = 3000, 400
_SIZES = {PRESCHOOL: (9.5, 4.0), PRIMARY: (7.6, 7.8), JUNIOR: (8.9, 10.4), SENIOR: (10.5, 11.0), SPECIAL: (14.0, 9.0)}
# Branches of the programme: code, name, category; a project of a branch carries the branch's code before its own.
_BRANCHES = {
    "J1": ("小学学位建设", _BUILDING, PRIMARY), "J2": ("初中学位建设", _BUILDING, JUNIOR),
    "J3": ("公办幼儿园建设", _BUILDING, PRESCHOOL), "J4": ("高中与特殊教育建设", _BUILDING, ""),
    "Z1": ("教室照明改造", LIGHTING, ""), "Z2": ("教育装备补短板", EQUIPMENT, ""),
}  # fmt: skip
ROOT, ROOT_NAME = "QN", "义务教育优质均衡补短板工程"
_SOURCES = ("省级财政", "专项债", "县级财政")


def _line(branch: str, kind: str, stage: str, area: str, places: int, year: int, **more: object) -> dict[str, object]:
    return {"branch": branch, "kind": kind, "stage": stage, "area": area, "places": places, "ready": year, **more}


def _plan(base: Base, rng: np.random.Generator) -> pd.DataFrame:
    """What is to be ready in each calendar year; the last is the year after the last."""
    public = base.schools.loc[~base.schools["is_private"]]
    many = max(1, len(public) // 40)
    lines: list[dict[str, object]] = []
    for k, year in enumerate([*base.years, base.years[-1] + 1]):
        for _ in range(many):
            lines.append(_line("J1", NEW, PRIMARY, "城区" if k % 2 else "镇区", int(rng.integers(6, 11)) * 180, year))
            lines.append(
                _line("J1", rng.choice([ENLARGED, REBUILT]), PRIMARY, "乡村", 45 * int(rng.integers(2, 7)), year)
            )
            lines.append(_line("J2", (ENLARGED, NEW)[k % 2], JUNIOR, "城区", 50 * int(rng.integers(6, 16)), year))
            lines.append(_line("J2", REBUILT, JUNIOR, "镇区", 50 * int(rng.integers(1, 4)), year))
            lines.append(
                _line(
                    "J3",
                    (NEW, EXTENDED)[k % 2],
                    PRESCHOOL,
                    ("镇区", "乡村")[k % 2],
                    30 * int(rng.integers(6, 12)),
                    year,
                )
            )
            lines.append(_line("J3", NEW, PRESCHOOL, "城区", 270, year, private=k % 2 == 0))
        if k % 3 == 1:
            lines.append(_line("J1", NEW, PRIMARY, "城区", 1440, year))
        if k % 2 == 1:
            lines.append(_line("J3", NEW, PRESCHOOL, "城区", 360, year))
        if k == 1:
            lines.append(_line("J4", NEW, SPECIAL, "城区", 90, year + 1))
        if k % 3 == 2:
            lines.append(_line("J4", ENLARGED, SENIOR, "城区", 600, year))
        for branch, least in (("Z1", 2 + k), ("Z2", 2 + (k + 1) % 3)):
            of_stage = (COMPULSORY, (*COMPULSORY, PRESCHOOL))[branch == "Z2"]
            pool = public.loc[public["stage"].isin(of_stage)]
            n = min(len(pool), max(least, len(pool) * (10 + k) // 60))
            for at in rng.choice(len(pool), n, replace=False):
                at_school = pool.iloc[int(at)]
                lines.append(
                    _line(branch, "改造" if branch == "Z1" else "购置", at_school["stage"], at_school["area"], 0, year,
                          school_code=at_school["code"], school_name=at_school["name"])
                )  # fmt: skip
    return pd.DataFrame(lines)


def found(base: Base) -> pd.DataFrame:
    """Projects, branches and the whole: code, parent, name, kind, category, stage, ownership, area, school_code,
    status,
    approved, started, completed (NaT: not yet), places, floor, ground (m2), planned (hundreds of yuan), source, leaf.

    Every project is approved before the first year. The ledger is kept up to the end of the last school year. A
    branch and the whole are the sums of what hangs below.
    """
    rng = base.stream("projects")
    leaves = _plan(base, rng)
    n, first = len(leaves), base.years[0]
    leaves["private"] = leaves["private"].fillna(False).astype(bool) if "private" in leaves else False
    leaves[["school_code", "school_name"]] = leaves[["school_code", "school_name"]].fillna("")
    leaves["approved"] = days(rng, f"{first - 1}-09-10", f"{first - 1}-12-20", n)
    # Ready between March and November; work begins a year and more before, in the first year at once.
    leaves["completed"] = pd.to_datetime(leaves["ready"].astype(str) + "-03-01") + pd.to_timedelta(
        rng.integers(0, 265, n), unit="D"
    )
    building = leaves["branch"].str.startswith("J")
    lead = np.where(building, rng.integers(380, 560, n), rng.integers(40, 100, n))
    leaves["started"] = np.maximum(
        leaves["completed"] - pd.to_timedelta(lead, unit="D"), leaves["approved"] + pd.Timedelta(days=20)
    )
    floor, ground = (leaves["stage"].map({s: v[i] for s, v in _SIZES.items()}) for i in range(2))
    spread = rng.uniform(0.92, 1.1, (2, n))
    leaves["floor"] = np.where(building, np.rint(leaves["places"] * floor * spread[0] / 10) * 10, 0).astype(int)
    grounds = building & (leaves["kind"] != REBUILT)
    leaves["ground"] = np.where(grounds, np.rint(leaves["places"] * ground * spread[1] / 10) * 10, 0).astype(int)
    works = leaves["floor"] * _FLOOR_PRICE + leaves["ground"] * _GROUND_PRICE
    goods = np.where(leaves["branch"] == "Z1", rng.integers(60, 220, n), rng.integers(150, 700, n)) * 1000
    leaves["planned"] = (works.where(building, goods) // 100).astype("int64")
    leaves["source"] = np.where(building, np.array(_SOURCES)[rng.integers(0, 3, n)], "上级补助")
    number = leaves.groupby("branch").cumcount() + 1
    leaves["code"] = ROOT + "-" + leaves["branch"] + "-" + number.astype(str).str.zfill(3)
    leaves["parent"] = ROOT + "-" + leaves["branch"]
    what = leaves["area"] + leaves["kind"] + leaves["stage"].map(STAGE_ZH) + "项目" + number.astype(str)
    goods_name = leaves["school_name"] + leaves["branch"].map({k: v[0] for k, v in _BRANCHES.items()})
    leaves["name"] = what.where(building, goods_name + "(" + leaves["ready"].astype(str) + ")")
    leaves["category"] = leaves["branch"].map({k: v[1] for k, v in _BRANCHES.items()})
    leaves["ownership"] = np.where(leaves["private"], "民办", "公办")
    as_of = pd.Timestamp(f"{base.years[-1] + 1}-08-31")
    done, begun = leaves["completed"] <= as_of, leaves["started"] <= as_of
    leaves["status"] = np.select([done, begun], [BUILT, STARTED], PLANNED)
    leaves["due"], leaves["begin"] = leaves["completed"], leaves["started"]
    leaves["completed"] = leaves["completed"].where(done)
    leaves["started"] = leaves["started"].where(begun)
    leaves["leaf"] = True
    return _with_branches(leaves)


def _with_branches(leaves: pd.DataFrame) -> pd.DataFrame:
    sums = ["places", "floor", "ground", "planned"]
    branches = leaves.groupby("branch", as_index=False)[sums].sum()
    branches["code"], branches["parent"] = ROOT + "-" + branches["branch"], ROOT
    for column, at in (("name", 0), ("category", 1), ("stage", 2)):
        branches[column] = branches["branch"].map({k: v[at] for k, v in _BRANCHES.items()})
    root = branches[sums].sum().to_frame().T.assign(code=ROOT, parent="", name=ROOT_NAME, category="", stage="")
    upper = pd.concat([root, branches], ignore_index=True).assign(
        kind="", ownership="", area="", school_code="", school_name="", source="", status=STARTED, leaf=False,
        approved=leaves["approved"].min(),
    )  # fmt: skip
    table = pd.concat([upper, leaves], ignore_index=True)
    table[sums] = table[sums].astype("int64")
    return table.sort_values("code", ignore_index=True)


def progress(base: Base, ledger: pd.DataFrame | None = None) -> pd.DataFrame:
    """Progress of the projects: year (fiscal), month (1..12), code, name, physical (per cent), worth, paid (hundreds of
    yuan, from the beginning to the month's end). Payment follows the work and is whole four months after it."""
    ledger = found(base) if ledger is None else ledger
    leaves = ledger.loc[ledger["leaf"]]
    frames = []
    for year in base.years:
        for month in range(1, 13):
            end = pd.Timestamp(year, month, 1) + pd.offsets.MonthEnd(0)
            span = (leaves["due"] - leaves["begin"]).dt.days
            part = ((end - leaves["begin"]).dt.days / span).clip(0, 1)
            physical = np.floor(part * 100).astype(int)
            later = ((end - pd.Timedelta(days=120) - leaves["begin"]).dt.days / span).clip(0, 1)
            worth = leaves["planned"] * physical // 100
            paid = np.minimum(worth, (leaves["planned"] * np.floor(later * 100).astype(int)) // 100)
            frames.append(
                leaves[["code", "name"]].assign(year=year, month=month, physical=physical, worth=worth, paid=paid)
            )
    return pd.concat(frames, ignore_index=True)


def write(base: Base, home: Path) -> None:
    """教育项目台账 sent whole, with its branches, and 项目进度月报 a fiscal year."""
    ledger = found(base)
    zh = ledger["stage"].map(STAGE_ZH).fillna("")
    out = pd.DataFrame(
        {
            "项目编码": ledger["code"], "上级项目编码": ledger["parent"], "项目名称": ledger["name"],
            "项目类型": ledger["kind"], "项目类别": ledger["category"], "学段": zh, "办别": ledger["ownership"],
            "城乡": ledger["area"], "学校标识码": ledger["school_code"], "项目状态": ledger["status"],
            "立项日期": forms.dates(ledger["approved"]), "开工日期": forms.dates(ledger["started"]),
            "竣工验收日期": forms.dates(ledger["completed"]), "设计学位数": ledger["places"],
            "新建校舍面积(平方米)": ledger["floor"], "新建运动场面积(平方米)": ledger["ground"],
            "计划投资(万元)": forms.wan(ledger["planned"]), "资金来源": ledger["source"],
        }
    )  # fmt: skip
    form = forms.Form(
        "教育建设项目台账", "个、平方米、万元", f"截止日期:{base.years[-1] + 1}年8月31日",
        note="上级项目各数为所属项目之和,不再合计。", signed=True,
    )  # fmt: skip
    forms.write_form(home / "教育项目台账.xlsx", out, form, "台账")
    monthly = progress(base, ledger)
    for year in base.years:
        m = monthly.loc[monthly["year"] == year]
        out = pd.DataFrame(
            {
                "项目编码": m["code"], "项目名称": m["name"],
                "填报月份": m["year"].astype(str) + "-" + m["month"].astype(str).str.zfill(2),
                "形象进度(%)": m["physical"].astype(str) + "%", "累计完成产值(万元)": forms.wan(m["worth"]),
                "累计支付(万元)": forms.wan(m["paid"]),
            }
        )  # fmt: skip
        forms.write_table(home / f"{year}年财政" / "项目进度月报.csv", out)


def tell(base: Base, answers: Answers) -> None:
    """What was started and finished in a year; places, floors and grounds of what was finished; what is paid of what is
    planned. Projects alone count, never a branch."""
    ledger = found(base)
    monthly = progress(base, ledger)
    leaves = ledger.loc[ledger["leaf"]]
    done, begun = leaves["completed"].dt.year, leaves["started"].dt.year
    stage, kind, both = leaves["stage"], leaves["kind"], scope(COMPULSORY)
    public, ours = leaves["ownership"] == "公办", stage.isin(COMPULSORY)
    for year in base.years:
        now = done == year
        answers.tell("res_new_primary_schools", year, PRIMARY, int((now & (kind == NEW) & (stage == PRIMARY)).sum()))
        for indicator, where, of in (
            ("res_new_primary_places", stage == PRIMARY, scope((PRIMARY,))),
            ("res_public_kindergarten_places", (stage == PRESCHOOL) & public, PRESCHOOL),
            ("res_urban_places_added", ours & (leaves["area"] == "城区"), both),
        ):
            answers.tell(indicator, year, of, int(leaves.loc[now & where, "places"].sum()))
        for indicator, column in (("res_new_building_area", "floor"), ("res_new_sports_area", "ground")):
            answers.ratio(indicator, year, both, int(leaves.loc[now & ours, column].sum()), 10000)
        started = begun == year
        answers.tell("res_special_school_new", year, SPECIAL, int((started & (kind == NEW) & (stage == SPECIAL)).sum()))
        kindergartens = started & kind.isin([NEW, EXTENDED]) & (stage == PRESCHOOL) & public
        answers.tell("res_public_kindergarten_projects", year, PRESCHOOL, int(kindergartens.sum()))
        december = monthly.loc[(monthly["year"] == year) & (monthly["month"] == 12)].set_index("code")["paid"]
        paid = int(leaves.loc[ours, "code"].map(december).sum())
        planned = int(leaves.loc[ours, "planned"].sum())
        answers.tell("project_paid_yuan", year, both, paid * 100)
        answers.ratio("fin_investment_completion_rate", year, both, paid, planned, 100)
    finished = leaves.loc[leaves["completed"].notna()]
    in_year = school_year_of(finished["completed"])
    for year in base.years:
        now, period = finished.loc[in_year == year], school_year(year)
        ours_now = now.loc[now["stage"].isin(COMPULSORY)]
        three = (PRESCHOOL, *COMPULSORY)
        answers.tell("res_lighting_projects", period, both, int((ours_now["category"] == LIGHTING).sum()))
        equipped = now.loc[(now["category"] == EQUIPMENT) & now["stage"].isin(three)]
        answers.tell("res_equipment_school_projects", period, scope(three), len(equipped))
        built = ours_now["kind"].isin([NEW, ENLARGED, REBUILT])
        answers.tell("res_school_building_projects", period, both, int(built.sum()))
