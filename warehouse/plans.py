"""What a plan asks, from its rows, and how a region stands to it at an edition, from a build.

`asked` reads the seeds: it needs no build and is the same for every region. `judged` reads a serving copy.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

from warehouse.errors import SchoolhouseError
from warehouse.query import open_zone
from warehouse.settings import PROJECT_ROOT, Settings

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
STATUS_ZH = {
    "met": "达到", "missed": "未达到", "at_risk": "有风险", "no_data": "无数据", "not_due": "未到期",
    "informative": "仅供参考",
}  # fmt: skip
_AREAS = {"all": "", "urban": "城区", "rural": "乡村", "urban_vs_rural": "城乡之间"}
ALL_YEARS = "all"
_TARGETS = """
    select school_year, target_id, indicator_code, period_id, actual_value, target_value, gap, judge, direction,
        status, reason, operand, value_entity_id, value_stage, value_grade, value_subject, is_value_restricted
    from fct_target_tracking
    where document_code = ? and region_code = ? and school_year = ?
    order by target_id
"""
# Of all editions the last one at which the target was due, else the newest.
_LAST_DUE = """
    select * exclude (place)
    from (
        select school_year, target_id, indicator_code, period_id, actual_value, target_value, gap, judge, direction,
            status, reason, operand, value_entity_id, value_stage, value_grade, value_subject, is_value_restricted,
            row_number() over (
                partition by target_id
                order by case when status in ('met', 'missed', 'no_data') then 0 else 1 end, school_year desc
            ) as place
        from fct_target_tracking
        where document_code = ? and region_code = ?
    )
    where place = 1
    order by target_id
"""
_MILESTONES = """
    select milestone_id, due_on, task, planned_on, actual_on, delay_day_count, status
    from fct_milestone_tracking
    where document_code = ? and region_code = ? and school_year = ?
    order by due_on, milestone_id
"""
_REMARKS = (
    "select remark_id, remark_kind, remark_zh, outcome from fct_document_remark where document_code = ? order by 1"
)


@dataclass(frozen=True)
class Standing:
    """A region's standing to a document at an edition: targets (asked and judged), steps, remarks on the text."""

    document_code: str
    document_name: str
    region_code: str
    school_year: str
    targets: list[dict[str, Any]]
    milestones: list[dict[str, Any]]
    remarks: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(t["status"] for t in self.targets)
        return {s: found[s] for s in STATUS_ZH if found[s]}

    def to_dict(self) -> dict[str, Any]:
        return {**self.__dict__, "counts": self.counts}


@cache
def _seed(name: str) -> list[dict[str, str]]:
    path = next(SEEDS.rglob(f"{name}.csv"))
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def documents() -> dict[str, str]:
    """Code -> name of the documents that have targets, in the order of their codes."""
    held = {r["document_code"] for r in _seed("policy_targets")}
    names = {r["document_code"]: r["document_name"] for r in _seed("policy_document")}
    return {code: names[code] for code in sorted(held)}


def name_of(document: str) -> str:
    """Name of a document. Raises SchoolhouseError for one that is not known."""
    known = documents()
    if document not in known:
        raise SchoolhouseError(
            f"no such document: {document}",
            f"没有这个文件:{document}",
            fix_en=f"use one of {', '.join(known)}",
            fix_zh=f"可用:{'、'.join(known)}",
        )
    return known[document]


def asked(document: str) -> list[dict[str, str]]:
    """The targets of a document as text: target_id, indicator, scope, judge, value, unit, span, due."""
    name_of(document)
    names = {
        r["indicator_code"]: r["name_zh"] for n in ("indicator_catalogue", "indicator_supplement") for r in _seed(n)
    }
    judges = {r["judge"]: r["name_zh"] for r in _seed("target_judge")}
    rows = []
    for t in _seed("policy_targets"):
        if t["document_code"] != document:
            continue
        strict = t["judge"] == "at_most" and t["comparator"] == "<"
        rows.append(
            {
                "target_id": t["target_id"],
                "indicator": names.get(t["indicator_code"], t["indicator_code"]),
                "scope": _scope(t),
                "judge": "低于" if strict else judges[t["judge"]],
                "value": number(float(t["value_num"])),
                "unit": t["unit"],
                "span": f"{t['period_start']} – {t['period_end']}",
                "due": t["due_date"],
            }
        )
    return rows


def _scope(target: dict[str, str]) -> str:
    stages = {r["stage"]: r["stage_zh"] for r in _seed("stage")}
    parts = [
        "全部学段" if target["stage"] == "all" else "、".join(stages.get(s, s) for s in target["stage"].split(";"))
    ]
    return " ".join(p for p in (*parts, _AREAS[target["urban_rural"]], target["grade"], target["subgroup"]) if p)


def number(value: float | None) -> str:
    """A figure for reading: six digits, no exponent."""
    return "" if value is None else f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"


def judged(settings: Settings, document: str, region: str | None = None, school_year: str | None = None) -> Standing:
    """How a region stands to a document; by default the only region it binds, at its newest edition. `all` takes each
    target at the last edition at which it was due.
    """
    name = name_of(document)
    reasons = {r["reason_code"]: r["reason_zh"] for r in _seed("reason_code")}
    with open_zone(settings) as con:
        known = con.execute(
            "select distinct region_code, school_year from fct_target_tracking where document_code = ? order by all",
            [document],
        ).fetchall()
        region = region or _the_one({r for r, _ in known}, document)
        years = [y for r, y in known if r == region]
        if not years or (school_year not in (None, ALL_YEARS) and school_year not in years):
            raise SchoolhouseError(
                f"document {document} binds no edition of {region}" + (f" in {school_year}" if school_year else ""),
                f"文件{document}不约束{region}" + (f"的{school_year}学年" if school_year else ""),
                fix_en=f"editions: {', '.join(sorted(set(years))) or 'none'}",
                fix_zh=f"可用学年:{'、'.join(sorted(set(years))) or '无'}",
            )
        every = school_year == ALL_YEARS
        year = years[-1] if every or school_year is None else school_year

        def rows(sql: str, *values: str) -> list[dict[str, Any]]:
            found = con.execute(sql, list(values))
            columns = [c[0] for c in found.description or []]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

        texts = {t["target_id"]: t for t in asked(document)}
        targets = []
        for r in rows(_LAST_DUE, document, region) if every else rows(_TARGETS, document, region, year):
            text = texts[r["target_id"]]
            reason = reasons.get(r["reason"] or "", "")
            targets.append({**text, "judge_zh": text["judge"], **r, "reason_zh": reason})
        steps, remarks = rows(_MILESTONES, document, region, year), rows(_REMARKS, document)
    told = f"{years[0]} – {year}" if every else year
    return Standing(document, name, region, told, targets, steps, remarks)


def _the_one(regions: set[str], document: str) -> str:
    if len(regions) == 1:
        return next(iter(regions))
    listed = ", ".join(sorted(regions)) or "none"
    raise SchoolhouseError(
        f"which region? document {document} binds: {listed}",
        f"请指明行政区划代码,文件{document}约束:{listed}",
        fix_en="add --region CODE",
        fix_zh="加上 --region 代码",
    )
