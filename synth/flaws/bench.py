"""The work bench on which flaws are planted: the tables of one county, addressed by name, row and column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import pandas as pd

from synth.names import CANARY_PUPIL_NAME, CANARY_TEACHER_NAME
from synth.sheets import Sheet, Text


@dataclass(frozen=True)
class Spot:
    """Where a flaw stands: file, 1-based row and column letter as the sheet shows them ('': the whole file).

    `entity_id` holds several, separated by `;`, where one flaw shows in several places. `school_year` is the edition in
    which it shows, where that is not the one it was planted in.
    """

    path: Path
    row: str = ""
    column: str = ""
    entity_type: str = ""
    entity_id: str = ""
    school_year: str = ""


def letter(index: int) -> str:
    """Column letter of a 0-based index: 0 -> A, 26 -> AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


@dataclass
class Table:
    """A table of words and numbers before it is saved, whatever its form."""

    path: Path
    columns: list[str]
    rows: list[list[object]]
    first: int  # 1-based row of the first data row
    keep: Callable[[list[list[object]]], None]

    def cell(self, row: int, column: str) -> object:
        return self.rows[row][self.columns.index(column)]

    def put(self, row: int, column: str, value: object) -> Spot:
        """Writes a cell and says where it is."""
        return self.put_at(row, self.columns.index(column), value)

    def put_at(self, row: int, at: int, value: object) -> Spot:
        """As `put`, by the number of the column."""
        self.rows[row][at] = value
        self.keep(self.rows)
        return Spot(self.path, str(self.first + row), letter(at))

    def add(self, row: list[object]) -> Spot:
        """Adds a row under the others."""
        self.rows.append(row)
        self.keep(self.rows)
        return Spot(self.path, str(self.first + len(self.rows) - 1))


@dataclass
class Bench:
    """The tables of a county that wait to be saved, and what has been touched already. `year` is the school year in
    which flaws are planted, `money` the folder of its fiscal year; `earlier` and `earlier_money` are those before it,
    '' in a county of one year."""

    home: Path
    region: str
    year: str
    money: str
    waiting: dict[Path, list[Sheet] | Text]
    earlier: str = ""
    earlier_money: str = ""
    touched: set[tuple[Path, int]] = field(default_factory=set)
    _open: dict[tuple[Path, int], Table] = field(default_factory=dict)

    def table(self, name: str, sheet: int = 0) -> Table:
        """The table of that file name: in the folder of the school year, of the fiscal year, or of the county. A name
        with `*` means the first file of the school year that fits."""
        path = self.path(name)
        if (path, sheet) not in self._open:
            self._open[path, sheet] = self._take(path, sheet)
        return self._open[path, sheet]

    def path(self, name: str) -> Path:
        """Path of a held file by its name."""
        if "*" in name:
            return next(p for p in sorted(self.waiting) if p.relative_to(self.home).match(f"{self.year}/{name}"))
        for folder in (self.home / self.year, self.home / self.money, self.home):
            if folder / name in self.waiting:
                return folder / name
        raise KeyError(f"no table {name} in {self.home}")

    def take_away(self, folder: str, name: str) -> Path | None:
        """Leaves a held file of that folder unsaved, as if it had never been sent. None where there is no folder."""
        if not folder:
            return None
        path = next(p for p in sorted(self.waiting) if p.relative_to(self.home).match(f"{folder}/{name}"))
        del self.waiting[path]
        return path

    def pick(self, table: Table, key: str, fits: Callable[[dict[str, object]], bool] = lambda _: True) -> int:
        """An untouched row that fits, the same for the same `key`; never that of somebody who is searched for."""
        return self.pick_at(table, key, lambda cells: fits(dict(zip(table.columns, cells, strict=True))))

    def pick_at(self, table: Table, key: str, fits: Callable[[list[object]], bool]) -> int:
        """As `pick`, for a table whose columns have no names of their own."""
        n = len(table.rows)
        for step in range(n):
            row = (crc32(key.encode()) + step) % n
            cells = table.rows[row]
            if (table.path, row) in self.touched or CANARY_PUPIL_NAME in cells or CANARY_TEACHER_NAME in cells:
                continue
            if fits(cells):
                self.touched.add((table.path, row))
                return row
        raise LookupError(f"no free row in {table.path.name} for {key}")

    def _take(self, path: Path, sheet: int) -> Table:
        content = self.waiting[path]
        if isinstance(content, Text):
            frame = content.frame.astype(object)
            columns, rows = [str(c) for c in frame.columns], frame.where(frame.notna(), "").to_numpy().tolist()

            def save(changed: list[list[object]]) -> None:
                content.frame = pd.DataFrame(changed, columns=columns, dtype=object)

            return Table(path, columns, rows, 2, save)
        page = content[sheet]
        upper, lower = list(page.header[0]), list(page.header[-1])
        columns = [low or up for up, low in zip(upper, lower, strict=True)]
        first = bool(page.title) + len(page.before) + len(page.header) + 1

        def keep(changed: list[list[object]]) -> None:
            page.rows = changed

        return Table(path, columns, [list(r) for r in page.rows], first, keep)
