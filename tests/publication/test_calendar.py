"""The calendar: nothing is public before its time, the office reads ahead in the window, what is missing is told."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import warehouse.release
from publication import publish, verify
from publication.calendar import release, watch
from tests.publication.house import REGION, YEAR, House
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.release import release_of
from warehouse.serving import zone_path

# 09:30 of 20 October in Shanghai.
AT = datetime(2033, 10, 20, 1, 30, tzinfo=UTC)
VALUE = "update pub_indicator_value set value = value + 0.5 where stage = 'junior'"


@pytest.fixture
def calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "calendar.yaml"
    path.write_text(
        'timezone: Asia/Shanghai\ndefault: {release: "+9y 10-20 09:30", prerelease_hours: 24, watch_days: 30}\n'
        'regions: {"990302": {release: ""}}\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("SCHOOLHOUSE_RELEASE_CALENDAR", str(path))
    return path


def clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(warehouse.release, "_now", lambda: at)


def published_versions(house: House) -> set[str]:
    try:
        path = zone_path(house.settings, "published")
    except SchoolhouseError:
        return set()
    with duckdb.connect(str(path), read_only=True) as con:
        if not con.execute("select 1 from duckdb_tables() where table_name = 'pub_indicator_value'").fetchall():
            return set()
        return {v for (v,) in con.execute("select distinct edition_version from pub_indicator_value").fetchall()}


def test_an_edition_waits_for_its_time(house: House, calendar: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, AT - timedelta(days=3))
    edition = house.publish()
    shelf = edition.path.parent
    ahead = house.settings.serving / "internal" / "prerelease" / REGION / YEAR
    assert "2033-10-20 09:30" in edition.notices[-1]["zh"]
    assert not (shelf / "latest").exists() and published_versions(house) == set()
    assert stat.S_IMODE(edition.path.stat().st_mode) == 0o500 and not ahead.exists()
    assert verify(edition.path).ok

    clock(monkeypatch, AT - timedelta(hours=1))
    [seen] = release(house.settings)
    assert (seen.public, seen.ahead, seen.in_window) == ((), ("v1.0.0",), True)
    assert seen.release_at == "2033-10-20 09:30 +0800"
    assert ahead.resolve() == edition.path and stat.S_IMODE(edition.path.stat().st_mode) == 0o550
    assert not (shelf / "latest").exists() and published_versions(house) == set()

    clock(monkeypatch, AT)
    [seen] = release(house.settings)
    assert (seen.public, seen.ahead) == (("v1.0.0",), ())
    assert (shelf / "latest").resolve() == edition.path and published_versions(house) == {"v1.0.0"}
    assert stat.S_IMODE(edition.path.stat().st_mode) == 0o555 and not ahead.exists()
    # A correction after the release is public at once.
    second = house.publish(VALUE)
    assert (shelf / "latest").resolve() == second.path and published_versions(house) == {"v1.1.0"}


def test_a_release_that_was_cut_short_is_ended_by_the_next(
    house: House, calendar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, AT - timedelta(days=3))
    edition = house.publish()
    clock(monkeypatch, AT)
    with monkeypatch.context() as patch:
        patch.setattr("publication.shelf.flip_link", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            release(house.settings)
    assert not (edition.path.parent / "latest").exists()
    release(house.settings)
    assert (edition.path.parent / "latest").resolve() == edition.path


def test_the_release_is_a_time_in_the_calendars_own_zone(calendar: Path) -> None:
    rule = release_of(REGION, YEAR)
    assert rule.at == AT and rule.opens == AT - timedelta(hours=24)
    assert release_of("990302", YEAR).at is None


def test_the_default_is_the_october_after_the_school_year_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCHOOLHOUSE_RELEASE_CALENDAR", raising=False)
    told = {y: f"{at:%Y-%m-%d %H:%M %z}" for y in ("2024-2025", "2026-2027") if (at := release_of(REGION, y).at)}
    assert told == {"2024-2025": "2025-10-20 09:30 +0800", "2026-2027": "2027-10-20 09:30 +0800"}


def test_a_code_without_quotes_is_that_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "unquoted.yaml"
    path.write_text(
        'timezone: Asia/Shanghai\ndefault: {release: ""}\nregions: {990301: {release: "+1y 11-05 10:00"}}\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("SCHOOLHOUSE_RELEASE_CALENDAR", str(path))
    at = release_of(REGION, YEAR).at
    assert at is not None and f"{at:%Y-%m-%d %H:%M}" == "2025-11-05 10:00"
    assert release_of("990302", YEAR).at is None


REFUSED = (
    'default: {release: "soon"}',
    'default: {opens: "10-20"}',
    "default: []",
    "default: {prerelease_hours: 24}",
    'default: {release: "10-20 09:30", watch_days: -1}',
    'default: {release: ""}\nregion: {}',
)


@pytest.mark.parametrize("text", REFUSED)
def test_a_calendar_that_is_not_understood_is_one_line(calendar: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{abs(hash(text))}.yaml"
    path.write_text(f"timezone: Asia/Shanghai\n{text}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCHOOLHOUSE_RELEASE_CALENDAR", str(path))
        with pytest.raises(SchoolhouseError, match="calendar of releases cannot be read"):
            release_of(REGION, YEAR)


def test_what_should_be_there_and_is_not_is_told_with_its_reason(house: House, calendar: Path) -> None:
    row = {c.name: "" for c in l.submission.columns} | {"version": 1, "rows_accepted": 1, "rows_rejected": 0}
    for region in (REGION, "990302"):
        sent = {**row, "submission_id": region, "region_code": region, "source": "school_report", "period": YEAR}
        house.ledger.insert(l.submission, [{**sent, "status": "accepted"}])
    assert watch(house.settings, AT - timedelta(days=2)) == []
    # The other region has no release time, so nothing of it is ever late.
    [missing] = watch(house.settings, AT - timedelta(hours=2))
    assert (missing.region_code, missing.state) == (REGION, "blocked")
    assert "no gate has been run" in missing.why_en
    build_id = house.build()
    house.gate(build_id, verdict="blocked")
    [missing] = watch(house.settings, AT + timedelta(hours=2))
    assert missing.state == "late" and "the gate did not let it pass" in missing.why_en
    assert watch(house.settings, AT + timedelta(days=31)) == []
    house.gate(house.build())
    house.approve_both()
    publish(house.settings, REGION, YEAR)
    assert watch(house.settings, AT + timedelta(hours=2)) == []


def test_the_alert_names_what_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    from dags.operators import messenger
    from dags.operators.release_alerts import tell_missing

    sent: list[messenger.Alert] = []
    monkeypatch.setattr(messenger, "send", sent.append)
    tell_missing([])
    late = {
        "region_code": REGION,
        "school_year": YEAR,
        "state": "late",
        "release_at": "2033-10-20",
        "why_zh": "缺少批准",
    }
    tell_missing([late])
    [alert] = sent
    assert alert.level == "failure" and REGION in alert.lines[0] and "缺少批准" in alert.lines[0]
