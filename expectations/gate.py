"""The quality gate: every check against one build, for one region and school year, and the verdict."""

from __future__ import annotations

import hashlib
import math
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from expectations import decision
from expectations.candidate import Candidate, build_frame, open_candidate
from expectations.catalogue import Check, checks_hash, load_checks, required_checks
from expectations.suite import Examiner
from warehouse import ledger as l
from warehouse import overrides
from warehouse.build import newest_build
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

VERDICTS = ("blocked", "needs_explanation", "passed_with_overrides", "passed_with_explanations", "passed")
PASSED = frozenset(VERDICTS[2:])


@dataclass(frozen=True)
class Finding:
    """One thing that a check found wrong. `explanation_id` is empty while it is open; that of a critical finding is
    the override that lets it pass.
    """

    check_id: str
    entity_type: str
    entity_id: str
    severity: str
    observed: str
    expected: str
    message_zh: str
    message_en: str
    resolve_zh: str
    explanation_id: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.check_id, self.entity_type, self.entity_id


@dataclass(frozen=True)
class GateResult:
    """A verdict with its findings.

    `checks` counts the rows that each check looked at and found failing; `idle_explanations` are those of this edition
    that closed nothing: no such finding, or one that cannot be closed.
    """

    gate_id: str
    build_id: str
    region_code: str
    school_year: str
    verdict: str
    findings: list[Finding] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    idle_explanations: list[dict[str, str]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return self.verdict in PASSED

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_gate(
    settings: Settings,
    region: str,
    school_year: str,
    build_id: str | None = None,
    *,
    checks: Sequence[Check] | None = None,
) -> GateResult:
    """Judge a build (default: the newest whose models all ran) and enter verdict and findings in the ledger.

    The same build, region, year, checks, open receipts and explanations give the same `gate_id` and one ledger row.
    With `checks` only these are run; such a gate has a verdict, but publication does not take it for a decision.
    Raises SchoolhouseError when there is no build, or when a build was changed after its gate.
    """
    if not re.fullmatch(r"\d{4}-\d{4}", school_year) or int(school_year[5:]) != int(school_year[:4]) + 1:
        raise SchoolhouseError(
            f"{school_year!r} is not a school year",
            f"“{school_year}”不是学年",
            fix_en="write it as 2024-2025",
            fix_zh="请写成 2024-2025",
        )
    whole = checks is None
    checks = tuple(load_checks() if checks is None else checks)
    ledger = l.Ledger.open(settings)
    explanations = _explanations(ledger, region, school_year)
    judged = newest_build(settings, build_id)
    # Before and after: what was judged is what the decision speaks of.
    content = decision.content_hash(judged["path"].parent)
    with open_candidate(settings, ledger, judged, region, school_year) as candidate:
        found, counts = _examine(candidate, checks)
        build, expired = candidate.build_id, _expired(candidate)
    if whole:
        found += [_absent(check_id) for check_id in sorted(required_checks() - {c.check_id for c in checks})]
    if decision.content_hash(judged["path"].parent) != content:
        raise _changed(build, "while the gate judged it", "在质量门检查期间")
    given: dict[overrides.Key, overrides.Override] = {}
    if overrides.allowed():
        overrides.load(settings)
        given = overrides.standing(ledger, region, school_year)
    findings = override_findings(close_findings(found, explanations), checks, given)
    used = {f.explanation_id for f in findings}
    result = GateResult(
        gate_id=_gate_id(
            build,
            region,
            school_year,
            checks_hash(checks),
            (e["explanation_id"] for e in explanations),
            _open_receipts(ledger, region),
            expired,
            (o.override_id for o in given.values()),
        ),
        build_id=build,
        region_code=region,
        school_year=school_year,
        verdict=give_verdict(findings),
        findings=findings,
        checks=counts,
        idle_explanations=[e for e in explanations if e["explanation_id"] not in used],
    )
    _enter(settings, ledger, result, judged, content, whole=whole)
    return result


def give_verdict(findings: Iterable[Finding]) -> str:
    """`blocked` with an open critical finding, `needs_explanation` with an open warning, else how it passed."""
    findings = list(findings)
    critical = [f for f in findings if f.severity == "critical"]
    if any(not f.explanation_id for f in critical):
        return "blocked"
    warnings = [f for f in findings if f.severity == "warning"]
    if any(not f.explanation_id for f in warnings):
        return "needs_explanation"
    if critical:
        return "passed_with_overrides"
    return "passed_with_explanations" if warnings else "passed"


def override_findings(
    findings: Iterable[Finding], checks: Sequence[Check], given: Mapping[overrides.Key, overrides.Override]
) -> list[Finding]:
    """Give each critical finding the override of exactly its key and value, where its check knows overrides.

    A check that could not be run is never let pass: nobody knows what it would have found.
    """
    may = {c.check_id for c in checks if c.overridable}

    def override(f: Finding) -> str:
        if f.severity != "critical" or f.check_id not in may or f.entity_type == "check":
            return f.explanation_id
        found = given.get((*f.key, f.observed))
        return found.override_id if found else ""

    return [replace(f, explanation_id=override(f)) for f in findings]


def close_findings(findings: Iterable[Finding], explanations: Iterable[Mapping[str, str]]) -> list[Finding]:
    """Give each warning the newest explanation of exactly its key and, where it names one, its value.

    Critical findings stay open, notes need none.
    """
    newest: dict[tuple[str, str, str, str], tuple[str, str]] = {}
    for e in explanations:
        key = e["check_id"], e["entity_type"], e["entity_id"], e["observed"]
        newest[key] = max(newest.get(key, ("", "")), (e["signed_on"], e["explanation_id"]))

    def closing(f: Finding) -> str:
        return max(newest.get((*f.key, f.observed), ("", "")), newest.get((*f.key, ""), ("", "")))[1]

    return [replace(f, explanation_id=closing(f)) if f.severity == "warning" else f for f in findings]


def _examine(candidate: Candidate, checks: Sequence[Check]) -> tuple[list[Finding], list[dict[str, Any]]]:
    examiner = Examiner()
    findings: list[Finding] = []
    counts: list[dict[str, Any]] = []
    for check in checks:
        looked_at = 0
        try:
            frame = build_frame(candidate, check)
            looked_at = len(frame)
            outcome = examiner.examine(check, frame)
            if outcome.fault:
                raise ValueError(outcome.fault)
            failed = [_finding(check, row) for row in outcome.failing.to_dict("records")]
        except Exception as e:
            # Whatever hindered a check, the gate must end with a verdict, and a check that did not run has not passed.
            failed = [_unable(check.check_id, check.title_zh, (str(e) or repr(e)).splitlines()[0])]
        findings += failed
        counts.append(
            {
                "check_id": check.check_id,
                "stage": check.stage,
                "severity": check.severity,
                "looked_at": looked_at,
                "failed": len(failed),
            }
        )
    return findings, counts


def _finding(check: Check, row: Mapping[str, Any]) -> Finding:
    shown = {k: show_value(v) for k, v in row.items()}
    return Finding(
        check_id=check.check_id,
        entity_type=shown["entity_type"],
        entity_id=shown["entity_id"],
        severity=check.severity,
        observed=shown["observed"],
        expected=shown["expected"],
        message_zh=string.Formatter().vformat(check.message_zh, (), shown),
        message_en=string.Formatter().vformat(check.message_en, (), shown),
        resolve_zh=check.resolve_zh,
    )


def _unable(check_id: str, title_zh: str, why: str) -> Finding:
    """A check that could not run has not passed: that blocks, whatever its severity."""
    return Finding(
        check_id=check_id,
        entity_type="check",
        entity_id=check_id,
        severity="critical",
        observed="",
        expected="",
        message_zh=f"检查“{title_zh}”无法执行：{why}",
        message_en=f"The check could not be run: {why}",
        resolve_zh="请数据工程师检查模型与检查定义，重新构建",
    )


def _absent(check_id: str) -> Finding:
    """A check that the gate needs and that is not among its files."""
    return _unable(check_id, check_id, "缺少检查定义 (its file is missing)")


def show_value(value: Any) -> str:
    """A figure as the office writes it: whole numbers without a point, others with up to ten digits, blanks as 空."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("<NA>", "NaT"):
        return "空"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    return str(value)


def _explanations(ledger: l.Ledger, region: str, school_year: str) -> list[dict[str, str]]:
    e = l.explanation.c
    query = sa.select(l.explanation).where(e.region_code == region, e.school_year == school_year)
    keep = ("explanation_id", "check_id", "entity_type", "entity_id", "observed", "signed_on")
    return [{k: r[k] for k in keep} for r in ledger.rows(query.order_by(e.explanation_id))]


def _open_receipts(ledger: l.Ledger, region: str) -> list[str]:
    from expectations.inputs import open_receipt_rows

    return sorted(r["submission_id"] for r in open_receipt_rows(ledger, region))


def _expired(candidate: Candidate) -> list[str]:
    from expectations.inputs import expired_corrections

    return expired_corrections(candidate)


def _gate_id(build: str, region: str, school_year: str, checks: str, *id_lists: Iterable[str]) -> str:
    parts = [build, region, school_year, checks, *("\x1f".join(sorted(ids)) for ids in id_lists)]
    return "g" + hashlib.sha256("\x1e".join(parts).encode()).hexdigest()[:15]


def _enter(
    settings: Settings, ledger: l.Ledger, result: GateResult, judged: Mapping[str, Any], content: str, *, whole: bool
) -> None:
    """Enter verdict, findings and checks in one transaction; a gate that is there already must say the same.

    Only a gate of all checks gets a token. Of a build that was made anew since, the gate's row tells the new content.
    """
    run = {
        "gate_id": result.gate_id,
        "build_id": result.build_id,
        "region_code": result.region_code,
        "school_year": result.school_year,
        "verdict": result.verdict,
        "content_sha256": content,
    }
    rows = [{"gate_id": result.gate_id, **asdict(f)} for f in result.findings]
    run |= {"token": decision.issue(settings, run, rows) if whole else "", "ran_at": l.now()}
    with ledger.transaction() as connection:
        known = (
            connection.execute(sa.select(l.gate_run).where(l.gate_run.c.gate_id == result.gate_id)).mappings().first()
        )
        if known is None:
            connection.execute(sa.insert(l.gate_run), [run])
            if rows:
                connection.execute(sa.insert(l.finding), rows)
            _enter_checks(connection, result)
            return
        stored = connection.execute(sa.select(l.finding).where(l.finding.c.gate_id == result.gate_id)).mappings()
        before = sorted((dict(r) for r in stored), key=_order)
    again = known["content_sha256"] in ("", content) or judged["finished_at"] >= known["ran_at"]
    if not again or known["verdict"] != result.verdict or before != sorted(rows, key=_order):
        raise _changed(result.build_id, f"after gate {result.gate_id} judged it", f"在质量门 {result.gate_id} 之后")
    # Asked again, it is the latest word on this year once more, also after a gate on another build.
    with ledger.transaction() as connection:
        connection.execute(sa.update(l.gate_run).where(l.gate_run.c.gate_id == result.gate_id).values(run))
        _enter_checks(connection, result)


def _enter_checks(connection: sa.Connection, result: GateResult) -> None:
    """What each check looked at: a check that found nothing is a result too."""
    rows = [{"gate_id": result.gate_id, **c} for c in result.checks]
    connection.execute(sa.delete(l.gate_check).where(l.gate_check.c.gate_id == result.gate_id))
    if rows:
        connection.execute(sa.insert(l.gate_check), rows)


def _changed(build_id: str, when_en: str, when_zh: str) -> SchoolhouseError:
    return SchoolhouseError(
        f"build {build_id} was changed {when_en}",
        f"构建 {build_id} {when_zh}被改动",
        fix_en="build again with --full-refresh, then run the gate",
        fix_zh="请用 --full-refresh 重新构建，再运行质量门",
    )


def _order(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["check_id"], row["entity_type"], row["entity_id"]
