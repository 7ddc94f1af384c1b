"""Money beside the budget: public funds of each school, pay, payments of special funds; and what the budget answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms, incidents, recognitions
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, SENIOR, SPECIAL, STAGE_ZH, STAGES, Base, scope
from synth.money import BUREAU, RESEARCH, allocate

_FLOOR = 100  # pupils that a small school is paid for at least
_PUPILS_A_CIVIL_SERVANT = 6.2
# Days in which a grant is to be paid out; in the last of several years every payment keeps within them.
DAYS_TO_PAY = 30
# Special funds: the sources of which each payment is told.
_SPECIAL_SOURCES = ("上级补助", "市级财政", "中央财政", "省级财政", "专项债")


def public_funds(base: Base) -> pd.DataFrame:
    """Public funds as the budget has them: year, school, stage, code, name, funded, quota, allocated, training
    (yuan)."""
    funds = allocate(base.county.schools, base.county.sections, base.years)
    order = funds["stage"].map({s: i for i, s in enumerate(STAGES)})
    table = funds.merge(base.schools[["school", "code", "name"]], on="school", how="left").assign(order=order)
    return table.sort_values(["year", "order", "school"], ignore_index=True)


def salaries(base: Base) -> pd.DataFrame:
    """Pay of a calendar year: year, group (教师, 公务员), stage ('' for civil servants), hundreds (of yuan), people."""
    frames = []
    for year in base.years:
        rng, step = base.stream("salaries", year), year - base.years[0]
        now = base.sections.loc[base.sections["year"] == year]
        people = now.groupby("stage")["teachers"].sum().reindex(STAGES).dropna().astype(int)
        people = people.loc[people > 0]
        # Teachers catch up with civil servants within the years.
        civil = 98000 * 1.03**step
        mean = civil * (0.978 + 0.016 * step + rng.uniform(-0.004, 0.004, len(people)))
        teachers = pd.DataFrame({"group": "教师", "stage": people.index, "people": people.to_numpy()})
        teachers["hundreds"] = np.rint(mean / 100 * people.to_numpy()).astype("int64")
        servants = max(20, int(now["pupils"].sum() / _PUPILS_A_CIVIL_SERVANT / 2))
        rest = {"group": "公务员", "stage": "", "people": servants, "hundreds": int(civil / 100 * servants)}
        frames.append(pd.concat([teachers, pd.DataFrame([rest])], ignore_index=True).assign(year=year))
    return pd.concat(frames, ignore_index=True)


def performance_pay(base: Base) -> pd.DataFrame:
    """Performance pay of a fiscal year and stage: year, stage, approved, required (hundreds of yuan). In the first of
    several years less is approved than the rules require."""
    pay = salaries(base)
    pay = pay.loc[pay["group"] == "教师"].copy()
    pay["required"] = np.rint(pay["people"] * 268.0 * 1.02 ** (pay["year"] - base.years[0])).astype("int64")
    short = (pay["year"] == base.years[0]) & (len(base.years) > 1)
    pay["approved"] = np.where(short, pay["required"] * 96 // 100, pay["required"] + pay["people"] % 7 * 10)
    return pay[["year", "stage", "approved", "required"]].reset_index(drop=True)


def payments(base: Base) -> pd.DataFrame:
    """Payments of the bureau's special funds: year, number, project, source, allocated, paid (days), hundreds (of
    yuan).
    Those of a line add up to what the budget's execution says is paid."""
    money = base.county.money
    lines = money.loc[money["unit_code"].isin([BUREAU[0], RESEARCH[0]]) & money["fund_source"].isin(_SPECIAL_SOURCES)]
    lines = lines.loc[lines["paid"] > 0].reset_index(drop=True)
    rng = base.stream("payments")
    many = rng.integers(2, 5, len(lines))
    table = lines.loc[np.repeat(lines.index, many), ["year", "project", "fund_source", "paid"]].rename(
        columns={"fund_source": "source", "paid": "whole"}
    )
    line = table.index.to_series().reset_index(drop=True)
    table = table.reset_index(drop=True)
    weight = pd.Series(rng.uniform(0.5, 1.5, len(table)))
    share = weight / weight.groupby(line).transform("sum")
    table["hundreds"] = np.floor(table["whole"] * share).astype("int64")
    first = ~line.duplicated()
    rest = table["whole"] - table["hundreds"].groupby(line).transform("sum")
    table.loc[first, "hundreds"] += rest[first]
    turn = line.groupby(line).cumcount()
    step = table["year"] - base.years[0]
    start = pd.to_datetime(table["year"].astype(str) + "-02-10")
    table["allocated"] = start + pd.to_timedelta(turn * 55 + rng.integers(0, 40, len(table)), unit="D")
    delay = np.minimum(rng.gamma(2.2, 11, len(table)) + 4, 92).astype(int)
    delay = np.maximum(3, delay - 5 * step)
    prompt = (table["year"] == base.years[-1]) & (len(base.years) > 1)
    delay = np.where(prompt, np.minimum(delay, DAYS_TO_PAY - 2), delay)
    table["paid"] = table["allocated"] + pd.to_timedelta(delay, unit="D")
    table = table.sort_values(["year", "paid", "project", "source"], kind="stable", ignore_index=True)
    number = (table.groupby("year").cumcount() + 1).astype(str).str.zfill(5)
    return table.assign(number="ZF" + table["year"].astype(str) + number).drop(columns="whole")


def write(base: Base, home: Path) -> None:
    """The tables of a fiscal year: amounts in yuan or 万元, as each office counts."""
    public, pay, approved, paid = public_funds(base), salaries(base), performance_pay(base), payments(base)
    for year in base.years:
        folder = home / f"{year}年财政"
        p = public.loc[public["year"] == year]
        out = pd.DataFrame(
            {
                "学校标识码": p["code"], "学校名称": p["name"], "学段": p["stage"].map(STAGE_ZH),
                "核定学生数": p["funded"],
                "生均定额(元)": p["quota"], "公用经费核定数(元)": p["allocated"], "公用经费预算(元)": p["allocated"],
                "教师培训费(元)": p["training"],
            }
        )  # fmt: skip
        sums = ("核定学生数", "公用经费核定数(元)", "公用经费预算(元)", "教师培训费(元)")
        note = "教师培训费为公用经费预算中30216培训费。"
        form = forms.Form(f"{year}年生均公用经费核定拨付表", "人、元", note=note, signed=True, sums=sums)
        forms.write_form(folder / "生均公用经费核定拨付表.xlsx", out, form, "公用经费")
        s = pay.loc[pay["year"] == year]
        out = pd.DataFrame(
            {
                "人员类别": s["group"], "学段": s["stage"].map(STAGE_ZH).fillna(""),
                "工资收入总额(万元)": forms.wan(s["hundreds"]), "发放人数": s["people"],
            }
        )  # fmt: skip
        forms.write_table(folder / "教师与公务员工资收入统计表.csv", out)
        a = approved.loc[approved["year"] == year]
        out = pd.DataFrame(
            {
                "学段": a["stage"].map(STAGE_ZH), "绩效工资核定总量": forms.wan(a["approved"]),
                "绩效工资应核定总量": forms.wan(a["required"]),
            }
        )  # fmt: skip
        sums = ("绩效工资核定总量", "绩效工资应核定总量")
        form = forms.Form(f"{year}年绩效工资总量核定表", "万元", signed=True, sums=sums)
        forms.write_form(folder / "绩效工资总量核定表.xlsx", out, form)
        t = paid.loc[paid["year"] == year]
        out = pd.DataFrame(
            {
                "支付凭证号": t["number"], "项目名称": t["project"], "资金来源": t["source"],
                "指标下达日期": forms.dates(t["allocated"]), "支付日期": forms.dates(t["paid"]),
                "支付金额(元)": t["hundreds"] * 100,
            }
        )  # fmt: skip
        if year % 2:
            forms.write_gb(folder / "专项资金下达与支付表.csv", out)
            continue
        form = forms.Form(f"{year}年专项资金下达与支付表", "元", sums=("支付金额(元)",))
        forms.write_form(folder / "专项资金下达与支付表.xlsx", out, form)


def tell(base: Base, answers: Answers) -> None:
    """Public funds, pay, and the budget's own indicators."""
    _tell_schools(base, answers)
    _tell_pay(base, answers)
    _tell_budget(base, answers)


def _tell_schools(base: Base, answers: Answers) -> None:
    public, both = public_funds(base), scope(COMPULSORY)
    sections = base.county.sections
    for year in base.years:
        now = public.loc[public["year"] == year]
        ours = now.loc[now["stage"].isin(COMPULSORY)]
        one_quota = bool((ours.groupby("stage")["quota"].nunique() == 1).all())
        answers.tell("gua_unified_public_fund_std", year, both, one_quota)
        whole, training = int(ours["allocated"].sum()), int(ours["training"].sum())
        answers.tell("public_fund_budget_yuan", year, both, whole)
        answers.tell("training_budget_yuan", year, both, training)
        answers.ratio("fin_training_share_public_fund", year, both, training, whole, 100)
        # These rest on the snapshot of the September before the fiscal year.
        before = sections.loc[sections["year"] == year - 1, ["school", "stage", "pupils"]]
        if before.empty:
            continue
        joined = ours.merge(before, on=["school", "stage"])
        small = joined.loc[joined["pupils"] < _FLOOR]
        floor_kept = bool((small["allocated"] >= _FLOOR * small["quota"]).all())
        answers.tell("gua_small_school_fund_floor", year, both, floor_kept)
        special = int(before.loc[before["stage"] == SPECIAL, "pupils"].sum())
        paid = int(now.loc[now["stage"] == SPECIAL, "allocated"].sum())
        if special:
            answers.tell("public_fund_allocated_yuan", year, SPECIAL, paid, "stage=special")
            answers.ratio("fin_special_public_fund_per_student", year, SPECIAL, paid, special)


def _tell_pay(base: Base, answers: Answers) -> None:
    pay, approved, both = salaries(base), performance_pay(base), scope(COMPULSORY)
    for year in base.years:
        now = pay.loc[pay["year"] == year]
        teachers = now.loc[(now["group"] == "教师") & now["stage"].isin(COMPULSORY)]
        civil = now.loc[now["group"] == "公务员"]
        money, people = int(teachers["hundreds"].sum()), int(teachers["people"].sum())
        other, others = int(civil["hundreds"].sum()), int(civil["people"].sum())
        answers.tell("teacher_salary_yuan", year, both, money * 100)
        answers.tell("teacher_salary_person_count", year, both, people)
        answers.ratio("gua_teacher_salary_ratio", year, both, money * others, people * other)
        a = approved.loc[(approved["year"] == year) & approved["stage"].isin(COMPULSORY)]
        answers.tell("gua_performance_pay_full", year, both, bool(a["approved"].sum() >= a["required"].sum()))


def _tell_budget(base: Base, answers: Answers) -> None:
    money, both = base.county.money, scope(COMPULSORY)
    ours = money["stage"].isin(COMPULSORY)
    sections = base.county.sections
    paid, audit, register = payments(base), incidents.findings(base), recognitions.found(base)
    for year in base.years:
        of_year = paid.loc[paid["year"] == year]
        slowest = int((of_year["paid"] - of_year["allocated"]).dt.days.max())
        diverted = audit.loc[(audit["year"] == year) & audit["kind"].isin(incidents.DIVERTED)]
        answers.tell("fin_no_diversion", year, "all", diverted.empty and slowest <= DAYS_TO_PAY)
        now = money["year"] == year
        for indicator, where, column, stage in (
            ("fin_research_fund_annual", ours & (money["category"] == "教研专项"), "initial", both),
            ("fin_campus_culture_investment", ours & (money["category"] == "校园文化"), "adjusted", both),
            ("fin_scholarship_fund", (money["stage"] == SENIOR) & (money["category"] == "奖学金"), "adjusted", SENIOR),
            ("fin_teacher_training_fund",
             (money["category"] == "师训费") & (money["fund_source"] == "县级财政"), "initial", "all"),
            ("fin_municipal_special_fund",
             (money["category"] == "义务教育发展专项") & (money["fund_source"] == "市级财政"), "initial", "all"),
        ):  # fmt: skip
            answers.ratio(indicator, year, stage, int(money.loc[now & where, column].sum()), 100)
        grant = int(money.loc[now & ours & (money["category"] == "校长创新实践"), "adjusted"].sum())
        chosen = recognitions.standing(register, f"{year + 1}-08-31") & (register["title"] == "创新实践学校")
        answers.ratio("fin_innovation_school_grant", year, both, grant, int(chosen.sum()) * 100)
        answers.ratio(
            "fin_budget_execution_rate", year, "all", int(money.loc[now, "paid"].sum()),
            int(money.loc[now, "adjusted"].sum()), 100,
        )  # fmt: skip
        spent = int(money.loc[now, "final"].sum())
        if year - 1 not in base.years:
            continue
        before = int(money.loc[money["year"] == year - 1, "final"].sum())
        answers.tell("fin_edu_exp_growth", year, "all", (spent - before) * 100)
        heads = {y: int(sections.loc[sections["year"] == y, "pupils"].sum()) for y in (year - 2, year - 1, year)}
        if heads[year - 2]:
            # Of twelve months eight belong to the school year before and four to the one that begins.
            now_mean, then_mean = (heads[y - 1] * 8 + heads[y] * 4 for y in (year, year - 1))
            answers.ratio(
                "fin_edu_exp_per_student_growth", year, "all", (spent * then_mean - before * now_mean) * 1200,
                now_mean * then_mean,
            )  # fmt: skip
