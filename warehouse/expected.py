"""What a region is expected to send: the one reading of `expectations/required_sources.yaml`, for gate and office."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import SchoolhouseError
from warehouse.settings import PROJECT_ROOT

DEFAULT_FILE = PROJECT_ROOT / "expectations" / "required_sources.yaml"
CLOCKS = ("school_year", "fiscal_year", "calendar_year", "none")
_SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "plans"
_EVERY_REGION = "000000"
_DUE = re.compile(r"(?:\+(\d)y )?(\d\d)-(\d\d)")


@dataclass(frozen=True)
class Expectation:
    """One source that a region is expected to send. `stages` and `school_types` empty: every school."""

    source: str
    label: str
    clock: str
    per: str
    required: bool
    minimum: int
    stages: tuple[str, ...] = ()
    school_types: tuple[str, ...] = ()
    due: str = ""

    def due_date(self, starts_on: date) -> date | None:
        """The day by which a period that begins on `starts_on` must have come; None where no day is set."""
        if not self.due:
            return None
        years, month, day = _due_parts(self.due)
        first = _day(starts_on.year, month, day)
        if first < starts_on:
            years += 1
        return _day(starts_on.year + years, month, day)

    def concerns(self, stages: set[str], school_type: str) -> bool:
        """Whether a school of these stages and this type must be in it."""
        return (not self.stages or bool(stages & set(self.stages))) and (
            not self.school_types or school_type in self.school_types
        )


def read_expectations(region: str, path: Path = DEFAULT_FILE) -> list[Expectation]:
    """All sources expected of a region, the required ones first, each in the order of the file.

    Raises SchoolhouseError for a file that cannot be read or an entry that is not understood.
    """
    try:
        rules = yaml.safe_load(path.read_text(encoding="utf-8"))
        known: dict[str, Any] = rules.get("sources") or {}
        wanted = (rules.get("regions") or {}).get(region) or rules["default"]
        required = [_expectation(s, {**known.get(s, {}), **(entry or {})}, True) for s, entry in wanted.items()]
        optional = [_expectation(s, entry, False) for s, entry in known.items() if s not in wanted]
    except (OSError, KeyError, AttributeError, TypeError, ValueError, yaml.YAMLError) as e:
        raise SchoolhouseError(
            f"the list of required sources cannot be read: {e}", f"应报材料清单无法读取:{e}", where=path.name
        ) from e
    return required + optional


def _expectation(source: str, entry: Mapping[str, Any], required: bool) -> Expectation:
    unknown = set(entry) - {"label", "clock", "per", "minimum", "stages", "school_types", "due"}
    clock, per, due = entry["clock"], entry.get("per", "region"), str(entry.get("due", ""))
    if unknown or clock not in CLOCKS or per not in ("region", "school"):
        raise ValueError(f"{source}: {', '.join(sorted(unknown)) or f'{clock}, {per}'} is not understood")
    if due:
        _due_parts(due)
    return Expectation(
        source,
        entry.get("label", source),
        clock,
        per,
        required,
        int(entry.get("minimum", 1)),
        tuple(entry.get("stages", ())),
        tuple(str(t) for t in entry.get("school_types", ())),
        due,
    )


def _due_parts(due: str) -> tuple[int, int, int]:
    """(further years, month, day) of a due rule. Raises ValueError for one that is not understood."""
    found = _DUE.fullmatch(due)
    if not found:
        raise ValueError(f"due {due!r} is not MM-DD or +1y MM-DD")
    years, month, day = int(found[1] or 0), int(found[2]), int(found[3])
    date(2000, month, day)
    return years, month, day


def _day(year: int, month: int, day: int) -> date:
    """A date; 29 February falls on the 28th where the year has none."""
    return date(year, month, 28 if (month, day) == (2, 29) and year % 4 else day)


def edition_periods(region: str, school_year: str) -> dict[str, str]:
    """clock -> the period that an edition of the region judges on it (`''` for `none`), by `edition_calendar`."""
    rows = _calendar()
    found = rows.get((region, school_year)) or rows.get((_EVERY_REGION, school_year))
    start = school_year[:4]
    fiscal, calendar = (found["fiscal_year"], found["calendar_year"]) if found else (start, start)
    return {"school_year": school_year, "fiscal_year": fiscal, "calendar_year": calendar, "none": ""}


def period_start(clock: str, period: str) -> date:
    """First day of a period, from the calendar's rows."""
    span = period_span(clock, period)
    if span is None:
        raise SchoolhouseError(
            f"{period} is not a period of the calendar",
            f"{period} 不是可用的学年或年度",
            fix_en="write 2024-2025 or 2024",
            fix_zh="请写成 2024-2025 或 2024",
        )
    return span[0]


def period_span(clock: str, period: str) -> tuple[date, date] | None:
    """First and last day of a period; None for one that the calendar does not have."""
    return _spans().get((clock, period))


@cache
def _calendar() -> dict[tuple[str, str], dict[str, str]]:
    return {(r["region_code"], r["school_year"]): r for r in _rows("edition_calendar.csv")}


@cache
def _spans() -> dict[tuple[str, str], tuple[date, date]]:
    rows = _rows("period_calendar.csv")
    day = date.fromisoformat
    return {(r["period_type"], r["period_id"]): (day(r["starts_on"]), day(r["ends_on"])) for r in rows}


def _rows(name: str) -> list[dict[str, str]]:
    with (_SEEDS / name).open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))
