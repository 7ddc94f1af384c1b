"""What the calendar's DAG tells people: an edition that is late, or that something still stands in the way of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def tell_missing(missing: Sequence[dict[str, Any]]) -> None:
    """One alert for all editions that should be there; none, and nothing is said."""
    from dags.operators.messenger import Alert, send
    from publication.calendar import STATES

    if not missing:
        return
    lines = []
    for m in missing:
        zh, en = STATES[m["state"]]
        lines.append(f"{m['region_code']} {m['school_year']} {zh} ({en}), {m['release_at']}: {m['why_zh']}")
    late = any(m["state"] == "late" for m in missing)
    send(Alert("failure" if late else "warning", "年度快照未按日历就绪 (edition not ready by the calendar)", lines))
