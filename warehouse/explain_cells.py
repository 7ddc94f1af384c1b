"""The raw cells of rows: file, sheet, row, column letter and the value that raw keeps of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

# Columns of raw that hold a person's pseudonym: the cell is named, the value never shown.
PERSON_SUFFIX = "_key"


def read_cells(
    con: duckdb.DuckDBPyConnection,
    raw: Path,
    rows: Sequence[dict[str, Any]],
    fields: Sequence[str],
    thing_fields: Sequence[str] = (),
) -> None:
    """Give each row its `cells`, taking `letter` and `column_map` from it. Of `a|b` the column the file has is shown.

    A cell is {field, column, value, tells_apart}; `column` is None where the file says it elsewhere (a title, a unit
    line), `tells_apart` is true of cells that say which thing the row is about.
    """
    letters = {r["submission_id"]: json.loads(r.pop("column_map") or "{}") for r in rows if r["column_map"]}
    for r in rows:
        r.pop("column_map", None)
        r["cells"] = []
    names = {n for f in (*fields, *thing_fields) for n in f.split("|")}
    for source in {r["source"] for r in rows if r["source"]}:
        of_source = [r for r in rows if r["source"] == source]
        schema = raw / source / "_schema.parquet"
        held = [n for n in pq.read_schema(schema).names if n in names] if schema.exists() else []
        values = _values(con, raw / source, of_source, held, schema)
        for r in of_source:
            has, letter = letters.get(r["submission_id"], {}), r["letter"]
            found = values.get((r["submission_id"], r["sheet"], r["row"], letter), {})
            for f in dict.fromkeys((*fields, *thing_fields)):
                name = _chosen(f, has, found)
                if name is None:
                    continue
                is_person = name.endswith(PERSON_SUFFIX)
                column = letter if letter and name == fields[0] else has.get(name)
                cell = {"field": "person" if is_person else name, "column": column}
                value = None if is_person else found[name]
                r["cells"].append({**cell, "value": value, "tells_apart": f in thing_fields})
    for r in rows:
        r.pop("letter")


def _chosen(text: str, letters: dict[str, str], found: dict[str, Any]) -> str | None:
    """Of the columns that may show a field, the first that the file has and fills; else the first that raw has."""
    options = [n for n in text.split("|") if n in found]
    filled = [n for n in options if n in letters and found[n] is not None]
    return next(iter([*filled, *(n for n in options if n in letters), *options]), None)


def _values(
    con: duckdb.DuckDBPyConnection, folder: Path, rows: Sequence[dict[str, Any]], held: Sequence[str], schema: Path
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Place of a row -> its raw values."""
    if not held or not rows:
        return {}
    is_unpivoted = "_column" in pq.read_schema(schema).names
    letter = "r._column" if is_unpivoted else "cast(null as varchar)"
    places = list(dict.fromkeys((r["submission_id"], r["sheet"], r["row"]) for r in rows))
    columns = ("submission_id", "sheet", "row_number")
    wanted = pa.table({name: [p[n] for p in places] for n, name in enumerate(columns)})
    con.register("wanted_place", wanted)
    found = con.execute(
        f"select r._submission_id, r._sheet, r._row, {letter}, {', '.join(f'r.{h}' for h in held)}"
        f" from read_parquet('{folder}/**/*.parquet', union_by_name = true, hive_partitioning = false) as r"
        " join wanted_place as w on r._submission_id = w.submission_id and r._row = w.row_number"
        " and r._sheet is not distinct from w.sheet"
    ).fetchall()
    con.unregister("wanted_place")
    return {tuple(r[:4]): dict(zip(held, r[4:], strict=True)) for r in found}
