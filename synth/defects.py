"""Carrying out the faults that are files of their own, and the list of everything planted."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from pathlib import Path

import pandas as pd

from synth.county import County
from synth.exam_files import Place, exam_file
from synth.exams import FIRST_GRADE
from synth.faults import Faults, growth_percent
from synth.flaws import Flaw, Spot, name_entity
from synth.report_files import report_name
from synth.schools import PRIMARY, STAGE_ZH
from synth.sheets import Sheet, write_workbook

REJECT_FILE, REJECT_ROW, EXPLAIN, NOTE = "reject_file", "reject_row", "explain", "note"
SEVERAL = ";"


@dataclass(frozen=True)
class Defect:
    """One planted thing. `row` is 1-based as the sheet shows it, `column` its letter; `check_id` finds it.

    `rule` is the rule of reading that refuses it, where one row is refused. `entity_id` and `school_year` hold several,
    separated by `;`, where one fault shows in several places or years.
    """

    defect_id: str
    region_code: str
    file: str
    row: str
    column: str
    what: str
    expected: str
    check_id: str
    entity_type: str = ""
    entity_id: str = ""
    school_year: str = ""
    rule: str = ""


def defects_table(defects: list[Defect]) -> pd.DataFrame:
    """The list as a table, one row a planted thing."""
    columns = list(Defect.__dataclass_fields__)
    return pd.DataFrame([astuple(d) for d in defects], columns=columns, dtype=object)


def plant_files(folder: Path, year: int, county: County, faults: Faults) -> list[Path]:
    """Adds the extra files of a school year, in this order: a copy, a truncated workbook, a purchase list."""
    extra = []
    if faults.sent_twice and faults.sent_twice[0] == year:
        source = exam_file(folder, county, faults.sent_twice[1])
        copy = source.with_name(f"补报_{source.name}")
        copy.write_bytes(source.read_bytes())
        extra.append(copy)
    if faults.truncated and faults.truncated[0] == year:
        source = exam_file(folder, county, faults.truncated[1])
        broken = source.with_name(f"{source.stem}(传输中断).xlsx")
        data = source.read_bytes()
        broken.write_bytes(data[: len(data) // 2])
        extra.append(broken)
    if faults.unknown_template == year:
        path = folder / "食堂采购清单.xlsx"
        rows = [["大米", "公斤", 500, 5.6], ["食用油", "桶", 40, 72.5], ["白菜", "公斤", 320, 2.4]]
        header = [["品名", "规格", "数量", "单价(元)"]]
        write_workbook(path, [Sheet("采购", header, rows, title="学校食堂采购清单")])
        extra.append(path)
    return extra


def list_defects(
    out: Path,
    county: County,
    faults: Faults,
    places: dict[int, Place],
    totals: dict[tuple[int, str], int],
    extra: list[Path],
) -> list[Defect]:
    """What was planted in a county, with its place in the files and what should become of it."""
    region, codes, scores = county.region_code, county.schools["code"], county.scores
    found: list[Defect] = []

    def add(what: str, expected: str, check: str, entity: tuple[str, str], year: str, *, file: Path | None = None,
            row: object = "", column: str = "") -> None:  # fmt: skip
        name = file.relative_to(out).as_posix() if file else ""
        number = f"{region}-D{len(found) + 1:02d}"
        found.append(Defect(number, region, name, str(row), column, what, expected, check, *entity, year))

    def folder(year: int) -> Path:
        return out / region / _span(year)

    for label, (subject, half) in faults.score_over.items():
        place, who = places[label], scores.loc[label]
        sheet = ("submission", f"exam_scores/{codes[who['school']]}/{_span(who['year'])}")
        add(f"{subject}成绩{half / 2:g}分,超过满分", REJECT_ROW, "row_rejects", sheet, _span(who["year"]),
            file=place.path, row=place.row, column=place.letters[subject])  # fmt: skip
    for label, code in faults.code_over.items():
        place, who = places[label], scores.loc[label]
        sheet = ("submission", f"exam_scores/{codes[who['school']]}/{_span(who['year'])}")
        add(f"学校标识码{code}不在本县学校名单中", REJECT_ROW, "row_rejects", sheet, _span(who["year"]),
            file=place.path, row=place.row, column="B")  # fmt: skip
    for path, (what, expected, check) in zip(extra, _EXTRA, strict=bool(extra)):
        sha = hashlib.sha256(path.read_bytes()).hexdigest()
        add(what, expected, check, ("file", sha[:12]), path.relative_to(out).parts[1], file=path)
    for year, person in faults.left_off_roster.items():
        member = county.staff.loc[(county.staff["year"] == year) & (county.staff["person"] == person)].iloc[0]
        section = ("section", f"{codes[member['school']]}/{member['stage']}")
        what = f"教师信息比{STAGE_ZH[member['stage']]}基表少1名专任教师"
        add(what, EXPLAIN, "roster_vs_report", section, _span(year), file=folder(year) / "教师信息.csv")
    for (year, stage), too_many in faults.wrong_total.items():
        path = folder(year) / report_name(stage)
        claim = ("submission", f"school_report/{region}/{_span(year)}")
        add(f"合计行在校生数比各行之和多{too_many}人", EXPLAIN, "total_row_mismatch", claim, _span(year),
            file=path, row=totals[(year, stage)], column="I")  # fmt: skip
    for year, school in sorted(faults.no_exam_file):
        sat = scores.loc[(scores["year"] == year) & (scores["school"] == school), "grade"]
        grades = sorted(g for g in sat.unique().tolist() if g >= FIRST_GRADE)
        entity = ("school_grade", SEVERAL.join(f"{codes[school]}/{g}" for g in grades))
        add("该校未报送学年末成绩", EXPLAIN, "school_missing_in_exam", entity, _span(year),
            file=exam_file(folder(year), county, school))  # fmt: skip
    if faults.grown:
        year, school = faults.grown
        entity = ("section_measure", f"{codes[school]}/{PRIMARY}/student_count")
        add(
            f"新建小区入住,在校生数增加约{growth_percent()}%(属实)", EXPLAIN, "year_on_year_change", entity, _span(year)
        )
    return found


_EXTRA = (
    ("同一成绩表换名重复报送", NOTE, "duplicate_file"),
    ("工作簿传输中断,不能打开", REJECT_FILE, "unknown_files"),
    ("不属于任何报表模板", REJECT_FILE, "unknown_files"),
)


def list_flaws(out: Path, region: str, year: str, planted: list[tuple[Flaw, Spot]]) -> list[Defect]:
    """The flaws of the catalogue as they were planted."""
    return [
        Defect(
            f"{region}-{f.flaw_id}", region, spot.path.relative_to(out).as_posix(), spot.row, spot.column, f.what,
            f.outcome, f.check, *name_entity(f.check, spot, region, year), spot.school_year or year, f.rule,
        )
        for f, spot in planted
    ]  # fmt: skip


def _span(year: int) -> str:
    return f"{year}-{year + 1}"


def list_canaries(out: Path, county: County, places: dict[int, Place]) -> list[Defect]:
    """The planted people whose identifiers must not leave the identity zone. `entity_id` is the identifier."""
    scores, staff, persons = county.scores, county.staff, county.pupils.persons
    region, pupil = county.region_code, persons.loc[county.pupils.canary]
    labels = scores.index[scores["pupil"] == county.pupils.canary]
    result = []
    for label in (x for x in labels if x in places):
        file, row = places[label].path.relative_to(out).as_posix(), str(places[label].row)
        number, year = f"{region}-C{len(result) + 1:02d}", _span(int(scores.at[label, "year"]))
        result.append(
            Defect(
                number,
                region,
                file,
                row,
                "A",
                f"学生 {pupil['name']}",
                NOTE,
                "canary",
                "pupil",
                pupil["student_id"],
                year,
            )
        )
    teacher = staff.loc[staff["is_canary"]].sort_values("year").iloc[-1]
    year = _span(int(teacher["year"]))
    number, file = f"{region}-C{len(result) + 1:02d}", f"{region}/{year}/教师信息.csv"
    what, identity = f"教师 {teacher['name']}", teacher["identity"]
    return [*result, Defect(number, region, file, "", "C", what, NOTE, "canary", "teacher", identity, year)]
