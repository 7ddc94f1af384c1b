"""Which exams a build keeps from the one before: those of the same submissions, parameters, files and corrections."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

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


def a_build(path: Path, raw: Path, corrected: list[dict[str, str]] | None = None) -> Path:
    """A finished build: states, and a row of each carried table for each exam; pairs are of both exams."""
    reuse.carry(a_database(path, PINNED), raw, corrected or [], None)
    with duckdb.connect(path) as con:
        for table in ("int_exam_class__summed", "int_value_added__score_placed"):
            con.execute(f"create table {table} as select school_year, exam_id, 7 as n from input_exam_state")
        con.execute(
            f"create table int_value_added__school_summed as select '{FIRST[0]}' as entry_year, "
            f"'{FIRST[1]}' as entry_exam_id, '{SECOND[0]}' as exit_year, '{SECOND[1]}' as exit_exam_id"
        )
    return path


def carried(path: Path) -> dict[str, int]:
    with duckdb.connect(path, read_only=True) as con:
        tables = {n for (n,) in con.execute("select table_name from duckdb_tables()").fetchall()}
        return {t: con.execute(f"select count(*) from {t}").fetchall()[0][0] for t in reuse.CARRIED if t in tables}


def changed(path: Path) -> list[tuple[str, str]]:
    with duckdb.connect(path, read_only=True) as con:
        return con.execute("select * from input_changed_exam order by all").fetchall()


def test_nothing_new_keeps_all(tmp_path: Path, raw: Path) -> None:
    before = a_build(tmp_path / "before.duckdb", raw)
    after = a_database(tmp_path / "after.duckdb", PINNED)
    assert reuse.carry(after, raw, [], before) == {"exams": 2, "kept": 2}
    assert changed(after) == []
    assert set(carried(after)) == set(reuse.CARRIED)
    assert carried(after)["int_value_added__school_summed"] == 1


@pytest.mark.parametrize(
    "pinned",
    [
        [*PINNED, ("exam_scores", SECOND[0], f"{SECOND[1]}/9", "s4")],
        [(*p[:3], "s3again") if p[3] == "s3" else p for p in PINNED],
        [(*p[:3], "p2again") if p[3] == "p2" else p for p in PINNED],
    ],
    ids=["another sheet", "a sheet again", "other parameters"],
)
def test_an_exam_that_changed_is_made_anew_and_so_are_its_pairs(tmp_path: Path, raw: Path, pinned: list) -> None:
    before = a_build(tmp_path / "before.duckdb", raw)
    after = a_database(tmp_path / "after.duckdb", pinned)
    assert reuse.carry(after, raw, [], before) == {"exams": 2, "kept": 1}
    assert changed(after) == [SECOND]
    assert carried(after) == {
        "int_exam_class__summed": 1,
        "int_value_added__score_placed": 1,
        "int_value_added__school_summed": 0,
    }


def test_an_exam_that_is_gone_leaves_no_row(tmp_path: Path, raw: Path) -> None:
    before = a_build(tmp_path / "before.duckdb", raw)
    after = a_database(tmp_path / "after.duckdb", [p for p in PINNED if p[1] != FIRST[0]])
    assert reuse.carry(after, raw, [], before) == {"exams": 1, "kept": 1}
    with duckdb.connect(after, read_only=True) as con:
        assert con.execute("select distinct exam_id from int_exam_class__summed").fetchall() == [(SECOND[1],)]
    assert carried(after)["int_value_added__school_summed"] == 0


def test_a_raw_file_that_was_written_anew_changes_its_exam(tmp_path: Path, raw: Path) -> None:
    before = a_build(tmp_path / "before.duckdb", raw)
    next(raw.rglob(f"*{SECOND[1]}*/batch.parquet")).write_bytes(b"other scores")
    after = a_database(tmp_path / "after.duckdb", PINNED)
    reuse.carry(after, raw, [], before)
    assert changed(after) == [SECOND]


@pytest.mark.parametrize("source", ["exam_scores", "exam_parameters"])
def test_a_declared_correction_of_scores_keeps_nothing(tmp_path: Path, raw: Path, source: str) -> None:
    before = a_build(tmp_path / "before.duckdb", raw)
    after = a_database(tmp_path / "after.duckdb", PINNED)
    assert reuse.carry(after, raw, [{"correction_id": "c1", "source": source}], before)["kept"] == 0
    assert carried(after) == {}


def test_a_correction_taken_back_keeps_nothing_of_the_corrected_build(tmp_path: Path, raw: Path) -> None:
    before = a_build(tmp_path / "before.duckdb", raw, [{"correction_id": "c1", "source": "exam_scores"}])
    after = a_database(tmp_path / "after.duckdb", PINNED)
    assert reuse.carry(after, raw, [], before)["kept"] == 0


def test_a_scope_that_names_no_exam_keeps_nothing(tmp_path: Path, raw: Path) -> None:
    before = a_build(tmp_path / "before.duckdb", raw)
    after = a_database(tmp_path / "after.duckdb", [*PINNED, ("exam_scores", SECOND[0], "?", "s9")])
    assert reuse.carry(after, raw, [], before)["kept"] == 0
    assert carried(after) == {}


def test_a_build_of_before_there_were_states_keeps_nothing(tmp_path: Path, raw: Path) -> None:
    before = a_database(tmp_path / "before.duckdb", PINNED)
    after = a_database(tmp_path / "after.duckdb", PINNED)
    assert reuse.carry(after, raw, [], before)["kept"] == 0
