"""The ledger: who sent what, what became of it, who signed. SQLite in WAL mode, or PostgreSQL by URL.

It never holds a person's identifier: rejects name the row and the column, not the value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from warehouse.ledger_tables import (
    METADATA,
    answer,
    approval,
    arrival,
    build,
    claim_conflict,
    correction,
    declared_correction,
    edition,
    erasure,
    explanation,
    file_source,
    finding,
    gate_check,
    gate_run,
    late_arrival,
    override_entry,
    reject,
    row_class,
    submission,
    total_mismatch,
    vault_use,
)
from warehouse.settings import Settings

__all__ = [
    "CURRENT",
    "METADATA",
    "Ledger",
    "answer",
    "approval",
    "arrival",
    "build",
    "claim_conflict",
    "correction",
    "declared_correction",
    "edition",
    "erasure",
    "explanation",
    "file_source",
    "finding",
    "gate_check",
    "gate_run",
    "insert_new",
    "late_arrival",
    "now",
    "override_entry",
    "reject",
    "row_class",
    "submission",
    "total_mismatch",
    "vault_use",
]

CURRENT = ("accepted", "partial")
# Builds whose models all ran.
BUILT = ("ok", "tests_failed")


def now() -> str:
    """UTC, to the second, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add_columns(engine: sa.Engine) -> None:
    """Columns that came to a table after this ledger was made: those with a default of their own."""
    inspector = sa.inspect(engine)
    for table in METADATA.tables.values():
        later = [c for c in table.columns if c.server_default is not None]
        if not later:
            continue
        there = {c["name"] for c in inspector.get_columns(table.name)}
        for column in (c for c in later if c.name not in there):
            kind = column.type.compile(engine.dialect)
            with engine.begin() as connection:
                connection.exec_driver_sql(
                    f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind} NOT NULL DEFAULT ''"
                )


class Ledger:
    """A connection to one ledger. Safe for several processes: every write is one short transaction."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        self.engine = sa.create_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _sqlite_pragmas)
        METADATA.create_all(self.engine)
        _add_columns(self.engine)

    @classmethod
    def open(cls, settings: Settings) -> Ledger:
        return cls(settings.ledger_url)

    @contextmanager
    def transaction(self):
        """A write transaction; on SQLite the write lock is taken at its start, so readers' values stay true."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with connection.begin() if not connection.in_transaction() else _commit(connection):
                yield connection

    def rows(self, query: sa.Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(r) for r in connection.execute(query).mappings()]

    def insert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows; a row whose key exists is left as it is."""
        if rows:
            with self.transaction() as connection:
                insert_new(connection, table, rows)

    # ------------------------------------------------------------------ submissions
    def known_files(self) -> dict[str, list[dict[str, Any]]]:
        """sha256 -> its submissions (any status)."""
        known: dict[str, list[dict[str, Any]]] = {}
        for r in self.rows(sa.select(submission)):
            known.setdefault(r["file_sha256"], []).append(r)
        return known

    def current(self, *, region: str | None = None, sources: Iterable[str] | None = None) -> list[dict[str, Any]]:
        """Submissions whose rows count now: accepted or partial, not superseded."""
        query = sa.select(submission).where(submission.c.status.in_(CURRENT))
        if region:
            query = query.where(submission.c.region_code == region)
        if sources is not None:
            query = query.where(submission.c.source.in_(list(sources)))
        return self.rows(query.order_by(submission.c.submission_id))

    def current_ids(self) -> list[str]:
        """Ids of the submissions whose rows count now, in their order."""
        query = sa.select(submission.c.submission_id).where(submission.c.status.in_(CURRENT))
        with self.engine.connect() as connection:
            return list(connection.scalars(query.order_by(submission.c.submission_id)))

    def record(
        self,
        submissions: Sequence[Mapping[str, Any]],
        row_classes: Sequence[Mapping[str, Any]] = (),
        rejects: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Enter a batch in one transaction: versions are counted and older claims of the same scope superseded.

        `submissions` carry every column but `version` and `received_at`; `column_map` may be a dict. A submission
        id that is already there (a `waiting` one tried again) is replaced.
        """
        ids = [s["submission_id"] for s in submissions]
        with self.transaction() as connection:
            for table in (submission, row_class, reject):
                for part in _chunks(ids, 500):
                    connection.execute(sa.delete(table).where(table.c.submission_id.in_(part)))
            rows = self._versioned(connection, submissions)
            if rows:
                connection.execute(sa.insert(submission), rows)
            if row_classes:
                connection.execute(sa.insert(row_class), list(row_classes))
            if rejects:
                connection.execute(sa.insert(reject), list(rejects))

    @staticmethod
    def _versioned(connection: sa.Connection, submissions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The rows to enter, numbered after those of the same claim that are there; what they replace is superseded."""
        rows, received = [], now()
        for s in submissions:
            column_map = s.get("column_map", "{}")
            text = column_map if isinstance(column_map, str) else json.dumps(column_map, ensure_ascii=False)
            rows.append({**s, "received_at": received, "version": 0, "column_map": text})
        names = ("region_code", "source", "unit_code", "period", "scope")
        newest: dict[tuple[str, ...], int] = {}
        counting: dict[tuple[str, ...], str] = {}
        sources = sorted({r["source"] for r in rows if r["status"] in CURRENT})
        # A file that was one school's and is now its region's (or the reverse) is still its sender's next version.
        senders: dict[tuple[str, ...], dict[str, tuple[str, int]]] = {}
        columns = [submission.c[n] for n in (*names, "file_name", "version", "status", "submission_id")]
        wanted = sa.select(*columns).where(
            submission.c.source.in_(sources), submission.c.status.in_((*CURRENT, "superseded"))
        )
        for *key, name, version, status, ident in map(tuple, connection.execute(wanted) if sources else ()):
            newest[tuple(key)] = max(newest.get(tuple(key), 0), version)
            if status in CURRENT:
                counting[tuple(key)] = ident
                senders.setdefault((*key[:2], *key[3:], name), {})[key[2]] = (ident, version)
        mine = {r["submission_id"]: r for r in rows}
        replaced: list[str] = []
        for row in (r for r in rows if r["status"] in CURRENT):
            key = tuple(row[n] for n in names)
            region, unit = row["region_code"], row["unit_code"]
            for other, (ident, version) in senders.get((*key[:2], *key[3:], row["file_name"]), {}).items():
                if other != unit and region in (other, unit):
                    replaced.append(ident)
                    newest[key] = max(newest.get(key, 0), version)
            row["version"] = newest[key] = newest.get(key, 0) + 1
            before = counting.get(key)
            if before in mine:
                mine[before]["status"] = "superseded"
            elif before:
                replaced.append(before)
            counting[key] = row["submission_id"]
        for part in _chunks(replaced, 500):
            connection.execute(
                sa.update(submission).where(submission.c.submission_id.in_(part)).values(status="superseded")
            )
        return rows


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving those whose primary key exists as they are."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
    connection.execute(insert(table).on_conflict_do_nothing(), [dict(r) for r in rows])


def _chunks(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[i : i + size] for i in range(0, len(items), size))


@contextmanager
def _commit(connection: sa.Connection):
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own: BEGIN IMMEDIATE above is what serialises writers.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=60000")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
