"""One header at a time: the field it names, the unit in its brackets, the subject or block it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from ingest import forms
from ingest.contracts import Contract, Vocabulary, contracts, vocabularies
from ingest.texts import header_form

_BRACKET = re.compile(r"\(([^()]*)\)$")


class Match(NamedTuple):
    """A field, the bracketed unit that was cut off to find it, and the unit that the year's form prescribes."""

    field: str
    unit: str | None
    usual: str | None = None


def field_of(contract: Contract, header: str, printed: Mapping[str, forms.FormHeader]) -> Match | None:
    """The field a header names in a contract; `printed` are the headers of the year's form (they go first)."""
    for form, unit in _forms(header):
        if row := printed.get(form):
            return Match(row.field, unit, row.unit)
        if name := contract.aliases.get(form):
            return Match(name, unit)
    return None


@lru_cache(maxsize=20000)
def fields_of(header: str) -> dict[str, set[str]]:
    """Source -> fields, for every source that knows the header or a weaker form of it, in any year."""
    found: dict[str, set[str]] = {}
    for form, _ in _forms(header):
        for source, names in _index().get(form, {}).items():
            found.setdefault(source, set()).update(names)
    return found


@lru_cache(maxsize=20000)
def recognised(cell: str) -> bool:
    """A cheap first look: the cell by itself is a header of some contract."""
    return bool(fields_of(cell)) or any(spread_of(c, cell) for c in contracts().values() if c.unpivot)


@cache
def _index() -> dict[str, dict[str, set[str]]]:
    index: dict[str, dict[str, set[str]]] = {}
    for source, contract in contracts().items():
        pairs = [*contract.aliases.items(), *((row.form, row.field) for row in forms.form_headers(source))]
        for form, name in pairs:
            index.setdefault(form, {}).setdefault(source, set()).add(name)
    return index


@lru_cache(maxsize=20000)
def _forms(header: str) -> tuple[tuple[str, str | None], ...]:
    """A header and its weaker forms, each with the bracketed unit that was cut off."""
    full = header_form(header)
    found: list[tuple[str, str | None]] = [(full, None)]
    bracket = _BRACKET.search(full)
    if bracket:
        found = [(full, bracket.group(1)), (full[: bracket.start()], bracket.group(1))]
    if "/" in full:
        parent, child = full.rsplit("/", 1)
        bare, inner = _BRACKET.search(parent), _BRACKET.search(child)
        if bare:
            found.append((f"{parent[: bare.start()]}/{child}", bare.group(1)))
        if inner and child[: inner.start()]:
            found.append((child[: inner.start()], inner.group(1)))
        found.append((child, None))
    return tuple(found)


def spread_of(contract: Contract, header: str) -> str | None:
    """What a spread column stands for: a subject, or `grade|subject|metric`; rank and level columns stand for none."""
    if not contract.unpivot:
        return None
    return _block_of(header) if "blocks" in contract.unpivot else _value_of(contract.unpivot["vocabulary"], header)


@lru_cache(maxsize=20000)
def _value_of(name: str, header: str) -> str | None:
    vocabulary = vocabularies()[name]
    full = _BRACKET.sub("", header_form(header))
    parts = [_BRACKET.sub("", p) for p in full.split("/")]
    if len(parts) > 1 and parts[-1] in vocabulary.header_suffixes:
        parts.pop()
    last = parts[-1]
    if last in vocabulary.forms:
        return vocabulary.forms[last]
    for suffix in vocabulary.header_suffixes:
        stem = _BRACKET.sub("", last.removesuffix(suffix))
        if last.endswith(suffix) and stem in vocabulary.forms:
            return vocabulary.forms[stem]
    return None


@lru_cache(maxsize=20000)
def _block_of(header: str) -> str | None:
    """`三年级/语文/均分`, `三年级语文均分` -> `3|语文|mean_score`; every part of the header must be understood."""
    known = vocabularies()
    rest = re.sub(r"\([^()]*\)", "", header_form(header)).replace("/", "")
    metric, rest = _cut(known["exam_metric"], rest, at_end=True)
    grade, rest = _cut(known["grade"], rest, at_end=False)
    subject = known["exam_block"].forms.get(rest) or known["subject"].forms.get(rest)
    if not metric or (rest and not subject):
        return None
    return f"{grade or ''}|{subject or ''}|{metric}"


def _cut(vocabulary: Vocabulary, text: str, *, at_end: bool) -> tuple[str | None, str]:
    """The value of the longest written form (two characters or more) at one end of a text, and what is left."""
    for form in sorted((f for f in vocabulary.forms if len(f) > 1), key=len, reverse=True):
        left = text.removesuffix(form) if at_end else text.removeprefix(form)
        if left != text:
            return vocabulary.forms[form], left
    return None, text
