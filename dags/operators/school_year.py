"""Partitions of the annual snapshot: `<region>|<school_year>`, and the yearly calendar that makes them.

Airflow's own cron partitions format a key with strftime, which cannot write `2024-2025` and cannot read back a key
that names a region; this timetable can do both and leaves the rest to Airflow.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from airflow.exceptions import InvalidPartitionKeyError
from airflow.timetables.trigger import CronPartitionTimetable

if TYPE_CHECKING:
    from warehouse.settings import Settings

ALL_REGIONS = "*"
_KEY = re.compile(r"(?P<region>\*|[0-9A-Za-z_]+)\|(?P<first>\d{4})-(?P<second>\d{4})")


def split_key(key: str) -> tuple[str, str]:
    """Region (`*` for all) and school year of a partition key; ValueError when it is not one."""
    match = _KEY.fullmatch(key.strip())
    if not match or int(match["second"]) != int(match["first"]) + 1:
        raise ValueError(f"{key!r} is not a partition: write <region>|<school year>, such as 440198|2024-2025")
    return match["region"], f"{match['first']}-{match['second']}"


def school_year_from(start: datetime.date) -> str:
    """The school year that begins on or just before `start`'s year: 2024-09-01 -> `2024-2025`."""
    return f"{start.year}-{start.year + 1}"


class SchoolYearTimetable(CronPartitionTimetable):
    """One partition a school year, dated by its first day; it runs one cron interval later, when the year is over.

    Keys made by the calendar and by `airflow backfill create` are `*|2024-2025` (every region with data, or the
    region named in the run's configuration). A run started by hand may name one region; it is then not the calendar's
    partition and has no partition date, so it never stands in the way of a later backfill.
    """

    def _format_key(self, partition_date) -> str:
        return f"{ALL_REGIONS}|{school_year_from(partition_date.in_timezone(self._timezone))}"

    def generate_run_id(self, *, run_type, run_after, data_interval, **extra) -> str:
        # A run id may hold neither `*` nor `|`.
        if key := extra.get("partition_key"):
            region, school_year = split_key(key)
            extra["partition_key"] = f"{'all' if region == ALL_REGIONS else region}_{school_year}"
        return super().generate_run_id(run_type=run_type, run_after=run_after, data_interval=data_interval, **extra)

    def _decode_partition_date(self, partition_key: str) -> datetime.datetime | None:
        try:
            region, school_year = split_key(partition_key)
        except ValueError as error:
            raise InvalidPartitionKeyError(str(error)) from error
        if region != ALL_REGIONS:
            return None
        year = datetime.datetime(int(school_year[:4]), 1, 1, tzinfo=datetime.UTC)
        return self._align_to_next(self.localize_partition_datetime(year))


def editions_of(
    settings: Settings, key: str | None, region: str | None = None, school_year: str | None = None
) -> list[dict[str, str]]:
    """Region and school year of every edition a run is for: its partition key, or its parameters where it has none.

    `*` becomes the regions with a school report of that year, one edition each. Raises SchoolhouseError for a key
    that cannot be read and for a year of which nothing was sent.
    """
    from warehouse.errors import SchoolhouseError
    from warehouse.ledger import Ledger

    try:
        of_key, year = split_key(key or f"{region or ALL_REGIONS}|{school_year or ''}")
    except ValueError as error:
        raise SchoolhouseError(str(error), f"分区键应为 区划代码|学年:{error}") from error
    wanted = of_key if of_key != ALL_REGIONS else region
    sent = {s["region_code"] for s in Ledger.open(settings).current(sources=["school_report"]) if s["period"] == year}
    regions = sorted(sent) if not wanted or wanted == ALL_REGIONS else sorted(sent & {wanted})
    if not regions:
        raise SchoolhouseError(
            f"no school report of {year} has been accepted",
            f"尚未收到 {year} 学年的学校统计报表",
            where=wanted or "",
            fix_en="ingest the year's files first",
            fix_zh="请先接收该学年的文件",
        )
    return [{"region": r, "school_year": year} for r in regions]
