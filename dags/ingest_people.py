"""Pupils and teachers (学籍、教师、培训、荣誉、交流): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_PEOPLE

SOURCES = {
    "pupil_roster",
    "status_events",
    "teacher_roster",
    "teacher_honours",
    "teacher_training",
    "teacher_rotation",
    "teacher_assignments",
    "researcher_links",
    "normal_intake",
    "staffing_establishment",
    "county_establishment",
    "subject_staffing",
    "studio_members",
    "lesson_observations",
    "activity_participants",
}


@dag(**ingest_settings("Rosters and registers of pupils and teachers"))
def ingest_people():
    ingest_group(SOURCES, RAW_PEOPLE, "new_people")


ingest_people()
