"""Delimited text of any size: decoded, split and cleaned in blocks, kept on disk as columns, never whole in memory.

Blocks whose lines all have the same number of cells are split by Arrow; whatever is irregular (titles, short lines,
stray quotes) goes through the reader that small files have, and gives the same rows.
"""

from __future__ import annotations

import codecs
import csv
import io
import mmap
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from ingest.cells import filled_extent, schema
from ingest.containers import TEXT, kind_of, refuse_markup
from ingest.delimited import END, decode, separator, separator_cell, trimmed
from ingest.kernels import pc
from ingest.limits import Limits
from ingest.plain import clean_column
from ingest.readers import Book, Sheet
from ingest.refusals import Refusal

# Text files of this size and more are read here: smaller ones are cheaper to read whole.
BULK_BYTES = 8 << 20
# Bytes decoded at once. What is read does not depend on it.
BLOCK_BYTES = 8 << 20
# Lines at the top that go through the careful reader: titles and headers are ragged.
HEAD_LINES = 40
_HEAD_BYTES = 1 << 20
# Cells held as Python objects at once, and rows of them at most.
_PIECE_CELLS, _PIECE_ROWS = 1 << 19, 16_384
# A line may be so many times as long as a cell may be.
_LINE_CELLS = 20


@dataclass(frozen=True)
class BulkSheet(Sheet):
    """A sheet whose cells lie in a file without a name that is mapped into memory."""

    pages: mmap.mmap | None = None


def release(sheet: Sheet) -> None:
    """Give back the memory of the cells that were looked at; the next look reads them from disk again."""
    if isinstance(sheet, BulkSheet) and sheet.pages is not None:
        sheet.pages.madvise(mmap.MADV_DONTNEED)


def is_bulk(path: Path) -> bool:
    """Whether a file is text in one of the encodings read here, and large enough."""
    if path.stat().st_size < BULK_BYTES:
        return False
    with path.open("rb") as f:
        head = f.read(_HEAD_BYTES)
    return kind_of(head) == TEXT and b"\x00" not in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


def read_book(path: Path, folder: Path) -> Book:
    """The file as a book of one sheet. Raises Refusal."""
    return Book([read_text(path, folder)])


def read_text(path: Path, folder: Path, limits: Limits | None = None) -> BulkSheet:
    """The one sheet of a text file; its cells are kept in an unnamed file in `folder` (identity zone).

    Raises Refusal when the bytes are no text that can be split into cells.
    """
    limits = limits or Limits.load()
    with path.open("rb") as f:
        head = f.read(_HEAD_BYTES)
    cut = head.rfind(b"\n") + 1
    if not cut:
        raise Refusal("long_cell", row=1, limit=limits.cell_chars)
    text = decode(head[:cut])
    refuse_markup(text)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return _spill(path, folder, encoding, text, limits)
        except UnicodeDecodeError:
            continue
    raise Refusal("no_text")


class _Wider(Exception):
    """A line has more cells than any before it."""

    def __init__(self, width: int) -> None:
        self.width = width


def _spill(path: Path, folder: Path, encoding: str, head: str, limits: Limits) -> BulkSheet:
    told, delimiter = separator(head)
    width = 2
    while True:
        split = _Splitter(delimiter, width, limits, told)
        with tempfile.TemporaryFile(dir=folder) as out:
            try:
                extent = _write(out, split, _ahead(_blocks(path, encoding, limits)))
            except _Wider as wider:
                width = max(wider.width, width + width // 2)
                continue
            out.flush()
            pages = mmap.mmap(out.fileno(), 0, access=mmap.ACCESS_READ)
        table = pa.ipc.open_file(pa.py_buffer(pages)).read_all()
        rows, columns = extent
        return BulkSheet("", False, table.select(range(columns)).slice(0, rows), pages)


def _write(out: Any, split: _Splitter, blocks: Iterator[str]) -> tuple[int, int]:
    """Write the batches; (rows up to the last filled one, columns up to the last filled one)."""
    rows = columns = seen = 0
    with pa.ipc.new_file(out, schema(split.width)) as writer:
        for batch in split.batches(blocks):
            writer.write_batch(batch)
            height, width = filled_extent([batch])
            rows, columns = seen + height if height else rows, max(columns, width)
            seen += batch.num_rows
    return rows, columns


def _blocks(path: Path, encoding: str, limits: Limits) -> Iterator[str]:
    """Text in blocks that end with a line. Raises UnicodeDecodeError and Refusal."""
    decoder, rest = codecs.getincrementaldecoder(encoding)("strict"), ""
    with path.open("rb") as f:
        while data := f.read(BLOCK_BYTES):
            text = rest + decoder.decode(data)
            if "\x00" in text:
                raise Refusal("nul_bytes")
            cut = text.rfind("\n") + 1
            if text.count('"', 0, cut) % 2:
                # The last line's end is inside quotes: the block ends before the cell that it belongs to.
                cut = text.rfind("\n", 0, text.rfind('"', 0, cut)) + 1
            if cut:
                yield text[:cut]
            rest = text[cut:]
            if len(rest) > limits.cell_chars * _LINE_CELLS:
                raise Refusal("long_cell", row=1, limit=limits.cell_chars)
    rest += decoder.decode(b"", True)
    if rest:
        yield rest


def _ahead(texts: Iterator[str]) -> Iterator[str]:
    """The same texts, each decoded while the one before it is split, which needs no interpreter."""
    with ThreadPoolExecutor(1) as hand:
        coming = hand.submit(next, texts, None)
        while (text := coming.result()) is not None:
            coming = hand.submit(next, texts, None)
            yield text


class _Splitter:
    """Splits blocks of text into batches of clean columns of one width."""

    def __init__(self, delimiter: str, width: int, limits: Limits, told: str) -> None:
        self.delimiter, self.width, self.limits, self.told = delimiter, width, limits, told
        self.names = [f"c{i}" for i in range(width)]
        self.rows = 0

    def batches(self, blocks: Iterator[str]) -> Iterator[pa.RecordBatch]:
        """Raises _Wider, Refusal."""
        first = True
        for text in blocks:
            if first and self.told:
                # Excel's own line that names the separator is one cell.
                yield self._squared([[separator_cell(self.told)]])
                self.rows, text = 1, text[len(self.told) :]
            if not _well_quoted(text, self.delimiter):
                # From a stray quote on a line's end may be inside a cell: only the careful reader can tell.
                yield from self._careful(chain(self._lines(text, blocks), ("\r\n", END)), to_end=True)
                return
            if first:
                lines = io.StringIO(text, newline="")
                yield from self._careful(_records(lines, HEAD_LINES))
                text, first = text[lines.tell() :], False
            if text:
                yield from self._block(text)

    def _lines(self, text: str, blocks: Iterator[str]) -> Iterator[str]:
        yield from io.StringIO(text, newline="")
        for more in blocks:
            yield from io.StringIO(more, newline="")

    def _block(self, text: str) -> Iterator[pa.RecordBatch]:
        plain = text.replace("\r\n", "\n")
        if "\r" not in plain:
            try:
                yield self._fast(plain.encode(), '"' in plain)
            except pa.ArrowInvalid:
                pass
            else:
                return
        yield from self._careful(io.StringIO(text, newline=""))

    def _fast(self, data: bytes, quoted: bool) -> pa.RecordBatch:
        table = pa_csv.read_csv(
            pa.BufferReader(data),
            read_options=pa_csv.ReadOptions(column_names=self.names, block_size=max(len(data), 1)),
            parse_options=pa_csv.ParseOptions(
                delimiter=self.delimiter,
                quote_char='"' if quoted else False,
                double_quote=quoted,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(self.names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        ).combine_chunks()
        batch = table.to_batches()[0]
        if any(pc.max(pc.binary_length(c)).as_py() > self.limits.cell_chars for c in batch.columns):
            raise pa.ArrowInvalid("a long cell: the careful reader says which")
        self.rows += table.num_rows
        return pa.RecordBatch.from_arrays([clean_column(c) for c in batch.columns], schema=schema(self.width))

    def _careful(self, lines: Iterator[str], *, to_end: bool = False) -> Iterator[pa.RecordBatch]:
        """The reader of small files, a piece of rows at a time. `to_end`: behind the last line stands END."""
        ended = not to_end
        before = csv.field_size_limit(self.limits.cell_chars)
        try:
            reader = csv.reader(lines, delimiter=self.delimiter)
            while piece := list(islice(reader, max(1, min(_PIECE_ROWS, _PIECE_CELLS // self.width)))):
                if to_end and piece[-1] == [END]:
                    ended = True
                    piece.pop()
                self.rows += len(piece)
                if piece:
                    yield self._squared(piece)
        except csv.Error as e:
            code = "long_cell" if "field larger" in str(e) else "not_split"
            raise Refusal(code, row=self.rows + 1, limit=self.limits.cell_chars) from e
        finally:
            csv.field_size_limit(before)
        if not ended:
            # An open quote has swallowed all lines to the end.
            raise Refusal("not_split", row=self.rows)

    def _squared(self, rows: list[list[str]]) -> pa.RecordBatch:
        widest = max(map(len, rows))
        if widest > self.width:
            rows = [r if len(r) <= self.width else trimmed(r) for r in rows]
            widest = max(map(len, rows))
            if widest > self.limits.columns:
                raise Refusal("too_many_columns", columns=widest, limit=self.limits.columns)
            if widest > self.width:
                raise _Wider(widest)
        padded = (row + [""] * (self.width - len(row)) for row in rows)
        columns = [clean_column(pa.array(cells, pa.string())) for cells in zip(*padded, strict=True)]
        return pa.RecordBatch.from_arrays(columns, schema=schema(self.width))


def _records(lines: Iterator[str], count: int) -> Iterator[str]:
    """Lines of the first `count` and up to where the quotes are even."""
    quotes = 0
    for n, line in enumerate(lines, 1):
        quotes += line.count('"')
        yield line
        if n >= count and quotes % 2 == 0:
            return


def _well_quoted(text: str, delimiter: str) -> bool:
    """Every quote opens or closes a whole cell, or is doubled inside one: then every reader splits the text alike."""
    if '"' not in text:
        return True
    data = np.frombuffer(f"\n{text}\n".encode(), np.uint8)
    at = np.flatnonzero(data == ord('"'))
    if len(at) % 2:
        return False
    doubled = np.diff(at) == 1
    edges = np.frombuffer(f"{delimiter}\r\n".encode(), np.uint8)
    opened, closed = at[::2], at[1::2]
    again = np.concatenate([[False], doubled[1::2]])
    more = np.concatenate([doubled[1::2], [False]])
    return bool(np.all(np.isin(data[opened - 1], edges) | again) and np.all(np.isin(data[closed + 1], edges) | more))
