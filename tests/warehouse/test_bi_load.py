"""Loading a zone into PostgreSQL: what is loaded is the source, readers never meet half, faults change nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import settings_in
from warehouse.bi import checks, serve
from warehouse.bi.roles import policies
from warehouse.bi.tables import Served
from warehouse.errors import SchoolhouseError
from warehouse.files import flip_link
from warehouse.postgres import Server, is_available, own_server
from warehouse.settings import Settings

pytestmark = pytest.mark.skipif(not is_available(), reason="PostgreSQL is not installed")

ROWS = """
select region_code, 'S' || i as school_code, i as student_count,
  cast(cast(i as decimal(18, 2)) * 0.25 as decimal(18, 4)) as amount_yuan,
  i / 7.0 as rate, case when i % 3 = 0 then '' when i % 3 = 1 then '甲,"乙"\n丙\\' end as note,
  date '2024-09-01' + cast(i as integer) as day_on, i % 2 = 0 as is_even, {build} as build_no
from (values ('990101'), ('990201')) as r (region_code), range(3000) as s (i)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with own_server(settings_in(tmp_path_factory.mktemp("server") / "home", Path("inbox"))) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_in(tmp_path / "home", tmp_path / "inbox")
    put(made, 1)
    return made


def put(settings: Settings, build: int, *more: str) -> None:
    """Serve a small internal zone: the facts of two regions, a code list, and what else is asked for."""
    path = settings.serving / "internal" / f"b{build}.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(path) as con:
        con.execute(f"create table fct_a as {ROWS.format(build=build)}")
        con.execute(f"create table fct_b as {ROWS.format(build=build)}")
        con.execute("create table dim_stage as select 'primary' as stage, '小学' as stage_zh")
        con.execute("create table int_step as select 1 as a")
        for statement in more:
            con.execute(statement)
    manifest = settings.build / path.stem / "manifest.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    test = {"resource_type": "test", "fqn": ["schoolhouse"], "name": "k", "attached_node": "model.schoolhouse.fct_a"}
    node = {
        "resource_type": "model",
        "fqn": ["schoolhouse", "marts", "fct_a"],
        "name": "fct_a",
        "description": "It's 100%",
    }
    key = {"test_metadata": {"name": "unique_key", "kwargs": {"columns": ["region_code", "school_code"]}}}
    manifest.write_text(json.dumps({"nodes": {"model.schoolhouse.fct_a": node, "test.k": test | key}}))
    flip_link(path.with_name("current.duckdb"), path)


def ask(server: Server, sql: str) -> list[Any]:
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


def test_every_value_arrives_with_its_type_key_and_words(server: Server, settings: Settings) -> None:
    result = serve(settings, server)
    assert result.rows == {"internal": 12_001}
    assert result.contents == {"internal": "b1"}
    with duckdb.connect(settings.serving / "internal" / "b1.duckdb", read_only=True) as con:
        source = con.execute("select * from fct_a order by region_code, school_code").fetchall()
    assert ask(server, 'select * from internal.fct_a order by region_code, school_code collate "C"') == source
    assert {n for _, _, _, _, _, n, *_ in source} == {"", '甲,"乙"\n丙\\', None}
    kinds = dict(ask(server, "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
                             " where attrelid = 'internal.fct_a'::regclass and attnum > 0"))  # fmt: skip
    assert (kinds["amount_yuan"], kinds["rate"], kinds["day_on"]) == ("numeric(18,4)", "double precision", "date")
    assert ask(server, "select indisprimary from pg_index where indrelid = 'internal.fct_a'::regclass")[0][0]
    assert ask(server, "select obj_description('internal.fct_a'::regclass)") == [("It's 100%",)]
    assert ask(server, "select to_regclass('internal.int_step')") == [(None,)]
    assert ask(server, "select zone, content, row_count from access.load order by loaded_at desc limit 1") == [
        ("internal", "b1", 12_001)
    ]


def test_rows_lie_in_the_order_of_their_key(server: Server, settings: Settings) -> None:
    put(settings, 2, "create or replace table fct_a as select * from fct_a order by note, school_code desc")
    serve(settings, server)
    lying = ask(server, "select region_code, school_code from internal.fct_a order by ctid")
    assert lying == sorted(lying) and len(lying) == 6_000
    assert not list(settings.build.glob("serve-*"))


def test_what_readers_have_already_is_loaded_again_only_when_asked(server: Server, settings: Settings) -> None:
    serve(settings, server)
    before = ask(server, "select count(*), 'internal'::regnamespace::oid from access.load")
    assert serve(settings, server, again=False).rows == {}
    assert ask(server, "select count(*), 'internal'::regnamespace::oid from access.load") == before
    put(settings, 2)
    assert serve(settings, server, again=False).contents == {"internal": "b2"}
    assert ask(server, "select max(build_no) from internal.fct_a") == [(2,)]


def test_a_reader_in_a_loop_never_meets_two_builds_at_once(server: Server, settings: Settings) -> None:
    serve(settings, server)
    stop, seen, faults = threading.Event(), set(), []

    def read() -> None:
        connection = server.connect()
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        while not stop.is_set():
            try:
                with connection, connection.cursor() as cursor:
                    cursor.execute(
                        "select count(*), min(a.build_no), max(a.build_no), max(b.build_no) from internal.fct_a as a"
                        " join internal.fct_b as b using (region_code, school_code)"
                    )
                    seen.add(cursor.fetchone())
            except Exception as fault:
                faults.append(fault)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for build in range(2, 7):
            put(settings, build)
            serve(settings, server)
    finally:
        stop.set()
        reader.join()
    assert faults == []
    assert {(rows, low == high == other) for rows, low, high, other in seen} == {(6000, True)}
    assert len({low for _, low, _, _ in seen}) > 1
    # What a reader held while it was to be dropped goes with the next load.
    serve(settings, server)
    left = ask(server, "select nspname from pg_namespace where nspname ~ '(_aside|_old_)'")
    assert left == []


def test_a_table_that_no_rule_fits_stops_the_load_and_readers_keep_theirs(server: Server, settings: Settings) -> None:
    serve(settings, server)
    put(settings, 2, "create table fct_new as select 'x' as whose")
    with pytest.raises(SchoolhouseError, match="nobody knows whose the rows of fct_new are"):
        serve(settings, server)
    assert ask(server, "select max(build_no) from internal.fct_a") == [(1,)]


def test_a_key_that_repeats_stops_the_load_in_one_line(server: Server, settings: Settings) -> None:
    serve(settings, server)
    put(settings, 2, "insert into fct_a select * from fct_a limit 1")
    with pytest.raises(SchoolhouseError, match="PostgreSQL refused the load") as fault:
        serve(settings, server)
    assert "\n" not in fault.value.line("zh")
    assert ask(server, "select max(build_no) from internal.fct_a") == [(1,)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("delete from {t} where school_code = 'S7'", "rows"),
        ("update {t} set note = null where school_code = 'S3'", "filled values of note"),
        ("update {t} set student_count = null where school_code = 'S0'", "filled values of student_count"),
        ("update {t} set student_count = student_count + 1 where school_code = 'S3'", "sum of student_count"),
        ("update {t} set amount_yuan = amount_yuan + 0.001 where school_code = 'S3'", "sum of amount_yuan"),
        ("update {t} set rate = rate + 0.000001 where school_code = 'S3'", "sum of rate"),
        ("update {t} set day_on = day_on + 1 where school_code = 'S3'", "sum of day_on"),
        ("update {t} set is_even = not is_even where school_code = 'S3'", "sum of is_even"),
        ("update {t} set school_code = 'S_3' where school_code = 'S3'", "sum of school_code"),
        ("update {t} set note = '丙,\"乙\"\n甲\\' where school_code = 'S4'", "texts of note"),
    ],
)
def test_one_changed_value_is_found(server: Server, settings: Settings, change: str, told: str) -> None:
    path = settings.serving / "internal" / "b1.duckdb"
    with duckdb.connect(path, read_only=True) as con:
        columns = con.execute(
            "select column_name, data_type from duckdb_columns() where table_name = 'fct_a'"
        ).fetchall()
        table = Served("fct_a", tuple(columns))
        source = checks.Summary.later(con, table)()
        connection = server.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("drop schema if exists tried cascade")
            serve(settings, server)
            with connection, connection.cursor() as cursor:
                cursor.execute("create schema tried")
                cursor.execute("create table tried.fct_a as select * from internal.fct_a")
                checks.compare(source, checks.Summary.of_postgres(cursor, "tried.fct_a", table), "fct_a")
                cursor.execute(change.format(t="tried.fct_a"))
                full = [c for c, count in source.filled.items() if count == source.rows]
                loaded = checks.Summary.of_postgres(cursor, "tried.fct_a", table, full)
                with pytest.raises(SchoolhouseError, match=f"fct_a was not loaded as it is: {told} are"):
                    checks.compare(source, loaded, "fct_a")
        finally:
            connection.close()


def test_published_figures_are_changed_by_nobody(server: Server, settings: Settings) -> None:
    path = settings.serving / "published" / "p1.duckdb"
    path.parent.mkdir(parents=True)
    with duckdb.connect(path) as con:
        con.execute("create table pub_value as select '990201' as region_code, 1.5 as value")
    flip_link(path.with_name("current.duckdb"), path)
    assert serve(settings, server).rows["published"] == 1
    for sql in ("update published.pub_value set value = 2", "delete from published.pub_value",
                "truncate published.pub_value", "insert into published.pub_value values ('1', 1)"):  # fmt: skip
        connection = server.connect()
        try:
            # Not even the account that loaded them, which is the server's superuser here.
            with pytest.raises(Exception, match="publish a new edition"), connection, connection.cursor() as cursor:
                cursor.execute(sql)
        finally:
            connection.close()
    assert ask(server, "select value from published.pub_value")[0][0] == Decimal("1.5")


def test_a_table_without_a_region_is_nobodys() -> None:
    with pytest.raises(SchoolhouseError, match="named as shared"):
        policies("internal", "fct_new", ["school_code", "value"])
    assert set(policies("internal", "fct_new", ["region_code", "value"])) == {
        "schoolhouse_research", "schoolhouse_accountability", "schoolhouse_county",
    }  # fmt: skip
