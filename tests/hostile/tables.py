"""The tables that the bad files carry: good forms, so that a file is refused for its own fault and no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_year = 2024
HEADER = ["预算单位代码", "单位名称", "项目名称", "口径", "执行金额"]
SCORE_HEADER = ["学籍号", "学校标识码", "年级", "班级", "语文", "数学"]
PARAMETER_HEADER = [
    "考试名称",
    "考试日期",
    "级别",
    "年级",
    "学科",
    "满分",
    "优秀线",
    "良好线",
    "及格线",
    "低分线",
    "分母规则",
]
SCHOOL = "2199000001"


@contextmanager
def own_year(number: int) -> Iterator[None]:
    """Forms made inside are of a fiscal year of their own, so that no two files that are read are one claim."""
    global _year
    before, _year = _year, 2000 + number
    try:
        yield
    finally:
        _year = before


def money(*rows: list[Any]) -> list[list[Any]]:
    """A budget form of one unit and year."""
    lines = rows or (["301001", "教育局", "校舍维修", "执行", 1234.5],)
    return [[f"{_year}年教育经费预算执行表"], ["单位:元"], HEADER, *lines]


def scores(*pupils: Any) -> list[list[Any]]:
    """A score sheet of one class; the identifiers are given, the rest is good."""
    title = ["2021-2022学年度第二学期期末检测成绩"]
    return [title, SCORE_HEADER, *([p, SCHOOL, "三年级", "1班", 90, 95] for p in pupils)]


def text(rows: list[list[Any]], delimiter: str = ",") -> str:
    return "".join(delimiter.join("" if v is None else str(v) for v in row) + "\r\n" for row in rows)


def csv(rows: list[list[Any]], encoding: str = "gb18030") -> bytes:
    return text(rows).encode(encoding)
