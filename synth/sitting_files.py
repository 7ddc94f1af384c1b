"""The files of all examinations but the score sheets of the monitoring: registrations, plans, entrance examinations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.county import County
from synth.exams import CUT_SHARES, EXTRA_PLANNED, PURPOSE, SUBJECTS, Exam, is_examined
from synth.faults import Faults
from synth.schools import GRADE_ZH
from synth.sheets import GB18030, UTF8_BOM, Sheet, write_csv, write_workbook
from synth.sittings import KINDS, Kind
from synth.texts import half_points

YES_NO = {True: "是", False: "否"}


def exam_numbers(rows: pd.DataFrame, code: str) -> pd.Series:
    """Candidates' numbers in the order of the sheet: two of the year, a code of the examination, a running number."""
    running = pd.Series(np.arange(1, len(rows) + 1), index=rows.index).astype(str).str.zfill(6)
    return (rows["year"] + 1).astype(str).str[2:] + code + running


def parameter_rows(year: int) -> list[list[object]]:
    """Full marks and cuts of the sittings of a school year, as the lines of the parameter table."""
    rows: list[list[object]] = []
    for kind in KINDS:
        for subject, full in kind.subjects().items():
            cuts = [full * share / 100 for share in CUT_SHARES.values()]
            head = [kind.name(year), kind.date(year), kind.level, kind.type, kind.purpose, GRADE_ZH[kind.grade]]
            rows.append([*head, subject, full, *(int(c) if c == int(c) else c for c in cuts), "scored"])
    return rows


def write_plan(folder: Path, exam: Exam) -> None:
    """The approved plan of the monitoring: every grade and subject that sits it, and what was planned but not held."""
    rows = [
        [f"{exam.period}学年教学质量监测计划", GRADE_ZH[g], s, f"{exam.year + 1}-06", "期末", "县", PURPOSE]
        for g in range(3, 10)
        for s in SUBJECTS
        if is_examined(g, s)
    ]
    rows += [[rows[0][0], GRADE_ZH[g], s, f"{exam.year + 1}-06", "期末", "县", PURPOSE]
             for g, s in EXTRA_PLANNED.get(exam.year, ())]  # fmt: skip
    header = ["计划名称", "年级", "学科", "计划月份", "考试类型", "考试级别", "目的"]
    title = f"{exam.period}学年教学质量监测计划表"
    write_workbook(folder / "考试监测计划表.xlsx", [Sheet("计划", [header], rows, title=title)])


def write_registration(folder: Path, county: County, year: int) -> None:
    """Candidates of 中考 with their numbers and student numbers; the score file has only the former."""
    for kind in KINDS:
        if not kind.wide:
            continue
        rows = one_row_each(county, year, kind)
        schools = county.schools.loc[rows["school"]].reset_index(drop=True)
        persons = county.pupils.persons.loc[rows["pupil"].to_numpy()].reset_index(drop=True)
        table = pd.DataFrame(
            {
                "考试名称": kind.name(year),
                "学籍号": number(county, rows, kind, year),
                "考号": exam_numbers(rows, "ZK"),
                "姓名": persons["name"],
                "学校标识码": schools["code"],
                "学校名称": schools["name"],
                "年级": GRADE_ZH[kind.grade],
                "班级": rows["class_no"].astype(str) + "班",
            }
        )
        write_csv(folder / f"{kind.type}报名表.csv", table, UTF8_BOM)


def one_row_each(county: County, year: int, kind: Kind) -> pd.DataFrame:
    """The candidates of a sitting, one row each in the order of its files."""
    s = county.sittings
    s = s.loc[(s["year"] == year) & (s["type"] == kind.type)]
    return s.loc[s["subject"] == next(iter(kind.subjects()))].reset_index(drop=True)


def number(county: County, rows: pd.DataFrame, kind: Kind, year: int) -> pd.Series:
    """Student numbers of candidates on the day."""
    return county.pupils.number_at(rows["pupil"], kind.date(year))


def write_sittings(folder: Path, county: County, year: int, faults: Faults) -> None:
    """Results: 中考 wide with candidates' numbers only, the others a line for each mark."""
    silent = [school for y, school in faults.no_exam_file if y == year]
    for kind in KINDS:
        s = county.sittings
        s = s.loc[(s["year"] == year) & (s["type"] == kind.type)]
        if s.empty:
            continue
        who = one_row_each(county, year, kind)
        who = who.assign(number=number(county, who, kind, year), exam_no=exam_numbers(who, "ZK"))
        sent = s.loc[~s["school"].isin(silent)]
        if sent.empty:
            continue
        path = folder / "升学考试" / f"{kind.name(year)}成绩"
        (_write_wide if kind.wide else _write_long)(path, county, kind, who, sent)


def _write_wide(path: Path, county: County, kind: Kind, who: pd.DataFrame, marks: pd.DataFrame) -> None:
    who = who.loc[who["school"].isin(marks["school"])]
    schools = county.schools.loc[who["school"]].reset_index(drop=True)
    who = who.reset_index(drop=True)
    table = pd.DataFrame(
        {
            "考试名称": kind.name(int(who["year"].iloc[0])),
            "考号": who["exam_no"],
            "学校标识码": schools["code"],
            "学校": schools["name"],
            "年级": GRADE_ZH[kind.grade],
            "班级": who["class_no"].astype(str) + "班",
        }
    )
    total = np.zeros(len(who), dtype=int)
    for subject in kind.full:
        of = marks.loc[marks["subject"] == subject].set_index("pupil").loc[who["pupil"]]
        half = of["half"].to_numpy()
        total += np.maximum(half, 0)
        table[subject] = pd.Series(
            [n if h >= 0 else "缺考" for n, h in zip(half_points(half), half, strict=True)], dtype=object
        )
    table["总分"] = pd.Series(half_points(total), dtype=object)
    write_csv(path.with_suffix(".csv"), table, GB18030)


def _write_long(path: Path, county: County, kind: Kind, who: pd.DataFrame, marks: pd.DataFrame) -> None:
    schools = county.schools.loc[marks["school"]].reset_index(drop=True)
    numbers = who.set_index("pupil")["number"].loc[marks["pupil"]].reset_index(drop=True)
    marks = marks.reset_index(drop=True)
    names = county.pupils.persons["name"].loc[marks["pupil"].to_numpy()].reset_index(drop=True)
    half = marks["half"].to_numpy()
    table = pd.DataFrame(
        {
            "考试名称": kind.name(int(marks["year"].iloc[0])),
            "学籍号": numbers,
            "姓名": names,
            "学校标识码": schools["code"],
            "学校": schools["name"],
            "年级": GRADE_ZH[kind.grade],
            "班级": marks["class_no"].astype(str) + "班",
            "学科": marks["subject"],
            "得分": pd.Series(
                [n if h >= 0 else "缺考" for n, h in zip(half_points(half), half, strict=True)], dtype=object
            ),
        }
    )
    write_csv(path.with_suffix(".csv"), table, UTF8_BOM)


def write_gaokao(folder: Path, county: County, year: int) -> None:
    """Who reached which line in the university entrance examination of a calendar year."""
    g = county.gaokao.loc[county.gaokao["year"] == year].reset_index(drop=True)
    schools = county.schools.loc[g["school"]].reset_index(drop=True)
    persons = county.pupils.persons.loc[g["pupil"].to_numpy()].reset_index(drop=True)
    rows = zip(
        [year] * len(g), county.pupils.number_at(g["pupil"], f"{year}-06-07"), persons["name"], schools["code"],
        schools["name"], g["group"], g["total"], g["first"].map(YES_NO), g["undergraduate"].map(YES_NO), strict=True,
    )  # fmt: skip
    header = ["年度", "学籍号", "姓名", "学校标识码", "学校名称", "科类", "总分", "是否上特控线", "是否上本科线"]
    sheet = Sheet("上线情况", [header], [list(r) for r in rows], title=f"{county.name}{year}年高考成绩上线情况表")
    write_workbook(folder / "高考成绩上线情况表.xlsx", [sheet])
