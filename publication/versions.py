"""Version numbers and the difference between two editions of one region and school year.

Major: something that could be looked up is gone (a data set, a column, a row's key). Minor: something was added or a
value changed. Patch: only wording changed (labels, notes, the report). What is key, value or wording is a column's role
in the dictionary.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from publication import dictionary
from publication.datasets import DataSet

FIRST = "v1.0.0"
_SHAPE = re.compile(r"v(\d+)\.(\d+)\.(\d+)")
_EXAMPLES = 20
# Data sets that only describe the others: whatever happens to their rows is wording.
_WORDING = ("footnotes", "codebook")


def editions(folder: Path) -> list[Path]:
    """Version folders under `editions/<region>/<school_year>`, oldest first."""
    found = [p for p in folder.iterdir() if p.is_dir() and _SHAPE.fullmatch(p.name)] if folder.exists() else []
    gone = set(withdrawn(folder))
    return sorted((p for p in found if p.name not in gone), key=lambda p: number(p.name))


def tombstone(folder: Path, version: str) -> Path:
    """Where the tombstone of a withdrawn version stands."""
    return folder / f"{version}.withdrawn.json"


def withdrawn(folder: Path) -> list[str]:
    """Versions that were withdrawn, oldest first."""
    found = [p.name.removesuffix(".withdrawn.json") for p in folder.glob("v*.withdrawn.json")]
    return sorted((v for v in found if _SHAPE.fullmatch(v)), key=number)


def unused(folder: Path, previous: str | None, level: str) -> str:
    """The next number that no version ever had, withdrawn ones included."""
    version = next_version(previous, level)
    gone = withdrawn(folder)
    while gone and number(version) <= number(gone[-1]):
        version = next_version(gone[-1] if previous is None else max(previous, gone[-1], key=number), level)
    return version


def number(version: str) -> tuple[int, ...]:
    match = _SHAPE.fullmatch(version)
    return tuple(int(n) for n in match.groups()) if match else (0, 0, 0)


def next_version(previous: str | None, level: str) -> str:
    if previous is None:
        return FIRST
    major, minor, patch = number(previous)
    if level == "major":
        return f"v{major + 1}.0.0"
    return f"v{major}.{minor + 1}.0" if level == "minor" else f"v{major}.{minor}.{patch + 1}"


def compare(old_data: Path, sets: list[DataSet]) -> list[dict[str, Any]]:
    """What differs between the Parquet files of `old_data` and `sets`: one entry per data set that differs.

    An entry has `dataset`, `level`, `columns_added`, `columns_removed`, counts `rows_added`, `rows_removed`,
    `rows_changed` (a value), `rows_reworded` (a label), and up to 20 example keys of each.
    """
    new = {s.name: s for s in sets}
    old = {p.stem: p for p in sorted(old_data.glob("*.parquet"))}
    entries = []
    with duckdb.connect() as connection:
        for name in sorted({*old, *new}):
            if name not in new:
                entries.append({"dataset": name, "level": "patch" if name in _WORDING else "major", "removed": True})
            elif name not in old:
                entries.append({"dataset": name, "level": "patch" if name in _WORDING else "minor", "added": True})
            elif entry := _compare_one(connection, new[name], old[name]):
                entries.append(entry)
    return entries


def level_of(entries: list[dict[str, Any]]) -> str:
    """The highest level among the entries; `patch` when there is none (the report or the verdict changed)."""
    levels = {e["level"] for e in entries}
    return next((level for level in ("major", "minor") if level in levels), "patch")


def changes(
    previous: str | None, level: str, entries: list[dict[str, Any]], verdicts: tuple[str | None, str]
) -> dict[str, Any]:
    """Content of changes.json: the summary against the version before."""
    return {
        "previous_version": previous,
        "level": level,
        "verdict": {"previous": verdicts[0], "current": verdicts[1]},
        "datasets": entries,
    }


def _compare_one(connection: duckdb.DuckDBPyConnection, new: DataSet, old_path: Path) -> dict[str, Any] | None:
    old_table = pq.ParquetFile(old_path).read()
    old_names, new_names = old_table.column_names, [c for c, _ in new.columns]
    shared = [c for c in new_names if c in old_names]
    roles = {c: dictionary.describe(new.name, c, t).role for c, t in new.columns}
    key = [c for c in shared if roles[c] == "key"]
    entry: dict[str, Any] = {
        "dataset": new.name,
        "columns_added": [c for c in new_names if c not in old_names],
        "columns_removed": [c for c in old_names if c not in new_names],
    }
    groups = {
        "rows_changed": [c for c in shared if roles[c] == "value"],
        "rows_reworded": [c for c in shared if roles[c] == "label"],
    }
    entry |= _compare_rows(connection, old_table, new.table, key, groups)
    if not any(entry[k] for k in entry if k not in ("dataset", "examples")):
        return None
    if new.name in _WORDING:
        entry["level"] = "patch"
    elif entry["columns_removed"] or entry["rows_removed"]:
        entry["level"] = "major"
    elif entry["columns_added"] or entry["rows_added"] or entry["rows_changed"]:
        entry["level"] = "minor"
    else:
        entry["level"] = "patch"
    return entry


def _compare_rows(
    connection: duckdb.DuckDBPyConnection,
    old_table: pa.Table,
    new_table: pa.Table,
    key: list[str],
    groups: dict[str, list[str]],
) -> dict[str, Any]:
    """Counts and example keys. Rows are paired by key, and within one key by their order, as text."""
    others = [c for columns in groups.values() for c in columns]
    picked = ", ".join(f'cast("{c}" as varchar) as "{c}"' for c in [*key, *others]) or "1 as one"
    by_key = ", ".join(f'"{c}"' for c in key) or "1"
    by_all = ", ".join(f'"{c}"' for c in others) or "1"
    for name, table in (("old_rows", old_table), ("new_rows", new_table)):
        connection.register("table_in", table)
        connection.execute(
            f"create or replace temp table {name} as select *, row_number() over"
            f" (partition by {by_key} order by {by_all}) as _pair from (select {picked} from table_in)"
        )
        connection.unregister("table_in")
    same = " and ".join([f'o."{c}" is not distinct from n."{c}"' for c in key] + ["o._pair = n._pair"])
    result: dict[str, Any] = {"examples": {}}

    def count(kind: str, source: str, alias: str) -> None:
        keys = ", ".join(f'{alias}."{c}"' for c in key) or "1"
        result[kind] = connection.execute(f"select count(*) from {source}").fetchall()[0][0]
        if result[kind] and key:
            rows = connection.execute(f"select {keys} from {source} order by {keys} limit {_EXAMPLES}").fetchall()
            result["examples"][kind] = [
                {c: v for c, v in zip(key, row, strict=True) if v not in (None, "")} for row in rows
            ]

    count("rows_added", f"new_rows n anti join old_rows o on {same}", "n")
    count("rows_removed", f"old_rows o anti join new_rows n on {same}", "o")
    for kind, columns in groups.items():
        differs = " or ".join(f'o."{c}" is distinct from n."{c}"' for c in columns) or "false"
        count(kind, f"new_rows n join old_rows o on {same} where {differs}", "n")
    return result
