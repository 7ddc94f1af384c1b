"""Whether a text names an exam, and whether an exam's registered name can be what it names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ingest.contracts import load_yaml
from ingest.texts import header_form

_TAIL = re.compile(r"(成绩(册|单|表|汇总表|统计表)?|登分表|汇总表)$")
_MONTH = re.compile(r"(?<!\d)0?(\d{1,2})月(?!\d)")


@lru_cache(maxsize=4096)
def name_form(text: str) -> str:
    """An exam's name as names are compared: no spaces or brackets, `学年度` as `学年`, the form's own name cut off."""
    return _TAIL.sub("", header_form(text)).replace("学年度", "学年")


def unregistered(columns: Iterable[str], titles: Iterable[str | None], candidates: Iterable[str]) -> str | None:
    """The text that names an exam that none of the registered names `candidates` can be; None where there is none.

    `columns`: values of the exam's column, each of which names an exam. `titles`: title lines and the sheet's name,
    which name one only by the words of `exam_words.yaml`. A short form names an exam whose name has its words.
    """
    forms = [name_form(c) for c in candidates]
    for text in columns:
        form = name_form(text)
        if form and not any(form in f for f in forms):
            return text
    for text in (t for t in titles if t):
        form = name_form(text)
        if names_exam(form) and not any(_can_be(form, f) for f in forms):
            return text
    return None


def names_exam(form: str) -> bool:
    """Whether a text, in `name_form`, says which exam it is about."""
    words = load_yaml("exam_words")
    if form.startswith(tuple(words["no_title"])):
        return False
    return any(w in form for kind in words["kinds"] for w in kind)


def _can_be(form: str, registered: str) -> bool:
    """Every word of the text that tells exams apart stands in the registered name too, or another word for it."""
    words = load_yaml("exam_words")
    told = [line for line in (*words["kinds"], *words["details"]) if any(w in form for w in line)]
    months = set(_MONTH.findall(form))
    return all(any(w in registered for w in line) for line in told) and months <= set(_MONTH.findall(registered))
