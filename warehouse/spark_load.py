"""What a build on Spark reads and where it stays: raw where it lies, the ledger as Parquet, a schema for each build."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from warehouse.corrections import CORRECTED
from warehouse.spark import Spark

# Finished builds that stay: the one that is read, and the one before it for who wants to compare.
KEPT = 2
_BUILD = re.compile(r"b[0-9a-f]{15}")
_TYPES = {
    "VARCHAR": "string",
    "TINYINT": "int",
    "UTINYINT": "int",
    "USMALLINT": "int",
    "INTEGER": "int",
    "UINTEGER": "bigint",
    "HUGEINT": "decimal(38,0)",
    "UBIGINT": "decimal(20,0)",
}


def load_inputs(spark: Spark, schema: str, inputs: Path, raw: Path) -> dict[str, int]:
    """Make the schema anew, with `input_<table>` from the file `inputs` and `raw_<source>` over the folders of raw.

    Raw is read where it lies; which rows count the models say themselves. Rows that a declared correction touches are
    read from the build's folder. Returns rows of the ledger's tables.
    """
    drop_schema(spark, schema)
    folder = spark.folder / "inputs" / schema
    folder.mkdir(parents=True)
    spark.run(f"create database {schema} location '{tables_folder(spark.folder, schema)}'")
    counts: dict[str, int] = {}
    with duckdb.connect(inputs, read_only=True) as con:
        con.execute("set timezone = 'UTC'")
        names = con.execute("select table_name from duckdb_tables() where table_name like 'input_%'").fetchall()
        for (name,) in sorted(names):
            aside = folder / name
            aside.mkdir()
            rows = con.execute(f"copy {name} to '{aside}/rows.parquet' (format parquet)").fetchall()
            counts[name] = int(rows[0][0])
            _over(spark, f"{schema}.{name}", _columns(con, f"select * from {name}"), aside)
        for source in sorted(p for p in raw.iterdir() if (p / "_schema.parquet").exists()):
            _raw_table(spark, con, schema, source, inputs.parent / CORRECTED / f"{source.name}.parquet", folder)
    return counts


def drop_schema(spark: Spark, schema: str) -> None:
    """Drop a build's schema with its tables and copied inputs, where it is there; raw is not its own and stays."""
    spark.run(f"drop database if exists {schema} cascade")
    for folder in (tables_folder(spark.folder, schema), spark.folder / "inputs" / schema):
        shutil.rmtree(folder, ignore_errors=True)


def tables_folder(folder: Path, schema: str) -> Path:
    """Where the tables of a build are, a folder each, below `spark/` of a home."""
    return folder / "warehouse" / f"{schema}.db"


def sweep(spark: Spark, finished: Sequence[str], schema: str = "") -> None:
    """Drop every build but `schema` and the newest of the `finished` ones, newest first: what was broken off, and what
    is older than the `KEPT`.
    """
    # A build of this house has inputs of its own in the house's folder; another house's on the same server has not.
    inputs = spark.folder / "inputs"
    there = {p.name for p in inputs.iterdir() if _BUILD.fullmatch(p.name)} if inputs.exists() else set()
    others = [name for name in dict.fromkeys(finished) if name != schema and name in there]
    for name in sorted(there - {schema, *others[: KEPT - 1 if schema else KEPT]}):
        drop_schema(spark, name)


def has_schema(spark: Spark, schema: str) -> bool:
    """Whether a build of that name is there."""
    return (schema,) in spark.run("show databases")


def translate_type(name: str) -> str:
    """Spark's type for a DuckDB type; a decimal keeps its precision and scale."""
    if match := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", name):
        return f"decimal({match[1]},{match[2]})"
    return _TYPES.get(name, name.lower())


def _raw_table(
    spark: Spark, con: duckdb.DuckDBPyConnection, schema: str, source: Path, corrected: Path, folder: Path
) -> None:
    """A source's files as a table; where rows are corrected, a view of the others and of the corrected ones."""
    read = f"select * from read_parquet('{source}/**/*.parquet', union_by_name = true, hive_partitioning = false)"
    columns = _columns(con, read)
    name = f"{schema}.raw_{source.name}"
    if not corrected.exists():
        _over(spark, name, columns, source)
        return
    aside = folder / f"corrected_{source.name}"
    aside.mkdir()
    shutil.copyfile(corrected, aside / "rows.parquet")
    _over(spark, f"{name}_sent", columns, source)
    _over(spark, f"{name}_corrected", columns, aside)
    listed = ", ".join(f"`{c}`" for c in columns)
    spark.run(
        f"create view {name} as select {listed} from {name}_sent as a left anti join {name}_corrected as c "
        "on a._submission_id = c._submission_id and a._sheet = c._sheet and a._row = c._row "
        f"union all select {listed} from {name}_corrected"
    )


def _columns(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    return {name: translate_type(kind) for name, kind, *_ in con.execute(f"describe {query}").fetchall()}


def _over(spark: Spark, table: str, columns: dict[str, str], folder: Path) -> None:
    """A table over the Parquet files below a folder, whatever the folders between are called; a column that a file does
    not have is NULL.
    """
    listed = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
    spark.run(f"create table {table} ({listed}) using parquet options (recursiveFileLookup 'true') location '{folder}'")
