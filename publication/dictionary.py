"""The data dictionary: Chinese and English labels, units and roles of the published columns, and the names of codes.

It is data (`dictionary.yaml`); this module only answers questions about it. A column has one of three roles: `key`
(what a row is about), `value` (what it says) and `label` (how it is worded). The roles decide the version number of a
new edition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from publication.language import english, spoken

Role = Literal["key", "value", "label"]
_FILE = Path(__file__).with_name("dictionary.yaml")


@dataclass(frozen=True)
class Column:
    """One column as it is described to a reader. `known` is False where the dictionary has no entry for it."""

    name: str
    zh: str
    en: str
    unit: str
    role: Role
    known: bool


@cache
def load() -> dict[str, Any]:
    """The whole dictionary as parsed; sections `datasets`, `columns`, `codes`, `forbidden`."""
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def describe(dataset: str, column: str, type_name: str) -> Column:
    """The entry of `column`; a column the dictionary does not know is described by its own name and type."""
    entry = load()["columns"].get(column)
    keys = _dataset(dataset).get("key")
    role: Role = (entry or {}).get("role") or _guess_role(column, type_name)
    if keys is not None:
        role = "key" if column in keys else ("value" if role == "key" else role)
    if entry is None:
        return Column(column, column, column.replace("_", " "), "", role, False)
    return Column(column, entry["zh"], entry["en"], entry.get("unit", ""), role, True)


def _dataset(name: str) -> dict[str, Any]:
    return load()["datasets"].get(name.removeprefix("pub_"), {})


def _guess_role(column: str, type_name: str) -> Role:
    if type_name.startswith(("DECIMAL", "DOUBLE", "FLOAT", "BOOLEAN")):
        return "value"
    if column.endswith(("_zh", "_en", "_name", "_text", "_note", "reason", "note", "description")):
        return "label"
    if column.endswith(("_code", "_id", "_type", "_year", "_kind")):
        return "key"
    return "value"


def keys(dataset: str, columns: Sequence[tuple[str, str]]) -> list[str]:
    """The columns that say what a row is about. `columns` are (name, type) pairs."""
    return [name for name, type_name in columns if describe(dataset, name, type_name).role == "key"]


def title(dataset: str) -> tuple[str, str]:
    """Chinese and English title of a data set; its own name where it has none."""
    entry = _dataset(dataset)
    return entry.get("zh", dataset), entry.get("en", dataset.replace("_", " "))


def word(family: str, code: Any, language: str | None = None) -> str:
    """The name of a code, e.g. word('stage', 'primary') -> 小学; the code itself where it has none."""
    if code is None or code == "":
        return ""
    words = load()["codes"] if (language or spoken()) == "zh" else english()["codes"]
    return str(words.get(family, {}).get(str(code), code))


def name(dataset: str) -> str:
    """The title of a data set in the language spoken."""
    return title(dataset)[0 if spoken() == "zh" else 1]


def label(dataset: str, column: str, type_name: str) -> str:
    """The label of a column in the language spoken."""
    described = describe(dataset, column, type_name)
    return described.zh if spoken() == "zh" else described.en


def order(family: str) -> list[str]:
    """The codes of a family in the order they are shown."""
    return list(load()["codes"].get(family, {}))


def forbidden_columns() -> frozenset[str]:
    """Columns that no published table may carry: persons, and marks of one run (builds, clocks, hosts)."""
    return frozenset(load()["forbidden"]["columns"])


def private_entities() -> frozenset[str]:
    """Entity types whose ids and observed values stay out of the footnotes."""
    return frozenset(load()["forbidden"]["entity_types"])
