"""Reference data (区划、规划适用范围、教师花名册、考试参数): inbox to raw."""

from __future__ import annotations

import logging

from airflow.sdk import AssetAlias, dag, task

from dags.wiring import DAILY, DEFAULT_ARGS, RAW_REFERENCE

log = logging.getLogger(__name__)
SOURCES = {"regions", "plan_bindings", "teacher_roster", "exam_parameters"}
NEW_ROWS = AssetAlias("new_reference")


@dag(
    schedule=DAILY,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["ingest"],
    doc_md="""Region list, plan bindings, teacher rosters and exam parameters: lands, reads, checks and loads
    every file of the inbox that holds them.

    One task reads all files. It announces new rows only when it accepted some: a second run over the same files is a
    no-op and starts no build. A rejected file does not fail the run; the log and `schoolhouse status` say what is
    wrong with it.
    """,
)
def ingest_reference():
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
            outlet_events[NEW_ROWS].add(RAW_REFERENCE, extra={"accepted_new": result.accepted_new})
        return {"accepted_new": result.accepted_new, **Counter(file["status"] for file in files)}

    ingest()


ingest_reference()
