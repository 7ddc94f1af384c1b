"""Safety incidents, cases of broken rules, and what auditors found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, STAGE_ZH, Base, days, school_year, school_year_of, scope

FOOD = "食品安全"
_INCIDENTS = {"运动伤害": 0.34, FOOD: 0.2, "交通": 0.16, "校园欺凌": 0.14, "溺水": 0.04, "消防": 0.06, "设施设备": 0.06}
_PUPILS_AN_INCIDENT = 420
PROVEN, UNPROVEN, OPEN = "属实", "不属实", "查办中"
VETOES = {
    "vet_exam_admission": "以考试方式招生",
    "vet_illegal_choice": "违规择校",
    "vet_key_school": "重点学校或重点班",
}
ETHICS, UNBALANCED, TUTORING = "师德失范", "不均衡分班", "有偿补课"
DIVERTED = ("挤占", "挪用", "滞拨", "缓拨")
_FINDINGS = (*DIVERTED, "档案资料不全", "采购程序不规范")
_PROJECTS = ("义务教育学校装备补短板", "教室照明改造工程", "普惠性幼儿园生均补助", "校园文化建设项目")


def found(base: Base) -> pd.DataFrame:
    """Incidents: year (of the school year), number, school, code, name, stage, kind, severity, liability, day, deaths,
    injured."""
    frames = []
    for year in base.years:
        rng, step = base.stream("incidents", year), year - base.years[0]
        now = base.sections.loc[base.sections["year"] == year].reset_index(drop=True)
        mean = now["pupils"].sum() / _PUPILS_AN_INCIDENT * 0.9**step
        n = max(4, int(rng.poisson(mean)))
        weight = now["pupils"] / now["pupils"].sum()
        where = now.loc[rng.choice(len(now), n, p=weight.to_numpy())].reset_index(drop=True)
        table = where[["year", "school", "code", "name", "stage"]].copy()
        table["kind"] = rng.choice(list(_INCIDENTS), n, p=list(_INCIDENTS.values()))
        table.loc[:1, "kind"] = [FOOD, "运动伤害"]
        table["severity"] = rng.choice(["一般", "较大"], n, p=[0.94, 0.06])
        table["liability"] = rng.choice(["责任事故", "非责任事故", "待认定"], n, p=[0.25, 0.65, 0.1])
        table["injured"] = rng.poisson(0.7, n)
        table["deaths"] = 0
        table["day"] = days(rng, f"{year}-09-05", f"{year + 1}-07-05", n)
        if step == 0 and len(base.years) > 1:
            # The one grave accident of the years: a veto in the year after its autumn, none in the last.
            worst = {"severity": "重大", "liability": "责任事故", "deaths": 3, "kind": "交通", "stage": COMPULSORY[0]}
            at = now.loc[now["stage"] == COMPULSORY[0]].iloc[0]
            worst |= {"school": at["school"], "code": at["code"], "name": at["name"]}
            table.loc[2, list(worst)] = list(worst.values())
            table.loc[2, "day"] = pd.Timestamp(f"{year + 1}-03-14")
        table = table.sort_values(["day", "code"], kind="stable", ignore_index=True)
        table["number"] = f"AQ{year}-" + (1 + table.index.to_series()).astype(str).str.zfill(4)
        frames.append(table)
    return pd.concat(frames, ignore_index=True)


def violations(base: Base) -> pd.DataFrame:
    """Cases: year (of the school year), number, kind, school, code, finding, severity, day. In the last year nothing is
    proven that would veto the county's recognition."""
    frames, last = [], base.years[-1]
    for year in base.years:
        rng = base.stream("violations", year)
        now = base.of(COMPULSORY).query("year == @year").drop_duplicates("school").reset_index(drop=True)
        late, grave = year == last and len(base.years) > 1, year < last and year == base.years[0]
        cases = [(kind, UNPROVEN if late else PROVEN, "一般") for kind in VETOES.values()]
        cases += [(kind, f, "一般") for kind in VETOES.values() for f in (UNPROVEN, OPEN)]
        cases += [
            (ETHICS, UNPROVEN if late else PROVEN, "严重" if grave else "一般"),
            (ETHICS, UNPROVEN, "一般"),
            (TUTORING, PROVEN, "一般"),
        ]
        cases += [(ETHICS, PROVEN, "一般")] * (year == base.years[0])
        # Two cases of one school and one of another: schools are fewer than cases.
        cases += [(UNBALANCED, UNPROVEN if late else PROVEN, "一般")] * 3
        table = pd.DataFrame(cases, columns=["kind", "finding", "severity"])
        where = rng.integers(0, len(now), len(table))
        where[-2] = where[-3]
        where[-1] = (where[-3] + 1) % len(now)
        for column in ("school", "code", "name"):
            table[column] = now[column].to_numpy()[where]
        table["year"] = year
        table["day"] = days(rng, f"{year}-10-08", f"{year + 1}-06-20", len(table))
        # What teachers did is taken up at once, in the autumn: the last calendar year is free of it.
        ethics = (table["kind"] == ETHICS) & (table["day"] >= f"{year + 1}-01-01")
        table.loc[ethics, "day"] = pd.Timestamp(f"{year}-11-12")
        table = table.sort_values(["day", "kind"], kind="stable", ignore_index=True)
        table["number"] = f"WG{year}-" + (1 + table.index.to_series()).astype(str).str.zfill(3)
        frames.append(table)
    return pd.concat(frames, ignore_index=True)


def findings(base: Base) -> pd.DataFrame:
    """Audit findings: year (calendar), number, kind, project, yuan, day; fewer every year, none of diverted money in
    the last."""
    frames = []
    for year in base.years:
        rng, step = base.stream("audit", year), year - base.years[0]
        kinds = list(rng.choice(_FINDINGS[4:], 2 + max(0, 2 - step)))
        if year != base.years[-1]:
            kinds += list(rng.choice(DIVERTED, 2, replace=False))
        n = len(kinds)
        table = pd.DataFrame({"year": year, "kind": kinds, "project": rng.choice(_PROJECTS, n)})
        table["yuan"] = rng.integers(20, 900, n) * 1000
        table["day"] = days(rng, f"{year}-03-05", f"{year}-11-25", n)
        table = table.sort_values("day", kind="stable", ignore_index=True)
        table["number"] = f"SJ{year}-" + (1 + table.index.to_series()).astype(str).str.zfill(2)
        frames.append(table)
    return pd.concat(frames, ignore_index=True)


def write(base: Base, home: Path) -> None:
    """The three registers: incidents as a workbook, cases as a text table, findings as a workbook in yuan."""
    incidents, cases, audit = found(base), violations(base), findings(base)
    for year in base.years:
        folder = home / school_year(year)
        i = incidents.loc[incidents["year"] == year]
        out = pd.DataFrame(
            {
                "事件编号": i["number"], "学校标识码": i["code"], "学校名称": i["name"],
                "学段": i["stage"].map(STAGE_ZH),
                "事件类型": i["kind"], "事件等级": i["severity"], "责任认定": i["liability"],
                "发生日期": forms.dates(i["day"], forms.ZH), "死亡人数": i["deaths"], "受伤人数": i["injured"],
            }
        )  # fmt: skip
        form = forms.Form(
            f"{school_year(year)}学年校园安全事故(事件)登记表", "人", signed=True, sums=("死亡人数", "受伤人数")
        )
        forms.write_form(folder / "校园安全事件登记表.xlsx", out, form, "安全")
        v = cases.loc[cases["year"] == year]
        out = pd.DataFrame(
            {
                "案件编号": v["number"], "违规类型": v["kind"], "学校标识码": v["code"], "查实结论": v["finding"],
                "案件等级": v["severity"], "查实日期": forms.dates(v["day"]),
                "处理文号": np.where(v["finding"] == PROVEN, "教监处〔" + v["day"].dt.year.astype(str) + "〕"
                                  + v["number"].str[-3:].astype(int).astype(str) + "号", ""),
            }
        )  # fmt: skip
        forms.write_gb(folder / "违规行为查处登记表.csv", out)
        a = audit.loc[audit["year"] == year]
        out = pd.DataFrame(
            {
                "问题编号": a["number"], "问题类型": a["kind"], "项目名称": a["project"], "涉及金额(元)": a["yuan"],
                "发现日期": forms.dates(a["day"], forms.DOTTED), "审计文号": f"审报〔{year}〕6号",
            }
        )  # fmt: skip
        form = forms.Form(f"{year}年教育资金审计(督查)发现问题表", "元", sums=("涉及金额(元)",), signed=True)
        forms.write_form(home / f"{year}年财政" / "审计发现问题表.xlsx", out, form)


def tell(base: Base, answers: Answers) -> None:
    """Incidents of whole calendar years and their change, vetoes (1: a case is proven), schools with unbalanced
    classes, findings."""
    incidents, cases, audit = found(base), violations(base), findings(base)
    both, calendar = scope(COMPULSORY), incidents["day"].dt.year
    proven = cases.loc[cases["finding"] == PROVEN]
    ethics = proven.loc[proven["kind"] == ETHICS, "day"]
    for year in base.whole_years:
        now = incidents.loc[calendar == year]
        answers.tell("incident_count", year, "all", len(now))
        food = int((now["kind"] == FOOD).sum())
        answers.tell("saf_food_safety_incidents", year, "all", food)
        if year - 1 in base.whole_years:
            before = int((calendar == year - 1).sum())
            answers.ratio("saf_incident_yoy", year, "all", len(now) - before, before, 100)
        grave = now["severity"].isin(["重大", "特别重大"]) & (now["liability"] == "责任事故")
        grave &= now["stage"].isin(COMPULSORY)
        discipline = (cases["severity"] == "严重") & (cases["day"].dt.year == year)
        answers.tell("major_discipline_case_count", year, "all", int(discipline.sum()))
        answers.tell("gua_teacher_ethics_veto", year, both, bool(ethics.dt.year.eq(year).any()))
        answers.tell("vet_major_incident", year, both, bool(grave.any() or discipline.any()))
    of_school_year = school_year_of(proven["day"])
    for year in base.years:
        now, period = proven.loc[of_school_year == year], school_year(year)
        for indicator, kind in VETOES.items():
            count = int((now["kind"] == kind).sum())
            answers.tell("violation_count", period, both, count, f"violation_type={kind} & finding={PROVEN}")
            answers.tell(indicator, period, both, count > 0)
        schools = now.loc[now["kind"] == UNBALANCED, "school"].nunique()
        answers.tell("gua_unbalanced_class_assignment", period, both, schools)
        a = audit.loc[audit["year"] == year]
        answers.tell("audit_finding_count", year, "all", len(a))
        where = f"finding_type in ({'|'.join(DIVERTED)})"
        answers.tell("audit_finding_count", year, "all", int(a["kind"].isin(DIVERTED).sum()), where)
