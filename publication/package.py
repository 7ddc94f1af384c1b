"""The edition as a Frictionless Data Package (version 2): each data file with its columns, keys, codes and hash."""

from __future__ import annotations

import hashlib
from typing import Any

from publication import dictionary
from publication.datasets import PREFIX, DataSet
from publication.draft import Draft

_SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
_RESOURCE = "https://datapackage.org/profiles/2.0/dataresource.json"
# Columns that are filled in every row of every data set that has them.
_FILLED = ("region_code", "school_year", "obs_status")
_FAMILY = {"status": "status", "target_status": "status", "judge": "judge", "obs_status": "obs_status"}


def descriptor(draft: Draft, version: str) -> dict[str, Any]:
    """Content of datapackage.json. The Parquet twins are listed as plain files: same rows, same columns."""
    resources = []
    for data in draft.sets:
        resources.append(_table(draft, data))
        resources.append(_parquet(draft, data))
    zh, en = titles(draft, version)
    return {
        "$schema": _SCHEMA,
        "name": package_name(draft),
        "id": f"urn:schoolhouse:edition:{draft.region}:{draft.school_year}:{version}",
        "title": zh,
        "description": en,
        "version": version.removeprefix("v"),
        "contributors": [{"title": f"{draft.names.region}教育局", "roles": ["publisher"]}],
        "sources": [
            {"title": i["file_name"], "version": i["file_sha256"]}
            for i in sorted(draft.inputs, key=lambda i: (i["file_name"], i["file_sha256"]))
        ],
        "keywords": ["education", "indicators", draft.school_year],
        "resources": resources,
    }


def package_name(draft: Draft) -> str:
    return f"education-indicators-{draft.region}-{draft.school_year}"


def titles(draft: Draft, version: str) -> tuple[str, str]:
    """Chinese and English title of the edition."""
    return (
        f"{draft.names.region} {draft.school_year} 学年教育指标公报 {version}",
        f"Education indicators of region {draft.region}, school year {draft.school_year}, {version}",
    )


def _table(draft: Draft, data: DataSet) -> dict[str, Any]:
    zh, en = dictionary.title(data.name)
    path = f"{data.name}.csv"
    content = draft.data[path]
    keys = dictionary.keys(data.name, data.columns)
    schema: dict[str, Any] = {"fields": [_field(data, name, type_name) for name, type_name in data.columns]}
    # A part of a key may be empty (a line of the region's own has no plan); such rows are unique, but have no key.
    if all(data.table.column(k).null_count == 0 for k in keys):
        schema["primaryKey"] = keys
    return {
        "$schema": _RESOURCE,
        "name": data.name.removeprefix(PREFIX).replace("_", "-"),
        "title": zh,
        "description": en,
        "type": "table",
        "path": f"data/{path}",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {**schema, "missingValues": [""]},
    }


def _parquet(draft: Draft, data: DataSet) -> dict[str, Any]:
    path = f"{data.name}.parquet"
    content = draft.data[path]
    return {
        "$schema": _RESOURCE,
        "name": data.name.removeprefix(PREFIX).replace("_", "-") + "-parquet",
        "title": dictionary.title(data.name)[0] + "（Parquet）",
        "path": f"data/{path}",
        # Readers that take every "parquet" for a table to be streamed would look for its size and hash in vain.
        "format": "apache-parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
    }


def _field(data: DataSet, name: str, type_name: str) -> dict[str, Any]:
    column = dictionary.describe(data.name, name, type_name)
    field: dict[str, Any] = {"name": name, "type": field_type(type_name), "title": column.zh, "description": column.en}
    if column.unit:
        field["unit"] = column.unit
    constraints: dict[str, Any] = {}
    if name in _FILLED and name in [c for c, _ in data.columns]:
        constraints["required"] = True
    codes = dictionary.order(_FAMILY[name]) if name in _FAMILY else []
    if codes and field["type"] == "string":
        found = {v for v in data.table.column(name).to_pylist() if v is not None}
        if found <= set(codes):
            constraints["enum"] = codes
            field["categories"] = [{"value": c, "label": dictionary.word(_FAMILY[name], c)} for c in codes]
    if constraints:
        field["constraints"] = constraints
    return field


def field_type(type_name: str) -> str:
    """The Table Schema type of a SQL type."""
    if type_name.startswith(("DOUBLE", "DECIMAL", "FLOAT")):
        return "number"
    if "INT" in type_name:
        return "integer"
    return {"BOOLEAN": "boolean", "DATE": "date"}.get(type_name, "string")
