"""The files about pupils of a school year: enrolment by grade, class sizes, rosters, numbers that changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.county import County, entry_grades, exit_grades
from synth.schools import COMPULSORY, GRADE_ZH, GRADES, SENIOR, STAGE_ZH, VOCATIONAL
from synth.sheets import GB18030, UTF8_BOM, Sheet, write_csv, write_workbook

_OWN_ROSTER, _OF = 1, 5  # every fifth school keeps its roster in a workbook of its own
BOARDERS = 0.55  # of the pupils of a boarding school, who live farther away
PURCHASED = 0.7  # of the migrants in a private school, whose places the county pays for
_TECHNICAL = 0.35  # of those who went away after grade 9 and go to technical schools; the others to schools elsewhere


def traits(county: County, year: int) -> pd.DataFrame:
    """The roll of 1 September with what the forms ask of each pupil: the columns of `Pupils.years` and `persons`, code,
    school_name, and boarder, purchased (booleans)."""
    roll = county.pupils.years.loc[county.pupils.years["year"] == year].reset_index(drop=True)
    persons = county.pupils.persons.loc[roll["pupil"].to_numpy()].reset_index(drop=True)
    schools = county.schools.loc[roll["school"].to_numpy()].reset_index(drop=True)
    grown = roll["grade"] >= 4
    boarder = schools["boarding"] & grown & (persons["draw"] < BOARDERS)
    purchased = persons["is_migrant"] & schools["is_private"] & (persons["draw"] < PURCHASED)
    return pd.concat([roll, persons.drop(columns="pupil")], axis=1).assign(
        code=schools["code"], school_name=schools["name"], is_private=schools["is_private"],
        boarder=boarder, purchased=purchased & roll["stage"].isin(COMPULSORY),
    )  # fmt: skip


def write_pupils(folder: Path, county: County, year: int) -> None:
    """All files about pupils of a school year."""
    roll = traits(county, year)
    _write_enrolment(folder, county, roll, year)
    _write_classes(folder, county, year)
    _write_rosters(folder, roll, county, year)
    _write_senior(folder, county, year)


def _write_enrolment(folder: Path, county: County, roll: pd.DataFrame, year: int) -> None:
    keys = ["stage", "school", "grade"]
    general = roll.loc[roll["stage"].isin(list(GRADES))]
    counted = general.groupby(keys, as_index=False).agg(
        pupils=("pupil", "size"), female=("is_female", "sum"), boarders=("boarder", "sum"),
        migrants=("is_migrant", "sum"), left_behind=("is_left_behind", "sum"), classes=("class_no", "max"),
    )  # fmt: skip
    counted["entrants"] = counted["pupils"].where(counted["grade"] == entry_grades(counted["stage"]), 0)
    counted["leaving"] = counted["pupils"].where(counted["grade"] == exit_grades(counted["stage"]), 0)
    order = {stage: i for i, stage in enumerate(GRADES)}
    counted = counted.sort_values(["stage", "school", "grade"], key=lambda c: c.map(order) if c.name == "stage" else c)
    info = county.schools.loc[counted["school"]]
    numbers = ["classes", "pupils", "female", "entrants", "leaving", "boarders", "migrants", "left_behind"]
    columns = [
        info["code"].tolist(), info["name"].tolist(), counted["stage"].map(STAGE_ZH).tolist(),
        counted["grade"].map(GRADE_ZH).tolist(), *(counted[c].tolist() for c in numbers),
    ]  # fmt: skip
    header = [
        "学校(机构)标识码", "学校(机构)名称", "学段", "年级", "班数", "在校生数", "其中:女", "招生数", "预计毕业生数",
        "寄宿生数", "随迁子女数", "留守儿童数",
    ]  # fmt: skip
    totals = [int(counted[c].sum()) for c in numbers]
    sheet = Sheet(
        name="分年级学生情况", title=f"{year}-{year + 1}学年初分年级学生情况统计表", header=[header],
        rows=list(zip(*columns, strict=True)), after=[["合计", "", "", "", *totals]],
    )  # fmt: skip
    write_workbook(folder / "分年级学生情况统计表.xlsx", [sheet])


def _write_classes(folder: Path, county: County, year: int) -> None:
    c = county.classes.loc[county.classes["year"] == year]
    info = county.schools.loc[c["school"]].reset_index(drop=True)
    c = c.reset_index(drop=True)
    table = pd.DataFrame(
        {
            "学校(机构)标识码": info["code"],
            "学校(机构)名称": info["name"],
            "学段": c["stage"].map(STAGE_ZH),
            "年级": c["grade"].map(GRADE_ZH),
            "班级": c["class_no"].astype(str) + "班",
            "班级类型": "普通班",
            "班级人数": c["pupils"],
            "班主任编号": _homeroom(county, c),
        }
    )
    write_csv(folder / "班级班额表.csv", table, UTF8_BOM)


def _homeroom(county: County, classes: pd.DataFrame) -> pd.Series:
    """Number of the teacher of Chinese of the autumn term, '' where nobody is known to teach the class."""
    a = county.workforce.assignments
    a = a.loc[(a["subject"] == "语文") & (a["term"] == "上")]
    keys = ["year", "school", "stage", "grade", "class_no"]
    people = county.staff.drop_duplicates("person").set_index("person")
    found = classes[keys].merge(a.drop_duplicates(keys)[[*keys, "person"]], on=keys, how="left")["person"]
    return found.map(people["code"]).fillna("")


def _write_rosters(folder: Path, roll: pd.DataFrame, county: County, year: int) -> None:
    roll = roll.sort_values(["school", "grade", "class_no", "student_id"], ignore_index=True)
    yes = {True: "是", False: "否"}
    migrant, disabled = roll["is_migrant"], roll["is_disabled"]
    number = county.pupils.number_at(roll["pupil"], f"{year}-09-01")
    outside = roll["outside"].to_numpy()
    came = roll["student_id"].str[1:7]
    special = roll["stage"] == "special"
    # A child of the special school is placed there; elsewhere nobody is, whatever was planned.
    placed = np.where(special, "特教学校", roll["placement"].where(roll["placement"] != "特教学校", "随班就读"))
    table = pd.DataFrame(
        {
            "学籍号": number,
            "姓名": roll["name"],
            "性别": roll["is_female"].map({True: "女", False: "男"}),
            "出生日期": roll["born"].dt.strftime("%Y-%m-%d"),
            "身份证件号": np.where(number.str[0] == "G", number.str[1:], ""),
            "户口所在地": np.where(outside | migrant, came.str.replace("99", "98", n=1), came),
            "学校标识码": roll["code"],
            "学校名称": roll["school_name"],
            "年级": roll["grade"].map(GRADE_ZH),
            "班级": roll["class_no"].astype(str) + "班",
            "入学年月": (year - (roll["grade"] - entry_grades(roll["stage"]))).astype(str) + "09",
            "就读方式": roll["boarder"].map({True: "住校", False: "走读"}),
            "是否随迁子女": migrant.map(yes),
            "是否符合条件": np.where(migrant, roll["is_eligible"].map(yes), ""),
            "是否政府购买学位": np.where(migrant, roll["purchased"].map(yes), ""),
            "是否留守儿童": roll["is_left_behind"].map(yes),
            "是否残疾": (disabled | special).map(yes),
            "安置方式": np.where(disabled | special, placed, ""),
            "是否受资助": roll["is_aided"].map(yes),
            "学籍状态": np.where(number.str[0] == "L", "临时学籍", "在籍"),
        }
    )
    own = (roll["school"] % _OF == _OWN_ROSTER).to_numpy()
    write_csv(folder / "学籍花名册.csv", table.loc[~own], GB18030)
    for school, rows in table.loc[own].groupby(roll.loc[own, "school"], sort=True):
        info = county.schools.loc[school]
        sheet = Sheet(
            name="花名册", title=f"{info['name']}{year}-{year + 1}学年学籍花名册", header=[list(table.columns)],
            rows=rows.to_numpy().tolist(), after=[["填表人:", "", "", "审核人:"]],
        )  # fmt: skip
        write_workbook(folder / "学籍花名册" / f"{info['code']}_{info['name']}_学籍花名册.xlsx", [sheet])


def _write_senior(folder: Path, county: County, year: int) -> None:
    counts = senior_counts(county, year)
    period = f"{year}-{year + 1}"
    sheet = Sheet(
        name="高中阶段", title=f"{period}学年高中阶段在读学生统计表", header=[["学年", "高中阶段类型", "在读学生数"]],
        rows=[[period, kind, n] for kind, n in counts.items()], after=[["合计", "", sum(counts.values())]],
    )  # fmt: skip
    write_workbook(folder / "高中阶段在读学生统计表.xlsx", [sheet])


def senior_counts(county: County, year: int) -> dict[str, int]:
    """Pupils of the senior stage by kind of school; those elsewhere went away in the last three summers."""
    s = county.sections.loc[county.sections["year"] == year].groupby("stage")["pupils"].sum()
    away = sum(county.pupils.away[y] for y in (year - 2, year - 1, year))
    technical = round(away * _TECHNICAL)
    return {"普通高中": int(s[SENIOR]), "中职": int(s[VOCATIONAL]), "技工学校": technical, "外出就读": away - technical}


def write_number_changes(home: Path, county: County) -> None:
    """Temporary student numbers that became final ones, in one register of the county."""
    persons = county.pupils.persons
    seen = persons["pupil"].isin(county.pupils.years["pupil"])
    p = persons.loc[persons["changed_on"].notna() & seen].sort_values(["changed_on", "pupil"])
    # Only numbers that some file has shown: whoever left before the change never got the new one.
    last = county.pupils.years.groupby("pupil")["year"].max()
    p = p.loc[p["changed_on"].dt.year <= p["pupil"].map(last)]
    if p.empty:
        return
    rows = [
        [new, old, name, day.strftime("%Y-%m-%d"), "补办居民身份证"]
        for new, old, name, day in zip(p["student_id"], p["first_id"], p["name"], p["changed_on"], strict=True)
    ]
    header = [["新学籍号", "原学籍号", "姓名", "变更日期", "变更原因"]]
    write_workbook(home / "学籍号变更表.xlsx", [Sheet("变更", header, rows, title=f"{county.name}学籍号变更表")])
