"""Budgets, their execution and projects (预算、决算、经费、项目): inbox to raw."""

from __future__ import annotations

from airflow.sdk import dag

from dags.operators.ingest_group import ingest_group, ingest_settings
from dags.wiring import RAW_FINANCE

SOURCES = {
    "budget_lines",
    "budget_execution",
    "public_funds",
    "salary_payments",
    "performance_pay",
    "fund_payments",
    "project_ledger",
    "project_progress",
    "project_targets",
    "audit_findings",
    "gap_items",
}


@dag(**ingest_settings("Budgets, their execution, funds and projects"))
def ingest_finance():
    ingest_group(SOURCES, RAW_FINANCE, "new_finance")


ingest_finance()
