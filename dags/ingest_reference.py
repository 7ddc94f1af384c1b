"""Reference data (区划、规划适用范围、教师花名册、考试参数): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_REFERENCE

SOURCES = {"regions", "plan_bindings", "teacher_roster", "exam_parameters"}


@dag(**ingest_settings("Region list, plan bindings, teacher rosters and exam parameters"))
def ingest_reference():
    ingest_group(SOURCES, RAW_REFERENCE, "new_reference")


ingest_reference()
