"""Forms that change by year: a source's `layouts.csv` and the numbers that printed tables carry.

A row holds from one period to another (both included, blank is open), on the source's own clock: `2023-2024` or `2024`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.contracts import ROOT, SOURCES, contracts
from ingest.texts import header_form
from warehouse.errors import SchoolhouseError

TABLES = ROOT / "table_numbers.csv"


@dataclass(frozen=True)
class FormHeader:
    """A header as some years' form prints it: the field it stands for, and the unit where the form fixes one."""

    valid_from: str
    valid_to: str
    form: str
    field: str
    unit: str | None

    def holds(self, period: str) -> bool:
        return _within(period, self.valid_from, self.valid_to)


@cache
def form_headers(source: str) -> tuple[FormHeader, ...]:
    """The rows of `sources/<source>/layouts.csv`; none where the layout never changed.

    Raises SchoolhouseError for a row that names an unknown field or a header that the contract has already.
    """
    path = SOURCES / source / "layouts.csv"
    if not path.exists():
        return ()
    contract, rows = contracts()[source], []
    names = {f.name for f in contract.read_fields}
    for number, r in enumerate(_read(path), 2):
        form = header_form(r["header_as_printed"])
        if r["field"] not in names or form in contract.aliases:
            why = "the field is unknown" if r["field"] not in names else "the contract has this header for every year"
            raise SchoolhouseError(
                f"row {number} cannot be used: {why}",
                f"第{number}行不能使用:字段不存在,或契约已有此表头",
                where=f"{source}/layouts.csv",
            )
        rows.append(FormHeader(r["valid_from"], r["valid_to"], form, r["field"], r["unit"] or None))
    return tuple(rows)


@cache
def headers_of(source: str, period: str | None) -> dict[str, FormHeader]:
    """Header form -> row, of the forms of a period. Without a period, headers that mean one field in every year."""
    found: dict[str, list[FormHeader]] = {}
    for row in form_headers(source):
        if period is None or row.holds(period):
            found.setdefault(row.form, []).append(row)
    return {form: rows[-1] for form, rows in found.items() if len({r.field for r in rows}) == 1}


def sources_of_tables(texts: Iterable[str], period: str | None) -> set[str]:
    """Sources of the table numbers (`基础基312`) that stand in the texts, in the forms of a school year."""
    forms = [header_form(t) for t in texts]
    return {
        source
        for number, source, first, last in _tables()
        if (period is None or _within(period, first, last)) and any(_names(form, number) for form in forms)
    }


def _names(form: str, number: str) -> bool:
    at = form.find(number)
    return at >= 0 and not form[at + len(number) : at + len(number) + 1].isdigit()


@cache
def _tables() -> tuple[tuple[str, str, str, str], ...]:
    known = contracts()
    rows = [(header_form(r["table_number"]), r["source"], r["valid_from"], r["valid_to"]) for r in _read(TABLES)]
    for number, source, *_ in rows:
        if source not in known:
            raise SchoolhouseError(
                f"table {number} names the unknown source {source}",
                f"表号 {number} 对应的数据源 {source} 不存在",
                where=TABLES.name,
            )
    return tuple(rows)


def _within(period: str, first: str, last: str) -> bool:
    return (not first or first <= period) and (not last or period <= last)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return [{k: (v or "").strip() for k, v in row.items()} for row in csv.DictReader(f)]
