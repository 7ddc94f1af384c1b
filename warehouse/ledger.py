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

from warehouse.settings import Settings

METADATA = sa.MetaData()
_S = sa.String


def _table(name: str, *columns: sa.Column[Any] | sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, METADATA, *columns)


def _text(name: str, **kw: Any) -> sa.Column[str]:
    return sa.Column(name, _S, nullable=kw.pop("nullable", False), **kw)


# One row each time bytes are seen under a new path; outcome: new, duplicate, rejected.
arrival = _table(
    "arrival",
    _text("file_sha256", primary_key=True),
    _text("path", primary_key=True),
    _text("outcome"),
    _text("received_at"),
)

submission = _table(
    "submission",
    _text("submission_id", primary_key=True),
    _text("region_code"),
    _text("source"),
    _text("unit_code"),
    _text("period"),
    _text("scope"),
    sa.Column("version", sa.Integer, nullable=False),
    _text("file_sha256", index=True),
    _text("file_name"),
    _text("status"),
    _text("batch_id"),
    _text("received_at"),
    _text("reason_en"),
    _text("reason_zh"),
    _text("column_map"),
    sa.Column("rows_accepted", sa.Integer, nullable=False),
    sa.Column("rows_rejected", sa.Integer, nullable=False),
)

# Every row of every sheet has one class; the counts of a sheet add up to its rows.
row_class = _table(
    "row_class",
    _text("submission_id", primary_key=True),
    _text("sheet", primary_key=True),
    _text("row_class", primary_key=True),
    sa.Column("row_count", sa.Integer, nullable=False),
)

reject = _table(
    "reject",
    _text("submission_id", primary_key=True),
    _text("sheet", primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True),
    _text("column", primary_key=True),
    _text("rule", primary_key=True),
    _text("message_zh"),
    _text("message_en"),
)

# A file that was sent back corrected, and what became of the rejects it answers. Places only, never values.
answer = _table(
    "answer",
    _text("submission_id", primary_key=True),
    _text("answers", primary_key=True),
    _text("file_sha256", index=True),
    _text("answers_sha256", index=True),
    sa.Column("cells_fixed", sa.Integer, nullable=False),
    sa.Column("cells_wrong", sa.Integer, nullable=False),
    sa.Column("cells_vanished", sa.Integer, nullable=False),
    sa.Column("rows_lost", sa.Integer, nullable=False),
    sa.Column("rows_changed", sa.Integer, nullable=False),
    sa.Column("rows_added", sa.Integer, nullable=False),
    _text("detail"),
    _text("judged_at"),
)

# Bytes of the identity zone that were erased. kind: landing (name is the sha256), quarantine, return.
erasure = _table(
    "erasure",
    _text("kind", primary_key=True),
    _text("name", primary_key=True),
    _text("sha256"),
    sa.Column("size", sa.BigInteger, nullable=False),
    _text("policy"),
    _text("erased_at"),
)

# One row a use of the vault; `entry_hash` is the hash of its line in the vault's own log, which holds the rest.
vault_use = _table(
    "vault_use",
    sa.Column("entry", sa.Integer, primary_key=True),
    _text("action"),
    _text("used_by"),
    _text("outcome"),
    _text("used_at"),
    _text("entry_hash"),
)

build = _table(
    "build",
    _text("build_id", primary_key=True),
    _text("target"),
    _text("status"),
    _text("pin_sha256"),
    _text("code_sha256"),
    _text("started_at"),
    _text("finished_at"),
    _text("detail"),
)

gate_run = _table(
    "gate_run",
    _text("gate_id", primary_key=True),
    _text("build_id"),
    _text("region_code"),
    _text("school_year"),
    _text("verdict"),
    _text("ran_at"),
)

finding = _table(
    "finding",
    _text("gate_id", primary_key=True),
    _text("check_id", primary_key=True),
    _text("entity_type", primary_key=True),
    _text("entity_id", primary_key=True),
    _text("severity"),
    _text("observed"),
    _text("expected"),
    _text("message_zh"),
    _text("message_en"),
    _text("resolve_zh"),
    _text("explanation_id"),
)

explanation = _table(
    "explanation",
    _text("explanation_id", primary_key=True),
    _text("region_code"),
    _text("school_year"),
    _text("check_id"),
    _text("entity_type"),
    _text("entity_id"),
    _text("reason_code"),
    _text("text_zh"),
    _text("signer"),
    _text("signed_on"),
    _text("origin"),
    _text("registered_at"),
)

# mode: file (answered by a register file in an unattended run), cli, airflow.
approval = _table(
    "approval",
    _text("approval_id", primary_key=True),
    _text("region_code"),
    _text("school_year"),
    _text("role"),
    _text("approver"),
    _text("decision"),
    _text("decided_on"),
    _text("comment"),
    _text("mode"),
    _text("gate_id"),
    _text("registered_at"),
)

edition = _table(
    "edition",
    _text("region_code", primary_key=True),
    _text("school_year", primary_key=True),
    _text("version", primary_key=True),
    _text("path"),
    _text("verdict"),
    _text("data_sha256"),
    _text("gate_id"),
    _text("build_id"),
    _text("published_at"),
)

# A printed total, subtotal or mean that its rows do not give.
total_mismatch = _table(
    "total_mismatch",
    _text("submission_id", primary_key=True),
    _text("sheet", primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True),
    _text("column", primary_key=True),
    _text("row_class"),
    _text("field"),
    _text("printed"),
    _text("computed"),
)

# Two files that claim the same rows. kind: same_claim (the later superseded the other), overlap (both count).
claim_conflict = _table(
    "claim_conflict",
    _text("submission_id", primary_key=True),
    _text("other_submission_id", primary_key=True),
    _text("kind"),
    _text("region_code"),
    _text("source"),
    _text("unit_code"),
    _text("period"),
    _text("scope"),
    _text("file_name"),
    _text("other_file_name"),
    sa.Column("shared_rows", sa.Integer, nullable=False),
    _text("noted_at"),
)

# Claims of a period on which an edition had been published already; flag: late_after_edition.
late_arrival = _table(
    "late_arrival",
    _text("submission_id", primary_key=True),
    _text("flag", primary_key=True),
    _text("school_year"),
    _text("edition_version"),
)

# What a file was found to be, and the reference data it was last checked against.
file_source = _table(
    "file_source",
    _text("file_sha256", primary_key=True),
    _text("source"),
    _text("reference_state"),
)

CURRENT = ("accepted", "partial")


def now() -> str:
    """UTC, to the second, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Ledger:
    """A connection to one ledger. Safe for several processes: every write is one short transaction."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        self.engine = sa.create_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _sqlite_pragmas)
        METADATA.create_all(self.engine)

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
        for *key, name, version, status, ident in connection.execute(wanted) if sources else ():
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
