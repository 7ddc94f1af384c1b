"""One group of sources, from the inbox to raw, with a line of the log for every file."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection

from dags.operators.faults import clear_fault

ACCEPTED_NEW = "accepted_new"
log = logging.getLogger(__name__)


def read_inbox(sources: Collection[str]) -> dict[str, int]:
    """Ingest the inbox's files of these sources; returns `accepted_new` and the number of files by status.

    What was accepted may be what files of any source waited for (a roster waits for its school report), so these are
    tried again at once, not at their own group's next run. Only counts leave the task: file names stay in its log.
    """
    from ingest import run
    from warehouse.settings import Settings

    settings = Settings.load().prepare()
    with clear_fault(settings.language):
        results = [run(settings, [settings.inbox], sources=sources)]
        if results[0].accepted_new:
            results.append(run(settings, []))
    files = [file.to_dict() for result in results for file in result.files]
    for file in files:
        log.info("%s %s: %s", file["status"], file["path"], file[f"message_{settings.language}"])
    return {ACCEPTED_NEW: sum(r.accepted_new for r in results), **Counter(file["status"] for file in files)}
