"""One table into PostgreSQL: filled, keyed, compared with its source, described and closed.

Rows go through a pipe in binary form. While one connection builds the indexes another compares: a server has more than
one core.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.bi import checks, roles
from warehouse.bi.tables import Served
from warehouse.pg_binary import copy_rows
from warehouse.postgres import Server
from warehouse.postgres_load import translate_type

# Columns that policies and filters go by and that pick few rows; the first column of a key has an index already.
_FILTERED = ("region_code", "school_code", "indicator_code")
# A table from so many rows on has indexes for them.
_INDEXED_ROWS = 5_000
# Of the loading session: memory for an index, and no wait for the disk, since what counts is the swap's commit.
_SESSION = "set maintenance_work_mem = '2GB'; set max_parallel_maintenance_workers = 0; set synchronous_commit = off"


@dataclass(frozen=True)
class Sessions:
    """Two connections of the loading account."""

    first: Any
    second: Any


@contextmanager
def sessions(server: Server) -> Iterator[Sessions]:
    """Connections for filling tables, closed at the end."""
    found = Sessions(server.connect(), server.connect())
    try:
        for connection in (found.first, found.second):
            with connection, connection.cursor() as cursor:
                cursor.execute(_SESSION)
        yield found
    finally:
        found.first.close()
        found.second.close()


def fill(at: Sessions, con: duckdb.DuckDBPyConnection, zone_name: str, schema: str, table: Served) -> int:
    """Make and fill one table in a schema that nobody may enter yet; its rows.

    Raises SchoolhouseError when it differs from its source, or no rule says whose its rows are. What is left of the
    table then goes with the schema.
    """
    closing = list(roles.protect(zone_name, schema, table.name, table.names))
    name = f'{schema}."{table.name}"'
    keyed = _has_keys(con, table)
    source = checks.Summary.later(con, table)
    with at.first, at.first.cursor() as cursor:
        cursor.execute(f"create table {name} ({_columns(table, keyed)})")
        count = copy_rows(con.cursor(), _rows(table), cursor, name, freeze=True)
    compared = _beside(lambda: _compare(at.second, source(), name, table))
    try:
        with at.first, at.first.cursor() as cursor:
            for statement in _indexes(name, table, keyed, count):
                cursor.execute(statement)
    finally:
        fault = compared()
    if fault:
        raise fault
    with at.first, at.first.cursor() as cursor:
        cursor.execute(f"analyze {name}")
        if keyed:
            cursor.execute(f'alter table {name} add primary key using index "{_key_index(table)}"')
        for statement in (*_comments(name, table), *closing):
            cursor.execute(statement)
    return count


def _has_keys(con: duckdb.DuckDBPyConnection, table: Served) -> bool:
    """Whether every row of the source has the whole key, which is then a primary key."""
    if not table.key:
        return False
    lacking = " or ".join(f'"{c}" is null' for c in table.key)
    return not con.execute(f'select count(*) from "{table.name}" where {lacking}').fetchall()[0][0]


def _columns(table: Served, keyed: bool) -> str:
    return ", ".join(
        f'"{c}" {translate_type(kind)}{" not null" if keyed and c in table.key else ""}' for c, kind in table.columns
    )


def _key_index(table: Served) -> str:
    return f"{table.name[:58]}_key"


def _indexes(name: str, table: Served, keyed: bool, rows: int) -> Iterator[str]:
    if table.key:
        unknown = "" if keyed else " nulls not distinct"
        listed = ", ".join(f'"{c}"' for c in table.key)
        yield f'create unique index "{_key_index(table)}" on {name} ({listed}){unknown}'
    if rows >= _INDEXED_ROWS:
        for column in (c for c in _FILTERED if c in table.names and c not in table.key[:1]):
            yield f"create index on {name} ({column})"


def _compare(connection: Any, source: checks.Summary, name: str, table: Served) -> None:
    full = [column for column, count in source.filled.items() if count == source.rows]
    with connection, connection.cursor() as cursor:
        checks.compare(source, checks.Summary.of_postgres(cursor, name, table, full), table.name)


def _beside(work: Callable[[], None]) -> Callable[[], Exception | None]:
    """Begin `work` in a thread; the function waits for it and gives what went wrong."""
    faults: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as fault:  # told by whoever waits
            faults.append(fault)

    thread = threading.Thread(target=run, name="compare", daemon=True)
    thread.start()

    def wait() -> Exception | None:
        thread.join()
        return faults[0] if faults else None

    return wait


def _comments(name: str, table: Served) -> Iterator[str]:
    if table.about:
        yield f"comment on table {name} is {_text(table.about)}"
    for column, note in table.notes.items():
        if note and column in table.names:
            yield f'comment on column {name}."{column}" is {_text(note)}'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _rows(table: Served) -> str:
    """Rows in the order of their key: its index is then built without sorting, and rows of a region lie together."""
    listed = ", ".join(f'"{c}"' for c in table.key)
    return f'select * from "{table.name}"{f" order by {listed}" if listed else ""}'
