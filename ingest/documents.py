"""A file that was read: its sheets with their layouts and row classes, and the text tables made of its data rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ingest.bulk import release
from ingest.contracts import Contract, load_yaml, vocabularies
from ingest.kernels import pc
from ingest.landing import Arrival
from ingest.layouts import Layout, detect
from ingest.long_sheets import classes_of, classes_of_many
from ingest.readers import Book, Notes, Sheet
from ingest.refusals import Refusal
from ingest.return_marks import read_receipt, without_reasons
from ingest.texts import letter, mask
from warehouse.errors import SchoolhouseError

# Classes whose cells are looked at: data is loaded, totals and means are compared with it.
_SUMMARIES = ("total", "subtotal", "mean")
# Rows handed on at once, and from which a sheet is handed on by itself. Both bound memory, not results.
PIECE_ROWS = 200_000
LONG_ROWS = 100_000


@dataclass
class SheetReading:
    """A sheet and what is known of it. The resolved values are filled in before its rows are typed."""

    sheet: Sheet
    layout: Layout | None
    classes: pa.Array
    period: str | None = None
    exam_id: str | None = None
    derived: dict[str, str | None] = field(default_factory=dict)
    factors: dict[str, int] = field(default_factory=dict)
    # Written by the office into a return sheet: nobody's data.
    ours: bool = False
    # The classes that were counted last, and what was counted.
    _counted: tuple[pa.Array, Counter[str]] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return mask(self.sheet.name)

    def counts(self) -> Counter[str]:
        """Rows of each class."""
        if self._counted is None or self._counted[0] is not self.classes:
            found = pc.value_counts(self.classes)
            pairs = zip(found.field(0).to_pylist(), found.field(1).to_pylist(), strict=True)
            self._counted = self.classes, Counter(dict(pairs))
        return self._counted[1]


@dataclass
class Document:
    """One readable file of one contract."""

    arrival: Arrival
    contract: Contract
    sheets: list[SheetReading]
    region: str | None = None
    # The reference data against which a file is looked at once more; its claims are then new ones.
    attempt: str = ""
    notes: Notes = field(default_factory=list)
    # The submission that a return sheet in the file answers.
    answers: str | None = None

    @property
    def fingerprint(self) -> str:
        return f"{self.arrival.sha256}{self.attempt}"

    @property
    def loaded(self) -> list[tuple[int, SheetReading, Layout]]:
        return [(i, s, s.layout) for i, s in enumerate(self.sheets) if s.layout is not None]

    def distinct(self, name: str) -> list[str]:
        """The different texts of a field over the data rows, sorted."""
        found: set[str] = set()
        for _, reading, layout in self.loaded:
            if name in layout.fields:
                column = reading.sheet.table.column(layout.fields[name])
                data = pc.equal(reading.classes, "data")
                found.update(v for v in pc.unique(column.filter(data)).to_pylist() if v is not None)
        return sorted(found)

    def column_map(self) -> dict[str, str]:
        """Field or subject -> column letter; columns the contract does not have are kept under `+<header>`."""
        letters: dict[str, str] = {}
        for _, _, layout in self.loaded:
            for name, i in (*layout.fields.items(), *layout.spread.items()):
                letters.setdefault(name, letter(i))
            for header, i in layout.extras.items():
                letters.setdefault(f"+{header}", letter(i))
        return letters

    def header(self, name: str, sheet: int) -> str:
        """The header of a field or subject as sent."""
        layout = self.sheets[sheet].layout
        if layout is None:
            return name
        index = layout.fields.get(name, layout.spread.get(name, -1))
        return mask(layout.headers.get(index, name))


def open_document(arrival: Arrival, book: Book, *, later: bool = False) -> Document:
    """Find the contract of a file that was read. `later`: its rows are classed by `classify_all`, with others.

    Raises SchoolhouseError when it holds nothing, fits no contract, or fits several equally well.
    """
    if not any(sheet.table.num_rows for sheet in book.sheets):
        raise Refusal("blank")
    readings = []
    answers: str | None = None
    for sent in book.sheets:
        receipt = read_receipt(sent)
        sheet = sent if receipt else without_reasons(sent)
        told = (arrival.shown, (*reversed(arrival.folders), arrival.period))
        layout = None if sheet.hidden or receipt else detect(sheet, *told)
        readings.append((sheet, layout, receipt is not None))
        answers = answers or receipt
    layouts = [layout for _, layout, _ in readings if layout]
    if not layouts and any(sheet.hidden and detect(sheet) for sheet, _, _ in readings):
        raise Refusal("hidden_only")
    if not layouts:
        raise SchoolhouseError(
            "the headers fit no known template",
            "表头与任何已知报表模板都不符",
            fix_en="use the bureau's template or ask for a contract for this form",
            fix_zh="请使用教育局下发的模板,或联系管理员为此表建立数据契约",
        )
    rivals = sorted({r for layout in layouts for r in layout.ambiguous})
    sources = sorted({layout.contract.source for layout in layouts})
    if rivals or len(sources) > 1:
        names = ", ".join(rivals or sources)
        raise SchoolhouseError(
            f"the headers fit several templates: {names}",
            f"表头同时符合几种报表:{names}",
            fix_en="send one kind of form per file, with its title",
            fix_zh="请一个文件只报一种表,并写明表题",
        )
    sheets = [
        SheetReading(s, layout, None if later else classes_of(s, layout), ours=ours) for s, layout, ours in readings
    ]
    for reading in sheets:
        if reading.layout:
            derive(reading, reading.layout)
    return Document(arrival, layouts[0].contract, sheets, notes=book.notes, answers=answers)


def classify_all(documents: list[Document]) -> None:
    """Class the rows of documents that were opened to be classed later; sheets of one form together."""
    readings = [r for d in documents for r in d.sheets]
    for reading, classes in zip(readings, classes_of_many([(r.sheet, r.layout) for r in readings]), strict=True):
        reading.classes = classes


def derive(reading: SheetReading, layout: Layout) -> None:
    """Values that the title or the sheet's name gives for a column that is not there, and the factors of the units.

    Raises SchoolhouseError for an amount without a known unit.
    """
    places = {"title": layout.title, "sheet": reading.sheet.name}
    for f in layout.contract.read_fields:
        if "derive" in f.custom and f.name not in layout.fields and f.vocabulary:
            found = [vocabularies()[f.vocabulary].within(places[p]) for p in f.custom["derive"]]
            single = [next(iter(values)) for values in found if len(values) == 1]
            reading.derived[f.name] = single[0] if single else f.custom.get("default")
        if f.unit and f.name in layout.fields:
            reading.factors[f.name] = _factor(layout, f.name, f.unit)


def _factor(layout: Layout, name: str, unit: Mapping[str, str]) -> int:
    factors = load_yaml("units")[unit["kind"]]["factors"]
    written = layout.units.get(name)
    if written in factors:
        return factors[written]
    line = [u for u in factors if any(u in _units_of(t) for t in layout.texts)]
    if len(line) == 1:
        return factors[line[0]]
    usual = layout.usual.get(name, unit.get("default"))
    if written is None and usual and not line:
        return factors[usual]
    raise SchoolhouseError(
        f"the unit of column {layout.headers[layout.fields[name]]} is not known",
        f"“{layout.headers[layout.fields[name]]}”没有写明可识别的计量单位",
        fix_en=f"write one of {', '.join(factors)} in the header or the unit line",
        fix_zh=f"请在表头或“单位:”行写明 {'、'.join(factors)} 之一",
    )


def _units_of(text: str) -> list[str]:
    """`单位:人、万元` -> [人, 万元]"""
    if "单位" not in text or ":" not in text:
        return []
    tail = text.split("单位", 1)[1].split(":", 1)[-1]
    return [u.strip("() ") for u in tail.replace("、", ",").replace("/", ",").split(",")]


@dataclass(frozen=True)
class Slots:
    """Spread columns of a batch: each item (a subject) has one slot, whatever column it has in a sheet.

    `table`: file_ix, sheet_ix, slot, item, letter, one row per spread column of a sheet.
    """

    items: tuple[str, ...]
    table: pa.Table


def slots(documents: list[Document]) -> Slots:
    """The spread columns of the documents."""
    places = [
        (file_ix, sheet_ix, item, letter(i))
        for file_ix, d in enumerate(documents)
        for sheet_ix, _, layout in d.loaded
        for item, i in layout.spread.items()
    ]
    items = tuple(sorted({item for _, _, item, _ in places}))
    number = {item: k for k, item in enumerate(items)}
    columns = {
        "file_ix": pa.array([p[0] for p in places], pa.int32()),
        "sheet_ix": pa.array([p[1] for p in places], pa.int32()),
        "slot": pa.array([number[p[2]] for p in places], pa.int32()),
        "item": pa.array([p[2] for p in places], pa.string()),
        "letter": pa.array([p[3] for p in places], pa.string()),
    }
    return Slots(items, pa.table(columns))


def row_tables(
    documents: list[Document], items: Sequence[str], names: Sequence[str], *, summed: bool = False
) -> Iterator[pa.Table]:
    """Text of the rows that count, in pieces of about PIECE_ROWS, in sheet order: `rid` (from 1), file_ix, sheet_ix,
    `_row`, `cls`, `t_<name>` for the fields asked for and `m_<slot>` for the items.

    Sheets of one form that follow each other are read as one. `summed`: only sheets that have totals or means.
    """
    first = 1
    piece: list[pa.Table] = []
    size = 0
    for group in _alike(documents, summed):
        for part in _group_rows(group, items, names):
            numbered = part.add_column(0, "rid", pa.array(np.arange(first, first + len(part)), pa.int64()))
            first += len(part)
            piece.append(numbered)
            size += len(part)
            if size >= PIECE_ROWS:
                yield pa.concat_tables(piece)
                piece, size = [], 0
    if piece or first == 1:
        yield pa.concat_tables(piece) if piece else _no_rows(items, names)


Place = tuple[int, int, SheetReading, Layout]


def _alike(documents: list[Document], summed: bool) -> Iterator[list[Place]]:
    """Runs of sheets that have the same columns in the same places; a long sheet is a run by itself."""
    run: list[Place] = []
    form = None
    for file_ix, d in enumerate(documents):
        for sheet_ix, reading, layout in d.loaded:
            if summed and not any(reading.counts()[c] for c in _SUMMARIES):
                continue
            mine = (
                tuple(layout.fields.items()),
                tuple(layout.spread.items()),
                reading.sheet.table.num_columns,
                reading.sheet.table.num_rows > LONG_ROWS,
            )
            if run and (mine != form or mine[-1]):
                yield run
                run = []
            run.append((file_ix, sheet_ix, reading, layout))
            form = mine
    if run:
        yield run


def _group_rows(group: list[Place], items: Sequence[str], names: Sequence[str]) -> Iterator[pa.Table]:
    layout = group[0][3]
    wanted = [layout.fields.get(n, -1) for n in names] + [layout.spread.get(i, -1) for i in items]
    columns = [f"t_{n}" for n in names] + [f"m_{k}" for k in range(len(items))]
    used = sorted({c for c in wanted if c >= 0})
    cells = pa.concat_tables([r.sheet.table.select(used) for _, _, r, _ in group])
    classes = pa.chunked_array([r.classes for _, _, r, _ in group], pa.string())
    lengths = [r.sheet.table.num_rows for _, _, r, _ in group]
    starts = np.cumsum([0, *lengths[:-1]])
    for at in range(0, len(classes), PIECE_ROWS):
        part = classes.slice(at, PIECE_ROWS)
        index = pc.indices_nonzero(pc.is_in(part, value_set=pa.array(["data", *_SUMMARIES])))
        rows = at + index.to_numpy().astype(np.int64)
        which = np.searchsorted(starts, rows, "right") - 1
        chosen = cells.slice(at, PIECE_ROWS)
        chosen = chosen if len(index) == len(part) else _rows_of(chosen, index)
        place = {
            "file_ix": pa.array(np.array([g[0] for g in group], np.int32)[which]),
            "sheet_ix": pa.array(np.array([g[1] for g in group], np.int32)[which]),
            "_row": pa.array((rows - starts[which] + 1).astype(np.int32)),
            "cls": part.take(index),
        }
        nothing = pa.nulls(len(index), pa.string())
        texts = {
            name: chosen.column(used.index(c)) if c >= 0 else nothing for name, c in zip(columns, wanted, strict=True)
        }
        yield pa.table({**place, **texts})
        for _, _, reading, _ in group:
            release(reading.sheet)


def _rows_of(table: pa.Table, index: pa.Array) -> pa.Table:
    """The rows of an ascending index; a run without gaps is not copied."""
    if len(index) and index[-1].as_py() - index[0].as_py() + 1 == len(index):
        return table.slice(index[0].as_py(), len(index))
    return table.take(index)


def _no_rows(items: Sequence[str], names: Sequence[str]) -> pa.Table:
    kinds = [("rid", pa.int64()), *((n, pa.int32()) for n in ("file_ix", "sheet_ix", "_row"))]
    texts = ["cls", *(f"t_{n}" for n in names), *(f"m_{k}" for k in range(len(items)))]
    return pa.schema([*kinds, *((n, pa.string()) for n in texts)]).empty_table()
