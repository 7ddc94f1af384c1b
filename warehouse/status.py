"""Who has sent what: the office's chasing list."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.chasing import read_lines
from warehouse.errors import SchoolhouseError
from warehouse.expected import edition_periods, period_start
from warehouse.settings import Settings


def read_status(
    settings: Settings, region: str | None = None, period: str | None = None, today: date | None = None
) -> dict[str, Any]:
    """What was expected, what came and what became of it.

    `received`: rows by region, source, period and status; `attention`: files rejected, partial or waiting;
    `corrected`: files that were turned away whole and the file that came in their place;
    `editions`; `expected`: a `chasing.Line` for each unit, source and period, of the school year `period` (by
    default each region's newest one); `periods`: region -> the periods of that year on each clock. `today`
    decides what is overdue (default: this day, UTC).

    Raises SchoolhouseError for a period that is no school year.
    """
    ledger = l.Ledger.open(settings)
    s = l.submission.c
    counts = (
        sa.select(
            s.region_code,
            s.source,
            s.period,
            s.status,
            sa.func.count().label("files"),
            sa.func.sum(s.rows_accepted).label("rows_accepted"),
            sa.func.sum(s.rows_rejected).label("rows_rejected"),
        )
        .group_by(s.region_code, s.source, s.period, s.status)
        .order_by(s.region_code, s.source, s.period, s.status)
    )
    attention = (
        sa.select(
            s.region_code,
            s.source,
            s.unit_code,
            s.period,
            s.status,
            s.file_name,
            s.rows_rejected,
            s.reason_zh,
            s.reason_en,
        )
        .where(s.status.in_(("rejected", "partial", "waiting")))
        .order_by(s.region_code, s.source, s.period, s.file_name)
    )
    if region:
        counts = counts.where(s.region_code == region)
        attention = attention.where(s.region_code.in_((region, "")))
    c = l.correction.c
    corrected = (
        sa.select(s.region_code, s.source, s.period, c.file_name, c.by_file_name, c.corrected_by, c.basis, c.noted_at)
        .join(l.submission, s.submission_id == c.corrected_by)
        .order_by(s.region_code, s.source, s.period, c.file_name)
    )
    if region:
        corrected = corrected.where(s.region_code == region)
    editions = sa.select(l.edition).order_by(*l.edition.primary_key.columns)
    years = _school_years(ledger, region, period)
    day = today or datetime.now(UTC).date()
    return {
        "periods": {code: edition_periods(code, year) for code, year in years.items()},
        "expected": [line.to_dict() for code, year in years.items() for line in read_lines(settings, code, year, day)],
        "received": [{k: int(v) if k.startswith("rows") else v for k, v in r.items()} for r in ledger.rows(counts)],
        "attention": ledger.rows(attention),
        "corrected": ledger.rows(corrected),
        "editions": [r for r in ledger.rows(editions) if region in (None, r["region_code"])],
    }


def _school_years(ledger: l.Ledger, region: str | None, period: str | None) -> dict[str, str]:
    """region -> school year to look at."""
    if period:
        period_start("school_year", period)
    s = l.submission.c
    newest = sa.select(s.region_code, sa.func.max(s.period).label("period")).where(
        s.region_code != "", s.status.in_(l.CURRENT), s.period.like("____-____")
    )
    found = {r["region_code"]: r["period"] for r in ledger.rows(newest.group_by(s.region_code))}
    if region:
        if region not in found and not period:
            raise SchoolhouseError(
                f"nothing of a school year has come from {region}",
                f"{region} 还没有报送过任何学年的材料",
                fix_en="say which year: --period 2024-2025",
                fix_zh="请用 --period 2024-2025 指明学年",
            )
        return {region: period or found[region]}
    return {code: period or year for code, year in sorted(found.items())}
