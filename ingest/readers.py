"""Bytes to sheets of clean text. Excel, WPS and OpenDocument through calamine; delimited text in the encodings
met here.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pyarrow as pa
import python_calamine as calamine

from ingest.kernels import pc
from ingest.texts import clean_array
from warehouse.errors import SchoolhouseError

CONTAINERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True)
class Sheet:
    """One sheet: columns `c0..cn` of clean text (null where blank), one row per row of the sheet, row 1 first."""

    name: str
    hidden: bool
    table: pa.Table

    def row(self, index: int) -> list[str | None]:
        return [column[index].as_py() for column in self.table.columns]


def read(data: bytes) -> list[Sheet]:
    """All sheets of a file, told by its content, not by its name.

    Raises SchoolhouseError when the bytes are no table that can be read.
    """
    if not data.strip():
        raise SchoolhouseError("the file is empty", "文件是空的", fix_zh="请重新导出后再报送", fix_en="export it again")
    if data.startswith(CONTAINERS):
        return _read_workbook(data)
    text = decode(data)
    if text.lstrip()[:200].lower().startswith(("<html", "<!doctype", "<table", "<?xml")):
        raise SchoolhouseError(
            "a web page saved under a spreadsheet's name",
            "这是改了扩展名的网页,不是表格",
            fix_en="open it and save it as .xlsx",
            fix_zh="请用表格软件打开后另存为 .xlsx",
        )
    return [Sheet("", False, _text_table(text))]


def _read_workbook(data: bytes) -> list[Sheet]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = []
        for meta in book.sheets_metadata:
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            hidden = meta.visible != calamine.SheetVisibleEnum.Visible
            sheets.append(Sheet(meta.name, hidden, _table(rows, numbers=True)))
    except calamine.PasswordError as e:
        raise SchoolhouseError(
            "the workbook is locked with a password",
            "工作簿有打开密码",
            fix_en="save it without a password",
            fix_zh="请去掉密码后再报送",
        ) from e
    except (calamine.CalamineError, OSError, ValueError) as e:
        raise SchoolhouseError(
            "the file is damaged or is no spreadsheet",
            "文件已损坏或不是电子表格",
            fix_en="open it in a spreadsheet program and save it as .xlsx",
            fix_zh="请用表格软件打开后另存为 .xlsx 再报送",
        ) from e
    return sheets


def decode(data: bytes) -> str:
    """Text of delimited bytes: byte order mark first, then UTF-8, then GB18030, each strict."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, (name,))
    if b"\x00" in data:
        # UTF-16 without a mark shows as zero bytes beside ASCII separators.
        return _decoded(data, ("utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be",))
    return _decoded(data, ("utf-8", "gb18030"))


def _decoded(data: bytes, names: tuple[str, ...]) -> str:
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if text[:2000].isprintable() or _mostly_text(text[:2000]):
            return text
    raise SchoolhouseError(
        "the file is no text and no spreadsheet that can be read",
        "文件既不是可识别的文本,也不是电子表格",
        fix_en="save it as .xlsx or as CSV (UTF-8 or GB18030)",
        fix_zh="请另存为 .xlsx 或 CSV(UTF-8 或 GB18030)再报送",
    )


def _mostly_text(text: str) -> bool:
    odd = sum(1 for c in text if not c.isprintable() and c not in "\r\n\t\u3000\u00a0\ufeff")
    return odd * 50 < len(text)


def _text_table(text: str) -> pa.Table:
    head = text[:20000]
    delimiter = max(_DELIMITERS, key=head.count)
    limit = csv.field_size_limit(1 << 20)
    try:
        return _table(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), numbers=False)
    except csv.Error as e:
        raise SchoolhouseError(
            "the delimited text cannot be split into cells",
            "文本无法按分隔符拆成单元格",
            fix_en="save it as .xlsx",
            fix_zh="请另存为 .xlsx 再报送",
        ) from e
    finally:
        csv.field_size_limit(limit)


def _table(rows: list[list], *, numbers: bool) -> pa.Table:
    """Rows of ragged cells as text columns; trailing blank rows and columns are not part of the sheet."""
    width = max(map(len, rows), default=0)
    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    columns = []
    for cells in zip(*rows, strict=True):
        column = pa.array(list(map(str, cells)), pa.string())
        if numbers:
            # Excel keeps whole numbers as floats; 4.0 is how they arrive, 4 is what the sheet shows.
            column = pc.replace_substring_regex(column, r"^(-?[0-9]+)\.0$", r"\1")
        columns.append(clean_array(column))
    while columns and columns[-1].null_count == len(columns[-1]):
        columns.pop()
    table = pa.table({f"c{i}": c for i, c in enumerate(columns)})
    return table.slice(0, _last_filled(table))


def _last_filled(table: pa.Table) -> int:
    """Number of rows up to the last one with a filled cell."""
    last = 0
    for column in table.columns:
        filled = pc.indices_nonzero(pc.is_valid(column))
        if len(filled):
            last = max(last, filled[-1].as_py() + 1)
    return last
