"""Writing a return sheet: the sender's workbook as it was, the rejected cells marked, a note sheet in front.

Nothing in it is a formula: what begins with = + - @, a tab or a line break stays text.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ingest.return_marks import NOTE_SHEET, REASON_HEADER
from ingest.return_texts import Fault

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
AUTHOR = "教育局数据核验"
SHEET_ROWS, CELL_CHARS = 1_048_576, 32_767
_MARK = PatternFill("solid", fgColor="FFFF66")
_SIDE = Side("medium", color="FFC00000")
_EDGE = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_REASON = Font(color="FFC00000")
_HEAD = PatternFill("solid", fgColor="FFD9E1F2")
_WRAP = Alignment(wrap_text=True, vertical="top")
NOTE_HEADS = {
    "序号": 6,
    "工作表": 16,
    "行": 6,
    "列": 5,
    "表头": 18,
    "现在填的": 22,
    "问题": 42,
    "怎么改": 46,
    "规则": 18,
}


@dataclass(frozen=True)
class Page:
    """One sheet of the answer: its rows (None where the sender's workbook is kept), size, header row and faults.

    `header_row` and the faults' rows are 1-based; `width` counts columns; `merges` are 0-based (first row, first
    column, last row, last column).
    """

    name: str
    hidden: bool
    width: int
    header_row: int | None
    faults: Sequence[Fault]
    rows: Sequence[Sequence[Any]] | None = None
    merges: Sequence[tuple[int, int, int, int]] = ()


@dataclass(frozen=True)
class Note:
    """What the note sheet says: lines above the table of faults, and the faults of the whole file."""

    lines: Sequence[str]
    faults: Sequence[Fault]
    receipt: str


def write(path: Path, note: Note, pages: Sequence[Page], original: bytes | None) -> None:
    """Write the workbook to `path`. `original`: the sender's xlsx, whose looks are kept where it can be opened."""
    book = _opened(original) if original is not None else None
    if book is None:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for page in pages:
            _fill(book.create_sheet(_sheet_name(book, page.name)), page)
    sheets = book.worksheets
    for page, sheet in zip(pages, sheets, strict=False):
        _make_plain(sheet)
        _mark(sheet, page)
    front = book.create_sheet(_sheet_name(book, NOTE_SHEET), 0)
    names = {page.name: sheet.title for page, sheet in zip(pages, sheets, strict=False)}
    _write_note(front, note, names)
    book.active = 0
    for sheet in sheets:
        sheet.sheet_view.tabSelected = False
    book.save(path)


def _opened(data: bytes) -> openpyxl.Workbook | None:
    """The sender's workbook with the values it was saved with: no formulas, links, macros; None when it is too odd."""
    try:
        return openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False, keep_vba=False)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, zipfile.BadZipFile, OSError):
        return None


def _fill(sheet: Worksheet, page: Page) -> None:
    """The rows of a file that was no xlsx: text stays text, numbers and dates stay what they are."""
    widths: dict[int, int] = {}
    for r, row in enumerate(page.rows or (), 1):
        for c, value in enumerate(row, 1):
            if value is None or value == "":
                continue
            cell = _cell(sheet, r, c)
            if isinstance(value, str):
                cell.value, cell.data_type, cell.number_format = value[:CELL_CHARS], "s", "@"
            else:
                cell.value = int(value) if isinstance(value, float) and value.is_integer() else value
            if r <= (page.header_row or 1) + 20:
                widths[c] = max(widths.get(c, 0), sum(2 if ord(x) > 255 else 1 for x in str(value)))
    for c, n in widths.items():
        sheet.column_dimensions[get_column_letter(c)].width = min(max(n + 2, 8), 40)
    for top, left, bottom, right in page.merges:
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    if page.hidden:
        sheet.sheet_state = "hidden"


def _make_plain(sheet: Worksheet) -> None:
    """No cell runs or leads anywhere: texts that look like formulas are kept as texts, links are dropped."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell, Cell):
                if isinstance(cell.value, str) and cell.value.startswith(RISKY):
                    cell.data_type, cell.quotePrefix = "s", True
                if cell.hyperlink:
                    cell.hyperlink = None


def _mark(sheet: Worksheet, page: Page) -> None:
    """Colour and comment each rejected cell; write the reasons into a column right of the sheet."""
    if not page.faults:
        return
    last = page.width + 1
    rows: dict[int, list[Fault]] = {}
    for fault in page.faults:
        rows.setdefault(fault.row, []).append(fault)
        letters = [fault.letter] if fault.letter else [get_column_letter(i) for i in range(1, page.width + 1)]
        for column in letters:
            cell = _top_left(sheet, f"{column}{fault.row}")
            cell.fill, cell.border = _MARK, _EDGE
        _comment(_top_left(sheet, f"{letters[0]}{fault.row}"), fault)
    if page.header_row:
        _reason(sheet, page.header_row, last, REASON_HEADER, head=True)
    for row, faults in rows.items():
        _reason(sheet, row, last, "\n".join(_sentence(f) for f in faults))
    sheet.column_dimensions[get_column_letter(last)].width = 60


def _sentence(fault: Fault) -> str:
    return f"{fault.letter + '列' if fault.letter else '本行'}:{fault.what}。{fault.fix}。"


def _comment(cell: Cell, fault: Fault) -> None:
    text = f"{fault.what}。\n改法:{fault.fix}。\n规则:{fault.rule}"
    if cell.comment:
        text = f"{cell.comment.text}\n{text}"
    cell.comment = Comment(text, AUTHOR, height=130, width=320)


def _reason(sheet: Worksheet, row: int, column: int, text: str, *, head: bool = False) -> None:
    cell = _top_left(sheet, f"{get_column_letter(column)}{row}")
    cell.value, cell.data_type = text, "s"
    cell.font, cell.alignment = (Font(bold=True) if head else _REASON), _WRAP
    if head:
        cell.fill = _HEAD


def _top_left(sheet: Worksheet, place: str) -> Cell:
    """The cell itself, or the cell that a merged range shows in its place."""
    cell = sheet[place]
    if isinstance(cell, MergedCell):
        for merged in sheet.merged_cells.ranges:
            if place in merged:
                return _cell(sheet, merged.min_row, merged.min_col)
    return cast(Cell, cell)


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell that no merged range hides, to write to."""
    return cast(Cell, sheet.cell(row, column))


def _write_note(sheet: Worksheet, note: Note, names: Mapping[str, str]) -> None:
    sheet["A1"].value = NOTE_SHEET
    sheet["A1"].font = Font(bold=True, size=16)
    row = 2
    kept = f"回执编号 {note.receipt}(请保留,报回时据此认出是对哪份材料的更正)"
    for line in (*note.lines, kept):
        _text(sheet, row, 1, line)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(NOTE_HEADS))
        sheet.row_dimensions[row].height = 16 * (1 + len(line) // 80)
        row += 1
    sheet[f"A{row - 1}"].font = Font(color="FF7F7F7F")
    row += 1
    for column, (heading, width) in enumerate(NOTE_HEADS.items(), 1):
        cell = _text(sheet, row, column, heading)
        cell.font, cell.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = f"A{row + 1}"
    for number, f in enumerate(note.faults, 1):
        row += 1
        title = names.get(f.sheet, f.sheet)
        cells = (number, title, f.row, f.letter or "整行", f.header, f.value, f.what, f.fix, f.rule)
        for column, value in enumerate(cells, 1):
            _text(sheet, row, column, value)
        place = f"'{title.replace(chr(39), chr(39) * 2)}'!{f.letter or 'A'}{f.row}"
        _cell(sheet, row, 3).hyperlink = f"#{place}"
        sheet.cell(row, 3).font = Font(color="FF0563C1", underline="single")


def _text(sheet: Worksheet, row: int, column: int, value: Any) -> Cell:
    cell = _cell(sheet, row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(RISKY)
    cell.alignment = _WRAP
    return cell


def _sheet_name(book: openpyxl.Workbook, wanted: str) -> str:
    """A name that a workbook takes and that no other sheet has."""
    base = "".join("_" if c in r"[]:*?/\'" else c for c in wanted).strip()[:25] or "数据"
    taken = {s.title for s in book.worksheets}
    return next(n for n in (base, *(f"{base}({i})" for i in range(2, 1000))) if n not in taken)
