"""Where each data set comes from: its models back to the raw sources, and the files that were read, by hash."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb

from publication import manifest as m
from publication.datasets import DataSet

_RAW = re.compile(r"\braw\(\s*['\"](\w+)['\"]\s*\)")
# Data sets that are made at publication from tables that are published themselves, or from the gate.
_MADE_FROM = {
    "indicator_trend": ("pub_indicator_value",),
    "dispersion_trend": ("pub_resource_dispersion",),
    "codebook": (),
    "footnotes": (),
}


def read_lineage(build: Path, sets: list[DataSet], inputs: list[dict[str, Any]]) -> dict[str, Any]:
    """Content of lineage.json. `build` holds dbt's manifest; names alone are taken from it, no path and no clock."""
    path = build / "manifest.json"
    graph = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"nodes": {}, "parent_map": {}}
    nodes = {k: n for k, n in graph["nodes"].items() if n["resource_type"] in ("model", "seed")}
    by_name = {n["name"]: k for k, n in nodes.items()}
    files: dict[str, list[dict[str, str]]] = {}
    for i in inputs:
        files.setdefault(i["source"], []).append({"file": i["file_name"], "sha256": i["file_sha256"]})
    datasets = {}
    for data in sets:
        tables = _MADE_FROM.get(data.name, (data.name,))
        found = _ancestors([by_name[t] for t in tables if t in by_name], nodes, graph["parent_map"])
        sources = sorted({s for k in found for s in _RAW.findall(nodes[k].get("raw_code") or "")})
        datasets[data.name] = {
            "made_from": list(tables),
            "models": sorted(nodes[k]["name"] for k in found if nodes[k]["resource_type"] == "model"),
            "seeds": sorted(nodes[k]["name"] for k in found if nodes[k]["resource_type"] == "seed"),
            "sources": sources,
        }
    return {
        "code_sha256": m.code_hash(),
        "datasets": datasets,
        "indicators": _indicators(build / "warehouse.duckdb", sets),
        "files": dict(sorted(files.items())),
    }


def _indicators(database: Path, sets: list[DataSet]) -> dict[str, list[str]]:
    """Indicator -> the sources its measures are taken from, as the measures' own catalogue says."""
    with duckdb.connect(str(database), read_only=True) as connection:
        query = "select 1 from information_schema.columns where table_name = 'dim_measure' and column_name = 'source'"
        if not connection.execute(query).fetchall():
            return {}
        found = connection.execute("select measure_code, source from dim_measure where source is not null").fetchall()
    source = {str(code): str(name) for code, name in found}
    definitions = next((s.table.to_pylist() for s in sets if s.name == "pub_indicator_definition"), [])
    return {
        r["indicator_code"]: sorted(
            {source[c] for w in ("numerator", "denominator") if (c := str(r.get(f"{w}_measure"))) in source}
        )
        for r in definitions
        if any(str(r.get(f"{w}_measure")) in source for w in ("numerator", "denominator"))
    }


def _ancestors(start: list[str], nodes: dict[str, Any], parents: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    todo = list(start)
    while todo:
        key = todo.pop()
        if key in nodes and key not in seen:
            seen.add(key)
            todo += parents.get(key, [])
    return seen
