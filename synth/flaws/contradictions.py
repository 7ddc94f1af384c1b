"""Flaws that only a second form shows: two tables of one county that cannot both be right."""

from __future__ import annotations

import hashlib

from synth.exams import PURPOSE
from synth.flaws.bench import Bench, Spot, Table
from synth.flaws.registry import BLOCK, EXPLAIN, NOTE, flaw, folder_of

_GRADES = (
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "七年级",
    "八年级",
    "九年级",
    "高一",
    "高二",
    "高三",
)
_JUNIOR = "3199201007"  # its sheet of marks holds no other flaw
_SWAPPED = ("2199201008", "2199201009")
_CODE, _FIRST_MARK = 1, 7  # columns of the sheets of marks
_STATISTICS_DAY = "2024-08-31"


def _grade(name: object) -> int:
    return _GRADES.index(str(name)) + 1


def _recount(bench: Bench, table: Table, column: int) -> None:
    """Makes the total line right again, so that it is not one more flaw."""
    page = bench.waiting[table.path][0]  # type: ignore[index]
    lines = [list(line) for line in page.after]
    lines[0][column] = round(sum(float(str(r[column])) for r in table.rows), 2)
    page.after = lines


@flaw("E013", "班额表一个班多填5人", EXPLAIN, "class_sizes_vs_enrolment")
def larger_class(bench: Bench) -> Spot:
    table = bench.table("班级班额表.csv")
    row = bench.pick(table, "E013", lambda c: c["学段"] == "小学")
    cells = dict(zip(table.columns, table.rows[row], strict=True))
    spot = table.put(row, "班级人数", str(int(str(cells["班级人数"])) + 5))
    entity = f"{cells['学校(机构)标识码']}/primary/{_grade(cells['年级'])}"
    return Spot(spot.path, spot.row, spot.column, "section_grade", entity)


@flaw("E014", "分年级表一个年级少填3人,与学校基表不符", EXPLAIN, "enrolment_vs_report")
def smaller_grade(bench: Bench) -> Spot:
    table = bench.table("分年级学生情况统计表.xlsx")
    row = bench.pick(table, "E014", lambda c: c["学段"] == "初中")
    spot = table.put(row, "在校生数", int(str(table.cell(row, "在校生数"))) - 3)
    return Spot(spot.path, spot.row, spot.column, "section_measure", f"{table.rows[row][0]}/junior/student_count")


@flaw("E015", "学籍花名册漏报一名学生", EXPLAIN, "pupil_roster_vs_enrolment")
def left_off(bench: Bench) -> Spot:
    """The last pupil of the list of a school, so that every other row keeps its number."""
    table = bench.table(f"学籍花名册/{_JUNIOR}_*")
    cells = dict(zip(table.columns, table.rows.pop(), strict=True))
    table.keep(table.rows)
    entity = f"{_JUNIOR}/junior/{_grade(cells['年级'])}"
    return Spot(table.path, entity_type="section_grade", entity_id=entity)


@flaw("E016", "一所初中八年级英语整列填了同一个分数", EXPLAIN, "constant_scores")
def one_mark_for_all(bench: Bench) -> Spot:
    table = bench.table(f"exam_scores/{_JUNIOR}_*")
    for row, cells in enumerate(table.rows):
        if cells[3] == "八年级":
            table.put_at(row, _FIRST_MARK + 2, 60)
            spot = table.put_at(row, len(cells) - 1, "")
    return Spot(spot.path, "", "J", "school_grade_subject", f"{_JUNIOR}/8/英语")


@flaw("E017", "九年级2班成绩照抄1班", EXPLAIN, "duplicated_class_marks")
def copied_class(bench: Bench) -> Spot:
    table = bench.table(f"exam_scores/{_JUNIOR}_*")
    first, second = ([i for i, c in enumerate(table.rows) if (c[3], c[4]) == ("九年级", k)] for k in ("1班", "2班"))
    for source, target in zip(first, second, strict=False):
        for column in range(_FIRST_MARK, len(table.columns)):
            table.put_at(target, column, table.rows[source][column])
    return Spot(table.path, "", "H", "school_grade", f"{_JUNIOR}/9")


@flaw("E018", "两所学校的成绩册互换了学校标识码", EXPLAIN, "swapped_schools")
def swapped(bench: Bench) -> Spot:
    tables = [bench.table(f"exam_scores/{code}_*") for code in _SWAPPED]
    for table, code in zip(tables, reversed(_SWAPPED), strict=True):
        for row in range(len(table.rows)):
            table.put_at(row, _CODE, code)
    return _swapped(tables[0], _SWAPPED[1])


@flaw("E026", "两所学校的成绩册互换了学校标识码(另一所)", EXPLAIN, "swapped_schools")
def swapped_back(bench: Bench) -> Spot:
    """The other sheet of the two."""
    return _swapped(bench.table(f"exam_scores/{_SWAPPED[1]}_*"), _SWAPPED[0])


def _swapped(table: Table, code: str) -> Spot:
    """Shows in grades 3 to 5: the sixth also sat the leaving examination, under the right code."""
    grades = ";".join(f"{code}/{grade}" for grade in range(3, 6))
    return Spot(table.path, "", "B", "school_grade", grades)


@flaw("E019", "荣誉登记表中的教师编号不见于教师信息", EXPLAIN, "honour_teacher_unknown")
def nobody(bench: Bench) -> Spot:
    table = bench.table("教师荣誉登记表.csv")
    row = bench.pick(table, "E019", lambda c: "2024-09-01" <= str(c["获得时间"]) <= "2025-06-30")
    spot = table.put(row, "教师编号", "JS99020109999")
    return Spot(spot.path, spot.row, spot.column, "school", str(table.cell(row, "学校(机构)标识码")))


@flaw("N002", "学科带头人荣誉到期后没有登记新一届", NOTE, "honours_expired")
def all_expired(bench: Bench) -> Spot:
    table = bench.table("教师荣誉登记表.csv")
    rows = [
        i
        for i, c in enumerate(table.rows)
        if c[4] == "学科带头人"
        and str(c[6]) <= _STATISTICS_DAY
        and (table.path, i) not in bench.touched
        and str(c[7]) > _STATISTICS_DAY
    ]
    for row in rows:
        table.put(row, "有效期至", _STATISTICS_DAY)
    return Spot(table.path, entity_type="title", entity_id="学科带头人")


@flaw("E020", "专项资金支付超过预算", EXPLAIN, "payments_above_budget")
def paid_too_much(bench: Bench) -> Spot:
    table = bench.table("专项资金下达与支付表.xlsx")
    column = len(table.columns) - 1
    name = table.cell(0, "项目名称")
    spot = table.put_at(0, column, round(float(str(table.rows[0][column])) * 20, 2))
    _recount(bench, table, column)
    return Spot(spot.path, spot.row, spot.column, "project", str(name))


@flaw("E029", "公用经费核定表中一所初中的学生数多填一半", EXPLAIN, "funded_pupils_vs_report")
def paid_for_more(bench: Bench) -> Spot:
    table = bench.table("生均公用经费核定拨付表.xlsx")
    row = bench.pick(table, "E029", lambda c: c["学段"] == "初中" and int(str(c["核定学生数"])) > 100)
    column = table.columns.index("核定学生数")
    spot = table.put_at(row, column, int(int(str(table.rows[row][column])) * 1.5))
    if bench.waiting[table.path][0].after and bench.waiting[table.path][0].after[0][column]:  # type: ignore[index]
        _recount(bench, table, column)
    return Spot(spot.path, spot.row, spot.column, "section", f"{table.rows[row][0]}/junior")


@flaw("E021", "一个子项目计划投资多填100万元", EXPLAIN, "project_children_vs_parent")
def more_than_its_branch(bench: Bench) -> Spot:
    table = bench.table("教育项目台账.xlsx")
    row = bench.pick(table, "E021", lambda c: c["上级项目编码"] == "QN-J1")
    spot = table.put(row, "计划投资(万元)", float(str(table.cell(row, "计划投资(万元)"))) + 100)
    return Spot(spot.path, spot.row, spot.column, "project", "QN-J1/planned_yuan")


@flaw("E022", "人口统计表6至11岁人口少一位数", EXPLAIN, "pupils_vs_population")
def a_tenth_of_the_children(bench: Bench) -> Spot:
    table = bench.table("分年龄人口统计表.xlsx")
    rows = [i for i in range(len(table.rows)) if 6 <= int(str(table.cell(i, "年龄"))) <= 11]
    spots = [table.put(i, "常住人口数", int(str(table.cell(i, "常住人口数"))) // 10) for i in rows]
    _recount(bench, table, table.columns.index("常住人口数"))
    return Spot(spots[0].path, spots[0].row, spots[0].column, "stage", "primary")


@flaw("E023", "活动日期不在本学年", EXPLAIN, "register_dates")
def another_year(bench: Bench) -> Spot:
    table = bench.table("活动登记表.csv")
    spot = table.put(bench.pick(table, "E023"), "活动日期", "2022-10-12")
    return Spot(spot.path, spot.row, spot.column, "register", "activities")


@flaw("E024", "学校变更登记的原学校不见于上年基表", EXPLAIN, "succession_without_successor")
def unheard_of(bench: Bench) -> Spot:
    table = bench.table("学校变更登记表.xlsx")
    row = ["BG2024099", "合并", "2024-08-20", "2199209990", "岭后教学点", "2199201012", "竹园希望小学", 1.0]
    spot = table.add([*row, "青禾教发〔2024〕99号"])
    return Spot(spot.path, spot.row, "D", "succession", "BG2024099/2199209990")


@flaw("E025", "一名专任教师同时列在两所学校", EXPLAIN, "teacher_in_two_schools")
def in_two_schools(bench: Bench) -> Spot:
    table = bench.table("教师信息.csv")
    row = bench.pick(table, "E025", lambda c: c["岗位类别"] == "专任教师" and c["学校标识码"] == "2199201002")
    again = dict(zip(table.columns, table.rows[row], strict=True))
    again |= {"学校标识码": "2199201012", "学校名称": "竹园希望小学"}
    spot = table.add(list(again.values()))
    return Spot(spot.path, spot.row, "D", "school", "2199201002")


@flaw("E028", "考试科目参数中四年级英语满分写成150分,各校仍按100分填写成绩", EXPLAIN, "score_drift")
def another_scale(bench: Bench) -> Spot | None:
    """Shows only beside the exam of the year before."""
    if not bench.earlier:
        return None
    table = bench.table("考试科目参数.csv")
    row = bench.pick(table, "E028", lambda c: (c["用途"], c["年级"], c["学科"]) == (PURPOSE, "四年级", "英语"))
    spot = table.put(row, "满分", 150)
    named = f"{bench.region}|{table.cell(row, '考试名称')}"
    exam_id = hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()[:16]
    return Spot(spot.path, spot.row, spot.column, "exam_subject", f"{exam_id}/4/英语")


@flaw("F015", "同一份听课记录报了内容不同的两份", EXPLAIN, "claim_conflict", on_disk=True)
def two_versions(bench: Bench) -> Spot:
    data = (folder_of(bench) / "听课评课记录表.csv").read_bytes()
    path = folder_of(bench) / "听课评课记录表(少一行).csv"
    path.write_bytes(data[: data.rstrip().rindex(b"\n") + 1])
    entity = f"lesson_observations/{bench.region}/{bench.year}"
    return Spot(path, entity_type="submission", entity_id=entity)


@flaw("F016", "一所学校另报一个班的锻炼时间,全县总表中已有该校", BLOCK, "claim_overlap", on_disk=True)
def beside_the_list(bench: Bench) -> Spot:
    """The school's own file has a class that the county's list does not have: neither can take the other's place."""
    lines = (folder_of(bench) / "班级体育锻炼与在校时间表.csv").read_text("utf-8-sig").splitlines()
    code, name, grade, _, *rest = lines[1].split(",")
    path = folder_of(bench) / f"班级体育锻炼与在校时间表({name}).csv"
    path.write_text("\n".join([lines[0], ",".join([code, name, grade, "19班", *rest]), ""]), encoding="utf-8-sig")
    return Spot(path, entity_type="submission", entity_id=f"class_exercise/{code}/{bench.year}")
