"""Flaws of score sheets and of the registration of candidates."""

from __future__ import annotations

from synth.flaws.bench import Bench, Spot, Table
from synth.flaws.registry import NOTE, REJECT_ROW, flaw

# Sheets of schools in which nothing else is planted: a workbook with two header rows, a plain one, two text tables.
_TITLED, _PLAIN, _TEXT = "exam_scores/2199201011_*", "exam_scores/3199201010_*", "exam_scores/2199201012_*"
_ZHONGKAO = "升学考试/*中考*"
_MATHS = 8  # column of 数学 in every sheet of the monitoring


def _scored(bench: Bench, name: str, key: str) -> tuple[Table, int]:
    """A row with a mark in mathematics."""
    table = bench.table(name)
    return table, bench.pick_at(table, key, lambda cells: isinstance(cells[_MATHS], int | float))


def _mark(bench: Bench, name: str, key: str, value: object) -> Spot:
    table, row = _scored(bench, name, key)
    return table.put_at(row, _MATHS, value)


@flaw("S001", "数学成绩高于满分", REJECT_ROW, "row_rejects", "above_full_mark")
def above_full_mark(bench: Bench) -> Spot:
    return _mark(bench, _TITLED, "S001", 131)


@flaw("S002", "数学成绩为负数(不是缺考的-1)", REJECT_ROW, "row_rejects", "negative_score")
def negative(bench: Bench) -> Spot:
    return _mark(bench, _TITLED, "S002", -12)


@flaw("S003", "成绩栏写了等级“优”", REJECT_ROW, "row_rejects", "bad_mark")
def grade_for_mark(bench: Bench) -> Spot:
    return _mark(bench, _PLAIN, "S003", "优")


@flaw("S004", "成绩是公式错误值", REJECT_ROW, "row_rejects", "bad_mark")
def formula_error(bench: Bench) -> Spot:
    return _mark(bench, _PLAIN, "S004", "#DIV/0!")


@flaw("S005", "总分不等于各科之和", REJECT_ROW, "row_rejects", "total_mismatch")
def wrong_total(bench: Bench) -> Spot:
    table = bench.table(_PLAIN)
    # Where a subject has no mark (E007) a total cannot be checked.
    row = bench.pick_at(table, "S005", lambda cells: all(isinstance(m, int | float) for m in cells[7:10]))
    last = len(table.columns) - 1
    return table.put_at(row, last, float(str(table.rows[row][last])) + 10)


@flaw("S006", "同一学生在同一成绩册中出现两次且分数不同", REJECT_ROW, "row_rejects", "duplicate_key")
def twice_with_other_marks(bench: Bench) -> Spot:
    table, row = _scored(bench, _TEXT, "S006")
    again = list(table.rows[row])
    again[_MATHS] = float(str(again[_MATHS])) / 2
    return table.add(again)


@flaw("S007", "同一行重复粘贴", REJECT_ROW, "row_rejects", "duplicate_row")
def pasted_twice(bench: Bench) -> Spot:
    table, row = _scored(bench, _TEXT, "S007")
    return table.add(list(table.rows[row]))


@flaw("S008", "成绩册中学籍号没有填", REJECT_ROW, "row_rejects", "required")
def no_number(bench: Bench) -> Spot:
    table, row = _scored(bench, _TEXT, "S008")
    return table.put_at(row, 0, "")


@flaw("S009", "成绩册中班级没有填", REJECT_ROW, "row_rejects", "required")
def no_class(bench: Bench) -> Spot:
    table, row = _scored(bench, _PLAIN, "S009")
    return table.put_at(row, 4, "")


@flaw("S010", "成绩册中年级写成“毕业年级”", REJECT_ROW, "row_rejects", "not_in_list")
def unknown_grade(bench: Bench) -> Spot:
    table, row = _scored(bench, _TITLED, "S010")
    return table.put_at(row, 3, "毕业年级")


@flaw("S011", "报名表中学籍号末位校验码不对", REJECT_ROW, "row_rejects", "id_check_digit")
def wrong_check_digit(bench: Bench) -> Spot:
    table = bench.table("中考报名表.csv")
    row = bench.pick(table, "S011", lambda c: str(c["学籍号"])[0] == "G")
    number = str(table.cell(row, "学籍号"))
    return table.put(row, "学籍号", number[:-1] + ("1" if number[-1] != "1" else "2"))


@flaw("S012", "中考成绩中的考号不在报名表中", REJECT_ROW, "row_rejects", "unregistered_exam_no")
def unregistered(bench: Bench) -> Spot:
    table = bench.table(_ZHONGKAO)
    return table.put(bench.pick(table, "S012"), "考号", "25ZK999999")


@flaw("S013", "中考成绩所在学校不在本县名单中", REJECT_ROW, "row_rejects", "unknown_school")
def unknown_school(bench: Bench) -> Spot:
    table = bench.table(_ZHONGKAO)
    return table.put(bench.pick(table, "S013"), "学校标识码", "3199209991")


@flaw("S014", "分数后面带“分”字", NOTE)
def with_unit(bench: Bench) -> Spot:
    table, row = _scored(bench, _TEXT, "S014")
    return table.put_at(row, _MATHS, f"{table.rows[row][_MATHS]}分")


@flaw("S015", "分数是全角数字", NOTE)
def full_width(bench: Bench) -> Spot:
    table, row = _scored(bench, _PLAIN, "S015")
    digits = str(table.rows[row][_MATHS]).split(".")[0]
    total = len(table.columns) - 1
    table.put_at(row, total, "")
    return table.put_at(row, _MATHS, "".join(chr(ord(c) + 0xFEE0) for c in digits))


@flaw("S016", "满分没有填", REJECT_ROW, "row_rejects", "required")
def no_full_mark(bench: Bench) -> Spot:
    table = bench.table("考试科目参数.csv")
    row = bench.pick(table, "S016", lambda c: c["考试类型"] == "三校生高考")
    return table.add([*table.rows[row][:5], "高二", table.rows[row][6], "", *table.rows[row][8:]])


@flaw("S017", "及格线高于优秀线", REJECT_ROW, "row_rejects", "cuts_in_order")
def cuts_out_of_order(bench: Bench) -> Spot:
    """In the parameters of a test that nobody sat: those of a test that was sat would keep its sheets waiting."""
    table = bench.table("考试科目参数.csv")
    row = bench.pick(table, "S017", lambda c: c["考试类型"] == "三校生高考")
    return table.add([*table.rows[row][:5], "高一", table.rows[row][6], 100, 85, 70, 95, 40, "scored"])
