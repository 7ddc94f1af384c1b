"""The real pack: every file of it loads, in about the time it takes to read it, and its names and column order
do not matter.
"""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest
import python_calamine as calamine
import xlsxwriter

import ingest
from tests.ingest.conftest import County
from warehouse.settings import PROJECT_ROOT

PACK = Path(os.environ.get("SCHOOLHOUSE_STAR") or PROJECT_ROOT / ".." / "shared" / "real" / "star").resolve()
YEARS = ("2021-2022", "2022-2023")
# Pupil-years of the two school years, from the pack's own description of its source: 6325 + 6829.
PUPILS = {"2021-2022": 6325, "2022-2023": 6829}
CONTENT = {
    "exam_scores": "exam_id, student_key, school_code, grade, class_name, sex, subject, score, score_status, period",
    "school_report": "school_code, stage, student_count, female_student_count, ft_teacher_count, period",
    "teacher_roster": "teacher_key, school_code, grade, class_name, subjects, qualification, teaching_years, period",
    "exam_parameters": "exam_id, exam_name, exam_date, grade, subject, full_mark, excellent_cut, low_cut, period",
}
pytestmark = [
    pytest.mark.star,
    pytest.mark.skipif(not PACK.exists(), reason="the STAR pack is not beside the project"),
]


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory):
    """(county, result, seconds) of one ingest of the pack as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCHOOLHOUSE_HMAC_KEY", "11" * 32)
        county = County(tmp_path_factory.mktemp("star"))
        started = time.monotonic()
        result = ingest.run(county.settings, [PACK])
        yield county, result, time.monotonic() - started


def test_every_file_is_accepted(star):
    _, result, seconds = star
    found = Counter((f.source, f.status) for f in result.files if "expected" not in f.path)
    assert found == {
        ("regions", "accepted"): 1,
        ("school_report", "accepted"): 2,
        ("exam_parameters", "accepted"): 2,
        ("teacher_roster", "accepted"): 2,
        ("exam_scores", "accepted"): 155,
        ("", "skipped"): 1,
    }
    assert result.accepted_new == 162
    assert seconds < 60


def test_rows_are_those_of_an_independent_count(star):
    county, _, _ = star
    for year in YEARS:
        pupils, teachers = 0, 0
        for path in (PACK / year / "exam_scores").iterdir():
            pupils += sum(1 for row in cells(path) if str(row[0]).startswith("L990101"))
        teachers = len((PACK / year / "教师信息.csv").read_text("gb18030").split("\n")) - 2
        assert pupils == PUPILS[year]
        where = f"period = '{year}'"
        assert county.raw("exam_scores", "count(*)", where) == [(2 * pupils,)]
        assert county.raw("teacher_roster", "count(*)", where) == [(teachers,)]
    marks = Counter(
        str(c) for y in YEARS for p in (PACK / y / "exam_scores").iterdir() for r in cells(p) for c in r[6:8]
    )
    absent = sum(marks[m] for m in ("缺考", "Q", "缺", "-1", "-1.0"))
    assert county.raw("exam_scores", "count(*)", "score_status = 'absent'") == [(absent,)]


def test_every_school_with_scores_is_in_the_report_of_its_year(star):
    county, _, _ = star
    reported = set(county.raw("school_report", "school_code, period"))
    assert set(county.raw("exam_scores", "DISTINCT school_code, period")) <= reported


def test_second_run_changes_nothing(star):
    county, _, _ = star
    again = ingest.run(county.settings, [PACK])
    assert again.accepted_new == 0
    assert {f.status for f in again.files if "expected" not in f.path} == {"unchanged", "skipped"}


@pytest.mark.parametrize(
    "flat",
    [False, pytest.param(True, marks=pytest.mark.slow)],
    ids=["renamed and shuffled", "score files in one folder"],
)
def test_names_folders_and_column_order_do_not_matter(star, flat: bool, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SCHOOLHOUSE_HMAC_KEY", "11" * 32)
    inbox, rng = tmp_path / "pack", random.Random(7)  # noqa: S311
    for number, path in enumerate(sorted(p for p in PACK.rglob("*") if p.suffix in (".csv", ".xlsx"))):
        if "expected" in path.parts:
            continue
        folder = path.parent.relative_to(PACK)
        if flat and folder.name == "exam_scores":
            folder = Path("all")
        target = inbox / folder / f"f{number}{path.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        if folder.name in ("exam_scores", "all"):
            shuffle(path, target, rng)
        else:
            shutil.copy(path, target)
    other = County(tmp_path)
    result = ingest.run(other.settings, [inbox])
    assert {f.status for f in result.files} == {"accepted"}, [
        f.message_zh for f in result.files if f.status != "accepted"
    ]
    for source, columns in CONTENT.items():
        assert other.raw(source, columns) == star[0].raw(source, columns), source


def cells(path: Path) -> list[list]:
    """Rows of a file, read without the warehouse."""
    if path.suffix == ".xlsx":
        return calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    data = path.read_bytes()
    text = data.decode("utf-8-sig" if data[:3] == b"\xef\xbb\xbf" else "gb18030")
    return list(csv.reader(io.StringIO(text)))


def shuffle(path: Path, target: Path, rng: random.Random) -> None:
    """Write a copy of a score sheet with its columns in another order; rows above the header stay in the first cell."""
    rows = cells(path)
    header = next(i for i, r in enumerate(rows) if any("学籍号" in str(c) for c in r))
    order = list(range(len(rows[header])))
    rng.shuffle(order)
    moved = [row if i < header else [row[k] if k < len(row) else "" for k in order] for i, row in enumerate(rows)]
    if path.suffix == ".csv":
        with target.open("w", encoding="utf-8-sig", newline="") as f:
            csv.writer(f).writerows(moved)
        return
    with xlsxwriter.Workbook(str(target)) as book:
        sheet = book.add_worksheet("x")
        for i, row in enumerate(moved):
            sheet.write_row(i, 0, row)
