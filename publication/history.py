"""Earlier years as the same build computes them: what trends and movements are drawn from.

The rows are those that the published tables hold for the earlier editions of the region, hidden cells included, so a
figure that is hidden in its own year stays hidden in every later one.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from publication.datasets import DataSet, make

_VALUE = (
    ("region_code", "VARCHAR"),
    ("school_year", "VARCHAR"),
    ("value_year", "VARCHAR"),
    ("indicator_code", "VARCHAR"),
    ("period_type", "VARCHAR"),
    ("period_id", "VARCHAR"),
    ("stage", "VARCHAR"),
    ("urban_rural", "VARCHAR"),
    ("numerator", "DOUBLE"),
    ("denominator", "DOUBLE"),
    ("value", "DOUBLE"),
    ("obs_status", "VARCHAR"),
    ("definition_version", "VARCHAR"),
)
_DISPERSION = (
    ("region_code", "VARCHAR"),
    ("school_year", "VARCHAR"),
    ("value_year", "VARCHAR"),
    ("stage", "VARCHAR"),
    ("item_code", "VARCHAR"),
    ("kind", "VARCHAR"),
    ("n_schools", "INTEGER"),
    ("mean_value", "DOUBLE"),
    ("cv_value", "DOUBLE"),
    ("obs_status", "VARCHAR"),
)
_MADE = (
    ("indicator_trend", "pub_indicator_value", _VALUE, "entity_type = 'county'"),
    ("dispersion_trend", "pub_resource_dispersion", _DISPERSION, "true"),
)


def read_history(database: Path, region: str, school_year: str) -> list[DataSet]:
    """`indicator_trend` and `dispersion_trend`: the region's own figures of this and earlier school years."""
    sets = []
    with duckdb.connect(str(database), read_only=True) as connection:
        held = {
            t: {
                c
                for _, c in connection.execute(
                    "select table_name, column_name from information_schema.columns where table_name = $1"
                    " and table_catalog = current_database()",
                    [t],
                ).fetchall()
            }
            for _, t, _, _ in _MADE
        }
        for name, table, columns, condition in _MADE:
            if not held[table]:
                continue
            picked = ", ".join(_picked(c, t, held[table]) for c, t in columns)
            rows = connection.sql(
                f"select {picked} from {table} where region_code = $1 and school_year <= $2 and {condition}",
                params=[region, school_year],
            ).to_arrow_table()
            sets.append(make(name, columns, rows))
    return sets


def _picked(column: str, type_name: str, held: set[str]) -> str:
    if column == "school_year":
        return "cast($2 as varchar) as school_year"
    source = "school_year" if column == "value_year" else column
    return f'cast({source if source in held else "null"} as {type_name}) as "{column}"'
