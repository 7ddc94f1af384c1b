"""Whether a loaded table is its source: the number of rows, a figure for each column, and every row of short tables."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from warehouse.bi.tables import Served
from warehouse.errors import SchoolhouseError

# Sums of doubles are made in different orders by two engines.
_TOLERANCE = 1e-12
_NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
    *("FLOAT", "DOUBLE"),
)
# Columns that are told byte by byte up to so many rows.
_DIGEST_ROWS = 100_000
# PostgreSQL's functions take so many arguments.
_ARGUMENTS = 100


@dataclass(frozen=True)
class Summary:
    """Rows, and for each column the values that are there and a sum that no changed value leaves as it was."""

    rows: int
    filled: dict[str, int]
    sums: dict[str, Any]
    digests: dict[str, str]

    @classmethod
    def later(cls, con: duckdb.DuckDBPyConnection, table: Served) -> Callable[[], Summary]:
        """Begin to sum up the source beside the copy; the function waits for it."""
        found: list[Summary] = []
        own = con.cursor()

        def sum_up() -> None:
            # A fault is told by whoever waits for the sum.
            with contextlib.suppress(duckdb.Error):
                found.append(cls._of_duckdb(own, table))

        thread = threading.Thread(target=sum_up, daemon=True)
        thread.start()

        def wait() -> Summary:
            thread.join()
            if not found:
                found.append(cls._of_duckdb(con, table))
            return found[0]

        return wait

    @classmethod
    def _of_duckdb(cls, con: duckdb.DuckDBPyConnection, table: Served) -> Summary:
        name = f'"{table.name}"'
        *row, _ = con.execute(f"select {_expressions(table, 'duckdb')} from {name}").fetchall()[0]
        digests = ()
        if texts := _texts(table, row[0]):
            listed = ", ".join(f"md5(string_agg({_coded(c)}, '|' order by {_coded(c)}))" for c in texts)
            digests = con.execute(f"select {listed} from {name}").fetchall()[0]
        return cls._made(table, row, digests)

    @classmethod
    def of_postgres(cls, cursor: Any, name: str, table: Served, full: Collection[str] = ()) -> Summary:
        """`full` columns are thought to have a value everywhere: one look at each row tells whether they have."""
        full = [c for c in table.names if c in full][:_ARGUMENTS]
        cursor.execute(f"select {_expressions(table, 'postgres', full)} from {name}")
        *row, nulls = cursor.fetchone()
        if nulls:
            return cls.of_postgres(cursor, name, table)
        digests = ()
        if texts := _texts(table, row[0]):
            listed = ", ".join(f"md5(string_agg({_coded(c)}, '|' order by {_coded(c)} collate \"C\"))" for c in texts)
            cursor.execute(f"select {listed} from {name}")
            digests = cursor.fetchone()
        return cls._made(table, row, digests)

    @classmethod
    def _made(cls, table: Served, row: Any, digests: Any) -> Summary:
        names = table.names
        return cls(
            int(row[0]),
            dict(zip(names, row[1::2], strict=True)),
            dict(zip(names, row[2::2], strict=True)),
            dict(zip(_texts(table, row[0]), digests, strict=True)),
        )


def compare(source: Summary, loaded: Summary, table: str) -> None:
    """Raises SchoolhouseError for the first thing that differs."""
    if source.rows != loaded.rows:
        raise _differs(table, "rows", source.rows, loaded.rows)
    for column, count in source.filled.items():
        if count != loaded.filled[column]:
            raise _differs(table, f"filled values of {column}", count, loaded.filled[column])
        if not _same(source.sums[column], loaded.sums[column]):
            raise _differs(table, f"sum of {column}", source.sums[column], loaded.sums[column])
        if source.digests.get(column) != loaded.digests.get(column):
            raise _differs(table, f"texts of {column}", source.digests[column], loaded.digests[column])


def _expressions(table: Served, engine: str, full: Collection[str] = ()) -> str:
    """Rows; for each column values that are there and a sum; and the values that `full` columns lack."""
    parts = ["count(*)"]
    for column, kind in table.columns:
        parts += ["count(*)" if column in full else f'count("{column}")', _sum(f'"{column}"', kind, engine)]
    listed = ", ".join(f'"{c}"' for c in table.names if c in full)
    return ", ".join([*parts, f"sum(num_nulls({listed}))" if listed else "0"])


def _sum(column: str, kind: str, engine: str) -> str:
    """A sum over a column that both engines make alike."""
    if kind in _NUMBERS or kind.startswith("DECIMAL"):
        return f"sum({column})"
    if kind == "BOOLEAN":
        return f"sum(case when {column} then 1 else 0 end)"
    if kind == "DATE":
        return f"sum({column} - date '1970-01-01')"
    if kind.startswith("TIMESTAMP"):
        return f"sum(extract(epoch from {column}))"
    return f"sum(octet_length({'encode' if engine == 'duckdb' else ''}({column})))"


def _texts(table: Served, rows: int) -> list[str]:
    if rows > _DIGEST_ROWS:
        return []
    return [c for c, kind in table.columns if kind == "VARCHAR"]


def _coded(column: str) -> str:
    return f"coalesce(md5(\"{column}\"), '-')"


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(float(one), float(other), rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return Decimal(one) == Decimal(other)


def _differs(table: str, what: str, source: Any, loaded: Any) -> SchoolhouseError:
    return SchoolhouseError(
        f"{table} was not loaded as it is: {what} are {source} in the serving file and {loaded} in PostgreSQL",
        f"{table} 装载后与源不一致:{what} 源为 {source},PostgreSQL 中为 {loaded}",
        fix_en="readers keep the load before; run the command again, and keep the log if it happens again",
        fix_zh="读者仍读取上一次装载的数据;请重新运行,若再次出现请保留日志",
    )
