"""A reading process that hangs, grows or is killed costs one file; the others of its call are read."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ingest import sandbox
from ingest.limits import Limits
from ingest.readers import Book
from tests.hostile import tables
from tests.hostile.builders import xlsx
from warehouse.errors import SchoolhouseError


@pytest.fixture
def files(tmp_path: Path) -> list[sandbox.Given]:
    """Three small workbooks around one with a hundred thousand rows."""
    large = xlsx([*tables.money(), *([f"{i}", "教育局", "维修", "执行", i / 7] for i in range(100_000))])
    for i, data in enumerate([xlsx(tables.money()), large, xlsx(tables.money()), tables.csv(tables.money())]):
        (tmp_path / f"{i}").write_bytes(data)
    return [sandbox.Given(tmp_path / f"{i}") for i in range(4)]


def codes(files: list[sandbox.Given], **limits: int) -> list[str]:
    changed = dataclasses.replace(Limits.load({}), **limits)
    return ["" if isinstance(o, Book) else o.code for o in sandbox.read_files(files, changed)]


def test_all_are_read_with_the_usual_limits(files):
    assert codes(files) == ["", "", "", ""]


def test_too_much_memory_costs_one_file(files):
    assert codes(files, memory_base_mb=280, memory_per_mb=1) == ["", "memory", "", ""]


def test_too_much_time_costs_one_file(files, monkeypatch):
    monkeypatch.setattr(sandbox, "_GRACE_SECONDS", 0.02)
    found = codes(files, seconds=0, seconds_per_mb=0)
    assert "time" in found
    assert set(found) <= {"", "time"}


def test_a_file_that_changed_is_not_believed(files):
    assert codes([dataclasses.replace(files[0], sha256="0" * 64), files[3]]) == ["changed", ""]


def test_a_limit_that_is_no_number_is_told():
    with pytest.raises(SchoolhouseError, match="positive whole number"):
        Limits.load({"SCHOOLHOUSE_READ_SECONDS": "soon"})
