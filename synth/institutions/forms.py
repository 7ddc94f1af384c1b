"""How the offices write their tables: workbooks with a title, unit, date and total, and plain text tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from synth.sheets import GB18030, UTF8_BOM, Sheet, write_csv, write_workbook

ISO, ZH, DOTTED, SLASHED = "%Y-%m-%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y/%m/%d"


@dataclass(frozen=True)
class Form:
    """What stands around a table. `sums`: the columns of the total line; `upper`: a second header row above, as
    column -> what it and its neighbours belong to."""

    title: str
    unit: str = ""
    date: str = ""
    note: str = ""
    signed: bool = False
    sums: Sequence[str] = ()
    upper: dict[str, str] | None = None


def sheet(table: pd.DataFrame, form: Form, name: str = "Sheet1") -> Sheet:
    """The sheet of a table: numbers are numbers, everything else is text, what is missing stays blank."""
    columns = [str(c) for c in table.columns]
    width = len(columns)
    before: list[list[object]] = []
    if form.date or form.unit:
        before = [[form.date, *[""] * (width - 2), f"单位:{form.unit}" if form.unit else ""]]
    after: list[list[object]] = []
    if form.sums:
        total: list[object] = ["合计", *[""] * (width - 1)]
        for column in form.sums:
            total[columns.index(column)] = round(float(table[column].fillna(0).sum()), 2)
        after.append(total)
    if form.note:
        after.append([f"注:{form.note}"])
    if form.signed:
        after.append(["填表人:      审核人:"])
    return Sheet(
        name=name, title=form.title, before=before, header=_header(columns, form.upper), rows=_rows(table), after=after
    )


def _header(columns: list[str], upper: dict[str, str] | None) -> list[list[str]]:
    if not upper:
        return [columns]
    top, bottom = [], []
    for i, column in enumerate(columns):
        group = upper.get(column, "")
        joined = bool(group) and i > 0 and upper.get(columns[i - 1], "") == group
        top.append(column if not group else "" if joined else group)
        bottom.append(column if group else "")
    return [top, bottom]


def _rows(table: pd.DataFrame) -> list[list[object]]:
    columns = []
    for name in table.columns:
        column = table[name]
        if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            values = column.where(column.notna(), "")
        else:
            values = column.astype(object).where(column.notna(), None)
        columns.append(values.tolist())
    return [list(row) for row in zip(*columns, strict=True)]


def write_form(path: Path, table: pd.DataFrame, form: Form, name: str = "Sheet1") -> None:
    """One table as a workbook."""
    write_workbook(path, [sheet(table, form, name)])


def write_table(path: Path, table: pd.DataFrame, encoding: str = UTF8_BOM) -> None:
    """One table as a text file, in UTF-8 with a mark or in GB18030."""
    write_csv(path, table, encoding)


def write_gb(path: Path, table: pd.DataFrame) -> None:
    """One table as the text file of an older office."""
    write_csv(path, table, GB18030)


def dates(day: pd.Series, style: str = ISO) -> pd.Series:
    """Dates as an office writes them; none is blank."""
    return day.dt.strftime(style).fillna("").astype(object)


def yes_no(flag: pd.Series | np.ndarray, marks: bool = False) -> pd.Series:
    """是 and 否, or a tick and a cross."""
    yes, no = ("√", "×") if marks else ("是", "否")
    index = flag.index if isinstance(flag, pd.Series) else None
    return pd.Series(np.where(np.asarray(flag, dtype=bool), yes, no), index=index, dtype=object)


def wan(hundreds: pd.Series) -> pd.Series:
    """Hundreds of yuan in 万元, two decimals."""
    return hundreds / 100
