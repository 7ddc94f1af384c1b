"""One build on two engines, value by value: what DuckDB holds against what PostgreSQL or Spark holds.

Counts, money, dates and texts must be equal, and of the same type. A double may differ in its last digits, since
engines add in different orders. Rows meet by the primary key that the table's test names.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import duckdb

from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server
from warehouse.postgres_load import translate_type
from warehouse.settings import Settings

RATE_TOLERANCE = 1e-9
EXAMPLES = 20
_FOLDERS = ("marts", "indicators", "balance", "published")
_KEY_ARGUMENTS = ("columns", "key")


class Other(Protocol):
    """The build that is compared with DuckDB's."""

    name: str

    def read_types(self, con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
        """Columns of a table and their types, in the spelling of `translate`; empty where there is no such table."""
        ...

    def translate(self, kind: str) -> str:
        """The type that a column of this DuckDB type should have."""
        ...

    def fetch(self, con: duckdb.DuckDBPyConnection, table: str, types: dict[str, str]) -> None:
        """Make the table `other` of `con`, with the columns of `types`, a DuckDB type each."""
        ...


@dataclass(frozen=True)
class Difference:
    """One value that two engines do not share. `column` is '' where the whole row is on one side only."""

    table: str
    key: str
    column: str
    duckdb: str
    other: str
    engine: str = "PostgreSQL"

    def line(self) -> str:
        return f"{self.table} [{self.key}] {self.column or '(row)'}: DuckDB {self.duckdb}, {self.engine} {self.other}"


@dataclass
class Comparison:
    """`counts` holds the number of differences by table and column; `differences` the first of them."""

    tables: int = 0
    rows: int = 0
    values: int = 0
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


def compare_builds(database: Path, manifest: Path, server: Server, schema: str) -> Comparison:
    """Compare every mart, fact, indicator and published table of a DuckDB build with a PostgreSQL schema.

    `manifest` is dbt's of either build: it names the tables and their keys. Raises SchoolhouseError when the server
    does not answer. A table that is missing on one side is a difference.
    """
    with _Postgres(server, schema) as other:
        return compare_with(database, manifest, other)


def compare_with(database: Path, manifest: Path, other: Other) -> Comparison:
    """Compare every table of a DuckDB build that others read with the same of another engine."""
    found = Comparison()
    with duckdb.connect(database, read_only=True) as con:
        con.execute("set timezone = 'UTC'")
        for table, key in sorted(read_keys(manifest).items()):
            _compare_table(con, other, table, key, found)
    return found


def read_keys(manifest: Path) -> dict[str, list[str]]:
    """Table -> columns of its primary key, or none, for the models of the layers that others read."""
    nodes = json.loads(manifest.read_text())["nodes"].values()
    keys: dict[str, list[str]] = {
        n["name"]: [] for n in nodes if n["resource_type"] == "model" and n["fqn"][1] in _FOLDERS
    }
    for node in nodes:
        told = node.get("test_metadata") or {}
        if node["resource_type"] != "test" or told.get("name") not in ("unique_key", "well_keyed"):
            continue
        table = (node.get("attached_node") or "").rpartition(".")[2]
        if table in keys:
            keys[table] = next((told["kwargs"][a] for a in _KEY_ARGUMENTS if a in told["kwargs"]), [])
    return keys


def compare_types(database: Path, manifest: Path, server: Server, schema: str) -> Comparison:
    """Compare only columns and their types; the rows of the two builds need not be of the same inputs."""
    found = Comparison()
    with _Postgres(server, schema) as other, duckdb.connect(database, read_only=True) as con:
        for table in sorted(read_keys(manifest)):
            _compare_types(con, other, table, found)
    return found


def _compare_types(
    con: duckdb.DuckDBPyConnection, other: Other, table: str, found: Comparison
) -> tuple[dict[str, str], dict[str, str]]:
    """Columns and types of a table on both sides; differences are noted."""
    ours = {r[0]: r[1] for r in con.execute(f"describe {table}").fetchall()}
    theirs = other.read_types(con, table)
    found.tables += 1
    _note(
        found,
        [
            Difference(table, "type", c, ours.get(c, "absent"), theirs.get(c, "absent"), other.name)
            for c in sorted(ours.keys() | theirs.keys())
            if other.translate(ours.get(c, "")) != theirs.get(c)
        ],
    )
    return ours, theirs


def _compare_table(con: duckdb.DuckDBPyConnection, other: Other, table: str, key: list[str], found: Comparison) -> None:
    ours, theirs = _compare_types(con, other, table, found)
    if not theirs or set(ours) != set(theirs):
        return
    other.fetch(con, table, ours)
    if "DOUBLE" not in ours.values() and (rows := _same_rows(con, table, list(ours))) is not None:
        found.rows += rows
        found.values += rows * len(ours)
        return
    by = key or [c for c, kind in ours.items() if kind != "DOUBLE"]
    joined = _join(table, by, list(ours))
    checks = {c: _differs(c, kind) for c, kind in ours.items() if c not in by}
    sums = ", ".join(f"count(*) filter (where a_n is not null and b_n is not null and {t})" for t in checks.values())
    counted = con.execute(
        f"select count(*), count(*) filter (where a_n is null), count(*) filter (where b_n is null) "
        f"{', ' + sums if sums else ''} from {joined}"
    ).fetchone()
    counted = counted or (0, 0, 0)
    found.rows += counted[0]
    found.values += counted[0] * len(ours)
    shown = " || '|' || ".join(f"coalesce(cast(coalesce(a_{c}, b_{c}) as varchar), 'NULL')" for c in by)
    for side, number in (("duckdb", counted[2]), ("other", counted[1])):
        if number:
            found.counts[(table, "")] = found.counts.get((table, ""), 0) + number
            gone = "b_n" if side == "duckdb" else "a_n"
            rows = con.execute(
                f"select {shown} from {joined} where {gone} is null order by 1 limit {EXAMPLES}"
            ).fetchall()
            there = ("present", "absent") if side == "duckdb" else ("absent", "present")
            found.differences += [Difference(table, r[0], "", *there, other.name) for r in rows]
    for (column, test), number in zip(checks.items(), counted[3:], strict=True):
        if number:
            found.counts[(table, column)] = number
            rows = con.execute(
                f"select {shown}, cast(a_{column} as varchar), cast(b_{column} as varchar) from {joined} "
                f"where a_n is not null and b_n is not null and {test} order by 1 limit {EXAMPLES}"
            ).fetchall()
            found.differences += [Difference(table, k, column, str(a), str(b), other.name) for k, a, b in rows]


def _same_rows(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> int | None:
    """How many rows both sides have, where they are the same rows as a multiset; None where they are not.

    By number and sum of the rows' 64-bit hashes: it spares the join of millions of rows that are all the same.
    """
    listed = ", ".join(f'"{c}"' for c in columns)
    ours, theirs = (
        con.execute(f"select count(*), sum(cast(hash({listed}) as hugeint)) from {relation}").fetchall()
        for relation in (table, "other")
    )
    return ours[0][0] if ours == theirs else None


def _join(table: str, by: list[str], columns: list[str]) -> str:
    """Both sides by key; rows that share a key are numbered, so that a multiset is compared, not a set."""
    order = ", ".join(f'"{c}"' for c in columns)
    key = ", ".join(f'"{c}"' for c in by)

    def side(letter: str, relation: str) -> str:
        named = ", ".join(f'"{c}" as {letter}_{c}' for c in columns)
        number = f"row_number() over (partition by {key} order by {order})"
        return f"(select {named}, {number} as {letter}_n from {relation}) as {letter}"

    on = " and ".join(f"a_{c} is not distinct from b_{c}" for c in by)
    return f"{side('a', table)} full outer join {side('b', 'other')} on {on} and a_n = b_n"


def _differs(column: str, kind: str) -> str:
    a, b = f"a_{column}", f"b_{column}"
    if kind != "DOUBLE":
        return f"{a} is distinct from {b}"
    near = f"abs({a} - {b}) <= {RATE_TOLERANCE} * greatest(1, abs({a}), abs({b}))"
    return f"({a} is distinct from {b} and not coalesce({near}, false))"


def _note(found: Comparison, differences: Iterable[Difference]) -> None:
    for d in differences:
        found.differences.append(d)
        found.counts[(d.table, d.column)] = found.counts.get((d.table, d.column), 0) + 1


class _Postgres:
    """A schema of PostgreSQL; rows come as CSV files."""

    name = "PostgreSQL"

    def __init__(self, server: Server, schema: str) -> None:
        self._server, self._schema = server, schema

    def __enter__(self) -> _Postgres:
        self._connection = self._server.connect()
        self._cursor: Any = self._connection.cursor()
        self._scratch = tempfile.TemporaryDirectory(prefix="schoolhouse-compare-")
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.cleanup()
        self._connection.close()

    def translate(self, kind: str) -> str:
        return translate_type(kind)

    def read_types(self, con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
        self._cursor.execute(
            "select column_name, data_type, numeric_precision, numeric_scale from information_schema.columns "
            "where table_schema = %s and table_name = %s order by ordinal_position",
            (self._schema, table),
        )
        types = {}
        for name, kind, precision, scale in self._cursor.fetchall():
            if kind == "numeric":
                # A numeric without a scale keeps what it was given: only its values can be compared.
                types[name] = f"numeric({precision}, {scale})" if precision else "numeric"
            else:
                types[name] = {"character varying": "text", "timestamp without time zone": "timestamp"}.get(kind, kind)
        return types

    def fetch(self, con: duckdb.DuckDBPyConnection, table: str, types: dict[str, str]) -> None:
        listed = ", ".join(f'"{c}"' for c in types)
        aside = Path(self._scratch.name) / f"{table}.csv"
        with aside.open("wb") as lines:
            self._cursor.copy_expert(
                f"copy (select {listed} from {self._schema}.{table}) to stdout (format csv)", lines
            )
        columns = ", ".join(f"'{c}': '{kind}'" for c, kind in types.items())
        con.execute(
            f"create or replace temp table other as select * from read_csv('{aside}', header = false,"
            f" auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
            f" allow_quoted_nulls = false, columns = {{{columns}}})"
        ).fetchall()
        aside.unlink()


def compare_newest(settings: Settings, target: str) -> Comparison:
    """Compare the newest build on DuckDB with the build of the same inputs and code on another engine."""
    from warehouse.build import name_build, newest_build
    from warehouse.compare_spark import spark_build
    from warehouse.postgres import running_server

    build = newest_build(settings)
    manifest: Path = build["path"].parent / "manifest.json"
    schema = name_build(target, build["pin_sha256"], build["code_sha256"])
    if target == "spark":
        with spark_build(settings, manifest, schema) as other:
            return compare_with(build["path"], manifest, other)
    with running_server(settings) as server:
        return compare_builds(build["path"], manifest, server, schema)


def main() -> None:
    """Compare the newest build on DuckDB with the one of the same inputs and code on another engine."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--target", choices=("postgres", "spark"), default="postgres")
    settings = Settings.load()
    try:
        found = compare_newest(settings, parser.parse_args().target)
    except SchoolhouseError as e:
        sys.exit(e.line(settings.language))
    for difference in found.differences:
        sys.stdout.write(difference.line() + "\n")
    for (table, column), number in sorted(found.counts.items()):
        sys.stdout.write(f"{number} differences in {table}.{column or '(rows)'}\n")
    sys.stdout.write(f"{found.tables} tables, {found.rows} rows, {found.values} values compared\n")
    sys.exit(1 if found.counts else 0)


if __name__ == "__main__":
    main()
