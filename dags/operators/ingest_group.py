"""What the ingest DAGs share: their settings, their page, and the task that reads a group and announces what is new."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from airflow.sdk import Asset, AssetAlias, task

from dags.wiring import DAILY, DEFAULT_ARGS

_DOC = """{subject}: lands, reads, checks and loads
every file of the inbox that holds them.

One task reads all files. It announces new rows only when it accepted some: a second run over the same files is a
no-op and starts no build. A rejected file does not fail the run; the log and `schoolhouse status` say what is
wrong with it.
"""


def ingest_settings(subject: str) -> dict[str, Any]:
    """Arguments of `@dag` for an ingest DAG; `subject` begins its page."""
    return {
        "schedule": DAILY,
        "catchup": False,
        "max_active_runs": 1,
        "default_args": DEFAULT_ARGS,
        "tags": ["ingest"],
        "doc_md": _DOC.format(subject=subject),
    }


def ingest_group(sources: Collection[str], asset: Asset, alias: str) -> None:
    """The DAG's one task: load `sources` from the inbox, and announce `asset` through `alias` if rows are new."""
    new_rows = AssetAlias(alias)

    @task(outlets=[new_rows])
    def ingest(*, outlet_events) -> dict[str, int]:
        from dags.operators.inbox import ACCEPTED_NEW, read_inbox

        counts = read_inbox(sources)
        if counts[ACCEPTED_NEW] > 0:
            outlet_events[new_rows].add(asset, extra={ACCEPTED_NEW: counts[ACCEPTED_NEW]})
        return counts

    ingest()
