"""What else answers for a number: rejected rows of its files, corrections, attestations, findings as explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import sqlalchemy as sa

from warehouse import ledger_tables as l
from warehouse.ledger import Ledger

LIMIT = 1000


def read_rejects(con: duckdb.DuckDBPyConnection, submissions: Iterable[str]) -> list[dict[str, Any]]:
    """Rows of the contributing files that were turned away, with the rule of each; and files of the same source, region
    and period that were turned away whole. Places and rules, never values.
    """
    ids = sorted(set(submissions))
    if not ids:
        return []
    marks = ", ".join("?" * len(ids))
    return _rows(
        con,
        "select s.submission_id, s.file_name, s.file_sha256, r.sheet_name as sheet, r.row_number as row,"
        ' r.column_name as "column", r.rule, r.message_zh, r.message_en'
        " from stg_ledger__reject as r join stg_ledger__submission as s on r.submission_id = s.submission_id"
        f" where s.submission_id in ({marks}) order by s.file_name, r.sheet_name, r.row_number, r.column_name, r.rule",
        ids,
    )


def read_declared(con: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Declared corrections that the build applied to the named rows; each corrected cell is given `corrected_to`.

    Builds from before there was a register of them have none.
    """
    if not con.execute("select 1 from information_schema.tables where table_name = 'input_correction'").fetchall():
        return []
    applied = _rows(
        con,
        "select correction_id, submission_id, sheet, row, column_name, found_value, to_value, reason, provider,"
        " provided_on, expires_on from input_correction where outcome = 'applied' order by correction_id",
        [],
    )
    by_place: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for a in applied:
        by_place.setdefault((a["submission_id"], a["sheet"], a["row"]), []).append(a)
    told: dict[str, dict[str, Any]] = {}
    for r in rows:
        for a in by_place.get((r["submission_id"], r["sheet"], r["row"]), []):
            for c in r["cells"]:
                # A row of marks has a cell a subject, all of one field: the value tells which was corrected.
                if c["field"] == a["column_name"] and _same(c["value"], a["found_value"]):
                    c["corrected_to"] = a["to_value"]
                    told[a["correction_id"]] = {**a, "file_name": r["file_name"], "column": c["column"]}
    return [told[k] for k in sorted(told)]


def _same(value: Any, text: str | None) -> bool:
    if value is None or text is None:
        return value is None and text is None
    try:
        return float(value) == float(text)
    except (TypeError, ValueError):
        return str(value) == text


def read_attestations(
    con: duckdb.DuckDBPyConnection, indicator: str, region: str, school_year: str
) -> list[dict[str, Any]]:
    """Evidence that was filed for the indicator, whether its value rests on it or not."""
    return _rows(
        con,
        "select a.entity_code, a.conclusion, a.attested_value, a.evidence_no, a.attested_on, a.office, s.file_name,"
        " s.file_sha256, a.sheet_name as sheet, a.row_number as row"
        " from stg_attestations__attestation as a join stg_ledger__submission as s on a.submission_id = s.submission_id"
        " where a.indicator_code = ? and a.region_code = ? and substr(a.school_year, 1, 4) = substr(?, 1, 4)"
        " order by a.attested_on, a.evidence_no",
        [indicator, region, school_year],
    )


def read_corrections(ledger: Ledger, submissions: Iterable[str]) -> list[dict[str, Any]]:
    """Earlier files that the contributing ones replace or correct."""
    ids = sorted(set(submissions))
    if not ids:
        return []
    current = ledger.rows(sa.select(l.submission).where(l.submission.c.submission_id.in_(ids)))
    found = []
    for s in current:
        same = [l.submission.c[k] == s[k] for k in ("region_code", "source", "unit_code", "period", "scope")]
        for old in ledger.rows(sa.select(l.submission).where(*same, l.submission.c.version < s["version"])):
            found.append(_replaced(old["file_name"], s["file_name"], s["submission_id"], "version", old["received_at"]))
    for c in ledger.rows(sa.select(l.correction).where(l.correction.c.corrected_by.in_(ids))):
        found.append(_replaced(c["file_name"], c["by_file_name"], c["corrected_by"], c["basis"], c["noted_at"]))
    for a in ledger.rows(sa.select(l.answer).where(l.answer.c.submission_id.in_(ids))):
        old = ledger.rows(sa.select(l.submission).where(l.submission.c.submission_id == a["answers"]))
        name = old[0]["file_name"] if old else a["answers"]
        by = next(s["file_name"] for s in current if s["submission_id"] == a["submission_id"])
        found.append(_replaced(name, by, a["submission_id"], "return_sheet", a["judged_at"]))
    return sorted(found, key=lambda f: (f["by_file_name"], f["file_name"], f["basis"]))


def _replaced(file_name: str, by: str, submission: str, basis: str, at: str) -> dict[str, Any]:
    return {"file_name": file_name, "by_file_name": by, "by_submission_id": submission, "basis": basis, "at": at}


def read_findings(
    ledger: Ledger, build_id: str, region: str, entities: Iterable[str], words: Iterable[str]
) -> list[dict[str, Any]]:
    """Findings of the newest gate run on this build about the region, the schools or the things named, each with the
    explanation that was given.
    """
    runs = ledger.rows(
        sa.select(l.gate_run)
        .where(l.gate_run.c.build_id == build_id, l.gate_run.c.region_code == region)
        .order_by(l.gate_run.c.ran_at.desc())
    )
    newest: dict[str, Mapping[str, Any]] = {}
    for r in runs:
        newest.setdefault(r["school_year"], r)
    about = {region, *entities, *words}
    found = []
    for year, run in sorted(newest.items()):
        for f in ledger.rows(sa.select(l.finding).where(l.finding.c.gate_id == run["gate_id"])):
            if not about & set(str(f["entity_id"]).replace("/", " ").replace("|", " ").split()):
                continue
            given = ledger.rows(
                sa.select(l.explanation).where(l.explanation.c.explanation_id == (f["explanation_id"] or ""))
            )
            told = {k: given[0][k] for k in ("reason_code", "text_zh", "signer", "signed_on")} if given else None
            kept = {k: f[k] for k in ("check_id", "severity", "entity_type", "entity_id", "message_zh", "message_en")}
            found.append({"school_year": year, **kept, "explanation": told})
    return found[:LIMIT]


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    result = con.execute(sql, parameters)
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, r, strict=True)) for r in result.fetchall()]
