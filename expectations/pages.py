"""Pages for people who do not read a terminal: what one gate found, by school, and how the gates went over time.

One file each, no script and no network. Internal: findings name schools and cells, never people.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import jinja2
import sqlalchemy as sa

from expectations.catalogue import ROOM, load_checks
from expectations.gate import Finding, GateResult
from warehouse import ledger as l
from warehouse.build import newest_build
from warehouse.registers import ROLES, TIMED_OUT
from warehouse.settings import Settings

_SCHOOL = re.compile(r"(?<!\d)\d{10}(?!\d)")
# Cells shown for one returned file: the return sheet has them all.
_CELLS = 8
# Gates of one edition that stand side by side in the history.
_COLUMNS = 12
_WHOLE = ""
_ROLES = {"statistics_officer": "统计负责人", "bureau_leader": "局领导"}
_DECISIONS = {"approve": "批准", "reject": "退回", TIMED_OUT: "逾期未签"}
_STATES = {"critical": "阻断", "overridden": "特批放行", "warning": "待说明", "explained": "已说明", "info": "提示"}


@dataclass(frozen=True)
class Entry:
    """A finding as the page shows it. `state` is one of _STATES."""

    finding: Finding
    state: str
    title: str
    cells: list[str] = field(default_factory=list)
    explanation: Mapping[str, Any] | None = None

    @property
    def label(self) -> str:
        return _STATES[self.state]


def gate_page(settings: Settings, result: GateResult) -> str:
    """HTML of one gate: the verdict, then what is open by school, with the cell and what to do."""
    ledger = l.Ledger.open(settings)
    titles = {c.check_id: c.title_zh for c in load_checks()}
    said = {e["explanation_id"]: e for e in ledger.rows(sa.select(l.explanation))}
    entries = [
        Entry(
            finding=f,
            state=_state(f.severity, f.explanation_id),
            title=titles.get(f.check_id, f.check_id),
            cells=_cells(ledger, f),
            explanation=said.get(f.explanation_id),
        )
        for f in result.findings
    ]
    names = _names(settings, result)
    groups: dict[str, list[Entry]] = defaultdict(list)
    for e in entries:
        groups[_school(e.finding)].append(e)
    order = list(_STATES)
    parts = [
        {
            "code": code,
            "name": names.get(code, "") if code else "全区划",
            "entries": sorted(groups[code], key=lambda e: (order.index(e.state), e.finding.key)),
            "open": sum(e.state in ("critical", "warning") for e in groups[code]),
        }
        for code in groups
    ]
    signed = _of(ledger, l.approval, result.region_code, result.school_year, "registered_at")
    signed = [a for a in signed if a["gate_id"] in ("", result.gate_id)]
    # Of several words of a role the last one stands.
    last = {a["role"]: a for a in sorted(signed, key=lambda a: (a["decided_on"], a["registered_at"]))}
    return _render(
        "gate.html",
        result=result,
        signed=[last[role] for role in ROLES if role in last],
        returned=[a for a in last.values() if a["decision"] != "approve"],
        words=_DECISIONS,
        roles=_ROLES,
        region_name=names.get(result.region_code, result.region_code),
        counts=Counter(e.state for e in entries),
        states=_STATES,
        parts=sorted(parts, key=lambda p: (p["open"] == 0, p["code"] != _WHOLE, p["code"])),
        checks=[{**c, "title": titles.get(c["check_id"], c["check_id"])} for c in result.checks],
    )


def history_page(settings: Settings, region: str) -> str:
    """HTML of a region's gates, sign-offs and editions, newest first, and of each check's findings over its gates."""
    ledger = l.Ledger.open(settings)
    titles = {c.check_id: c.title_zh for c in load_checks()}
    g, f = l.gate_run.c, l.finding.c
    runs = ledger.rows(sa.select(l.gate_run).where(g.region_code == region).order_by(g.ran_at.desc(), g.gate_id))
    found = ledger.rows(
        sa.select(f.gate_id, f.check_id, f.severity, f.explanation_id)
        .join(l.gate_run, g.gate_id == f.gate_id)
        .where(g.region_code == region)
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    by_check: dict[str, Counter[str]] = defaultdict(Counter)
    for row in found:
        counts[row["gate_id"]][_state(row["severity"], row["explanation_id"])] += 1
        by_check[row["gate_id"]][row["check_id"]] += 1
    years = []
    for year in sorted({r["school_year"] for r in runs}, reverse=True):
        mine = [r for r in runs if r["school_year"] == year]
        shown = mine[:_COLUMNS][::-1]
        checks = sorted({c for r in shown for c in by_check[r["gate_id"]]})
        years.append(
            {
                "school_year": year,
                "runs": [{**r, "counts": counts[r["gate_id"]]} for r in mine],
                "shown": shown,
                "checks": [
                    {"title": titles.get(c, c), "check_id": c, "n": [by_check[r["gate_id"]][c] for r in shown]}
                    for c in checks
                ],
                "approvals": _of(ledger, l.approval, region, year, "registered_at"),
                "editions": _of(ledger, l.edition, region, year, "version"),
            }
        )
    return _render("history.html", region=region, years=years, states=_STATES, words=_DECISIONS, roles=_ROLES)


def _of(ledger: l.Ledger, table: sa.Table, region: str, year: str, order: str) -> list[dict[str, Any]]:
    query = sa.select(table).where(table.c.region_code == region, table.c.school_year == year)
    return ledger.rows(query.order_by(table.c[order]))


def _state(severity: str, explanation_id: str) -> str:
    if not explanation_id or severity == "info":
        return severity
    return "overridden" if severity == "critical" else "explained"


def _school(f: Finding) -> str:
    """The school whose code the entity, or the file's name, has; '' for one of the whole region."""
    codes = _SCHOOL.findall(f.message_zh if f.entity_type == "file" else f.entity_id)
    return codes[0] if codes else _WHOLE


def _names(settings: Settings, result: GateResult) -> dict[str, str]:
    """Names of schools and regions in the build; nothing where it has none."""
    path = newest_build(settings, result.build_id)["path"]
    queries = (
        ("select school_code, max_by(school_name, school_year) from dim_school where school_year <= $year group by 1"),
        ("select region_code, max(region_name) from dim_region group by 1"),
    )
    names: dict[str, str] = {}
    with duckdb.connect(str(path), read_only=True) as con:
        for query in queries:
            try:
                values = {"year": result.school_year} if "$year" in query else {}
                names |= dict(con.execute(query, values).fetchall())
            except duckdb.CatalogException:
                continue
    return names


def _cells(ledger: l.Ledger, f: Finding) -> list[str]:
    """Where the returned cells of a submission are, the first few of them."""
    if f.entity_type != "submission" or f.entity_id.count("/") != 2:
        return []
    source, unit, period = f.entity_id.split("/")
    s, r = l.submission.c, l.reject.c
    query = (
        sa.select(s.file_name, r.sheet, r.row, r.column, r.message_zh)
        .join(l.submission, s.submission_id == r.submission_id)
        .where(s.source == source, s.unit_code == unit, s.period == period, s.status.in_(l.CURRENT))
        .order_by(s.file_name, r.sheet, r.row, r.column)
    )
    rows = ledger.rows(query)
    shown = [_cell(row) for row in rows[:_CELLS]]
    return [*shown, *([f"另有 {len(rows) - _CELLS} 处，见退回表"] if len(rows) > _CELLS else [])]


def _cell(row: Mapping[str, Any]) -> str:
    sheet = f"“{row['sheet']}”表" if row["sheet"] else ""
    column = f" {row['column']} 列" if row["column"] else ""
    return f"{row['file_name'].rsplit('/', 1)[-1]} {sheet}第 {row['row']} 行{column}：{row['message_zh']}"


def _render(name: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOM / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    css = (ROOM / "templates" / "page.css").read_text(encoding="utf-8")
    return environment.get_template(name).render(css=css, **values)
