"""Declared corrections: applied to the one cell that still says what was said of it, and to no other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.conftest import settings_in
from warehouse import corrections
from warehouse.errors import SchoolhouseError
from warehouse.ledger import Ledger
from warehouse.postgres_load import _pinned_rows

HEADER = ",".join(corrections.FIELDS)
ROWS = """
    ('990201', '2024-2025', 's1', 'sheet', 5, '2199020001', '语文', 12, 'scored', 'k1'),
    ('990201', '2024-2025', 's1', 'sheet', 5, '2199020001', '数学', 95, 'scored', 'k1'),
    ('990201', '2024-2025', 's1', 'sheet', 6, '2199020002', '语文', 12, 'scored', 'k2'),
    ('990202', '2024-2025', 's2', 'sheet', 5, '2199020001', '语文', 12, 'scored', 'k3'),
    ('990201', '2024-2025', 'old', 'sheet', 5, '2199020001', '语文', 12, 'scored', 'k1')
"""
COLUMNS = "region_code, period, _submission_id, _sheet, _row, school_code, subject, score, score_status, student_key"


@pytest.fixture
def con(tmp_path: Path):
    """A raw source with two counties, a row of two marks, and a file that no longer counts."""
    folder = tmp_path / "raw" / "marks"
    folder.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(f"create table m as select * from (values {ROWS}) as t ({COLUMNS})")
        con.execute("alter table m alter score type decimal(8, 2)")
        con.execute(f"copy m to '{folder}/a.parquet'")
        con.execute("create table input_pin as select unnest(['s1', 's2']) as submission_id")
        yield con


def declared(**given: str) -> dict[str, str]:
    row = {
        "correction_id": "c1", "region_code": "990201", "source": "marks", "period": "2024-2025",
        "row_key": "school_code=2199020001;subject=语文", "column_name": "score",
        "from_value": "12", "to_value": "92.5", "reason": "录入错误", "provider": "教研室",
        "provided_on": "2025-07-01", "expires_on": "2026-06-30",
    }  # fmt: skip
    return row | given


def freeze(con: duckdb.DuckDBPyConnection, folder: Path, *rows: dict[str, str]) -> list[tuple]:
    corrections.freeze(con, folder / "raw", folder / "corrected", rows)
    return con.execute(
        "select correction_id, outcome, submission_id, row, found_value from input_correction"
    ).fetchall()


def test_one_cell_is_read_as_another_value(con, tmp_path: Path) -> None:
    assert freeze(con, tmp_path, declared()) == [("c1", "applied", "s1", 5, "12.00")]
    query = _pinned_rows(tmp_path / "raw" / "marks", tmp_path / "corrected")
    found = con.execute(f"select {COLUMNS} from ({query}) order by all").fetchall()
    wanted = con.execute(
        "select * replace (case when _submission_id = 's1' and _row = 5 and subject = '语文' then 92.5 else score end "
        "as score) from m where _submission_id <> 'old' order by all"
    ).fetchall()
    assert [(*r[:7], float(r[7]), *r[8:]) for r in found] == [(*r[:7], float(r[7]), *r[8:]) for r in wanted]
    raw = con.execute(f"select sum(score) from '{tmp_path}/raw/marks/a.parquet'").fetchone()
    assert float(raw[0]) == 12 * 4 + 95


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"from_value": "13"}, "healed"),
        ({"from_value": "12.0"}, "applied"),
        ({"row_key": "school_code=2199020001"}, "ambiguous"),
        ({"row_key": "school_code=2199020009"}, "no_row"),
        ({"region_code": "990203"}, "no_row"),
        ({"source": "nothing_sent"}, "no_row"),
        ({"period": "2023-2024"}, "no_row"),
        ({"column_name": "rank"}, "unknown_column"),
        ({"column_name": "student_key", "from_value": "k1"}, "unknown_column"),
        ({"row_key": "student_key=k1;subject=语文"}, "unknown_column"),
        ({"column_name": "_row", "from_value": "5"}, "unknown_column"),
        ({"to_value": "九十"}, "no_value"),
        ({"to_value": ""}, "applied"),
    ],
)
def test_what_becomes_of_a_correction(con, tmp_path: Path, given: dict[str, str], outcome: str) -> None:
    assert [r[1] for r in freeze(con, tmp_path, declared(**given))] == [outcome]
    assert corrections.corrected_sources(tmp_path / "corrected") == (["marks"] if outcome == "applied" else [])


def test_a_text_with_a_quote_is_a_text(con, tmp_path: Path) -> None:
    row = declared(column_name="score_status", from_value="scored", to_value="o'x'; drop table m")
    assert freeze(con, tmp_path, row)[0][1] == "applied"
    path = tmp_path / "corrected" / "marks.parquet"
    assert con.execute(f"select score_status from '{path}' where subject = '语文'").fetchall() == [(row["to_value"],)]


def register(folder: Path, *lines: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / corrections.FILE).write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


def line(**given: str) -> str:
    return ",".join(declared(**given)[name] for name in corrections.FIELDS)


def test_the_newest_word_counts_and_a_row_takes_it_back(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "home", tmp_path / "inbox", tmp_path / "registers")
    settings.prepare()
    ledger = Ledger.open(settings)
    register(tmp_path / "registers", line())
    assert (corrections.load(settings), corrections.load(settings)) == (1, 0)
    first = corrections.in_force(ledger)
    assert [c["to_value"] for c in first] == ["92.5"]
    register(tmp_path / "registers", line(), line(to_value="93", provided_on="2025-07-02"))
    corrections.load(settings)
    assert [c["to_value"] for c in corrections.in_force(ledger)] == ["93"]
    register(tmp_path / "registers", line(to_value="12", provided_on="2025-07-03"))
    corrections.load(settings)
    assert corrections.in_force(ledger) == []
    # An earlier build is made again with what it had.
    assert corrections.in_force(ledger, [first[0]["correction_id"]]) == first


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"row_key": "2199020001"}, "row_key"),
        ({"expires_on": "2026年6月"}, "expires_on"),
        ({"provider": ""}, "provider"),
        ({"column_name": "得分"}, "column_name"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_is_entered(tmp_path: Path, given: dict[str, str], says: str) -> None:
    settings = settings_in(tmp_path / "home", tmp_path / "inbox", tmp_path / "registers")
    settings.prepare()
    register(tmp_path / "registers", line(), line(**given))
    with pytest.raises(SchoolhouseError, match=says) as e:
        corrections.load(settings)
    assert "row 3" in e.value.line("en")
    assert corrections.in_force(Ledger.open(settings)) == []


def test_the_last_day_counts() -> None:
    assert not corrections.is_expired("2026-06-30", date(2026, 6, 30))
    assert corrections.is_expired("2026-06-30", date(2026, 7, 1))
