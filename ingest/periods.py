"""Years told from text: school years `2024-2025` and fiscal years `2024`."""

from __future__ import annotations

import re
from collections.abc import Iterable

# A school year starts on 1 September.
FIRST_MONTH = 9

_SPAN = re.compile(r"(20[0-9]{2})\s*(?:学?年)?\s*[—–―~至/-]\s*(20[0-9]{2})(?![0-9-])")
_SINGLE = re.compile(r"(20[0-9]{2})\s*学年")
_TERM = re.compile(r"(20[0-9]{2})\s*年?\s*([春秋])")
_DATE = re.compile(r"(20[0-9]{2})\s*[年./-]\s*([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")


def school_year(text: str | None) -> str | None:
    """`2021-2022学年…`, `2021学年`, `2022年春季`, `2022-06-20` -> the school year; None when there is none."""
    if not text:
        return None
    found = _SPAN.search(text)
    if found and int(found[2]) == int(found[1]) + 1:
        return f"{found[1]}-{found[2]}"
    found = _SINGLE.search(text)
    if found:
        return _from(int(found[1]))
    found = _TERM.search(text)
    if found:
        return _from(int(found[1]) - (found[2] == "春"))
    found = _DATE.search(text)
    if found and 1 <= int(found[2]) <= 12:
        return _from(int(found[1]) - (int(found[2]) < FIRST_MONTH))
    return None


def fiscal_year(text: str | None) -> str | None:
    """`2024年教育经费预算表`, `2024` -> `2024`; a school year is no fiscal year."""
    if not text or _SPAN.search(text):
        return None
    found = _YEAR.search(text)
    return found[1] if found else None


def parse(clock: str, text: str | None) -> str | None:
    """The period of a text on the contract's clock; `''` for timeless lists."""
    if clock == "none":
        return ""
    return school_year(text) if clock == "school_year" else fiscal_year(text)


def first(clock: str, texts: Iterable[str | None]) -> str | None:
    return next((p for p in (parse(clock, t) for t in texts) if p is not None), None)


def _from(year: int) -> str:
    return f"{year}-{year + 1}"
