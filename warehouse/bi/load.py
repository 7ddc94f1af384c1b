"""`schoolhouse serve postgres`: the zones into schemas aside, checked against their source, then swapped in at once.

Every table is made, filled (COPY with FREEZE: the rows are final), keyed, compared and closed on its own, in a schema
that nobody may enter; readers go on with the load before until one transaction renames the schemas. A load that is
broken off leaves only a schema aside, which the next one drops.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.bi import roles, views
from warehouse.bi.filling import fill, sessions
from warehouse.bi.tables import Zone, zone
from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server
from warehouse.settings import Settings

ZONES = ("published", "internal")
# The lock on the schemas aside: one load at a time in a database.
_LOCK = 0x5C400200
# What the engine holds while it sorts a table; the rest lies on disk.
MEMORY = "4GB"
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
                result.rows[name] = _load_zone(connection, server, found, settings.build)
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


def _load_zone(connection: Any, server: Server, found: Zone, aside: Path) -> int:
    """`aside` is where rows that are sorted go when memory is short; nobody else may read them there."""
    schema = _aside(found.name)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"drop schema if exists {schema} cascade")
        cursor.execute(f"create schema {schema}")
    rows = 0
    with (
        tempfile.TemporaryDirectory(prefix="serve-", dir=aside) as folder,
        duckdb.connect(found.path, read_only=True) as con,
        sessions(server) as at,
    ):
        con.execute(f"set timezone = 'UTC'; set temp_directory = '{folder}'; set memory_limit = '{MEMORY}'")
        for table in found.tables:
            rows += fill(at, con, found.name, schema, table)
    with connection, connection.cursor() as cursor:
        views.create(cursor, found.name, schema, {t.name for t in found.tables})
        for statement in roles.enter(found.name, schema):
            cursor.execute(statement)
    return rows


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
