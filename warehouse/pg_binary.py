"""Rows as PostgreSQL's binary COPY wants them, made column by column from Arrow.

A row is the number of its fields, and each field its length and its bytes, all big-endian; NULL has length -1. Columns
whose fields are equally long in a batch lie side by side in one block of bytes; Arrow joins the blocks and the fields
of varying length row by row. No value becomes a Python object.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_NULL = -1
# Rows that are encoded together; a quarter of a megabyte for each column.
_BATCH_ROWS = 65_536
# What a pipe of any user may hold at most.
_PIPE_BYTES = 1 << 20
# PostgreSQL counts days and microseconds from 2000-01-01.
_EPOCH_DAYS = 10_957
_EPOCH_MICROSECONDS = _EPOCH_DAYS * 86_400_000_000
# A numeric is written in digits of four decimals.
_DIGIT = 10_000
_DIGIT_DECIMALS = 4
_INT64_DECIMALS = 18
_NEGATIVE = 0x4000

# DuckDB's type -> the type of the field's bytes.
_NUMBERS = {
    "TINYINT": ">i2",
    "UTINYINT": ">i2",
    "SMALLINT": ">i2",
    "USMALLINT": ">i4",
    "INTEGER": ">i4",
    "UINTEGER": ">i8",
    "BIGINT": ">i8",
    "FLOAT": ">f4",
    "DOUBLE": ">f8",
}
_TEXTS = ("VARCHAR", "BLOB")


def copy_rows(con: duckdb.DuckDBPyConnection, query: str, cursor: Any, into: str, *, freeze: bool = False) -> int:
    """Copy the rows of a DuckDB query into a table of PostgreSQL whose columns have the same names, order and types.

    `cursor` is psycopg2's. One thread encodes while the other sends and the server reads. Returns the number of
    rows. Raises duckdb.Error when the query fails, psycopg2.Error when the server refuses a row (nothing of
    the copy is then kept), and TypeError for a type that has no binary form here.
    """
    described = con.execute(f"describe {query}").fetchall()
    kinds = [row[1] for row in described]
    batches = con.sql(query).to_arrow_reader(_BATCH_ROWS)
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    faults: list[BaseException] = []

    def encode() -> None:
        with os.fdopen(writing, "wb", buffering=0) as out:
            try:
                _write(out, _SIGNATURE)
                for batch in _read(batches):
                    _write(out, encode_batch(batch, kinds))
                _write(out, _END)
            except BrokenPipeError:
                pass  # the server has refused a row, and says so itself
            except BaseException as fault:
                faults.append(fault)

    options = "format binary, freeze" if freeze else "format binary"
    thread = threading.Thread(target=encode, name="encode", daemon=True)
    thread.start()
    refused: BaseException | None = None
    try:
        with os.fdopen(reading, "rb", buffering=0) as rows:
            cursor.copy_expert(f"copy {into} from stdin ({options})", rows, size=_PIPE_BYTES)
    except Exception as fault:
        refused = fault
    thread.join()
    # The server takes a stream that ends early for a whole one: what ended it comes first.
    if fault := next(iter(faults), refused):
        raise fault
    return cursor.rowcount


def _read(batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except OSError as fault:
        # Arrow's name for what the engine said in the midst of a query.
        raise duckdb.Error(str(fault)) from fault


def _write(out: Any, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[out.write(view) :]


def encode_batch(batch: pa.RecordBatch, kinds: list[str]) -> memoryview | bytes:
    """The rows of a batch, without head and end; `kinds` are DuckDB's names of the columns' types."""
    n = batch.num_rows
    if not n:
        return b""
    count = _same_bytes(len(kinds), ">i2", n)
    parts: list[pa.Array] = []
    block = [count]
    for column, kind in zip(batch.columns, kinds, strict=True):
        for piece in _field(column, kind):
            if isinstance(piece, np.ndarray):
                block.append(piece)
            else:
                parts += [*_closed(block), piece]
                block = []
    parts += _closed(block)
    if len(parts) == 1:
        return memoryview(parts[0].buffers()[2])
    joined = pc.call_function(
        "binary_join_element_wise", [*parts, pa.scalar(b"", pa.binary())], pc.JoinOptions(null_handling="replace")
    )
    first, last = (int(np.frombuffer(joined.buffers()[1], np.int32)[joined.offset + i]) for i in (0, n))
    return memoryview(joined.buffers()[2])[first:last]


def _closed(block: list[np.ndarray]) -> list[pa.Array]:
    """The pieces of a block side by side, each (n, width) bytes, as one binary array; nothing where there are none."""
    if not block:
        return []
    n = len(block[0])
    widths = [piece.shape[1] for piece in block]
    # One word of a piece's width is moved at a time, not byte after byte.
    rows = np.empty(n, [(f"piece_{i}", _word(width)) for i, width in enumerate(widths)])
    for i, piece in enumerate(block):
        rows[f"piece_{i}"] = (piece if piece.strides[0] else piece[:1]).view(_word(widths[i]))[:, 0]
    offsets = np.arange(n + 1, dtype=np.int32) * rows.itemsize
    return [pa.Array.from_buffers(pa.binary(), n, [None, pa.py_buffer(offsets), pa.py_buffer(rows)])]


def _word(width: int) -> str:
    return f"u{width}" if width in (1, 2, 4, 8) else f"V{width}"


def _field(column: pa.Array, kind: str) -> Iterator[np.ndarray | pa.Array]:
    """Length and bytes of a column's fields: arrays of (n, width) bytes, and binary where lengths vary."""
    n = len(column)
    if kind in _TEXTS:
        binary = column.cast(pa.binary())
        lengths = pc.call_function("binary_length", [binary]).fill_null(_NULL).to_numpy(zero_copy_only=False)
        offsets = np.frombuffer(binary.buffers()[1], np.int32)[binary.offset : binary.offset + n + 1]
        first, last = int(offsets[0]), int(offsets[-1])
        if (lengths == lengths[0]).all():
            yield _same_bytes(int(lengths[0]), ">i4", n)
            if last > first:
                yield np.frombuffer(binary.buffers()[2], np.uint8)[first:last].reshape(n, -1)
        else:
            yield _bytes(lengths.astype(">i4"))
            yield binary
        return
    values = _fixed(column, kind)
    width = values.shape[1]
    if not column.null_count:
        yield _same_bytes(width, ">i4", n)
        yield values
        return
    known = column.is_valid().to_numpy(zero_copy_only=False)
    yield _bytes(np.where(known, width, _NULL).astype(">i4"))
    if known.any():
        ends = np.concatenate([[0], np.cumsum(known, dtype=np.int32) * width]).astype(np.int32)
        data = np.ascontiguousarray(values[known])
        yield pa.Array.from_buffers(pa.binary(), n, [None, pa.py_buffer(ends), pa.py_buffer(data)])


def _same_bytes(value: int, kind: str, n: int) -> np.ndarray:
    """The bytes of one number for n rows, which lie in memory once."""
    return np.broadcast_to(np.array([value], kind).view(np.uint8), (n, np.dtype(kind).itemsize))


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).view(np.uint8).reshape(len(values), -1)


def _fixed(column: pa.Array, kind: str) -> np.ndarray:
    """(n, width) bytes of values that are equally long; where one is NULL the bytes mean nothing."""
    if kind in _NUMBERS:
        return _bytes(_numpy(column).astype(_NUMBERS[kind]))
    if kind == "BOOLEAN":
        return _bytes(_numpy(column.cast(pa.uint8())))
    if kind == "DATE":
        return _bytes((_numpy(column.cast(pa.int32())) - _EPOCH_DAYS).astype(">i4"))
    if kind in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        return _bytes((_numpy(column.cast(pa.int64())) - _EPOCH_MICROSECONDS).astype(">i8"))
    if kind == "UBIGINT":
        return _numeric(column.cast(pa.decimal128(20, 0)), 0)
    if kind.startswith(("DECIMAL", "HUGEINT")):
        return _numeric(column, column.type.scale)
    raise TypeError(f"no binary form for a column of type {kind}")


def _numpy(column: pa.Array) -> np.ndarray:
    if column.null_count:
        column = column.fill_null(0)
    return column.to_numpy(zero_copy_only=False)


def _numeric(column: pa.Array, scale: int) -> np.ndarray:
    """Numerics with as many digits for each value as the greatest needs; the server strips zeros at either end."""
    magnitude, negative = _magnitude(column)
    # The last digit behind the point may hold fewer than four decimals.
    behind, partly = -(-scale // _DIGIT_DECIMALS), scale % _DIGIT_DECIMALS
    whole, rest = magnitude // 10**scale, magnitude % 10**scale
    before = max(1, -(-len(str(int(whole.max()))) // _DIGIT_DECIMALS))
    words = np.empty((len(column), 4 + before + behind), ">i2")
    words[:, 0] = before + behind
    words[:, 1] = before - 1
    words[:, 2] = np.where(negative, _NEGATIVE, 0)
    words[:, 3] = scale
    for place in range(before - 1, -1, -1):
        whole, words[:, 4 + place] = whole // _DIGIT, whole % _DIGIT
    if partly:
        last, behind = 10**partly, behind - 1
        words[:, -1] = rest % last * (_DIGIT // last)
        rest = rest // last
    for place in range(before + behind - 1, before - 1, -1):
        rest, words[:, 4 + place] = rest // _DIGIT, rest % _DIGIT
    return _bytes(words)


def _magnitude(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The unscaled values without sign, and which are negative: as 64 bits, or as Python's where these are short."""
    words = np.frombuffer(column.buffers()[1], np.int64).reshape(-1, 2)[column.offset : column.offset + len(column)]
    if column.null_count:
        words = np.where(column.is_valid().to_numpy(zero_copy_only=False)[:, None], words, 0)
    low, high = words[:, 0], words[:, 1]
    limit = 10**_INT64_DECIMALS
    if ((high == low >> 63) & (low > -limit) & (low < limit)).all():
        return np.abs(low), low < 0
    values = high.astype(object) * 2**64 + low.view(np.uint64).astype(object)
    return np.abs(values), np.array(values < 0, bool)
