"""Doubles that become decimals, and rows that are compared by their hashes: the same on DuckDB and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import numpy as np
import pytest

from tests.conftest import settings_in
from tests.warehouse.rendered import expand
from warehouse.compare import _same_rows  # pyright: ignore[reportPrivateUsage]
from warehouse.postgres import Server, is_available, own_server

EXACT = "{{ exact_decimal('x', 28, 10) }}"
PLAIN = "cast(x as decimal(28, 10))"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not is_available():
        pytest.skip("PostgreSQL: neither a server nor its programs, or no driver")
    folder = tmp_path_factory.mktemp("decimals")
    with own_server(settings_in(folder / "home", folder / "inbox")) as started:
        yield started


def _doubles() -> list[float]:
    """Sums as those of standard scores, half of them next to the middle of two decimals of ten digits."""
    random = np.random.default_rng(20240901)
    plain = random.normal(0, 60, 2000)
    middles = np.round(random.normal(0, 60, 2000), 10) + 5e-11
    near = np.nextafter(middles, middles + random.choice([-1.0, 1.0], 2000))
    return [*map(float, plain), *map(float, near), 1e-12, -8.5e-10, 0.0, -0.0]


def _on_postgres(server: Server, values: list[float], expression: str) -> list[Decimal]:
    connection = server.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select {expression} from unnest(%s::double precision[]) with ordinality as t(x, n) order by n",
                (values,),
            )
            return [v for (v,) in cursor.fetchall()]
    finally:
        connection.close()


def _on_duckdb(values: list[float], expression: str) -> list[Decimal]:
    rows = duckdb.execute(
        f"select {expression} from (select unnest($1::double[]) as x, generate_subscripts($1::double[], 1) as n)"
        " order by n",
        [values],
    ).fetchall()
    return [v for (v,) in rows]


def test_a_double_becomes_the_same_decimal_on_both_engines(server: Server) -> None:
    """Against Python, which prints a double with the fewest digits that name it."""
    values = _doubles()
    expected = [Decimal(repr(v)).quantize(Decimal("1e-10"), ROUND_HALF_UP) for v in values]
    assert _on_postgres(server, values, expand(EXACT)) == expected
    assert _on_duckdb(values, expand(EXACT)) == expected


def test_a_plain_cast_does_not_give_the_same(server: Server) -> None:
    """Why the macro is there; when this fails, it may go."""
    values = _doubles()
    assert _on_postgres(server, values, PLAIN) != _on_duckdb(values, PLAIN)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("(2, null), (1, 'a'), (1, 'a')", 3),
        ("(1, 'a'), (2, null)", None),
        ("(1, 'a'), (2, null), (2, null)", None),
        ("(1, 'a'), (1, 'a'), (2, '')", None),
    ],
)
def test_tables_are_the_same_as_multisets_of_rows(other: str, same: int | None) -> None:
    con = duckdb.connect()
    con.execute("create table ours as select * from (values (1, 'a'), (1, 'a'), (2, null)) as t(n, word)")
    con.execute(f"create temp table other as select * from (values {other}) as t(n, word)")
    assert _same_rows(con, "ours", ["n", "word"]) == same
