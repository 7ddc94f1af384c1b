"""What the city tells its counties: results of all of them, ranks of schools, results of competitions."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from synth.identifiers import county_code, county_name
from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, GRADE_ZH, JUNIOR, SENIOR, STAGE_ZH, Base, school_year, scope

_COUNTIES, _KNOWN = 9, 90  # counties of the city beside this one; counties that have a name
ZHONGKAO, PRIMARY_END = "中考", "小学毕业考试"  # examinations of which the county has every pupil's mark
GRADUATION, SAMPLE = "初中学业水平考试", "市抽测"
# Examinations of a June that only the city marks: name, type, stage, grade, subjects with full marks.
_EXAMS = (
    ("八年级学业水平考试", GRADUATION, JUNIOR, 8, {"生物": 60, "地理": 60}),
    ("八年级学业质量抽测", SAMPLE, JUNIOR, 8, {"语文": 120, "数学": 120, "英语": 120}),
    ("四年级学业质量抽测", SAMPLE, "primary", 4, {"语文": 100, "数学": 100}),
)  # fmt: skip
_NAMES = {ZHONGKAO: "中考", PRIMARY_END: "小学毕业考试"}
FIRST_LINE, DEGREE_LINE = "一本(特控线)", "本科线"
COMPOSITE = "中考综合素质"
_CONTESTS = (("中小学教师教学基本功竞赛", "{0}-11-12"), ("优质课评比", "{1}-04-22"), ("班主任基本功大赛", "{1}-05-18"))


def _peers(base: Base) -> pd.DataFrame:
    """The counties of the city, this one among them: code, name, standing (how good), size."""
    # Numbers beside the county's own in its city.
    block = base.region[:4]
    codes = sorted({base.region, *(f"{block}{k:02d}" for k in range(1, _COUNTIES + 1))})[: _COUNTIES + 1]
    if base.region not in codes:
        codes[-1] = base.region
    known = {county_code(k): county_name(k) for k in range(_KNOWN)}
    rng = base.stream("peers")
    table = pd.DataFrame({"code": codes, "name": [known.get(c, f"县区{c[-2:]}") for c in codes]})
    table["standing"] = rng.normal(0, 0.03, len(table))
    table["size"] = rng.uniform(0.5, 2.2, len(table))
    table.loc[table["code"] == base.region, "size"] = 1.0
    table.loc[table["code"] == base.region, "name"] = base.county.name
    return table


def own_means(base: Base) -> pd.DataFrame:
    """The county's own marks of those examinations: year, type, stage, grade, subject, full, half (sum of half points),
    sat."""
    marks = base.county.sittings
    marks = marks.loc[marks["type"].isin(list(_NAMES)) & (marks["half"] >= 0) & marks["year"].isin(base.years)]
    keys = ["year", "type", "stage", "grade", "subject", "full"]
    return marks.groupby(keys, as_index=False).agg(half=("half", "sum"), sat=("half", "size"))


def exams(base: Base) -> pd.DataFrame:
    """Results by county, exam and subject: calendar (year of the June), exam, kind, stage, grade, subject, code, name,
    mean (hundredths of a point), sat. One county at least is ahead of this one."""
    peers, frames = _peers(base), []
    own, g = (peers["code"] == base.region).to_numpy(), base.grades
    for year in base.years:
        rng, step = base.stream("city exams", year), year - base.years[0]
        for name, kind, stage, grade, subjects in _EXAMS:
            pupils = int(g.loc[(g["year"] == year) & (g["grade"] == grade), "pupils"].sum())
            for subject, full in subjects.items():
                level = 0.66 + peers["standing"] + 0.012 * step * own + rng.normal(0, 0.012, len(peers))
                frames.append(
                    peers.assign(
                        calendar=year + 1, exam=f"{year + 1}年{name}", kind=kind, stage=stage, grade=grade,
                        subject=subject, mean=np.rint(level * full * 100).astype(int),
                        sat=np.maximum(10, np.rint(pupils * peers["size"] * rng.uniform(0.97, 1.0))).astype(int),
                    )
                )  # fmt: skip
    for line in own_means(base).itertuples():
        rng = base.stream(f"city {line.type} {line.subject}", int(line.year))
        mean = int(line.half) * 50 / int(line.sat)
        others = mean + (peers["standing"] - peers["standing"].min() - 0.03) * line.full * 100
        others = others + rng.normal(0, 0.006 * line.full * 100, len(peers))
        others[int(np.flatnonzero(~own)[0])] = mean + 0.05 * line.full * 100
        frames.append(
            peers.assign(
                calendar=line.year + 1, exam=f"{line.year + 1}年{_NAMES[str(line.type)]}", kind=line.type,
                stage=line.stage, grade=line.grade, subject=line.subject,
                mean=np.rint(np.where(own, mean, np.clip(others, 0, line.full * 100))).astype(int),
                sat=np.where(own, line.sat, np.maximum(10, np.rint(line.sat * peers["size"]))).astype(int),
            )
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def gaokao(base: Base) -> pd.DataFrame:
    """Candidates of each county at or above a line: calendar, code, name, line, reached; this county's own are counted
    from its candidates."""
    peers, frames = _peers(base), []
    own, known = (peers["code"] == base.region).to_numpy(), base.county.gaokao
    for year in base.years:
        rng = base.stream("gaokao", year)
        for line, column in ((FIRST_LINE, "first"), (DEGREE_LINE, "undergraduate")):
            ours = int(known.loc[known["year"] == year, column].sum())
            spread = peers["size"] * np.exp(6 * peers["standing"] + rng.normal(0, 0.2, len(peers)))
            reached = np.where(own, ours, np.maximum(1, np.rint(max(8, ours) * spread))).astype(int)
            frames.append(peers.assign(calendar=year, line=line, reached=reached))
    return pd.concat(frames, ignore_index=True)


def composites(base: Base) -> pd.DataFrame:
    """The composite of each junior school as the city prints it: calendar, school, code, name, is_urban, mean
    (hundredths
    of a point), sat, rank (in the city)."""
    g = base.grades.loc[base.grades["grade"] == 9].reset_index(drop=True)
    rng = base.stream("composites")
    good = dict(zip(base.schools["school"], rng.normal(0, 14, len(base.schools)), strict=True))
    points = 508 + np.where(g["is_urban"], 34, -16) + 5 * g["step"] + g["school"].map(good) + rng.normal(0, 5, len(g))
    table = g.assign(calendar=g["year"] + 1, mean=np.rint(points * 100).astype(int))
    marks = base.county.sittings
    marks = marks.loc[(marks["type"] == ZHONGKAO) & (marks["half"] >= 0)]
    sat = marks.groupby(["year", "school"])["pupil"].nunique()
    at = pd.MultiIndex.from_frame(table[["year", "school"]])
    table["sat"] = sat.reindex(at).fillna(table["pupils"].set_axis(at)).to_numpy().astype(int)
    # Places are given out among all junior schools of the city; two schools never share one.
    order = table.groupby("calendar")["mean"].rank(method="first", ascending=False)
    many = table.groupby("calendar")["mean"].transform("size")
    spread = 40 + 10 * (table["calendar"] % 3)
    table["rank"] = np.ceil(order * (150 + spread) / many).astype(int) + order.astype(int) - 1
    return table


def contests(base: Base) -> pd.DataFrame:
    """Place of the county's teachers in the city: year (of the school year), contest, day, place."""
    rows = []
    for year in base.years:
        rng, step = base.stream("contests", year), year - base.years[0]
        for name, day in _CONTESTS:
            place = int(rng.integers(1, max(3, 7 - step)))
            rows.append((year, name, day.format(year, year + 1), place))
    table = pd.DataFrame(rows, columns=["year", "contest", "day", "place"])
    return table.assign(day=pd.to_datetime(table["day"]))


def write(base: Base, home: Path) -> None:
    """The city's notices, in a folder of their calendar year beside the finance files."""
    results, lines, schools, places = exams(base), gaokao(base), composites(base), contests(base)
    for year in [*base.years, base.years[-1] + 1]:
        folder = home / f"{year}年市级通报"
        e = results.loc[results["calendar"] == year]
        if len(e):
            out = pd.DataFrame(
                {
                    "县区代码": e["code"], "县区": e["name"], "考试名称": e["exam"], "考试类型": e["kind"],
                    "考试日期": f"{year}-06-18", "学段": e["stage"].map(STAGE_ZH), "年级": e["grade"].map(GRADE_ZH),
                    "学科": e["subject"], "均分": e["mean"] / 100, "参考人数": e["sat"],
                }
            )  # fmt: skip
            form = forms.Form(f"{year}年全市分县区考试成绩表", "分、人")
            forms.write_form(folder / "分县区考试成绩表.xlsx", out, form, "成绩")
        g = lines.loc[lines["calendar"] == year]
        if len(g) and base.has(SENIOR):
            out = pd.DataFrame(
                {"县区代码": g["code"], "县区": g["name"], "批次线": g["line"], "上线人数": g["reached"]}
            )
            forms.write_gb(folder / "全市各县区高考上线表.csv", out)
        s = schools.loc[schools["calendar"] == year]
        if len(s):
            out = pd.DataFrame(
                {"学校标识码": s["code"], "学校名称": s["name"], COMPOSITE: s["mean"] / 100, "参考人数": s["sat"]}
            )
            form = forms.Form(f"{year}年中考综合素质表", "分、人", sums=("参考人数",))
            forms.write_form(folder / "中考综合素质表.xlsx", out, form)
            out = pd.DataFrame(
                {"学校标识码": s["code"], "学校名称": s["name"], "名次类别": COMPOSITE, "全市名次": s["rank"]}
            )
            forms.write_table(folder / "全市学校名次表.csv", out)
        p = places.loc[places["day"].dt.year == year]
        out = pd.DataFrame(
            {"竞赛名称": p["contest"], "县区名次": p["place"], "竞赛日期": forms.dates(p["day"], forms.DOTTED)}
        )
        forms.write_form(folder / "教师竞赛名次表.xlsx", out, forms.Form(f"{year}年全市教师竞赛名次表"))


def _place(value: pd.Series, own: str) -> int:
    """Place of one among all, the largest first; equals share the better place."""
    return int((value > value[own]).sum()) + 1


def tell(base: Base, answers: Answers) -> None:
    """Places of the county in the city, composites of its junior schools, the worst place in a contest."""
    results, lines, schools, places = exams(base), gaokao(base), composites(base), contests(base)
    both = scope(COMPULSORY)
    for year in base.years:
        period = school_year(year)
        e = results.loc[(results["calendar"] == year + 1) & results["kind"].isin([GRADUATION, SAMPLE])]
        sums = e.assign(total=e["mean"] * e["sat"]).groupby("code")[["total", "sat"]].sum()
        _tell_gaps(base, answers, results, year)
        answers.tell("exm_compulsory_city_rank", period, both, _place(sums["total"] / sums["sat"], base.region))
        s = schools.loc[schools["calendar"] == year + 1]
        total, sat = int((s["mean"] * s["sat"]).sum()), int(s["sat"].sum())
        answers.ratio("exm_zk_composite", period, JUNIOR, total, sat * 100)
        answers.tell("exm_zk_top100_schools", period, JUNIOR, int((s["rank"] <= 100).sum()))
        town, country = (
            (int((part["mean"] * part["sat"]).sum()), int(part["sat"].sum()))
            for part in (s.loc[s["is_urban"]], s.loc[~s["is_urban"]])
        )
        if town[1] and country[1]:
            gap = town[0] * country[1] - country[0] * town[1]
            answers.ratio("exm_zk_urban_rural_gap", period, JUNIOR, gap, town[1] * country[1] * 100)
        p = places.loc[places["year"] == year, "place"]
        answers.tell("tch_competition_rank", period, both, int(p.max()))
        if base.has(SENIOR):
            g = lines.loc[lines["calendar"] == year].pivot(index="code", columns="line", values="reached")
            answers.tell("exm_gaokao_first_tier_rank", year, SENIOR, _place(g[FIRST_LINE], base.region))
            answers.tell("exm_gaokao_undergrad_rank", year, SENIOR, _place(g[DEGREE_LINE], base.region))
            answers.tell("peer_gaokao_student_count", year, SENIOR, int(g[DEGREE_LINE].sum()), f"line={DEGREE_LINE}")


def _tell_gaps(base: Base, answers: Answers, results: pd.DataFrame, year: int) -> None:
    """How far the best county of the city is ahead in each subject of 中考, in points."""
    means = own_means(base)
    for line in means.loc[(means["type"] == ZHONGKAO) & (means["year"] == year)].itertuples():
        same = (results["calendar"] == year + 1) & (results["kind"] == ZHONGKAO) & (results["subject"] == line.subject)
        best = int(results.loc[same & (results["code"] != base.region), "mean"].max())
        gap = Fraction(best, 100) - Fraction(int(line.half), 2 * int(line.sat))
        answers.tell(
            "exm_subject_gap_top_county",
            school_year(year),
            JUNIOR,
            gap,
            subject=str(line.subject),
        )
