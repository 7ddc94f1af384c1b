"""Rows in PostgreSQL's binary form: every value arrives as DuckDB wrote it down, whatever its type, length or sign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse import pg_binary
from warehouse.pg_binary import copy_rows
from warehouse.postgres import Server, own_server
from warehouse.postgres_load import translate_type
from warehouse.settings import Settings

pytestmark = pytest.mark.timeout(300)

# Each type with values that its digits, its epoch or its sign could get wrong.
VALUES = {
    "TINYINT": "-128, 127, 0",
    "UTINYINT": "0, 255, 7",
    "SMALLINT": "-32768, 32767, 1",
    "USMALLINT": "0, 65535, 3",
    "INTEGER": "-2147483648, 2147483647, 0",
    "UINTEGER": "0, 4294967295, 9",
    "BIGINT": "-9223372036854775808, 9223372036854775807, 0",
    "UBIGINT": "0, 18446744073709551615, 10000",
    "HUGEINT": "-99999999999999999999999999999999999999, 99999999999999999999999999999999999999, 0",
    "BOOLEAN": "true, false, true",
    "DOUBLE": "-0.1, 1e308, 5e-324",
    "FLOAT": "1.5, -3.25, 0",
    "DATE": "'1999-12-31', '2000-01-01', '0001-01-01'",
    "TIMESTAMP": "'1969-12-31 23:59:59.999999', '2026-09-01 08:00:00', '2000-01-01'",
    "TIMESTAMP WITH TIME ZONE": "'1999-12-31 23:59:59.999999+00', '2026-09-01 08:00:00+08', '2000-01-01 00:00:00+00'",
    "BLOB": "'\\x00\\xFF', 'a', ''",
    "VARCHAR": "'', '中心小学', 'a,\"b\\\n'",
    "DECIMAL(4, 1)": "-999.9, 0.1, 10",
    "DECIMAL(9, 4)": "-99999.9999, 0.0001, 10000",
    "DECIMAL(18, 2)": "-9999999999999999.99, 0.01, 10000.10",
    "DECIMAL(18, 18)": "-0.999999999999999999, 0.000000000000000001, 0",
    "DECIMAL(18, 0)": "-999999999999999999, 100000000, 0",
    "DECIMAL(38, 10)": "-9999999999999999999999999999.9999999999, 0.0000000001, 1",
    "DECIMAL(38, 38)": "-0.99999999999999999999999999999999999999, 0.5, 0",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("binary") / "home"
    with own_server(Settings.load({"SCHOOLHOUSE_HOME": str(home)}).prepare()) as found:
        yield found


def _there_and_back(server: Server, con: duckdb.DuckDBPyConnection, table: str = "t") -> tuple[list[Any], list[Any]]:
    """The rows of a DuckDB table as texts, and those that PostgreSQL has of them, in the order of `n`."""
    columns = [(name, kind) for name, kind, *_ in con.execute(f"describe {table}").fetchall()]
    made = ", ".join(f'"{name}" {translate_type(kind)}' for name, kind in columns)
    connection = server.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("set timezone = 'UTC'; set extra_float_digits = 1")
            cursor.execute(f"create temporary table t ({made})")
            count = copy_rows(con, f"select * from {table}", cursor, "t", freeze=True)
            cursor.execute("select * from t order by n")
            loaded = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
        assert count == len(loaded)
    finally:
        connection.close()
    return con.execute(f"select * from {table} order by n").fetchall(), loaded


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("nulls", [False, True], ids=["full", "with nulls"])
def test_every_value_arrives_as_it_was(server: Server, kind: str, nulls: bool) -> None:
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        # Rows beside it have a text of varying length, so that a column is joined as well as laid side by side.
        # As texts, since a number with a point is a double to DuckDB.
        listed = ", ".join(f"({i}, '{v.strip(chr(39))}')" for i, v in enumerate(VALUES[kind].split(", ")))
        con.execute(
            f"create table t as select n::integer as n, v::{kind} as v, repeat('x', n) as beside, v::{kind} as again"
            f" from (values {listed}) as l (n, v)"
        )
        if nulls:
            con.execute("insert into t values (3, null, null, null), (4, null, '', null)")
        source, loaded = _there_and_back(server, con)
    assert loaded == source


def test_a_column_that_has_no_value_at_all(server: Server) -> None:
    with duckdb.connect() as con:
        con.execute(
            "create table t as select n::integer as n, null::varchar as a, null::integer as b,"
            " null::decimal(9, 2) as c, '' as d from range(3) as r (n)"
        )
        source, loaded = _there_and_back(server, con)
    assert loaded == source and len(loaded) == 3


def test_no_rows(server: Server) -> None:
    with duckdb.connect() as con:
        con.execute("create table t (n integer, v varchar)")
        assert _there_and_back(server, con) == ([], [])


def test_rows_of_several_batches(server: Server) -> None:
    rows = 2 * pg_binary._BATCH_ROWS + 17
    with duckdb.connect() as con:
        con.execute(
            "create table t as select n::integer as n, case when n % 7 > 0 then n * 3 end as a,"
            " case when n % 5 > 0 then '第' || n end as b, cast(n - 70000 as decimal(12, 3)) / 8 as c,"
            f" cast(n - 70000 as decimal(12, 3)) as d from range({rows}) as r (n)"
        )
        source, loaded = _there_and_back(server, con)
    assert len(loaded) == rows and loaded == source


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9),
            st.none() | st.decimals(min_value="-99999999999.9999", max_value="99999999999.9999", places=4),
            st.none() | st.booleans(),
            st.none() | st.integers(-(10**37), 10**37),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_rows(server: Server, rows: list[tuple[Any, ...]]) -> None:
    with duckdb.connect() as con:
        con.execute("create table t (n integer, a varchar, b decimal(18, 4), c boolean, d hugeint)")
        con.executemany("insert into t values (?, ?, ?, ?, ?)", [(i, *row) for i, row in enumerate(rows)])
        source, loaded = _there_and_back(server, con)
    assert loaded == source


def test_a_query_that_fails_midway_is_no_shorter_table(server: Server) -> None:
    """The server takes a stream that ends early for a whole one."""
    connection = server.connect()
    try:
        with duckdb.connect() as con, connection.cursor() as cursor:
            cursor.execute("create temporary table t (n integer)")
            con.execute("create view v as select if(n < 400000, '1', '四')::integer as n from range(400001) as r (n)")
            with pytest.raises(duckdb.Error, match="Could not convert"):
                copy_rows(con, "select * from v", cursor, "t")
    finally:
        connection.close()


def test_a_row_that_the_server_refuses(server: Server) -> None:
    import psycopg2

    connection = server.connect()
    try:
        with duckdb.connect() as con, pytest.raises(psycopg2.Error, match="check"), connection.cursor() as cursor:
            cursor.execute("create temporary table t (n bigint check (n < 300000))")
            copy_rows(con, "select n::bigint as n from range(3000000) r (n)", cursor, "t")
    finally:
        connection.close()


def test_a_source_that_is_not_there(server: Server) -> None:
    connection = server.connect()
    try:
        with duckdb.connect() as con, pytest.raises(duckdb.Error, match="nowhere"), connection.cursor() as cursor:
            copy_rows(con, "select * from nowhere", cursor, "t")
    finally:
        connection.close()


def test_a_type_without_a_binary_form_is_named(server: Server) -> None:
    connection = server.connect()
    try:
        with duckdb.connect() as con, pytest.raises(TypeError, match=r"INTEGER\[\]"), connection.cursor() as cursor:
            cursor.execute("create temporary table t (n integer[])")
            copy_rows(con, "select [1, 2] as n", cursor, "t")
    finally:
        connection.close()
