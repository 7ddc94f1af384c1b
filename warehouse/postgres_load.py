"""What a build on PostgreSQL reads: the pinned rows of raw and the ledger's tables, in a schema of the build's own.

A build is made in the schema `building` and becomes the schema of its build id at the end, so that a reader never meets
half of one. Only one house builds in a database at a time; what is not finished is gone afterwards, and of the finished
ones the newest stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse.corrections import CORRECTED
from warehouse.pg_binary import copy_rows
from warehouse.postgres import Server

BUILDING = "building"
# Finished builds that stay in the database: the one that is read, and the one before it for who wants to compare.
KEPT = 2
# The name of the lock on the schema `building`, which every house that builds in a database has in common.
_LOCK = 0x5C400100
# A transaction holds a lock for every table it drops, and a server has room for a few thousand.
_DROPPED_AT_ONCE = 100
# DuckDB's and Spark's names of types that PostgreSQL spells differently. A domain gives them to the models, so that a
# cast and a contract read the same on every engine.
_DOMAINS = {"double": "double precision", "hugeint": "numeric(38, 0)"}
_TYPES = {
    "VARCHAR": "text",
    "TINYINT": "smallint",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric(20, 0)",
    "HUGEINT": "numeric(38, 0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "BLOB": "bytea",
}


def load_inputs(server: Server, inputs: Path, raw: Path) -> dict[str, int]:
    """Fill the schema `building` anew: `input_<table>` from the file `inputs`, `raw_<source>` from the folder `raw`.

    Rows go from one engine to the other in binary form, one table at a time. Returns rows by table.
    """
    counts: dict[str, int] = {}
    connection = server.connect()
    try:
        _drop_schema(connection, BUILDING)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"create schema {BUILDING}")
            for name, base in _DOMAINS.items():
                cursor.execute(f"create domain {BUILDING}.{name} as {base}")
        with duckdb.connect(inputs, read_only=True) as con:
            con.execute("set timezone = 'UTC'")
            names = con.execute("select table_name from duckdb_tables() where table_name like 'input_%'").fetchall()
            queries = {name: f"select * from {name}" for (name,) in names}
            for folder in sorted(p for p in raw.iterdir() if (p / "_schema.parquet").exists()):
                queries[f"raw_{folder.name}"] = _pinned_rows(folder, inputs.parent / CORRECTED)
            for table, query in sorted(queries.items()):
                with connection, connection.cursor() as cursor:
                    counts[table] = _copy(con, cursor, table, query)
    finally:
        connection.close()
    return counts


def _pinned_rows(folder: Path, corrected: Path) -> str:
    """The pinned rows of a source, those that a declared correction touches as they are corrected."""
    rows = (
        f"select * from read_parquet('{folder}/**/*.parquet', union_by_name = true, hive_partitioning = false)"
        " where _submission_id in (select submission_id from input_pin)"
    )
    own = corrected / f"{folder.name}.parquet"
    if not own.exists():
        return rows
    touched = f"(_submission_id, _sheet, _row) not in (select (_submission_id, _sheet, _row) from '{own}')"
    return f"{rows} and {touched} union all by name select * from '{own}'"


@contextmanager
def one_build(server: Server) -> Iterator[None]:
    """Hold the schema `building`; a second house that wants to build in the same database waits. A schema that was not
    settled, because a model failed or the build was broken off, is dropped at the end.
    """
    connection = server.connect()
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            # The lock is the session's: the server lets it go with the connection, however the process ends.
            cursor.execute("select pg_advisory_lock(%s)", (_LOCK,))
        try:
            yield
        finally:
            _drop_schema(connection, BUILDING)
    finally:
        connection.close()


def settle(server: Server, schema: str, earlier: Sequence[str] = ()) -> None:
    """Give the finished build its name. Of the house's `earlier` builds, newest first, all but the newest are dropped,
    so that with this one there are `KEPT`.
    """
    connection = server.connect()
    try:
        _drop_schema(connection, schema)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"alter schema {BUILDING} rename to {schema}")
        others = [name for name in dict.fromkeys(earlier) if name != schema and _exists(connection, name)]
        for name in others[KEPT - 1 :]:
            _drop_schema(connection, name)
    finally:
        connection.close()


def has_schema(server: Server, schema: str) -> bool:
    """Whether the server holds a build of that name."""
    connection = server.connect()
    try:
        return _exists(connection, schema)
    finally:
        connection.close()


def translate_type(name: str) -> str:
    """PostgreSQL's type for a DuckDB type; a decimal keeps its precision and scale."""
    if match := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", name):
        return f"numeric({match[1]}, {match[2]})"
    return _TYPES.get(name, name.lower())


def _exists(connection: Any, schema: str) -> bool:
    with connection, connection.cursor() as cursor:
        cursor.execute("select 1 from pg_namespace where nspname = %s", (schema,))
        return cursor.fetchone() is not None


def _drop_schema(connection: Any, schema: str) -> None:
    """Drop a schema with all it holds, where it is there; tables first and a few at a time."""
    while True:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select quote_ident(c.relname) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
                " where n.nspname = %s and c.relkind = 'r' order by c.relname limit %s",
                (schema, _DROPPED_AT_ONCE),
            )
            tables = [f"{schema}.{name}" for (name,) in cursor.fetchall()]
            if not tables:
                cursor.execute(f"drop schema if exists {schema} cascade")
                return
            cursor.execute(f"drop table {', '.join(tables)} cascade")


def _copy(con: duckdb.DuckDBPyConnection, cursor: Any, table: str, query: str) -> int:
    described = con.execute(f"describe {query}").fetchall()
    columns = ", ".join(f'"{row[0]}" {translate_type(row[1])}' for row in described)
    cursor.execute(f"create table {BUILDING}.{table} ({columns})")
    rows = copy_rows(con, query, cursor, f"{BUILDING}.{table}", freeze=True)
    cursor.execute(f"analyze {BUILDING}.{table}")
    return rows
