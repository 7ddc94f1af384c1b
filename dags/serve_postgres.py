"""Load the zones into PostgreSQL (装载服务库) after a build or an edition, for BI tools."""

from __future__ import annotations

from airflow.sdk import dag, task

from dags.wiring import BUILD, DEFAULT_ARGS, EDITION


@dag(
    schedule=(BUILD | EDITION),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["serve"],
    doc_md="""Loads the published and internal zones, checked against their files and swapped in at once; readers keep
    what they had when a load fails (`docs/bi.md`).

    `SCHOOLHOUSE_SERVE=postgres` switches it on, `SCHOOLHOUSE_SERVE=postgres,restricted` loads pupils and teachers too;
    otherwise the task is skipped. A load of what PostgreSQL has already is no load.
    """,
)
def serve_postgres():
    @task
    def load() -> dict[str, object]:
        import os

        from airflow.sdk.exceptions import AirflowSkipException

        from dags.operators.faults import clear_fault
        from warehouse.settings import Settings

        wanted = {w.strip() for w in os.environ.get("SCHOOLHOUSE_SERVE", "").split(",")}
        if "postgres" not in wanted:
            raise AirflowSkipException("SCHOOLHOUSE_SERVE does not name postgres: nothing is loaded")
        from warehouse.bi import serve
        from warehouse.postgres import running_server

        settings = Settings.load().prepare()
        with clear_fault(settings.language), running_server(settings) as server:
            return serve(settings, server, restricted="restricted" in wanted, again=False).to_dict()

    load()


serve_postgres()
