"""Read-only SQL on a serving copy."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from warehouse.errors import SchoolhouseError
from warehouse.serving import zone_path
from warehouse.settings import Settings


def open_zone(settings: Settings, zone: str = "internal") -> duckdb.DuckDBPyConnection:
    """A read-only connection to a zone that can reach no other file (the restricted zone's views may read raw)."""
    path = zone_path(settings, zone).resolve()
    con = duckdb.connect(path, read_only=True)
    if zone == "restricted":
        for folder in (settings.raw, settings.build):
            con.execute(f"set allowed_directories = array_append(current_setting('allowed_directories'), '{folder}/')")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con


def run_query(settings: Settings, sql: str, zone: str = "internal") -> pa.Table:
    """The result of one SELECT as an Arrow table. Raises SchoolhouseError with the engine's own words on bad SQL."""
    with open_zone(settings, zone) as con:
        try:
            relation = con.sql(sql)
            if relation is None:
                raise SchoolhouseError(
                    "the statement gives no table", "该语句没有返回表", fix_en="use SELECT", fix_zh="请使用 SELECT 查询"
                )
            return relation.to_arrow_table()
        except duckdb.Error as e:
            text = str(e).strip().splitlines()[0]
            raise SchoolhouseError(f"the query failed: {text}", f"查询失败:{text}") from e
