"""Which contract a sheet follows and where its columns are: decided by headers, never by the file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ingest.contracts import Contract, contracts, load_yaml, vocabularies
from ingest.readers import Sheet
from ingest.texts import header_form, mask

_BRACKET = re.compile(r"\(([^()]*)\)$")


@dataclass(frozen=True)
class Layout:
    """A sheet's reading: header rows (0-based, `depth` rows from `start`), field -> column, subject -> column."""

    contract: Contract
    start: int
    depth: int
    fields: dict[str, int]
    spread: dict[str, int]
    extras: dict[str, int]
    headers: dict[int, str]
    units: dict[str, str]
    texts: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        return " ".join(self.texts)


def detect(sheet: Sheet) -> Layout | None:
    """The best reading of a sheet, or None when no contract's required headers are there.

    Best is most columns mapped; then a title that fits; then the deeper header (a second row of `得分` belongs to it).
    """
    settings = load_yaml("row_classes")
    top = [sheet.row(i) for i in range(min(settings["header_search_rows"] + 3, sheet.table.num_rows))]
    best: list[tuple[tuple[float, ...], Layout]] = []
    for start in range(min(len(top), settings["header_search_rows"])):
        if sum(c is not None for c in top[start]) < settings["header_min_filled"]:
            continue
        if not any(_recognised(c) for row in top[start : start + settings["header_max_depth"]] for c in row if c):
            continue
        for depth in range(1, settings["header_max_depth"] + 1):
            rows = top[start : start + depth]
            if len(rows) < depth or any(all(c is None for c in r) for r in rows):
                break
            headers = join_headers(rows)
            texts = tuple(c for row in top[:start] for c in row if c)
            for contract in contracts().values():
                layout = _map(contract, headers, start, depth, texts)
                if layout:
                    mapped = len(layout.fields) + len(layout.spread)
                    best.append(((mapped, _title_fits(contract, texts), depth), layout))
        if best:
            break
    if not best:
        return None
    best.sort(key=lambda b: b[0], reverse=True)
    score, winner = best[0]
    rivals = {b.contract.source for s, b in best if s == score} - {winner.contract.source}
    if rivals:
        return Layout(**{**winner.__dict__, "ambiguous": tuple(sorted({winner.contract.source, *rivals}))})
    return winner


def join_headers(rows: Sequence[Sequence[str | None]]) -> dict[int, str]:
    """Header rows as one name per column: a merged parent spreads right over the columns that have a child below."""
    width = len(rows[0])
    names: dict[int, list[str]] = {i: [] for i in range(width)}
    for depth, row in enumerate(rows):
        carried = None
        for i in range(width):
            cell = row[i]
            if cell is not None:
                carried = cell
            elif not (carried and any(r[i] is not None for r in rows[depth + 1 :])):
                carried = None
                continue
            names[i].append(carried)
    return {i: "/".join(parts) for i, parts in names.items() if parts}


def _title_fits(contract: Contract, texts: tuple[str, ...]) -> float:
    pattern = contract.custom["detection"].get("titlePattern")
    return 1.0 if pattern and any(re.search(pattern, t) for t in texts) else 0.0


def _map(contract: Contract, headers: dict[int, str], start: int, depth: int, texts: tuple[str, ...]) -> Layout | None:
    fields: dict[str, int] = {}
    spread: dict[str, int] = {}
    extras: dict[str, int] = {}
    units: dict[str, str] = {}
    for i, header in headers.items():
        # A subject over 得分 is that subject's mark; 得分 alone is the mark of a sheet with a row per subject.
        value = _spread_of(contract, header)
        name, unit = (None, None) if value else _field_of(contract, header)
        if name and name not in fields:
            fields[name] = i
            if unit:
                units[name] = unit
        elif value and value not in spread:
            spread[value] = i
        else:
            extras[mask(header)] = i
    needed = contract.custom["detection"]["requires"]
    long = (contract.unpivot or {}).get("long", {}).values()
    listed = bool(long) and set(long) <= fields.keys()
    if not any(set(group) <= fields.keys() for group in needed) or (contract.unpivot and not (spread or listed)):
        return None
    if spread and listed:
        # Columns of subjects say more than a column of marks: that one is no mark of theirs.
        for name in long:
            extras[mask(headers[fields[name]])] = fields.pop(name)
    return Layout(contract, start, depth, fields, spread, extras, headers, units, texts)


@lru_cache(maxsize=20000)
def _recognised(cell: str) -> bool:
    """A cheap first look: the cell by itself is a header of some contract."""
    return any(_field_of(c, cell)[0] or _spread_of(c, cell) for c in contracts().values())


def _forms(header: str) -> list[tuple[str, str | None]]:
    """A header and its weaker forms, each with the bracketed unit that was cut off."""
    full = header_form(header)
    forms: list[tuple[str, str | None]] = [(full, None)]
    found = _BRACKET.search(full)
    if found:
        forms = [(full, found.group(1)), (full[: found.start()], found.group(1))]
    if "/" in full:
        parent, child = full.rsplit("/", 1)
        bare, inner = _BRACKET.search(parent), _BRACKET.search(child)
        if bare:
            forms.append((f"{parent[: bare.start()]}/{child}", bare.group(1)))
        if inner and child[: inner.start()]:
            forms.append((child[: inner.start()], inner.group(1)))
        forms.append((child, None))
    return forms


def _field_of(contract: Contract, header: str) -> tuple[str | None, str | None]:
    for form, unit in _forms(header):
        name = contract.aliases.get(form)
        if name:
            return name, unit
    return None, None


def _spread_of(contract: Contract, header: str) -> str | None:
    """The value (a subject) that a spread column stands for; rank and level columns stand for none."""
    if not contract.unpivot:
        return None
    vocabulary = vocabularies()[contract.unpivot["vocabulary"]]
    full = _BRACKET.sub("", header_form(header))
    parts = [_BRACKET.sub("", p) for p in full.split("/")]
    if len(parts) > 1 and parts[-1] in vocabulary.header_suffixes:
        parts.pop()
    name = parts[-1]
    if name in vocabulary.forms:
        return vocabulary.forms[name]
    for suffix in vocabulary.header_suffixes:
        stem = _BRACKET.sub("", name.removesuffix(suffix))
        if name.endswith(suffix) and stem in vocabulary.forms:
            return vocabulary.forms[stem]
    return None
