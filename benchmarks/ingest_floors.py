"""The least that any reader of these files must do: what the ratios of the ingest benchmark are measured against."""

from __future__ import annotations

import csv
import hmac
import io
from hashlib import sha256
from pathlib import Path

import duckdb
import python_calamine as calamine

from benchmarks.ingest_files import HEADER, SUBJECTS

KEY = bytes(32)


def csv_floor(folder: Path) -> int:
    """Decode, read with DuckDB, unpivot, cast, write Parquet; and one HMAC per pupil. No check, no origin, no order.

    Returns the number of marks written.
    """
    source, plain, target = folder / "big" / "scores.csv", folder / "floor.csv", folder / "floor.parquet"
    plain.write_bytes(source.read_bytes().decode("gb18030").encode())
    con = duckdb.connect()
    names = "{" + ", ".join(f"'{h}': 'VARCHAR'" for h in HEADER) + "}"
    con.execute(
        f"CREATE TABLE wide AS SELECT * FROM read_csv('{plain}', skip = 2, header = false, columns = {names}, "
        "delim = ',', quote = '\"')"
    )
    people = con.execute("SELECT 学籍号 FROM wide").fetchall()
    keys = [hmac.digest(KEY, i.encode(), sha256).hex() for (i,) in people]
    marks = ", ".join(SUBJECTS)
    con.execute(
        "COPY (SELECT 学籍号, 学校标识码, 年级, 班级, 性别, subject, try_cast(mark AS DECIMAL(8,2)) AS score, mark "
        f"FROM wide UNPIVOT INCLUDE NULLS (mark FOR subject IN ({marks}))) TO '{target}' (COMPRESSION zstd)"
    )
    found = con.execute(f"SELECT count(*) FROM '{target}'").fetchall()[0][0]
    if len(set(keys)) != len(people):
        raise ValueError("two pupils have one key")
    plain.unlink()
    target.unlink()
    return found


def xlsx_floor(folder: Path) -> int:
    """Calamine's bare read of a workbook to Python rows. Returns the number of rows."""
    return sum(
        len(book.get_sheet_by_name(name).to_python())
        for path in sorted((folder / "big").glob("*.xlsx"))
        for book in [calamine.CalamineWorkbook.from_path(path)]
        for name in book.sheet_names
    )


def small_floor(folder: Path) -> int:
    """The same files one after another: calamine for the workbooks, Python's csv for the text. Returns the rows."""
    rows = 0
    for path in sorted((folder / "big").iterdir()):
        if path.suffix == ".xlsx":
            book = calamine.CalamineWorkbook.from_path(path)
            rows += sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
        else:
            rows += len(list(csv.reader(io.StringIO(path.read_bytes().decode("gb18030"), newline=""))))
    return rows
