"""A city's targets: those that bind all its counties, judged anew on the city's own figures.

A rate is the rate of sums, so it is held against the target as a county's is. What asks something of every school is
reached where every county reaches it, and so is what the national method asks of counties and no sum makes. Whatever
else cannot be computed from counties' editions (sums of years, changes, totals that a plan sets for one county) says
so. `county_target` has every county's own verdict with the edition it is from.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from publication.county import ORIGIN, County, Row
from publication.datasets import DataSet, make
from warehouse.settings import PROJECT_ROOT

NAME = "pub_target_tracking"
_JUDGES = PROJECT_ROOT / "dbt_project" / "seeds" / "plans" / "target_judge.csv"
# What must be the same of a target in every county before it is one target of the city.
_TERMS = (
    "document_code",
    "indicator_code",
    "stage",
    "urban_rural",
    "grade",
    "subgroup",
    "target_value",
    "judge",
    "due_date",
)
_RUNNING = ("running", "on_track", "off_track")
_WORST = ("missed", "at_risk", "met", "no_data", "not_due", "informative")
_OWN = (
    ("region_code", "VARCHAR"),
    ("school_year", "VARCHAR"),
    ("county_code", "VARCHAR"),
    ("target_id", "VARCHAR"),
    ("document_code", "VARCHAR"),
    ("indicator_code", "VARCHAR"),
    ("stage", "VARCHAR"),
    ("actual_value", "DOUBLE"),
    ("status", "VARCHAR"),
    ("reason", "VARCHAR"),
    ("obs_status", "VARCHAR"),
    *ORIGIN,
)  # fmt: skip
NOT_FROM_COUNTIES = ("not_from_counties", "由县级数据无法重算")
BY_COUNTIES = ("by_counties", "由各县判定汇总")


def target_sets(
    region: str, counties: Sequence[County], values: Sequence[Row], definitions: Mapping[str, Row]
) -> list[DataSet]:
    """`pub_target_tracking` of the city and `county_target`; nothing where no county's edition has targets."""
    if all(NAME not in c.sets for c in counties):
        return []
    like = next(c.sets[NAME] for c in counties if NAME in c.sets)
    by_county = {c.region: {str(r["target_id"]): r for r in c.rows(NAME)} for c in counties}
    own: dict[tuple[Any, ...], list[Row]] = {}
    for v in values:
        own.setdefault((v["indicator_code"], v["stage"], v["urban_rural"]), []).append(v)
    rows, parts = [], []
    for target in sorted({t for found in by_county.values() for t in found}):
        found = [(c, by_county[c.region][target]) for c in counties if target in by_county[c.region]]
        parts += [_part(region, c, r) for c, r in found]
        if len(found) < len(counties) or len({tuple(r.get(k) for k in _TERMS) for _, r in found}) > 1:
            continue
        first = found[0][1]
        place = (first["indicator_code"], first["stage"], first.get("urban_rural") or "all")
        kind = str(definitions.get(str(first["indicator_code"]), {}).get("kind"))
        value = next((v for v in own.get(place, []) if _same_period(v["period_id"], first)), None)
        rows.append(_city(region, dict(first), found, value, kind))
    schema = pa.schema([(n, pa.float64() if t == "DOUBLE" else pa.string()) for n, t in _OWN])
    return [
        make(NAME, like.columns, pa.Table.from_pylist(rows, schema=like.table.schema)),
        make("county_target", _OWN, pa.Table.from_pylist(parts, schema=schema)),
    ]


def worst_status(sets: Sequence[DataSet]) -> dict[tuple[str, ...], str]:
    """(indicator, stage, area) -> the least favourable verdict on it, as the county's table of values has it."""
    found: dict[tuple[str, ...], str] = {}
    for row in next((s.table.to_pylist() for s in sets if s.name == NAME), []):
        place = tuple(str(row.get(c) or "all") for c in ("indicator_code", "stage", "urban_rural"))
        found[place] = min(found.get(place, _WORST[-1]), str(row["status"]), key=_WORST.index)
    return found


def _city(region: str, row: Row, found: list[tuple[County, Row]], value: Row | None, kind: str) -> Row:
    blank = {"region_code": region, "actual_value": None, "gap": None, "reason": None, "reason_zh": None}
    row |= {k: v for k, v in blank.items() if k in row}
    timing = _timing([r for _, r in found])
    statuses = [str(r["status"]) for _, r in found]
    if timing in ("informative", "counted_once", "period_over"):
        # What nobody is judged by is taken over: it is the same in every county.
        row |= {k: found[0][1][k] for k in ("reason", "reason_zh") if k in row}
        row["status"] = "not_due" if timing == "period_over" else "informative"
        actual, note = _actual(found, value, kind)
        return _shown(row, actual, note)
    if timing == "mixed":
        return _said(row, "no_data", NOT_FROM_COUNTIES, "M")
    actual, note = _actual(found, value, kind)
    # A rate of all schools together tells nothing of each of them.
    if row.get("judge") == "all_entities" or (actual is None and row.get("document_code") == "national"):
        return _said(row, _folded(statuses), BY_COUNTIES, "M")
    row["status"], reason = _verdict(row, actual, timing, "at_risk" in statuses)
    if reason and "reason" in row:
        row |= {k: v for k, v in _reason(found, reason).items() if k in row}
    return _shown(row, actual, note)


def _actual(
    found: list[tuple[County, Row]], value: Row | None, kind: str
) -> tuple[float | None, tuple[str, ...] | None]:
    """The city's figure that the target is about, or what stands in its way: reason, text and observation status."""
    if value is None or not _is_the_value(found, kind):
        return None, NOT_FROM_COUNTIES
    if value["obs_status"] != "A":
        return None, (
            str(value.get("reason") or "not_reported"),
            str(value.get("reason_zh") or ""),
            value["obs_status"],
        )
    return float(value["value"]), None


def _is_the_value(found: list[tuple[County, Row]], kind: str) -> bool:
    """Whether the target is held against the indicator's own value: in every county that shows one it is that.

    A total is set for one county; only none at all means the same for a city.
    """
    first = found[0][1]
    if kind != "ratio" and not (kind == "total" and first.get("target_value") == 0):
        return False
    scope = (str(first["indicator_code"]), str(first["stage"]), str(first.get("urban_rural") or "all"))
    for county, row in found:
        own = [v for p, v in county.values.items() if (p[0], p[3], p[4]) == scope and _same_period(p[2], row)]
        shown = {float(v["value"]) for v in own if v.get("value") is not None}
        if row.get("actual_value") is not None and not any(_near(row["actual_value"], s) for s in shown):
            return False
        if row.get("actual_value") is None and shown and row.get("obs_status") != "c":
            return False
    return True


def _same_period(period: str, row: Row) -> bool:
    return row.get("period_id") in (None, period)


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


def _timing(rows: list[Row]) -> str:
    """Where the edition stands in the target's span, from what the counties say of it; `mixed` where they differ."""
    found = set()
    for r in rows:
        reason, status = str(r.get("reason") or ""), str(r["status"])
        if reason in ("counted_once", "period_over", "not_started"):
            found.add(reason)
        elif status == "informative":
            found.add(status)
        else:
            found.add("running" if reason in _RUNNING else "due")
    return found.pop() if len(found) == 1 else "mixed"


def _verdict(row: Row, actual: float | None, timing: str, at_risk: bool) -> tuple[str, str]:
    """Status and reason, by the rules of the model `int_target_judged`."""
    holds = None if actual is None or row.get("target_value") is None else _holds(row, actual)
    if timing == "due":
        return ("no_data" if holds is None else "met" if holds else "missed"), ""
    if timing == "running":
        reason = "running" if holds is None else "on_track" if holds else "off_track"
        return ("at_risk" if holds is False else "not_due"), reason
    # A level that is asked for later counts now; of a sum no county is at risk yet.
    return ("at_risk" if holds is False and at_risk else "not_due"), "not_started"


def _holds(row: Row, actual: float) -> bool | None:
    judge, target = _judges().get(str(row.get("judge")), {}), float(row["target_value"])
    within = judge.get("is_inclusive") == "yes" and actual == target
    return {
        "higher": actual > target or within,
        "lower": actual < target or within,
        "equal": actual == target,
    }.get(str(judge.get("direction")))


def _folded(statuses: list[str]) -> str:
    """One county that fails decides, one that is not known leaves it open."""
    order = ("missed", "no_data", "at_risk", "not_due", "met", "informative")
    return min(statuses, key=order.index)


def _shown(row: Row, actual: float | None, note: tuple[str, ...] | None) -> Row:
    if actual is None:
        reason, text, *status = note or ("not_reported", "")
        said = row if row.get("reason") else row | {k: v for k, v in _words(reason, text).items() if k in row}
        return said | {"obs_status": status[0] if status else "M"}
    gap = None if row.get("target_value") is None else actual - float(row["target_value"])
    return row | {"actual_value": actual, "gap": gap, "obs_status": "A"}


def _said(row: Row, status: str, why: tuple[str, str], observed: str) -> Row:
    words = {k: v for k, v in _words(*why).items() if k in row}
    return row | {"status": status, "obs_status": observed, **words}


def _words(reason: str, text: str) -> Row:
    return {"reason": reason, "reason_zh": text or None}


def _reason(found: list[tuple[County, Row]], reason: str) -> Row:
    """A reason with its words, where a county used it."""
    text = next((r.get("reason_zh") for _, r in found if r.get("reason") == reason), None)
    return {"reason": reason, "reason_zh": text}


def _part(region: str, county: County, row: Row) -> Row:
    about: dict[str, Any] = {"region_code": region, "school_year": county.school_year, **county.origin()}
    return {n: row.get(n) for n, _ in _OWN} | about


@cache
def _judges() -> dict[str, dict[str, str]]:
    with _JUDGES.open(encoding="utf-8-sig", newline="") as handle:
        return {r["judge"]: r for r in csv.DictReader(handle)}
