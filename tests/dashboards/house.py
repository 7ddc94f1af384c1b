"""The dashboards' bundle as the tests read it, and an empty warehouse made from contracts to hold it against."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import duckdb
import yaml

from warehouse.bi.views import FOLDER, header
from warehouse.settings import PROJECT_ROOT
from warehouse.star import read_tables

FOLDER_OF_DASHBOARDS = PROJECT_ROOT / "dashboards"
BUNDLE = FOLDER_OF_DASHBOARDS / "bundle"
_TABLE = re.compile(r"\binternal\.(\w+)")


@cache
def generator() -> ModuleType:
    """`dashboards/generate.py`, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("dashboards_generate", FOLDER_OF_DASHBOARDS / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Bundle:
    """What Superset imports, by UUID."""

    connections: dict[str, dict[str, Any]]
    data_sets: dict[str, dict[str, Any]]
    charts: dict[str, dict[str, Any]]
    dashboards: dict[str, dict[str, Any]]

    def charts_of(self, slug: str) -> list[dict[str, Any]]:
        position = self.dashboards[slug]["position"]
        return [
            self.charts[c["meta"]["uuid"]] for c in position.values() if isinstance(c, dict) and c["type"] == "CHART"
        ]

    def data_sets_of(self, slug: str) -> list[dict[str, Any]]:
        """Data sets of a dashboard's charts and filters."""
        filters = self.dashboards[slug]["metadata"]["native_filter_configuration"]
        uuids = {c["dataset_uuid"] for c in self.charts_of(slug)}
        uuids |= {t["datasetUuid"] for f in filters for t in f["targets"]}
        return [self.data_sets[u] for u in sorted(uuids)]

    def reader_of(self, data_set: dict[str, Any]) -> str:
        """The login of the warehouse that asks for a data set's rows."""
        uri = self.connections[data_set["database_uuid"]]["sqlalchemy_uri"]
        return uri.partition("://")[2].partition("@")[0]


@cache
def read_bundle() -> Bundle:
    def read(kind: str, by: str = "uuid") -> dict[str, dict[str, Any]]:
        found = [yaml.safe_load(p.read_text(encoding="utf-8")) for p in sorted((BUNDLE / kind).rglob("*.yaml"))]
        return {thing[by]: thing for thing in found}

    return Bundle(read("databases"), read("datasets"), read("charts"), read("dashboards", "slug"))


def tables_read(sql: str) -> set[str]:
    """Tables and views that a statement names, and the tables behind the views."""
    named = set(_TABLE.findall(sql))
    for view in list(named):
        path = FOLDER / "internal" / f"{view}.sql"
        if path.exists():
            named |= set(header(path.read_text(encoding="utf-8"))[0])
    return named


def empty_warehouse(without: tuple[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """A schema `internal` with every contracted table and view for BI tools, and no row; `without` leaves out a column
    of a table, as a change of a contract would.
    """
    con = duckdb.connect()
    con.execute("create schema internal")
    con.execute("use memory.internal")
    for table in read_tables().values():
        columns = [f"{c.name} {c.data_type}" for c in table.columns if (table.name, c.name) != without]
        con.execute(f"create table internal.{table.name} ({', '.join(columns)})")
    for path in sorted((FOLDER / "internal").glob("*.sql")):
        try:
            con.execute(f"create view internal.{path.stem} as {path.read_text(encoding='utf-8')}")
        except duckdb.BinderException:
            if without is None:
                raise
    return con


def broken(bundle: Bundle, slug: str, con: duckdb.DuckDBPyConnection) -> list[str]:
    """What of a dashboard's data sets the warehouse does not hold, a line each, with the dashboard's name."""
    title = bundle.dashboards[slug]["dashboard_title"]
    faults = []
    for data_set in bundle.data_sets_of(slug):
        name, sql = data_set["table_name"], data_set["sql"]
        try:
            held = {row[0] for row in con.execute(f"describe select * from ({sql}) as x").fetchall()}
        except duckdb.Error as fault:
            faults.append(f"{slug} {title}: {name}: {str(fault).splitlines()[0]}")
            continue
        told = {c["column_name"] for c in data_set["columns"]}
        faults += [f"{slug} {title}: {name}: {c} is not in its statement" for c in sorted(told - held)]
        faults += [f"{slug} {title}: {name}: {c} has no label" for c in sorted(held - told)]
        for metric in data_set["metrics"]:
            try:
                con.execute(f"select {metric['expression']} from ({sql}) as x").fetchall()
            except duckdb.Error as fault:
                faults.append(f"{slug} {title}: {name}: {metric['metric_name']}: {str(fault).splitlines()[0]}")
    return faults
