"""Return sheets: the sender's own file with the faults marked, and what the file that comes back did to them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine as calamine
import sqlalchemy as sa
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from ingest import return_answers, returns
from ingest.contracts import load_yaml
from ingest.return_marks import NOTE_SHEET, REASON_HEADER
from tests.ingest.conftest import County
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError

EXAM = "2021-2022学年度第二学期期末检测成绩"
SCHOOL, STRANGER = "2199000001", "2199999999"
HEAD = ("学籍号", "学校标识码", "学校", "年级", "班级", "姓名", "性别", "语文", "数学", "总分")
FORMULA_LIKE = '=HYPERLINK("http://a.b","点")'


def pupil(n: int, name: str, chinese: Any, maths: Any, total: Any = None, school: str = SCHOOL) -> list[Any]:
    total = chinese + maths if total is None and isinstance(chinese, int) and isinstance(maths, int) else total
    return [f"L99010120130101{n:04d}", school, "第01小学", "三年级", "1班", name, "男", chinese, maths, total]


# Rows 4 to 11 of the sheet; what is rejected of them (row 11 repeats row 10, and is named by its first key).
ROWS = [
    pupil(1, "甲", 90, 95),
    pupil(2, "乙", 80, 123),
    pupil(3, "丙", 70, 71, school=STRANGER),
    pupil(4, FORMULA_LIKE, 60, 61),
    pupil(5, "戊", 50, 51, total=999),
    pupil(6, "己", "很好", 41),
    pupil(7, "+86", 30, 31),
    pupil(7, "+86", 30, 31),
]
FAULTS = [(5, "I"), (6, "B"), (8, "J"), (9, "H"), (11, "A")]


def workbook(rows: list[list[Any]] = ROWS) -> bytes:
    """Merged title, two header rows with merged cells, a comment, a second and a hidden sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "三年级"
    sheet.append([EXAM])
    sheet.append([*HEAD[:7], "成绩", None, "总分"])
    sheet.append([None] * 7 + ["语文", "数学", None])
    for row in rows:
        sheet.append([None] * len(row))
        for c, value in enumerate(row, 1):
            cell = sheet.cell(sheet.max_row, c, value)
            if isinstance(value, str):
                cell.data_type = "s"
    for merged in ("A1:J1", "H2:I2", *(f"{c}2:{c}3" for c in "ABCDEFGJ")):
        sheet.merge_cells(merged)
    sheet["I5"].comment = Comment("登分人注", "学校")
    sheet["A4"].font = openpyxl.styles.Font(bold=True)
    sheet.column_dimensions["A"].width = 31
    notes = book.create_sheet("说明")
    notes["B2"] = "请按模板填报"
    hidden = book.create_sheet("字典")
    hidden["A1"] = "男"
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(county: County, data: bytes, name: str = "第01小学.xlsx") -> Any:
    if not county.settings.raw.exists():
        county.put_reference()
        county.run()
    path = county.put(name, data)
    return county.run(path)[name]


def sheet_for(county: County, out: Path | None = None) -> tuple[returns.ReturnSheet, openpyxl.Workbook]:
    (submission,) = returns.open_submissions(county.ledger())
    made = returns.make_return_sheet(county.settings, submission["submission_id"], out)
    return made, openpyxl.load_workbook(made.path)


def marked(sheet: Worksheet) -> set[str]:
    return {c.coordinate for row in sheet.iter_rows() for c in row if str(c.fill.fgColor.rgb).endswith("FFFF66")}


def send_back(county: County, change: Callable[[openpyxl.Workbook], None], name: str = "改好.xlsx") -> Any:
    """The return sheet, changed by the school and sent under another name."""
    _, book = sheet_for(county)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return county.run(county.put(name, out.getvalue()))[name]


def answers(county: County) -> list[dict[str, Any]]:
    return county.ledger().rows(sa.select(l.answer))


def correct(book: openpyxl.Workbook) -> None:
    """Everything that was asked for, and nothing else."""
    sheet = book["三年级"]
    sheet["I5"], sheet["J5"] = 93, 173
    sheet["B6"] = SCHOOL
    sheet["J8"] = 101
    sheet["H9"], sheet["J9"] = 40, 81
    sheet.delete_rows(11)


def test_the_senders_layout_with_the_faults_marked(county: County) -> None:
    told = send(county, workbook())
    assert (told.status, told.rows_accepted, told.rows_rejected) == ("partial", 3, 5), told.message_zh
    made, book = sheet_for(county)
    assert book.sheetnames == [NOTE_SHEET, "三年级", "说明", "字典"]
    assert book["字典"].sheet_state == "hidden"
    sheet = book["三年级"]
    original = openpyxl.load_workbook(io.BytesIO(workbook()))["三年级"]
    assert {str(m) for m in sheet.merged_cells.ranges} == {str(m) for m in original.merged_cells.ranges}
    cells = [[c.value for c in row[:10]] for row in sheet.iter_rows()]
    assert cells == [[c.value for c in row[:10]] for row in original.iter_rows()]
    assert sheet.column_dimensions["A"].width == 31 and sheet["A4"].font.b
    assert marked(sheet) == {f"{c}{r}" for r, c in FAULTS}
    assert made.faults == len(FAULTS)


def test_each_fault_says_what_is_wrong_and_what_to_do(county: County) -> None:
    send(county, workbook())
    made, book = sheet_for(county)
    sheet, note = book["三年级"], book[NOTE_SHEET]
    assert sheet["K2"].value == REASON_HEADER
    assert "高于满分" in sheet["K5"].value and "请核对登分" in sheet["K5"].value
    assert sheet["K4"].value is None and sheet["K7"].value is None
    comment = sheet["I5"].comment.text
    assert comment.startswith("登分人注") and "高于满分" in comment and "above_full_mark" in comment
    table = [[c.value for c in row] for row in note.iter_rows() if isinstance(row[0].value, int)]
    assert [(row[2], row[3]) for row in table] == FAULTS
    assert table[0][1:7] == ["三年级", 5, "I", "成绩/数学", "123", "“成绩/数学”高于满分"]
    assert all(row[6] and row[7] and row[8] for row in table)
    text = "\n".join(str(c.value) for row in note.iter_rows() for c in row if c.value)
    assert f"SR-{made.submission_id}" in text


def test_every_rule_has_its_remedy() -> None:
    fixes = load_yaml("fixes")
    assert set(load_yaml("messages")) <= set(fixes)


def test_nothing_in_it_is_a_formula(county: County) -> None:
    send(county, workbook())
    made, book = sheet_for(county)
    assert [c for s in book.worksheets for row in s.iter_rows() for c in row if c.data_type == "f"] == []
    assert book["三年级"]["F7"].value == FORMULA_LIKE and book["三年级"]["F7"].quotePrefix
    parts = zipfile.ZipFile(made.path)
    assert not any(b"<f>" in parts.read(n) or b"<f " in parts.read(n) for n in parts.namelist() if "sheet" in n)
    assert not any("externalLink" in n or "vba" in n for n in parts.namelist())


def test_formulas_of_the_sender_come_back_as_their_values(county: County, tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "f.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("三年级")
    sheet.write(0, 0, EXAM)
    sheet.write_row(1, 0, HEAD)
    sheet.write_row(2, 0, pupil(1, "甲", 90, 123)[:9])
    sheet.write_formula(2, 9, "=H3+I3", None, 213)
    book.close()
    send(county, path.read_bytes())
    _, made = sheet_for(county)
    assert made["三年级"]["J3"].value == 213


def test_it_stays_in_the_identity_zone_unless_asked_for(county: County, tmp_path: Path) -> None:
    send(county, workbook())
    made, _ = sheet_for(county)
    assert made.path.parent == county.settings.quarantine / "returns"
    assert made.path.parent.stat().st_mode & 0o777 == 0o700
    assert made.path.stat().st_mode & 0o777 == 0o600
    elsewhere, _ = sheet_for(county, tmp_path / "usb")
    assert elsewhere.path.parent == tmp_path / "usb"


def test_a_csv_comes_back_as_a_workbook_with_its_texts(county: County) -> None:
    lines = [EXAM, ",".join(HEAD)] + [",".join("" if v is None else str(v) for v in row) for row in ROWS[:3]]
    lines[2] = lines[2].replace("甲", "=1+1").replace(",90,", ",090,").replace(",185", ",")
    told = send(county, "\r\n".join(lines).encode("gb18030"), "成绩.csv")
    assert (told.status, told.rows_rejected) == ("partial", 2), told.message_zh
    _, book = sheet_for(county)
    sheet = book.worksheets[1]
    assert [c.value for c in sheet[2]][:10] == list(HEAD)
    assert (sheet["F3"].value, sheet["F3"].data_type) == ("=1+1", "s")
    assert sheet["H3"].value == "090", "a csv's texts stay as they were typed"
    assert marked(sheet) == {"I4", "B5"}


def test_an_open_document_comes_back_with_its_rows_in_place(county: County) -> None:
    told = send(county, _ods([[EXAM], [], list(HEAD), *ROWS[:2]]), "成绩.ods")
    assert (told.status, told.rows_rejected) == ("partial", 1), told.message_zh
    made, book = sheet_for(county)
    sheet = book["表1"]
    assert (sheet["A1"].value, sheet["A3"].value, sheet["I5"].value) == (EXAM, "学籍号", 123)
    assert marked(sheet) == {"I5"}
    assert calamine.CalamineWorkbook.from_path(made.path).sheet_names[0] == NOTE_SHEET


def test_a_file_nobody_could_read_gets_a_note_alone(county: County) -> None:
    told = send(county, b"PK\x03\x04" + b"broken" * 50, "坏.xlsx")
    assert told.status == "rejected"
    _, book = sheet_for(county)
    assert book.sheetnames == [NOTE_SHEET]
    assert "损坏" in "".join(str(c.value) for row in book[NOTE_SHEET].iter_rows() for c in row)


def test_corrected_and_sent_back_it_loads_and_closes_the_rejects(county: County) -> None:
    first = send(county, workbook())
    back = send_back(county, correct)
    assert (back.status, back.rows_accepted, back.rows_rejected) == ("accepted", 7, 0), back.message_zh
    assert "更正回执:要求更正的 5 处:已改正 5 处" in back.message_zh
    assert NOTE_SHEET not in back.message_zh and REASON_HEADER not in back.message_zh
    (answer,) = answers(county)
    assert (answer["file_sha256"], answer["answers_sha256"]) == (back.file_sha256, first.file_sha256)
    counts = {k: answer[k] for k in answer if k.startswith(("cells_", "rows_"))}
    assert counts == {
        "cells_fixed": 5,
        "cells_wrong": 0,
        "cells_vanished": 0,
        "rows_lost": 0,
        "rows_changed": 0,
        "rows_added": 0,
    }
    assert returns.open_submissions(county.ledger()) == []
    assert len(county.raw("exam_scores", "DISTINCT student_key")) == 7


def test_what_the_office_wrote_is_nobodys_data(county: County) -> None:
    send(county, workbook())
    send_back(county, correct)
    (current,) = county.ledger().current(sources=["exam_scores"])
    assert REASON_HEADER not in current["column_map"]
    classes = county.ledger().rows(
        sa.select(l.row_class).where(l.row_class.c.submission_id == current["submission_id"])
    )
    assert {r["row_class"] for r in classes if r["sheet"] == NOTE_SHEET} <= {"note", "blank"}


def test_the_answer_tells_the_unasked_from_the_asked(county: County) -> None:
    send(county, workbook())

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["三年级"]
        sheet["I5"] = 150  # still above the full mark
        sheet["B6"] = SCHOOL  # fixed
        sheet["J8"] = 101  # fixed
        sheet["F4"] = "甲甲"  # nobody asked
        sheet["I10"], sheet["J10"] = 32, 62  # nobody asked, and row 11 repeats row 10 no more: its key does
        sheet.append(pupil(9, "新", 10, 11))
        sheet.delete_rows(9)  # vanished
        sheet.delete_rows(7)  # lost: it had been accepted

    back = send_back(county, change)
    ledger = county.ledger()
    found = return_answers.read_answer(
        county.settings, ledger, returns.find_submission(ledger, answers(county)[0]["answers"])
    )
    states = {(a.row, a.column): a.state for a in found.asked}
    assert states[(5, "I")] == "wrong"
    assert states[(6, "B")] == states[(8, "J")] == "fixed"
    assert states[(9, "H")] == "vanished"
    assert found.lost == (("三年级", 7, ""),)
    assert ("三年级", 4, "姓名") in found.changed
    assert [row for row in found.changed if row[1] in (5, 6, 8)] == []
    assert [(s, r) for s, r, _ in found.added] == [("三年级", 10)]
    assert "仍不对" in back.message_zh and "未要求而改动" in back.message_zh
    kept = json.loads(answers(county)[0]["detail"])
    assert {"row": 9, "column": "H"}.items() <= kept["asked"][3].items()


def test_without_our_sheet_and_column_it_is_known_by_its_scope(county: County) -> None:
    send(county, workbook())

    def change(book: openpyxl.Workbook) -> None:
        correct(book)
        del book[NOTE_SHEET]
        book["三年级"].delete_cols(11)

    back = send_back(county, change)
    assert back.status == "accepted" and "已改正 5 处" in back.message_zh


def test_a_file_all_of_which_was_rejected_is_closed_by_its_correction(county: County) -> None:
    told = send(county, workbook([pupil(1, "甲", 90, 123)]))
    assert told.status == "rejected"

    def change(book: openpyxl.Workbook) -> None:
        book["三年级"]["I4"], book["三年级"]["J4"] = 93, 183

    assert "已改正 1 处" in send_back(county, change).message_zh
    states = {
        s["file_name"]: s["status"]
        for s in county.ledger().rows(sa.select(l.submission).where(l.submission.c.source == "exam_scores"))
    }
    assert states == {"第01小学.xlsx": "superseded", "改好.xlsx": "accepted"}


def test_another_schools_file_answers_nothing(county: County) -> None:
    send(county, workbook())
    other = [[*row[:1], "2199000002", "第02小学", *row[3:]] for row in (pupil(31, "甲", 90, 95), pupil(32, "乙", 1, 2))]
    told = send(county, workbook(other), "第02小学.xlsx")
    assert told.status == "accepted" and "更正回执" not in told.message_zh
    assert answers(county) == [] and len(returns.open_submissions(county.ledger())) == 1


def test_mistakes_are_one_clear_line(county: County) -> None:
    told = send(county, workbook())
    ledger = county.ledger()
    with pytest.raises(SchoolhouseError, match="no such submission"):
        returns.make_return_sheet(county.settings, "ffff%")
    accepted = next(s for s in ledger.current() if s["source"] == "regions")
    with pytest.raises(SchoolhouseError, match="nothing of it was rejected"):
        returns.make_return_sheet(county.settings, accepted["submission_id"])
    with pytest.raises(SchoolhouseError, match="answers no return sheet"):
        return_answers.read_answer(county.settings, ledger, accepted)
    (county.settings.landing / told.file_sha256[:2] / told.file_sha256).unlink()
    (submission,) = returns.open_submissions(ledger)
    with pytest.raises(SchoolhouseError, match="erased"):
        returns.make_return_sheet(county.settings, submission["submission_id"])


def _ods(rows: list[list[Any]]) -> bytes:
    """A minimal OpenDocument sheet."""

    def cell(v: Any) -> str:
        if v is None:
            return "<table:table-cell/>"
        kind = f'office:value-type="float" office:value="{v}"' if isinstance(v, int) else 'office:value-type="string"'
        text = str(v).replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        return f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"

    body = "".join(f"<table:table-row>{''.join(map(cell, row)) or cell(None)}</table:table-row>" for row in rows)
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="表1">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("mimetype", kind)
        z.writestr("META-INF/manifest.xml", manifest)
        z.writestr("content.xml", content)
    return out.getvalue()
