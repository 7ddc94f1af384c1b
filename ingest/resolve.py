"""Whose file, of which year, of which exam: told by content and folders, never by the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ingest import exam_titles, periods
from ingest.contracts import vocabularies
from ingest.documents import Document, SheetReading
from ingest.landing import Arrival
from ingest.layouts import Layout
from ingest.reference import Exam, Pairs, Reference
from ingest.texts import mask
from warehouse.errors import SchoolhouseError

_CLOCKS = {
    "school_year": ("学年", "school year"),
    "fiscal_year": ("年度", "fiscal year"),
    "calendar_year": ("年度", "calendar year"),
}


# The column that names the exam; the sheet's title may do so in its place.
EXAM_NAME = "exam_name_column"


class Waiting(SchoolhouseError):
    """The file is good as far as can be told, but reference data it needs has not arrived."""


def resolve_region(document: Document, reference: Reference) -> str:
    """The county (or city) code of a file. Raises SchoolhouseError when nothing tells it."""
    arrival, contract = document.arrival, document.contract
    if contract.custom.get("regionFrom") == "own_county":
        return _own_county(document)
    placed = place(arrival, reference)
    if placed:
        return placed
    if contract.custom.get("regionFrom") == "own_rows":
        return _only(c[:6] for c in document.distinct("region_code")) or ""
    known = [f.name for f in contract.read_fields if f.custom.get("knownSchool")]
    region = _only(r for name in known for c in document.distinct(name) for r in reference.schools.get(c, ()))
    column = contract.custom.get("regionColumn")
    if not region and column:
        region = _only(c[:6] for c in document.distinct(column) if re.fullmatch(r"[0-9]{6}([0-9]{3}){0,2}", c))
        if region and reference.regions and region not in reference.regions:
            raise SchoolhouseError(
                "the region code of the file is in no region list",
                "文件中的行政区划代码不在行政区划清单中",
                fix_en="send the region list first, or correct the code",
                fix_zh="请先报送行政区划清单,或更正代码",
            )
    if not region:
        raise SchoolhouseError(
            "the region of the file cannot be told",
            "无法认定文件属于哪个区划",
            fix_en="put it into a folder named by the region code, or beside the region list, or pass --region",
            fix_zh="请放入以行政区划代码命名的文件夹或行政区划清单所在的文件夹,或用 --region 指明",
        )
    return region


def place(arrival: Arrival, reference: Reference) -> str:
    """The region that the argument, a folder's name or the nearest region list gives; `''` when none does."""
    if arrival.region:
        return arrival.region
    for folder in reversed(arrival.folders):
        if folder in reference.regions:
            return folder
    for parent in Path(arrival.absolute).parents:
        counties = reference.counties_in.get(parent, set())
        if len(counties) == 1:
            return next(iter(counties))
    return ""


def _own_county(document: Document) -> str:
    levels = vocabularies()["region_level"]
    counties: dict[str, str | None] = {}
    for _, reading, layout in document.loaded:
        codes, level = (
            reading.sheet.table.column(layout.fields[n]).to_pylist() for n in ("region_code", "region_level")
        )
        counties.update({c: levels.value(v) for c, v, k in zip(codes, level, reading.classes.to_pylist(), strict=True)
                         if c and k == "data"})  # fmt: skip
    order = [
        code for wanted in ("county", "city", "province", "township") for code, v in counties.items() if v == wanted
    ]
    several = sum(v == "county" for v in counties.values()) > 1
    above = sorted(code for code, v in counties.items() if v in ("city", "province"))
    if several:
        return above[-1] if above else f"{order[0][:4]}00"
    return order[0] if order else ""


def resolve_periods(document: Document) -> None:
    """Set the period of each sheet from its title, its folders or the argument; a year column speaks for its
    rows later.

    Raises SchoolhouseError when a sheet has neither.
    """
    clock, arrival = document.contract.clock, document.arrival
    for _, reading, layout in document.loaded:
        places = (*layout.texts, reading.sheet.name, *reversed(arrival.folders), arrival.period)
        reading.period = periods.first(clock, places)
        column = any(f.name in layout.fields for f in document.contract.period_fields)
        if reading.period is None and not column and not document.contract.of_exam:
            year_zh, year_en = _CLOCKS[clock]
            raise SchoolhouseError(
                f"the {year_en} of the file cannot be told",
                f"无法认定文件属于哪个{year_zh}",
                fix_en=f"write it in the title, put the file into a folder of the {year_en}, or pass --period",
                fix_zh=f"请在表题写明{year_zh},或放入以{year_zh}命名的文件夹,或用 --period 指明",
            )


def resolve_exam(document: Document, reading: SheetReading, layout: Layout, pairs: Pairs, reference: Reference) -> None:
    """Set exam and period of a score sheet: by the exam's name in the sheet or its folders; a sheet that names no
    exam, by grades and subjects.

    `pairs`: (grade, subject) that have a mark. Raises Waiting while the parameters of the exam, or of the one that the
    sheet names, have not arrived.
    """
    exams = reference.exams(document.region or "")
    columns = document.distinct(EXAM_NAME)
    if len({e for e in (_by_name(exams, [name]) for name in columns) if e}) > 1:
        raise SchoolhouseError(
            "the sheet has several exams",
            "一张表里有几场考试",
            fix_en="send one exam per file",
            fix_zh="请一场考试报一个文件",
        )
    names = [
        *columns,
        *layout.texts,
        reading.sheet.name,
        *reversed(document.arrival.folders),
    ]
    own = _by_name(exams, [*columns, *layout.texts])
    named = own or _by_name(exams, names)
    years = periods.first("school_year", (*names, document.arrival.period))
    if named:
        found = [named]
    else:
        found = [e for e, exam in exams.items() if pairs and pairs <= exam.covered]
        if len(found) > 1 or years:
            found = [e for e in found if years in (None, exams[e].period)]
    if not own:
        _wait_for_the_named(columns, (*layout.texts, reading.sheet.name), [exams[e].name for e in found])
    if len(found) > 1:
        raise SchoolhouseError(
            "several exams have these grades and subjects",
            "有多场考试的年级和学科与本表相符",
            fix_en="write the exam's name in the title as in the exam parameters",
            fix_zh="请在表题写明考试名称,与考试科目参数表一致",
        )
    missing = sorted(pairs - exams[found[0]].covered) if found else []
    if not found or missing:
        what = _pairs_text(missing or sorted(pairs)) if pairs else " ".join(columns or layout.texts)
        raise Waiting(
            f"waits for the exam parameters ({mask(what)})" + (f" in {years}" if years else ""),
            f"等待考试科目参数({(years + ' ') if years else ''}{mask(what)})",
            fix_en="send the exam parameters with the exam's name; the file is then loaded by itself",
            fix_zh="请报送含该考试名称的考试科目参数表,到达后本文件自动入库",
        )
    reading.exam_id, reading.period = found[0], exams[found[0]].period
    _wait_for_registration(document, layout, found[0], reference)


def _wait_for_the_named(columns: Iterable[str], titles: Iterable[str | None], found: Iterable[str]) -> None:
    """A sheet that names an exam is that exam's: it is not read as the only other one that has its subjects."""
    title = exam_titles.unregistered(columns, titles, found)
    if title:
        raise Waiting(
            f"waits for the parameters of the exam that the sheet names: {mask(title)}",
            f"等待表题所写考试的考试科目参数:{mask(title)}",
            fix_en="send the exam parameters with this name, or write the title as the parameters name the exam",
            fix_zh="请报送含该考试名称的考试科目参数表,或按参数表更正表题后重报;参数到达后本文件自动入库",
        )


def _wait_for_registration(document: Document, layout: Layout, exam: str, reference: Reference) -> None:
    """A sheet that names pupils by exam numbers only can be read once the exam's candidates are registered."""
    for f in document.contract.read_fields:
        alias = f.custom.get("foundBy")
        if alias in layout.fields and f.name not in layout.fields and exam not in reference.registered:
            raise Waiting(
                "waits for the registration of the exam: the sheet has exam numbers and no student numbers",
                "等待本场考试的报名表:表中只有考号,没有学籍号",
                fix_en="send the exam registration; the file is then loaded by itself",
                fix_zh="请报送考号与学籍号对照的报名表,到达后本文件自动入库",
            )


def _pairs_text(pairs: list[tuple[str, str]]) -> str:
    """`3、4年级:数学、语文`"""
    grades = sorted({int(g) for g, _ in pairs})
    return f"{'、'.join(map(str, grades))}年级:{'、'.join(sorted({s for _, s in pairs}))}"


def _by_name(exams: Mapping[str, Exam], texts: Iterable[str | None]) -> str | None:
    forms = {e: exam_titles.name_form(exam.name) for e, exam in exams.items()}
    for text in (t for t in texts if t):
        form = exam_titles.name_form(text)
        equal = [e for e, f in forms.items() if f == form]
        inside = [e for e, f in forms.items() if len(f) > 3 and f in form]
        longest = max((len(forms[e]) for e in inside), default=0)
        found = equal or [e for e in inside if len(forms[e]) == longest]
        if len(found) == 1:
            return found[0]
    return None


def _only(values: Iterable[str]) -> str | None:
    found = set(values)
    return next(iter(found)) if len(found) == 1 else None
