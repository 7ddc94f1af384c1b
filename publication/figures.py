"""Figures as they are printed: rounding, units, amounts, periods. Comparison is done elsewhere, on unrounded values."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from publication import dictionary
from publication.language import joined, say

NONE = "—"


def decimal(value: Any) -> Decimal | None:
    """A number from a data set as an exact decimal of its shortest text; None stays None."""
    return None if value is None else Decimal(repr(value)) if isinstance(value, float) else Decimal(str(value))


def number(value: Any, places: int = 2) -> str:
    """Rounded half up, thousands separated, at most `places` decimals; `—` for nothing."""
    exact = decimal(value)
    if exact is None:
        return NONE
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    text = f"{rounded:,f}"
    if exact == exact.to_integral_value() and "." in text:
        text = text.split(".")[0]
    return text


def signed(value: Any, places: int = 2) -> str:
    text = number(value, places)
    exact = decimal(value)
    if exact is None or not any(c in text for c in "123456789"):
        return text
    return f"+{text}" if exact > 0 else text.replace("-", "−")


def wan(yuan: Any) -> str:
    """Yuan as 万元 (in English too: ten thousand yuan), two decimals, thousands separated."""
    exact = decimal(yuan)
    return NONE if exact is None else f"{(exact / 10000).quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):,f}"


def percent(part: Any, whole: Any) -> str:
    a, b = decimal(part), decimal(whole)
    return NONE if a is None or not b else f"{(a / b * 100).quantize(Decimal('0.1'), rounding=ROUND_HALF_UP)}%"


def value(raw: Any, unit: str, places: int = 2) -> str:
    """A value with its unit in Chinese; a yes/no indicator as 是 or 否."""
    if raw is None:
        return NONE
    if unit == "boolean":
        return say("是") if decimal(raw) else say("否")
    word = dictionary.word("unit", unit)
    text = number(raw, places)
    return f"{text}{word}" if word == "%" else f"{text} {word}".strip()


def scope(row: dict[str, Any]) -> str:
    """Stage, urban or rural, grade, subject, group of a row, as far as they narrow it down."""
    parts = []
    for column in ("stage", "urban_rural", "grade", "subgroup", "subject", "group_code"):
        raw = row.get(column)
        if raw in (None, "", "all", "_all", 0, -1, "0"):
            continue
        words = [dictionary.word(column, code) for code in str(raw).split(";")]
        parts.append(joined([say("{n} 年级", n=w) if column == "grade" and w.isdigit() else w for w in words]))
    return " · ".join(parts)
