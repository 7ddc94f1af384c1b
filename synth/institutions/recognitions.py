"""What the county, its schools and their projects were recognised for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import (
    ALL,
    COMPULSORY,
    PRESCHOOL,
    SENIOR,
    STAGE_ZH,
    VOCATIONAL,
    Base,
    days,
    school_year,
    school_year_of,
    scope,
)

SCHOOL, UNIT, COUNTY = "学校", "单位", "县"
# How long a recognition stands: for good, for three years, to the end of its school year or of its calendar year.
FOR_GOOD, THREE_YEARS, SCHOOL_YEAR, CALENDAR_YEAR = "good", "three", "school_year", "calendar_year"
GENERAL = (*COMPULSORY, SENIOR)


@dataclass(frozen=True)
class Kind:
    """A recognition. `least` a year and `share` of the county's schools a year, growing by `more`; `stages` of the
    schools
    or of the topic; `indicator` and what it counts: `new` in the period, or what `stands` at its end."""

    title: str
    level: str
    entity: str
    stages: tuple[str, ...]
    least: float
    share: float = 0.0
    more: float = 0.0
    lasts: str = FOR_GOOD
    code: str = ""
    indicator: str = ""
    clock: str = "school_year"
    counts: str = "new"
    years: int = 1


KINDS = (
    Kind("优质校", "区级", SCHOOL, COMPULSORY, 1, 0.02, 0.6, indicator="res_new_quality_schools"),
    Kind("新优质学校", "区级", SCHOOL, COMPULSORY, 2, 0.02, 0.5, indicator="res_group_new_quality_school"),
    Kind("创新实践学校", "区级", SCHOOL, COMPULSORY, 4, 0.0, 0.5, SCHOOL_YEAR,
         indicator="tch_innovation_schools_selected", counts="stands"),
    Kind("微型课题", "区级", UNIT, COMPULSORY, 30, 0.5, 6, SCHOOL_YEAR, "WX", "tch_micro_topics", counts="stands"),
    Kind("教科研项目(课题)", "区级", UNIT, COMPULSORY, 8, 0.2, 2, SCHOOL_YEAR, "KY", "tch_research_projects",
         counts="stands"),
    Kind("E课堂优质课", "区级", UNIT, COMPULSORY, 120, 1.0, 40, SCHOOL_YEAR, "EK", "dig_eclass_lessons",
         counts="stands", years=3),
    Kind("劳动特色学校", "市级", SCHOOL, COMPULSORY, 1, 0.01, 0.5, THREE_YEARS, indicator="qua_labour_feature_schools"),
    Kind("劳动教育综合实践基地", "市级", UNIT, COMPULSORY, 1, 0.01, 0.5, code="LD", indicator="qua_labour_bases"),
    Kind("心理健康教育特色学校", "市级", SCHOOL, COMPULSORY, 1, 0.01, 0.4, indicator="saf_psych_feature_schools"),
    Kind("优秀心理辅导室", "市级", SCHOOL, COMPULSORY, 2, 0.02, 0.5, indicator="saf_psych_rooms_excellent"),
    Kind("示范心理辅导室", "市级", SCHOOL, COMPULSORY, 1, 0.01, 0.5, indicator="saf_psych_rooms_demo"),
    Kind("体育特色学校", "省级", SCHOOL, COMPULSORY, 1, 0.0, 0.4, indicator="qua_provincial_pe_schools"),
    Kind("体育特色学校", "区级", SCHOOL, COMPULSORY, 2, 0.02, 0.5, indicator="qua_district_pe_schools"),
    Kind("青少年校园足球特色学校", "国家级", SCHOOL, COMPULSORY, 1, 0.0, 0.4, indicator="qua_football_schools"),
    Kind("领军校长工作室", "市级", UNIT, (), 1, 0.0, 0.4, code="LJ", indicator="tch_principal_studios_new",
         clock="calendar"),
    Kind("特色专业", "省级", UNIT, (VOCATIONAL,), 1, 0.0, 0.4, code="ZY", indicator="voc_specialty_count",
         clock="calendar", counts="stands"),
    Kind("智慧校园示范学校", "市级", SCHOOL, GENERAL, 1, 0.02, 0.5, THREE_YEARS,
         indicator="dig_smart_campus_demo_schools", clock="calendar", counts="stands"),
    Kind("名校网络课堂示范学校", "市级", SCHOOL, (*COMPULSORY, SENIOR), 1, 0.01, 0.5, THREE_YEARS,
         indicator="dig_online_classroom_demo_schools", clock="calendar", counts="stands"),
    Kind("教科研课题", "市级", UNIT, (), 2, 0.05, 0.5, code="SK", indicator="tch_municipal_research_topics",
         clock="calendar", years=5),
    Kind("教科研课题", "县级", UNIT, (), 6, 0.15, 1, code="XK", indicator="tch_county_research_topics",
         clock="calendar", years=5),
    Kind("引进专家团队", "县级", UNIT, (), 1, 0.0, 0.3, CALENDAR_YEAR, "ZJ", "tch_expert_teams", "calendar",
    "stands", 5),
)  # fmt: skip
# Recognitions that every school shall have: share at the start, more of all each year, stages, level, clock.
COVERING = (
    ("学校章程核准", "县级", COMPULSORY, 0.75, 0.12, "qua_school_charter_share", "school_year"),
    ("学校内涵建设项目", "区级", COMPULSORY, 0.4, 0.25, "qua_connotation_project_coverage", "school_year"),
    ("德育工程项目", "区级", COMPULSORY, 0.3, 0.3, "qua_moral_project_share", "school_year"),
    ("平安校园", "市级", ALL, 0.45, 0.14, "saf_safe_campus_share", "calendar"),
    ("幼儿园办园水平等级", "县级", (PRESCHOOL,), 0.5, 0.3, "res_kindergarten_rating_share", "calendar"),
)
COUNTY_TITLES = (
    ("学前教育普及普惠县", "qua_preschool_puhui_recognition", (PRESCHOOL,), 1),
    ("义务教育优质均衡发展县", "qua_balanced_recognition", COMPULSORY, 0),
)
_HISTORY = 5  # years of the register before the first


def found(base: Base) -> pd.DataFrame:
    """The register: entity, code, name, school (-1 for none), stage ('' for none), title, level, grade, day, until
    (NaT for
    good)."""
    frames = [_yearly(base, kind, number) for number, kind in enumerate(KINDS)]
    frames += [_covering(base, *line[:5]) for line in COVERING]
    frames.append(_of_county(base))
    table = pd.concat([f for f in frames if len(f)], ignore_index=True)
    table["school"] = table["school"].fillna(-1).astype(int)
    for column in ("stage", "grade", "name"):
        table[column] = table[column].fillna("")
    return table.sort_values(["day", "title", "code", "level"], kind="stable", ignore_index=True)


def _yearly(base: Base, kind: Kind, number: int) -> pd.DataFrame:
    """Recognitions that are given out every year, some in spring and most in autumn."""
    rng = base.stream(f"recognition {kind.title} {kind.level}")
    frames, first, last = [], base.years[0] - _HISTORY, base.years[-1]
    pool, before = base.schools.loc[base.schools["stage"].isin(kind.stages)], 0
    of_schools = kind.entity == SCHOOL or kind.stages == (VOCATIONAL,)
    if of_schools and kind.stages and not base.has(*kind.stages):
        return pd.DataFrame()
    for year in range(first, last + 1):
        step = year - first
        wanted = kind.least + kind.share * len(base.schools) + kind.more * max(0, step - _HISTORY)
        n = max(1, int(rng.binomial(max(1, round(wanted * 1.25)), 0.8)))
        n, before = n + (n == before), n + (n == before)
        if kind.entity == SCHOOL:
            n = min(n, len(pool))
            at = pool.iloc[rng.choice(len(pool), n, replace=False)]
            part = at[["school", "code", "name", "stage"]].reset_index(drop=True)
        else:
            names = [f"{kind.title}{year}年第{k + 1}项" for k in range(n)]
            part = pd.DataFrame({"code": [f"{kind.code}{year}{k + 1:04d}" for k in range(n)], "name": names})
            part["stage"] = rng.choice(kind.stages, n) if kind.stages else ""
        # Dates of the two halves of a school year; a list for one calendar year comes in autumn.
        autumn = days(rng, f"{year}-10-08", f"{year}-12-15", n)
        spring = days(rng, f"{year + 1}-03-01", f"{year + 1}-06-20", n)
        part["day"] = autumn if kind.clock == "calendar" else spring.where(rng.random(n) < 0.3, autumn)
        part["until"] = _until(kind.lasts, part["day"])
        frames.append(part.assign(entity=kind.entity, title=kind.title, level=kind.level))
    return pd.concat(frames, ignore_index=True)


def _until(lasts: str, day: pd.Series) -> pd.Series:
    if lasts == THREE_YEARS:
        return day + pd.DateOffset(years=3) - pd.Timedelta(days=1)
    if lasts == SCHOOL_YEAR:
        return pd.to_datetime((school_year_of(day) + 1).astype(str) + "-08-31")
    if lasts == CALENDAR_YEAR:
        return pd.to_datetime(day.dt.year.astype(str) + "-12-31")
    return pd.Series(pd.NaT, index=day.index)


def _covering(base: Base, title: str, level: str, stages: tuple[str, ...], first: float, more: float) -> pd.DataFrame:
    """One recognition a school, in the autumn of the year in which its turn comes; none for those whose turn is
    later."""
    rng = base.stream(f"recognition {title}")
    pool = base.schools.loc[base.schools["stages"].map(lambda s: any(x in stages for x in s))].reset_index(drop=True)
    if pool.empty:
        return pd.DataFrame()
    draw, begin = rng.random(len(pool)), base.years[0]
    turn = np.where(draw < first, -rng.integers(1, _HISTORY + 1, len(pool)), np.floor((draw - first) / more))
    year = begin + turn.astype(int)
    table = pool[["school", "code", "name", "stage"]].copy()
    table["day"] = pd.to_datetime(pd.Series(year).astype(str) + "-10-12") + pd.to_timedelta(
        rng.integers(0, 60, len(pool)), unit="D"
    )
    table["until"] = pd.NaT
    table["grade"] = np.array(["一级", "二级", "三级"])[rng.integers(0, 3, len(pool))] if stages == (PRESCHOOL,) else ""
    if title == "平安校园":
        level = np.where(rng.random(len(pool)) < 0.2, "省级", "市级")  # type: ignore[assignment]
    table = table.assign(entity=SCHOOL, title=title, level=level)
    return table.loc[year <= base.years[-1]]


def _of_county(base: Base) -> pd.DataFrame:
    rows = [
        {"entity": COUNTY, "code": base.region, "name": base.county.name, "title": title, "level": "国家级",
         "day": pd.Timestamp(f"{base.years[-1] - before}-11-28"), "until": pd.NaT}
        for title, _, _, before in COUNTY_TITLES
    ]  # fmt: skip
    return pd.DataFrame(rows)


def write(base: Base, home: Path) -> None:
    """认定(立项)登记表, sent whole."""
    r = found(base)
    year = r["day"].dt.year.astype(str)
    out = pd.DataFrame(
        {
            "对象类型": r["entity"], "对象代码": r["code"], "单位名称": r["name"], "认定名称": r["title"],
            "级别": r["level"], "学段": r["stage"].map(STAGE_ZH).fillna(""), "评定等级": r["grade"],
            "认定日期": forms.dates(r["day"]), "有效期至": forms.dates(r["until"]),
            "文号": "教发〔" + year + "〕" + (r["day"].dt.day_of_year % 97 + 3).astype(str) + "号",
        }
    )  # fmt: skip
    forms.write_table(home / "认定立项登记表.csv", out)


def standing(table: pd.DataFrame, end: str) -> pd.Series:
    """Which recognitions stand on that day."""
    day = pd.Timestamp(end)
    return (table["day"] <= day) & (table["until"].isna() | (table["until"] >= day))


def tell(base: Base, answers: Answers) -> None:
    """New recognitions of a period, or those that stand at its end; schools that have one of those every school
    needs."""
    table = found(base)
    calendar, study = table["day"].dt.year, school_year_of(table["day"])
    groups = base.schools.loc[base.schools["group"] != "", "group"].nunique()
    for kind in KINDS:
        ours = (table["title"] == kind.title) & (table["level"] == kind.level)
        clock = study if kind.clock == "school_year" else calendar
        stage = scope(kind.stages) if kind.stages else "all"
        if kind.indicator == "dig_online_classroom_demo_schools":
            stage = "all"
        for year in base.years:
            period = school_year(year) if kind.clock == "school_year" else str(year)
            end = f"{year + 1}-08-31" if kind.clock == "school_year" else f"{year}-12-31"
            new = int((ours & clock.between(year - kind.years + 1, year)).sum())
            stands = int((ours & standing(table, end)).sum())
            value = stands if kind.counts == "stands" and kind.years == 1 else new
            if not ours.any():
                continue
            if kind.indicator == "res_group_new_quality_school":
                answers.ratio(kind.indicator, period, stage, value, groups)
            else:
                answers.tell(kind.indicator, period, stage, value)
    for title, _, stages, _, _, indicator, clock in COVERING:
        for year in base.years:
            period, end = (
                (school_year(year), f"{year + 1}-08-31") if clock == "school_year" else (str(year), f"{year}-12-31")
            )
            have = set(table.loc[(table["title"] == title) & standing(table, end), "school"])
            now = base.of(stages)
            now = now.loc[now["year"] == year, "school"].drop_duplicates()
            answers.ratio(indicator, period, scope(stages), int(now.isin(have).sum()), len(now), 100)
    for title, indicator, stages, _ in COUNTY_TITLES:
        if not base.has(*stages):
            continue
        for year in base.years:
            has = (table["title"] == title) & standing(table, f"{year}-12-31")
            answers.tell(indicator, year, scope(stages), bool(has.any()))
