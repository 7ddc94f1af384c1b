"""What a build keeps of the one before: exams of the same submissions, parameters, files and corrections.

What places them, rosters and registers, must be the same too for what is made of both; comparisons go by school year.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import DBT, references
from warehouse import reuse

FIRST, SECOND = ("2023-2024", "a" * 16), ("2024-2025", "b" * 16)
# source, period, scope, id
PINNED = [
    ("exam_scores", FIRST[0], f"{FIRST[1]}/7", "s1"),
    ("exam_scores", FIRST[0], f"{FIRST[1]}/8", "s2"),
    ("exam_parameters", FIRST[0], FIRST[1], "p1"),
    ("exam_scores", SECOND[0], f"{SECOND[1]}/8", "s3"),
    ("exam_parameters", SECOND[0], SECOND[1], "p2"),
    ("school_report", SECOND[0], "junior", "r1"),
]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    for year, exam in (FIRST, SECOND):
        folder = tmp_path / "raw" / "exam_scores" / f"school_year={year}" / f"exam_id={exam}"
        folder.mkdir(parents=True)
        (folder / "batch.parquet").write_bytes(b"scores")
    return tmp_path / "raw"


def a_database(path: Path, pinned: list[tuple[str, str, str, str]]) -> Path:
    with duckdb.connect(path) as con:
        columns = "source varchar, period varchar, scope varchar, submission_id varchar"
        con.execute(f"create table input_submission ({columns})")
        con.executemany("insert into input_submission values (?, ?, ?, ?)", pinned)
        con.execute("create table input_pin as select submission_id from input_submission")
    return path


def a_step(
    path: Path,
    raw: Path,
    before: Path | None,
    pinned: list[tuple[str, str, str, str]] | None = None,
    corrected: list[dict[str, str]] | None = None,
) -> dict[str, int]:
    """The start of a build on what an earlier one left."""
    reuse.begin(path, before)
    return reuse.carry(a_database(path, pinned or PINNED), raw, corrected or [])


def a_build(path: Path, raw: Path, corrected: list[dict[str, str]] | None = None) -> Path:
    """A finished build: states, and a row of each carried table for each exam; pairs are of both exams."""
    a_step(path, raw, None, corrected=corrected)
    with duckdb.connect(path) as con:
        for table in reuse.CARRIED:
            con.execute(f"create table {table} as select school_year, exam_id, 7 as n from input_exam_state")
        con.execute(
            f"create or replace table int_value_added__school_summed as select '{FIRST[0]}' as entry_year, "
            f"'{FIRST[1]}' as entry_exam_id, '{SECOND[0]}' as exit_year, '{SECOND[1]}' as exit_exam_id"
        )
        con.execute("create table dim_exam as select 1 as n")
        con.execute("create view stg_exam as select * from dim_exam")
    return path


def carried(path: Path) -> dict[str, int]:
    with duckdb.connect(path, read_only=True) as con:
        tables = {n for (n,) in con.execute("select table_name from duckdb_tables()").fetchall()}
        return {t: con.execute(f"select count(*) from {t}").fetchall()[0][0] for t in reuse.CARRIED if t in tables}


def changed(path: Path, what: str = "exam") -> list[tuple[str, ...]]:
    with duckdb.connect(path, read_only=True) as con:
        return con.execute(f"select * from input_changed_{what} order by all").fetchall()


def test_nothing_new_keeps_all_and_nothing_else(tmp_path: Path, raw: Path) -> None:
    before, after = a_build(tmp_path / "before.duckdb", raw), tmp_path / "after.duckdb"
    assert a_step(after, raw, before) == {"exams": 2, "kept": 2, "years_kept": 2}
    assert changed(after) == changed(after, "exam_year") == []
    assert carried(after) == {t: 1 if t == "int_value_added__school_summed" else 2 for t in reuse.CARRIED}
    with duckdb.connect(after, read_only=True) as con:
        assert con.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
        names = {n for (n,) in con.execute("select table_name from duckdb_tables()").fetchall()}
    # What dbt makes must not be there from the build before.
    assert names - set(reuse.CARRIED) == {
        "input_submission", "input_pin", "input_exam_state", "input_exam_setting", "input_changed_exam",
        "input_changed_exam_year",
    }  # fmt: skip


@pytest.mark.parametrize(
    "pinned",
    [
        [*PINNED, ("exam_scores", SECOND[0], f"{SECOND[1]}/9", "s4")],
        [(*p[:3], "s3again") if p[3] == "s3" else p for p in PINNED],
        [(*p[:3], "p2again") if p[3] == "p2" else p for p in PINNED],
    ],
    ids=["another sheet", "a sheet again", "other parameters"],
)
def test_an_exam_that_changed_is_made_anew_and_so_are_its_pairs_and_its_year(
    tmp_path: Path, raw: Path, pinned: list
) -> None:
    before, after = a_build(tmp_path / "before.duckdb", raw), tmp_path / "after.duckdb"
    assert a_step(after, raw, before, pinned) == {"exams": 2, "kept": 1, "years_kept": 1}
    assert changed(after) == [SECOND]
    assert changed(after, "exam_year") == [(SECOND[0],)]
    assert carried(after) == {t: 0 if t == "int_value_added__school_summed" else 1 for t in reuse.CARRIED}


def test_an_exam_more_leaves_the_others_of_its_year_but_not_their_comparisons(tmp_path: Path, raw: Path) -> None:
    before, after = a_build(tmp_path / "before.duckdb", raw), tmp_path / "after.duckdb"
    third = ("exam_scores", SECOND[0], "c" * 16 + "/7", "s5")
    assert a_step(after, raw, before, [*PINNED, third]) == {"exams": 3, "kept": 2, "years_kept": 1}
    assert changed(after) == [(SECOND[0], "c" * 16)]
    assert changed(after, "exam_year") == [(SECOND[0],)]
    found = carried(after)
    assert {found[t] for t in reuse.PLACED} == {2}
    assert {found[t] for t in reuse.COMPARED} == {1}


def test_an_exam_that_is_gone_leaves_no_row_and_no_comparison(tmp_path: Path, raw: Path) -> None:
    both = [*PINNED, ("exam_scores", FIRST[0], "d" * 16 + "/7", "s6")]
    before, after = tmp_path / "before.duckdb", tmp_path / "after.duckdb"
    a_step(before, raw, None, both)
    with duckdb.connect(before) as con:
        for table in reuse.CARRIED:
            con.execute(f"create table {table} as select school_year, exam_id from input_exam_state")
        con.execute(
            "create or replace table int_value_added__school_summed as select s.school_year as entry_year, "
            "s.exam_id as entry_exam_id, s.school_year as exit_year, s.exam_id as exit_exam_id from input_exam_state s"
        )
    assert a_step(after, raw, before) == {"exams": 2, "kept": 2, "years_kept": 1}
    assert changed(after) == []
    assert changed(after, "exam_year") == [(FIRST[0],)]
    assert carried(after) == {t: 1 if t in reuse.COMPARED else 2 for t in reuse.CARRIED}


def test_a_raw_file_that_was_written_anew_changes_its_exam(tmp_path: Path, raw: Path) -> None:
    before, after = a_build(tmp_path / "before.duckdb", raw), tmp_path / "after.duckdb"
    next(raw.rglob(f"*{SECOND[1]}*/batch.parquet")).write_bytes(b"other scores")
    a_step(after, raw, before)
    assert changed(after) == [SECOND]


@pytest.mark.parametrize("source", reuse.SETTING_SOURCES)
def test_a_roster_or_register_that_changed_keeps_sums_alone(tmp_path: Path, raw: Path, source: str) -> None:
    before = a_build(tmp_path / "before.duckdb", raw)
    ways: dict[str, dict[str, Any]] = {
        "submission": {"pinned": [*PINNED, (source, SECOND[0], "x", "n1")]},
        "correction": {"corrected": [{"correction_id": "c1", "source": source}]},
        "file": {},
    }
    for way, given in ways.items():
        if way == "file":
            (raw / source).mkdir()
            (raw / source / "batch.parquet").write_bytes(b"rows")
        after = tmp_path / f"{way}.duckdb"
        assert a_step(after, raw, before, **given) == {"exams": 2, "kept": 2, "years_kept": 0}, way
        assert set(carried(after)) == set(reuse.SUMS), way


@pytest.mark.parametrize("source", reuse.EXAM_SOURCES)
def test_a_declared_correction_of_scores_keeps_nothing(tmp_path: Path, raw: Path, source: str) -> None:
    before, after = a_build(tmp_path / "before.duckdb", raw), tmp_path / "after.duckdb"
    assert a_step(after, raw, before, corrected=[{"correction_id": "c1", "source": source}])["kept"] == 0
    assert carried(after) == {}


def test_a_correction_taken_back_keeps_nothing_of_the_corrected_build(tmp_path: Path, raw: Path) -> None:
    before = a_build(tmp_path / "before.duckdb", raw, [{"correction_id": "c1", "source": "exam_scores"}])
    assert a_step(tmp_path / "after.duckdb", raw, before)["kept"] == 0


def test_a_scope_that_names_no_exam_keeps_nothing(tmp_path: Path, raw: Path) -> None:
    before, after = a_build(tmp_path / "before.duckdb", raw), tmp_path / "after.duckdb"
    assert a_step(after, raw, before, [*PINNED, ("exam_scores", SECOND[0], "?", "s9")])["kept"] == 0
    assert carried(after) == {}


def test_a_build_of_before_there_were_states_keeps_nothing(tmp_path: Path, raw: Path) -> None:
    before, after = a_database(tmp_path / "before.duckdb", PINNED), tmp_path / "after.duckdb"
    assert a_step(after, raw, before)["kept"] == 0
    assert changed(after) == [FIRST, SECOND]


def test_a_build_that_was_not_closed_gives_nothing(tmp_path: Path, raw: Path) -> None:
    before, after = a_build(tmp_path / "before.duckdb", raw), tmp_path / "after.duckdb"
    before.with_name("before.duckdb.wal").write_bytes(b"")
    assert a_step(after, raw, before)["kept"] == 0


def sources_of(tables: tuple[str, ...]) -> set[str]:
    """Raw sources that models read, through all they refer to."""
    found, seen, waiting = set(), set(), list(tables)
    while waiting:
        model = waiting.pop()
        files = list((DBT / "models").rglob(f"{model}.sql"))
        if model not in seen and files:
            seen.add(model)
            found |= set(re.findall(r"\braw(?:_rows)?\('(\w+)'\)", files[0].read_text(encoding="utf-8")))
            waiting += references(model)
    return found


def test_states_are_of_all_that_the_models_read() -> None:
    assert sources_of(tuple(reuse.SUMS)) == set(reuse.EXAM_SOURCES)
    placed = sources_of((*reuse.PLACED, *reuse.COMPARED))
    assert placed == {*reuse.EXAM_SOURCES, *reuse.SETTING_SOURCES}
