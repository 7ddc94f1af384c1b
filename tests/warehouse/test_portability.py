"""The models are written in the SQL that DuckDB, PostgreSQL and Spark share; what differs stands in one folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.postgres_load import translate_type
from warehouse.settings import PROJECT_ROOT

_PROJECT = PROJECT_ROOT / "dbt_project"
# What one engine alone understands, or what engines understand differently (docs/portability.md).
_ENGINE_WORDS = {
    "clause of DuckDB": r"\bqualify\b|\bgroup by all\b|\bby name\b|\* exclude\b|\basof\b|\b(semi|anti) join\b",
    "function of DuckDB": r"\b(try_cast|list|unnest|arg_max|arg_min|max_by|min_by|any_value|median|quantile_cont"
    r"|columns|strptime|strftime|regexp_matches|date_diff|list_\w+|struct_\w+|read_\w+|generate_series|hash)\(",
    "operator": r"::|\s//\s|\|\|\||~~|\s~\s",
    "sum of booleans": r"\bsum\(\s*\w+\.?(is|has)_\w+\s*(=|>|<)",
    "cast to a type without a precision": r"\bas (numeric|decimal)\s*\)",
    "single precision": r"\bas (float|real)\b|type_float",
    "backquote": r"`",
    # A text to Spark, a name to the others.
    "quoted name": r'"',
}


def _sources() -> Iterator[Path]:
    for folder in ("models", "tests", "macros"):
        for path in sorted((_PROJECT / folder).rglob("*.sql")):
            if "dispatch" not in path.parts:
                yield path


def _plain(text: str) -> str:
    """Without Jinja, comments and string literals, in lower case."""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.S)
    # A hook in a model's configuration is Jinja within Jinja.
    text = re.sub(r"\{\{-?\s*config\(.*?\)\s*-?\}\}\s*\n", " ", text, flags=re.S)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.S)
    text = re.sub(r"--[^\n]*", " ", text)
    return re.sub(r"'[^'\n]*'", "''", text).lower()


@pytest.mark.parametrize("what", sorted(_ENGINE_WORDS))
def test_no_model_speaks_one_engine(what: str) -> None:
    pattern = re.compile(_ENGINE_WORDS[what])
    found = [
        f"{path.relative_to(_PROJECT)}: {match[0].strip()}"
        for path in _sources()
        for match in pattern.finditer(_plain(path.read_text()))
    ]
    assert found == []


def test_the_unknown_comes_last_wherever_an_order_falls() -> None:
    """A descending order begins with the NULLs on PostgreSQL: a pupil who was absent would rank first."""
    found = [
        f"{path.relative_to(_PROJECT)}: {match[0]}"
        for path in _sources()
        for match in re.finditer(r"[\w.]+ desc\b(?! nulls last)", _plain(path.read_text()))
        if match[0].split()[0] not in {"exam_id"}
    ]
    assert found == []


def test_a_quotient_by_a_number_is_of_doubles() -> None:
    """`minutes / 60.0` has six decimals on Spark, as a decimal; expressions of measures stand in Jinja too."""
    found = [
        f"{path.relative_to(_PROJECT)}: {match[0]}"
        for path in _sources()
        for match in re.finditer(r"[^\n]*/ *[0-9]+\.[0-9]", re.sub(r"\{#.*?#\}", " ", path.read_text(), flags=re.S))
        if not match[0].lstrip().startswith("--")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("DECIMAL(18,2)", "numeric(18, 2)"), ("VARCHAR", "text"), ("DOUBLE", "double precision"), ("DATE", "date")],
)
def test_a_column_keeps_its_type(ours: str, theirs: str) -> None:
    assert translate_type(ours) == theirs
