"""Reference data (区划、规划、学校变更、学籍号变更、人口、考试参数与计划): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_REFERENCE

SOURCES = {
    "regions",
    "plan_bindings",
    "school_succession",
    "student_number_changes",
    "population",
    "disabled_register",
    "exam_parameters",
    "exam_plans",
    "curriculum_plan",
    "key_points",
}


@dag(**ingest_settings("Region list, plan bindings, school and number changes, population, exam parameters and plans"))
def ingest_reference():
    ingest_group(SOURCES, RAW_REFERENCE, "new_reference")


ingest_reference()
