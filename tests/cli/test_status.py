"""The chasing list: who had to send what by when, what came, and what became of it."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import ingest
from ingest.contracts import contracts
from tests.cli.test_commands import answer, call
from tests.conftest import COUNTY, Home, settings_in
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.expected import edition_periods, read_expectations
from warehouse.settings import Settings
from warehouse.status import read_status

YEAR = "2024-2025"
SCHOOLS = 12
# Four kindergartens, a special, a senior and a vocational school beside them.
ALL_SCHOOLS = SCHOOLS + 4 + 3
NO_SCORES, ABOVE_FULL_MARK, STRANGE_SCHOOL = "2199201009", "2199201004", "2199201002"


def lines(settings: Settings, period: str, today: date = date(2030, 1, 1)) -> list[Mapping[str, Any]]:
    return read_status(settings, COUNTY, period, today)["expected"]


def states(found: list[Mapping[str, Any]], source: str) -> dict[str, str]:
    return {line["unit_code"]: line["state"] for line in found if line["source"] == source}


@pytest.fixture
def bare(tmp_path: Path, county_files: Path) -> tuple[Settings, Path]:
    """A home that has the region list and the school reports of two years; the folder of the county's files."""
    inbox = tmp_path / "inbox"
    files = county_files / COUNTY
    for name in ("行政区划.csv", "2023-2024/小学基表.xlsx", "2023-2024/初中基表.xlsx", "2024-2025/小学基表.xlsx"):
        target = inbox / COUNTY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(files / name, target)
    settings = settings_in(tmp_path / "home", inbox)
    ingest.run(settings, [inbox])
    return settings, files


def put(settings: Settings, files: Path, name: str) -> None:
    target = settings.inbox / COUNTY / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(files / name, target)
    ingest.run(settings, [settings.inbox])


def test_every_source_is_expected_with_its_contracts_clock() -> None:
    told = {e.source: e.clock for e in read_expectations(COUNTY)}
    assert told == {name: c.clock for name, c in contracts().items()}


def test_due_dates_follow_the_clock() -> None:
    due = _due_dates()
    assert due["school_report"] == "2024-10-15", "in the autumn that opens the school year"
    assert due["exam_scores"] == "2025-07-31", "in the summer that closes it"
    assert due["budget_lines"] == "2024-02-28"
    assert due["budget_execution"] == "2025-03-31", "after the fiscal year has closed"


def _due_dates() -> dict[str, str]:
    """source -> the day it falls due for the year, from the days on which its periods begin."""
    periods = edition_periods(COUNTY, YEAR)
    assert (periods["fiscal_year"], periods["calendar_year"]) == ("2024", "2024")
    school, calendar = date(2024, 9, 1), date(2024, 1, 1)
    starts = {"school_year": school, "none": school, "fiscal_year": calendar, "calendar_year": calendar}
    days = {e.source: e.due_date(starts[e.clock]) for e in read_expectations(COUNTY)}
    return {source: day.isoformat() for source, day in days.items() if day}


def test_a_whole_county_with_its_known_defects(county_received: Settings) -> None:
    found = lines(county_received, YEAR)
    assert Counter(states(found, "teacher_roster").values()) == {"accepted": ALL_SCHOOLS}, "one file speaks for all"
    scores = states(found, "exam_scores")
    assert {c for c, s in scores.items() if s == "partial"} == {ABOVE_FULL_MARK, STRANGE_SCHOOL}
    # The vocational school sits its own entrance examination beside the twelve.
    assert Counter(scores.values()) == {"accepted": SCHOOLS + 1 - 2, "partial": 2}
    rejected = {line["unit_code"]: line["rows_rejected"] for line in found if line["rows_rejected"]}
    assert rejected == {ABOVE_FULL_MARK: 1, STRANGE_SCHOOL: 1}
    assert states(found, "budget_lines") == {COUNTY: "accepted"}
    assert set(states(found, "pupil_roster").values()) == {"accepted"}
    earlier = states(lines(county_received, "2022-2023"), "exam_scores")
    assert {c for c, s in earlier.items() if s == "late"} == {NO_SCORES}


def test_missing_turns_late_the_day_after_it_was_due(county_received: Settings) -> None:
    before, after = (
        states(lines(county_received, "2022-2023", day), "exam_scores")[NO_SCORES]
        for day in (date(2023, 7, 31), date(2023, 8, 1))
    )
    assert (before, after) == ("missing", "late")


def test_schools_are_those_of_last_year_until_this_years_report_has_come(bare: tuple[Settings, Path]) -> None:
    settings, files = bare
    found = lines(settings, YEAR)
    reports = states(found, "school_report")
    # Only the primary report has come: the junior schools of the year before are still expected.
    assert Counter(reports.values()) == {"accepted": 9, "late": 3}
    assert len(states(found, "exam_scores")) == SCHOOLS
    put(settings, files, "2024-2025/初中基表.xlsx")
    assert Counter(states(lines(settings, YEAR), "school_report").values()) == {"accepted": SCHOOLS}


def test_a_file_that_waits_and_one_that_was_turned_away_stand_by_their_school(bare: tuple[Settings, Path]) -> None:
    settings, files = bare
    put(settings, files, "2024-2025/exam_scores/2199201001_城关第一小学_成绩.xlsx")
    assert states(lines(settings, YEAR), "exam_scores")["2199201001"] == "waiting"
    put(settings, files, "2024-2025/考试科目参数.csv")
    assert states(lines(settings, YEAR), "exam_scores")["2199201001"] == "accepted"


def test_two_files_with_one_claim_stand_as_a_conflict(bare: tuple[Settings, Path]) -> None:
    settings, files = bare
    put(settings, files, "2024-2025/考试科目参数.csv")
    source = files / "2024-2025/考试科目参数.csv"
    rival = settings.inbox / COUNTY / "2024-2025" / "另一份参数.csv"
    rival.write_bytes(source.read_bytes() + b"\r\n")
    ingest.run(settings, [settings.inbox])
    found = lines(settings, YEAR)
    assert states(found, "exam_parameters") == {COUNTY: "conflict"}
    assert "conflict" not in states(found, "school_report").values()


def test_what_comes_after_the_edition_is_flagged(bare: tuple[Settings, Path]) -> None:
    settings, files = bare
    ledger = l.Ledger.open(settings)
    row = {c.name: "" for c in l.edition.columns}
    row |= {"region_code": COUNTY, "school_year": YEAR, "version": "1.0.0", "published_at": "2025-12-31T00:00:00Z"}
    put(settings, files, "2024-2025/考试科目参数.csv")
    with ledger.transaction() as connection:
        connection.execute(sa.update(l.submission).values(received_at="2025-12-30T00:00:00Z"))
        connection.execute(sa.insert(l.edition).values(row))
    assert states(lines(settings, YEAR), "exam_parameters") == {COUNTY: "accepted"}
    put(settings, files, "2024-2025/exam_scores/2199201001_城关第一小学_成绩.xlsx")
    assert states(lines(settings, YEAR), "exam_scores")["2199201001"] == "late_after_edition"
    assert states(lines(settings, YEAR), "exam_parameters") == {COUNTY: "accepted"}


def test_a_regions_own_list_replaces_the_default(tmp_path: Path) -> None:
    path = tmp_path / "required_sources.yaml"
    path.write_text(
        "default: {exam_scores: {}}\n"
        f"regions: {{'{COUNTY}': {{safety_register: {{due: '06-30', minimum: 2}}}}}}\n"
        "sources:\n  exam_scores: {clock: school_year}\n"
        "  safety_register: {label: 安全, clock: school_year, due: '08-31'}\n"
    )
    own = read_expectations(COUNTY, path)
    assert [(e.source, e.required, e.minimum) for e in own] == [
        ("safety_register", True, 2),
        ("exam_scores", False, 1),
    ]
    assert own[0].due_date(date(2024, 9, 1)) == date(2025, 6, 30)
    assert [(e.source, e.required) for e in read_expectations("990202", path)] == [
        ("exam_scores", True),
        ("safety_register", False),
    ]


@pytest.mark.parametrize("fault", ["{clock: moon}", "{clock: none, due: '13-45'}", "{clock: none, dew: '01-01'}", "{}"])
def test_a_faulty_list_is_one_clear_line(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "required_sources.yaml"
    path.write_text(f"default: {{exam_scores: {fault}}}\n")
    with pytest.raises(SchoolhouseError, match="cannot be read"):
        read_expectations(COUNTY, path)


def test_the_command_speaks_chinese_json_and_csv(county_home: Home) -> None:
    shown = call(county_home, "status", "--period", YEAR)
    assert shown.returncode == 0, shown.stderr
    assert "部分接收 2" in shown.stdout and "双河镇小学" in shown.stdout
    told = answer(county_home, "status", "--period", YEAR, "--missing", "--source", "exam_scores")["expected"]
    assert {(line["unit_code"], line["state"]) for line in told} == {
        (ABOVE_FULL_MARK, "partial"),
        (STRANGE_SCHOOL, "partial"),
    }
    listed = list(
        csv.DictReader(io.StringIO(call(county_home, "status", "--period", "2022-2023", "--csv", "-").stdout))
    )
    assert [(r["学校(单位)"], r["应报材料"], r["截止日期"], r["状态"]) for r in listed] == [
        ("黑井完全小学", "成绩册", "2023-07-31", "逾期未报")
    ]
    one = answer(county_home, "status", "--period", YEAR, "--school", "双河")["expected"]
    assert {line["unit_code"] for line in one} == {ABOVE_FULL_MARK}
    bad = call(county_home, "status", "--period", "2024")
    assert bad.returncode == 1 and "Traceback" not in bad.stderr
