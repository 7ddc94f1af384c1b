"""What the DAGs tell people at once: a run that failed, a gate that holds, an edition that is out or late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context


def tell_failure(context: Context) -> None:
    """A task failed for good: which one, of what, and the first line of why."""
    from dags.operators.messenger import Alert, send

    ti = context["ti"]
    why = str(context.get("exception") or "").splitlines() or ["没有说明 (no reason given)"]
    mapped = ti.map_index is not None and ti.map_index >= 0
    name = f"{ti.dag_id}.{ti.task_id}" + (f"[{ti.map_index}]" if mapped else "")
    # The findings of a gate stand in one line, `;` between them.
    lines = [part.strip() for part in why[0].split("; ")]
    send(Alert("failure", f"任务失败 (failed): {name}", [*lines, f"run {context['run_id']}"]))


def tell_published(result: dict[str, Any]) -> None:
    """An edition is out. A run that found nothing new says nothing."""
    from dags.operators.messenger import Alert, send

    if result["changed"]:
        lines = [f"版本 (version) {result['version']}", f"结论 (verdict) {result['verdict']}", str(result["path"])]
        send(Alert("success", "年度快照已发布 (edition published)", lines))


def tell_waiting(region: str, school_year: str, role: str) -> None:
    """A sign-off is asked for."""
    from dags.operators.messenger import Alert, send

    send(Alert("info", f"待签发 (waiting for a signature): {region} {school_year}", [f"角色 (role): {role}"]))


def tell_returned(region: str, school_year: str, role: str, why: str, findings: Sequence[str]) -> None:
    """A sign-off was refused, or nobody gave it: the edition is with the office again, with what the gate had found."""
    from dags.operators.messenger import Alert, send

    title = f"退回 (returned to the office): {region} {school_year}"
    send(Alert("warning", title, [f"角色 (role): {role}", f"意见 (reason): {why}", *findings]))
