"""Alerts to the people who must act: WeCom, DingTalk, Feishu, mail or any webhook, through apprise.

Where they go is a setting; without it nothing is sent and nothing is missed: what an alert says is in the ledger and in
Airflow anyhow. An alert that cannot be sent is logged and never fails the run. No person is ever named in one.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.texts import mask

log = logging.getLogger(__name__)
URLS, URLS_FILE = "SCHOOLHOUSE_ALERT_URLS", "SCHOOLHOUSE_ALERT_URLS_FILE"
# Lines of findings in one message: chat programs cut what is longer.
_LINES = 12


@dataclass(frozen=True)
class Alert:
    """`level`: failure, warning, success or info."""

    level: str
    title: str
    lines: Sequence[str] = ()

    @property
    def body(self) -> str:
        shown = [mask(line) for line in self.lines[:_LINES]]
        left = len(self.lines) - len(shown)
        return "\n".join([*shown, *([f"……另有 {left} 条 (and {left} more)"] if left else [])]) or self.title


def send(alert: Alert) -> bool:
    """Send to every place that is set; whether there is one and all took it."""
    urls = addresses()
    if not urls:
        return False
    try:
        # Imported here: it costs most of a second, and most runs have nothing to say.
        import apprise

        sender = apprise.Apprise()
        # An address may hold a secret: it is counted, never logged.
        good = [sender.add(url) for url in urls]
        sent = sender.notify(title=mask(alert.title), body=alert.body, notify_type=alert.level)
    except Exception:
        log.exception("the alert could not be sent")
        return False
    if not all(good) or not sent:
        log.error("an alert was not sent: %s of %s addresses are usable, sent: %s", sum(good), len(urls), bool(sent))
        return False
    return True


def addresses() -> list[str]:
    """Apprise addresses, by the environment or by a file that it names (a secret), with blanks or lines between."""
    path = os.environ.get(URLS_FILE)
    text = os.environ.get(URLS) or ""
    if path:
        try:
            text += "\n" + Path(path).read_text(encoding="utf-8")
        except OSError as e:
            log.error("%s cannot be read: %s", URLS_FILE, e.strerror)
    return [u for u in text.split() if u and not u.startswith("#")]
