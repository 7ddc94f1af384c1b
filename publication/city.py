"""The figures of a city: sums of what its counties published, rates of sums, and the county figures behind each."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from publication.city_balance import balance_sets
from publication.city_targets import target_sets, worst_status
from publication.county import ORIGIN, PLACE, County, Place, Row, fault
from publication.datasets import DataSet, make
from warehouse.settings import PROJECT_ROOT

_SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "plans"
_SUMS = ("ratio", "total")
_FIGURE = (
    ("region_code", "VARCHAR"),
    ("school_year", "VARCHAR"),
    ("county_code", "VARCHAR"),
    *((c, "VARCHAR") for c in PLACE),
    ("numerator", "DOUBLE"),
    ("denominator", "DOUBLE"),
    ("value", "DOUBLE"),
    ("obs_status", "VARCHAR"),
    *ORIGIN,
)
_SUPPRESSED = ("c", "suppressed", "人数过少不予公布")
_NOWHERE = ("z", "not_applicable", "本地区没有此范围的学校")
_UNDEFINED = ("z", "undefined", "分母为零、为负或无适用标准")


def federated(region: str, counties: Sequence[County], min_count: float) -> list[DataSet]:
    """The city's definitions, values, targets and balance, and the counties' figures they are made of."""
    first = counties[0]
    summed = {c for c, d in first.definitions.items() if d.get("kind") in _SUMS and _is_additive(d)}
    small = _persons(), min_count
    values: list[Row] = []
    parts: list[Row] = []
    for place in sorted({p for c in counties for p in c.values if p[0] in summed}):
        definition = first.definitions[place[0]]
        rows = [(c, c.values.get(place)) for c in counties]
        for county, row in rows:
            if row is not None:
                _follows(county, place, row, definition)
                parts.append(_part(region, county, place, row))
        template = next(r for _, r in rows if r is not None)
        values.append(_city(region, place, dict(template), rows, definition, small))
    year = {"region_code": region, "school_year": first.school_year}
    definitions = [{**d, **year} for c, d in first.definitions.items() if c in summed]
    targets = target_sets(region, counties, values, first.definitions)
    judged = worst_status(targets)
    for row in values:
        if "target_status" in row:
            row["target_status"] = judged.get(_scope(row), "no_target")
    shown, described = (first.sets[n] for n in ("pub_indicator_value", "pub_indicator_definition"))
    return [
        make(shown.name, shown.columns, _table(values, shown)),
        make(described.name, described.columns, _table(definitions, described)),
        make("county_figure", _FIGURE, pa.Table.from_pylist(parts, schema=_schema())),
        *targets,
        *balance_sets(region, counties),
    ]


def _scope(row: Row) -> Place:
    return tuple(str(row[c]) for c in ("indicator_code", "stage", "urban_rural"))


def _city(
    region: str,
    place: Place,
    row: Row,
    rows: list[tuple[County, Row | None]],
    definition: Row,
    small: tuple[frozenset[str], float],
) -> Row:
    """The city's row: sums and a rate of sums, or the reason why there is none."""
    about = {"region_code": region, "entity_type": "city", "entity_id": region, "entity_name": region}
    blank = {"numerator": None, "denominator": None, "value": None, "target_status": "no_target"}
    row |= {k: v for k, v in {**about, **blank}.items() if k in row}
    states = {c.region: _state(c, place, r, definition) for c, r in rows}
    if "c" in states.values():
        return row | _without(row, *_SUPPRESSED)
    if missing := sorted(c for c, s in states.items() if s == "M"):
        return row | _without(row, "M", "not_reported", f"县级数据缺失：{'、'.join(missing)}")
    counted = [r for c, r in rows if r is not None and states[c.region] == "A"]
    if not counted:
        none_there = all(r is None or r.get("reason") in ("not_applicable", None) for _, r in rows)
        return row | _without(row, *(_NOWHERE if none_there else _UNDEFINED))
    top, bottom = _total(counted, "numerator"), _total(counted, "denominator")
    value = _value(definition, top, bottom)
    if value is None:
        return row | _without(row, *_UNDEFINED)
    if _is_small(definition, top, bottom, *small):
        return row | _without(row, *_SUPPRESSED)
    found = {"numerator": top, "denominator": bottom, "value": value, "obs_status": "A"}
    return row | {k: v for k, v in {**found, "reason": None, "reason_zh": None}.items() if k in row}


def _state(county: County, place: Place, row: Row | None, definition: Row) -> str:
    """What a county adds: `A` its counts, `z` nothing, `c` and `M` something that is not known.

    A rate without a sense (of a base of zero or less) still has counts, and they belong to the sums. A part that an
    edition leaves out has nobody in it, unless the county lacks figures of that indicator.
    """
    if row is None:
        own = [r for p, r in county.values.items() if (p[0], p[2]) == (place[0], place[2])]
        return "z" if own and all(r["obs_status"] != "M" for r in own) else "M"
    if row["obs_status"] != "z" or row.get("reason") in ("not_applicable", None):
        return str(row["obs_status"])
    wanted = ("numerator",) if definition["kind"] == "total" else ("numerator", "denominator")
    return "A" if all(row.get(c) is not None for c in wanted) else "c"


def _without(row: Row, status: str, reason: str, text: str) -> Row:
    return {k: v for k, v in {"obs_status": status, "reason": reason, "reason_zh": text}.items() if k in row}


def _total(rows: list[Row], column: str) -> float | None:
    found = [Decimal(str(r[column])) for r in rows if r.get(column) is not None]
    return float(sum(found, Decimal(0))) if len(found) == len(rows) else None


def _value(definition: Row, top: float | None, bottom: float | None) -> float | None:
    """As the models have it: scaled before it is divided, and of none or fewer than none there is no share."""
    scale = definition.get("scale") or 1
    if definition["kind"] == "total":
        return None if top is None else float(Decimal(str(top)) * Decimal(str(scale)))
    return None if top is None or bottom is None or bottom <= 0 else top * float(scale) / bottom


def _is_small(definition: Row, top: float | None, bottom: float | None, persons: frozenset[str], least: float) -> bool:
    counts = ((top, definition.get("numerator_measure")), (bottom, definition.get("denominator_measure")))
    return any(n is not None and 0 < n < least and measure in persons for n, measure in counts)


def _follows(county: County, place: Place, row: Row, definition: Row) -> None:
    """A county's rate must be that of its own counts: only then is the city's."""
    if row["obs_status"] != "A":
        return
    made = _value(definition, _total([row], "numerator"), _total([row], "denominator"))
    if made is None or abs(made - float(row["value"])) > 1e-6 * max(1.0, abs(made)):
        counts = f"{made}" if made is not None else "none"
        raise fault(
            f"{county.edition_id}: {' '.join(place)} is {row['value']}, but its counts make {counts}",
            f"{county.edition_id}：{' '.join(place)} 为 {row['value']}，而由其分子分母得 {made if made else '无'}",
            Path(county.edition_id),
        )


def areas_apart(sets: Sequence[DataSet]) -> list[Place]:
    """Places of the city where urban and rural, both shown, do not add up to the whole."""
    values = next(s for s in sets if s.name == "pub_indicator_value").table.to_pylist()
    shown = {tuple(str(r[c]) for c in PLACE): r for r in values if r["obs_status"] == "A"}
    found = []
    for place, row in shown.items():
        parts = [shown.get((*place[:-1], area)) for area in ("urban", "rural")]
        if place[-1] == "all" and all(parts) and row["numerator"] is not None:
            total = _total([p for p in parts if p], "numerator")
            if total is not None and abs(total - float(row["numerator"])) > 1e-6:
                found.append(place)
    return found


def _part(region: str, county: County, place: Place, row: Row) -> Row:
    figures = {k: None if row.get(k) is None else float(row[k]) for k in ("numerator", "denominator", "value")}
    return {
        "region_code": region,
        "school_year": county.school_year,
        **county.origin(),
        **dict(zip(PLACE, place, strict=True)),
        **figures,
        "obs_status": row["obs_status"],
    }


def _table(rows: list[Row], like: DataSet) -> pa.Table:
    """Rows with the types of a county's table; decimals take the sums as they are."""
    schema = like.table.schema
    exact = [f.name for f in schema if pa.types.is_decimal(f.type)]
    for row in rows:
        row |= {c: Decimal(repr(row[c])) for c in exact if isinstance(row.get(c), float)}
    return pa.Table.from_pylist(rows, schema=schema)


def _schema() -> pa.Schema:
    return pa.schema([(n, pa.float64() if t == "DOUBLE" else pa.string()) for n, t in _FIGURE])


def measures() -> list[dict[str, str]]:
    found = []
    for name in ("measures.csv", "measure_supplement.csv"):
        with (_SEEDS / name).open(encoding="utf-8-sig", newline="") as handle:
            found += list(csv.DictReader(handle))
    return found


def _is_additive(definition: Row) -> bool:
    plain = {r["measure_code"] for r in measures() if r["additive"] != "yes"}
    return not {definition.get("numerator_measure"), definition.get("denominator_measure")} & plain


def _persons() -> frozenset[str]:
    with (_SEEDS / "person_unit.csv").open(encoding="utf-8-sig", newline="") as handle:
        units = {r["unit"] for r in csv.DictReader(handle)}
    return frozenset(
        r["measure_code"]
        for r in measures()
        if r["disclosure"] in ("pupils", "sensitive") and r["value_type"] == "count" and r["unit"] in units
    )
