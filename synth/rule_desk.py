"""Tables of a county that wait to be saved, changed by the words of their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from synth.sheets import Sheet, Text

Row = dict[str, object]
Fits = Callable[[Row], bool]


def columns_of(sheet: Sheet) -> list[str]:
    """Names of a sheet's columns; under a header of two rows `upper/lower`."""
    if len(sheet.header) == 1:
        return [str(c) for c in sheet.header[0]]
    names, above = [], ""
    for upper, lower in zip(sheet.header[0], sheet.header[1], strict=True):
        above = upper or above
        names.append(f"{above}/{lower}" if lower else str(above))
    return names


def number(value: object) -> float:
    """A cell as a number."""
    return float(str(value).replace(",", "").strip("%") or 0)


class Desk:
    """The held tables of one county, by path below its folder (and by sheet, 0 for the first)."""

    def __init__(self, home: Path, waiting: dict[Path, list[Sheet] | Text]) -> None:
        self.home, self.waiting = home, waiting

    def has(self, path: str) -> bool:
        return self.home / path in self.waiting

    def rows(self, path: str, sheet: int = 0) -> list[Row]:
        """Rows as dictionaries; a change to them is not kept, see `change`."""
        content = self.waiting[self.home / path]
        if isinstance(content, Text):
            frame = content.frame.astype(object)
            return [{str(k): v for k, v in r.items()} for r in frame.where(frame.notna(), "").to_dict("records")]
        names = columns_of(content[sheet])
        return [dict(zip(names, r, strict=False)) for r in content[sheet].rows]

    def put(self, path: str, rows: Iterable[Row], sheet: int = 0) -> None:
        """The rows in place of what was there; the total line is made right again."""
        content, kept = self.waiting[self.home / path], list(rows)
        if isinstance(content, Text):
            names = [str(c) for c in content.frame.columns]
            content.frame = pd.DataFrame([[r.get(n, "") for n in names] for r in kept], columns=names, dtype=object)
            return
        page = content[sheet]
        names = columns_of(page)
        page.rows = [[r.get(n, "") for n in names] for r in kept]
        after = [list(line) for line in page.after]
        for line in after:
            if line and line[0] == "合计":
                for i, cell in enumerate(line):
                    if isinstance(cell, int | float) and not isinstance(cell, bool):
                        line[i] = round(sum(number(r[i]) for r in page.rows if str(r[i]) not in ("", "nan")), 2)
        page.after = after

    def change(self, path: str, fits: Fits, sheet: int = 0, **changed: object) -> list[Row]:
        """Sets cells of the rows that fit; a function is asked with the row. Returns the rows as they became."""
        return self.change_by(path, fits, changed, sheet)

    def change_by(self, path: str, fits: Fits, changed: Mapping[str, object], sheet: int = 0) -> list[Row]:
        """As `change`, for columns whose names are no words of Python."""
        rows, met = self.rows(path, sheet), []
        for row in rows:
            if fits(row):
                for column, value in changed.items():
                    if column not in row:
                        raise KeyError(f"{path}: no column {column}")
                    row[column] = value(row) if callable(value) else value
                met.append(row)
        if not met:
            raise LookupError(f"{path}: no row to plant a scenario in")
        self.put(path, rows, sheet)
        return met

    def add(self, path: str, rows: Iterable[Row], sheet: int = 0) -> None:
        """Rows under the others."""
        self.put(path, [*self.rows(path, sheet), *rows], sheet)

    def drop(self, path: str, fits: Fits, sheet: int = 0) -> None:
        """Takes the rows away that fit."""
        self.put(path, [r for r in self.rows(path, sheet) if not fits(r)], sheet)
