"""The sheets of a call on their way into its answer file: long ones as they are read, short ones together.

Making one small sheet clean costs more in starting the kernels than in its cells, so the short sheets of all files of a
call are made clean as one table for each width. A place in an answer says where its sheet is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any

import numpy as np
import pyarrow as pa

from ingest.cells import blocks, filled_extent, schema
from ingest.readers import RawSheet
from ingest.refusals import Refusal
from ingest.workbooks import checked

# Cells that wait to be written together; what comes then is written by itself. Bounds memory.
_WAITING_CELLS = 400_000

Place = dict[str, Any]


@dataclass
class _Short:
    file: int
    width: int
    rows: Sequence[Sequence[Any]]
    place: Place


class Answers:
    """What is answered about the files of one call, in order, and the cells of their sheets in `out`."""

    def __init__(self, out: IO[bytes], cell_chars: int) -> None:
        self.out, self.cell_chars = out, cell_chars
        self.found: list[dict[str, Any]] = []
        self._short: list[_Short] = []
        self._cells = 0

    def refuse(self, refusal: Refusal, start: int) -> None:
        """The next file is refused; what was written of it since `start` goes."""
        self._short = [s for s in self._short if s.file != len(self.found)]
        self.out.seek(start)
        self.out.truncate()
        self.found.append(_refused(refusal))

    def add(self, sheets: Iterator[RawSheet], notes: Sequence[Any]) -> None:
        """The sheets of the next file. Raises Refusal."""
        places = [self._sheet(raw) for raw in sheets]
        self.found.append({"sheets": places, "notes": notes})

    def _sheet(self, raw: RawSheet) -> Place:
        place: Place = {"name": raw.name, "hidden": raw.hidden, "first": 0}
        if raw.rows is not None and self._cells + len(raw.rows) * raw.width <= _WAITING_CELLS:
            self._cells += len(raw.rows) * raw.width
            self._short.append(_Short(len(self.found), raw.width, raw.rows, place))
            return place
        start = self.out.tell()
        rows = columns = seen = 0
        with pa.ipc.new_stream(self.out, schema(raw.width)) as stream:
            for batch in raw.batches:
                last, wide = filled_extent([batch])
                rows, columns = (seen + last if last else rows), max(columns, wide)
                seen += batch.num_rows
                stream.write_batch(batch)
        return place | {"start": start, "size": self.out.tell() - start, "rows": rows, "columns": columns}

    def finish(self) -> list[dict[str, Any]]:
        """All answers, with every sheet in its place."""
        waiting, self._short, self._cells = self._short, [], 0
        for width in sorted({s.width for s in waiting}):
            self._together(width, [s for s in waiting if s.width == width])
        self.out.flush()
        return self.found

    def _together(self, width: int, sheets: list[_Short]) -> None:
        rows = chain.from_iterable(s.rows for s in sheets)
        try:
            batches = list(checked(blocks(rows, width), self.cell_chars))
        except Refusal:
            # One cell is too long: which one is told sheet by sheet.
            sheets = [s for s in sheets if self._passes(s)]
            batches = list(blocks(chain.from_iterable(s.rows for s in sheets), width))
        table = pa.Table.from_batches(batches, schema(width)).combine_chunks()
        start = self.out.tell()
        with pa.ipc.new_stream(self.out, table.schema) as stream:
            stream.write_table(table)
        size = self.out.tell() - start
        filled = np.zeros((len(table), width), bool)
        for i, column in enumerate(table.columns):
            filled[:, i] = column.is_valid().to_numpy()
        first = 0
        for s in sheets:
            part = filled[first : first + len(s.rows)]
            rows, columns = (int(hit[-1]) + 1 if len(hit) else 0 for hit in map(np.flatnonzero, _any(part)))
            s.place.update(start=start, size=size, first=first, rows=rows, columns=columns)
            first += len(s.rows)

    def _passes(self, sheet: _Short) -> bool:
        try:
            for _ in checked(blocks(sheet.rows, sheet.width), self.cell_chars):
                pass
        except Refusal as e:
            self.found[sheet.file] = _refused(e)
            return False
        return True


def _any(filled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return filled.any(axis=1), filled.any(axis=0)


def _refused(refusal: Refusal) -> dict[str, Any]:
    return {"refused": refusal.code, "values": refusal.values}
