"""Bytes to sheets of clean text: what a file is, is told by its content, never by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ingest import containers, delimited, workbooks
from ingest.cells import blocks, filled_extent, schema
from ingest.delimited import decode
from ingest.limits import Limits
from ingest.refusals import Refusal

__all__ = ["CONTAINERS", "Book", "RawSheet", "Sheet", "decode", "read", "read_book", "sheets_of"]

CONTAINERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
Notes = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Sheet:
    """One sheet: columns `c0..cn` of clean text (null where blank), one row per row of the sheet, row 1 first."""

    name: str
    hidden: bool
    table: pa.Table
    _tops: dict[int, list[tuple[str | None, ...]]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def top(self, count: int) -> list[tuple[str | None, ...]]:
        """The first `count` rows; kept, since several look at them."""
        if count not in self._tops:
            cells = self.table.slice(0, count)
            self._tops[count] = list(zip(*(c.to_pylist() for c in cells.columns), strict=True))
        return self._tops[count]

    def row(self, index: int) -> list[str | None]:
        return [column[index].as_py() for column in self.table.columns]


@dataclass(frozen=True)
class Book:
    """All sheets of a file, and what is to be remarked on it: (code in `refusals.yaml`, its figures)."""

    sheets: list[Sheet]
    notes: Notes = field(default_factory=list)


@dataclass(frozen=True)
class RawSheet:
    """A sheet on its way: `batches` may be read once, and have blank rows and columns at their ends.

    `rows` are the cells of a small sheet as the parser gives them, `width` to a row: whoever has many such sheets can
    make them clean together instead of reading `batches`.
    """

    name: str
    hidden: bool
    width: int
    batches: Iterator[pa.RecordBatch]
    rows: Sequence[Sequence[Any]] | None = None


def sheets_of(data: bytes, limits: Limits) -> tuple[Iterator[RawSheet], Notes]:
    """The sheets of a file, one after the other. Raises Refusal, also while the sheets are read."""
    if len(data) > limits.file_mb << 20:
        raise Refusal("too_big", size=len(data) >> 20, limit=limits.file_mb)
    kind = containers.kind_of(data)
    if kind == containers.TEXT:
        rows, width = delimited.rows_of(decode(data), limits)
        return iter([RawSheet("", False, width, blocks(rows, width), rows)]), []
    book = workbooks.open_book(data, kind, limits)
    return (RawSheet(*parts) for parts in book.sheets()), book.notes


def read_book(data: bytes, limits: Limits | None = None) -> Book:
    """All sheets of a file, in this process. Files from outside are read by `sandbox`, in another.

    Raises Refusal (a SchoolhouseError) when the bytes are no table that can be read.
    """
    found, notes = sheets_of(data, limits or Limits.load())
    sheets = []
    for raw in found:
        batches = list(raw.batches)
        sheets.append(Sheet(raw.name, raw.hidden, trim(pa.Table.from_batches(batches, schema(raw.width)))))
    return Book(sheets, notes)


def read(data: bytes) -> list[Sheet]:
    """All sheets of a file, as `read_book` gives them."""
    return read_book(data).sheets


def trim(table: pa.Table, extent: tuple[int, int] | None = None) -> pa.Table:
    """Blank rows and columns at the ends are not part of a sheet."""
    rows, columns = extent or filled_extent(table.to_batches())
    return table.select(range(columns)).slice(0, rows).combine_chunks()
