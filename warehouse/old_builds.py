"""Old builds: their databases go, what they were made of stays.

A build's database is by far its largest part, and `schoolhouse build --pin <folder>/pin.json` makes it again from raw
with the code of that day. Kept whole are builds that somebody may still ask: the newest ones, the one that is served,
the one that the newest gate run of a region and year judged, and every one that an edition was made of, for `explain`
and `verify --replay`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.build import DATABASE, one_writer
from warehouse.errors import SchoolhouseError
from warehouse.files import sync_folder
from warehouse.settings import Settings

# What a killed build may have left beside its database.
_FILES = (DATABASE, f"{DATABASE}.wal")


@dataclass(frozen=True)
class OldBuild:
    """A build whose database is there. `size` in bytes; `kept` is why it stays ('' = it goes): newest, served, gate or
    edition.
    """

    build_id: str
    status: str
    finished_at: str
    size: int
    kept: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def look(settings: Settings, keep: int) -> list[OldBuild]:
    """All DuckDB builds whose databases are there, newest first; of good ones the newest `keep` stay.

    Folders that the ledger does not know, which killed builds leave, are among them. Raises SchoolhouseError for `keep`
    below 1.
    """
    if keep < 1:
        raise SchoolhouseError(
            "the newest build is what readers have",
            "至少保留最新的一次构建",
            fix_en="--keep 1 or more",
            fix_zh="--keep 至少为 1",
        )
    ledger = l.Ledger.open(settings)
    known = {r["build_id"]: r for r in ledger.rows(sa.select(l.build).where(l.build.c.target == "duckdb"))}
    there = [p.parent.name for p in settings.build.glob(f"*/{DATABASE}")]
    there.sort(key=lambda b: (known.get(b, {}).get("finished_at", ""), b), reverse=True)
    good = [b for b in there if known.get(b, {}).get("status") in l.BUILT]
    # The first reason that holds is the one that is told.
    reasons: list[tuple[str, Iterable[str]]] = [
        ("edition", {r["build_id"] for r in ledger.rows(sa.select(l.edition.c.build_id))}),
        ("gate", _judged(ledger)),
        ("served", _served(settings)),
        ("newest", good[:keep]),
    ]
    return [
        OldBuild(
            b,
            known.get(b, {}).get("status", "unfinished"),
            known.get(b, {}).get("finished_at", ""),
            sum(p.stat().st_size for name in _FILES if (p := settings.build / b / name).exists()),
            next((why for why, builds in reasons if b in builds), ""),
        )
        for b in there
    ]


def remove(settings: Settings, keep: int) -> list[OldBuild]:
    """Remove the databases that `look` lets go; waits for a build that is running. Returns what went."""
    with one_writer(settings):
        gone = [b for b in look(settings, keep) if not b.kept]
        for build in gone:
            folder = settings.build / build.build_id
            for name in _FILES:
                (folder / name).unlink(missing_ok=True)
            sync_folder(folder)
    return gone


def _judged(ledger: l.Ledger) -> set[str]:
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for run in ledger.rows(sa.select(l.gate_run).order_by(l.gate_run.c.ran_at)):
        newest[run["region_code"], run["school_year"]] = run
    return {run["build_id"] for run in newest.values()}


def _served(settings: Settings) -> set[str]:
    links = [settings.serving / zone / "current.duckdb" for zone in ("internal", "restricted")]
    return {link.resolve().stem for link in links if link.is_symlink()}
