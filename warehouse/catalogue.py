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
# How the names of steps between tables begin; a zone has those alone that a view of it stands on.
STEP = "int_"
CATALOGUE = "catalogue.json"


def write(folder: Path, database: Path, about: dict[str, str] | None = None, inner: Path | None = None) -> Path:
    """Write the tables of a zone's file beside it and point the link at them; views stay in the file, since what they
    read (scores) is Parquet already. `about`: table -> what it is; `inner`: the file of a zone whose tables are all in
    this one too, made of the same build, so that theirs are the same files. Returns the catalogue's folder.
    """
    target = _tables_folder(database)
    if not target.exists():
        aside = folder / f".{target.name}.{os.getpid()}"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        with together():
            tables = _write_tables(aside, database, about or {}, _tables_folder(inner) if inner else None)
            text = json.dumps({"content": database.stem, "tables": tables}, ensure_ascii=False, indent=1)
            atomic_write(aside / CATALOGUE, text)
        aside.rename(target)
        sync_folder(folder)
    flip_link(folder / LINK, target)
    _drop_old(folder, keep=target)
    return target


def _tables_folder(database: Path) -> Path:
    return database.with_name(f"{database.stem}.tables")


def _write_tables(
    folder: Path, database: Path, about: dict[str, str], same: Path | None = None
) -> list[dict[str, Any]]:
    """A file for each table, a link to it where the folder `same` has it; what the catalogue says of them."""
    tables = []
    with duckdb.connect(database, read_only=True) as con:
        found = con.execute("select table_name from duckdb_tables() where not internal order by 1").fetchall()
        for name in (n for (n,) in found if not n.startswith(STEP)):
            file = f"{name}.parquet"
            if same and (same / file).exists():
                os.link(same / file, folder / file)
            else:
                with atomic_path(folder / file) as aside:
                    con.execute(f"copy \"{name}\" to '{aside}' (format parquet, compression zstd)")
            columns = {c: kind for c, kind, *_ in con.execute(f'describe "{name}"').fetchall()}
            rows = con.execute(f'select count(*) from "{name}"').fetchall()[0][0]
            entry = {"table": name, "file": file, "rows": rows, "columns": columns}
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
