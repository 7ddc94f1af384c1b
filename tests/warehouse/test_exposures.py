"""Every consumer of a mart is named: code that reads a table no exposure lists is found by its text."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from warehouse.settings import PROJECT_ROOT
from warehouse.star import MODELS, read_tables

ROOMS = ("publication", "expectations", "warehouse", "cli", "ingest", "dags", "semantic", "dashboards/spec")
TEXTS = {".py", ".yaml", ".yml", ".sql", ".html", ".j2"}
# The star on paper names every table and reads none for a consumer; a build takes rows of its own tables along.
NO_CONSUMERS = {"warehouse/star.py", "warehouse/star_docs.py", "warehouse/consumers.yaml", "warehouse/reuse.py"}
# Folders of what programs leave behind.
MADE = {".venv", "target", "logs"}
_NAME = re.compile(r"\b(?:dim|fct|bridge|pub)_\w+")
_REF = re.compile(r"ref\('(\w+)'\)")


def _exposures() -> list[dict[str, Any]]:
    return yaml.safe_load((MODELS / "exposures.yml").read_text(encoding="utf-8"))["exposures"]


def _listed(exposure: dict[str, Any]) -> set[str]:
    return {found[1] for d in exposure["depends_on"] if (found := _REF.fullmatch(d))}


def _readers() -> dict[str, set[str]]:
    """File -> the tables of the star that it names."""
    names = set(read_tables())
    found = {}
    for room in ROOMS:
        for path in sorted((PROJECT_ROOT / room).rglob("*")):
            name = str(path.relative_to(PROJECT_ROOT))
            if path.suffix in TEXTS and name not in NO_CONSUMERS and not MADE & set(path.parts):
                found[name] = set(_NAME.findall(path.read_text(encoding="utf-8"))) & names
    return {name: tables for name, tables in found.items() if tables}


def _unlisted(readers: dict[str, set[str]], exposures: list[dict[str, Any]]) -> list[tuple[str, str]]:
    missing = []
    for file, tables in readers.items():
        listed: set[str] = set()
        for exposure in exposures:
            if any(fnmatch(file, pattern) for pattern in exposure["config"]["meta"]["code"]):
                listed |= _listed(exposure)
        missing += [(file, table) for table in sorted(tables - listed)]
    return missing


def test_every_table_that_code_reads_stands_in_an_exposure_of_that_code() -> None:
    readers = _readers()
    assert len(readers) > 40
    assert _unlisted(readers, _exposures()) == []


def test_a_table_that_no_exposure_lists_is_found() -> None:
    exposure = {"depends_on": ["ref('fct_a')"], "config": {"meta": {"code": ["room/*.py"]}}}
    assert _unlisted({"room/x.py": {"fct_a", "fct_b"}}, [exposure]) == [("room/x.py", "fct_b")]
    assert _unlisted({"other/x.py": {"fct_a"}}, [exposure]) == [("other/x.py", "fct_a")]


@pytest.mark.parametrize("exposure", _exposures(), ids=lambda e: e["name"])
def test_an_exposure_lists_what_its_code_reads_and_no_more(exposure: dict[str, Any]) -> None:
    meta = exposure["config"]["meta"]
    readers = _readers()
    read: set[str] = set()
    for pattern in meta["code"]:
        assert any(fnmatch(str(p.relative_to(PROJECT_ROOT)), pattern) for p in _files(pattern)), pattern
        read |= {table for file, tables in readers.items() if fnmatch(file, pattern) for table in tables}
    prefix = meta.get("reads_prefix")
    read |= {table for table in read_tables() if prefix and table.startswith(prefix)}
    assert _listed(exposure) == read
    assert len(_listed(exposure)) == len(exposure["depends_on"])


def _files(pattern: str) -> list[Path]:
    """Files below the folder that the pattern names before its first star."""
    folder = PROJECT_ROOT / pattern.split("*")[0].rpartition("/")[0]
    return [p for p in folder.rglob("*") if p.is_file()]
