"""The roles of the serving database, and the statements that give each of them its rows and nothing else.

Everything is denied until a rule of `access.yaml` allows it. A login gets a role and a scope (regions, schools) in the
schema `access`; the policies of a table compare its rows with the scope of whoever logged in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import SchoolhouseError

OWNER = "schoolhouse_owner"
PUBLIC, COUNTY, SCHOOL = "schoolhouse_public", "schoolhouse_county", "schoolhouse_school"
RESEARCH, ACCOUNTABILITY = "schoolhouse_research", "schoolhouse_accountability"
# The role's short name -> the role, and the zones it may enter.
ROLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "public": (PUBLIC, ("published",)),
    "county": (COUNTY, ("published", "internal")),
    "school": (SCHOOL, ("published", "internal")),
    "research": (RESEARCH, ("published", "internal")),
    "accountability": (ACCOUNTABILITY, ("published", "internal", "restricted")),
}
# A reader's statement may take so long, and an idle transaction may hold an old load so long.
LIMITS = {"statement_timeout": "5min", "idle_in_transaction_session_timeout": "10min"}

SETUP = """
create schema if not exists access authorization {owner};
create table if not exists access.scope (
  login text not null, role text not null, region_code text not null default '', school_code text not null default '',
  granted_at timestamptz not null default now(), primary key (login, role, region_code, school_code)
);
create table if not exists access.load (
  zone text not null, content text not null, loaded_at timestamptz not null default now(), table_count integer not null,
  row_count bigint not null, primary key (zone, loaded_at)
);
alter table access.scope owner to {owner};
alter table access.load owner to {owner};
-- Of whoever logged in, whatever role the session has taken on since: the scope is a login's.
create or replace function access.my_regions() returns text[] language sql stable security definer
  set search_path = pg_catalog
  as $$ select coalesce(array_agg(region_code), '{{}}') from access.scope
  where login = session_user and region_code <> '' $$;
create or replace function access.my_schools() returns text[] language sql stable security definer
  set search_path = pg_catalog
  as $$ select coalesce(array_agg(school_code), '{{}}') from access.scope
  where login = session_user and school_code <> '' $$;
create or replace function access.refuse() returns trigger language plpgsql
  as $$ begin raise exception 'published figures are not changed here: publish a new edition'; end $$;
alter function access.my_regions() owner to {owner};
alter function access.my_schools() owner to {owner};
alter function access.refuse() owner to {owner};
revoke all on schema access from public;
revoke all on all functions in schema access from public;
grant usage on schema access to {readers};
grant execute on function access.my_regions(), access.my_schools() to {readers};
"""


@dataclass(frozen=True)
class Rules:
    """`access.yaml`."""

    shared: frozenset[str]
    of_the_bureau: frozenset[str]
    of_the_region: frozenset[str]
    not_for_schools: frozenset[str]
    entities: tuple[tuple[str, str], ...]
    school_kinds: tuple[str, ...]
    region_kinds: tuple[str, ...]


@cache
def rules() -> Rules:
    told = yaml.safe_load(Path(__file__).with_name("access.yaml").read_text(encoding="utf-8"))
    return Rules(
        shared=frozenset(told["shared"]),
        of_the_bureau=frozenset(told["of_the_bureau"]),
        of_the_region=frozenset(told["of_the_region"]),
        not_for_schools=frozenset(told["not_for_schools"]),
        entities=tuple((kind, name) for kind, name in told["entities"]),
        school_kinds=tuple(told["school_kinds"]),
        region_kinds=tuple(told["region_kinds"]),
    )


def create_roles(cursor: Any) -> None:
    """Make the roles that are not there and the schema `access`; safe to repeat."""
    for role in (OWNER, *(name for name, _ in ROLES.values())):
        cursor.execute("select 1 from pg_roles where rolname = %s", (role,))
        if not cursor.fetchone():
            cursor.execute(f"create role {role} nologin noinherit")
    cursor.execute(f"grant {OWNER} to current_user")
    cursor.execute("revoke create on schema public from public")
    cursor.execute(SETUP.format(owner=OWNER, readers=", ".join(name for name, _ in ROLES.values())))


def policies(zone: str, table: str, columns: Sequence[str]) -> dict[str, str]:
    """Role -> the condition that a row must meet for it. A role that is not named reads nothing of the table.

    Raises SchoolhouseError where no rule says whose the table's rows are.
    """
    if zone == "published":
        return {name: "true" for name, zones in ROLES.values() if "published" in zones}
    if zone == "restricted":
        return {ACCOUNTABILITY: "true"}
    whole = {RESEARCH: "true", ACCOUNTABILITY: "true"}
    if table in rules().shared:
        return {**whole, COUNTY: "true", SCHOOL: "true"}
    if table in rules().of_the_bureau:
        return whole
    if "region_code" not in columns:
        raise SchoolhouseError(
            f"nobody knows whose the rows of {table} are: it has no region and is not named as shared",
            f"无法确定 {table} 各行的归属:既无行政区划列,也未列为公共表",
            where="warehouse/bi/access.yaml",
            fix_en="name the table under `shared` or `of_the_bureau`, or give it a region_code",
            fix_zh="请在 access.yaml 的 shared 或 of_the_bureau 中登记该表,或为其增加 region_code 列",
        )
    region = "region_code = any ((select access.my_regions())::text[])"
    # Rows of no region at all (a national plan, a law) are everybody's.
    found = {**whole, COUNTY: f"region_code is null or {region}"}
    if table in rules().not_for_schools:
        return found
    mine = "= any ((select access.my_schools())::text[])"
    entity = next((e for e in rules().entities if set(e) <= set(columns)), None)
    if "school_code" in columns:
        found[SCHOOL] = f"school_code {mine}"
    elif entity:
        kind, name = entity
        found[SCHOOL] = (
            f"({kind} in ({_listed(rules().school_kinds)}) and split_part({name}, '/', 1) {mine})"
            f" or ({kind} in ({_listed(rules().region_kinds)}) and {region})"
        )
    elif table in rules().of_the_region:
        found[SCHOOL] = f"region_code is null or {region}"
    return found


def protect(zone: str, schema: str, table: str, columns: Sequence[str]) -> Iterator[str]:
    """Statements that hand a loaded table to its owner, close it, and open the rows that each role may read."""
    name = f'{schema}."{table}"'
    yield f"alter table {name} owner to {OWNER}"
    yield f"alter table {name} enable row level security"
    yield f"alter table {name} force row level security"
    yield f"create policy of_owner on {name} for select to {OWNER} using (true)"
    for role, condition in policies(zone, table, columns).items():
        yield f"create policy of_{role.removeprefix('schoolhouse_')} on {name} for select to {role} using ({condition})"
        yield f"grant select on {name} to {role}"
    if zone == "published":
        yield (
            f"create trigger unchanged before insert or update or delete or truncate on {name}"
            " for each statement execute function access.refuse()"
        )


def enter(zone: str, schema: str) -> Iterator[str]:
    """Statements that let the roles of a zone into its schema."""
    yield f"alter schema {schema} owner to {OWNER}"
    for role, zones in ROLES.values():
        if zone in zones:
            yield f"grant usage on schema {schema} to {role}"


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"'{v}'" for v in values)
