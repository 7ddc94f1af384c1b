"""Exam score sheets (考试成绩册): inbox to raw."""

from __future__ import annotations

import logging

from airflow.sdk import AssetAlias, dag, task

from dags.wiring import DAILY, DEFAULT_ARGS, RAW_EXAM_SCORES

log = logging.getLogger(__name__)
SOURCES = {"exam_scores"}
NEW_ROWS = AssetAlias("new_exam_scores")


@dag(
    schedule=DAILY,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["ingest"],
    doc_md="""Exam score sheets: lands, reads, checks and loads
    every file of the inbox that holds them.

    One task reads all files. It announces new rows only when it accepted some: a second run over the same files is a
    no-op and starts no build. A rejected file does not fail the run; the log and `schoolhouse status` say what is
    wrong with it.
    """,
)
def ingest_exam_scores():
    @task(outlets=[NEW_ROWS])
    def ingest(*, outlet_events) -> dict[str, int]:
        from collections import Counter

        from dags.operators.faults import clear_fault
        from ingest import run
        from warehouse.settings import Settings

        settings = Settings.load().prepare()
        with clear_fault(settings.language):
            result = run(settings, [settings.inbox], sources=SOURCES)
        files = [file.to_dict() for file in result.files]
        for file in files:
            log.info("%s %s: %s", file["status"], file["path"], file[f"message_{settings.language}"])
        if result.accepted_new > 0:
            outlet_events[NEW_ROWS].add(RAW_EXAM_SCORES, extra={"accepted_new": result.accepted_new})
        return {"accepted_new": result.accepted_new, **Counter(file["status"] for file in files)}

    ingest()


ingest_exam_scores()
