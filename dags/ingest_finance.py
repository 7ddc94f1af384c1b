"""Budgets and their execution (预算与决算): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_FINANCE

SOURCES = {"budget_lines", "budget_execution"}


@dag(**ingest_settings("Budgets and their execution"))
def ingest_finance():
    ingest_group(SOURCES, RAW_FINANCE, "new_finance")


ingest_finance()
