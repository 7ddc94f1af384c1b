"""The yearly calendar of publication: when an edition is public, and from when on the office may read it before."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from warehouse.errors import SchoolhouseError
from warehouse.expected import period_start

DEFAULT_FILE = Path(__file__).with_name("release_calendar.yaml")
# A calendar of the office's own instead of it.
CALENDAR = "SCHOOLHOUSE_RELEASE_CALENDAR"
_TIME = re.compile(r"(?:\+(\d)y )?(\d\d)-(\d\d) (\d\d):(\d\d)")
_PARTS = {"timezone", "default", "regions"}
_KNOWN = {"release", "prerelease_hours", "watch_days"}


@dataclass(frozen=True)
class Release:
    """`at` is None where an edition is public at once."""

    at: datetime | None
    prerelease: timedelta
    watch: timedelta

    @property
    def opens(self) -> datetime | None:
        """Begin of the pre-release window."""
        return None if self.at is None else self.at - self.prerelease

    def is_watched(self, at: datetime) -> bool:
        """Whether a missing edition is worth an alert: from the window's begin until some time after the release."""
        return self.at is not None and self.at - self.prerelease <= at <= self.at + self.watch


def release_of(region: str, school_year: str) -> Release:
    """The release of a region's school year. Raises SchoolhouseError for a calendar that is not understood."""
    path = Path(os.environ.get(CALENDAR) or DEFAULT_FILE)
    try:
        content = _load(path)
        if unknown := set(content) - _PARTS:
            raise ValueError(f"{', '.join(sorted(map(str, unknown)))} is not understood")
        # A code without quotes is read as a number, and its row would count for nobody.
        regions = {str(code): rule for code, rule in (content.get("regions") or {}).items()}
        rule = {**content["default"], **regions.get(region, {})}
        if unknown := set(rule) - _KNOWN:
            raise ValueError(f"{', '.join(sorted(unknown))} is not understood")
        # To be public at once is said in so many words: a line left out must not let an edition out early.
        if rule.get("release") is None:
            raise ValueError("release is missing")
        at = _moment(str(rule["release"]), period_start("school_year", school_year), content["timezone"])
        hours, days = float(rule.get("prerelease_hours", 0)), float(rule.get("watch_days", 0))
        if hours < 0 or days < 0:
            raise ValueError("prerelease_hours and watch_days are not below zero")
        return Release(at, timedelta(hours=hours), timedelta(days=days))
    except (OSError, KeyError, AttributeError, TypeError, ValueError, yaml.YAMLError) as fault:
        raise SchoolhouseError(
            f"the calendar of releases cannot be read: {fault}",
            f"发布日历无法读取：{fault}",
            where=path.name,
            fix_en='Write release: "+1y 10-20 09:30".',
            fix_zh='请写成 release: "+1y 10-20 09:30"。',
        ) from fault


@cache
def _load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _moment(text: str, starts_on: date, zone: str) -> datetime | None:
    if not text:
        return None
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(f"release {text!r} is not MM-DD HH:MM or +1y MM-DD HH:MM")
    month, day, hour, minute = (int(found[i]) for i in range(2, 6))
    year = starts_on.year + int(found[1] or 0)
    if date(starts_on.year, month, day) < starts_on:
        year += 1
    return datetime.combine(date(year, month, day), time(hour, minute), ZoneInfo(zone))


def is_public(edition: Path, at: datetime | None = None) -> bool:
    """Whether an edition's release time, which it carries itself, has come. One without a time is public."""
    time_told = release_time(edition)
    return time_told is None or time_told <= (at or _now())


def release_time(edition: Path) -> datetime | None:
    """The time an edition carries itself; None for one that is public at once."""
    text = str(_run(edition).get("release_at") or "")
    return datetime.fromisoformat(text) if text else None


def in_window(edition: Path, at: datetime | None = None) -> bool:
    """Whether the office may read an edition that is not public yet."""
    run = _run(edition)
    opens = str(run.get("prerelease_at") or "")
    at = at or _now()
    return not is_public(edition, at) and bool(opens) and datetime.fromisoformat(opens) <= at


def _now() -> datetime:
    return datetime.now(UTC)


def _run(edition: Path) -> dict[str, Any]:
    try:
        return json.loads((edition / "attestation" / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
