"""Serving against a bare COPY: `schoolhouse serve postgres` of one long table, beside the least that a load must do.

The table is the score aggregates' (`fct_exam_group_stat`), ten million rows of it. The floor is `COPY … FROM STDIN` of
the same rows from a CSV file that is there already, into a table without key, index, policy or check. The real side
reads the rows from the serving file, copies, adds the key and the indexes of filters, analyses, compares every column
with its source and closes the table row by row. Both are run in turn, and the best of each counts. Ratios are what
matters: seconds are those of the machine and its other guests.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse.bi import filling, roles
from warehouse.bi.tables import Served
from warehouse.postgres import own_server
from warehouse.postgres_load import translate_type
from warehouse.settings import Settings

ROWS = 10_000_000
ROUNDS = 2
KEY = ("region_code", "exam_id", "grade", "subject", "group_type", "group_code")
TABLE = """
create table fct_exam_group_stat as select
  lpad(cast(990000 + i % 3000 as varchar), 6, '0') as region_code, '2024-2025' as school_year,
  substr(md5(cast(i // 3000 % 20 as varchar)), 1, 16) as exam_id, 1 + i // 60000 % 9 as grade,
  ['语文', '数学', '英语', '物理', '化学', '道德与法治', '历史', '地理', '生物'][1 + i // 540000 % 9] as subject,
  case when i // 60000 % 9 < 6 then 'primary' else 'junior' end as stage, 'school' as group_type,
  cast(1000000000 + i as varchar) as group_code, 1 as n_schools, 40 + i % 60 as n_roll, 40 + i % 59 as n_listed,
  40 + i % 58 as n_registered, 40 + i % 57 as n_present, 40 + i % 57 as n_scored, i % 3 as n_absent, 0 as n_deferred,
  0 as n_exempt, cast(null as integer) as n_unlisted, 40 + i % 58 as n_denominator, 'registered' as denominator_rule,
  cast((40 + i % 57) * 71.25 as decimal(18, 2)) as score_sum,
  cast((40 + i % 57) * 5201.0625 as decimal(18, 4)) as score_sumsq,
  i % 11 as n_excellent, i % 23 as n_good, i % 41 as n_pass, i % 7 as n_low,
  cast(i % 40 as decimal(8, 2)) as min_score, cast(60 + i % 40 as decimal(8, 2)) as max_score
from range({rows}) as r (i)
"""


def measure(rows: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="schoolhouse-bench-") as folder:
        home = Path(folder)
        settings = Settings.load({"SCHOOLHOUSE_HOME": str(home / "home")}).prepare()
        database, lines = home / "zone.duckdb", home / "rows.csv"
        with duckdb.connect(database) as con:
            con.execute(TABLE.format(rows=rows))
            con.execute(
                f"copy (select * from fct_exam_group_stat order by {', '.join(KEY)}) to '{lines}'"
                " (format csv, header false, force_quote *, nullstr '')"
            )
            columns = tuple((c[0], c[1]) for c in con.execute("describe fct_exam_group_stat").fetchall())
        with own_server(settings) as server:
            connection = server.connect()
            with connection, connection.cursor() as cursor:
                roles.create_roles(cursor)
            floors, reals = [], []
            for _ in range(ROUNDS):
                with _empty_schema(connection, "floor"):
                    floors.append(_copy(connection, lines, columns))
                with _empty_schema(connection, "bench"):
                    started = time.perf_counter()
                    with duckdb.connect(database, read_only=True) as con, filling.sessions(server) as at:
                        count = filling.fill(at, con, "internal", "bench", Served("fct_exam_group_stat", columns, KEY))
                    reals.append(time.perf_counter() - started)
            connection.close()
    floor, real = min(floors), min(reals)
    if count != rows:
        raise SystemExit(f"{count} rows were loaded of {rows}")
    return {"serve_ratio": round(real / floor, 2), "serve_seconds": round(real, 1), "copy_seconds": round(floor, 1),
            "serve_rows": rows}  # fmt: skip


def _copy(connection: Any, lines: Path, columns: tuple[tuple[str, str], ...]) -> float:
    """Seconds of the bare COPY."""
    listed = ", ".join(f"{name} {translate_type(kind)}" for name, kind in columns)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create table floor.fct_exam_group_stat ({listed})")
    started = time.perf_counter()
    with connection, connection.cursor() as cursor, lines.open("rb") as source:
        cursor.copy_expert("copy floor.fct_exam_group_stat from stdin (format csv)", source, size=1 << 20)
    return time.perf_counter() - started


@contextmanager
def _empty_schema(connection: Any, name: str) -> Iterator[None]:
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create schema {name}")
    yield
    with connection, connection.cursor() as cursor:
        cursor.execute(f"drop schema {name} cascade")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    parser.add_argument("--scale", type=float, default=1.0, help="times ten million rows")
    given = parser.parse_args()
    figures = measure(int(ROWS * given.scale))
    print(json.dumps(figures, indent=1) if given.json else "\n".join(f"{k:<16} {v}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
