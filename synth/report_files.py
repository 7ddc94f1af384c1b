"""School reports, rosters and lists: the files of a school year except the score sheets."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from synth.county import County
from synth.exams import CUT_SHARES, PURPOSE, SUBJECTS, Exam, full_mark, is_examined
from synth.faults import Faults
from synth.schools import COMPULSORY, GRADE_ZH, STAGE_ZH
from synth.sheets import UTF8_BOM, Sheet, write_csv, write_workbook
from synth.sitting_files import parameter_rows

REPORT_UPPER = (
    "学校(机构)标识码", "学校(机构)名称", "行政区划代码", "学段", "办学类型", "城乡分类", "举办者", "班数",
    "在校生数", "", "招生数", "毕业生数", "教职工数", "专任教师数", "", "县级及以上骨干教师数", "教室(间)",
    "网络多媒体教室(间)",
    "教学及辅助用房(平方米)", "其中:室内体育用房(平方米)", "运动场地面积(平方米)", "教学仪器设备资产值(万元)",
    "在编教职工", "预计毕业生数", "心理健康档案建档人数", "学校角色", "所属教育集团", "所属学区", "所属中心学校标识码",
    "是否寄宿制学校", "是否普惠性幼儿园", "是否纳入评估",
)  # fmt: skip
_WORDS = 7  # columns of words at the end
REPORT_LOWER = ("",) * 8 + ("合计", "其中:女") + ("",) * 3 + ("合计", "其中:研究生毕业") + ("",) * 17
_YES_NO = {True: "是", False: "否"}
_SINCE, _TOWNS_UNTIL, _STREETS_SINCE = "2001-01-01", "2018-12-31", "2019-01-01"
_FIRST_NUMBER = 7  # column index of 班数
_STUDENTS = 8
_PARAMETERS = [
    "考试名称", "考试日期", "级别", "考试类型", "用途", "年级", "学科", "满分", "优秀线", "良好线", "及格线", "低分线",
    "分母规则",
]  # fmt: skip
PLANS = (
    ("000", "2024-01-01", "2025-12-31"),
    ("001", "2022-01-01", "2025-12-31"),
    ("002", "2022-09-01", "2025-12-31"),
    ("003", "2021-01-01", "2025-12-31"),
    ("004", "2022-01-01", "2025-12-31"),
)


def write_lists(folder: Path, county: County) -> None:
    """The region list and the plans that bind the county."""
    rows = [
        (county.city_code, county.city_name, "city", "", "", _SINCE, ""),
        (county.region_code, county.name, "county", county.city_code, "", _SINCE, ""),
    ]
    towns = county.schools.drop_duplicates("township_code").sort_values("township_code")
    for code, town in zip(towns["township_code"], towns["township"], strict=True):
        # A town that became streets was given another code then; the old one is still in the list.
        street, old = town.endswith("街道"), f"{code[:6]}2{code[7:]}"
        above = ("township", county.region_code)
        rows.append((code, town, *above, old if street else "", _STREETS_SINCE if street else _SINCE, ""))
        if street:
            rows.append((old, f"{town.removesuffix('街道')}镇", *above, "", _SINCE, _TOWNS_UNTIL))
    columns = ["行政区划代码", "名称", "级别", "上级代码", "原代码", "启用日期", "停用日期"]
    regions = pd.DataFrame(rows, columns=columns)
    write_csv(folder / "行政区划.csv", regions)
    plans = pd.DataFrame(PLANS, columns=["文件代码", "生效日期", "失效日期"])
    plans.insert(0, "行政区划代码", county.region_code)
    write_csv(folder / "规划约束.csv", plans)


def report_name(stage: str) -> str:
    """File name of the school report of a stage."""
    return f"{STAGE_ZH[stage]}基表.xlsx"


def write_reports(folder: Path, county: County, year: int, faults: Faults) -> dict[str, int]:
    """One workbook a stage. Returns the 1-based row of the total line of each."""
    total_rows = {}
    for stage in STAGE_ZH:
        rows = _report_rows(county, year, stage)
        if not rows:
            continue
        totals = [sum(r[c] for r in rows) for c in range(_FIRST_NUMBER, len(REPORT_UPPER) - _WORDS)]
        totals = [round(t, 2) for t in totals]
        totals[_STUDENTS - _FIRST_NUMBER] += faults.wrong_total.get((year, stage), 0)
        zh = STAGE_ZH[stage]
        sheet = Sheet(
            name=f"{zh}基表",
            title=f"{year}-{year + 1}学年初{zh}基本情况统计表",
            before=[
                [f"统计时点:{year}年9月1日", *[""] * (len(REPORT_UPPER) - 2), "单位:人、个、间、平方米、万元"],
            ],
            header=[REPORT_UPPER, REPORT_LOWER],
            rows=rows,
            after=[
                ["合计", *[""] * (_FIRST_NUMBER - 1), *totals],
                ["注:一贯制学校按学部分别填报;教学及辅助用房含室内体育用房。"],
            ],
        )
        write_workbook(folder / report_name(stage), [sheet])
        total_rows[stage] = 4 + len(rows) + 1
    return total_rows


def _report_rows(county: County, year: int, stage: str) -> list[list[object]]:
    s = county.sections
    s = s.loc[(s["year"] == year) & (s["stage"] == stage)].merge(county.schools, on="school")
    columns = [
        s["code"], s["name"], pd.Series(county.region_code, index=s.index), pd.Series(STAGE_ZH[stage], index=s.index),
        s["type_code"], s["urban_rural"], s["is_private"].map({True: "民办", False: "公办"}),
        s["classes"], s["pupils"], s["female"], s["entrants"], s["graduates"], s["staff"], s["teachers"],
        s["postgraduates"], s["backbones"], s["classroom_count"], s["multimedia_room_count"],
        s["auxiliary_c"] / 100, s["indoor_c"] / 100, s["ground_c"] / 100, s["equipment_h"] / 100,
        s["established"], s["leaving"], s["psych_records"], s["role"], s["group"], s["district"], s["parent_code"],
        s["boarding"].map(_YES_NO), s["inclusive"],
        pd.Series("是" if stage in COMPULSORY else "否", index=s.index),
    ]  # fmt: skip
    return [list(row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def write_parameters(folder: Path, exam: Exam) -> None:
    """Full marks and cuts per grade and subject, in points."""
    rows = []
    for grade in range(3, 10):
        for subject in SUBJECTS:
            if not is_examined(grade, subject):
                continue
            full = full_mark(grade, subject)
            cuts = [full * share / 100 for share in CUT_SHARES.values()]
            rows.append(
                [exam.name, exam.date, "县", "期末", PURPOSE, GRADE_ZH[grade], subject, full]
                + [int(c) if c == int(c) else c for c in cuts]
                + ["scored"]
            )
    rows += parameter_rows(exam.year)
    write_csv(folder / "考试科目参数.csv", pd.DataFrame(rows, columns=_PARAMETERS, dtype=object), UTF8_BOM)
