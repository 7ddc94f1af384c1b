"""No identifier of a person leaves the identity zone: planted pupils are searched for in the whole home."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.conftest import COUNTY, Home
from tests.test_end_to_end import publish_year

IDENTITY_ZONE = {"landing", "quarantine", "vault", "inbox"}


def _texts(path: Path) -> Iterator[bytes | pa.ChunkedArray]:
    """What a file says: text columns of a Parquet or DuckDB file (their bytes are compressed), else its bytes."""
    if path.suffix == ".parquet":
        tables = [pq.read_table(path)]
    elif path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as con:
            names = con.execute("select table_name from duckdb_tables() where not internal").fetchall()
            tables = [con.sql(f'select * from "{name}"').to_arrow_table() for (name,) in names]
    else:
        yield path.read_bytes()
        return
    for table in tables:
        for column in table.columns:
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                yield column


def _says(path: Path, word: str) -> bool:
    return any(
        word.encode() in text if isinstance(text, bytes) else pc.any(pc.match_substring(text, word)).as_py()
        for text in _texts(path)
    )


def _files(home: Path, *, identity: bool) -> list[Path]:
    files = (p for p in home.rglob("*") if p.is_file() and not p.is_symlink())
    return [p for p in files if (p.relative_to(home).parts[0] in IDENTITY_ZONE) is identity]


@pytest.fixture(scope="module")
def canaries(county_files: Path) -> list[str]:
    """Names, and identifiers without the prefix that a form may drop."""
    with (county_files / "defects.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["check_id"] == "canary"]
    return sorted({r["what"].split()[-1] for r in rows} | {r["entity_id"].removeprefix("G") for r in rows})


def test_planted_pupils_are_found_nowhere_outside_the_identity_zone(county_home: Home, canaries: list[str]) -> None:
    publish_year(county_home.settings, COUNTY, "2024-2025")
    home = county_home.settings.home
    assert canaries
    open_files = _files(home, identity=False)
    assert {p.relative_to(home).parts[0] for p in open_files} >= {"raw", "build", "serving", "editions", "ledger"}
    found = [(word, str(p.relative_to(home))) for word in canaries for p in open_files if _says(p, word)]
    assert not found


def test_the_search_sees_what_is_there(county_home: Home, canaries: list[str], tmp_path: Path) -> None:
    """The same search finds the planted pupils in landing, and in a Parquet and a DuckDB file."""
    word = canaries[0]
    parquet, database = tmp_path / "a.parquet", tmp_path / "a.duckdb"
    pq.write_table(pa.table({"x": [f"n:{word}"]}), parquet)
    with duckdb.connect(database) as con:
        con.execute("create table t as select ? as x", [word])
    assert _says(parquet, word)
    assert _says(database, word)
    home = county_home.settings.home
    assert any(_says(p, w) for w in canaries for p in _files(home, identity=True))
    assert (home / "landing").stat().st_mode & 0o077 == 0
