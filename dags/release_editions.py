"""Let editions out when their release time comes (按日历公开), and say which one is late or blocked."""

from __future__ import annotations

import os

from airflow.sdk import dag, task
from airflow.timetables.trigger import CronTriggerTimetable

from dags.operators.release_alerts import tell_missing
from dags.wiring import DEFAULT_ARGS, LOCAL_ZONE

RELEASE = os.environ.get("SCHOOLHOUSE_RELEASE_CRON") or "30 * * * *"
WATCH = os.environ.get("SCHOOLHOUSE_WATCH_HOUR") or "9"


@dag(
    schedule=CronTriggerTimetable(RELEASE, timezone=LOCAL_ZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["publish"],
    doc_md="""Follows the calendar of releases (`warehouse/release_calendar.yaml`), every hour at half past.

    `release` moves `latest` and the published zone to every edition whose time has come, and links editions in their
    pre-release window into the internal zone. `watch` tells once a day which editions should be there and are not,
    and what stands in the way: no gate, a blocked gate, a missing signature.
    """,
)
def release_editions():
    @task
    def release() -> list[dict[str, object]]:
        from dags.operators.faults import clear_fault
        from publication.calendar import release as let_out
        from warehouse.settings import Settings

        settings = Settings.load()
        with clear_fault(settings.language):
            return [s.to_dict() for s in let_out(settings)]

    @task
    def watch(*, dag_run) -> list[dict[str, str]]:
        from dags.operators.faults import clear_fault
        from publication.calendar import watch as missing_by_now
        from warehouse.settings import Settings

        settings = Settings.load()
        with clear_fault(settings.language):
            missing = [m.to_dict() for m in missing_by_now(settings)]
        # Every hour looks, one of them speaks; a run by hand speaks at once.
        due = dag_run.logical_date
        if due is None or due.in_timezone(LOCAL_ZONE).hour == int(WATCH):
            tell_missing(missing)
        return missing

    release() >> watch()


release_editions()
