"""Publish the year's edition (发布年度快照): gate, two sign-offs, an immutable signed folder."""

from __future__ import annotations

import os
from datetime import timedelta

from airflow.sdk import Param, dag, task, task_group

from dags.operators.alerts import tell_published
from dags.operators.approval import RegisterOrHumanApproval
from dags.operators.school_year import SchoolYearTimetable
from dags.wiring import DEFAULT_ARGS, EDITION, LOCAL_ZONE

# The first day of the school year dates its partition; the run comes one year later, when the year's data are in.
YEAR_STARTS = os.environ.get("SCHOOLHOUSE_PUBLISH_CRON") or "0 0 1 9 *"
ANSWER_WITHIN = timedelta(days=float(os.environ.get("SCHOOLHOUSE_APPROVAL_DAYS") or 30))
SUBJECT = "{title}:{{{{ task.region }}}} {{{{ task.school_year }}}}"
BODY = "质量闸门 {{ task.gate_id }} 已通过,请审阅后批准或退回。The gate has passed; approve or reject its publication."


@dag(
    schedule=SchoolYearTimetable(YEAR_STARTS, timezone=LOCAL_ZONE, run_offset=-1),
    catchup=False,
    max_active_runs=4,
    default_args=DEFAULT_ARGS,
    params={
        "region": Param(None, type=["null", "string"], title="Region code; empty: every region with data"),
        "school_year": Param(None, type=["null", "string"], title="School year, when the run has no partition key"),
    },
    tags=["publish"],
    doc_md="""Partitioned by region and school year, key `<region>|<school_year>`; `*` stands for every region with
    data.

    For each region: registers, gate, statistics officer, bureau leader, edition. A blocked gate or an open finding
    fails the run with the list of what is open; a rejected sign-off fails it with the reason; other editions are
    never touched. The same data as the newest version writes nothing.
    """,
)
def publish_annual_snapshot():
    @task
    def list_editions(*, params, dag_run) -> list[dict[str, str]]:
        from dags.operators.faults import clear_fault
        from dags.operators.school_year import editions_of
        from warehouse.settings import Settings

        settings = Settings.load().prepare()
        with clear_fault(settings.language):
            return editions_of(settings, dag_run.partition_key, params["region"], params["school_year"])

    @task_group
    def edition(region: str, school_year: str):
        @task
        def gate(region: str, school_year: str) -> str:
            from dags.operators.faults import clear_fault, open_findings
            from expectations import run_gate
            from warehouse.registers import load_registers
            from warehouse.settings import Settings

            settings = Settings.load().prepare()
            with clear_fault(settings.language):
                load_registers(settings)
                result = run_gate(settings, region, school_year)
                if not result.passed:
                    raise open_findings(result, region, school_year)
            return result.gate_id

        @task(outlets=[EDITION])
        def publish(region: str, school_year: str, gate_id: str) -> dict[str, str | bool]:
            from dags.operators.faults import clear_fault
            from publication import publish as publish_edition
            from warehouse.settings import Settings

            settings = Settings.load().prepare()
            with clear_fault(settings.language):
                result = publish_edition(settings, region, school_year, gate_id=gate_id)
            told = {
                "path": str(result.path),
                "version": result.version,
                "verdict": result.verdict,
                "report": str(result.report),
                "changed": result.changed,
                "data_hash": result.data_hash,
            }
            tell_published(told)
            return told

        gate_id = gate(region, school_year)
        signed = []
        for role, title in (("statistics_officer", "统计负责人审核"), ("bureau_leader", "局领导签发")):
            approval = RegisterOrHumanApproval(
                task_id=f"approve_{role}",
                role=role,
                region=region,
                school_year=school_year,
                gate_id=gate_id,
                subject=SUBJECT.format(title=title),
                body=BODY,
                response_timeout=ANSWER_WITHIN,
                retries=3,
            )
            signed.append(approval)
        gate_id >> signed[0] >> signed[1] >> publish(region, school_year, gate_id)

    edition.expand_kwargs(list_editions())


publish_annual_snapshot()
