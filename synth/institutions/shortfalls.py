"""Shortfalls that the schools are to make good within the year, and the performance targets of the budget's
projects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, STAGE_ZH, Base, days, scope
from synth.money import BUREAU, RESEARCH

_ITEMS = (
    "音乐教室不足",
    "美术教室不足",
    "运动场地不足",
    "图书配备不足",
    "网络多媒体教室不足",
    "体育教师缺编",
    "实验仪器老化",
)
OPEN, CLOSED = "列入", "销号"
# Targets of a project: levels, comparator, target, unit, and how far from the target things turn out.
_TARGETS = (
    ("产出指标", "数量指标", "受益学校数", ">=", 10, "所", 1.1),
    ("产出指标", "质量指标", "验收合格率", "=", 100, "%", 1.0),
    ("产出指标", "时效指标", "当年完成率", ">=", 90, "%", 1.02),
    ("产出指标", "成本指标", "超预算项目数", "<=", 1, "个", 0.0),
    ("效益指标", "社会效益指标", "办学条件改善学校占比", ">=", 60, "%", 1.05),
    ("满意度指标", "服务对象满意度指标", "师生满意度", ">=", 90, "%", 1.01),
)


def found(base: Base) -> pd.DataFrame:
    """Items of each calendar year's list: year, school, code, name, stage, item, listed, closed (NaT: still open). The
    list is made anew every February; what is closed is closed before December."""
    frames = []
    for year in base.years:
        rng, step = base.stream("shortfalls", year), year - base.years[0]
        now = base.of(COMPULSORY).query("year == @year").drop_duplicates("school").reset_index(drop=True)
        lacks = rng.random((len(now), len(_ITEMS))) < np.where(now["is_urban"], 0.22, 0.34)[:, None] * 0.93**step
        lacks[0, 0] = lacks[-1, -1] = True
        school, item = np.nonzero(lacks)
        table = now.loc[school, ["year", "school", "code", "name", "stage"]].reset_index(drop=True)
        table["item"] = np.array(_ITEMS)[item]
        table["listed"] = pd.Timestamp(f"{year}-02-20")
        closed = days(rng, f"{year}-04-01", f"{year}-11-30", len(table))
        table["closed"] = closed.where(rng.random(len(table)) < min(0.95, 0.55 + 0.18 * step))
        frames.append(table)
    return pd.concat(frames, ignore_index=True)


def targets(base: Base) -> pd.DataFrame:
    """Performance targets of the bureau's projects: year (fiscal), project, level1, level2, level3, comparator, target,
    unit, actual."""
    money = base.county.money
    projects = money.loc[money["unit_code"].isin([BUREAU[0], RESEARCH[0]]), ["year", "project"]].drop_duplicates()
    projects = projects.sort_values(["year", "project"], ignore_index=True)
    names = ["level1", "level2", "level3", "comparator", "target", "unit", "reach"]
    table = projects.merge(pd.DataFrame(_TARGETS, columns=names), how="cross")
    rng = base.stream("targets")
    rate = table["unit"] == "%"
    reached = table["target"] * table["reach"] * rng.uniform(0.97, 1.03, len(table))
    exact = (table["reach"] == 1.0) | (table["reach"] == 0.0)
    table["actual"] = np.where(exact, table["target"] * table["reach"], np.rint(reached * 10) / 10)
    table["actual"] = np.where(rate, np.minimum(table["actual"], 100), np.rint(table["actual"]))
    return table


def write(base: Base, home: Path) -> None:
    """短板弱项清单 sent whole, 项目支出绩效目标表 a fiscal year."""
    items, wanted = found(base), targets(base)
    out = pd.DataFrame(
        {
            "学校标识码": items["code"], "学校名称": items["name"], "学段": items["stage"].map(STAGE_ZH),
            "短板项目": items["item"], "清单日期": forms.dates(items["listed"]),
            "销号日期": forms.dates(items["closed"]), "状态": np.where(items["closed"].notna(), CLOSED, OPEN),
        }
    )  # fmt: skip
    forms.write_gb(home / "短板弱项清单.csv", out)
    for year in base.years:
        t = wanted.loc[wanted["year"] == year]
        out = pd.DataFrame(
            {
                "项目名称": t["project"], "一级指标": t["level1"], "二级指标": t["level2"], "三级指标": t["level3"],
                "指标性质": t["comparator"], "指标值": t["target"], "度量单位": t["unit"], "指标属性": "定量指标",
                "实际完成值": t["actual"],
            }
        )  # fmt: skip
        form = forms.Form(f"{year}年项目支出绩效目标表", note="指标值按批复的绩效目标填列。", signed=True)
        forms.write_form(home / f"{year}年财政" / "项目支出绩效目标表.xlsx", out, form, "绩效目标")


def tell(base: Base, answers: Answers) -> None:
    """Items of the year's list that are closed."""
    items, both = found(base), scope(COMPULSORY)
    for year in base.years:
        now = items.loc[items["year"] == year]
        closed = int(now["closed"].notna().sum())
        answers.tell("gap_item_count", year, both, len(now))
        answers.tell("gap_item_count", year, both, closed, f"status={CLOSED}")
        answers.ratio("res_gap_closed_rate", year, both, closed, len(now), 100)
