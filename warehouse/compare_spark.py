"""A build on Spark as the comparison reads it: the Parquet files of its tables, opened by DuckDB.

A view has no files; it is written out for the comparison by Spark.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse import spark_load
from warehouse.compare import read_keys
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings
from warehouse.spark import running_spark


class SparkBuild:
    """The tables of a build: `folders`, in this order, hold one folder of Parquet files a table."""

    name = "Spark"

    def __init__(self, *folders: Path) -> None:
        self._folders = folders

    def translate(self, kind: str) -> str:
        return {"HUGEINT": "DECIMAL(38,0)"}.get(kind, kind)

    def read_types(self, con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
        files = self._files(table)
        return (
            {name: kind for name, kind, *_ in con.execute(f"describe select * from {files}").fetchall()}
            if files
            else {}
        )

    def fetch(self, con: duckdb.DuckDBPyConnection, table: str, types: dict[str, str]) -> None:
        listed = ", ".join(f'cast("{c}" as {kind}) as "{c}"' for c, kind in types.items())
        con.execute(f"create or replace temp table other as select {listed} from {self._files(table)}").fetchall()

    def _files(self, table: str) -> str:
        for folder in self._folders:
            if any((folder / table).glob("*.parquet")):
                return f"read_parquet('{folder / table}/*.parquet')"
        return ""


@contextmanager
def spark_build(settings: Settings, manifest: Path, schema: str) -> Iterator[SparkBuild]:
    """The build `schema` of a house. Raises SchoolhouseError when there is none."""
    nodes = json.loads(manifest.read_text())["nodes"].values()
    compared = read_keys(manifest)
    views = [n["name"] for n in nodes if n["name"] in compared and n["config"]["materialized"] == "view"]
    with tempfile.TemporaryDirectory(prefix="schoolhouse-compare-") as scratch:
        with running_spark(settings) as spark:
            if not spark_load.has_schema(spark, schema):
                raise SchoolhouseError(
                    "there is no build on Spark of these inputs and this code",
                    "没有与当前输入和代码一致的 Spark 构建",
                    where=schema,
                    fix_en="run `schoolhouse build --target spark` first",
                    fix_zh="请先运行 schoolhouse build --target spark",
                )
            for view in views:
                spark.run(f"insert overwrite directory '{scratch}/{view}' using parquet select * from {schema}.{view}")
        yield SparkBuild(Path(scratch), spark_load.tables_folder(settings.home / "spark", schema))
