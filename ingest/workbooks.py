"""Workbooks to sheets: Excel, WPS and OpenDocument files through calamine, after the package was looked through."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import python_calamine as calamine

from ingest import containers, packages
from ingest.cells import blocks, with_errors
from ingest.kernels import pc
from ingest.limits import Limits
from ingest.refusals import Refusal

# A sheet up to so many rows is short: its cells may be made clean together with those of others.
SHORT_ROWS = 2_000
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class OpenBook:
    """A workbook whose sheets are still to be read: `sheets` yields (name, hidden, batches of text) in order."""

    book: Any
    names: list[tuple[str, bool]]
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    errors: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    cell_chars: int = 0

    def sheets(self) -> Iterator[tuple[str, bool, int, Iterator[pa.RecordBatch], list[list[Any]] | None]]:
        """(name, hidden, width, batches, rows of a short sheet) of each worksheet. Raises Refusal when one cannot be
        read.
        """
        for name, hidden in self.names:
            sheet = _guarded(lambda name=name: self.book.get_sheet_by_name(name))
            errors = self.errors.get(name, {})
            width, rows = _content(sheet, errors)
            short = None if errors or not sheet.end or sheet.end[0] >= SHORT_ROWS else list(rows)
            yield name, hidden, width, checked(_batches(short or rows, width, errors), self.cell_chars), short


def open_book(data: bytes, kind: str, limits: Limits) -> OpenBook:
    """Look a zip package or compound file through and open it. Raises Refusal."""
    if kind == containers.OLE:
        notes, package = containers.inspect_ole(data), None
    else:
        package = packages.inspect(data, limits)
        notes = package.notes
    book = _guarded(lambda: calamine.CalamineWorkbook.from_filelike(io.BytesIO(containers.one_book(data))))
    names = [
        (m.name, m.visible != calamine.SheetVisibleEnum.Visible)
        for m in book.sheets_metadata
        if m.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    if not names:
        raise Refusal("no_sheets")
    if len(names) > limits.sheets:
        raise Refusal("too_many_sheets", sheets=len(names), limit=limits.sheets)
    found = OpenBook(book, names, [(n, {}) for n in notes], cell_chars=limits.cell_chars)
    if package and package.unsaved:
        found.notes.append(("unsaved_formulas", {"count": package.unsaved}))
    if package and package.errors:
        parts = _sheet_parts(data)
        found.errors = {name: package.errors[part] for name, part in parts.items() if part in package.errors}
    return found


def _content(sheet: Any, errors: dict[tuple[int, int], str]) -> tuple[int, Iterator[list[Any]]]:
    """(width, rows): cells from A1 on, as far as the cells or the formula errors go."""
    height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
    rows_beyond = max((r for r, _ in errors), default=-1) + 1 - height
    columns_beyond = max((c for _, c in errors), default=-1) + 1 - width
    left = sheet.start[1] if sheet.start else 0
    full = width + max(columns_beyond, 0)

    def rows() -> Iterator[list[Any]]:
        before, after = [""] * left, [""] * (full - width)
        if height:
            for row in sheet.iter_rows():
                yield [*before, *row, *after] if before or after else row
        for _ in range(rows_beyond):
            yield [""] * full

    return full, rows()


def _batches(rows: Iterable[list[Any]], width: int, errors: dict[tuple[int, int], str]) -> Iterator[pa.RecordBatch]:
    """The rows as batches, with formula errors put back, which the parser leaves blank."""
    first = 0
    for batch in blocks(rows, width):
        yield with_errors(batch, first, errors) if errors else batch
        first += batch.num_rows


def checked(batches: Iterable[pa.RecordBatch], cell_chars: int) -> Iterator[pa.RecordBatch]:
    """The batches, as long as no cell is longer than a cell may be."""
    first = 0
    for batch in batches:
        for column in batch.columns:
            if (pc.max(pc.binary_length(column)).as_py() or 0) > cell_chars:
                row = first + pc.index(pc.binary_length(column), pc.max(pc.binary_length(column))).as_py() + 1
                raise Refusal("long_cell", row=row, limit=cell_chars)
        first += batch.num_rows
        yield batch


def _guarded(action: Any) -> Any:
    """Run the parser; whatever it throws, a panic included, is a damaged file."""
    try:
        return action()
    except calamine.PasswordError as e:
        raise Refusal("locked") from e
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as e:
        # A panic of the parser is no Exception for Python.
        raise Refusal("damaged") from e


def _sheet_parts(data: bytes) -> dict[str, str]:
    """Sheet name -> part, from the workbook's relations. The parts were looked through: no entities are in them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
            relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile) as e:
        raise Refusal("damaged") from e
    targets = {r.get("Id", ""): r.get("Target", "") for r in relations}
    parts = {}
    for sheet in book.iter():
        if sheet.tag.rsplit("}", 1)[-1] == "sheet":
            target = targets.get(sheet.get(_RELATIONS, ""), "")
            parts[sheet.get("name", "")] = re.sub(r"^/?(xl/)?", "xl/", target)
    return parts
