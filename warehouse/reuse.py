"""What a build takes from the one before it: the sums of exams whose files and parameters are the same.

A pass over pupils' scores is the dear part of a province's build, and a new exam changes nothing of the others. Every
build writes the **state** of each exam: a hash of what its sums are made of, which is the pinned submissions of its
scores and parameters and the raw files they lie in. The next build of the same code copies the rows of exams whose
state is the same into its own database before dbt starts; the models of `CARRIED` are incremental and make the others.
A changed model, seed or macro is another code, and a declared correction of scores or parameters is part of every
exam's state. Everything else is made anew from these sums (docs/decisions/0006-what-a-build-keeps.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from warehouse import ledger as l

# Tables that are carried, with the exams that a row is made of: (school year, exam).
CARRIED: dict[str, tuple[tuple[str, str], ...]] = {
    "int_exam_class__summed": (("school_year", "exam_id"),),
    "int_value_added__score_placed": (("school_year", "exam_id"),),
    "int_value_added__school_summed": (("entry_year", "entry_exam_id"), ("exit_year", "exit_exam_id")),
}
_SOURCES = ("exam_scores", "exam_parameters")
# How ingest writes the scope of their submissions: the exam, then the grade of a sheet.
_SCOPE = re.compile(r"([0-9a-f]{16})(/-?[0-9]+)?")
_STATE, _CHANGED = "input_exam_state", "input_changed_exam"
Exam = tuple[str, str]


def earlier(ledger: l.Ledger, builds: Path, code: str, database: str) -> Path | None:
    """Database of the newest good DuckDB build of this code that is still there."""
    b = l.build.c
    query = sa.select(b.build_id).where(b.target == "duckdb", b.code_sha256 == code, b.status.in_(l.BUILT))
    for row in ledger.rows(query.order_by(b.finished_at.desc())):
        if (path := builds / row["build_id"] / database).exists():
            return path
    return None


def carry(database: Path, raw: Path, corrected: Sequence[Mapping[str, Any]], before: Path | None) -> dict[str, int]:
    """Write the states of the exams into `database`, and the rows that hold of the build `before`, a database file.

    `database` has `input_pin` and `input_submission`; `corrected` are the declared corrections in force. Returns how
    many exams there are and how many were kept.
    """
    with duckdb.connect(database) as con:
        now = _states(con, raw, corrected)
        _write(
            con, _STATE, [(*exam, state) for exam, state in sorted(now.items())], ("school_year", "exam_id", "state")
        )
        kept = _carry_tables(con, before, now) if before else set()
        _write(con, _CHANGED, sorted(now.keys() - kept), ("school_year", "exam_id"))
    return {"exams": len(now), "kept": len(kept)}


def _carry_tables(con: duckdb.DuckDBPyConnection, before: Path, now: Mapping[Exam, str]) -> set[Exam]:
    """Copy what holds; the exams that are kept. None where the build before has no states, or lacks a table."""
    con.execute(f"attach '{_quoted(before)}' as before (read_only)")
    try:
        there = {
            name
            for (name,) in con.execute(
                "select table_name from duckdb_tables() where database_name = 'before' and schema_name = 'main'"
            ).fetchall()
        }
        if not {_STATE, *CARRIED} <= there:
            return set()
        was = {(year, exam): s for year, exam, s in con.execute(f"select * from before.main.{_STATE}").fetchall()}
        kept = {exam for exam, state in now.items() if was.get(exam) == state}
        if kept:
            _write(con, "kept_exam", sorted(kept), ("school_year", "exam_id"), "temp table")
            for table, exams in CARRIED.items():
                holds = " and ".join(
                    f"({year}, {exam}) in (select k.school_year, k.exam_id from kept_exam k)" for year, exam in exams
                )
                con.execute(f"create table {table} as select * from before.main.{table} where {holds}")
        return kept
    finally:
        con.execute("detach before")


def _states(con: duckdb.DuckDBPyConnection, raw: Path, corrected: Sequence[Mapping[str, Any]]) -> dict[Exam, str]:
    """The state of every exam that has a pinned submission; none where a scope is not written as it should be."""
    general = [str(c["correction_id"]) for c in corrected if c["source"] in _SOURCES]
    parts: dict[Exam, list[str]] = {}
    pinned = con.execute(
        f"select s.source, s.period, s.scope, s.submission_id from input_submission s inner join input_pin p "
        f"using (submission_id) where s.source in {_SOURCES}"
    ).fetchall()
    for source, period, scope, ident in pinned:
        found = _SCOPE.fullmatch(scope)
        if not found:
            return {}
        parts.setdefault((period, found[1]), []).append(f"{source}|{ident}")
    return {exam: _hash([*general, *ids, *_files(raw, exam)]) for exam, ids in parts.items()}


def _files(raw: Path, exam: Exam) -> list[str]:
    """The files of the exam's scores, by what tells that one was written anew."""
    folder = raw / "exam_scores" / f"school_year={exam[0]}" / f"exam_id={exam[1]}"
    seen = [(path.name, path.stat()) for path in folder.glob("*.parquet")]
    return [f"{name}|{stat.st_size}|{stat.st_mtime_ns}" for name, stat in seen]


def _hash(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()


def _write(
    con: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Sequence[str]],
    columns: Sequence[str],
    kind: str = "table",
) -> None:
    con.execute(f"create or replace {kind} {name} ({', '.join(f'{c} varchar' for c in columns)})")
    if rows:
        con.executemany(f"insert into {name} values ({', '.join('?' for _ in columns)})", rows)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
