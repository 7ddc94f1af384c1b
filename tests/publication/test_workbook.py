"""The workbook says what the data files say, and can be walked without seeing it."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from publication import EditionResult
from tests.publication.house import House
from tests.publication.test_package import CODED

NOTED = "update pub_indicator_value set entity_type = 'section', entity_id = '2199000001/junior' where stage = 'junior'"


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> EditionResult:
    """An edition with a hidden value and a footnote about one section."""
    from publication import publish

    house = House(tmp_path_factory.mktemp("book") / "home")
    gate = house.gate(house.build(*CODED, NOTED))
    with house.ledger.transaction() as connection:
        connection.exec_driver_sql(
            "update finding set entity_type = 'section', entity_id = '2199000001/junior' where severity = 'warning'"
        )
    house.decide(gate)
    house.approve_both()
    return publish(house.settings, "990301", "2024-2025")


@pytest.fixture(scope="module")
def book(edition: EditionResult) -> Any:
    return openpyxl.load_workbook(edition.path / "tables.xlsx")


def tables(book: Any) -> dict[str, tuple[Any, Any]]:
    """Name of a table -> its sheet and itself."""
    return {t.name: (sheet, t) for sheet in book.worksheets for t in sheet.tables.values()}


def grid(book: Any, name: str) -> tuple[list[str], list[list[Any]]]:
    sheet, table = tables(book)[f"t_{name}"]
    rows = [[c.value for c in row] for row in sheet[table.ref]]
    return [str(h) for h in rows[0]], rows[1:]


def tidy(edition: EditionResult, name: str) -> list[dict[str, str]]:
    with (edition.path / "data" / f"pub_{name}.csv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def test_cover_contents_notes_then_one_table_a_sheet(book: Any, edition: EditionResult) -> None:
    assert [s.title for s in book.worksheets[:3]] == ["封面 Cover", "目录 Contents", "说明 Notes"]
    assert all(len(s.tables) == 1 for s in book.worksheets[1:])
    assert "云溪县" in book.worksheets[0]["A1"].value
    names = {f"t_{p.stem.removeprefix('pub_')}" for p in (edition.path / "data").glob("*.csv")}
    assert set(tables(book)) == (names - {"t_footnotes"}) | {"t_contents", "t_notes"}
    contents = book["目录 Contents"]
    targets = [c.hyperlink.location for c in contents["A"] if c.hyperlink]
    assert {t.split("'")[1] for t in targets} == {s.title for s in book.worksheets[3:-1]}


def test_tables_have_a_marked_header_and_stay_in_sight(book: Any) -> None:
    for sheet, table in tables(book).values():
        assert not sheet.merged_cells.ranges, sheet.title
        assert table.headerRowCount == 1
        first = sheet[table.ref][0]
        assert all(c.font.bold and c.value for c in first), sheet.title
        assert sheet.freeze_panes.rstrip("0123456789") in ("A", "B")
        assert int("".join(c for c in sheet.freeze_panes if c.isdigit())) == first[0].row + 1
        assert sheet["A1"].value
    assert [s.title for s in book.worksheets if s.sheet_state != "visible"] == []


@pytest.mark.parametrize("name", ["indicator_value", "target_tracking", "resource_dispersion", "indicator_definition"])
def test_figures_are_numbers_and_those_of_the_csv(book: Any, edition: EditionResult, name: str) -> None:
    heads, rows = grid(book, name)
    expected = tidy(edition, name)
    columns = [h.split(" ")[-1] for h in heads[:-1]]
    assert columns == list(expected[0])
    assert len(rows) == len(expected)
    numbers = 0
    for row, wanted in zip(rows, expected, strict=True):
        for column, value in zip(columns, row, strict=False):
            text = wanted[column]
            if isinstance(value, int | float) and not isinstance(value, bool):
                numbers += 1
                assert math.isclose(value, float(text), rel_tol=1e-15)  # Excel keeps 16 digits
            else:
                assert (value or "") == text
    assert numbers >= 2


def test_a_footnote_stands_beside_its_rows_and_in_the_notes(book: Any, edition: EditionResult) -> None:
    heads, rows = grid(book, "indicator_value")
    assert heads[-1] == "说明编号 Notes"
    marked = {r[heads.index("对象代码 entity_id")]: r[-1] for r in rows}
    note = marked["2199000001/junior"]
    assert note
    assert not marked["990301"]
    _, notes = grid(book, "notes")
    assert [n[2] for n in notes if n[0] == note] == ["一行被退回：重复的一行，已核实"]
    assert {n[0] for n in notes} >= {"A", "c", "M", "z"}


def test_the_same_edition_gives_the_same_bytes(edition: EditionResult, tmp_path: Path) -> None:
    content = (edition.path / "tables.xlsx").read_bytes()
    assert b"2000-01-01T00:00:00Z" in _core(content)


def _core(content: bytes) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return archive.read("docProps/core.xml")
