"""Flaws of what is not there: files never sent, files that wait for others, files of which nothing can be taken."""

from __future__ import annotations

from synth.flaws.bench import Bench, Spot, Table
from synth.flaws.files import file_spot
from synth.flaws.registry import EXPLAIN, NOTE, REJECT_FILE, flaw, folder_of
from synth.sheets import Sheet, write_workbook

_NEW_SCHOOL = "2199201011"


@flaw("E011", "上一财政年度的经费执行表没有报送", EXPLAIN, "submission_completeness")
def no_execution(bench: Bench) -> Spot | None:
    path = bench.take_away(bench.earlier_money, "教育经费执行表*")
    return path and Spot(path, entity_type="source", entity_id="budget_execution", school_year=bench.earlier)


@flaw("E012", "一所大校上学年成绩没有报送", EXPLAIN, "school_missing_in_exam")
def no_marks(bench: Bench) -> Spot | None:
    path = bench.take_away(bench.earlier, f"exam_scores/{_NEW_SCHOOL}_*")
    grades = ";".join(f"{_NEW_SCHOOL}/{g}" for g in range(3, 7))
    return path and Spot(path, entity_type="school_grade", entity_id=grades, school_year=bench.earlier)


@flaw("N001", "一所大校上学年成绩缺,本学年四至七年级增值匹配不足", NOTE, "value_added_match_rate")
def few_matched(bench: Bench) -> Spot | None:
    """What the marks that were not sent do to the year after."""
    if not bench.earlier:
        return None
    pairs = [f"{bench.earlier}/{bench.year}/{g}/{s}" for g in range(4, 8) for s in ("语文", "数学", "英语")]
    table = bench.table(f"exam_scores/{_NEW_SCHOOL}_*")
    return Spot(table.path, entity_type="exam_pair", entity_id=";".join(pairs))


@flaw("F013", "四年级科学成绩册先于其考试科目参数报送", EXPLAIN, "waiting_files", on_disk=True)
def before_its_parameters(bench: Bench) -> Spot:
    path = folder_of(bench) / "exam_scores" / "青龙教学点_科学测验成绩.xlsx"
    header = ["学籍号", "学校标识码", "学校", "年级", "班级", "姓名", "性别", "科学"]
    rows = [
        ["G990201201409220023", "2199201005", "青龙教学点", "四年级", "1班", "钟佳彤", "女", 91],
        ["G990201201410280031", "2199201005", "青龙教学点", "四年级", "1班", "谭一川", "男", 64],
    ]
    write_workbook(path, [Sheet("成绩", [header], rows, title=f"{bench.year}学年科学测验成绩册")])
    return file_spot(path)


@flaw("F014", "县级编制总额全部写成“待核”", REJECT_FILE, "rejected_files")
def nothing_to_take(bench: Bench) -> Spot:
    table: Table = bench.table("县级教职工编制总额表.xlsx")
    for i in range(len(table.rows)):
        table.put(i, "教职工编制总额", "待核")
    return Spot(table.path, entity_type="file")
