"""Who has sent what: the office's chasing list."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.settings import Settings


def read_status(settings: Settings, region: str | None = None) -> dict[str, Any]:
    """`received`: rows by region, source, period and status; `attention`: files rejected, partial or waiting."""
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
    editions = sa.select(l.edition).order_by(*l.edition.primary_key.columns)
    return {
        "received": [{k: int(v) if k.startswith("rows") else v for k, v in r.items()} for r in ledger.rows(counts)],
        "attention": ledger.rows(attention),
        "editions": [r for r in ledger.rows(editions) if region in (None, r["region_code"])],
    }
