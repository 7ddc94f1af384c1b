"""The Parquet catalogue of a zone: a file a table and `catalogue.json`, for readers that know neither DuckDB nor SQL.

`serving/<zone>/parquet` is a link to the folder of what is served now; a reader that has opened it keeps what it has.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb

from warehouse.files import atomic_path, atomic_write, flip_link, sync_folder, together

LINK = "parquet"
CATALOGUE = "catalogue.json"


def write(folder: Path, database: Path, about: dict[str, str] | None = None) -> Path:
    """Write the tables of a zone's file beside it and point the link at them; views stay in the file, since what they
    read (scores) is Parquet already. `about`: table -> what it is. Returns the catalogue's folder.
    """
    target = folder / f"{database.stem}.tables"
    if not target.exists():
        aside = folder / f".{target.name}.{os.getpid()}"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        with together():
            tables = _write_tables(aside, database, about or {})
            text = json.dumps({"content": database.stem, "tables": tables}, ensure_ascii=False, indent=1)
            atomic_write(aside / CATALOGUE, text)
        aside.rename(target)
        sync_folder(folder)
    flip_link(folder / LINK, target)
    _drop_old(folder, keep=target)
    return target


def _write_tables(folder: Path, database: Path, about: dict[str, str]) -> list[dict[str, Any]]:
    """A file for each table, but for steps between tables; what the catalogue says of them."""
    tables = []
    with duckdb.connect(database, read_only=True) as con:
        found = con.execute("select table_name from duckdb_tables() where not internal order by 1").fetchall()
        for name in (n for (n,) in found if not n.startswith("int_")):
            with atomic_path(folder / f"{name}.parquet") as aside:
                con.execute(f"copy \"{name}\" to '{aside}' (format parquet, compression zstd)")
            columns = {c: kind for c, kind, *_ in con.execute(f'describe "{name}"').fetchall()}
            rows = con.execute(f'select count(*) from "{name}"').fetchall()[0][0]
            entry = {"table": name, "file": f"{name}.parquet", "rows": rows, "columns": columns}
            tables.append(entry | ({"about": about[name]} if about.get(name) else {}))
    return tables


def _drop_old(folder: Path, keep: Path) -> None:
    """Keep the current folder and the one before it, as long as somebody may be reading that one."""
    others = sorted((p for p in folder.glob("*.tables") if p != keep), key=lambda p: p.stat().st_mtime)
    for old in others[:-1]:
        shutil.rmtree(old, ignore_errors=True)
    for left in folder.glob(".*.tables.*"):
        if left.name.rpartition(".")[2] != str(os.getpid()):
            shutil.rmtree(left, ignore_errors=True)
