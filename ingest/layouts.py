"""Which contract a sheet follows and where its columns are: decided by headers, then by title, at last by file name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from ingest import forms, headers, periods
from ingest.contracts import Contract, contracts, load_yaml
from ingest.readers import Sheet
from ingest.texts import mask

_FIGURE = re.compile(r"[-+]?[0-9][0-9,.]*%?")


@dataclass(frozen=True)
class Layout:
    """A sheet's reading: header rows (0-based, `depth` rows from `start`), field -> column, subject -> column.

    `units`: what the headers say; `usual`: the unit of the year's form where neither header nor unit line says it.
    `ambiguous`: the sources that fit equally well.
    """

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
    usual: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return " ".join(self.texts)

    @property
    def telling(self) -> list[str]:
        """The columns that every row must fill: the required ones, or what stands in for one that is not there."""
        names = (next((n for n in (f.name, *f.stand_ins) if n in self.fields), "") for f in self.contract.read_fields
                 if f.required)  # fmt: skip
        return [n for n in names if n]

    @property
    def missing(self) -> list[str]:
        """Required fields that neither a column nor anything else can give."""
        return [f.name for f in self.contract.read_fields if f.required and not _given(self, f.name)]


def detect(sheet: Sheet, name: str = "", places: Sequence[str | None] = ()) -> Layout | None:
    """The best reading of a sheet, or None when no contract's required headers are there.

    Best is most columns explained, a missing required column costing several; then the deeper header (a second row of
    `得分` belongs to it); then a title or a table number that fits; then a file name that fits. `name` is the file's,
    `places` are texts that may say the year of its form (folders, an argument).
    """
    # A form with one required column gone is still that form: the sender is told which column it is.
    return _detect(sheet, name, places, lacking=0) or _detect(sheet, name, places, lacking=1)


def _detect(sheet: Sheet, name: str, places: Sequence[str | None], *, lacking: int) -> Layout | None:
    settings = load_yaml("row_classes")
    depth_max = settings["header_max_depth"]
    top = sheet.top(settings["header_search_rows"] + depth_max)
    for start in range(min(len(top), settings["header_search_rows"])):
        filled = [c for c in top[start] if c is not None]
        if len(filled) < settings["header_min_filled"] or _stands_above(filled):
            continue
        rows = top[start : start + depth_max]
        if not any(headers.recognised(c) for row in rows for c in row if c):
            continue
        texts = tuple(c for row in top[:start] for c in row if c)
        found: list[Layout] = []
        for depth in range(1, depth_max + 1):
            rows = top[start : start + depth]
            if len(rows) < depth or all(c is None for c in rows[-1]) or (depth > 1 and _is_data(rows[-1])):
                break
            joined = join_headers(rows)
            below = top[start + depth] if len(top) > start + depth else []
            for source in _candidates(frozenset(joined.values()), lacking):
                found += _map(contracts()[source], joined, start, depth, texts, below, (sheet.name, *places))
        found = [f for f in found if _has_required(f, lacking)]
        if found:
            return _best(found, sheet.name, name, places)
    return None


def _is_data(row: Sequence[str | None]) -> bool:
    """Most of a row's cells are figures: no header of any form has that many columns of them."""
    filled = [c for c in row if c is not None]
    return sum(1 for c in filled if _FIGURE.fullmatch(c)) * 2 > len(filled)


def _stands_above(cells: Sequence[str]) -> bool:
    """It is the row of date or unit over a table, whatever its number of cells."""
    return any(map(_is_above, cells))


@lru_cache(maxsize=20000)
def _is_above(cell: str) -> bool:
    plain = re.sub(r"\s", "", cell)
    return any(pattern.search(plain) for pattern in _above())


@cache
def _above() -> tuple[re.Pattern[str], ...]:
    entries = load_yaml("row_classes")["patterns"]
    return tuple(re.compile(e["pattern"]) for e in entries if e["where"] != "below" and e["class"] in ("date", "unit"))


def _best(found: list[Layout], sheet: str, name: str, places: Sequence[str | None]) -> Layout:
    if len(found) == 1:
        return found[0]
    cost = load_yaml("row_classes")["missing_required_cost"]
    year = periods.first("school_year", (*found[0].texts, sheet, *places))
    numbered = forms.sources_of_tables((*found[0].texts, sheet), year)

    def score(layout: Layout) -> tuple[int, ...]:
        source = layout.contract.source
        explained = len(layout.fields) + len(layout.spread) - cost * len(layout.missing)
        title = (source in numbered) + _fits(layout.contract, (*layout.texts, sheet))
        return (explained, layout.depth, title, _fits(layout.contract, (name,)))

    found.sort(key=score, reverse=True)
    equal = sorted({f.contract.source for f in found if score(f) == score(found[0])})
    return replace(found[0], ambiguous=tuple(equal)) if len(equal) > 1 else found[0]


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


@lru_cache(maxsize=4096)
def _candidates(names: frozenset[str], lacking: int) -> tuple[str, ...]:
    """Sources of which one set of required headers can be there but for `lacking`, by the index of all headers."""
    seen: dict[str, set[str]] = {}
    for header in names:
        for source, fields in headers.fields_of(header).items():
            seen.setdefault(source, set()).update(fields)
    return tuple(
        source
        for source, contract in contracts().items()
        if source in seen
        and any(len(set(group) - seen[source]) <= lacking for group in contract.custom["detection"]["requires"])
    )


def _has_required(layout: Layout, lacking: int) -> bool:
    needed = layout.contract.custom["detection"]["requires"]
    if any(set(group) <= layout.fields.keys() for group in needed):
        return True
    explained = len(layout.fields) + len(layout.spread)
    near = any(len(set(group) - layout.fields.keys()) <= lacking for group in needed)
    return bool(near and layout.missing and explained >= load_yaml("row_classes")["form_min_explained"])


def _fits(contract: Contract, texts: Iterable[str]) -> int:
    pattern = contract.custom["detection"].get("titlePattern")
    return int(bool(pattern) and any(re.search(pattern, t) for t in texts))


def _map(
    contract: Contract,
    joined: dict[int, str],
    start: int,
    depth: int,
    texts: tuple[str, ...],
    below: Sequence[str | None],
    places: Sequence[str | None],
) -> list[Layout]:
    """The contract's reading of the headers, or nothing."""
    period = _period(contract, joined, texts, below, places)
    found = _columns(contract.source, tuple(joined.items()), period)
    if found is None:
        return []
    fields, spread, extras = (dict(part) for part in found[:3])
    units, usual = (dict(part) for part in found[3:])
    return [Layout(contract, start, depth, fields, spread, extras, joined, units, texts, usual=usual)]


# Fields, spread columns, columns of neither, units in the headers, units that the year's form prescribes.
_Columns = tuple[dict[str, int], dict[str, int], dict[str, int], dict[str, str], dict[str, str]]


@lru_cache(maxsize=4096)
def _columns(source: str, joined: tuple[tuple[int, str], ...], period: str | None) -> _Columns | None:
    """What each column is by a contract and the forms of a period; None where it has no column of marks."""
    contract, printed = contracts()[source], forms.headers_of(source, period)
    fields: dict[str, int] = {}
    spread: dict[str, int] = {}
    extras: dict[str, int] = {}
    units: dict[str, str] = {}
    usual: dict[str, str] = {}
    for i, header in joined:
        # A subject over 得分 is that subject's mark; 得分 alone is the mark of a sheet with a row per subject.
        value = headers.spread_of(contract, header)
        match = None if value else headers.field_of(contract, header, printed)
        if match and match.field not in fields:
            fields[match.field] = i
            if match.unit:
                units[match.field] = match.unit
            if match.usual:
                usual[match.field] = match.usual
        elif value and value not in spread:
            spread[value] = i
        else:
            extras[mask(header)] = i
    long = (contract.unpivot or {}).get("long", {}).values()
    listed = bool(long) and set(long) <= fields.keys()
    if contract.unpivot and not (spread or listed):
        return None
    if spread:
        # Columns of subjects say more than a column of marks: that one is no mark of theirs.
        names = dict(joined)
        for name in (n for n in long if n in fields):
            extras[mask(names[fields[name]])] = fields.pop(name)
    return fields, spread, extras, units, usual


def _period(
    contract: Contract,
    joined: dict[int, str],
    texts: tuple[str, ...],
    below: Sequence[str | None],
    places: Sequence[str | None],
) -> str | None:
    """The year of the form, where it matters: by title, sheet, folder, else by the year column's first row."""
    if not forms.form_headers(contract.source):
        return None
    told = periods.first(contract.clock, (*texts, *places))
    if told:
        return told
    years = {f.name for f in contract.period_fields}
    column = (i for i, h in joined.items() if years & headers.fields_of(h).get(contract.source, set()))
    return periods.first(contract.clock, (below[i] for i in column if i < len(below)))


def _given(layout: Layout, name: str) -> bool:
    f = layout.contract.field(name)
    told = "derive" in f.custom or "default" in f.custom
    return told or any(n in layout.fields for n in (f.name, *f.stand_ins))
