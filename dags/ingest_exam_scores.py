"""Exam score sheets (考试成绩册): inbox to raw."""

from __future__ import annotations

from airflow.sdk import AssetAlias, dag, task

from dags.wiring import DAILY, DEFAULT_ARGS, RAW_EXAM_SCORES

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
        from dags.operators.inbox import ACCEPTED_NEW, read_inbox

        counts = read_inbox(SOURCES)
        if counts[ACCEPTED_NEW] > 0:
            outlet_events[NEW_ROWS].add(RAW_EXAM_SCORES, extra={ACCEPTED_NEW: counts[ACCEPTED_NEW]})
        return counts

    ingest()


ingest_exam_scores()
