"""Files that were turned away whole, and the file that came in their place: there is no rejected cell to compare."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa

from ingest.results import LOADED, FileResult
from warehouse import ledger as l

_YEARS = re.compile(r"(?<!\d)20\d\d(?:-20\d\d)?(?!\d)")
_UNKNOWN = "unknown"
Row = dict[str, Any]


def open_files(ledger: l.Ledger) -> list[Row]:
    """Submissions that are rejected now and have no rejected cell."""
    s = l.submission.c
    celled = sa.select(l.reject.c.submission_id)
    return ledger.rows(sa.select(l.submission).where(s.status == "rejected", s.submission_id.not_in(celled)))


def note_corrections(ledger: l.Ledger, before: Sequence[Row], results: Sequence[FileResult]) -> list[FileResult]:
    """Link what was turned away before this run (`open_files`) to the files of the run that correct it.

    A file corrects another that has its path; its name in its folder with another ending; its claim; or, of one source
    and region, names no other year and speaks for the school in the other's name or for the whole region. What is
    corrected is superseded, the link stands in `correction`, the result tells it.
    """
    loaded = [r for r in results if r.status in LOADED]
    if not before or not loaded:
        return list(results)
    claims: dict[str, list[Row]] = {}
    hashes = sorted({r.file_sha256 for r in loaded})
    for part in (hashes[i : i + 500] for i in range(0, len(hashes), 500)):
        query = sa.select(l.submission).where(
            l.submission.c.file_sha256.in_(part), l.submission.c.status.in_(l.CURRENT)
        )
        for row in ledger.rows(query):
            claims.setdefault(row["file_sha256"], []).append(row)
    new = [c for found in claims.values() for c in found]
    links: list[Row] = []
    for old in before:
        ranked = [(basis, c) for c in new if c["file_sha256"] != old["file_sha256"] and (basis := _basis(old, c))]
        if ranked:
            basis, c = min(ranked, key=lambda r: (_ORDER.index(r[0]), r[1]["file_name"], r[1]["submission_id"]))
            links.append({"submission_id": old["submission_id"], "corrected_by": c["submission_id"],
                          "file_name": old["file_name"], "by_file_name": c["file_name"], "basis": basis,
                          "noted_at": l.now()})  # fmt: skip
    _enter(ledger, links)
    told: dict[str, list[str]] = {}
    for link in links:
        told.setdefault(link["by_file_name"], []).append(PurePosixPath(link["file_name"]).name)
    return [_tell(r, told[r.path]) if r.status in LOADED and r.path in told else r for r in results]


def read_correction(ledger: l.Ledger, submission: str) -> Row | None:
    """The link of a submission that was turned away and corrected, or None."""
    rows = ledger.rows(sa.select(l.correction).where(l.correction.c.submission_id == submission))
    return rows[0] if rows else None


_ORDER = ("path", "claim", "name", "school", "region")


def _basis(old: Row, new: Row) -> str:
    """Why one file corrects another; `''` where nothing says so."""
    before, after = PurePosixPath(old["file_name"]), PurePosixPath(new["file_name"])
    region = old["region_code"] in ("", new["region_code"])
    if before == after and region:
        return "path"
    if old["source"] == new["source"] and all(
        old[k] == new[k] for k in ("region_code", "unit_code", "period", "scope")
    ):
        return "claim"
    known = old["source"] == new["source"]
    if not region or not (known or old["source"] == _UNKNOWN):
        return ""
    if before.parent == after.parent and before.stem == after.stem:
        return "name"
    if not known or not _same_year(before, after, new["period"]):
        return ""
    if new["unit_code"] == new["region_code"]:
        return "region"
    return "school" if new["unit_code"] in before.name else ""


def _same_year(before: PurePosixPath, after: PurePosixPath, period: str) -> bool:
    years = set(_YEARS.findall(str(before)))
    return period in years if years and period else before.parent == after.parent


def _enter(ledger: l.Ledger, links: Sequence[Row]) -> None:
    if not links:
        return
    ids = [link["submission_id"] for link in links]
    with ledger.transaction() as connection:
        l.insert_new(connection, l.correction, links)
        for part in (ids[i : i + 500] for i in range(0, len(ids), 500)):
            old = sa.update(l.submission).where(l.submission.c.submission_id.in_(part))
            connection.execute(old.where(l.submission.c.status == "rejected").values(status="superseded"))


def _tell(r: FileResult, names: Sequence[str]) -> FileResult:
    zh, en = "、".join(f"“{n}”" for n in names), ", ".join(names)
    both = ";".join(t for t in (r.message_zh, f"更正了先前退回的{zh}") if t)
    return replace(r, message_zh=both, message_en="; ".join(t for t in (r.message_en, f"corrects {en}") if t))
