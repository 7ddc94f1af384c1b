"""Score sheets: one file per school and examination, in the shapes that schools really send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from synth.county import County
from synth.exams import ABSENT, DEFERRED, EXEMPT, SCORED, SUBJECTS, Exam
from synth.faults import Faults
from synth.schools import GRADE_ZH
from synth.sheets import GB18030, UTF8_BOM, Sheet, write_csv, write_workbook
from synth.texts import half_points

FIXED = ("学籍号", "学校标识码", "学校", "年级", "班级", "姓名", "性别")
_ALIASES = {"学籍号": "全国学籍号", "学校标识码": "学校(机构)标识码", "学校": "学校名称"}


@dataclass(frozen=True)
class Shape:
    """How a school writes its sheet: file type, mark for absent, heading lines, closing lines."""

    suffix: str
    absent: str | int
    encoding: str = ""
    titled: bool = False
    two_rows: bool = False
    closing: bool = False
    aliases: bool = False


SHAPES = (
    Shape(".xlsx", "缺考", titled=True, two_rows=True),
    Shape(".csv", "Q", encoding=GB18030),
    Shape(".csv", "缺", encoding=UTF8_BOM, aliases=True),
    Shape(".xlsx", -1, titled=True, closing=True),
    Shape(".xlsx", "缺考"),
)


@dataclass(frozen=True)
class Place:
    """Where a row of `County.scores` was written: 1-based row, and the column letter of each subject."""

    path: Path
    row: int
    letters: dict[str, str]


def exam_file(folder: Path, county: County, school: int) -> Path:
    """Path of the score sheet of a school."""
    info = county.schools.loc[school]
    return folder / "exam_scores" / f"{info['code']}_{info['name']}_成绩{SHAPES[school % len(SHAPES)].suffix}"


def write_exam(folder: Path, county: County, exam: Exam, faults: Faults) -> dict[int, Place]:
    """Writes the sheets of one examination. Returns the places of the rows that carry a planted fault."""
    places: dict[int, Place] = {}
    watched = set(faults.refused_rows)
    canary = county.scores["pupil"].to_numpy() == county.pupils.canary
    watched |= set(county.scores.index[canary].tolist())
    for school, rows in _by_school(county, exam.year):
        if (exam.year, school) in faults.no_exam_file:
            continue
        shape = SHAPES[school % len(SHAPES)]
        path = exam_file(folder, county, school)
        subjects = [s for s in SUBJECTS if (rows[f"{s}_status"] != "").any()]
        _write_sheet(path, county, rows, subjects, shape, exam, faults)
        first = 1 + shape.titled + shape.two_rows + 1
        letters = {s: chr(ord("A") + len(FIXED) + k) for k, s in enumerate(subjects)}
        for label in watched.intersection(rows.index):
            position = first + rows.index.get_loc(label)
            places[label] = Place(path, position, letters)
    return places


def _by_school(county: County, year: int) -> Iterator[tuple[int, pd.DataFrame]]:
    scores = county.scores
    for school, rows in scores.loc[scores["year"] == year].groupby("school", sort=True):
        yield int(school), rows  # type: ignore[arg-type]


def _write_sheet(
    path: Path, county: County, rows: pd.DataFrame, subjects: list[str], shape: Shape, exam: Exam, faults: Faults
) -> None:
    info = county.schools.loc[int(rows["school"].iloc[0])]
    columns: list[list[object]] = [
        rows["student_id"].tolist(),
        [faults.code_over.get(label, info["code"]) for label in rows.index],
        [info["name"]] * len(rows),
        [GRADE_ZH[g] for g in rows["grade"]],
        [f"{c}班" for c in rows["class_no"]],
        rows["name"].tolist(),
        np.where(rows["is_female"], "女", "男").tolist(),
    ]
    marks = {ABSENT: shape.absent, DEFERRED: "缓考", EXEMPT: "免考", "": ""}
    total, means = np.zeros(len(rows), dtype=int), []
    for subject in subjects:
        half = rows[f"{subject}_h"].to_numpy().copy()
        for label, (wrong, value) in faults.score_over.items():
            if wrong == subject and label in rows.index:
                half[rows.index.get_loc(label)] = value
        status = rows[f"{subject}_status"].to_numpy()
        total += np.where(status == SCORED, half, 0)
        numbers = half_points(half)
        columns.append([n if s == SCORED else marks[s] for n, s in zip(numbers, status, strict=True)])
        means.append(round(float(half[status == SCORED].mean()) / 2, 2))
    columns.append(half_points(total))
    names = [*FIXED, *subjects, "总分"]
    if shape.suffix == ".csv":
        if shape.aliases:
            names = [_ALIASES.get(n, n) for n in FIXED] + [f"{s}成绩" for s in subjects] + ["总分"]
        frame = pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in zip(names, columns, strict=True)})
        write_csv(path, frame, shape.encoding)
        return
    header = [names]
    if shape.two_rows:
        header = [names, [""] * len(FIXED) + ["得分"] * (len(subjects) + 1)]
    after: list[list[object]] = []
    if shape.closing:
        after.append(["平均分", *[""] * (len(FIXED) - 1), *means])
        after.append(["填表人:", "", "", "审核人:"])
    sheet = Sheet(
        name="成绩",
        title=exam.name if shape.titled else "",
        header=header,
        rows=list(zip(*columns, strict=True)),
        after=after,
    )
    write_workbook(path, [sheet])
