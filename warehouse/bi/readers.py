"""Who reads the serving database: logins with one role each, and the regions and schools that they may see."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

from warehouse.bi.roles import LIMITS, ROLES
from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server

# Roles that see the rows of a scope only.
_SCOPED = {"county": "regions", "school": "schools"}
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")


def grant(
    server: Server,
    login: str,
    role: str,
    *,
    regions: Sequence[str] = (),
    schools: Sequence[str] = (),
    password: str | None = None,
) -> str:
    """Give a login a role and a scope, in place of those it had; makes it where it is not there. Returns the password
    of a new login, or the one given, or '' for a login that keeps its own.

    A city's code stands for its counties. Raises SchoolhouseError for a role, name or scope that cannot be.
    """
    _check(login, role, regions, schools)
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            name = _quoted(cursor, login)
            cursor.execute("select 1 from pg_roles where rolname = %s", (login,))
            new = cursor.fetchone() is None
            secret = password or (secrets.token_urlsafe(18) if new else "")
            if new:
                cursor.execute(f"create role {name} login inherit")
            if secret:
                cursor.execute(f"alter role {name} password %s", (secret,))
            for limit, value in LIMITS.items():
                cursor.execute(f"alter role {name} set {limit} = %s", (value,))
            cursor.execute(f"alter role {name} set search_path = internal, published")
            for group, _ in ROLES.values():
                cursor.execute(f"revoke {group} from {name}")
            cursor.execute(f"grant {ROLES[role][0]} to {name}")
            cursor.execute("delete from access.scope where login = %s", (login,))
            own = _own_regions(cursor, role, regions, schools)
            for region, school in [*((r, "") for r in own), *(("", s) for s in schools), *([] if own else [("", "")])]:
                cursor.execute(
                    "insert into access.scope (login, role, region_code, school_code) values (%s, %s, %s, %s)",
                    (login, role, region, school),
                )
            if role == "accountability":
                # Whoever sees restricted rows is written down with every statement.
                cursor.execute(f"alter role {name} set log_statement = 'all'")
    finally:
        connection.close()
    return secret


def revoke(server: Server, login: str) -> None:
    """Take a login away with its scope. Raises SchoolhouseError where there is none of that name."""
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("delete from access.scope where login = %s", (login,))
            if not cursor.rowcount:
                raise SchoolhouseError(
                    f"there is no reader {login}", f"没有名为 {login} 的读者", fix_en="see `schoolhouse serve readers`",
                    fix_zh="请用 schoolhouse serve readers 查看",
                )  # fmt: skip
            cursor.execute(f"drop role {_quoted(cursor, login)}")
    finally:
        connection.close()


def readers(server: Server) -> list[dict[str, Any]]:
    """Login, role, regions and schools of every reader."""
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select login, role, array_remove(array_agg(region_code order by region_code), ''),"
                " array_remove(array_agg(school_code order by school_code), ''), min(granted_at)::text"
                " from access.scope group by login, role order by login"
            )
            names = ("login", "role", "regions", "schools", "granted_at")
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.close()


def _own_regions(cursor: Any, role: str, regions: Sequence[str], schools: Sequence[str]) -> list[str]:
    """The regions of a scope: those given with the ones below them, or those of the schools."""
    if role == "school":
        cursor.execute(
            "select distinct region_code from internal.dim_school where school_code = any (%s)", (list(schools),)
        )
        return sorted(code for (code,) in cursor.fetchall())
    cursor.execute(
        "with recursive below (code) as (select unnest(%s::text[]) union"
        " select r.region_code from internal.dim_region as r join below on r.parent_code = below.code)"
        " select code from below order by code",
        (list(regions),),
    )
    return [code for (code,) in cursor.fetchall()]


def _check(login: str, role: str, regions: Sequence[str], schools: Sequence[str]) -> None:
    if role not in ROLES:
        raise SchoolhouseError(
            f"there is no role {role}", f"没有 {role} 这种角色",
            fix_en=f"one of {', '.join(ROLES)}", fix_zh=f"可用:{'、'.join(ROLES)}",
        )  # fmt: skip
    if not _NAME.fullmatch(login) or login.startswith(("pg_", "schoolhouse")):
        raise SchoolhouseError(
            f"{login!r} cannot be a reader's name", f"{login!r} 不能作为读者名",
            fix_en="3 to 40 small letters, digits and _, a letter first, not pg_ or schoolhouse",
            fix_zh="请用 3 至 40 个小写字母、数字或下划线,以字母开头,不以 pg_ 或 schoolhouse 开头",
        )  # fmt: skip
    needed = _SCOPED.get(role)
    given = {"regions": regions, "schools": schools}
    if needed and not given[needed]:
        raise SchoolhouseError(
            f"a {role} reader needs its {needed}", f"{role} 读者需要指明范围",
            fix_en=f"give --{needed.removesuffix('s')}", fix_zh=f"请用 --{needed.removesuffix('s')} 指明",
        )  # fmt: skip
    if any(values for name, values in given.items() if name != needed):
        raise SchoolhouseError(
            f"a {role} reader has no such scope", f"{role} 读者不按此范围授权",
            fix_en="leave the option out", fix_zh="请去掉该选项",
        )  # fmt: skip


def _quoted(cursor: Any, name: str) -> str:
    cursor.execute("select quote_ident(%s)", (name,))
    return cursor.fetchone()[0]
