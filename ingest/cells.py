"""Rows of Python cells, as the parsers give them, to record batches of clean text, a block of rows at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from ingest.kernels import pc
from ingest.plain import clean_column

BLOCK_ROWS = 16_384
# A number cell keeps 15 digits. What needs more has lost its last ones already, and is written so that it shows.
EXACT_BELOW = 1e15
_NOTHING = pa.scalar(None, pa.string())


def schema(width: int) -> pa.Schema:
    """Columns `c0..cn` of text."""
    return pa.schema([(f"c{i}", pa.string()) for i in range(width)])


def blocks(rows: Iterable[Sequence[Any]], width: int) -> Iterator[pa.RecordBatch]:
    """Record batches of `width` text columns, null where blank; every row has `width` cells.

    Numbers become what the sheet shows (4.0 is 4); those of 16 and more digits are written with an exponent.
    """
    names, source = schema(width), iter(rows)
    while block := list(islice(source, BLOCK_ROWS)):
        columns = [_column(cells) for cells in zip(*block, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=names)


def with_errors(batch: pa.RecordBatch, first: int, errors: Mapping[tuple[int, int], str]) -> pa.RecordBatch:
    """Put the text of formula errors ((row, column), 0-based) into the batch that begins at row `first`."""
    columns = list(batch.columns)
    for i in sorted({c for _, c in errors if c < len(columns)}):
        cells = columns[i].to_pylist()
        for (row, column), text in errors.items():
            if column == i and 0 <= row - first < len(cells):
                cells[row - first] = text
        columns[i] = pa.array(cells, pa.string())
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _column(cells: Sequence[Any]) -> pa.Array:
    kinds = set(map(type, cells))
    if kinds == {str}:
        return clean_column(pa.array(cells, pa.string()))
    if kinds == {float}:
        return _numbers(pa.array(cells, pa.float64()))
    if kinds <= {str, float, int}:
        texts = pa.array([c if c.__class__ is str else None for c in cells], pa.string())
        numbers = pa.array([float(c) if c.__class__ is not str else None for c in cells], pa.float64())
        return pc.coalesce(clean_column(texts), _numbers(numbers))
    return clean_column(pa.array(list(map(_text, cells)), pa.string()))


def _numbers(column: pa.Array) -> pa.Array:
    large = pc.fill_null(pc.greater_equal(pc.abs(column), EXACT_BELOW), False)
    # Arrow writes 10000000000.0 with an exponent; as a whole number it is written out.
    whole = pc.fill_null(pc.and_(pc.equal(pc.floor(column), column), pc.invert(large)), False)
    digits = pc.cast(pc.cast(pc.if_else(whole, column, pa.scalar(None, pa.float64())), pa.int64()), pa.string())
    text = pc.coalesce(digits, pc.cast(column, pa.string()))
    if pc.any(large).as_py():
        shown = [f"{v:.16E}" if big else None for v, big in zip(column.to_pylist(), large.to_pylist(), strict=True)]
        text = pc.if_else(large, pa.array(shown, pa.string()), text)
    return text


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return str(_numbers(pa.array([float(cell)]))[0])
    if isinstance(cell, dt.datetime):
        # A day is a day, also where the program kept it with midnight.
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    return str(cell)


def filled_extent(batches: Sequence[pa.RecordBatch]) -> tuple[int, int]:
    """(rows up to the last one with a filled cell, columns up to the last one with a filled cell)."""
    rows = columns = seen = 0
    for batch in batches:
        for i, column in enumerate(batch.columns):
            if column.null_count == len(column):
                continue
            columns = max(columns, i + 1)
            if seen + len(column) > rows:
                rows = max(rows, seen + 1 + int(pc.max(pc.indices_nonzero(pc.is_valid(column))).as_py()))
        seen += batch.num_rows
    return rows, columns
