"""Exam score sheets (考试成绩册): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_EXAM_SCORES

SOURCES = {"exam_scores"}


@dag(**ingest_settings("Exam score sheets"))
def ingest_exam_scores():
    ingest_group(SOURCES, RAW_EXAM_SCORES, "new_exam_scores")


ingest_exam_scores()
