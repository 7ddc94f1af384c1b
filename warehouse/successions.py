"""Registered changes of schools: which school ended on which day, and which one began."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from warehouse.coverage import School
from warehouse.ledger import Ledger
from warehouse.settings import Settings

REGISTER = "school_succession"


@dataclass(frozen=True)
class Change:
    """One pair of a registered change; a code is `''` where the event has none (a closure, a foundation)."""

    event_no: str
    effective_on: date
    predecessor_code: str
    successor_code: str
    successor_name: str


def read_changes(settings: Settings, ledger: Ledger, region: str) -> list[Change]:
    """The region's changes in the order in which they took effect; empty where no register has come."""
    ids = [s["submission_id"] for s in ledger.current(region=region, sources=[REGISTER])]
    if not ids or not list((settings.raw / REGISTER).glob("*.parquet")):
        return []
    files = str(settings.raw / REGISTER / "*.parquet")
    query = f"""
        SELECT event_no, effective_on, coalesce(predecessor_code, ''), coalesce(successor_code, ''),
               coalesce(successor_name, '')
        FROM read_parquet('{files}', hive_partitioning = false)
        WHERE region_code = $region AND _submission_id IN (SELECT unnest($ids::VARCHAR[]))
        ORDER BY effective_on, event_no, 3, 4
    """
    with duckdb.connect() as con:
        return [Change(*row) for row in con.execute(query, {"region": region, "ids": ids}).fetchall()]


def apply_changes(
    schools: Sequence[School], changes: Sequence[Change], first: date, arrived: Collection[str], listed: Collection[str]
) -> list[School]:
    """The schools of a school year that begins on `first`, with the days on which changes ended or began them.

    `listed`: codes in the year's own reports, `arrived`: the stages that have a report. What the year's own report
    lists was there on its first day, whatever an earlier change says; a school that ended before is expected no more.
    A new school has the stages of those it follows; one without any is asked for what every school sends.
    """
    ended, began = _days(changes)
    known = {s.school_code: s for s in schools}
    found = []
    for s in schools:
        day = ended.get(s.school_code)
        start = began.get(s.school_code)
        if s.school_code in listed:
            day = day if day and day > first else None
            start = None
        found.append(replace(s, ended_on=day, began_on=start if start and start > first else None))
    for code, start in began.items():
        if code in known or not _in_year_before(start, first):
            continue
        parents = [
            known[c.predecessor_code] for c in changes if c.successor_code == code and c.predecessor_code in known
        ]
        name = next(c.successor_name for c in changes if c.successor_code == code)
        stages = tuple(sorted({stage for p in parents for stage in p.stages}))
        kind = parents[0].school_type_code if parents else ""
        # Its stage has reported and does not list it: it owes that report, and nothing else is asked of it.
        absent = start <= first and bool(set(stages) & set(arrived) if stages else arrived)
        found.append(School(code, name, kind, stages, absent, ended.get(code), start if start > first else None))
    return sorted(found, key=lambda s: s.school_code)


def _days(changes: Sequence[Change]) -> tuple[dict[str, date], dict[str, date]]:
    """(code -> day it ended, code -> day it began): by the last change that speaks of the school.

    A school that goes on under its own code in the same event did not end; one that is opened again has begun.
    """
    ended: dict[str, date] = {}
    began: dict[str, date] = {}
    goes_on = {(c.event_no, c.successor_code) for c in changes}
    for c in changes:
        if c.predecessor_code and (c.event_no, c.predecessor_code) not in goes_on:
            ended[c.predecessor_code] = c.effective_on
            began.pop(c.predecessor_code, None)
        if c.successor_code and (c.event_no, c.successor_code) not in {
            (p.event_no, p.predecessor_code) for p in changes
        }:
            began[c.successor_code] = c.effective_on
            ended.pop(c.successor_code, None)
    return ended, began


def _in_year_before(day: date, first: date) -> bool:
    """Whether a school that began on this day cannot stand in the reports of the year before."""
    return day > first.replace(year=first.year - 1)
