"""Puts an edition's county figures through disclosure control: the rows of a build, hidden where they must be.

A count is known by what it counts (measure and filter), its period, stage and area, whichever indicator shows it: two
indicators with one denominator cannot show in one place what the other hides. What an earlier version hid stays hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from publication.datasets import DataSet
from publication.disclosure import Key, Sum, Table, measure_sums, scope_sums
from publication.dominance import DEFAULT_PERCENT, protect_money

Row = dict[str, Any]
Cell = tuple[str, str, str, str]
# Hidden cells are blank in these columns of these data sets.
_BLANK = {
    "pub_indicator_value": ("numerator", "denominator", "value"),
    "indicator_trend": ("numerator", "denominator", "value"),
    "pub_target_tracking": ("actual_value", "gap"),
    "pub_balance_leg": ("value",),
}
_ADDED = ("ratio", "total")
# What protection reads of a build besides the published tables.
TABLES = ("int_published_value", "int_parameter__by_school_year", "dim_measure", "person_unit")
# Where a build has no parameter `suppression_min_count`.
DEFAULT_THRESHOLD = 10.0
_REASON = {"reason": "suppressed", "reason_zh": "人数过少不予公布", "obs_status": "c"}


@dataclass(frozen=True)
class Protected:
    """What came of it: cells hidden by the model, cells hidden here in addition, counts that can still be told."""

    threshold: float
    before: frozenset[Cell]
    added: frozenset[Cell]
    left: tuple[Key, ...]


def cell_of(row: Mapping[str, Any]) -> Cell:
    area = row.get("urban_rural") or "all"
    return (str(row["indicator_code"]), str(row.get("period_id")), str(row["stage"]), str(area))


def protect(
    database: Path, region: str, school_year: str, sets: list[DataSet], earlier: Iterable[Path]
) -> tuple[list[DataSet], Protected | None]:
    """The data sets with every cell hidden that has to be. `earlier`: data folders of earlier versions.

    A build without the model's own account of small cells (`int_published_value`) has none to protect.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        truth = _truth(connection, region, school_year)
        threshold = _parameter(connection, school_year, "suppression_min_count", DEFAULT_THRESHOLD)
        persons = _persons(connection)
        percent = _parameter(connection, school_year, "dominance_percent", DEFAULT_PERCENT)
    sets = protect_money(sets, percent)
    if truth is None:
        return sets, None
    definitions = next((s for s in sets if s.name == "pub_indicator_definition"), None)
    known = {r["indicator_code"]: r for r in (definitions.table.to_pylist() if definitions else [])}
    before = frozenset(cell_of(r) for r in truth if r["is_hidden"])
    stuck = _hidden_before(earlier) & {cell_of(r) for r in truth}
    hidden, left = hide(truth, known, persons, threshold, before | stuck)
    done = [_blank(s, hidden) if s.name in _BLANK else s for s in sets]
    return done, Protected(threshold, before, frozenset(hidden - before), tuple(left))


def hide(
    rows: list[Row], known: Mapping[str, Row], persons: set[str], threshold: float, hidden: Iterable[Cell]
) -> tuple[set[Cell], list[Key]]:
    """All cells to hide, and the counts that can be told all the same.

    `persons` are the measures whose small counts are secret; posts, rooms and schools are not, however few.
    """
    out = set(hidden)
    counts, carriers = _counts(rows, known)
    while True:
        size = len(out)
        secret = {
            k
            for k, cells in carriers.items()
            if k[0].split("|")[0] in persons and 0 < counts[k] < threshold and any(c in out for c in cells)
        }
        for k in secret:
            out |= carriers[k]
        left: list[Key] = []
        for keys, sums in _systems(counts, rows, known, persons):
            inside = frozenset(secret & keys)
            if not inside:
                continue
            blank = {k for k in keys if carriers[k] <= out}
            table = Table({k: counts[k] for k in keys}, sums, inside, blank, threshold)
            for k in table.protect():
                out |= carriers[k]
            left += table.left
        if len(out) == size:
            return out, sorted(left)


def _counts(rows: list[Row], known: Mapping[str, Row]) -> tuple[dict[Key, float], dict[Key, set[Cell]]]:
    """Counts by what they count, and the cells of indicators that show each."""
    counts: dict[Key, float] = {}
    carriers: dict[Key, set[Cell]] = {}
    for row in rows:
        for key, value in _operands(row, known):
            counts[key] = value
            carriers.setdefault(key, set()).add(cell_of(row))
    return counts, carriers


def _operands(row: Row, known: Mapping[str, Row]) -> list[tuple[Key, float]]:
    code, period, stage, area = cell_of(row)
    definition = known.get(code, {})
    found = []
    for which in ("numerator", "denominator"):
        if row[which] is not None and float(row[which]).is_integer() and row[which] >= 0:
            # In a share of schools, an extreme or a change the figures are no sums of the measure.
            measure = definition.get(f"{which}_measure") if definition.get("kind") in _ADDED else None
            name = f"{measure}|{definition.get(f'{which}_filter') or ''}" if measure else f"{code}|{which}"
            found.append(((name, period, stage, area), float(row[which])))
    return found


def _systems(
    counts: Mapping[Key, float], rows: list[Row], known: Mapping[str, Row], persons: set[str]
) -> list[tuple[set[Key], list[Sum]]]:
    """Counts that hang together, with the sums between them: of scopes, of counts that make up another, of shares."""
    of_persons = {k: n for k, n in counts.items() if k[0].split("|")[0] in persons}
    sums = scope_sums(counts, counts) + measure_sums(of_persons)
    for row in rows:
        operands = dict(_operands(row, known))
        if len(operands) == 2 and known.get(str(row["indicator_code"]), {}).get("unit") == "%":
            (part, small), (whole, large) = operands.items()
            if small <= large:
                sums.append(Sum(whole, (part,), exact=False))
    root = {k: k for k in counts}

    def find(k: Key) -> Key:
        while root[k] != k:
            root[k] = root[root[k]]
            k = root[k]
        return k

    for s in sums:
        for p in s.parts:
            root[find(p)] = find(s.whole)
    groups: dict[Key, tuple[set[Key], list[Sum]]] = {}
    for k in counts:
        groups.setdefault(find(k), (set(), []))[0].add(k)
    for s in sums:
        groups[find(s.whole)][1].append(s)
    return [groups[k] for k in sorted(groups)]


def _truth(connection: duckdb.DuckDBPyConnection, region: str, school_year: str) -> list[Row] | None:
    """County figures of the edition's year and of the earlier years its trends show, small ones included."""
    if not _has(connection, "int_published_value"):
        return None
    return (
        connection.sql(
            "select indicator_code, period_id, stage, urban_rural, max(numerator) as numerator,"
            " max(denominator) as denominator, bool_or(is_hidden) as is_hidden from int_published_value"
            " where region_code = $1 and school_year <= $2 and entity_type = 'county' and value is not null"
            " group by all order by all",
            params=[region, school_year],
        )
        .to_arrow_table()
        .to_pylist()
    )


def _parameter(connection: duckdb.DuckDBPyConnection, school_year: str, code: str, default: float) -> float:
    if not _has(connection, "int_parameter__by_school_year"):
        return default
    query = "select value from int_parameter__by_school_year where parameter_code = ? and school_year = ?"
    found = connection.execute(query, [code, school_year]).fetchall()
    return float(found[0][0]) if found else default


def _persons(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Measures that count pupils, or are sensitive, in a unit of persons or cases."""
    if not (_has(connection, "dim_measure") and _has(connection, "person_unit")):
        return set()
    query = (
        "select m.measure_code from dim_measure m join person_unit u on m.unit = u.unit"
        " where m.disclosure in ('pupils', 'sensitive') and m.value_type = 'count'"
    )
    return {str(code) for (code,) in connection.execute(query).fetchall()}


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    query = "select 1 from information_schema.tables where table_name = ? and table_catalog = current_database()"
    return bool(connection.execute(query, [table]).fetchall())


def _hidden_before(folders: Iterable[Path]) -> set[Cell]:
    """County cells that an earlier version hid, as far as they were of a year that is still shown."""
    found: set[Cell] = set()
    for folder in folders:
        for name in ("pub_indicator_value", "indicator_trend"):
            path = folder / f"{name}.parquet"
            if path.exists():
                for row in pq.ParquetFile(path).read().to_pylist():
                    if row["obs_status"] == "c" and row.get("entity_type", "county") == "county":
                        found.add(cell_of(row))
    return found


def _blank(data: DataSet, hidden: set[Cell]) -> DataSet:
    """A data set with its hidden cells blank, coded and explained. Order and types stay."""
    rows = data.table.to_pylist()
    changed = False
    for row in rows:
        about_county = row.get("entity_type", "county") == "county"
        shown = any(row.get(c) is not None for c in _BLANK[data.name])
        if about_county and shown and cell_of(row) in hidden:
            changed = True
            row.update({c: None for c in _BLANK[data.name] if c in row})
            row.update({c: v for c, v in _REASON.items() if c in row})
    return replace(data, table=pa.Table.from_pylist(rows, schema=data.table.schema)) if changed else data
