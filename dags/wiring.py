"""Names that the DAGs share: assets, pool, queue, owner, retry rule, the hour of the daily read."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset

from dags.operators.alerts import tell_failure

OWNER = "statistics-office"
# One build writes one database: the pool has one slot, made by whoever starts Airflow.
WAREHOUSE_WRITER = "warehouse_writer"
# Every task of the house reads or writes its home, the approvals and the watch too (the ledger lies there). Under
# Celery one worker has it, and serves this queue; other executors take no notice.
WAREHOUSE_QUEUE = "warehouse"
LOCAL_ZONE = os.environ.get("SCHOOLHOUSE_TIMEZONE") or "Asia/Shanghai"
DAILY = os.environ.get("SCHOOLHOUSE_INGEST_CRON") or "0 5 * * *"
DEFAULT_ARGS: dict[str, Any] = {
    "owner": OWNER,
    "queue": WAREHOUSE_QUEUE,
    "retries": 1,
    "retry_delay": timedelta(seconds=2),
    "on_failure_callback": tell_failure,
}

RAW_REFERENCE = Asset(name="raw_reference", uri="schoolhouse://raw/reference")
RAW_SCHOOL_REPORTS = Asset(name="raw_school_reports", uri="schoolhouse://raw/school_reports")
RAW_PEOPLE = Asset(name="raw_people", uri="schoolhouse://raw/people")
RAW_EXAM_SCORES = Asset(name="raw_exam_scores", uri="schoolhouse://raw/exam_scores")
RAW_FINANCE = Asset(name="raw_finance", uri="schoolhouse://raw/finance")
RAW_REGISTERS = Asset(name="raw_registers", uri="schoolhouse://raw/registers")
BUILD = Asset(name="warehouse_build", uri="schoolhouse://build")
EDITION = Asset(name="edition", uri="schoolhouse://edition")
