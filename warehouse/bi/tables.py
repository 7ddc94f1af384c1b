"""What is loaded: the tables of each zone's serving file, with their keys and what their columns mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.catalogue import STEP
from warehouse.compare import read_keys
from warehouse.serving import zone_path
from warehouse.settings import Settings


@dataclass(frozen=True)
class Served:
    """A table of a zone: columns with DuckDB's types, the key where one is named, and its documentation."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...] = ()
    about: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]


@dataclass(frozen=True)
class Zone:
    """A zone as it is served now: its file, and the name of its content (a build, a set of editions)."""

    name: str
    path: Path
    tables: tuple[Served, ...]

    @property
    def content(self) -> str:
        return self.path.stem


def zone(settings: Settings, name: str) -> Zone:
    """The tables of a zone. The restricted zone is without what the internal one has already; steps that a view of it
    stands on stay in the file.

    Raises SchoolhouseError where the zone has no data yet.
    """
    path = zone_path(settings, name).resolve()
    inner = _columns(zone_path(settings, "internal").resolve()) if name == "restricted" else {}
    found = {t: columns for t, columns in _columns(path).items() if t not in inner and not t.startswith(STEP)}
    keys, docs = _of_build(settings, path.stem) if name != "published" else ({}, {})
    tables = []
    for table, columns in sorted(found.items()):
        node = docs.get(table, {})
        notes = {c: (told.get("description") or "").strip() for c, told in (node.get("columns") or {}).items()}
        tables.append(
            Served(table, columns, tuple(keys.get(table, ())), (node.get("description") or "").strip(), notes)
        )
    return Zone(name, path, tuple(tables))


def _columns(path: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {}
    with duckdb.connect(path, read_only=True) as con:
        rows = con.execute(
            "select table_name, column_name, data_type from duckdb_columns() where not internal"
            " and database_name = current_database() order by table_name, column_index"
        ).fetchall()
    for table, column, kind in rows:
        found.setdefault(table, []).append((column, kind))
    return {table: tuple(columns) for table, columns in found.items()}


def _of_build(settings: Settings, build_id: str) -> tuple[dict[str, list[str]], dict[str, dict[str, Any]]]:
    """(keys, dbt's nodes) by table."""
    manifest = settings.build / build_id / "manifest.json"
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return read_keys(manifest), {n["name"]: n for n in nodes if n["resource_type"] in ("model", "seed")}
