"""Meetings, visits, meets and festivals: the log of activities, and pupils sent on exchange."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import (
    COMPULSORY,
    SENIOR,
    STAGE_ZH,
    Base,
    days,
    school_year,
    school_year_of,
    scope,
)

QUALITY, VISIT, DEED, REVIEW = "专题研究教育教学", "区级领导联系学校调研", "为联系学校办实事", "学校领导教学成绩检视"
REPORT, SYMPOSIUM, JOINT = "成员单位述职考评", "党外知识分子座谈会", "区域联合教研"
SUPPORT, PLENARY, STUDIO_REVIEW = "工作室到校培训", "工作室集中培训", "工作室年度考核"
INSPECTION, MEETS, FESTIVAL, LABOUR = "教学常规视导", ("运动会", "体育节"), "校园文化艺术节", "劳动周"
EXCHANGE = "选送学生交流"
LEADERS = ("区委副书记", "区政府副区长", "教育体育局局长", "教育体育局副局长甲", "教育体育局副局长乙", "教育督导室主任")
# Months without lessons; joint research goes on in them, so that the quiet months are months of the term.
_HOLIDAYS = (2, 7, 8)


def _month_days(rng: np.random.Generator, year: int, month: int, n: int) -> pd.Series:
    return days(rng, f"{year}-{month:02d}-03", f"{year}-{month:02d}-26", n)


def _of_county(base: Base, year: int) -> pd.DataFrame:
    """What the county itself holds in a calendar year."""
    rng, step = base.stream("county activities", year), year - base.years[0]
    parts: list[tuple[str, str, pd.Series]] = []
    for quarter in range(4):
        n = int(rng.integers(1, 3)) + (step > 1)
        days_of = days(rng, f"{year}-{3 * quarter + 1:02d}-04", f"{year}-{3 * quarter + 3:02d}-25", n)
        parts.append((QUALITY, "", days_of))
    for month in range(1, 13):
        least = 1 + (step > 1)
        more = 2 if month in _HOLIDAYS else 0 if month == 10 else int(rng.integers(0, 3))
        parts.append((JOINT, "", _month_days(rng, year, month, least + more)))
    for leader in LEADERS:
        parts.append((VISIT, leader, days(rng, f"{year}-03-05", f"{year}-11-20", int(rng.integers(2, 6)) + step)))
        parts.append((DEED, leader, days(rng, f"{year}-04-05", f"{year}-11-20", int(rng.integers(1, 3)))))
    size = max(1, len(base.schools) // 20)
    for kind, first, last, n in (
        (REPORT, 12, 12, 1 + (step % 2)),
        (SYMPOSIUM, 5, 11, int(rng.integers(1, 4))),
        (SUPPORT, 3, 12, 20 * size + int(rng.integers(4, 12)) + 3 * step),
        (PLENARY, 3, 12, 5 + int(rng.integers(0, 4)) + step),
        (STUDIO_REVIEW, 12, 12, 1 + int(rng.integers(0, 2)) + (step > 1)),
    ):
        parts.append((kind, "", days(rng, f"{year}-{first:02d}-02", f"{year}-{last:02d}-28", n)))
    frames = [pd.DataFrame({"kind": kind, "leader": leader, "day": day}) for kind, leader, day in parts]
    return pd.concat(frames, ignore_index=True)


def _of_schools(base: Base, year: int) -> pd.DataFrame:
    """What happens in each school in a school year: inspections of all, meets and weeks of the compulsory stages."""
    rng, step = base.stream("school activities", year), year - base.years[0]
    now = base.by_year.loc[base.by_year["year"] == year, ["school", "code", "name", "stage"]].reset_index(drop=True)
    parts = []
    for first, last in ((f"{year}-10-10", f"{year}-12-20"), (f"{year + 1}-03-10", f"{year + 1}-06-20")):
        times = 1 + (rng.random(len(now)) < 0.2 + 0.15 * step).astype(int)
        part = now.loc[np.repeat(now.index, times)].assign(kind=INSPECTION)
        parts.append(part.assign(day=days(rng, first, last, len(part)).to_numpy()))
    ours = now.loc[now["stage"].isin(COMPULSORY)]
    for kind, often, first, last in (
        (MEETS[0], 0.15 + 0.1 * step, f"{year}-10-15", f"{year}-11-25"),
        (FESTIVAL, 0.1, f"{year + 1}-05-06", f"{year + 1}-06-10"),
        (LABOUR, 0.2, f"{year + 1}-04-06", f"{year + 1}-04-30"),
    ):
        times = 1 + (rng.random(len(ours)) < often).astype(int)
        if kind == FESTIVAL and step == 0:
            # In the first year one school holds no festival: its count is nought, not missing.
            times[-1] = 0
        if kind == LABOUR and step >= 2:
            times = np.maximum(times, 2)
        part = ours.loc[np.repeat(ours.index, times)].assign(kind=kind)
        parts.append(part.assign(day=days(rng, first, last, len(part)).to_numpy()))
    sports = ours.loc[rng.random(len(ours)) < 0.4].assign(kind=MEETS[1])
    parts.append(sports.assign(day=days(rng, f"{year + 1}-05-08", f"{year + 1}-05-30", len(sports)).to_numpy()))
    review = now.assign(kind=REVIEW, leader=now["name"] + "校长")
    for month in (11, 1, 4, 7):
        # Every school looks at its results in autumn, not all of them each time.
        held = review.loc[rng.random(len(review)) < (1.0 if month == 11 else 0.85 + 0.03 * step)]
        at = _month_days(rng, year + (month < 9), month, len(held))
        parts.append(held.assign(day=at.to_numpy()))
    return pd.concat(parts, ignore_index=True)


def exchange(base: Base) -> pd.DataFrame:
    """Senior pupils sent elsewhere: year (of the school year), number, day, pupil, student_id, name, school, code."""
    roll = base.county.pupils.years
    frames = []
    for year in base.years:
        rng = base.stream("exchange", year)
        now = roll.loc[(roll["year"] == year) & (roll["stage"] == SENIOR)] if "stage" in roll else roll.iloc[:0]
        if now.empty:
            continue
        n = min(len(now), 12 + 3 * (year - base.years[0]))
        for k, day in enumerate((f"{year}-10-20", f"{year + 1}-04-18")):
            at = now.iloc[np.sort(rng.choice(len(now), n, replace=False))]
            frames.append(
                pd.DataFrame(
                    {"year": year, "number": f"JL{year}-{k + 1}", "day": pd.Timestamp(day), "pupil": at["pupil"],
                     "school": at["school"]}
                )
            )  # fmt: skip
    if not frames:
        return pd.DataFrame(columns=["year", "number", "day", "pupil", "school", "student_id", "name", "code"])
    table = pd.concat(frames, ignore_index=True)
    persons = base.county.pupils.persons[["pupil", "student_id", "name"]]
    return (
        table.merge(persons, on="pupil")
        .merge(base.schools[["school", "code"]], on="school")
        .sort_values(["year", "number", "student_id"], ignore_index=True)
    )


def found(base: Base) -> pd.DataFrame:
    """The log: year (of the school year), number, kind, leader, day, school (-1: the county), code, name, stage,
    people."""
    frames = [_of_county(base, year) for year in [*base.years, base.years[-1] + 1]]
    frames += [_of_schools(base, year) for year in base.years]
    sent = exchange(base)
    if len(sent):
        trips = sent.groupby(["number", "day"], as_index=False).agg(people=("pupil", "size"))
        frames.append(trips.rename(columns={"number": "trip"}).assign(kind=EXCHANGE, stage=SENIOR))
    table = pd.concat(frames, ignore_index=True)
    table["year"] = school_year_of(table["day"])
    table = table.loc[table["year"].isin(base.years)]
    table["school"] = table["school"].fillna(-1).astype(int)
    for column in ("leader", "code", "name", "stage"):
        table[column] = table[column].fillna("")
    rng = base.stream("activity people")
    table = table.sort_values(["year", "day", "kind", "school", "leader"], kind="stable", ignore_index=True)
    table["people"] = table["people"].fillna(pd.Series(rng.integers(8, 240, len(table)))).astype(int)
    number = (table.groupby("year").cumcount() + 1).astype(str).str.zfill(5)
    logged = "HD" + table["year"].astype(str) + "-" + number
    # The list of pupils names the exchange by the number it has in the log.
    trip = table["trip"] if "trip" in table else pd.Series(pd.NA, index=table.index)
    return table.assign(number=trip.fillna(logged)).drop(columns="trip", errors="ignore")


def write(base: Base, home: Path) -> None:
    """活动登记表 a school year, and the list of pupils on exchange where there are senior pupils."""
    table, sent = found(base), exchange(base)
    for year in base.years:
        folder = home / school_year(year)
        t = table.loc[table["year"] == year]
        out = pd.DataFrame(
            {
                "活动编号": t["number"], "活动类型": t["kind"],
                "活动名称": t["name"] + t["kind"],
                "活动日期": forms.dates(t["day"], (forms.ISO, forms.SLASHED)[year % 2]),
                "主持人职务": t["leader"], "学校标识码": t["code"], "学段": t["stage"].map(STAGE_ZH).fillna(""),
                "参加人数": t["people"],
            }
        )  # fmt: skip
        forms.write_table(folder / "活动登记表.csv", out)
        s = sent.loc[sent["year"] == year]
        if s.empty:
            continue
        out = pd.DataFrame(
            {
                "活动编号": s["number"], "活动类型": EXCHANGE, "学籍号": s["student_id"], "姓名": s["name"],
                "学校标识码": s["code"], "学段": STAGE_ZH[SENIOR],
            }
        )  # fmt: skip
        form = forms.Form(f"{school_year(year)}学年选送学生交流参加名单", signed=True)
        forms.write_form(folder / "选送学生交流参加名单.xlsx", out, form, "名单")


def tell(base: Base, answers: Answers) -> None:
    """Counts of whole calendar and project years; the fewest of a quarter, month, leader or school, nought included."""
    table, sent = found(base), exchange(base)
    day = table["day"]
    both = scope(COMPULSORY)
    project = day.dt.year - (day.dt.month < 3)
    for year in base.whole_years:
        now = table.loc[day.dt.year == year]
        counts = now["kind"].value_counts()
        for indicator, kind in (
            ("trn_studio_annual_review", STUDIO_REVIEW),
            ("gua_plan_report_review", REPORT),
            ("gua_nonparty_symposium", SYMPOSIUM),
        ):
            answers.tell("activity_count", year, "all", int(counts.get(kind, 0)), f"activity_type={kind}")
            answers.tell(indicator, year, "all", int(counts.get(kind, 0)))
        in_project = table.loc[project == year, "kind"].value_counts()
        answers.tell("trn_studio_support_sessions", year, "all", int(in_project.get(SUPPORT, 0)))
        answers.tell("trn_studio_plenary_sessions", year, "all", int(in_project.get(PLENARY, 0)))
        quarters = now.loc[now["kind"] == QUALITY, "day"].dt.quarter.value_counts().reindex(range(1, 5), fill_value=0)
        answers.tell("gua_quarterly_quality_meeting", year, "all", int(quarters.min()))
        visits = now.loc[now["kind"] == VISIT, "leader"].value_counts().reindex(LEADERS, fill_value=0)
        answers.tell("gua_leader_school_visits", year, "all", int(visits.min()))
        reviews = now.loc[now["kind"] == REVIEW, "leader"].value_counts()
        answers.tell("tch_leader_teaching_review", year, "all", int(reviews.min()))
        there = base.by_year.loc[base.by_year["year"] == year, "school"]
        before = base.by_year.loc[base.by_year["year"] == year - 1, "school"]
        rounds = now.loc[now["kind"] == INSPECTION, "school"].value_counts()
        steady = there.loc[there.isin(before)]
        answers.tell("gua_teaching_inspection_rounds", year, "all", int(rounds.reindex(steady, fill_value=0).min()))
        if base.has(SENIOR):
            pupils = sent.loc[sent["day"].dt.year == year, "pupil"].nunique()
            answers.tell("qua_exchange_students", year, SENIOR, pupils)
    for year in base.years:
        now, period = table.loc[table["year"] == year], school_year(year)
        months = now.loc[now["kind"] == JOINT, "day"].dt.month.value_counts().reindex(range(1, 13), fill_value=0)
        answers.tell("gua_joint_research_monthly", period, "all", int(months.min()))
        ours = base.of(COMPULSORY)
        schools = ours.loc[ours["year"] == year, "school"].unique()
        for indicator, kinds in (
            ("qua_sports_meet_freq", MEETS),
            ("qua_arts_festival_freq", (FESTIVAL,)),
            ("qua_labour_week_freq", (LABOUR,)),
        ):
            held = now.loc[now["kind"].isin(kinds), "school"].value_counts()
            answers.tell(indicator, period, both, int(held.reindex(schools, fill_value=0).min()))
