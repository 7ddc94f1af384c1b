"""Networks, digital classrooms and the digitalisation checklist of each section."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import (
    ALL,
    COMPULSORY,
    JUNIOR,
    SENIOR,
    STAGE_ZH,
    VOCATIONAL,
    Base,
    adopt,
    school_year,
    scope,
)

# What a school has or has not: share of town and country schools at the start, more of all every year.
FLAGS = {
    "wireless": (0.66, 0.42, 0.16), "fifth_generation": (0.25, 0.10, 0.18), "patrol": (0.45, 0.25, 0.2),
    "optical": (0.30, 0.12, 0.2), "campus": (0.42, 0.22, 0.15), "research": (0.5, 0.34, 0.12),
    "three_classrooms": (0.55, 0.5, 0.14),
}  # fmt: skip
# Rooms that a school has one or two of, the same way.
_ROOMS = {"ai": (0.2, 0.04, 0.12), "interactive": (0.35, 0.3, 0.18), "remote": (0.3, 0.26, 0.16)}
_ITEMS = 24
# Ten gigabit out of the county, a gigabit to the school, a hundred megabit to the class.
TIERS = {"outlet": 10000, "school_band": 1000, "class_band": 100}
_HEADERS = (
    "学校标识码", "学校名称", "学段", "清单适用项数", "清单达标项数", "出口带宽(Mbps)", "到校带宽(Mbps)",
    "到班带宽(Mbps)",
    "无线网络覆盖", "5G教育宽带网接入", "在线巡课系统", "全光校园网", "数字校园", "常态化网络教研、巡课",
    "三个课堂基础环境",
    "数字教室(间)", "AI智慧课堂(间)", "互动教室(间)", "远程互动课室(间)",
)  # fmt: skip
_UPPER = {
    **dict.fromkeys(_HEADERS[3:5], "管理信息化清单"), **dict.fromkeys(_HEADERS[5:8], "带宽"),
    **dict.fromkeys(_HEADERS[15:], "教室"),
}  # fmt: skip


def found(base: Base) -> pd.DataFrame:
    """Digital equipment of each section and school year: the flags of FLAGS (of the school, so of all its sections),
    items, met, outlet, school_band, class_band (Mbps), digital, ai, interactive, remote (rooms)."""
    rng, steps = base.stream("digital"), len(base.years)
    schools = base.schools
    n, urban = len(schools), schools["is_urban"].to_numpy()
    since = pd.DataFrame({"school": schools["school"]})
    for name, (town, country, later) in {**FLAGS, **_ROOMS}.items():
        since[name] = adopt(rng, n, np.where(urban, town, country), later, steps)
    since["start"] = rng.uniform(0.66, 0.9, n) + np.where(urban, 0.06, 0.0)
    since["share"] = rng.uniform(0.2, 0.5, n) + np.where(urban, 0.05, 0.0)
    since["band"] = rng.choice([200, 300, 500, 1000], n)
    table = base.sections.merge(since, on="school")
    step = table["step"]
    for name in FLAGS:
        table[name] = table[name] <= step
    for name in _ROOMS:
        table[name] = np.where(table[name] <= step, 1 + (table["pupils"] > 800) * (step - table[name]).clip(0, 1), 0)
    table["items"] = _ITEMS + 2 * table["stage"].isin([JUNIOR, SENIOR, VOCATIONAL])
    table["met"] = np.minimum(table["items"], np.rint(table["items"] * (table["start"] + 0.07 * step))).astype(int)
    table["digital"] = np.floor(table["classrooms"] * np.minimum(1.0, table["share"] + 0.2 * step)).astype(int)
    table["outlet"] = TIERS["outlet"]
    table["school_band"] = table["band"] * (1 + step)
    table["class_band"] = np.where(table["is_urban"], 100, 50) + 50 * step
    return table


def write(base: Base, home: Path) -> None:
    """学校信息化建设情况表: a workbook with two header rows, or a text table with ticks, in turn."""
    table = found(base)
    for year in base.years:
        t = table.loc[table["year"] == year]
        marks = year % 2 == 1
        flags = [forms.yes_no(t[name], marks) for name in FLAGS]
        columns = [
            t["code"], t["name"], t["stage"].map(STAGE_ZH), t["items"], t["met"], t["outlet"], t["school_band"],
            t["class_band"], *flags, t["digital"], t["ai"], t["interactive"], t["remote"],
        ]  # fmt: skip
        out = pd.DataFrame(dict(zip(_HEADERS, columns, strict=True)))
        folder = home / school_year(year)
        if marks:
            out.insert(0, "学年", school_year(year))
            forms.write_table(folder / "学校信息化建设情况表.csv", out)
            continue
        form = forms.Form(
            title=f"{school_year(year)}学年学校信息化建设情况表",
            unit="项、Mbps、间",
            date=f"统计时点:{year}年9月1日",
            note="一贯制学校按学部分行填报,网络类项目全校一致。",
            signed=True,
            sums=("数字教室(间)", "AI智慧课堂(间)", "互动教室(间)", "远程互动课室(间)"),
            upper=_UPPER,
        )
        forms.write_form(folder / "学校信息化建设情况表.xlsx", out, form, "信息化")


def tell(base: Base, answers: Answers) -> None:
    """Coverage in schools: a school counts once, and has what its sections have together."""
    table = found(base)
    later = (JUNIOR, SENIOR)
    general = (*COMPULSORY, SENIOR)
    of_snapshot = (("dig_wireless_coverage", "wireless", ALL), ("dig_5g_network_coverage", "fifth_generation", ALL),
                   ("dig_patrol_coverage", "patrol", later), ("dig_vocational_fibre", "optical", (VOCATIONAL,)),
                   ("dig_campus_coverage", "campus", ALL), ("dig_remote_room_coverage", "remote", general))  # fmt: skip
    of_year = (("dig_three_classrooms_coverage", "three_classrooms"), ("dig_ai_classroom_coverage", "ai"),
               ("dig_interactive_room_coverage", "interactive"))  # fmt: skip
    for year in base.years:
        now = table.loc[table["year"] == year]
        # Indicators of the calendar year rest on the snapshot of its September.
        for indicator, column, stages in of_snapshot:
            have = now.loc[now["stage"].isin(stages)].groupby("school")[column].sum() > 0
            answers.ratio(indicator, year, scope(stages), int(have.sum()), base.count_schools(stages, year), 100)
        both, period = scope(COMPULSORY), school_year(year)
        ours = now.loc[now["stage"].isin(COMPULSORY)]
        for indicator, column in of_year:
            have = ours.groupby("school")[column].sum() > 0
            answers.ratio(indicator, period, both, int(have.sum()), base.count_schools(COMPULSORY, year), 100)
        answers.tell("dig_network_research_schools", period, both, ours.loc[ours["research"], "school"].nunique())
        whole = ours.assign(whole=ours["met"] >= ours["items"]).groupby("school")["whole"].all()
        answers.ratio("qua_school_mgmt_digital", period, both, int(whole.sum()), len(whole), 100)
        tiers = now["wireless"] & np.logical_and.reduce([now[name] >= least for name, least in TIERS.items()])
        fibre = now.loc[tiers, "school"].nunique()
        answers.ratio("dig_fibre_backbone", period, "all", fibre, base.count_schools(ALL, year), 100)
        rooms = int(now["digital"].sum())
        answers.tell("digital_classroom_count", period, "all", rooms)
        answers.ratio("dig_digital_classroom_coverage", year, "all", rooms, int(now["classrooms"].sum()), 100)
