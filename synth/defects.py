"""Carrying out the faults that are files of their own, and the list of everything planted."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path

import pandas as pd

from synth.county import County
from synth.exam_files import Place, exam_file
from synth.faults import Faults, growth_percent
from synth.report_files import report_name
from synth.schools import STAGE_ZH
from synth.sheets import Sheet, write_workbook

REJECT_FILE, REJECT_ROW, EXPLAIN, NOTE = "reject_file", "reject_row", "explain", "note"


@dataclass(frozen=True)
class Defect:
    """One planted thing: `row` is 1-based as the sheet shows it, `column` its letter, `check_id` the rule that finds it."""

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


def defects_table(defects: list[Defect]) -> pd.DataFrame:
    """The list as a table, one row a planted thing."""
    columns = list(Defect.__dataclass_fields__)
    return pd.DataFrame([astuple(d) for d in defects], columns=columns, dtype=object)


def plant_files(folder: Path, year: int, county: County, faults: Faults) -> list[Path]:
    """Adds the extra files of a school year: a copy, a truncated workbook, a purchase list. Returns them in that order."""
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
        rows = [
            ["大米", "公斤", 500, 5.6],
            ["食用油", "桶", 40, 72.5],
            ["白菜", "公斤", 320, 2.4],
            ["鸡蛋", "公斤", 180, 9.8],
        ]
        write_workbook(path, [Sheet("采购", [["品名", "规格", "数量", "单价(元)"]], rows, title="学校食堂采购清单")])
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
    region, found = county.region_code, []

    def add(file: Path | None, row: object, column: str, what: str, expected: str, check: str, *entity: str) -> None:
        name = file.relative_to(out).as_posix() if file else ""
        found.append(
            Defect(f"{region}-D{len(found) + 1:02d}", region, name, str(row), column, what, expected, check, *entity)
        )

    codes, span = county.schools["code"], lambda y: f"{y}-{y + 1}"
    folder = lambda y: out / region / span(y)  # noqa: E731
    for label, (subject, half) in faults.score_over.items():
        place, row = places[label], county.scores.loc[label]
        what = f"{subject}成绩{half / 2:g}分,超过满分"
        add(place.path, place.row, place.letters[subject], what, REJECT_ROW, "row_rejects", "school",
            codes[row["school"]], span(row["year"]))  # fmt: skip
    for label, code in faults.code_over.items():
        place, row = places[label], county.scores.loc[label]
        add(place.path, place.row, "B", f"学校标识码{code}不在本县学校名单中", REJECT_ROW, "row_rejects", "school",
            codes[row["school"]], span(row["year"]))  # fmt: skip
    whats = (
        ("同一成绩表换名重复报送", NOTE, "duplicate_file"),
        ("工作簿传输中断,不能打开", REJECT_FILE, "unreadable_file"),
        ("不属于任何报表模板", REJECT_FILE, "unknown_files"),
    )
    for path, (what, expected, check) in zip(extra, whats, strict=bool(extra)):
        add(path, "", "", what, expected, check, "file", path.name, path.relative_to(out).parts[1])
    for year, person in faults.left_off_roster.items():
        member = county.staff.loc[(county.staff["year"] == year) & (county.staff["person"] == person)].iloc[0]
        what = f"教师信息比{STAGE_ZH[member['stage']]}基表少1名专任教师"
        add(folder(year) / "教师信息.csv", "", "", what, EXPLAIN, "roster_vs_report", "school",
            codes[member["school"]], span(year))  # fmt: skip
    for (year, stage), extra_pupils in faults.wrong_total.items():
        add(folder(year) / report_name(stage), totals[(year, stage)], "I", f"合计行在校生数比各行之和多{extra_pupils}人", EXPLAIN,
            "total_row_mismatch", "file", report_name(stage), span(year))  # fmt: skip
    for year, school in sorted(faults.no_exam_file):
        add(exam_file(folder(year), county, school), "", "", "该校未报送学年末成绩", EXPLAIN, "school_missing_in_exam",
            "school", codes[school], span(year))  # fmt: skip
    if faults.grown:
        year, school = faults.grown
        what = f"在校生数比上年增加约{growth_percent()}%(属实)"
        add(None, "", "", what, EXPLAIN, "year_on_year_change", "school", codes[school], span(year))
    return found


def list_canaries(out: Path, county: County, places: dict[int, Place]) -> list[Defect]:
    """The planted people whose identifiers must not leave the identity zone. `entity_id` is the identifier."""
    scores, staff, persons = county.scores, county.staff, county.pupils.persons
    pupil = persons.loc[county.pupils.canary]
    found = []
    for label in scores.index[scores["pupil"] == county.pupils.canary]:
        if label in places:
            found.append(
                (places[label].path.relative_to(out).as_posix(), str(places[label].row), f"学生 {pupil['name']}")
            )
    result = [
        Defect(
            f"{county.region_code}-C{i:02d}",
            county.region_code,
            file,
            row,
            "A",
            what,
            NOTE,
            "canary",
            "pupil",
            pupil["student_id"],
        )
        for i, (file, row, what) in enumerate(found, start=1)
    ]
    teacher = staff.loc[staff["is_canary"]].sort_values("year").iloc[-1]
    year = int(teacher["year"])
    file = f"{county.region_code}/{year}-{year + 1}/教师信息.csv"
    return [
        *result,
        Defect(f"{county.region_code}-C{len(result) + 1:02d}", county.region_code, file, "", "C", f"教师 {teacher['name']}", NOTE,
               "canary", "teacher", teacher["identity"]),
    ]  # fmt: skip
