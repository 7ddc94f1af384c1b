"""Dated tasks of the plans, evidence of what can only be attested, and the national monitoring's results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, GRADE_ZH, Base, school_year, scope

DUTY, PASSED, FAILED, RUNNING = "履行教育职责督导评估", "通过", "未通过", "进行中"
# Tasks with a place in the plans' schedules: id, what, kind, month and day, whether it comes every year.
_TASKS = (
    ("S001-06", "下年度教师提前招聘计划", "教师招聘", "08-31", True),
    ("S001-07", "赴高校招聘", "教师招聘", "09-30", True),
    ("S001-08", "招聘工作完成", "教师招聘", "12-31", True),
    ("S001-12", "学年末监测一分三率评定", "质量监测", "07-31", True),
    ("S001-17", "幼儿园等级评定", "学前教育", "12-31", True),
    ("S001-18", "心理辅导室覆盖", "心理健康", "12-31", True),
    ("S001-23", "成员单位述职", "督导评估", "12-31", True),
    ("S002-14", "课堂教学优质课展示", "教学研究", "11-30", True),
    ("S002-15", "校长高级研修班", "队伍建设", "10-31", True),
    ("S004-09", "建设投资六成完成", "补短板", "12-31", False),
    ("S004-10", "短板弱项补齐", "补短板", "12-31", False),
    ("S004-13", "国家义务教育质量监测", "质量监测", "06-15", True),
    ("S004-15", "年度教师招聘计划", "教师招聘", "05-31", True),
    ("S004-16", "教师招聘", "教师招聘", "07-31", True),
    ("S004-17", "骨干教师认定", "队伍建设", "12-20", True),
)
# What the bureau can only attest: code, name, from which year on (0: the first) it holds.
_ATTESTED = (
    ("gua_layout_compliance", "学校规划布局", 0, "发展规划科"),
    ("gua_unified_building_std", "学校建设标准统一", 1, "计财科"),
    ("gua_unified_equipment_std", "装备配置标准统一", 1, "教育装备中心"),
    ("gua_left_behind_care", "留守儿童关爱", 0, "基教科"),
)
_FRAUD = ("vet_fraud", "弄虚作假行为")
_MONITORED = (("数学", "科学"), ("语文", "体育"), ("数学", "英语"))


def found(base: Base) -> pd.DataFrame:
    """Milestones: number, name, kind, planned, actual (NaT: not yet), result, duty (office)."""
    rng, rows = base.stream("milestones"), []
    first, last = base.years[0], base.years[-1]
    for number, name, kind, day, yearly in _TASKS:
        for year in range(first, last + 2) if yearly else (last + 1,):
            rows.append((number, f"{year}年{name}", kind, f"{year}-{day}", "教育体育局"))
    for year in range(first, last + 2):
        rows.append(("S001-03", f"{year}年度{DUTY}", DUTY, f"{year}-10-30", "政府教育督导室"))
    table = pd.DataFrame(rows, columns=["number", "name", "kind", "planned", "office"])
    table["planned"] = pd.to_datetime(table["planned"])
    late = np.where(rng.random(len(table)) < 0.2, rng.integers(1, 15, len(table)), -rng.integers(0, 25, len(table)))
    # None slips into the next year: the register counts by the day on which a thing was done.
    actual = table["planned"] + pd.to_timedelta(late, unit="D")
    ends = pd.to_datetime(table["planned"].dt.year.astype(str) + "-12-31")
    actual = actual.where(actual <= ends, ends)
    as_of = pd.Timestamp(f"{last + 1}-08-31")
    table["actual"] = actual.where(table["planned"] <= as_of - pd.Timedelta(days=20))
    failed = (table["kind"] == DUTY) & (table["planned"].dt.year == first) & (first != last)
    table["result"] = np.select([table["actual"].isna(), failed], [RUNNING, FAILED], PASSED)
    return table.sort_values(["planned", "number"], kind="stable", ignore_index=True)


def attestations(base: Base) -> pd.DataFrame:
    """Evidence of each school year: year, code, name, holds, number, day, office."""
    rows = []
    for year in base.years:
        step = year - base.years[0]
        lines = [(code, name, step >= since or len(base.years) == 1, office) for code, name, since, office in _ATTESTED]
        lines.append((*_FRAUD, False, "政府教育督导室"))
        for k, (code, name, holds, office) in enumerate(lines):
            rows.append((year, code, name, holds, f"ZC{year}-{k + 1:02d}", f"{year + 1}-05-{10 + k:02d}", office))
    return pd.DataFrame(rows, columns=["year", "code", "name", "holds", "number", "day", "office"])


def monitoring(base: Base) -> pd.DataFrame:
    """National monitoring of each calendar year: year, subject, grade, level (of 4, the last is best), rate (of
    between-school difference, thousandths)."""
    frames = []
    for year in base.years:
        rng, step = base.stream("monitoring", year), year - base.years[0]
        table = pd.DataFrame(
            [(s, g) for s in _MONITORED[year % 3] for g in (4, 8)], columns=["subject", "grade"]
        ).assign(year=year)
        table["level"] = np.minimum(4, rng.integers(2, 4, len(table)) + (step > 1))
        table["rate"] = rng.integers(105, 190, len(table)) - 12 * step
        frames.append(table)
    return pd.concat(frames, ignore_index=True)


def write(base: Base, home: Path) -> None:
    """重点任务节点完成情况表 sent whole, 佐证材料登记表 a school year, 质量监测结果 a calendar year."""
    m, evidence, results = found(base), attestations(base), monitoring(base)
    out = pd.DataFrame(
        {
            "节点编号": m["number"], "节点名称": m["name"], "节点类型": m["kind"],
            "计划日期": forms.dates(m["planned"]), "实际日期": forms.dates(m["actual"]), "结果": m["result"],
            "责任单位": m["office"],
        }
    )  # fmt: skip
    form = forms.Form("重点任务节点完成情况表", date=f"截止日期:{base.years[-1] + 1}年8月31日", signed=True)
    forms.write_form(home / "重点任务节点完成情况表.xlsx", out, form, "节点")
    for year in base.years:
        a = evidence.loc[evidence["year"] == year]
        out = pd.DataFrame(
            {
                "指标代码": a["code"], "指标名称": a["name"], "对象代码": base.region, "结论": forms.yes_no(a["holds"]),
                "佐证编号": a["number"], "佐证日期": a["day"], "责任单位": a["office"],
            }
        )  # fmt: skip
        forms.write_form(
            home / school_year(year) / "佐证材料登记表.xlsx", out, forms.Form(f"{school_year(year)}学年佐证材料登记表")
        )
        r = results.loc[results["year"] == year]
        out = pd.DataFrame(
            {
                "学科": r["subject"], "年级": r["grade"].map(GRADE_ZH),
                "学业水平等级": r["level"].map({1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}), "校际差异率": r["rate"] / 1000,
                "报告编号": f"GJJC{year}-{base.region}", "监测日期": f"{year}-05-23",
            }
        )  # fmt: skip
        forms.write_gb(home / f"{year}年财政" / "国家义务教育质量监测结果.csv", out)


def tell(base: Base, answers: Answers) -> None:
    """Whether the county passed on its duties in the year, and what is attested."""
    m, evidence, both = found(base), attestations(base), scope(COMPULSORY)
    for year in base.years:
        done = m.loc[m["actual"].dt.year == year]
        passed = int(((done["kind"] == DUTY) & (done["result"] == PASSED)).sum())
        answers.tell("gua_edu_duty_supervision", year, "all", passed > 0)
        for line in evidence.loc[evidence["year"] == year].itertuples():
            answers.tell(str(line.code), school_year(year), both, bool(line.holds))
