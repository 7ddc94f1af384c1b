"""Every role logs in and counts the rows of every table and view, with two counties loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from tests.conftest import COUNTY, STAR, Home
from warehouse.bi import grant, readers, revoke, serve
from warehouse.bi.roles import ROLES, rules
from warehouse.bi.tables import Zone, zone
from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server, is_available, own_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_available(), reason="PostgreSQL is not installed"),
]

Ask = Callable[[str, str], Any]


@dataclass(frozen=True)
class House:
    """A loaded server, its zones, a school of the county, and one login for each role (named like the role)."""

    server: Server
    zones: dict[str, Zone]
    school: str
    passwords: dict[str, str]

    def ask(self, login: str, sql: str) -> Any:
        """Rows of one statement as a login."""
        connection = Server(
            self.server.host, self.server.port, login, self.passwords[login], self.server.database
        ).connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def source(self, name: str, sql: str) -> Any:
        with duckdb.connect(self.zones[name].path, read_only=True) as con:
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def house(star_home: Home) -> Iterator[House]:
    settings = star_home.settings
    with own_server(settings) as server:
        serve(settings, server, restricted=True)
        names = ("internal", "restricted")
        zones = {n: zone(settings, n) for n in names}
        with duckdb.connect(zones["internal"].path, read_only=True) as con:
            school = con.execute(
                "select min(school_code) from fct_balance_school_item where region_code = ?", [COUNTY]
            ).fetchall()[0][0]
        scopes: dict[str, tuple[str, dict[str, list[str]]]] = {
            "a_public": ("public", {}),
            "a_county": ("county", {"regions": [COUNTY]}),
            "a_school": ("school", {"schools": [school]}),
            "a_research": ("research", {}),
            "a_judge": ("accountability", {}),
        }
        passwords = {
            login: grant(server, login, role, password=f"{login} of this test", **scope)
            for login, (role, scope) in scopes.items()
        }
        yield House(server, zones, school, passwords)


def _count(house: House, login: str, schema: str, table: str) -> int | None:
    """Rows that a login sees; None where it may not look."""
    try:
        return house.ask(login, f'select count(*) from {schema}."{table}"')[0][0]
    except Exception as fault:
        if getattr(fault, "pgcode", None) == "42501":
            return None
        raise


def test_two_counties_are_loaded(house: House) -> None:
    found = house.source("internal", "select distinct region_code from fct_indicator_value")
    assert {r for (r,) in found} == {COUNTY, STAR}


def test_every_table_of_the_internal_zone_by_every_role(house: House) -> None:
    seen = dict.fromkeys(house.passwords, 0)
    for table in house.zones["internal"].tables:
        name, columns = table.name, set(table.names)
        total = house.source("internal", f'select count(*) from "{name}"')[0][0]
        own, foreign = total, 0
        if "region_code" in columns and name not in rules().shared:
            own, foreign = house.source(
                "internal",
                # A county's townships have codes of their own that begin with the county's.
                f"select count(*) filter (starts_with(region_code, '{COUNTY}') or region_code is null),"
                f" count(*) filter (not starts_with(region_code, '{COUNTY}')) from \"{name}\"",
            )[0]
        assert own + foreign == total
        counts = {login: _count(house, login, "internal", name) for login in house.passwords}
        assert counts["a_public"] is None, name
        assert counts["a_research"] == counts["a_judge"] == total, name
        assert counts["a_county"] == (None if name in rules().of_the_bureau else own), name
        assert counts["a_school"] is None or counts["a_school"] <= own, name
        if counts["a_school"] and name not in rules().shared | rules().of_the_region:
            _only_of_the_school(house, name, columns)
        for login, count in counts.items():
            seen[login] += count or 0
    # Each sees something, and each narrower scope sees less than the wider one.
    assert seen["a_public"] == 0 < seen["a_school"] < seen["a_county"] < seen["a_research"]


def _only_of_the_school(house: House, table: str, columns: set[str]) -> None:
    if "school_code" in columns:
        rows = house.ask("a_school", f'select distinct school_code from internal."{table}"')
        assert {s for (s,) in rows} == {house.school}, table
        return
    kind, name = next(e for e in rules().entities if set(e) <= columns)
    for what, about, region in house.ask(
        "a_school", f'select distinct {kind}, {name}, region_code from internal."{table}"'
    ):
        assert region == COUNTY, (table, what, about)
        assert (what in rules().school_kinds and about.split("/")[0] == house.school) or (
            what in rules().region_kinds and house.school not in (about or "")
        ), (table, what, about)


def test_restricted_tables_are_for_accountability_alone(house: House) -> None:
    people = [t.name for t in house.zones["restricted"].tables]
    assert [t for t in people if t.endswith("_person")]
    for table in people:
        for login in house.passwords:
            count = _count(house, login, "restricted", table)
            if login == "a_judge":
                assert count == house.source("restricted", f'select count(*) from "{table}"')[0][0], table
            else:
                assert count is None, (login, table)


def test_no_person_is_in_an_open_zone(house: House) -> None:
    found = house.ask(
        "a_judge",
        "select table_schema, table_name, column_name from information_schema.columns where table_schema in"
        " ('internal', 'published') and column_name in ('student_key', 'teacher_key', 'person_key')",
    )
    assert found == []


def test_views_show_no_more_than_their_tables(house: House) -> None:
    views = {v for (v,) in house.ask("a_judge", "select viewname from pg_views where schemaname = 'internal'")}
    assert len(views) >= 5
    for view in views:
        assert _count(house, "a_public", "internal", view) is None
        rows = house.ask("a_county", f"select distinct region_code from internal.{view}")
        assert {r for (r,) in rows} == {COUNTY}, view
        assert _count(house, "a_county", "internal", view) < _count(house, "a_research", "internal", view), view


def test_every_table_and_view_is_closed_but_for_its_policies(house: House) -> None:
    connection = house.server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where n.nspname in ('published', 'internal', 'restricted') and c.relkind in ('r', 'm', 'p') and not"
                " (c.relrowsecurity and c.relforcerowsecurity and exists"
                " (select 1 from pg_policy p where p.polrelid = c.oid))"
            )
            assert cursor.fetchall() == []
            cursor.execute(
                "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'v'"
                " and n.nspname in ('published', 'internal', 'restricted')"
                " and not coalesce('security_invoker=true' = any (c.reloptions), false)"
            )
            assert cursor.fetchall() == []
            cursor.execute(
                "select table_schema, table_name, privilege_type from information_schema.role_table_grants"
                " where grantee like 'schoolhouse\\_%' and grantee <> 'schoolhouse_owner'"
                " and privilege_type <> 'SELECT' and table_schema in ('published', 'internal', 'restricted', 'access')"
            )
            assert cursor.fetchall() == []
            cursor.execute(
                "select count(*) from information_schema.role_table_grants where grantee = 'PUBLIC'"
                " and table_schema in ('published', 'internal', 'restricted', 'access')"
            )
            assert cursor.fetchone() == (0,)
    finally:
        connection.close()


@pytest.mark.parametrize("login", ["a_public", "a_county", "a_school", "a_research", "a_judge"])
def test_nobody_writes_nor_reads_the_scopes(house: House, login: str) -> None:
    for sql in (
        "delete from internal.dim_region",
        "update internal.dim_stage set stage_zh = ''",
        "create table internal.mine (a int)",
        "create table public.mine (a int)",
        "select * from access.scope",
        f"set role {ROLES['research'][0] if login != 'a_research' else 'schoolhouse_owner'}",
        "set session authorization schoolhouse",
    ):
        with pytest.raises(Exception, match=r"permission denied|must be|denied to set"):
            house.ask(login, sql)


def test_a_scope_that_is_taken_away_shows_nothing(house: House) -> None:
    password = grant(house.server, "for_a_day", "county", regions=[STAR])
    house.passwords["for_a_day"] = password
    try:
        assert {r for (r,) in house.ask("for_a_day", "select distinct region_code from fct_indicator_value")} == {STAR}
        assert "for_a_day" in {r["login"] for r in readers(house.server)}
        revoke(house.server, "for_a_day")
        with pytest.raises(SchoolhouseError, match="for_a_day"):
            house.ask("for_a_day", "select 1")
        with pytest.raises(SchoolhouseError, match="no reader for_a_day"):
            revoke(house.server, "for_a_day")
    finally:
        house.passwords.pop("for_a_day")


def test_statements_of_accountability_are_written_down(house: House) -> None:
    settings = dict(house.ask("a_judge", "select name, setting from pg_settings where name like '%statement%'"))
    assert settings["log_statement"] == "all"
    assert dict(house.ask("a_county", "select name, setting from pg_settings where name = 'log_statement'")) == {
        "log_statement": "none"
    }
