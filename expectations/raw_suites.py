"""The expectations that every source's contract makes of its raw batch, counted in DuckDB: one row an expectation.

Reading has held each row to the contract already; this is the second look, at what really lies in raw under the pin of
the build. Rows are counted and never shown, so that nothing of a person can be in a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from expectations.candidate import Candidate
from warehouse.settings import PROJECT_ROOT

# Contracts and code lists are data of the reading's room; this room reads the files and none of its code.
_INGEST = PROJECT_ROOT / "ingest"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What a rule says of a value that breaks it.
RULES = {
    "type": ("列缺失或类型不符", "the column is missing or of another type"),
    "missing": ("必填而为空", "required and blank"),
    "list": ("不在代码表中", "not in its code list"),
    "minimum": ("低于下限", "below its minimum"),
    "maximum": ("高于上限", "above its maximum"),
    "pattern": ("格式不符", "not of its form"),
    "key": ("同一份材料内主键重复", "its key is twice in one submission"),
}


@dataclass(frozen=True)
class Expectation:
    """One expectation of a source. `broken` is SQL that is true for a row that breaks it; of a type it is the column's.

    A column that no batch has yet is one that the contract got since: only a required one is missed.
    """

    source: str
    column: str
    rule: str
    broken: str
    required: bool = False


@dataclass(frozen=True)
class Suite:
    """What one source's raw batch must hold."""

    source: str
    expectations: tuple[Expectation, ...]
    key: tuple[str, ...]


@cache
def load_suites() -> tuple[Suite, ...]:
    """A suite for every contract, in the order of sources."""
    lists = _load(_INGEST / "vocabularies.yaml")
    return tuple(_suite(_load(path), lists) for path in sorted((_INGEST / "sources").glob("*/contract.yaml")))


def raw_expectations(candidate: Candidate) -> pd.DataFrame:
    """source, column_name, rule, rule_zh, rule_en, n_rows, n_broken: of the region's rows of the edition's periods."""
    rows = [row for suite in load_suites() for row in _count(candidate, suite)]
    columns = ["source", "column_name", "rule", "rule_zh", "rule_en", "n_rows", "n_broken"]
    return pd.DataFrame(rows, columns=columns)


def _count(candidate: Candidate, suite: Suite) -> Iterator[tuple[Any, ...]]:
    files = _files(candidate.settings.raw / suite.source, candidate.school_year)
    if not files:
        return
    batch = (
        f"read_parquet([{', '.join(_quote(str(f)) for f in files)}], union_by_name = true, hive_partitioning = false)"
    )
    con = candidate.connection
    have = {name: kind for name, kind, *_ in con.execute(f"describe select * from {batch}").fetchall()}
    wanted = [e for e in suite.expectations if e.rule != "type" and e.column in have]
    key = [c for c in suite.key if c in have]
    counts = [f"count(*) filter ({e.broken})" for e in wanted]
    columns = ", ".join(f'"{c}"' for c in dict.fromkeys([*(e.column for e in wanted), *key]))
    of_pin = _quote(str(candidate.folder / "pin.parquet"))
    mine = (
        f"select _submission_id, {columns or '1'} from {batch} where region_code = $region"
        " and period in ('', $school_year, $fiscal_year)"
        f" and _submission_id in (select submission_id from read_parquet({of_pin}))"
    )
    names = ", ".join(f'"{c}"' for c in key)
    repeated = (
        f"(select coalesce(sum(n - 1), 0) from (select count(*) as n from mine group by _submission_id, {names}))"
    )
    tail = [repeated] if key else []
    bounds = {k: candidate.bounds[k] for k in ("region", "school_year", "fiscal_year")}
    query = f"with mine as ({mine}) select {', '.join(['count(*)', *counts, *tail])} from mine"
    [(total, *broken)] = con.execute(query, bounds).fetchall()
    for e in (e for e in suite.expectations if e.rule == "type"):
        wrong = have[e.column] != e.broken if e.column in have else e.required
        yield suite.source, e.column, e.rule, *RULES[e.rule], total, max(total, 1) if wrong else 0
    for e, n in zip(wanted, broken, strict=False):
        yield suite.source, e.column, e.rule, *RULES[e.rule], total, n
    if key:
        yield suite.source, "+".join(key), "key", *RULES["key"], total, broken[-1]


def _suite(contract: Mapping[str, Any], lists: Mapping[str, Any]) -> Suite:
    source, custom = contract["name"], _custom(contract)
    found: list[Expectation] = []
    key = []
    for field in contract["schema"][0]["properties"]:
        if not _custom(field).get("store", True):
            continue
        found += _of_field(source, field, lists)
        if field.get("primaryKey"):
            key.append(field["name"])
    # A sheet with a column a subject gives a row a subject: what the column was is part of the key.
    if "unpivot" in custom:
        key.append("_column")
    return Suite(source, tuple(found), tuple(key))


def _of_field(source: str, field: Mapping[str, Any], lists: Mapping[str, Any]) -> Iterator[Expectation]:
    name, custom, options = field["name"], _custom(field), field.get("logicalTypeOptions") or {}
    yield Expectation(source, name, "type", field["physicalType"], bool(field.get("required")))
    column = f'"{name}"'
    if field.get("required"):
        yield Expectation(source, name, "missing", f"{column} is null")
    words = lists.get(custom.get("vocabulary", ""))
    if words and not words.get("open") and not custom.get("lenient"):
        values = ", ".join(_quote(str(v)) for v in words["values"])
        yield Expectation(source, name, "list", f"cast({column} as varchar) not in ({values})")
    if words is None and field["physicalType"].startswith(("INTEGER", "DECIMAL")):
        for rule, sign in (("minimum", "<"), ("maximum", ">")):
            if rule in options:
                yield Expectation(source, name, rule, f"{column} {sign} {options[rule]}")
    if "pattern" in options and field["physicalType"] == "VARCHAR" and not _is_pseudonym(custom):
        yield Expectation(source, name, "pattern", f"not regexp_matches({column}, {_quote(options['pattern'])})")


def _is_pseudonym(custom: Mapping[str, Any]) -> bool:
    """What raw holds is the house's own key then, not what the form asks for."""
    return bool({"pseudonym", "aliasOf", "previousOf"} & custom.keys())


def _files(folder: Path, school_year: str) -> list[Path]:
    """The batches of a source; of one that is laid down by school year those of the edition's."""
    schema, by_year = folder / "_schema.parquet", sorted(folder.glob("school_year=*"))
    if by_year:
        found = sorted((folder / f"school_year={school_year}").rglob("*.parquet"))
    else:
        found = sorted(p for p in folder.glob("*.parquet") if p != schema)
    return [*found, *([schema] if schema.exists() else [])]


def _custom(node: Mapping[str, Any]) -> dict[str, Any]:
    return {p["property"]: p["value"] for p in node.get("customProperties") or ()}


def _load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
