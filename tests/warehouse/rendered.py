"""Models of the dbt project run on DuckDB without dbt: for tests that change one seed row and look at what follows.

Only the SQL is run (no contracts, no dbt tests); `ref` resolves to the table of the same name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import jinja2
import pyarrow as pa

from warehouse.settings import PROJECT_ROOT

DBT = PROJECT_ROOT / "dbt_project"
_REF = re.compile(r"ref\(\s*'(\w+)'")


def seed_rows(name: str) -> list[dict[str, str]]:
    """Rows of a seed as text."""
    path = next((DBT / "seeds").rglob(f"{name}.csv"))
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def load_table(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Replace a table by rows; text that is empty becomes NULL, as dbt loads it."""
    columns = list(rows[0])
    table = pa.table({c: pa.array([None if r[c] == "" else r[c] for r in rows]) for c in columns})
    for i, c in enumerate(columns):
        if pa.types.is_null(table.schema.field(c).type):
            table = table.set_column(i, c, table.column(c).cast(pa.string()))
    con.register("incoming", table)
    con.execute(f'create or replace table "{name}" as select * from incoming')
    con.unregister("incoming")


def load_seeds(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    for name in names:
        load_table(con, name, seed_rows(name))


def render(model: str, variables: Mapping[str, str] | None = None) -> str:
    """The SQL of a model with `ref` and the project's macros resolved."""
    path = next((DBT / "models").rglob(f"{model}.sql"))
    return expand(path.read_text(encoding="utf-8"), variables)


def expand(template: str, variables: Mapping[str, str] | None = None) -> str:
    """A template with `ref` and the project's macros resolved; of what engines do apart, the default."""
    files = (p for folder in ("macros", "macros/dispatch") for p in sorted((DBT / folder).glob("*.sql")))
    macros = "".join(p.read_text(encoding="utf-8") for p in files)
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)  # noqa: S701
    environment.globals.update(
        ref=lambda name: f'"{name}"',
        source=lambda _, name: f'"{name}"',
        config=lambda *a, **k: "",
        var=lambda name, default="": (variables or {}).get(name, default),
        return_=lambda value: value,
        # As a build makes it that takes nothing from the one before.
        is_incremental=lambda: False,
    )
    return environment.from_string(macros + template).render()


def references(model: str) -> set[str]:
    path = next((DBT / "models").rglob(f"{model}.sql"))
    return set(_REF.findall(path.read_text(encoding="utf-8")))


def run(con: duckdb.DuckDBPyConnection, models: Iterable[str], variables: Mapping[str, str] | None = None) -> None:
    """Create the named models as tables, in the order given."""
    for model in models:
        con.execute(f'create or replace table "{model}" as {render(model, variables)}')


def read(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, object]]:
    return con.sql(sql).to_arrow_table().to_pylist()


__all__ = ["Path", "expand", "load_seeds", "load_table", "read", "references", "render", "run", "seed_rows"]
