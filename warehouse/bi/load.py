"""`schoolhouse serve postgres`: the zones into schemas aside, checked against their source, then swapped in at once.

Every table is made, filled (COPY with FREEZE: the rows are final), keyed, closed and compared on its own; readers go on
with the load before until one transaction renames the schemas. A load that is broken off leaves only a schema aside,
which the next one drops.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.bi import checks, roles, views
from warehouse.bi.tables import Served, Zone, zone
from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server
from warehouse.postgres_load import translate_type
from warehouse.settings import Settings

ZONES = ("published", "internal")
# Columns that policies and filters go by and that pick few rows; the first column of a key has an index already.
_FILTERED = ("region_code", "school_code", "indicator_code")
# A table from so many rows on has indexes for them.
_INDEXED_ROWS = 5_000
# The lock on the schemas aside: one load at a time in a database.
_LOCK = 0x5C400200
# A reader that holds the old load longer than this keeps it until the next load.
_DROP_WAIT = "5s"

Progress = Callable[[str], None]


@dataclass
class ServeResult:
    """Tables and rows by zone, and the content that each zone has now."""

    contents: dict[str, str] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def serve(
    settings: Settings,
    server: Server,
    *,
    restricted: bool = False,
    again: bool = True,
    progress: Progress | None = None,
) -> ServeResult:
    """Load the published and internal zones, and with `restricted` that one too, and let the readers see them.

    A published zone that has no data yet is left out. Without `restricted` an earlier load of that zone is taken away.
    `again` loads too what the server holds already. Raises SchoolhouseError when a table differs from its source or no
    rule fits it; readers keep what they had.
    """
    result = ServeResult()
    wanted = (*ZONES, *(("restricted",) if restricted else ()))
    connection = server.connect()
    try:
        with _told(), _alone(connection):
            with connection, connection.cursor() as cursor:
                roles.create_roles(cursor)
            zones = [z for name in wanted if (z := _zone(settings, name))]
            if not again and _held(connection) == {z.name: z.content for z in zones}:
                return result
            for found in zones:
                name = found.name
                if progress:
                    progress(f"{name}: {len(found.tables)} tables of {found.content}")
                result.rows[name] = _load_zone(connection, found)
                result.tables[name], result.contents[name] = len(found.tables), found.content
            _swap(connection, result, zones)
            _drop_old(connection)
    finally:
        connection.close()
    return result


def _zone(settings: Settings, name: str) -> Zone | None:
    try:
        return zone(settings, name)
    except SchoolhouseError:
        if name != "published":
            raise
        return None


def _held(connection: Any) -> dict[str, str]:
    """The content of each zone that readers have now."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (zone) zone, content from access.load where exists"
            " (select 1 from pg_namespace where nspname = zone) order by zone, loaded_at desc"
        )
        return dict(cursor.fetchall())


@contextmanager
def _told() -> Iterator[None]:
    """What either engine refuses, in one line."""
    import psycopg2

    try:
        yield
    except duckdb.Error as fault:
        raise SchoolhouseError(
            f"a serving file cannot be read: {str(fault).splitlines()[0]}",
            "服务区文件无法读取",
            fix_en="build again; scores are read where raw keeps them, so raw must lie where it lay",
            fix_zh="请重新构建;成绩直接读取 raw 目录,raw 不能移走",
        ) from fault
    except psycopg2.Error as fault:
        raise SchoolhouseError(
            f"PostgreSQL refused the load: {str(fault).splitlines()[0]}",
            "PostgreSQL 拒绝装载",
            fix_en="the loading account needs CREATEROLE and CREATE on the database; readers keep what they had",
            fix_zh="装载账号需要 CREATEROLE 和该数据库的 CREATE 权限;读者仍读取上一次装载的数据",
        ) from fault


@contextmanager
def _alone(connection: Any) -> Iterator[None]:
    with connection.cursor() as cursor:
        # The session's, so that it goes with the connection, however the process ends.
        cursor.execute("select pg_advisory_lock(%s)", (_LOCK,))
    connection.commit()
    yield


def _aside(name: str) -> str:
    return f"{name}_aside"


def _load_zone(connection: Any, found: Zone) -> int:
    schema = _aside(found.name)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"drop schema if exists {schema} cascade")
        cursor.execute(f"create schema {schema}")
    rows = 0
    with duckdb.connect(found.path, read_only=True) as con:
        con.execute("set timezone = 'UTC'")
        for table in found.tables:
            rows += load_table(connection, con, found.name, schema, table)
    with connection, connection.cursor() as cursor:
        views.create(cursor, found.name, schema, {t.name for t in found.tables})
        for statement in roles.enter(found.name, schema):
            cursor.execute(statement)
    return rows


def load_table(connection: Any, con: duckdb.DuckDBPyConnection, zone_name: str, schema: str, table: Served) -> int:
    """Make and fill one table in one transaction; its rows. Raises SchoolhouseError when it differs from its source."""
    name = f'{schema}."{table.name}"'
    columns = ", ".join(f'"{c}" {translate_type(kind)}' for c, kind in table.columns)
    source = checks.Summary.later(con, table)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create table {name} ({columns})")
        _copy(con.cursor(), cursor, table, name)
        count = cursor.rowcount
        cursor.execute("set local maintenance_work_mem = '512MB'")
        if table.key and all(source().filled[c] == count for c in table.key):
            cursor.execute(f"alter table {name} add primary key ({', '.join(table.key)})")
        elif table.key:
            cursor.execute(f"create unique index on {name} ({', '.join(table.key)}) nulls not distinct")
        if count >= _INDEXED_ROWS:
            for column in (c for c in _FILTERED if c in table.names and c not in table.key[:1]):
                cursor.execute(f"create index on {name} ({column})")
        cursor.execute(f"analyze {name}")
        checks.compare(source(), checks.Summary.of_postgres(cursor, name, table), table.name)
        for statement in (*_comments(name, table), *roles.protect(zone_name, schema, table.name, table.names)):
            cursor.execute(statement)
    return count


def _copy(con: duckdb.DuckDBPyConnection, cursor: Any, table: Served, name: str) -> None:
    """Rows go from one engine to the other through a pipe: neither waits for a whole file."""
    with tempfile.TemporaryDirectory(prefix="schoolhouse-serve-") as folder:
        pipe = Path(folder) / "rows.csv"
        os.mkfifo(pipe, 0o600)
        faults: list[BaseException] = []
        texts = ", ".join(f'"{c}"' for c, kind in table.columns if kind == "VARCHAR")
        quote = f", force_quote ({texts})" if texts else ""

        def write() -> None:
            try:
                # Every text is quoted, a NULL is not: an empty text stays an empty text.
                con.execute(
                    f"copy \"{table.name}\" to '{pipe}'"
                    f" (format csv, header false, nullstr '', use_tmp_file false{quote})"
                )
            except duckdb.Error as fault:
                faults.append(fault)
                # The reader waits for somebody to open the other end.
                with pipe.open("wb"):
                    pass

        writer = threading.Thread(target=write, name="duckdb-copy", daemon=True)
        writer.start()
        with pipe.open("rb") as lines:
            cursor.copy_expert(f"copy {name} from stdin (format csv, freeze)", lines, size=1 << 20)
        writer.join()
        if faults:
            raise faults[0]


def _comments(name: str, table: Served) -> Iterator[str]:
    if table.about:
        yield f"comment on table {name} is {_text(table.about)}"
    for column, note in table.notes.items():
        if note and column in table.names:
            yield f'comment on column {name}."{column}" is {_text(note)}'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _swap(connection: Any, result: ServeResult, loaded: Sequence[Zone]) -> None:
    """All zones at once; what readers had is renamed, and dropped when nobody is at it any more."""
    names = {z.name for z in loaded}
    with connection, connection.cursor() as cursor:
        for name in (*ZONES, "restricted"):
            cursor.execute("select 1 from pg_namespace where nspname = %s", (name,))
            if cursor.fetchone():
                cursor.execute("select count(*) from pg_namespace where nspname like %s", (f"{name}\\_old\\_%",))
                cursor.execute(f"alter schema {name} rename to {name}_old_{cursor.fetchone()[0] + 1}")
            if name in names:
                cursor.execute(f"alter schema {_aside(name)} rename to {name}")
                cursor.execute(
                    "insert into access.load (zone, content, table_count, row_count) values (%s, %s, %s, %s)",
                    (name, result.contents[name], result.tables[name], result.rows[name]),
                )


def _drop_old(connection: Any) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select nspname from pg_namespace where nspname ~ '^(published|internal|restricted)_old_[0-9]+$'"
        )
        old = [name for (name,) in cursor.fetchall()]
    for name in old:
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(f"set local lock_timeout = '{_DROP_WAIT}'")
                cursor.execute(f"drop schema {name} cascade")
        except Exception as fault:
            # Somebody is reading it still: the next load takes it away.
            if getattr(fault, "pgcode", None) != "55P03":
                raise
