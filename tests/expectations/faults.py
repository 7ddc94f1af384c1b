"""One planted fault for each check of forms that must agree, of registers, and of what came twice or late."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from tests.expectations.house import EXAM, REGION, YEAR, House

_SCHOOL = f"school_code = '2199020002' and school_year = '{YEAR}'"
_GRADE = f"{_SCHOOL} and grade = 4"
_SCORES = f"exam_id = '{EXAM}' and school_code = '2199020002'"
# A third class that has the marks of the second, pupil by pupil.
_COPY = f"""
insert into fct_exam_score_person
select region_code, school_year, exam_id, '2199020002-9' || row_number() over (), school_code, grade, '3班', subject,
       score, score_status
from fct_exam_score_person where {_SCORES} and class_name = '2班';
"""

CORRECTION = (
    f"insert into input_correction values ('c1', '{REGION}', 'school_report', '{YEAR}', 'school_code=2199020002',"
    " 'student_count', '12', '120', '漏写', '统计科', '2024-01-01', '%s', '%s', '', '', 5, '12')"
)

# Three hundred pupils of the region's schools sat both exams; in the later one Chinese was marked out of fifty.
MANY = f"""
insert into fct_exam_score_person by name
select p.* replace (p.student_key || '-' || i as student_key)
from fct_exam_score_person p cross join range(10) as r (i)
where p.region_code = '{REGION}' and p.grade = 4;
"""
OTHER_SCALE = f"update fct_exam_score_person set score = score / 2 where exam_id = '{EXAM}' and subject = '语文';"


def _blank_classes(house: House) -> None:
    """The region's score sheets lost their classes on the way into raw."""
    [path] = (house.settings.raw / "exam_scores").rglob("1.parquet")
    with duckdb.connect() as con:
        con.execute(f"create table batch as from read_parquet('{path}', hive_partitioning = false)")
        con.execute(f"update batch set class_name = null where region_code = '{REGION}'")
        con.execute(f"copy batch to '{path}'")


# check -> severity it must ship with, the fault, and the one finding expected (entity type and id).
OF_FACTS: dict[str, tuple[str, str | Callable[[House], None], tuple[str, str]]] = {
    "claim_conflict": (
        "warning",
        f"insert into input_claim_conflict values ('teacher_roster-{REGION}', 'same_claim', '{REGION}',"
        " 'a/花名册.xlsx', 'b/花名册(终).xlsx', 9)",
        ("submission", f"teacher_roster/{REGION}/{YEAR}"),
    ),
    "claim_overlap": (
        "critical",
        f"insert into input_claim_conflict values ('teacher_roster-{REGION}', 'overlap', '2199020002',"
        " 'b/花名册(终).xlsx', 'a/花名册.xlsx', 9)",
        ("submission", f"teacher_roster/{REGION}/{YEAR}"),
    ),
    "correction_in_order": ("critical", CORRECTION % ("2999-12-31", "ambiguous"), ("correction", "c1")),
    "correction_idle": ("info", CORRECTION % ("2999-12-31", "healed"), ("correction", "c1")),
    "late_after_edition": (
        "info",
        f"insert into input_late_arrival values ('teacher_roster-{REGION}', '{YEAR}', '1.0')",
        ("submission", f"teacher_roster/{REGION}/{YEAR}"),
    ),
    "assessment_recomputed": (
        "critical",
        "update fct_balance_school_item set gap_units = 9"
        " where school_code = '2199020001' and item_code = 'above_required_edu_teachers'",
        ("assessment", "school_item/2199020001/primary/above_required_edu_teachers"),
    ),
    "succession_without_successor": (
        "warning",
        "insert into bridge_school_succession"
        f" values ('{REGION}', 'BG2', '合并', '{YEAR}', '2199020003', '2199020077')",
        ("succession", "BG2/2199020077"),
    ),
    "register_dates": (
        "warning",
        f"update fct_activity set held_on = date '2022-03-08' where region_code = '{REGION}'",
        ("register", "activities"),
    ),
    "pupil_roster_vs_enrolment": (
        "warning",
        f"delete from fct_student_snapshot_person where {_GRADE} and student_key = '2199020002-20'",
        ("section_grade", "2199020002/primary/4"),
    ),
    "enrolment_vs_report": (
        "warning",
        f"update fct_enrolment_snapshot set student_count = 21 where {_GRADE}",
        ("section_measure", "2199020002/primary/student_count"),
    ),
    "class_sizes_vs_enrolment": (
        "warning",
        f"insert into fct_class_size_snapshot select * from fct_class_size_snapshot where {_GRADE}",
        ("section_grade", "2199020002/primary/4"),
    ),
    "honour_teacher_unknown": (
        "warning",
        "update fct_teacher_honour_person set teacher_key = 'nobody' where school_code = '2199020002'",
        ("school", "2199020002"),
    ),
    "honours_expired": (
        "info",
        f"update fct_teacher_honour_person set valid_until = date '2023-08-31' where region_code = '{REGION}'",
        ("title", "骨干教师"),
    ),
    "project_children_vs_parent": (
        "warning",
        f"update fct_project set planned_yuan = 300001 where project_code = 'QN-2' and region_code = '{REGION}'",
        ("project", "QN/planned_yuan"),
    ),
    "payments_above_budget": (
        "warning",
        f"update fct_fund_payment set amount_yuan = 250000.01 where region_code = '{REGION}'",
        ("project", "校舍维修"),
    ),
    "pupils_vs_population": (
        "warning",
        # 420 pupils; 6 ages of 34 make 204, and twice that is less.
        f"update fct_population_age set population_count = 34 where region_code = '{REGION}' and calendar_year = 2023",
        ("stage", "primary"),
    ),
    "teacher_in_two_schools": (
        "warning",
        f"""insert into fct_teacher_snapshot_person
            values ('2199020002-t', '2199020003', 'primary', '{YEAR}', '{REGION}', true, 4, false)""",
        ("school", "2199020002"),
    ),
    "duplicated_class_marks": ("warning", _COPY, ("school_grade", "2199020002/4")),
    "funded_pupils_vs_report": (
        "warning",
        "update fct_student_funding set funded_student_count = 133 where school_code = '2199020002'",
        ("section", "2199020002/primary"),
    ),
    "constant_column": (
        "warning",
        f"""
        insert into fct_school_resource_snapshot by name
        select s.* replace ('219902001' || i as school_code)
        from fct_school_resource_snapshot s cross join range(4) as r (i)
        where s.school_code = '2199020002' and s.school_year = '{YEAR}';
        update fct_school_resource_snapshot set classroom_count = 12,
          class_count = 6 + cast(right(school_code, 1) as integer), multimedia_room_count = class_count + student_count
        where region_code = '{REGION}' and school_year = '{YEAR}'
        """,
        ("form_column", "primary/classroom_count"),
    ),
    "raw_contract": ("critical", _blank_classes, ("raw_rule", "exam_scores/class_name/missing")),
    "score_drift": ("warning", MANY + OTHER_SCALE, ("exam_subject", f"{EXAM}/4/语文")),
    "swapped_schools": (
        "warning",
        f"""update fct_exam_score_person set student_key = replace(student_key, '2199020002-', '2199020003-')
            where {_SCORES} and cast(split_part(student_key, '-', 2) as int) <= 7""",
        ("school_grade", "2199020002/4"),
    ),
    "constant_scores": (
        "warning",
        f"""update fct_exam_group_stat set min_score = 88, max_score = 88
            where exam_id = '{EXAM}' and subject = '语文' and group_type = 'school' and group_code = '2199020002'""",
        ("school_grade_subject", "2199020002/4/语文"),
    ),
}
