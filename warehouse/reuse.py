"""What a build takes from the one before it: rows of exams and school years whose files and parameters are the same.

A pass over pupils' scores is the dear part of a province's build, and a new exam changes nothing of the others. Every
build writes the **state** of each exam: a hash of what its sums are made of, which is the pinned submissions of its
scores and parameters and the raw files they lie in. Beside it stands the state of the **setting**: the rosters,
registrations, reports and registers that place those sums. The next build of the same code begins with
a copy of the rows that hold, and the models, which are incremental, make the others:

- `SUMS` of pupils, by exam, whatever the setting;
- `PLACED`, what is made of the sums of one exam and of the setting, by exam, where the setting is the same;
- `COMPARED`, what is made of the exams of a school year, where the setting and all exams of that year are the same.

A changed model, seed or macro is another code, and a declared correction of a source is part of every state that the
source has a part in. Everything else is made anew from these rows (docs/decisions/0006-what-a-build-keeps.md).
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from warehouse import ledger as l

# Tables that are carried, with the columns that say of which exams a row is made; `COMPARED` have a school year.
_EXAM = (("school_year", "exam_id"),)
SUMS: dict[str, tuple[tuple[str, str], ...]] = {
    "int_exam_class__summed": _EXAM,
    "int_value_added__score_placed": _EXAM,
    "int_value_added__school_summed": (("entry_year", "entry_exam_id"), ("exit_year", "exit_exam_id")),
}
PLACED = dict.fromkeys(("int_exam_school__summed", "fct_exam_group_stat", "int_exam_group__placed"), _EXAM)
COMPARED = ("int_exam_group__compared", "fct_early_warning")
CARRIED = (*SUMS, *PLACED, *COMPARED)
EXAM_SOURCES = ("exam_scores", "exam_parameters")
# What `PLACED` and `COMPARED` read besides (tests/benchmarks/test_reuse.py holds this against the models).
SETTING_SOURCES = (
    "exam_registration",
    "population",
    "pupil_roster",
    "regions",
    "school_report",
    "school_succession",
    "student_number_changes",
)
# How ingest writes the scope of an exam's submissions: the exam, then the grade of a sheet.
_SCOPE = re.compile(r"([0-9a-f]{16})(/-?[0-9]+)?")
_STATE, _SETTING = "input_exam_state", "input_exam_setting"
_CHANGED, _CHANGED_YEAR = "input_changed_exam", "input_changed_exam_year"
Exam = tuple[str, str]


def earlier(ledger: l.Ledger, builds: Path, code: str, database: str) -> Path | None:
    """Database of the newest good DuckDB build of this code that is still there."""
    b = l.build.c
    query = sa.select(b.build_id).where(b.target == "duckdb", b.code_sha256 == code, b.status.in_(l.BUILT))
    for row in ledger.rows(query.order_by(b.finished_at.desc())):
        if (path := builds / row["build_id"] / database).exists():
            return path
    return None


def begin(database: Path, before: Path | None) -> None:
    """Make `database` a copy of the build `before` that holds what may be carried and nothing else; None: no file.

    To copy a file and drop from it takes a tenth of copying millions of rows. A build of before there were states, or
    one that was not closed, gives nothing.
    """
    if before is None or before.with_name(before.name + ".wal").exists():
        return
    shutil.copyfile(before, database)
    with duckdb.connect(database) as con:
        con.execute("begin")
        tables = _names(con, "table")
        whole = {_STATE, _SETTING, *CARRIED} <= tables
        for view in _names(con, "view"):
            con.execute(f'drop view "{view}"')
        for table in tables - {_STATE, _SETTING, *CARRIED} if whole else tables:
            con.execute(f'drop table "{table}"')
        if whole:
            for table in (_STATE, _SETTING):
                con.execute(f"alter table {table} rename to {_earlier_name(table)}")
        con.execute("commit")


def carry(database: Path, raw: Path, corrected: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Write the states of the exams into `database`; of what it began with, only the rows that hold stay.

    `database` has `input_pin` and `input_submission`; `corrected` are the declared corrections in force. Returns how
    many exams there are, of how many the sums were kept, and of how many school years the comparisons.
    """
    with duckdb.connect(database) as con:
        now, setting = _states(con, raw, corrected), _setting(con, raw, corrected)
        _write(
            con, _STATE, [(*exam, state) for exam, state in sorted(now.items())], ("school_year", "exam_id", "state")
        )
        _write(con, _SETTING, [(setting,)], ("state",))
        kept, years = _keep(con, now, setting) if _earlier_name(_STATE) in _names(con, "table") else (set(), set())
        _write(con, _CHANGED, sorted(now.keys() - kept), ("school_year", "exam_id"))
        _write(con, _CHANGED_YEAR, sorted((year,) for year in {y for y, _ in now} - years), ("school_year",))
    return {"exams": len(now), "kept": len(kept), "years_kept": len(years)}


def _keep(con: duckdb.DuckDBPyConnection, now: Mapping[Exam, str], setting: str) -> tuple[set[Exam], set[str]]:
    """Let go what does not hold; the exams and school years kept."""
    before, around = _earlier_name(_STATE), _earlier_name(_SETTING)
    was = {(year, exam): state for year, exam, state in con.execute(f"select * from {before}").fetchall()}
    kept = {exam for exam, state in now.items() if was.get(exam) == state}
    same_setting = bool(kept) and con.execute(f"select state from {around}").fetchall() == [(setting,)]
    # An exam that came, changed or went is a change of its school year.
    years = {y for y, _ in kept} - {y for y, _ in (now.keys() | was.keys()) - kept}
    _write(con, "kept_exam", sorted(kept), ("school_year", "exam_id"), "temp table")
    _write(con, "kept_year", sorted((y,) for y in years), ("school_year",), "temp table")
    for table, exams in {**SUMS, **PLACED}.items():
        of_kept = " and ".join(
            f"({year}, {exam}) in (select k.school_year, k.exam_id from kept_exam k)" for year, exam in exams
        )
        _keep_rows(con, table, of_kept if kept and (table in SUMS or same_setting) else None)
    of_year = "school_year in (select k.school_year from kept_year k)"
    for table in COMPARED:
        _keep_rows(con, table, of_year if same_setting else None)
    for table in (before, around):
        con.execute(f"drop table {table}")
    return kept, years if same_setting else set()


def _keep_rows(con: duckdb.DuckDBPyConnection, table: str, hold: str | None) -> None:
    """Delete the rows that do not hold; where none can, the table goes, and dbt makes it whole."""
    con.execute(f"delete from {table} where not ({hold})" if hold else f"drop table {table}")


def _states(con: duckdb.DuckDBPyConnection, raw: Path, corrected: Sequence[Mapping[str, Any]]) -> dict[Exam, str]:
    """The state of every exam that has a pinned submission; none where a scope is not written as it should be."""
    general = list(_corrections(corrected, EXAM_SOURCES))
    parts: dict[Exam, list[str]] = {}
    for source, period, scope, ident in _pinned(con, EXAM_SOURCES):
        found = _SCOPE.fullmatch(scope)
        if not found:
            return {}
        parts.setdefault((period, found[1]), []).append(f"{source}|{ident}")
    folder = raw / "exam_scores"
    return {
        (year, exam): _hash([*general, *ids, *_files(folder / f"school_year={year}" / f"exam_id={exam}")])
        for (year, exam), ids in parts.items()
    }


def _setting(con: duckdb.DuckDBPyConnection, raw: Path, corrected: Sequence[Mapping[str, Any]]) -> str:
    """The state of what places the sums of every exam."""
    ids = (f"{source}|{ident}" for source, _, _, ident in _pinned(con, SETTING_SOURCES))
    files = (f"{source}|{told}" for source in SETTING_SOURCES for told in _files(raw / source))
    return _hash([*_corrections(corrected, SETTING_SOURCES), *ids, *files])


def _pinned(con: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """(source, period, scope, submission) of the pinned submissions of some sources."""
    return con.execute(
        "select s.source, s.period, s.scope, s.submission_id from input_submission s inner join input_pin p "
        "using (submission_id) where list_contains(?, s.source)",
        [list(sources)],
    ).fetchall()


def _corrections(corrected: Sequence[Mapping[str, Any]], sources: Sequence[str]) -> Iterator[str]:
    return (str(c["correction_id"]) for c in corrected if c["source"] in sources)


def _files(folder: Path) -> list[str]:
    """The Parquet files of a folder and below, by what tells that one was written anew."""
    seen = [(path.relative_to(folder), path.stat()) for path in folder.rglob("*.parquet")]
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


def _names(con: duckdb.DuckDBPyConnection, kind: str) -> set[str]:
    """Tables or views of a database; dbt makes all of them in one schema."""
    return {n for (n,) in con.execute(f"select {kind}_name from duckdb_{kind}s() where not internal").fetchall()}


def _earlier_name(table: str) -> str:
    return f"earlier_{table}"
