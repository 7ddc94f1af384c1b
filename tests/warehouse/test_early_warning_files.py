"""Early warnings from files: two exams are added to the county's inbox, a class loses points in one of them, and every
row of the year is counted again from the sheets."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

import ingest
from cli.main import app
from tests.conftest import COUNTY, settings_in
from tests.support.original_cells import Original
from tests.warehouse.early_warning_recount import Mark, Paper, differences, recount
from tests.warehouse.rendered import read, seed_rows
from warehouse.build import build
from warehouse.early_warning import read_warnings
from warehouse.errors import SchoolhouseError
from warehouse.serving import zone_path
from warehouse.settings import Settings

pytestmark = pytest.mark.slow
YEAR = "2024-2025"
LAST = "2025年小学毕业考试"
ADDED = {"2024年秋季学期期中检测": "2024-11-08", "2024年秋季学期期末检测": "2025-01-10"}
POINTS, SUBJECT = 14, "数学"
GRADES = {zh: n for n, zh in enumerate("一二三四五六七八九", start=1)}
WORDS = {"缺考": "absent", "缺": "absent", "Q": "absent", "-1": "absent", "缓考": "deferred", "免考": "exempt"}
NAMES = {"school": ("学校标识码", "学校(机构)标识码"), "grade": ("年级",), "class_name": ("班级",)}


def exam_id(name: str) -> str:
    return hashlib.md5(f"{COUNTY}|{name}".encode(), usedforsecurity=False).hexdigest()[:16]


def grade_of(text: str) -> int:
    return GRADES.get(text[0]) or (10 if text.startswith("高一") else 12)


def table(path: Path) -> list[dict[str, str]]:
    """Lines of a sheet by heading, closing lines left out; the heading is the first line with the school's code."""
    rows = next(iter(Original(path).sheets.values()))
    at = next(n for n, r in enumerate(rows) if set(NAMES["school"]) & {str(c) for c in r})
    heads = [str(c or "") for c in rows[at]]
    lines = [{h: "" if c is None else str(c) for h, c in zip(heads, r, strict=False)} for r in rows[at + 1 :]]
    return [x for x in lines if _named(x, "school").isdigit()]


def _named(line: dict[str, str], what: str) -> str:
    return next((line[h] for h in NAMES[what] if h in line), "")


def mark(exam: str, line: dict[str, str], subject: str, text: str) -> Mark:
    status = WORDS.get(text, "scored") if text else "blank"
    return Mark(
        exam_id(exam), grade_of(line["年级"]), subject, _named(line, "school"), _named(line, "class_name"), status,
        float(text) if status == "scored" else None,
    )  # fmt: skip


def sheets(folder: Path, year: str, papers: dict[tuple[str, int, str], Paper]) -> list[Mark]:
    """Marks of every exam of a school year, from its files: wide sheets of schools and of the city, long lists."""
    found = []
    for path in sorted((folder / "exam_scores").glob("*")) + sorted((folder / "升学考试").glob("*")):
        for line in table(path):
            exam = line.get("考试名称") or f"{year}学年末教学质量监测"
            if "学科" in line:
                found.append(mark(exam, line, line["学科"], line["得分"]))
                continue
            for head, text in line.items():
                subject = head.removesuffix("成绩")
                if (exam_id(exam), grade_of(line["年级"]), subject) in papers and subject != "总分":
                    found.append(mark(exam, line, subject, text))
    return found


def parameters(path: Path, year: str) -> dict[tuple[str, int, str], Paper]:
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    return {
        (exam_id(r["考试名称"]), grade_of(r["年级"]), r["学科"]): Paper(
            year, dt.date.fromisoformat(r["考试日期"]), float(r["及格线"]), float(r["低分线"])
        )
        for r in rows
    }


def plant(files: Path) -> tuple[str, str]:
    """Adds two exams of grade 6 with the marks of the last one; in the second a class loses points in one subject.
    Returns its school and name: a class whose school has another one."""
    folder = files / COUNTY / YEAR
    source = folder / "升学考试" / f"{LAST}成绩.csv"
    text = source.read_text(encoding="utf-8-sig")
    sizes: dict[tuple[str, str], int] = {}
    for line in csv.DictReader(io.StringIO(text)):
        if line["学科"] == SUBJECT and line["得分"] != "缺考":
            sizes[line["学校标识码"], line["班级"]] = sizes.get((line["学校标识码"], line["班级"]), 0) + 1
    schools = [s for s, _ in sizes]
    hit = max((k for k in sizes if schools.count(k[0]) > 1), key=lambda k: (sizes[k], k))
    assert sizes[hit] >= 15
    lines = (folder / "考试科目参数.csv").read_text(encoding="utf-8-sig").splitlines()
    heads, old = lines[0], [x for x in lines[1:] if x.startswith(LAST)]
    assert old
    for number, (name, day) in enumerate(ADDED.items()):
        rows = [x.replace(LAST, name).replace(old[0].split(",")[1], day) for x in old]
        (folder / f"考试科目参数_{name}.csv").write_text("\n".join([heads, *rows]) + "\n", encoding="utf-8-sig")
        reader = csv.DictReader(io.StringIO(text))
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, reader.fieldnames or [], lineterminator="\r\n")
        writer.writeheader()
        for line in reader:
            if (
                number
                and line["学科"] == SUBJECT
                and (line["学校标识码"], line["班级"]) == hit
                and line["得分"] != "缺考"
            ):
                line["得分"] = f"{max(float(line['得分']) - POINTS, 0):g}"
            if line["学科"] != "总分":
                writer.writerow({**line, "考试名称": name})
        (folder / "升学考试" / f"{name}成绩.csv").write_text(out.getvalue(), encoding="utf-8-sig")
    return hit


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path, tuple[str, str]]:
    from synth import generate

    files = tmp_path_factory.mktemp("planted") / "files"
    generate(files)
    hit = plant(files)
    settings = settings_in(files.parent / "home", files, files)
    received = ingest.run(settings, [files])
    assert not [f.path for f in received.files if f.status in ("rejected", "waiting") and "检测" in str(f.path)]
    build(settings)
    return settings, files, hit


def _stored(settings: Settings) -> list[dict[str, Any]]:
    with duckdb.connect(zone_path(settings, "restricted").resolve(), read_only=True) as con:
        return read(con, "select * from fct_early_warning")


def test_every_row_is_what_the_sheets_say(planted: tuple[Settings, Path, tuple[str, str]]) -> None:
    """The county's own exams, in the shapes in which its schools send them, and the two that were added."""
    settings, files, _ = planted
    dates = {"valid_from": dt.date(2010, 1, 1), "valid_to": None}
    rules = [
        {**r, "notice_at": Decimal(r["notice_at"]), "warning_at": Decimal(r["warning_at"]),
         "min_pupils": int(r["min_pupils"]), **dates}
        for r in seed_rows("early_warning_rule")
    ]  # fmt: skip
    folder = files / COUNTY / YEAR
    papers: dict[tuple[str, int, str], Paper] = {}
    for path in folder.glob("考试科目参数*.csv"):
        papers |= parameters(path, YEAR)
    counted = recount(sheets(folder, YEAR, papers), papers, rules, 3, 0.1)
    own = [r for r in _stored(settings) if r["school_year"] == YEAR]
    assert {r["warning_level"] for r in own} == {"warning", "notice", "none", "undecided"}
    assert differences(counted, own) == []


def test_the_class_that_fell_is_warned_of_alone(planted: tuple[Settings, Path, tuple[str, str]]) -> None:
    settings, _, (school, class_name) = planted
    rows = [r for r in _stored(settings) if r["exam_id"] == exam_id("2024年秋季学期期末检测")]
    classes = [r for r in rows if r["group_type"] == "class" and r["reason_code"] == "standing_fall"]
    assert {(r["school_code"], r["class_name"], r["subject"]) for r in classes if r["warning_level"] == "warning"} == {
        (school, class_name, SUBJECT)
    }
    beside = [r for r in classes if r["school_code"] == school and r["class_name"] != class_name]
    assert beside
    assert {r["warning_level"] for r in beside} <= {"none", "undecided"}
    assert {r["previous_exam_id"] for r in rows} == {exam_id("2024年秋季学期期中检测")}
    assert {r["is_same_term"] for r in rows} == {True}


def test_the_command_lists_it_and_no_other_zone_has_it(
    planted: tuple[Settings, Path, tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _, (school, class_name) = planted
    monkeypatch.setenv("SCHOOLHOUSE_HOME", str(settings.home))
    told = CliRunner().invoke(app, ["warnings", "--region", COUNTY, "--year", YEAR, "--level", "warning", "--json"])
    assert told.exit_code == 0
    answer = json.loads(told.stdout)
    assert (school, class_name, SUBJECT) in {(r["school_code"], r["class_name"], r["subject"]) for r in answer["shown"]}
    assert sum(answer["counts"].values()) == len(
        [r for r in _stored(settings) if r["region_code"] == COUNTY and r["school_year"] == YEAR]
    )
    shown = CliRunner().invoke(app, ["warnings", "--region", COUNTY, "--year", YEAR])
    assert f"{COUNTY} {YEAR}" in shown.stdout
    assert class_name in shown.stdout
    for wrong in ({"levels": ("red",)}, {"school_year": "1999-2000"}, {"region": "000000"}):
        with pytest.raises(SchoolhouseError):
            read_warnings(settings, **{"region": COUNTY, **wrong})  # type: ignore[arg-type]
    # The only region with exams need not be named.
    assert read_warnings(settings, school_year=YEAR).region_code == COUNTY
    with duckdb.connect(zone_path(settings, "internal").resolve(), read_only=True) as con:
        assert "fct_early_warning" not in {
            t for (t,) in con.execute("select table_name from duckdb_tables()").fetchall()
        }
