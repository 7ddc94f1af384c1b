"""Cells of the files in custody, read by openpyxl and csv alone: nothing of the house's readers."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import column_index_from_string

NOTHING = {"", "—", "-", "－", "/", "无", "缺"}
UNITS = {"万元": 10000.0, "千元": 1000.0}


class Original:
    """One file as it was received."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def sheets(self) -> dict[str, list[list[Any]]]:
        """Sheet name -> rows of cell values; a text file has one sheet without a name."""
        data = self.path.read_bytes()
        if data[:2] == b"PK":
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            return {s.title: [list(r) for r in s.iter_rows(values_only=True)] for s in book.worksheets}
        for encoding in ("utf-8-sig", "gb18030", "utf-16"):
            try:
                text = data.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            raise AssertionError(f"{self.path}: no encoding fits")
        delimiter = "\t" if text.partition("\n")[0].count("\t") > text.partition("\n")[0].count(",") else ","
        return {"": list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))}

    def rows(self, sheet: str | None) -> list[list[Any]]:
        return self.sheets[sheet] if sheet in self.sheets else next(iter(self.sheets.values()))

    def cell(self, sheet: str | None, row: int, column: str) -> Any:
        """The value in a cell, None where the row is shorter."""
        cells = self.rows(sheet)[row - 1]
        at = column_index_from_string(column) - 1
        return cells[at] if at < len(cells) else None

    def unit_factor(self, sheet: str | None, row: int, column: str) -> float:
        """What a number in the column is multiplied with to be in yuan, by its heading or the sheet's unit line."""
        at = column_index_from_string(column) - 1
        above = self.rows(sheet)[: row - 1][:12]
        heading = "".join(str(r[at]) for r in above if at < len(r) and r[at] is not None)
        for word, factor in UNITS.items():
            if word in heading:
                return factor
        if re.search(r"[((]\s*元|元\s*[))]", heading):
            return 1.0
        for line in above:
            text = "".join(str(c) for c in line if c is not None)
            if found := re.search(r"单位\s*[::]\s*(万元|千元|元)", text):
                return UNITS.get(found[1], 1.0)
        return 1.0


class Custody:
    """The files of a house, by the hash of their bytes."""

    def __init__(self, landing: Path) -> None:
        self.landing, self._open = landing, dict[str, Original]()

    def __getitem__(self, sha256: str) -> Original:
        if sha256 not in self._open:
            self._open[sha256] = Original(self.landing / sha256[:2] / sha256)
        return self._open[sha256]


def plain(value: Any) -> str:
    """Text of a cell without what typing leaves: widths, spaces, an apostrophe before a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date()
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", "" if value is None else str(value))).lstrip("'")


def to_number(value: Any) -> float | None:
    """A cell as a number; None for a word, or a mark that stands for nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = plain(value).replace(",", "")
    found = re.fullmatch(r"([(])?(-?\d+(?:\.\d+)?)([)])?(%|[^\d.]*)", text)
    if not found:
        return None
    number = float(found[2]) / (100 if found[4] == "%" else 1)
    return -number if found[1] else number


def to_date(value: Any) -> date | None:
    """A cell as a day; a month is its first day."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float):
        return date.fromordinal(date(1899, 12, 30).toordinal() + int(value))
    text = plain(value)
    if text in NOTHING:
        return None
    parts = [int(p) for p in re.findall(r"\d+", text)]
    if len(parts) == 1 and len(str(parts[0])) == 8:
        parts = [parts[0] // 10000, parts[0] // 100 % 100, parts[0] % 100]
    return date(*[*parts, 1, 1][:3])
