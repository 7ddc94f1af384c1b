"""Reference data (区划、规划适用范围、教师花名册、考试参数): inbox to raw."""

from __future__ import annotations

from airflow.sdk import AssetAlias, dag, task

from dags.wiring import DAILY, DEFAULT_ARGS, RAW_REFERENCE

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
        from dags.operators.inbox import ACCEPTED_NEW, read_inbox

        counts = read_inbox(SOURCES)
        if counts[ACCEPTED_NEW] > 0:
            outlet_events[NEW_ROWS].add(RAW_REFERENCE, extra={ACCEPTED_NEW: counts[ACCEPTED_NEW]})
        return counts

    ingest()


ingest_reference()
