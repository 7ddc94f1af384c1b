"""Flaws that stop a year or want a reason: figures that contradict each other, though every row is well formed."""

from __future__ import annotations

from synth.flaws.bench import Bench, Spot, letter
from synth.flaws.registry import BLOCK, EXPLAIN, flaw

_STUDENTS, _CLASSES, _TEACHERS, _BACKBONES, _CLASSROOMS, _MULTIMEDIA, _EQUIPMENT = (
    8,
    7,
    13,
    15,
    16,
    17,
    21,
)  # columns of the school report
_POINT = "2199201005"  # a teaching point: its pupils are so few that no change of theirs is a jump


def _total(bench: Bench, name: str, column: int, more: int) -> Spot:
    """Makes the total line of a workbook larger than its rows."""
    path = bench.path(name)
    page = bench.waiting[path][0]  # type: ignore[index]
    lines = [list(line) for line in page.after]
    lines[0][column] = int(lines[0][column]) + more
    page.after = lines
    first = bool(page.title) + len(page.before) + len(page.header) + 1
    return Spot(path, str(first + len(page.rows)), letter(column))


@flaw("E001", "分年级表合计行在校生数多30人", EXPLAIN, "total_row_mismatch")
def grades_total(bench: Bench) -> Spot:
    return _total(bench, "分年级学生情况统计表.xlsx", 5, 30)


@flaw("E002", "编制表合计行核定编制数多5个", EXPLAIN, "total_row_mismatch")
def posts_total(bench: Bench) -> Spot:
    return _total(bench, "学校编制情况表.xlsx", 4, 5)


@flaw("E003", "幼儿园班数填为零", EXPLAIN, "zero_or_empty_school")
def no_class(bench: Bench) -> Spot:
    table = bench.table("学前基表.xlsx")
    return _section(bench, table.put_at(0, _CLASSES, 0), "section", f"{table.rows[0][0]}/preschool")


@flaw("E004", "幼儿园在园幼儿数多填一半", EXPLAIN, "year_on_year_change")
def half_more(bench: Bench) -> Spot:
    table = bench.table("学前基表.xlsx")
    more = int(int(str(table.rows[1][_STUDENTS])) * 1.5)
    return _section(
        bench, table.put_at(1, _STUDENTS, more), "section_measure", f"{table.rows[1][0]}/preschool/student_count"
    )


@flaw("E005", "高中基表专任教师数比花名册多2人", EXPLAIN, "roster_vs_report")
def more_teachers(bench: Bench) -> Spot:
    table = bench.table("高中基表.xlsx")
    more = int(str(table.rows[0][_TEACHERS])) + 2
    return _section(bench, table.put_at(0, _TEACHERS, more), "section", f"{table.rows[0][0]}/senior")


@flaw("E027", "小学基表县级以上骨干教师数比荣誉登记多1人", EXPLAIN, "backbone_vs_report")
def more_backbones(bench: Bench) -> Spot:
    table = bench.table("小学基表.xlsx")
    more = int(str(table.rows[0][_BACKBONES])) + 1
    return _section(bench, table.put_at(0, _BACKBONES, more), "section", f"{table.rows[0][0]}/primary")


@flaw("E006", "一所幼儿园漏报基表", EXPLAIN, "school_set_change")
def left_out(bench: Bench) -> Spot:
    table = bench.table("学前基表.xlsx")
    code = str(table.rows[-1][0])
    table.rows.pop()
    table.keep(table.rows)
    return Spot(table.path, entity_type="school", entity_id=code)


@flaw("E007", "一所学校九年级英语全部没有成绩", EXPLAIN, "exam_subject_missing")
def no_english(bench: Bench) -> Spot:
    table = bench.table("exam_scores/3199201010_*")
    for row, cells in enumerate(table.rows):
        if cells[3] == "九年级":
            table.put_at(row, 9, "")
    return Spot(table.path, "", "J", "school_grade_subject", "3199201010/9/英语")


@flaw("E008", "一个项目的决算超过调整预算", EXPLAIN, "budget_vs_execution")
def overspent(bench: Bench) -> Spot:
    table = bench.table("教育经费执行表.csv")
    row = bench.pick(table, "E008", lambda c: c["项目名称"] == "教室照明改造工程" and c["口径"] == "决算")
    column = table.columns[-1]
    spot = table.put(row, column, str(round(float(str(table.cell(row, column))) * 1.4, 2)))
    return _section(bench, spot, "project", f"{table.rows[row][0]}/教室照明改造工程")


@flaw("B001", "年初预算各行以元填报,表头仍是万元", BLOCK, "money_factor_10000")
def budget_in_yuan(bench: Bench) -> Spot:
    table = bench.table("教育经费预算表.xlsx")
    column = next(c for c in table.columns if c.startswith("预算金额"))
    initial = [i for i, c in enumerate(table.rows) if "年初预算" in c]
    spots = [table.put(i, column, round(float(str(table.cell(i, column))) * 10000, 2)) for i in initial]
    return Spot(spots[0].path, spots[0].row, spots[0].column, "measure", "budget_amount_yuan")


@flaw("B002", "各学段基表的教学仪器设备资产值以元填报,表头仍是万元", BLOCK, "money_factor_10000")
def equipment_in_yuan(bench: Bench) -> Spot:
    spots = []
    for name in ("小学基表.xlsx", "初中基表.xlsx", "学前基表.xlsx"):
        table = bench.table(name)
        for i, cells in enumerate(table.rows):
            spots.append(table.put_at(i, _EQUIPMENT, round(float(str(cells[_EQUIPMENT])) * 10000, 2)))
        page = bench.waiting[table.path][0]  # type: ignore[index]
        page.after = [list(line) for line in page.after]
        page.after[0][_EQUIPMENT] = round(float(page.after[0][_EQUIPMENT]) * 10000, 2)
    return Spot(spots[0].path, spots[0].row, spots[0].column, "measure", "equipment_value_yuan")


@flaw("E009", "教学点在校生数少填,少于成绩册上的学生", EXPLAIN, "pupils_vs_report")
def fewer_than_sat(bench: Bench) -> Spot:
    table = bench.table("小学基表.xlsx")
    row = next(i for i, cells in enumerate(table.rows) if str(cells[0]) == _POINT)
    fewer = len(bench.table(f"exam_scores/{_POINT}_*").rows) - 2
    return _section(bench, table.put_at(row, _STUDENTS, fewer), "section", f"{_POINT}/primary")


@flaw("E030", "小学各校教室数整列填了同一个数", EXPLAIN, "constant_column")
def one_figure_for_all(bench: Bench) -> Spot:
    table = bench.table("小学基表.xlsx")
    spots = [table.put_at(row, _CLASSROOMS, 12) for row in range(len(table.rows))]
    page = bench.waiting[table.path][0]  # type: ignore[index]
    page.after = [list(line) for line in page.after]
    page.after[0][_CLASSROOMS] = 12 * len(spots)
    return Spot(spots[0].path, spots[0].row, spots[0].column, "form_column", "primary/classroom_count")


@flaw("E010", "小学、初中各校网络多媒体教室全部填为零", EXPLAIN, "published_flat")
def no_multimedia(bench: Bench) -> Spot:
    for name in ("初中基表.xlsx", "小学基表.xlsx"):
        table = bench.table(name)
        for row in range(len(table.rows)):
            spot = table.put_at(row, _MULTIMEDIA, 0)
        page = bench.waiting[table.path][0]  # type: ignore[index]
        page.after = [list(line) for line in page.after]
        page.after[0][_MULTIMEDIA] = 0
    metric = "pub_indicator_value/res_multimedia_rooms_per100"
    return Spot(spot.path, str(table.first), spot.column, "metric", metric)


def _section(bench: Bench, spot: Spot, entity_type: str, entity_id: str) -> Spot:
    return Spot(spot.path, spot.row, spot.column, entity_type, entity_id)
