"""A file that was read: its sheets with their layouts and row classes, and the text tables made of its data rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from ingest.contracts import Contract, load_yaml, vocabularies
from ingest.kernels import pc
from ingest.landing import Arrival
from ingest.layouts import Layout, detect
from ingest.readers import Book, Notes, Sheet
from ingest.refusals import Refusal
from ingest.return_marks import read_receipt, without_reasons
from ingest.rows import classify
from ingest.texts import letter, mask
from warehouse.errors import SchoolhouseError

# Classes whose cells are looked at: data is loaded, totals and means are compared with it.
_SUMMARIES = ("total", "subtotal", "mean")


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

    @property
    def name(self) -> str:
        return mask(self.sheet.name)

    def counts(self) -> Counter[str]:
        return Counter(self.classes.to_pylist())


@dataclass
class Document:
    """One readable file of one contract."""

    arrival: Arrival
    contract: Contract
    sheets: list[SheetReading]
    region: str | None = None
    notes: Notes = field(default_factory=list)
    # The submission that a return sheet in the file answers.
    answers: str | None = None

    @property
    def loaded(self) -> list[tuple[int, SheetReading, Layout]]:
        return [(i, s, s.layout) for i, s in enumerate(self.sheets) if s.layout is not None]

    def distinct(self, name: str) -> list[str]:
        """The different texts of a field over the data rows, sorted."""
        found: set[str] = set()
        for _, reading, layout in self.loaded:
            if name in layout.fields:
                column = reading.sheet.table.column(layout.fields[name]).filter(pc.equal(reading.classes, "data"))
                found.update(v for v in pc.unique(column).to_pylist() if v is not None)
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


def open_document(arrival: Arrival, book: Book) -> Document:
    """Find the contract of a file that was read.

    Raises SchoolhouseError when it holds nothing, fits no contract, or fits several equally well.
    """
    if not any(sheet.table.num_rows for sheet in book.sheets):
        raise Refusal("blank")
    readings = []
    answers: str | None = None
    for sent in book.sheets:
        receipt = read_receipt(sent)
        sheet = sent if receipt else without_reasons(sent)
        layout = None if sheet.hidden or receipt else detect(sheet)
        readings.append((sheet, layout, receipt is not None))
        answers = answers or receipt
    layouts = [layout for _, layout, _ in readings if layout]
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
    sheets = [SheetReading(s, layout, classify(s, layout), ours=ours) for s, layout, ours in readings]
    for reading in sheets:
        if reading.layout:
            derive(reading, reading.layout)
    return Document(arrival, layouts[0].contract, sheets, notes=book.notes, answers=answers)


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
    if written is None and "default" in unit and not line:
        return factors[unit["default"]]
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


def tables(documents: list[Document]) -> tuple[pa.Table, pa.Table]:
    """Text of the rows that count: (one row per sheet row with `t_<field>` columns, one row per "
    "mark of a spread sheet)."""
    rows: list[pa.Table] = []
    marks: list[pa.Table] = []
    names = [f.name for f in documents[0].contract.read_fields]
    for file_ix, document in enumerate(documents):
        for sheet_ix, reading, layout in document.loaded:
            table, classes = reading.sheet.table, reading.classes
            index = pc.indices_nonzero(pc.is_in(classes, value_set=pa.array(["data", *_SUMMARIES])))
            part, n = table.take(index), len(index)
            place = {
                "file_ix": pa.repeat(pa.scalar(file_ix, pa.int32()), n),
                "sheet_ix": pa.repeat(pa.scalar(sheet_ix, pa.int32()), n),
                "_row": pc.cast(pc.add(index, 1), pa.int32()),
                "cls": classes.take(index),
            }
            cells = {
                f"t_{name}": part.column(layout.fields[name]) if name in layout.fields else pa.nulls(n, pa.string())
                for name in names
            }
            rows.append(pa.table({**place, **cells}))
            for value, i in layout.spread.items():
                spread = {
                    "subject": pa.repeat(pa.scalar(value), n),
                    "letter": pa.repeat(pa.scalar(letter(i)), n),
                    "mark": part.column(i),
                }
                marks.append(pa.table({**place, **spread}))
    empty = pa.schema(
        [("file_ix", pa.int32()), ("sheet_ix", pa.int32()), ("_row", pa.int32())]
        + [(c, pa.string()) for c in ("cls", "subject", "letter", "mark")]
    ).empty_table()
    return pa.concat_tables(rows), pa.concat_tables(marks) if marks else empty
