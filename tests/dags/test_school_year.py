"""Partition keys and the calendar that makes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from warehouse.errors import SchoolhouseError
from warehouse.ledger import Ledger
from warehouse.settings import Settings

SENT = (("440198", "2023-2024"), ("440198", "2024-2025"), ("440199", "2023-2024"))


@pytest.fixture
def years(airflow_database):
    from dags.operators import school_year

    return school_year


@pytest.fixture
def timetable(years):
    return years.SchoolYearTimetable("0 0 1 9 *", timezone="Asia/Shanghai", run_offset=-1)


def send(house: Settings) -> None:
    Ledger.open(house).record([_report(*s) for s in SENT])


def _report(region: str, period: str, status: str = "accepted") -> dict:
    blank = dict.fromkeys(("unit_code", "scope", "file_name", "batch_id", "reason_en", "reason_zh"), "")
    key = f"{region}{period}{status}"
    own = {"submission_id": key, "region_code": region, "source": "school_report", "period": period, "status": status}
    return {**blank, **own, "file_sha256": key, "column_map": {}, "rows_accepted": 1, "rows_rejected": 0}


def test_a_key_is_a_region_and_a_school_year(years) -> None:
    assert years.split_key("440198|2024-2025") == ("440198", "2024-2025")
    assert years.split_key("*|2024-2025") == ("*", "2024-2025")
    for bad in ("440198", "440198|2024", "440198|2024-2026", "|2024-2025", "440198|2024-2025|x", ""):
        with pytest.raises(ValueError, match="not a partition"):
            years.split_key(bad)


def test_a_backfill_window_yields_the_school_years_in_it(timetable) -> None:
    window = {"earliest": datetime(2022, 9, 1, tzinfo=UTC), "latest": datetime(2024, 9, 1, tzinfo=UTC)}
    keys = [i.partition_key for i in timetable.iter_partition_dagrun_infos(**window)]
    assert keys == ["*|2022-2023", "*|2023-2024", "*|2024-2025"]
    one = {"earliest": datetime(2023, 9, 1, tzinfo=UTC), "latest": datetime(2023, 9, 1, tzinfo=UTC)}
    assert [i.partition_key for i in timetable.iter_partition_dagrun_infos(**one)] == ["*|2023-2024"]


def test_the_calendar_publishes_a_year_when_it_is_over(timetable) -> None:
    from airflow.timetables.base import TimeRestriction

    restriction = TimeRestriction(earliest=datetime(2025, 8, 1, tzinfo=UTC), latest=None, catchup=True)
    info = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction)
    assert (info.run_after.in_timezone("Asia/Shanghai").date().isoformat(), info.partition_key) == (
        "2025-09-01",
        "*|2024-2025",
    )


def test_only_the_calendars_own_keys_have_a_date(timetable) -> None:
    from airflow.exceptions import InvalidPartitionKeyError

    assert timetable.resolve_partition_date("*|2023-2024") == datetime(2023, 8, 31, 16, tzinfo=UTC)
    assert timetable.resolve_partition_date("440198|2023-2024") is None
    with pytest.raises(InvalidPartitionKeyError):
        timetable.resolve_partition_date("440198|2023")


def test_a_run_id_holds_no_sign_that_airflow_refuses(timetable) -> None:
    import pendulum
    from airflow.utils.types import DagRunType

    for key in ("*|2023-2024", "440198|2023-2024"):
        made = timetable.generate_run_id(
            run_type=DagRunType.BACKFILL_JOB, run_after=pendulum.now("UTC"), data_interval=None, partition_key=key
        )
        assert not set("*|") & set(made)
        assert "2023-2024" in made


def test_which_editions_a_run_is_for(years, house: Settings) -> None:
    send(house)
    Ledger.open(house).record([_report("440197", "2024-2025", "rejected")])
    both = [{"region": r, "school_year": "2023-2024"} for r in ("440198", "440199")]
    assert years.editions_of(house, "*|2023-2024") == both
    assert years.editions_of(house, "*|2023-2024", region="440199") == both[1:]
    assert years.editions_of(house, None, "440198", "2023-2024") == both[:1]
    assert years.editions_of(house, None, None, "2023-2024") == both
    assert years.editions_of(house, "440198|2024-2025") == [{"region": "440198", "school_year": "2024-2025"}]
    for key in ("440197|2024-2025", "*|1999-2000", "440199|2024-2025", "nonsense"):
        with pytest.raises(SchoolhouseError):
            years.editions_of(house, key)
