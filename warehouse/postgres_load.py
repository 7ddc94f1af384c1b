"""What a build on PostgreSQL reads: the pinned rows of raw and the ledger's tables, in a schema of the build's own.

A build is made in the schema `building` and becomes the schema of its build id at the end, so that a reader never meets
half of one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb

from warehouse.postgres import Server

BUILDING = "building"
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


def load_inputs(server: Server, inputs: Path, raw: Path, scratch: Path) -> dict[str, int]:
    """Fill the schema `building` anew: `input_<table>` from the file `inputs`, `raw_<source>` from the folder `raw`.

    Rows go through CSV files in `scratch`, one table at a time. Returns rows by table.
    """
    counts: dict[str, int] = {}
    scratch.mkdir(parents=True, exist_ok=True)
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(f"drop schema if exists {BUILDING} cascade")
            cursor.execute(f"create schema {BUILDING}")
            for name, base in _DOMAINS.items():
                cursor.execute(f"create domain {BUILDING}.{name} as {base}")
        with duckdb.connect(inputs, read_only=True) as con:
            con.execute("set timezone = 'UTC'")
            names = con.execute("select table_name from duckdb_tables() where table_name like 'input_%'").fetchall()
            queries = {name: f"select * from {name}" for (name,) in names}
            for folder in sorted(p for p in raw.iterdir() if (p / "_schema.parquet").exists()):
                queries[f"raw_{folder.name}"] = (
                    f"select * from read_parquet('{folder}/**/*.parquet', union_by_name = true,"
                    " hive_partitioning = false) where _submission_id in (select submission_id from input_pin)"
                )
            for table, query in sorted(queries.items()):
                with connection, connection.cursor() as cursor:
                    counts[table] = _copy(con, cursor, table, query, scratch / f"{table}.csv")
    finally:
        connection.close()
    return counts


def settle(server: Server, schema: str) -> None:
    """Give the finished build its name."""
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(f"drop schema if exists {schema} cascade")
            cursor.execute(f"alter schema {BUILDING} rename to {schema}")
    finally:
        connection.close()


def has_schema(server: Server, schema: str) -> bool:
    """Whether the server holds a build of that name."""
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select 1 from information_schema.schemata where schema_name = %s", (schema,))
            return cursor.fetchone() is not None
    finally:
        connection.close()


def translate_type(name: str) -> str:
    """PostgreSQL's type for a DuckDB type; a decimal keeps its precision and scale."""
    if match := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", name):
        return f"numeric({match[1]}, {match[2]})"
    return _TYPES.get(name, name.lower())


def _copy(con: duckdb.DuckDBPyConnection, cursor: Any, table: str, query: str, aside: Path) -> int:
    described = con.execute(f"describe {query}").fetchall()
    columns = ", ".join(f'"{row[0]}" {translate_type(row[1])}' for row in described)
    cursor.execute(f"create table {BUILDING}.{table} ({columns})")
    # Every value is quoted, a NULL is not: an empty text stays an empty text.
    con.execute(f"copy ({query}) to '{aside}' (format csv, header false, force_quote *, nullstr '')").fetchall()
    try:
        with aside.open("rb") as lines:
            cursor.copy_expert(f"copy {BUILDING}.{table} from stdin (format csv)", lines)
    finally:
        aside.unlink()
    cursor.execute(f"analyze {BUILDING}.{table}")
    cursor.execute(f"select count(*) from {BUILDING}.{table}")
    return int(cursor.fetchone()[0])
