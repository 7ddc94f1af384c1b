"""The files about teachers: the roster of a year, honours, training, rotation, researchers, newcomers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.county import County
from synth.faults import Faults
from synth.schools import GRADE_ZH, JUNIOR, PRESCHOOL, PRIMARY, SENIOR, SPECIAL, STAGE_ZH, VOCATIONAL
from synth.sheets import GB18030, UTF8_BOM, Sheet, write_csv, write_workbook
from synth.staff import PE_ART_SUBJECTS, QUALIFICATIONS, VISITOR

YES_NO = {True: "是", False: "否"}
_CERTIFICATE = {
    PRESCHOOL: "幼儿园教师资格", PRIMARY: "小学教师资格", JUNIOR: "初级中学教师资格", SENIOR: "高级中学教师资格",
    SPECIAL: "小学教师资格", VOCATIONAL: "中等职业学校教师资格",
}  # fmt: skip
# Of the teachers: without a certificate, with one of a lower stage (juniors), with one of a higher (primaries).
NO_CERTIFICATE, TOO_LOW, HIGHER = 0.012, 0.02, 0.1
SPECIALTY_DUAL = 0.52


def certificates(staff: pd.DataFrame) -> pd.Series:
    """Certificate of each teacher ('' none), by person: a lower stage's does not entitle."""
    draw = (staff["person"] * 7919 % 1000) / 1000
    own = staff["stage"].map(_CERTIFICATE)
    junior, primary = staff["stage"] == JUNIOR, staff["stage"] == PRIMARY
    own = own.mask(junior & (draw < NO_CERTIFICATE + TOO_LOW), _CERTIFICATE[PRIMARY])
    own = own.mask((primary | junior) & (draw > 1 - HIGHER), _CERTIFICATE[SENIOR])
    return own.mask(draw < NO_CERTIFICATE, "").where(staff["teaches"], "")


def evaluations(staff: pd.DataFrame) -> pd.Series:
    """Grade of the yearly evaluation; whoever came this year has none yet."""
    mood = staff["mood"] - 0.02 * (staff["year"] - staff["year"].min())
    grade = np.select([mood < 0.16, mood < 0.52, mood < 0.992], ["优秀", "良好", "合格"], "不合格")
    new = staff["school_since"].dt.year >= staff["year"]
    return pd.Series(np.where(staff["teaches"] & ~new, grade, ""), index=staff.index)


def dual_qualified(staff: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Who teaches a trade, and who of them is a teacher and a craftsman at once; more of them every year."""
    trade = staff["teaches"] & (staff["stage"] == VOCATIONAL) & (staff["main_subject"] == "")
    draw = (staff["person"] * 31 % 97) / 97
    return trade, trade & (draw < SPECIALTY_DUAL + 0.03 * (staff["year"] - staff["year"].min()))


def write_roster(folder: Path, county: County, year: int, faults: Faults) -> None:
    """The teacher file: every member of staff of the year, names and identity numbers included."""
    staff = county.staff.assign(certificate=certificates(county.staff), grade_of=evaluations(county.staff))
    staff["trade"], staff["dual"] = dual_qualified(county.staff)
    keep = (staff["year"] == year) & (staff["person"] != faults.left_off_roster.get(year, -1))
    s = staff.loc[keep].merge(county.schools[["school", "code", "name"]], on="school", suffixes=("", "_school"))
    visits = s["post"] == VISITOR
    teaches, arts = s["teaches"], s["main_subject"].isin(PE_ART_SUBJECTS)
    majors = s["main_subject"].where(arts | (s["rank"] < 0.7), "教育学").replace("", "学前教育")
    roster = pd.DataFrame(
        {
            "教师编号": s["code"],
            "姓名": s["name"],
            "身份证件号": s["identity"],
            "学校标识码": s["code_school"],
            "学校名称": s["name_school"],
            "岗位类别": s["post"],
            "任教年级": s["grade"].map(GRADE_ZH).where(teaches, ""),
            "任教班级": np.where(teaches, s["class_no"].astype(str) + "班", ""),
            "任教学段": np.where(teaches | visits, s["stage"].map(STAGE_ZH), ""),
            "任教学科": s["subjects"],
            "主要任教学科": s["main_subject"],
            "最高学历": np.array(QUALIFICATIONS, dtype=object)[s["quality"]],
            "教龄": s["teaching_years"],
            "是否在编": s["established"].map(YES_NO),
            "职称": s["title"],
            "性别": s["is_female"].map({True: "女", False: "男"}),
            "出生日期": s["born"].dt.strftime("%Y-%m-%d"),
            "专业": np.where(teaches, majors, ""),
            "是否专业培训": np.where(teaches, (arts | (s["rank"] > 0.2)).map(YES_NO), ""),
            "教师资格种类": s["certificate"],
            "教师资格学科": s["main_subject"].where(s["certificate"] != "", ""),
            "专职/兼职": np.select([visits, teaches & (s["main_subject"] != "")], ["兼职", "专职"], ""),
            "职务": s["duty"],
            "任现职时间": s["duty_since"].dt.strftime("%Y-%m-%d").where(s["duty"] != "", ""),
            "到本校时间": s["school_since"].dt.strftime("%Y-%m-%d"),
            "聘用起始时间": s["school_since"].dt.strftime("%Y-%m-%d").where(~s["established"], ""),
            "是否专业课教师": s["trade"].map(YES_NO).where(s["stage"] == VOCATIONAL, ""),
            "是否双师型": s["dual"].map(YES_NO).where(s["trade"], ""),
            "年度评价等级": s["grade_of"],
        }
    )
    write_csv(folder / "教师信息.csv", roster, GB18030)


def write_honours(home: Path, county: County) -> None:
    """The whole register of honours, once."""
    h = county.honours
    people = county.staff_history.drop_duplicates("person").set_index("person")
    schools = county.schools.loc[h["school"]].reset_index(drop=True)
    table = pd.DataFrame(
        {
            "教师编号": h["person"].map(people["code"]),
            "姓名": h["person"].map(people["name"]),
            "学校(机构)标识码": schools["code"],
            "学校(机构)名称": schools["name"],
            "称号": h["title"],
            "级别": h["level"],
            "获得时间": h["awarded_on"].dt.strftime("%Y-%m-%d"),
            "有效期至": h["valid_until"].dt.strftime("%Y-%m-%d").fillna(""),
            "文号": county.name[:-1] + "教人〔" + h["awarded_on"].dt.strftime("%Y〕%m%d号"),
            "学段": h["stage"].map(STAGE_ZH),
            "主要任教学科": h["main_subject"],
        }
    )  # fmt: skip
    write_csv(home / "教师荣誉登记表.csv", table, UTF8_BOM)


def write_training(home: Path, county: County) -> None:
    """One register of training a school year, the years before the full ones included."""
    people = pd.concat(
        [county.staff_history.drop_duplicates("person"), county.workforce.researchers], ignore_index=True
    ).set_index("person")
    codes, names = county.schools["code"].to_numpy(), county.schools["name"].to_numpy()
    for year, t in county.workforce.training.groupby("year"):
        t = t.sort_values(["started", "course", "person"], ignore_index=True)
        inside = t["school"] >= 0
        at = t["school"].clip(lower=0)
        table = pd.DataFrame(
            {
                "教师编号": t["person"].map(people["code"]),
                "姓名": t["person"].map(people["name"]),
                "学校(机构)标识码": np.where(inside, codes[at], ""),
                "学校(机构)名称": np.where(inside, names[at], f"{county.name}教育科学研究所"),
                "培训项目": t["course"],
                "期次": t["course_no"],
                "项目类别": t["programme"],
                "培训级别": t["level"],
                "培训层次": t["tier"],
                "主办级别": t["organiser"],
                "培训方式": t["mode"],
                "是否上级安排": t["arranged"],
                "岗位类别": t["post"],
                "主要任教学科": t["main_subject"],
                "开始日期": t["started"].dt.strftime("%Y-%m-%d"),
                "结束日期": t["ended"].dt.strftime("%Y-%m-%d"),
                "学时": t["hours"],
                "考核结果": t["result"],
                "是否结业": t["completed"],
                "所属经费项目": t["project"],
            }
        )
        write_csv(home / f"{year}-{int(year) + 1}" / "教师培训登记表.csv", table, UTF8_BOM)  # type: ignore[call-overload]


def write_rotation(folder: Path, county: County, year: int) -> None:
    """Who was due to change school in a year, and who did."""
    r = county.workforce.rotation
    r = r.loc[r["year"] == year].reset_index(drop=True)
    codes = county.schools["code"].to_numpy()
    rows = zip(
        r["code"], r["name"], codes[r["school"]], r["eligible"].map(YES_NO), r["rotated"].map(YES_NO),
        np.where(r["rotated"], codes[r["to_school"].clip(lower=0)], ""),
        np.where(r["rotated"], f"{year}-09-01", ""), np.where(r["rotated"], f"{year + 1}-08-31", ""),
        r["stage"].map(STAGE_ZH), r["level"], strict=True,
    )  # fmt: skip
    header = [
        "教师编号", "姓名", "派出学校标识码", "是否符合交流条件", "是否实际交流", "接收学校标识码", "交流起始日期",
        "交流结束日期", "学段", "骨干级别",
    ]  # fmt: skip
    title = f"{county.name}{year}-{year + 1}学年教师交流轮岗登记表"
    write_workbook(
        folder / "教师交流轮岗登记表.xlsx", [Sheet("交流轮岗", [header], [list(x) for x in rows], title=title)]
    )


def write_links(folder: Path, county: County, year: int) -> None:
    """Which schools each researcher looks after."""
    links = county.workforce.links.loc[county.workforce.links["year"] == year].merge(
        county.workforce.researchers[["person", "code", "name"]], on="person"
    )
    info = county.schools.loc[links["school"]].reset_index(drop=True)
    table = pd.DataFrame(
        {
            "研训员编号": links["code"],
            "姓名": links["name"],
            "学校(机构)标识码": info["code"],
            "学校(机构)名称": info["name"],
            "联系起始日期": f"{year}-09-01",
            "联系终止日期": f"{year + 1}-08-31",
        }
    )
    write_csv(folder / "研训员联系学校表.csv", table, UTF8_BOM)


def write_intake(folder: Path, county: County, year: int) -> None:
    """Publicly funded student teachers admitted in a calendar year."""
    n = county.workforce.intake.loc[county.workforce.intake["year"] == year]
    rows = zip([year] * len(n), n["identity"], n["name"], n["level"], n["main_subject"], n["university"], strict=True)
    header = ["年度", "身份证件号", "姓名", "级别", "学科", "录取院校"]
    title = f"{county.name}{year}年公费师范生录取名单"
    write_workbook(folder / "公费师范生录取名单.xlsx", [Sheet("名单", [header], [list(r) for r in rows], title=title)])
