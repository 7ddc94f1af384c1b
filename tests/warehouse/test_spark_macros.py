"""What the project says on Spark, without a Spark: its words, and what a house is told where a part is missing."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import settings_in
from warehouse import spark as sparks
from warehouse.build import TARGETS
from warehouse.errors import SchoolhouseError
from warehouse.settings import PROJECT_ROOT, Settings
from warehouse.spark_load import translate_type

_PROJECT = PROJECT_ROOT / "dbt_project"


@pytest.fixture(scope="module")
def spelled() -> Iterator[Any]:
    """The macro that spells a model's SQL for Spark, rendered by Jinja alone."""
    import re
    from types import SimpleNamespace

    from jinja2 import Environment

    class Returned(Exception):
        def __init__(self, value: str) -> None:
            self.value = value

    def give(value: str) -> None:
        raise Returned(value)

    text = (_PROJECT / "macros" / "dispatch" / "spark.sql").read_text()
    macro = text[text.index("{% macro spark_spelling") : text.index("{%- endmacro %}") + len("{%- endmacro %}")]
    environment = Environment()  # noqa: S701  (SQL, not HTML)
    environment.globals.update(modules=SimpleNamespace(re=re), **{"return": give})
    template = environment.from_string(macro)

    def spell(sql: str) -> str:
        try:
            template.module.spark_spelling(sql)  # pyright: ignore[reportAttributeAccessIssue]
        except Returned as e:
            return e.value
        raise AssertionError("the macro returned nothing")

    yield spell


@pytest.mark.parametrize(
    ("sql", "on_spark"),
    [
        ("cast(x as varchar)", "cast(x as string)"),
        ("cast(x as\n    VARCHAR )", "cast(x as string )"),
        ("cast(x as varchar(64))", "cast(x as varchar(64))"),
        ("select a as varchar_name", "select a as varchar_name"),
    ],
)
def test_a_text_has_the_name_that_spark_knows(spelled: Any, sql: str, on_spark: str) -> None:
    assert spelled(sql) == on_spark


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("VARCHAR", "string"),
        ("INTEGER", "int"),
        ("DECIMAL(18,2)", "decimal(18,2)"),
        ("HUGEINT", "decimal(38,0)"),
        ("DATE", "date"),
    ],
)
def test_an_input_keeps_its_type(ours: str, theirs: str) -> None:
    assert translate_type(ours) == theirs


def test_the_environment_names_the_engine_of_a_build() -> None:
    assert Settings.load({}).target == "duckdb"
    assert Settings.load({"SCHOOLHOUSE_TARGET": "spark"}).target == "spark"
    assert "spark" in TARGETS


def test_without_the_package_one_line_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n, *a: None if n == "pyspark" else known(n, *a))
    with (
        pytest.raises(SchoolhouseError, match="Spark is not installed") as e,
        sparks.running_spark(settings_in(tmp_path, tmp_path / "inbox")),
    ):
        pass
    assert "uv sync --extra spark" in e.value.line("en")


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="Spark: the extra is not installed")
def test_without_java_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert not sparks.is_available()
    with (
        pytest.raises(SchoolhouseError, match="Java 17"),
        sparks.running_spark(settings_in(tmp_path, tmp_path / "inbox")),
    ):
        pass


def test_a_record_of_a_server_that_was_killed_says_nothing(tmp_path: Path) -> None:
    import fcntl

    record = tmp_path / "server.json"
    assert sparks.recorded_server(tmp_path) is None
    record.write_text('{"host": "127.0.0.1", "port": 1}')
    assert sparks.recorded_server(tmp_path) is None
    with record.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert sparks.recorded_server(tmp_path) == ("127.0.0.1", 1)
