"""The exam marts' benchmark on a small house: both sides the same, and what a step keeps equal to a full build."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks import marts, peers
from benchmarks.marts_data import SUBJECTS, Shape, add_exam, make
from warehouse.ledger import Ledger
from warehouse.settings import Settings

SMALL = 100_000


def test_differences_tell_a_row_a_value_and_a_column(tmp_path: Path) -> None:
    def a_file(name: str, query: str) -> Path:
        with duckdb.connect(tmp_path / name) as con:
            con.execute(f"create table t as {query}")
        return tmp_path / name

    left = a_file("left", "select 1 as k, 0.1::double as v union all select 2, 0.3")
    same = a_file("same", "select 1 as k, 0.1::double as v union all select 2, 0.1::double + 0.2")
    other = a_file("other", "select 1 as k, 0.1::double as v union all select 2, 0.3001")
    fewer = a_file("fewer", "select 1 as k, 0.1::double as v")
    wider = a_file("wider", "select 1 as k, 0.1::double as v, 1 as w union all select 2, 0.3, 1")
    empty = a_file("empty", "select 1 as k, 0.1::double as v where false")
    assert marts.differences(left, same, ("t",)) == {}
    for wrong in (other, fewer, wider):
        assert list(marts.differences(left, wrong, ("t",))) == ["t"]
    # Two tables without a row prove nothing.
    assert marts.differences(empty, empty.with_name("empty"), ("t",))


def test_a_made_house_is_what_the_ledger_says(tmp_path: Path) -> None:
    shape = Shape(2, 2)
    assert make(tmp_path, shape) == shape.rows == 2 * 450 * len(SUBJECTS) * 2
    assert add_exam(tmp_path, shape, 2) == shape.rows / 2
    settings = Settings.load({"SCHOOLHOUSE_HOME": str(tmp_path)})
    current = Ledger.open(settings).current(sources=["exam_scores"])
    with duckdb.connect() as con:
        raw = f"read_parquet('{settings.raw}/exam_scores/**/*.parquet', hive_partitioning = false)"
        found = con.execute(f"select _submission_id, count(distinct _row) from {raw} group by 1 order by 1").fetchall()
        repeated = con.execute(
            f"select count(*) - count(distinct (exam_id, student_key, subject)) from {raw}"
        ).fetchall()
    assert sorted((s["submission_id"], s["rows_accepted"]) for s in current) == found
    assert len(found) == 2 * 3 * 3
    assert repeated == [(0,)]


@pytest.mark.slow
def test_both_sides_write_the_same_tables(tmp_path: Path) -> None:
    told = marts.compare_marts(SMALL, tmp_path)
    assert told["tables_equal"] == len(marts.MARTS)


@pytest.mark.slow
def test_what_a_step_keeps_is_what_a_full_build_makes(tmp_path: Path) -> None:
    told = marts.compare_steps(SMALL, tmp_path)
    assert told["added"]["kept"] == told["corrected"]["kept"] == 20
    assert told["added_full"]["kept"] == told["corrected_full"]["kept"] == 0


@pytest.mark.slow
def test_engines_agree_on_one_aggregation(tmp_path: Path) -> None:
    told = peers.measure(SMALL, ["pandas"], tmp_path)
    assert told["groups"] == 2 * 20 * 3 * len(SUBJECTS)


def test_a_group_that_differs_is_not_the_same(tmp_path: Path) -> None:
    columns = ", ".join(f"0.5::double as {c}" for c in peers.COLUMNS[4:])
    keys = "'s' as school_code, 'e' as exam_id, 7 as grade, '语文' as subject"
    with duckdb.connect() as con:
        for name, lift in (("left", 0), ("right", 0), ("wrong", 1e-6)):
            query = f"select {keys}, {columns}".replace("0.5::double as mean", f"0.5 + {lift}::double as mean")
            con.execute(f"copy ({query}) to '{tmp_path / name}' (format parquet)")
    assert peers.same(tmp_path / "left", tmp_path / "right") == (1, 1)
    assert peers.same(tmp_path / "left", tmp_path / "wrong") == (1, 0)
