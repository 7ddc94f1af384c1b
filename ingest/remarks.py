"""What the ledger remarks on a claim beside its own status: figures that do not add up, rivals, lateness."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from ingest import schema
from ingest.contracts import Contract
from ingest.totals import Mismatch
from warehouse import ledger as l
from warehouse.expected import edition_periods
from warehouse.settings import Settings

# Reference data that other sources are checked against, and the rules that look at it.
REFERENCE = ("school_report", "exam_parameters", "exam_registration")
REFERENCE_RULES = ("unknown_school", "unknown_school_name", "unregistered_exam_no", "above_full_mark")
# What a claim is about; two current claims of the same are one too many.
CLAIM = ("region_code", "source", "unit_code", "period", "scope")
Entry = Mapping[str, Any]


def find_conflicts(settings: Settings, ledger: l.Ledger, contract: Contract, entries: Sequence[Entry]) -> list[dict]:
    """Rows of `claim_conflict` for claims that are about to be entered.

    `same_claim`: another sender's file (another path) claims the same, in this run or accepted whole before; the new
    one supersedes it. A file sent anew for one of which a part was accepted in part is its correction,
    whatever its name.
    `replaced`: the region's list came after a school's own file and holds at least as many of its rows; for this
    school the list counts, and the school's file is superseded once the remark is entered.
    `overlap`: a school's own file and the region's list both hold the school's rows and neither can take the other's
    place: the school's file is the newer one, the list has fewer rows of it, or both came at once. Both count until
    the office sends one of them anew; the gate blocks till then.
    """
    found: list[dict] = []
    held = _current(ledger, contract.source)
    by_claim: dict[tuple, Entry] = {}
    for h in held:
        by_claim.setdefault(tuple(h[k] for k in CLAIM), h)
    unsettled = {h["file_sha256"] for h in held if h["status"] != "accepted"}
    now: dict[tuple, Entry] = {}
    for e in (e for e in entries if e["status"] in l.CURRENT):
        key = tuple(e[k] for k in CLAIM)
        rival = now.get(key) or by_claim.get(key)
        settled = rival is not None and (key in now or rival["file_sha256"] not in unsettled)
        if rival and settled and rival["file_name"] != e["file_name"] and rival["file_sha256"] != e["file_sha256"]:
            found.append(_conflict("same_claim", e, rival, int(rival["rows_accepted"])))
        now[key] = e
    files = {e["file_name"] for e in now.values()}
    over = {h["submission_id"] for h in held if tuple(h[k] for k in CLAIM) in now or h["file_name"] in files}
    # What a list had replaced is looked at again with the list that takes its place.
    held += _replaced_by(ledger, over)
    current: list[Entry] = [h for h in held if tuple(h[k] for k in CLAIM) not in now and h["file_name"] not in files]
    return found + _overlaps(settings, contract, list(now.values()), current)


def _overlaps(settings: Settings, contract: Contract, new: list[Entry], current: list[Entry]) -> list[dict]:
    if contract.custom["unit"] != "school" or all(f.name != "school_code" for f in contract.stored_fields):
        return []
    place = ("region_code", "period", "scope")
    # The region's lists and the schools' own files of one place: only these can hold the same rows.
    there: dict[tuple, list[Entry]] = {}
    for other in (*current, *new):
        there.setdefault((*(other[k] for k in place), other["unit_code"] == other["region_code"]), []).append(other)
    pairs = [
        (e, other) for e in new for other in there.get((*(e[k] for k in place), e["unit_code"] != e["region_code"]), ())
    ]
    if not pairs:
        return []
    mine = {e["submission_id"] for e in new}
    lists = {x["submission_id"] for pair in pairs for x in pair if x["unit_code"] == x["region_code"]}
    files = schema.glob(settings, contract.source)
    with duckdb.connect() as con:
        con.register("wanted", pa.table({"id": sorted(lists)}))
        counts = {
            (ident, school): n
            for ident, school, n in con.execute(
                f"SELECT _submission_id, school_code, count(DISTINCT (_sheet, _row)) FROM read_parquet('{files}', "
                "hive_partitioning = false) WHERE _submission_id IN (SELECT id FROM wanted) GROUP BY ALL"
            ).fetchall()
        }
    found = {}
    for e, other in pairs:
        whole, own = (e, other) if e["unit_code"] == e["region_code"] else (other, e)
        shared = counts.get((whole["submission_id"], own["unit_code"]), 0)
        if shared:
            later = whole["submission_id"] in mine and own["submission_id"] not in mine
            kind = "replaced" if later and shared >= own["rows_accepted"] else "overlap"
            row = {**_conflict(kind, e, other, shared), "unit_code": own["unit_code"]}
            found.setdefault(frozenset((row["submission_id"], row["other_submission_id"])), row)
    return list(found.values())


def _replaced_by(ledger: l.Ledger, lists: Collection[str]) -> list[dict[str, Any]]:
    """Schools' own files that these lists had replaced."""
    c, s = l.claim_conflict.c, l.submission.c
    found: list[dict[str, Any]] = []
    ids = sorted(lists)
    for part in (ids[i : i + 500] for i in range(0, len(ids), 500)):
        query = sa.select(l.submission).join(l.claim_conflict, c.other_submission_id == s.submission_id)
        found += ledger.rows(query.where(c.kind == "replaced", c.submission_id.in_(part), s.status == "superseded"))
    return found


def _conflict(kind: str, e: Entry, other: Entry, shared: int) -> dict[str, Any]:
    return {
        "submission_id": e["submission_id"],
        "other_submission_id": other["submission_id"],
        "kind": kind,
        **{k: e[k] for k in CLAIM},
        "file_name": e["file_name"],
        "other_file_name": other["file_name"],
        "shared_rows": shared,
        "noted_at": l.now(),
    }


def mismatch_rows(ident: str, sheets: Sequence[str], found: Iterable[Mismatch]) -> list[dict[str, Any]]:
    """Rows of `total_mismatch` for one submission."""
    return [
        {
            "submission_id": ident,
            "sheet": sheets[m.sheet_ix],
            "row": m.row,
            "column": m.letter,
            "row_class": m.cls,
            "field": m.field,
            "printed": m.printed,
            "computed": m.computed,
        }
        for m in found
    ]


def late_rows(ledger: l.Ledger, contract: Contract, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Rows of `late_arrival`: claims of a period on which the region's edition has been published, newest version."""
    editions = ledger.rows(sa.select(l.edition).order_by(l.edition.c.published_at))
    judged: dict[tuple[str, str], dict[str, str]] = {}
    for e in editions:
        period = edition_periods(e["region_code"], e["school_year"])[contract.clock]
        judged[(e["region_code"], period)] = {"school_year": e["school_year"], "edition_version": e["version"]}
    return [
        {"submission_id": e["submission_id"], "flag": "late_after_edition", **judged[(e["region_code"], e["period"])]}
        for e in entries
        if e["status"] in l.CURRENT and (e["region_code"], e["period"]) in judged
    ]


def enter(ledger: l.Ledger, rows: Mapping[sa.Table, Sequence[Mapping[str, Any]]], ids: Sequence[str]) -> None:
    """Enter remarks on submissions, in place of earlier ones on the same, and let the claims follow them: what a list
    has replaced is superseded, and counts again when no list that replaced it does.
    """
    with ledger.transaction() as connection:
        for table, content in rows.items():
            for part in (ids[i : i + 500] for i in range(0, len(ids), 500)):
                connection.execute(sa.delete(table).where(table.c.submission_id.in_(part)))
            if content:
                l.insert_new(connection, table, content)
        if l.claim_conflict in rows:
            _settle(connection)


def settle(ledger: l.Ledger) -> None:
    """What a run that was killed between claims and remarks has left undone."""
    with ledger.transaction() as connection:
        _settle(connection)


def _settle(connection: sa.Connection) -> None:
    """Make the status of schools' own files that lists have replaced agree with the lists that count now."""
    c = l.claim_conflict.c
    own, whole, rival = (l.submission.alias(n) for n in ("own", "whole", "rival"))
    pairs = connection.execute(
        sa.select(own, sa.func.max(sa.case((whole.c.status.in_(l.CURRENT), 1), else_=0)).label("covered"))
        .join(l.claim_conflict, c.other_submission_id == own.c.submission_id)
        .join(whole, whole.c.submission_id == c.submission_id)
        .where(c.kind == "replaced")
        .group_by(*own.c)
    ).mappings()
    for o in [dict(row) for row in pairs]:
        if o["covered"] and o["status"] in l.CURRENT:
            status = "superseded"
        elif not o["covered"] and o["status"] == "superseded":
            # A newer file of the school itself, or of its sender, has taken its place by now.
            same = [rival.c[k] == o[k] for k in CLAIM]
            sender = [rival.c[k] == o[k] for k in CLAIM if k != "unit_code"] + [rival.c.file_name == o["file_name"]]
            newer = sa.select(rival.c.submission_id).where(
                sa.or_(sa.and_(*same), sa.and_(*sender)), rival.c.status.in_(l.CURRENT)
            )
            if connection.execute(newer.limit(1)).first():
                continue
            status = "partial" if o["rows_rejected"] else "accepted"
        else:
            continue
        changed = sa.update(l.submission).where(l.submission.c.submission_id == o["submission_id"])
        connection.execute(changed.values(status=status))


def reference_state(ledger: l.Ledger) -> str:
    """A hash that changes when the reference data that counts changes."""
    ids = [s["submission_id"] for s in ledger.current(sources=REFERENCE)]
    return hashlib.sha256("|".join(ids).encode()).hexdigest()[:16]


def outdated(ledger: l.Ledger, state: str) -> dict[tuple[str, str], str]:
    """(sha256, file name) -> source of files taken in part, for rules that look at reference data of another state."""
    s, r, f = l.submission.c, l.reject.c, l.file_source.c
    query = (
        sa.select(s.file_sha256, s.file_name, s.source)
        .join(l.reject, r.submission_id == s.submission_id)
        .join(l.file_source, f.file_sha256 == s.file_sha256)
        .where(s.status == "partial", r.rule.in_(REFERENCE_RULES), f.reference_state != state)
        .distinct()
    )
    return {(row["file_sha256"], row["file_name"]): row["source"] for row in ledger.rows(query)}


def remember(ledger: l.Ledger, sources: Mapping[str, str], state: str) -> None:
    """Enter what files were found to be and the state of the reference data they were looked at against."""
    rows = [{"file_sha256": sha, "source": source, "reference_state": state} for sha, source in sources.items()]
    with ledger.transaction() as connection:
        for part in (rows[i : i + 500] for i in range(0, len(rows), 500)):
            column = l.file_source.c.file_sha256
            connection.execute(sa.delete(l.file_source).where(column.in_([r["file_sha256"] for r in part])))
            connection.execute(sa.insert(l.file_source), part)


def _current(ledger: l.Ledger, source: str) -> list[dict[str, Any]]:
    return ledger.current(sources=[source])
