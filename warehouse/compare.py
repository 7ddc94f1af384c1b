"""One build on two engines, value by value: what DuckDB holds against what PostgreSQL holds.

Counts, money, dates and texts must be equal, and of the same type. A double may differ in its last digits, since
engines add in different orders. Rows meet by the primary key that the table's test names.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server
from warehouse.postgres_load import translate_type
from warehouse.settings import Settings

RATE_TOLERANCE = 1e-9
EXAMPLES = 20
_FOLDERS = ("marts", "indicators", "balance", "published")
_KEY_ARGUMENTS = ("columns", "key")


@dataclass(frozen=True)
class Difference:
    """One value that two engines do not share. `column` is '' where the whole row is on one side only."""

    table: str
    key: str
    column: str
    duckdb: str
    postgres: str

    def line(self) -> str:
        return f"{self.table} [{self.key}] {self.column or '(row)'}: DuckDB {self.duckdb}, PostgreSQL {self.postgres}"


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
    found = Comparison()
    keys = read_keys(manifest)
    connection = server.connect()
    try:
        with (
            connection.cursor() as cursor,
            duckdb.connect(database, read_only=True) as con,
            tempfile.TemporaryDirectory(prefix="schoolhouse-compare-") as scratch,
        ):
            con.execute("set timezone = 'UTC'")
            for table, key in sorted(keys.items()):
                _compare_table(con, cursor, schema, table, key, Path(scratch) / f"{table}.csv", found)
    finally:
        connection.close()
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
    connection = server.connect()
    try:
        with connection.cursor() as cursor, duckdb.connect(database, read_only=True) as con:
            for table in sorted(read_keys(manifest)):
                _compare_types(con, cursor, schema, table, found)
    finally:
        connection.close()
    return found


def _compare_types(
    con: duckdb.DuckDBPyConnection, cursor: Any, schema: str, table: str, found: Comparison
) -> tuple[dict[str, str], dict[str, str]]:
    """Columns and types of a table on both sides; differences are noted."""
    ours = {r[0]: r[1] for r in con.execute(f"describe {table}").fetchall()}
    theirs = _read_types(cursor, schema, table)
    found.tables += 1
    _note(
        found,
        [
            Difference(table, "type", c, ours.get(c, "absent"), theirs.get(c, "absent"))
            for c in sorted(ours.keys() | theirs.keys())
            if translate_type(ours.get(c, "")) != theirs.get(c)
        ],
    )
    return ours, theirs


def _compare_table(
    con: duckdb.DuckDBPyConnection, cursor: Any, schema: str, table: str, key: list[str], aside: Path, found: Comparison
) -> None:
    ours, theirs = _compare_types(con, cursor, schema, table, found)
    if not theirs or set(ours) != set(theirs):
        return
    listed = ", ".join(f'"{c}"' for c in ours)
    with aside.open("wb") as lines:
        cursor.copy_expert(f"copy (select {listed} from {schema}.{table}) to stdout (format csv)", lines)
    columns = ", ".join(f"'{c}': '{kind}'" for c, kind in ours.items())
    con.execute(
        f"create or replace temp table other as select * from read_csv('{aside}', header = false, auto_detect = false,"
        f" delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, columns = {{{columns}}})"
    ).fetchall()
    aside.unlink()
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
    for side, number in (("duckdb", counted[2]), ("postgres", counted[1])):
        if number:
            found.counts[(table, "")] = found.counts.get((table, ""), 0) + number
            gone = "b_n" if side == "duckdb" else "a_n"
            rows = con.execute(
                f"select {shown} from {joined} where {gone} is null order by 1 limit {EXAMPLES}"
            ).fetchall()
            there = ("present", "absent") if side == "duckdb" else ("absent", "present")
            found.differences += [Difference(table, r[0], "", *there) for r in rows]
    for (column, test), number in zip(checks.items(), counted[3:], strict=True):
        if number:
            found.counts[(table, column)] = number
            rows = con.execute(
                f"select {shown}, cast(a_{column} as varchar), cast(b_{column} as varchar) from {joined} "
                f"where a_n is not null and b_n is not null and {test} order by 1 limit {EXAMPLES}"
            ).fetchall()
            found.differences += [Difference(table, k, column, str(a), str(b)) for k, a, b in rows]


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


def _read_types(cursor: Any, schema: str, table: str) -> dict[str, str]:
    """Columns of a table and their types in the spelling of `translate_type`."""
    cursor.execute(
        "select column_name, data_type, numeric_precision, numeric_scale from information_schema.columns "
        "where table_schema = %s and table_name = %s order by ordinal_position",
        (schema, table),
    )
    types = {}
    for name, kind, precision, scale in cursor.fetchall():
        if kind == "numeric":
            # A numeric without a scale keeps what it was given: only its values can be compared.
            types[name] = f"numeric({precision}, {scale})" if precision else "numeric"
        else:
            types[name] = {"character varying": "text", "timestamp without time zone": "timestamp"}.get(kind, kind)
    return types


def _note(found: Comparison, differences: Iterable[Difference]) -> None:
    for d in differences:
        found.differences.append(d)
        found.counts[(d.table, d.column)] = found.counts.get((d.table, d.column), 0) + 1


def main() -> None:
    """Compare the newest build on DuckDB with the build of the same inputs and code on PostgreSQL."""
    from warehouse.build import name_build, newest_build
    from warehouse.postgres import running_server

    settings = Settings.load()
    try:
        build = newest_build(settings)
        with running_server(settings) as server:
            schema = name_build("postgres", build["pin_sha256"], build["code_sha256"])
            found = compare_builds(build["path"], build["path"].parent / "manifest.json", server, schema)
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
