"""The finance sheets of a fiscal year: the budget in two versions, and what became of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from synth.county import County
from synth.money import ADJUSTED, BUREAU, FINAL, INITIAL, PAID, STAGES_ZH
from synth.sheets import Sheet, write_csv, write_workbook
from synth.texts import hundredths

_COMMON = ("预算单位代码", "单位名称", "项目名称", "项目类别", "功能科目编码", "经济科目编码", "资金来源", "学段")
_FIELDS = ("unit_code", "unit_name", "project", "category", "function_code", "economic_code", "fund_source")


def write_finance(folder: Path, county: County, year: int) -> None:
    """Budget workbook and execution table of a fiscal year; the execution comes as CSV and workbook in turn."""
    money = county.money.loc[county.money["year"] == year]
    budget = [
        _sheet(money, version, column, f"{year}年教育经费预算表", ("预算版本", "预算金额(万元)"), above=True)
        for version, column in ((INITIAL, "initial"), (ADJUSTED, "adjusted"))
    ]
    write_workbook(folder / "教育经费预算表.xlsx", budget)
    kinds = ((PAID, "paid"), (FINAL, "final"))
    if year % 2:
        sheets = [_sheet(money, k, c, f"{year}年教育经费预算执行表", ("口径", "执行金额(万元)")) for k, c in kinds]
        write_workbook(folder / "教育经费执行表.xlsx", sheets)
        return
    tables = []
    for kind, column in kinds:
        table = _text_columns(money)
        table["口径"] = kind
        table["执行金额(万元)"] = hundredths(money[column])
        tables.append(table)
    write_csv(folder / "教育经费执行表.csv", pd.concat(tables, ignore_index=True))


def _text_columns(money: pd.DataFrame) -> pd.DataFrame:
    table = money[list(_FIELDS)].assign(stage=money["stage"].map(STAGES_ZH))
    table.columns = list(_COMMON)
    return table


def _sheet(
    money: pd.DataFrame, version: str, column: str, title: str, last: tuple[str, ...], above: bool = False
) -> Sheet:
    """`above` adds the unit that a unit belongs to: the bureau, which belongs to none."""
    bureau, more = BUREAU[0], ("主管单位代码",) if above else ()
    width = len(_COMMON) + len(more) + 2
    rows: list[list[object]] = []
    for unit, lines in money.groupby("unit_code", sort=True):
        parent = ("" if unit == bureau else bureau,) if above else ()
        texts = _text_columns(lines).to_numpy().tolist()
        rows += [[*t, *parent, version, a / 100] for t, a in zip(texts, lines[column].tolist(), strict=True)]
        rows.append(["小计", str(lines["unit_name"].iloc[0]), *[""] * (width - 3), int(lines[column].sum()) / 100])
    return Sheet(
        name=version,
        title=title,
        before=[["", *[""] * (width - 2), "单位:万元"]],
        header=[[*_COMMON, *more, *last]],
        rows=rows,
        after=[
            ["合计", *[""] * (width - 2), int(money[column].sum()) / 100],
            ["注:功能科目均属205教育支出;小计按预算单位。"],
        ],
    )
