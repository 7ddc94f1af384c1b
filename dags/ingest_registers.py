"""Registers of the bureau's offices (认定、工作室、节点、安全、考评、调查、活动、佐证): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_REGISTERS

SOURCES = {
    "recognition_register",
    "studios",
    "milestones",
    "safety_register",
    "violation_register",
    "school_assessment",
    "school_grades",
    "surveys",
    "attestations",
    "activities",
    "inspections",
}


@dag(**ingest_settings("Registers of the bureau's offices, surveys and attestations"))
def ingest_registers():
    ingest_group(SOURCES, RAW_REGISTERS, "new_registers")


ingest_registers()
