"""dbt, in this process: one door, so that every caller gets the same profile, variables and quiet."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warehouse.errors import SchoolhouseError
from warehouse.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"


@dataclass
class DbtOutcome:
    """What one invocation did: node unique_id -> status (`success`, `pass`, `fail`, `warn`, `error`, `skipped`)."""

    statuses: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)

    def having(self, *statuses: str) -> list[str]:
        return sorted(k for k, v in self.statuses.items() if v in statuses)


def run_dbt(
    command: Sequence[str],
    *,
    database: Path,
    target: Path,
    logs: Path,
    variables: Mapping[str, Any],
    progress: Callable[[str], None] | None = None,
    server: Mapping[str, str] | None = None,
    profile: str = "postgres",
) -> DbtOutcome:
    """Run one dbt command against `database`, or with another output of the profile where `server` gives the variables
    that it reads; artifacts go to `target`, the log to `logs`.

    Raises SchoolhouseError when dbt could not run at all (a parse error, a locked database). A node that failed is in
    the outcome: the caller decides what that means.
    """
    os.environ["SCHOOLHOUSE_BUILD_DB"] = str(database)
    os.environ.update(server or {})
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    # Imported here: it costs more than a second, and most commands never need it.
    from dbt.cli.main import dbtRunner

    def on_event(event: Any) -> None:
        if progress and event.info.name in {"LogModelResult", "LogSeedResult", "LogTestResult"}:
            progress(event.info.msg.strip())

    result = dbtRunner(callbacks=[on_event]).invoke(
        [
            *command,
            "--project-dir",
            str(DBT_PROJECT),
            "--profiles-dir",
            str(DBT_PROJECT),
            "--target-path",
            str(target),
            "--log-path",
            str(logs),
            "--vars",
            json.dumps(dict(variables)),
            "--log-level",
            "none",
            "--log-level-file",
            "info",
            "--no-use-colors",
            "--no-version-check",
            "--no-print",
            *(("--target", profile) if server else ()),
        ]
    )
    _release_database()
    if result.exception is not None:
        text = str(result.exception).strip().splitlines()
        raise SchoolhouseError(
            f"dbt could not run: {text[0] if text else result.exception!r}",
            f"数据模型未能运行:{text[0] if text else result.exception!r}",
            where=str(logs / "dbt.log"),
            fix_en="see the log named here",
            fix_zh="请数据工程师查看此日志",
        )
    outcome = DbtOutcome()
    for r in getattr(result.result, "results", None) or []:
        outcome.statuses[r.node.unique_id] = str(r.status)
        if r.message:
            outcome.messages[r.node.unique_id] = str(r.message)
    return outcome


def _release_database() -> None:
    """Close dbt's connections: DuckDB lets nobody else open the file while this process holds it."""
    from dbt.adapters.factory import FACTORY, reset_adapters

    for adapter in list(FACTORY.adapters.values()):
        adapter.cleanup_connections()  # pyright: ignore[reportAttributeAccessIssue]
    reset_adapters()
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()
