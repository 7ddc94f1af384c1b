"""Exam score sheets and results (报名、成绩册、上级成绩通报): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_EXAM_SCORES

SOURCES = {
    "exam_registration",
    "exam_scores",
    "exam_school_summary",
    "gaokao_results",
    "peer_exam_results",
    "peer_gaokao",
    "zhongkao_composite",
    "city_rankings",
    "teacher_competitions",
    "national_monitoring",
}


@dag(**ingest_settings("Registrations, score sheets and results from above"))
def ingest_exam_scores():
    ingest_group(SOURCES, RAW_EXAM_SCORES, "new_exam_scores")


ingest_exam_scores()
