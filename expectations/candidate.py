"""The candidate under the gate: one build, opened read-only, for one region and school year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from expectations.catalogue import Check
from warehouse.errors import SchoolhouseError
from warehouse.ledger import Ledger
from warehouse.settings import Settings

PUBLISHED_PREFIX = "pub_"


@dataclass(frozen=True)
class Candidate:
    """A build seen for one edition. `bounds` are the parameters that every query may use."""

    settings: Settings
    ledger: Ledger
    connection: duckdb.DuckDBPyConnection
    build_id: str
    folder: Path
    region: str
    school_year: str
    bounds: Mapping[str, str]

    def frame(self, query: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run a query with the bounds and `parameters` that it names. Raises duckdb.Error."""
        values = {**self.bounds, **(parameters or {})}
        named = set(re.findall(r"\$(\w+)", query))
        return self.connection.execute(query, {k: v for k, v in values.items() if k in named}).df()

    def tables(self, prefix: str = "") -> list[str]:
        """Names of tables and views of the build, sorted."""
        found = self.frame("select distinct table_name from information_schema.tables order by table_name")
        return [t for t in found["table_name"] if t.startswith(prefix)]

    def columns(self, table: str) -> dict[str, str]:
        """Column name -> DuckDB type, in the table's order."""
        found = self.frame(
            "select column_name, data_type from information_schema.columns where table_name = $table"
            " order by ordinal_position",
            {"table": table},
        )
        return dict(zip(found["column_name"], found["data_type"], strict=True))


@contextmanager
def open_candidate(
    settings: Settings, ledger: Ledger, build: Mapping[str, Any], region: str, school_year: str
) -> Iterator[Candidate]:
    """Open the build's database read-only. Raises SchoolhouseError when somebody still writes it."""
    path = Path(build["path"])
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as e:
        raise SchoolhouseError(
            f"the build cannot be opened: {str(e).splitlines()[0]}",
            "构建数据库无法打开",
            where=str(path),
            fix_en="wait for the build to end, or build again",
            fix_zh="请等待构建结束，或重新构建",
        ) from e
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield Candidate(
            settings,
            ledger,
            connection,
            build["build_id"],
            path.parent,
            region,
            school_year,
            _bounds(connection, region, school_year),
        )
    finally:
        connection.close()


def build_frame(candidate: Candidate, check: Check) -> pd.DataFrame:
    """The check's frame: its inputs are registered, its query run, and its shape verified.

    Raises duckdb.Error for a query that does not run, ValueError for a frame that is not one row a thing.
    """
    from expectations.inputs import INPUTS

    for name in check.inputs:
        candidate.connection.register(name, INPUTS[name](candidate))
    try:
        frame = candidate.frame(check.query, check.parameters)
    finally:
        for name in check.inputs:
            candidate.connection.unregister(name)
    if missing := {"entity_type", "entity_id", "observed", "expected", *check.tested_columns} - set(frame.columns):
        raise ValueError(f"the query gives no {', '.join(sorted(missing))}")
    if frame[["entity_type", "entity_id"]].isna().to_numpy().any():
        raise ValueError("the query gives a row without an entity")
    if frame.duplicated(["entity_type", "entity_id"]).any():
        raise ValueError("the query gives an entity twice")
    if strange := set(frame["entity_type"]) - set(check.entity_types):
        raise ValueError(f"the query gives entity types the check does not name: {', '.join(sorted(strange))}")
    return frame.sort_values(["entity_type", "entity_id"], ignore_index=True)


def _bounds(connection: duckdb.DuckDBPyConnection, region: str, school_year: str) -> dict[str, str]:
    """$region, the school year and the one before, and the clocks that the edition calendar gives them."""
    start = int(school_year[:4])
    bounds = {
        "region": region,
        "school_year": school_year,
        "prior_school_year": f"{start - 1}-{start}",
        "fiscal_year": str(start),
        "statistics_date": f"{start}-09-01",
        "as_of_date": f"{start + 1}-12-31",
    }
    known = connection.execute(
        "select count(*) from information_schema.tables where table_name = 'dim_edition'"
    ).fetchall()
    if known[0][0]:
        own = ("fiscal_year", "statistics_date", "as_of_date")
        rows = connection.execute(
            f"select {', '.join(f'cast({c} as varchar)' for c in own)} from dim_edition"
            " where school_year = ? and region_code = ?",
            [school_year, region],
        ).fetchall()
        bounds |= dict(zip(own, rows[0], strict=True)) if rows else {}
    return {**bounds, "prior_fiscal_year": str(int(bounds["fiscal_year"]) - 1)}
