"""The files about lessons and posts of a school year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.county import County
from synth.schools import GRADE_ZH, STAGE_ZH
from synth.sheets import UTF8_BOM, Sheet, write_csv, write_workbook
from synth.teaching import plan_table


def write_teaching(folder: Path, county: County, year: int) -> None:
    """Prescribed lessons, timetables, who teaches whom, exercise, posts and what subjects want."""
    _write_plan(folder, year)
    _write_timetable(folder, county, year)
    _write_assignments(folder, county, year)
    _write_exercise(folder, county, year)
    _write_posts(folder, county, year)
    _write_wanted(folder, county, year)


def _of(table: pd.DataFrame, year: int) -> pd.DataFrame:
    return table.loc[table["year"] == year].reset_index(drop=True)


def _place(county: County, rows: pd.DataFrame) -> dict[str, pd.Series]:
    info = county.schools.loc[rows["school"]].reset_index(drop=True)
    return {"学校(机构)标识码": info["code"], "学校(机构)名称": info["name"]}


def _class(rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {"年级": rows["grade"].map(GRADE_ZH), "班级": rows["class_no"].astype(str) + "班"}


def _write_plan(folder: Path, year: int) -> None:
    plan = plan_table()
    rows = [[GRADE_ZH[g], s, n] for g, s, n in plan.itertuples(index=False)]
    title = f"{year}-{year + 1}学年义务教育课程方案规定周课时表"
    sheet = Sheet("课程方案", [["年级", "学科", "规定周课时数"]], rows, title=title)
    write_workbook(folder / "课程方案规定周课时表.xlsx", [sheet])


def _write_timetable(folder: Path, county: County, year: int) -> None:
    t = _of(county.workforce.timetable, year)
    t = t.sort_values(["school", "grade", "class_no", "lesson", "subject"], ignore_index=True)
    table = pd.DataFrame(
        {
            **_place(county, t),
            **_class(t),
            "课程": t["subject"],
            "课程类型": t["lesson"],
            "周课时": t["periods"].map(lambda v: "" if np.isnan(v) else f"{v:g}"),
            "学期节数": t["term_lessons"].map(lambda v: "" if np.isnan(v) else f"{v:g}"),
        }
    )
    write_csv(folder / "班级课程安排表.csv", table, UTF8_BOM)


def _write_assignments(folder: Path, county: County, year: int) -> None:
    a = _of(county.workforce.assignments, year)
    people = county.staff.drop_duplicates("person").set_index("person")
    autumn = a["term"] == "上"
    table = pd.DataFrame(
        {
            "教师编号": a["person"].map(people["code"]),
            "姓名": a["person"].map(people["name"]),
            **_place(county, a),
            **_class(a),
            "学科": a["subject"],
            "学期": a["term"],
            "周课时": a["periods"].map("{:g}".format),
            "任课起始日期": np.where(autumn, f"{year}-09-01", f"{year + 1}-02-20"),
            "任课截止日期": np.where(autumn, f"{year + 1}-01-20", f"{year + 1}-07-05"),
        }
    )
    write_csv(folder / "教师任课安排表.csv", table, UTF8_BOM)


def _write_exercise(folder: Path, county: County, year: int) -> None:
    x = _of(county.workforce.exercise, year).sort_values(["school", "grade", "class_no"], ignore_index=True)
    table = pd.DataFrame(
        {
            **_place(county, x),
            **_class(x),
            "体育课周课时": x["pe_periods"],
            "每节分钟数": x["pe_minutes"],
            "大课间分钟数": x["break_minutes"],
            "体育活动分钟数": x["activity_minutes"],
            "周教学天数": x["days"],
        }
    )
    write_csv(folder / "班级体育锻炼与在校时间表.csv", table, UTF8_BOM)


def _write_posts(folder: Path, county: County, year: int) -> None:
    p = _of(county.workforce.posts, year).sort_values(["stage", "school"], ascending=[False, True], ignore_index=True)
    place = _place(county, p)
    since = p["vacant_since"].dt.strftime("%Y-%m-%d").fillna("")
    rows = zip(*place.values(), p["stage"].map(STAGE_ZH), p["standard"], p["approved"], p["filled"], since, strict=True)
    header = [*place, "学段", "核编标准(生/编)", "核定编制数", "实有在编", "空编起始日期"]
    title = f"{county.name}{year}-{year + 1}学年学校编制情况表"
    after = [["合计", "", "", "", int(p["approved"].sum()), int(p["filled"].sum())]]
    write_workbook(
        folder / "学校编制情况表.xlsx", [Sheet("编制", [header], [list(r) for r in rows], title=title, after=after)]
    )
    totals = _of(county.workforce.post_totals, year)
    period = f"{year}-{year + 1}"
    lines = [[period, STAGE_ZH[s], n] for s, n in zip(totals["stage"], totals["total"], strict=True)]
    title = f"{county.name}{period}学年教职工编制总额表"
    write_workbook(
        folder / "县级教职工编制总额表.xlsx", [Sheet("总额", [["学年", "学段", "教职工编制总额"]], lines, title=title)]
    )


def _write_wanted(folder: Path, county: County, year: int) -> None:
    w = _of(county.workforce.wanted, year)
    table = pd.DataFrame(
        {
            # Without its year the table may be last year's to the letter.
            "学年": f"{year}-{year + 1}",
            **_place(county, w),
            "学段": w["stage"].map(STAGE_ZH),
            "学科": w["subject"],
            "应配教师数": w["wanted"],
        }
    )
    write_csv(folder / "学科应配教师表.csv", table, UTF8_BOM)
