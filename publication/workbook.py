"""The edition as an Excel workbook that a screen reader can walk: cover, contents, notes, one table a sheet.

Each sheet starts in A1 with its title; the table is a real one, with a marked header row, no merged cell, no empty
row and no meaning in colours; numbers are numbers, what is missing is blank with its status beside it, footnotes are
a column of ids. The file holds no clock.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from publication import dictionary, package
from publication.datasets import PREFIX, DataSet
from publication.draft import Draft
from publication.marks import marks, whole

_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
# Excel's own limit; longer tables are in the CSV and Parquet files whole.
_MOST_ROWS = 1_048_000
_WIDEST = 46
HEADER_ROW = 3


def workbook(draft: Draft, version: str) -> bytes:
    """The bytes of tables.xlsx."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    zh, en = package.titles(draft, version)
    book.set_properties({"title": zh, "subject": en, "author": f"{draft.names.region}教育局", "created": _MADE})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "lead": book.add_format({"font_color": "#3c4a52"}),
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "link": book.get_default_url_format(),
    }
    tables = [s for s in draft.sets if s.name not in ("footnotes", "codebook")]
    named = {s.name: _sheet_name(i, s) for i, s in enumerate(tables, 1)}
    _cover(book, formats, draft, version)
    _contents(book, formats, tables, named)
    _notes(book, formats, draft)
    found = marks(draft)
    for data in tables:
        _table(book, formats, named[data.name], data, found[data.name])
    codebook = draft.set("codebook")
    if codebook:
        _table(book, formats, "数据字典 Dictionary", codebook, None)
    book.close()
    return out.getvalue()


def _sheet_name(number: int, data: DataSet) -> str:
    return f"{number} {dictionary.title(data.name)[0]}"[:31]


def _cover(book: Any, formats: dict[str, Any], draft: Draft, version: str) -> None:
    sheet = book.add_worksheet("封面 Cover")
    zh, en = package.titles(draft, version)
    lines = [
        ("行政区划 Region", f"{draft.names.region} ({draft.region})"),
        ("学年 School year", draft.school_year),
        ("版本 Version", version),
        ("发布结论 Verdict", f"{dictionary.word('verdict', draft.clearance.outcome)} ({draft.clearance.outcome})"),
        ("数据校验 Data hash", draft.data_hash),
        (
            "说明 Notes",
            "每张表一个工作表；缺失值的原因见观测状态列 One table a sheet; a blank has its reason beside it",
        ),
    ]
    sheet.write_string(0, 0, zh, formats["title"])
    sheet.write_string(1, 0, en, formats["lead"])
    for i, (label, text) in enumerate(lines, 2):
        sheet.write_string(i, 0, label, formats["wrap"])
        sheet.write_string(i, 1, text, formats["wrap"])
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    sheet.activate()


def _contents(book: Any, formats: dict[str, Any], tables: list[DataSet], named: dict[str, str]) -> None:
    sheet = book.add_worksheet("目录 Contents")
    sheet.write_string(0, 0, "目录 Contents", formats["title"])
    sheet.write_string(1, 0, "点击名称转到该表 Follow a name to its table", formats["lead"])
    rows = [(named[s.name], *dictionary.title(s.name), f"data/{s.name}.csv", s.rows) for s in tables]
    heads = ["工作表 Sheet", "名称", "Title", "文件 File", "行数 Rows"]
    _add_table(sheet, formats, "contents", HEADER_ROW, heads, [list(r) for r in rows])
    for i, (name, *_) in enumerate(rows, HEADER_ROW + 1):
        sheet.write_url(i, 0, f"internal:'{name}'!A1", formats["link"], name)
    sheet.freeze_panes(HEADER_ROW + 1, 0)


def _notes(book: Any, formats: dict[str, Any], draft: Draft) -> None:
    sheet = book.add_worksheet("说明 Notes")
    sheet.write_string(0, 0, "说明 Notes", formats["title"])
    sheet.write_string(
        1,
        0,
        "状态代码，以及各表“说明编号”列所引的说明 Status codes, and the notes that tables refer to",
        formats["lead"],
    )
    rows = [
        [c, "观测状态 Status", f"{dictionary.word('obs_status', c)} {dictionary.word('obs_status', c, 'en')}"]
        for c in dictionary.order("obs_status")
    ]
    notes = draft.set("footnotes")
    general = {n["footnote_id"] for n in whole(draft)}
    for n in notes.table.to_pylist() if notes else []:
        scope = "全版 Whole edition" if n["footnote_id"] in general else "表内各行 Rows of tables"
        text = "：".join(t for t in (n["message_zh"], n["text_zh"]) if t)
        rows.append([n["footnote_id"], scope, text])
    _add_table(sheet, formats, "notes", HEADER_ROW, ["编号 Id", "范围 Scope", "内容 Text"], rows)
    sheet.freeze_panes(HEADER_ROW + 1, 0)


def _table(book: Any, formats: dict[str, Any], name: str, data: DataSet, notes: list[str] | None) -> None:
    sheet = book.add_worksheet(name)
    zh, en = dictionary.title(data.name)
    left_out = max(data.rows - _MOST_ROWS, 0)
    sheet.write_string(0, 0, f"{zh} {en}", formats["title"])
    said = f"{data.rows} 行 rows; data/{data.name}.csv"
    if left_out:
        said += f"；此处未列 {left_out} 行 {left_out} rows are not shown here"
    sheet.write_string(1, 0, said, formats["lead"])
    sheet.write_string(2, 0, "缺失值留空，原因见观测状态 A blank has its reason in the status column", formats["lead"])
    heads = [_head(data, c, t) for c, t in data.columns]
    rows = [list(r.values()) for r in data.table.slice(0, _MOST_ROWS).to_pylist()]
    if notes is not None:
        heads.append("说明编号 Notes")
        rows = [[*r, n] for r, n in zip(rows, notes, strict=False)]
    _add_table(sheet, formats, data.name.removeprefix(PREFIX), HEADER_ROW, heads, rows)
    sheet.freeze_panes(HEADER_ROW + 1, 1)


def _head(data: DataSet, column: str, type_name: str) -> str:
    described = dictionary.describe(data.name, column, type_name)
    unit = f" ({described.unit})" if described.unit else ""
    return f"{described.zh}{unit} {column}" if described.zh != column else column


def _add_table(
    sheet: Any, formats: dict[str, Any], name: str, top: int, heads: list[str], rows: list[list[Any]]
) -> None:
    """A marked table; a table of nothing still has its header row."""
    bottom = top + max(len(rows), 1)
    columns = [{"header": h, "header_format": formats["head"]} for h in heads]
    sheet.add_table(top, 0, bottom, len(heads) - 1, {"name": f"t_{name}", "columns": columns, "style": None})
    for i, row in enumerate(rows, top + 1):
        for j, value in enumerate(row):
            _cell(sheet, formats, i, j, value)
    for j, head in enumerate(heads):
        texts = [str(r[j]) for r in rows[:200] if r[j] is not None]
        wide = max([min(_width(t), _WIDEST) for t in texts] + [min(_width(head), 18)])
        sheet.set_column(j, j, wide + 2)


def _cell(sheet: Any, formats: dict[str, Any], row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, float(value))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), formats["date"])
    else:
        sheet.write_string(row, column, str(value))


def _width(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)
