"""Writing the files as an office would: workbooks with titles and merged headers, CSV in the encodings of Excel.

The same content always gives the same bytes: no clock, no host, a fixed creation date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

_CREATED = datetime(2020, 1, 1)
UTF8_BOM, GB18030 = "utf-8-sig", "gb18030"


@dataclass
class Text:
    """A plain text table before it is saved."""

    frame: pd.DataFrame
    encoding: str


# While tables are held, they wait here under their path; otherwise they are saved at once.
_waiting: ContextVar[dict[Path, list[Sheet] | Text] | None] = ContextVar("waiting", default=None)


@contextmanager
def held() -> Iterator[dict[Path, list[Sheet] | Text]]:
    """Keeps what is written inside as tables, to be looked at and changed; saves all of it at the end, in order."""
    waiting: dict[Path, list[Sheet] | Text] = {}
    token = _waiting.set(waiting)
    try:
        yield waiting
    finally:
        _waiting.reset(token)
    for path, content in waiting.items():
        if isinstance(content, Text):
            write_csv(path, content.frame, content.encoding)
        else:
            write_workbook(path, content)


@dataclass
class Sheet:
    """One sheet, top to bottom. `header` is one or two rows; in the upper of two, '' continues the cell on its left
    and a lower '' means that the cell above spans both. `before` and `after` are whole rows around header and data."""

    name: str
    header: Sequence[Sequence[str]]
    rows: Sequence[Sequence[Any]]
    title: str = ""
    before: Sequence[Sequence[Any]] = field(default_factory=list)
    after: Sequence[Sequence[Any]] = field(default_factory=list)


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Writes an .xlsx file; text stays text (codes keep their digits), numbers are numbers."""
    if (waiting := _waiting.get()) is not None:
        waiting[path] = list(sheets)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": _CREATED, "author": ""})
        bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter"})
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, bold)


def _write_sheet(ws: Any, sheet: Sheet, bold: Any) -> None:
    width, row = len(sheet.header[-1]), 0
    if sheet.title:
        ws.merge_range(0, 0, 0, width - 1, sheet.title, bold)
        row = 1
    for line in sheet.before:
        _write_row(ws, row, line)
        row += 1
    row = _write_header(ws, row, sheet.header, bold)
    for line in [*sheet.rows, *sheet.after]:
        _write_row(ws, row, line)
        row += 1


def _write_header(ws: Any, row: int, header: Sequence[Sequence[str]], bold: Any) -> int:
    if len(header) == 1:
        ws.write_row(row, 0, header[0], bold)
        return row + 1
    upper, lower = header
    for col, (top, bottom) in enumerate(zip(upper, lower, strict=True)):
        if not bottom:
            ws.merge_range(row, col, row + 1, col, top, bold)
            continue
        ws.write(row + 1, col, bottom, bold)
        span = 1
        while top and col + span < len(upper) and not upper[col + span] and lower[col + span]:
            span += 1
        if span > 1:
            ws.merge_range(row, col, row, col + span - 1, top, bold)
        elif top:
            ws.write(row, col, top, bold)
    return row + 2


def _write_row(ws: Any, row: int, line: Sequence[Any]) -> None:
    for col, value in enumerate(line):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            ws.write_string(row, col, value)
        else:
            ws.write_number(row, col, value)


def write_csv(path: Path, frame: pd.DataFrame, encoding: str = UTF8_BOM) -> None:
    """Writes a table with its header line and Windows line ends, as Excel does."""
    if (waiting := _waiting.get()) is not None:
        waiting[path] = Text(frame, encoding)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(frame.to_csv(index=False, lineterminator="\r\n").encode(encoding))
