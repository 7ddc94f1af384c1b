"""A city's balance: the spread over all its schools, and the national method's legs, which ask every county.

The spread is exact: the mean of a city is the weighted mean of its counties' means, its variance theirs within plus
theirs between, weighted by pupils. A leg holds in the city where it holds in each county; one county that fails
decides, one that is open leaves it open. Behind both stand the counties' own rows, with the edition they are from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from publication.city_targets import NOT_FROM_COUNTIES
from publication.county import ORIGIN, County, Row
from publication.datasets import DataSet, make

DISPERSION, LEG, CONCLUSION = "pub_resource_dispersion", "pub_balance_leg", "pub_balance_conclusion"
_COUNTS = ("entity_count", "met_count", "not_met_count", "undecided_count")
_GROUPS = ("data", "resource", "dispersion", "guarantee", "quality", "recognition", "veto")
# Behind a city's rows: what of a county's row is kept, with its types.
_KEPT = {
    "county_dispersion": (
        DISPERSION,
        (
            ("stage", "VARCHAR"), ("item_code", "VARCHAR"), ("kind", "VARCHAR"), ("n_schools", "INTEGER"),
            ("weight_sum", "DOUBLE"), ("mean_value", "DOUBLE"), ("sd_value", "DOUBLE"), ("cv_value", "DOUBLE"),
            ("obs_status", "VARCHAR"),
        ),
    ),
    "county_balance": (
        LEG,
        (
            ("leg_id", "VARCHAR"), ("stage", "VARCHAR"), ("value", "DOUBLE"), ("limit_value", "DOUBLE"),
            ("status", "VARCHAR"), ("reason", "VARCHAR"), ("obs_status", "VARCHAR"),
        ),
    ),
}  # fmt: skip


def balance_sets(region: str, counties: Sequence[County]) -> list[DataSet]:
    """The city's dispersion, legs and conclusion, and the counties' rows behind them, as far as editions have any."""
    found = []
    legs = _each(region, counties, LEG, ("leg_id", "stage"), _leg)
    for name, rows in (
        (DISPERSION, _each(region, counties, DISPERSION, ("stage", "item_code", "kind"), _spread)),
        (LEG, legs),
        (CONCLUSION, _conclusion(region, counties, legs)),
    ):
        like = next((c.sets[name] for c in counties if name in c.sets), None)
        if like is not None:
            found.append(make(name, like.columns, pa.Table.from_pylist(rows, schema=like.table.schema)))
    for name, (source, kept) in _KEPT.items():
        if any(source in c.sets for c in counties):
            found.append(_behind(region, counties, name, source, kept))
    return found


def _each(
    region: str,
    counties: Sequence[County],
    name: str,
    key: tuple[str, ...],
    made: Callable[[Row, list[Row | None], Sequence[County]], Row],
) -> list[Row]:
    """One row for each key that any county has, made from the rows of all counties in their order."""
    by_county = [{tuple(str(r[k]) for k in key): r for r in c.rows(name)} for c in counties]
    rows = []
    for place in sorted({p for found in by_county for p in found}):
        parts = [found.get(place) for found in by_county]
        first = next(p for p in parts if p is not None)
        rows.append(made({**first, "region_code": region}, parts, counties))
    return rows


def _spread(row: Row, parts: list[Row | None], counties: Sequence[County]) -> Row:
    """A county without schools of the stage adds none; one whose schools have not all reported leaves it open."""
    there = [p for p in parts if p is not None]
    about = {"n_schools": _sum(there, "n_schools"), "n_missing": _sum(there, "n_missing")}
    about["weight_sum"] = _sum(there, "weight_sum")
    blank = {"mean_value": None, "sd_value": None, "cv_value": None}
    row |= {k: v for k, v in (about | blank).items() if k in row}
    if any(p["obs_status"] == "M" for p in there) or any(_lacks(c) for c in counties):
        return row | _said(row, "M", "missing_values")
    figures = [tuple(p.get(k) for k in ("weight_sum", "mean_value", "sd_value")) for p in there]
    if any(v is None for figure in figures for v in figure):
        return row | _said(row, "M", NOT_FROM_COUNTIES[0])
    weighed = [(float(w), float(m), float(s)) for w, m, s in figures]  # type: ignore[arg-type]
    total = math.fsum(w for w, _, _ in weighed)
    mean = math.fsum(w * m for w, m, _ in weighed) / total if total else 0.0
    if not mean:
        return row | _said(row, "z", "undefined")
    spread = math.sqrt(math.fsum(w * (s * s + (m - mean) ** 2) for w, m, s in weighed) / total)
    reason = "single_school" if about["n_schools"] == 1 else None
    found = {"mean_value": mean, "sd_value": spread, "cv_value": spread / mean}
    return row | found | _said(row, "A", reason)


def _lacks(county: County) -> bool:
    return DISPERSION not in county.sets


def _leg(row: Row, parts: list[Row | None], counties: Sequence[County]) -> Row:
    """Every county has to hold. The value is that of the county furthest from the limit, where all show theirs."""
    there = [p for p in parts if p is not None]
    statuses = ["undecided" if p is None else str(p["status"]) for p in parts]
    status = next((s for s in ("not_met", "undecided") if s in statuses), "met")
    hidden, values = any(p["obs_status"] == "c" for p in there), [p.get("value") for p in there]
    known = [float(v) for v in values if v is not None]
    worst = min if row.get("comparison") == "at_least" else max
    complete = len(known) == len(parts) or all(
        p is not None and (p.get("value") is not None or p.get("reason") == "not_applicable") for p in parts
    )
    counts = {c: _sum(there, c) if len(there) == len(parts) else None for c in _COUNTS}
    limits = {p.get("limit_value") for p in there}
    about = {
        "value": worst(known) if known and complete and not hidden else None,
        "limit_value": limits.pop() if len(limits) == 1 else None,
        "status": status,
        "reason": _deciding(parts, status),
        **counts,
    }
    row |= {k: v for k, v in about.items() if k in row}
    shown = row["value"] is not None or row.get("entity_count") is not None
    return row | {"obs_status": "c" if hidden else "A" if shown else "M"}


def _deciding(parts: list[Row | None], status: str) -> str | None:
    """Why it is as it is: the reason of the first county that decides, and of a leg that holds that of all."""
    if status == "met":
        reasons = {p.get("reason") for p in parts if p is not None}
        return str(only) if len(reasons) == 1 and (only := reasons.pop()) else None
    deciding = next(p for p in parts if (p is None and status == "undecided") or (p and p["status"] == status))
    return "not_reported" if deciding is None else deciding.get("reason")


def _conclusion(region: str, counties: Sequence[County], legs: list[Row]) -> list[Row]:
    """Put together from the counties' conclusions, which know legs that are not published; counts are of those here."""
    parts = [next(iter(c.rows(CONCLUSION)), None) for c in counties]
    like = next((p for p in parts if p is not None), None)
    if like is None or not legs:
        return []
    statuses = [str(r["status"]) for r in legs]

    def of_all(column: str) -> str:
        return _worst(["undecided" if p is None else str(p.get(column)) for p in parts])

    about: dict[str, Any] = {
        "region_code": region,
        "conclusion": of_all("conclusion"),
        "is_vetoed": any(p["is_vetoed"] for p in parts if p is not None),
        "leg_count": len(legs),
        **{f"{s}_count": statuses.count(s) for s in ("met", "not_met", "undecided")},
        **{f"{g}_status": of_all(f"{g}_status") for g in _GROUPS},
    }
    return [{**like, **{k: v for k, v in about.items() if k in like}, "obs_status": "A"}]


def _worst(statuses: list[str]) -> str:
    return next((s for s in ("not_met", "undecided") if s in statuses), "met")


def _sum(rows: list[Row], column: str) -> Any:
    found = [r.get(column) for r in rows]
    return None if any(v is None for v in found) else sum(v for v in found if v is not None)


def _said(row: Row, status: str, reason: str | None) -> Row:
    return {"obs_status": status} | ({"reason": reason} if "reason" in row else {})


def _behind(
    region: str, counties: Sequence[County], name: str, source: str, kept: tuple[tuple[str, str], ...]
) -> DataSet:
    """The counties' own rows, with the edition they are from."""
    text = ("region_code", "school_year", "county_code")
    columns = (*((c, "VARCHAR") for c in text), *kept, *ORIGIN)
    rows = [
        {n: r.get(n) for n, _ in kept} | {"region_code": region, "school_year": c.school_year} | c.origin()
        for c in counties
        for r in c.rows(source)
    ]
    kinds = {"DOUBLE": pa.float64(), "INTEGER": pa.int32()}
    schema = pa.schema([(n, kinds.get(t, pa.string())) for n, t in columns])
    return make(name, columns, pa.Table.from_pylist(rows, schema=schema))
