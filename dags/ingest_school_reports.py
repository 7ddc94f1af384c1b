"""School statistical reports and what schools send with them (学校统计报表及附表): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_SCHOOL_REPORTS

SOURCES = {
    "school_report",
    "school_enrolment",
    "senior_enrolment",
    "class_sizes",
    "special_rooms",
    "room_usage",
    "digital_equipment",
    "platform_usage",
    "class_timetable",
    "class_exercise",
    "enrolment_zoning",
    "senior_plans",
    "senior_quotas",
    "fitness_tests",
    "skill_assessments",
}


@dag(**ingest_settings("School statistical reports and the sheets that go with them"))
def ingest_school_reports():
    ingest_group(SOURCES, RAW_SCHOOL_REPORTS, "new_school_reports")


ingest_school_reports()
