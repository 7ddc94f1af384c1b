"""School statistical reports (学校统计报表): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_SCHOOL_REPORTS

SOURCES = {"school_report"}


@dag(**ingest_settings("School statistical reports"))
def ingest_school_reports():
    ingest_group(SOURCES, RAW_SCHOOL_REPORTS, "new_school_reports")


ingest_school_reports()
