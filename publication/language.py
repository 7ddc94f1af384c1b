"""The language an edition's pages are written in: Chinese, or English where a reader asks for it.

Sentences stand in the code in Chinese; `english.yaml` holds their English by that Chinese. Names that come with the
data (regions, schools, documents, projects) stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("zh", "en")
_SPOKEN: ContextVar[str] = ContextVar("language", default="zh")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything written inside is in `language`: `zh` or `en`."""
    if language not in LANGUAGES:
        raise ValueError(language)
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> str:
    return _SPOKEN.get()


@cache
def english() -> dict[str, Any]:
    """`codes` by family, and `text`: sentences by their Chinese."""
    return yaml.safe_load(Path(__file__).with_name("english.yaml").read_text(encoding="utf-8"))


def say(text: str, /, **values: Any) -> str:
    """A sentence of ours in the language spoken, with `{names}` filled in."""
    said = text if spoken() == "zh" else str(english()["text"].get(text, text))
    return said.format(**values) if values else said


def joined(parts: list[str], kind: str = "list") -> str:
    """Parts as a list (、), as clauses (；) or as sentences, in the language spoken."""
    zh = spoken() == "zh"
    mark = {"list": "、" if zh else ", ", "clause": "；" if zh else "; "}[kind]
    return mark.join(parts)
