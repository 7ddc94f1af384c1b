"""Two versions of a file, row by row: which row became which, and which cells of it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ingest.documents import Document
from ingest.kernels import pc

# A number is compared as a number however it is written; codes with leading zeros are texts.
_NUMBER = r"^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,6})?$"


@dataclass(frozen=True)
class Pair:
    """A data row of the old file, its row in the new file (None: gone), and the columns whose cells differ."""

    sheet: str
    row: int
    new_sheet: str | None
    new_row: int | None
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """`pairs`: old rows that are not the same in the new file, by (sheet, row); `same`: places of those that are,
    with their new place; `added`: (sheet, row) of rows that the old file did not have."""

    pairs: Mapping[tuple[str, int], Pair]
    same: Mapping[tuple[str, int], tuple[str, int]]
    added: Sequence[tuple[str, int]]


def compare_rows(old: Document, new: Document, wanted: Sequence[tuple[str, int]]) -> Comparison:
    """Compare the data rows of two files of one contract. `wanted`: old places whose new place is asked for.

    Rows are matched when all cells agree, else by the contract's key, else by their place between matched rows.
    """
    columns = sorted({n for d in (old, new) for n in _columns(d)})
    keys = [k for k in old.contract.row_key if k in columns]
    with duckdb.connect() as con:
        for name, document in (("old", old), ("new", new)):
            con.register(f"{name}_in", _table(document, columns))
            body = ", ".join(f"coalesce({_plain(i)}, '')" for i in range(len(columns)))
            key = ", ".join(f"coalesce({_plain(columns.index(k))}, '')" for k in keys) or "NULL"
            con.execute(
                f"CREATE TABLE {name} AS SELECT *, row_number() OVER (ORDER BY sheet_ix, _row) AS id,"
                f" concat_ws(chr(31), {body}) AS body, nullif(concat_ws(chr(31), {key}), '') AS key FROM {name}_in"
            )
        con.execute("CREATE TABLE match (old_id BIGINT, new_id BIGINT)")
        _match(con, "body")
        if keys:
            _match(con, "key")
        _match_places(con)
        return _comparison(con, columns, wanted)


def _match(con: duckdb.DuckDBPyConnection, by: str) -> None:
    """Pair the rows that are left and agree in `by`, the first with the first."""
    left = (
        "SELECT id, {by}, row_number() OVER (PARTITION BY {by} ORDER BY id) AS nth FROM {side} WHERE {by} IS NOT NULL"
    )
    left += " AND id NOT IN (SELECT {side}_id FROM match)"
    con.execute(
        f"INSERT INTO match SELECT o.id, n.id FROM ({left.format(by=by, side='old')}) o"
        f" JOIN ({left.format(by=by, side='new')}) n USING ({by}, nth)"
    )


def _match_places(con: duckdb.DuckDBPyConnection) -> None:
    """Pair the rows that are left by their place: the nth after the same matched row of the same sheet."""

    def placed(side: str) -> str:
        # Counted in old rows on both sides: the last matched row at or above this one.
        return f"""
            SELECT id, sheet_ix, anchor, row_number() OVER (PARTITION BY sheet_ix, anchor ORDER BY id) AS nth FROM (
                SELECT s.id, s.sheet_ix, m.old_id AS known, coalesce(last_value(m.old_id IGNORE NULLS) OVER (
                    PARTITION BY s.sheet_ix ORDER BY s.id ROWS UNBOUNDED PRECEDING), 0) AS anchor
                FROM {side} s LEFT JOIN match m ON m.{side}_id = s.id
            ) WHERE known IS NULL"""

    con.execute(
        f"INSERT INTO match SELECT o.id, n.id FROM ({placed('old')}) o JOIN ({placed('new')}) n"
        " USING (sheet_ix, anchor, nth)"
    )


def _comparison(con: duckdb.DuckDBPyConnection, columns: list[str], wanted: Sequence[tuple[str, int]]) -> Comparison:
    differs = ", ".join(
        f"CASE WHEN {_plain(i, 'o')} IS DISTINCT FROM {_plain(i, 'n')} THEN {i} END" for i in range(len(columns))
    )
    pairs = {
        (sheet, row): Pair(sheet, row, new_sheet, new_row, tuple(columns[i] for i in cells or ()))
        for sheet, row, new_sheet, new_row, cells in con.execute(
            "SELECT o.sheet, o._row, n.sheet, n._row,"
            f" CASE WHEN n.id IS NULL THEN [] ELSE list_filter([{differs}], lambda x: x IS NOT NULL) END"
            " FROM old o LEFT JOIN match m ON m.old_id = o.id LEFT JOIN new n ON n.id = m.new_id"
            " WHERE n.id IS NULL OR o.body <> n.body ORDER BY o.id"
        ).fetchall()
    }
    con.register("wanted", pa.table({"s": [w[0] for w in wanted], "r": pa.array([w[1] for w in wanted], pa.int64())}))
    same = {
        (sheet, row): (new_sheet, new_row)
        for sheet, row, new_sheet, new_row in con.execute(
            "SELECT DISTINCT o.sheet, o._row, n.sheet, n._row FROM old o JOIN match m ON m.old_id = o.id"
            " JOIN new n ON n.id = m.new_id JOIN wanted w ON w.s = o.sheet AND w.r = o._row WHERE o.body = n.body"
        ).fetchall()
    }
    added = con.execute("SELECT sheet, _row FROM new WHERE id NOT IN (SELECT new_id FROM match) ORDER BY id").fetchall()
    return Comparison(pairs, same, added)


def _columns(document: Document) -> dict[str, int]:
    """Name -> column index, over the sheets that are loaded: fields, spread values, and columns nobody asked for."""
    found: dict[str, int] = {}
    for _, _, layout in document.loaded:
        found |= {**layout.fields, **layout.spread, **{f"+{h}": i for h, i in layout.extras.items()}}
    return found


def _table(document: Document, columns: Sequence[str]) -> pa.Table:
    """The data rows: sheet_ix (among the loaded), sheet, _row and `c0..cn`, one text column for each name."""
    parts = []
    for sheet_ix, (_, reading, layout) in enumerate(document.loaded):
        index = pc.indices_nonzero(pc.equal(reading.classes, "data"))
        own = {**layout.fields, **layout.spread, **{f"+{h}": i for h, i in layout.extras.items()}}
        table, n = reading.sheet.table, len(index)
        cells = {
            f"c{i}": table.column(own[name]).take(index) if name in own else pa.nulls(n, pa.string())
            for i, name in enumerate(columns)
        }
        place = {
            "sheet_ix": pa.repeat(pa.scalar(sheet_ix, pa.int32()), n),
            "sheet": pa.repeat(pa.scalar(reading.name, pa.string()), n),
            "_row": pc.cast(pc.add(index, 1), pa.int64()),
        }
        parts.append(pa.table({**place, **cells}))
    return pa.concat_tables(parts)


def _plain(column: int, side: str = "") -> str:
    """A cell as it is compared."""
    cell = f"{side}.c{column}" if side else f"c{column}"
    number = f"CAST(CAST({cell} AS DECIMAL(28,6)) AS VARCHAR)"
    return f"CASE WHEN regexp_matches({cell}, '{_NUMBER}') THEN {number} ELSE {cell} END"
