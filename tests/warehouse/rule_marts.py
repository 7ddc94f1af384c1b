"""Monitoring rules counted from the marts by hand: entity -> hit or clear, at the edition of a school year.

Thresholds are written out here as the documents print them, so that a wrong row of a seed shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil, sqrt

import duckdb
import pandas as pd

from tests.warehouse.rule_check import CLEAR, HIT, outcomes

Answers = dict[str, str]
SEVEN = (
    ("roster_above_required_count", 100, 4.2, 5.3),
    ("counted_backbone_teacher_count", 100, 1, 1),
    ("roster_pe_art_count", 100, 0.9, 0.9),
    ("teaching_auxiliary_area_net_m2", 1, 4.5, 5.8),
    ("sports_area_m2", 1, 7.5, 10.2),
    ("equipment_value_yuan", 1, 2000, 2500),
    ("multimedia_room_count", 100, 2.3, 2.4),
)
COMBINED = ("九年一贯制学校", "十二年一贯制学校")


class Marts:
    """Tables of a built warehouse for one region and edition."""

    def __init__(self, con: duckdb.DuckDBPyConnection, region: str, school_year: str) -> None:
        self.con, self.region, self.school_year = con, region, school_year
        self.year = int(school_year[:4])

    def rows(self, table: str, **where: object) -> pd.DataFrame:
        """The region's rows of a table that have these values."""
        frame = self.con.execute(f'select * from "{table}" where region_code = ?', [self.region]).df()
        for column, value in where.items():
            frame = frame[frame[column].astype(str) == str(value)]
        return frame

    def sections(self) -> pd.DataFrame:
        frame = self.rows("fct_school_resource_snapshot", school_year=self.school_year)
        return frame[frame["stage"].isin(["primary", "junior"])].reset_index(drop=True)

    def schools(self) -> list[str]:
        return sorted(set(self.sections()["school_code"]))


def _items(section: Mapping[str, object]) -> list[float]:
    """Each of the seven items as a share of its threshold."""
    at = 2 if section["stage"] == "primary" else 3
    return [float(section[i[0]]) * i[1] / float(section["student_count"]) / i[at] for i in SEVEN]  # type: ignore[arg-type]


def gaps(m: Marts) -> Answers:
    return {
        f"{s['school_code']}/{s['stage']}": HIT if min(_items(s)) < 1 else CLEAR
        for s in m.sections().to_dict("records")
    }  # type: ignore[misc]


def six_of_seven(m: Marts) -> Answers:
    found = {}
    for s in m.sections().to_dict("records"):
        items = _items(s)  # type: ignore[arg-type]
        passes = sum(i >= 1 for i in items) >= 6 and min(items) >= 0.85
        found[f"{s['school_code']}/{s['stage']}"] = CLEAR if passes else HIT
    return found


def dispersion(m: Marts) -> Answers:
    """The county hits where a coefficient of either stage is over its limit."""
    worst = []
    for stage, limit in (("primary", 0.5), ("junior", 0.45)):
        of = m.sections()
        of = of[of["stage"] == stage]
        pupils = of["student_count"].astype(float)
        for column, scale, *_ in SEVEN:
            each = of[column].astype(float) * scale / pupils
            whole = of[column].astype(float).sum() * scale / pupils.sum()
            spread = sqrt(float((pupils / pupils.sum() * (each - whole) ** 2).sum()))
            # Of nothing at all there is no coefficient.
            worst.append(whole > 0 and spread / whole > limit)
    return {m.region: HIT if any(worst) else CLEAR}


def class_sizes(m: Marts) -> Answers:
    of = m.rows("fct_class_size_snapshot", school_year=m.school_year)
    caps = {"primary": 45, "junior": 50}
    return {
        f"{r.school_code}/{r.grade}/{r.class_name}": HIT if r.student_count > caps[r.stage] else CLEAR
        for r in of[of["stage"].isin(list(caps))].itertuples()
    }


def school_sizes(m: Marts) -> Answers:
    sizes = m.sections().groupby(["school_code", "school_type"], as_index=False)["student_count"].sum()
    kept = sizes[sizes["school_type"].isin(["小学", "初级中学", *COMBINED])]
    return {
        str(r.school_code): HIT if r.student_count > (2500 if r.school_type in COMBINED else 2000) else CLEAR
        for r in kept.itertuples()
    }


def _last_three(m: Marts, year: int) -> set[str]:
    of = m.rows("fct_school_assessment", calendar_year=year)
    rank = of.groupby("peer_group")["score"].rank(method="min")
    return set(of.loc[rank <= 3, "school_code"])


def assessment(m: Marts) -> Answers:
    return {s: HIT if s in _last_three(m, m.year) else CLEAR for s in m.schools()}


def assessment_twice(m: Marts) -> Answers:
    both = _last_three(m, m.year) & _last_three(m, m.year - 1)
    return {s: HIT if s in both else CLEAR for s in m.schools()}


def dropouts(m: Marts) -> Answers:
    of = m.rows("fct_student_status_event_person", school_year=m.school_year, event_type="辍学")
    left = set(of.loc[of["stage"].isin(["primary", "junior"]), "school_code"])
    return {s: HIT if s in left else CLEAR for s in {*m.schools(), *left}}


def inspections(m: Marts) -> Answers:
    of = m.rows("fct_inspection", school_year=m.school_year)
    sums = of.groupby(["school_code", "term", "inspection_item"])[["done_count", "scope_count"]].sum()
    short = sums[sums["done_count"] < sums["scope_count"]].index.get_level_values("school_code")
    return {str(s): HIT if s in set(short) else CLEAR for s in set(of["school_code"])}


def _proven(m: Marts, kind: str, *, calendar: bool = False) -> Answers:
    of = m.rows("fct_violation", violation_type=kind, finding="属实")
    now = pd.to_datetime(of["found_on"]).dt.year == m.year if calendar else of["school_year"] == m.school_year
    broke = set(of.loc[now, "school_code"])
    return {s: HIT if s in broke else CLEAR for s in m.schools()}


def national(m: Marts) -> Answers:
    of = m.rows("fct_national_monitoring", calendar_year=m.year)
    bad = (of["level_no"] < 3) | (of["difference_rate"].astype(float) >= 0.15)
    return {m.region: HIT if bad.any() else CLEAR}


def projects(m: Marts) -> Answers:
    of = m.rows("fct_project_progress")
    of = of[(of["fiscal_year"] <= m.year) & of["is_leaf"].astype(bool)]
    last = of.sort_values("progress_month").groupby("project_code").last()
    share = last["paid_yuan"].astype(float) * 100 / last["planned_yuan"].astype(float)
    return outcomes({str(k): float(v) for k, v in share.items()}, lambda v: v < 60)


def parents(m: Marts) -> Answers:
    of = m.rows("fct_project")
    parts = of.groupby("parent_code")["planned_yuan"].sum()
    own = of.set_index("project_code")["planned_yuan"]
    return {str(k): HIT if abs(float(own[k]) - float(v)) > 1e-6 else CLEAR for k, v in parts.items() if k in own}


def funds(m: Marts) -> Answers:
    paid = m.rows("fct_fund_payment", fiscal_year=m.year).groupby("project_name")["payment_day_count"].max()
    found = m.rows("fct_audit_finding", fiscal_year=m.year)
    diverted = set(found.loc[found["finding_type"].isin(["挤占", "挪用", "滞拨", "缓拨"]), "project_name"])
    late = {str(k) for k, v in paid.items() if v > 30}
    return {str(k): HIT if k in diverted | late else CLEAR for k in {*paid.index, *diverted}}


def special_funds(m: Marts) -> Answers:
    of = m.rows("fct_student_funding", fiscal_year=m.year, stage="special")
    share = of["allocated_yuan"].astype(float) / of["student_count"].astype(float)
    return outcomes(dict(zip(of["school_code"], share, strict=True)), lambda v: v < 6000)


def training_money(m: Marts) -> Answers:
    of = m.rows("fct_student_funding", fiscal_year=m.year)
    sums = (
        of[of["stage"].isin(["primary", "junior"])]
        .groupby("school_code")[["training_budget_yuan", "budget_yuan"]]
        .sum()
    )
    share = sums["training_budget_yuan"].astype(float) * 100 / sums["budget_yuan"].astype(float)
    return outcomes({str(k): float(v) for k, v in share.items()}, lambda v: v < 10)


def planned_tests(m: Marts) -> Answers:
    plan = m.rows("fct_exam_plan", school_year=m.school_year)
    stats = m.rows("fct_exam_group_stat", school_year=m.school_year, group_type="county").query("n_scored > 0")
    dates = m.rows("dim_exam", school_year=m.school_year).set_index("exam_id")["exam_date"].astype(str).str[:7]
    held = {(r.grade, r.subject, dates[r.exam_id]) for r in stats.itertuples()}
    missed = [(r.grade, r.subject, r.planned_month) not in held for r in plan.itertuples()]
    return {m.region: HIT if any(missed) else CLEAR}


def counselling(m: Marts) -> Answers:
    of = m.rows("fct_school_resource_snapshot", school_year=m.school_year)
    schools = set(of.loc[of["stage"].isin(["primary", "junior", "senior"]), "school_code"])
    have = set(m.rows("fct_room_snapshot", school_year=m.school_year, room_type="心理辅导")["school_code"])
    return {s: CLEAR if s in have else HIT for s in schools}


def arts_rooms(m: Marts) -> Answers:
    rooms = m.rows("fct_room_snapshot", school_year=m.school_year)
    found = {}
    for s in m.sections().to_dict("records"):
        of = rooms[(rooms["school_code"] == s["school_code"]) & (rooms["stage"] == s["stage"])]
        bad = False
        for kind, area in (("音乐", 96), ("美术", 90)):
            own = of[of["room_type"] == kind]
            bad |= len(own) < ceil(int(s["class_count"]) / 12) or bool(
                (own["usable_area_m2"].astype(float) < area).any()
            )
        found[f"{s['school_code']}/{s['stage']}"] = HIT if bad else CLEAR
    return found


def printed_sums(m: Marts) -> Answers:
    of = m.con.sql("select * from fct_arithmetic_check where document_code = '004'").df()
    return {str(r.check_id): CLEAR if r.outcome == "holds" else HIT for r in of.itertuples()}


def off_site(m: Marts) -> Answers:
    of = m.rows("fct_teacher_training_person")
    now = (of["mode"] == "线下外出") & (of["arranged_by_superior"].astype(str) == "False")
    of = of[now & (pd.to_datetime(of["started_on"]).dt.year == m.year)]
    counts = of.groupby("teacher_key").size()
    roster = set(m.rows("fct_teacher_snapshot_person", school_year=m.school_year)["teacher_key"])
    return {t: HIT if counts.get(t, 0) > 2 else CLEAR for t in roster}


def floors(m: Marts) -> Answers:
    of = m.rows("fct_student_funding", fiscal_year=m.year)
    of = of[of["stage"].isin(["primary", "junior"])]
    short = set(of.loc[of["is_floor_met"].astype(str) == "False", "school_code"])
    return {s: HIT if s in short else CLEAR for s in m.schools()}


RECOUNTED: Mapping[str, Callable[[Marts], Answers]] = {
    "R000-02": planned_tests,
    "R000-03": parents,
    "R001-03": assessment,
    "R001-04": assessment_twice,
    "R001-11": off_site,
    "R001-13": training_money,
    "R001-15": funds,
    "R001-19": dropouts,
    "R001-20": counselling,
    "R002-09": lambda m: _proven(m, "师德失范", calendar=True),
    "R002-10": inspections,
    "R003-02": lambda m: _proven(m, "以考试方式招生"),
    "R004-01": gaps,
    "R004-02": class_sizes,
    "R004-03": school_sizes,
    "R004-04": arts_rooms,
    "R004-05": floors,
    "R004-06": special_funds,
    "R004-12": national,
    "R004-22": projects,
    "R004-26": printed_sums,
    "RNAT-01": six_of_seven,
    "RNAT-02": dispersion,
}
