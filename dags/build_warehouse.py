"""Build the warehouse (构建数据仓库) whenever something new was accepted."""

from __future__ import annotations

from airflow.sdk import dag, task

from dags.wiring import (
    BUILD,
    DEFAULT_ARGS,
    RAW_EXAM_SCORES,
    RAW_FINANCE,
    RAW_PEOPLE,
    RAW_REFERENCE,
    RAW_REGISTERS,
    RAW_SCHOOL_REPORTS,
    WAREHOUSE_WRITER,
)


@dag(
    schedule=(RAW_REFERENCE | RAW_SCHOOL_REPORTS | RAW_PEOPLE | RAW_EXAM_SCORES | RAW_FINANCE | RAW_REGISTERS),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["build"],
    doc_md="""Builds a new candidate from every submission that counts now and flips the internal and restricted
    copies to it.

    Any of the raw assets starts it. While one build runs, further events wait together for the next one, which is an
    instant no-op when the running build had already read those rows. The task holds the only slot of
    `warehouse_writer`.

    SCHOOLHOUSE_TARGET names another engine (`docs/portability.md`); gate and editions read the builds on DuckDB.
    """,
)
def build_warehouse():
    @task(pool=WAREHOUSE_WRITER, outlets=[BUILD])
    def build() -> dict[str, str | bool]:
        from dags.operators.faults import clear_fault
        from warehouse.build import build as build_candidate
        from warehouse.settings import Settings

        settings = Settings.load().prepare()
        with clear_fault(settings.language):
            result = build_candidate(settings, target=settings.target)
        return {"build_id": result.build_id, "reused": result.reused}

    build()


build_warehouse()
