"""Clearance: may this be published? A gate that passed, and an approval by each role, from two different people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from publication import dictionary
from warehouse import ledger as tables
from warehouse.errors import SchoolhouseError
from warehouse.ledger import Ledger
from warehouse.overrides import Override, standing
from warehouse.registers import TIMED_OUT, person_form

ROLES = ("statistics_officer", "bureau_leader")
# The gate's verdicts that let an edition through, and what the edition then says of itself.
OUTCOMES = {
    "passed": "published",
    "passed_with_explanations": "published with explanations",
    "passed_with_overrides": "published with overrides",
}


@dataclass(frozen=True)
class Clearance:
    """The gate run that let the edition through, its findings with their explanations, and the approvals used."""

    gate: dict[str, Any]
    findings: list[dict[str, Any]]
    explanations: dict[str, dict[str, Any]]
    approvals: list[dict[str, Any]]
    # By id, as findings name them: critical findings that two people let pass.
    overrides: dict[str, Override] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """`published`, `published with explanations` or `published with overrides`."""
        return OUTCOMES[self.gate["verdict"]]


def clear(ledger: Ledger, region: str, school_year: str, gate_id: str | None = None) -> Clearance:
    """The clearance of (region, school_year), from the given gate run or the latest one.

    Raises SchoolhouseError naming what is missing: the gate run, its pass, a role's approval, or a second person.
    """
    gate = _gate(ledger, region, school_year, gate_id)
    given = approvals(ledger, gate)
    findings = ledger.rows(
        sa.select(tables.finding)
        .where(tables.finding.c.gate_id == gate["gate_id"])
        .order_by(tables.finding.c.check_id, tables.finding.c.entity_type, tables.finding.c.entity_id)
    )
    used = {f["explanation_id"] for f in findings if f["explanation_id"]}
    explanations = {
        e["explanation_id"]: e
        for e in ledger.rows(
            sa.select(tables.explanation).where(
                tables.explanation.c.region_code == region, tables.explanation.c.school_year == school_year
            )
        )
        if e["explanation_id"] in used
    }
    passed = {o.override_id: o for o in standing(ledger, region, school_year).values()}
    return Clearance(gate, findings, explanations, given, {i: o for i, o in passed.items() if i in used})


def _gate(ledger: Ledger, region: str, school_year: str, gate_id: str | None) -> dict[str, Any]:
    g = tables.gate_run.c
    where = f"{region} {school_year}"
    query = sa.select(tables.gate_run).where(g.region_code == region, g.school_year == school_year)
    if gate_id:
        query = query.where(g.gate_id == gate_id)
    runs = ledger.rows(query.order_by(g.ran_at.desc(), g.gate_id.desc()).limit(1))
    if not runs:
        raise SchoolhouseError(
            f"there is no gate run {gate_id} for it" if gate_id else "no gate has been run for it",
            f"没有质量关记录 {gate_id}" if gate_id else "尚未运行质量关",
            where=where,
            fix_en=f"Run `schoolhouse gate --year {school_year} --region {region}`.",
            fix_zh=f"请先运行 schoolhouse gate --year {school_year} --region {region}。",
        )
    if runs[0]["verdict"] not in OUTCOMES:
        blocked = runs[0]["verdict"] == "blocked"
        raise SchoolhouseError(
            f"the gate did not let it pass: {runs[0]['verdict']}",
            "质量关未通过：" + ("有严重问题未解决" if blocked else "有警告尚未说明"),
            where=where,
            fix_en="Correct the data or enter explanations, then run the gate again.",
            fix_zh="请更正数据或登记说明后重新运行质量关。",
        )
    return runs[0]


def approvals(ledger: Ledger, gate: dict[str, Any]) -> list[dict[str, Any]]:
    """The two approvals that count, statistics officer first: the latest pair given by different people."""
    a = tables.approval.c
    region, school_year = gate["region_code"], gate["school_year"]
    rows = ledger.rows(sa.select(tables.approval).where(a.region_code == region, a.school_year == school_year))
    builds = {r["gate_id"]: r["build_id"] for r in ledger.rows(sa.select(tables.gate_run))}
    # A register file signs the year; a decision taken on a gate run counts for the build that was looked at, no other.
    rows = [r for r in rows if r["decision"] != TIMED_OUT]
    rows = [r for r in rows if not r["gate_id"] or builds.get(r["gate_id"]) == gate["build_id"]]
    standing = {role: _standing(rows, role, f"{region} {school_year}") for role in ROLES}
    for first in standing[ROLES[0]]:
        for second in standing[ROLES[1]]:
            if person_form(first["approver"]) != person_form(second["approver"]):
                return [first, second]
    raise SchoolhouseError(
        "both approvals are by the same person",
        "两个角色的批准出自同一人",
        where=f"{region} {school_year}",
        fix_en="The statistics officer and the bureau leader must be two people.",
        fix_zh="统计负责人与局领导必须由两人分别签署。",
    )


def _standing(rows: list[dict[str, Any]], role: str, where: str) -> list[dict[str, Any]]:
    """Approvals of a role that no later rejection of that role undoes, latest first."""
    mine = [r for r in rows if r["role"] == role]
    # Of two decisions entered at the same moment the rejection counts as the later one.
    mine.sort(key=lambda r: (r["decided_on"], r["registered_at"], r["decision"] != "approve", r["approval_id"]))
    office = dictionary.word("role", role)
    if not any(r["decision"] == "approve" for r in mine):
        raise SchoolhouseError(
            f"the approval of the {role} is missing",
            f"缺少{office}的批准",
            where=where,
            fix_en=f"Enter it with `schoolhouse approve --role {role}` or in approvals.csv.",
            fix_zh=f"请用 schoolhouse approve --role {role} 或在 approvals.csv 中登记。",
        )
    rejected = [i for i, r in enumerate(mine) if r["decision"] != "approve"]
    left = mine[rejected[-1] + 1 :] if rejected else mine
    if not left:
        last = mine[rejected[-1]]
        raise SchoolhouseError(
            f"the {role} rejected it on {last['decided_on']}",
            f"{office}已于 {last['decided_on']} 否决",
            where=where,
            fix_en="A later approval by the same role is needed.",
            fix_zh="需由该角色重新批准。",
        )
    return left[::-1]
