"""The chasing list follows the register of changed schools and the ledger's own remarks on lateness."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from tests.ingest.conftest import County
from warehouse import ledger as l
from warehouse.status import read_status

YEAR, LAST = "2024-2025", "2023-2024"
OLD, MERGED, STAYS, NEW, FOUNDED = "2199000001", "2199000002", "2199000003", "2199000011", "2199000012"
HEAD = "学年小学统计表\n学校标识码,学校名称,班数,在校生数\n"
CHANGES = "变更编号,变更类型,生效日期,原学校标识码,原学校名称,现学校标识码,现学校名称,学生占比\n"
# The day by which each is due: 15 October in the autumn of the year, 31 July in its summer.
REPORT, SCORES = "school_report", "exam_scores"


def _report(*codes: str) -> str:
    return "".join(f"{c},第{c[-2:]}小学,4,74\n" for c in codes)


@pytest.fixture
def home(county: County) -> County:
    """Three primary schools in the report of the year before; this year's has not come."""
    county.put("990101/a.csv", f"{LAST}{HEAD}{_report(OLD, MERGED, STAYS)}")
    county.run(region="990101")
    return county


def _change(home: County, *lines: str) -> None:
    home.put("990101/学校变更登记表.csv", CHANGES + "".join(f"{line}\n" for line in lines))
    assert home.run(region="990101")["990101/学校变更登记表.csv"].status == "accepted"


def _expected(home: County, source: str) -> dict[str, str]:
    found = read_status(home.settings, "990101", YEAR, date(2030, 1, 1))["expected"]
    return {line["unit_code"]: line["state"] for line in found if line["source"] == source}


def test_without_changes_last_years_schools_are_expected(home: County) -> None:
    assert set(_expected(home, REPORT)) == set(_expected(home, SCORES)) == {OLD, MERGED, STAYS}


def test_a_school_that_was_merged_or_closed_is_expected_no_more(home: County) -> None:
    _change(home, f"B1,合并,2024-08-20,{MERGED},第02小学,{STAYS},第03小学,1",
            f"B1,合并,2024-08-20,{STAYS},第03小学,{STAYS},第03小学,1")  # fmt: skip
    assert set(_expected(home, REPORT)) == {OLD, STAYS}, "the one that goes on under its code is still there"
    _change(home, f"B2,撤销,2024-08-20,{OLD},第01小学,,,")
    assert OLD not in _expected(home, SCORES)


def test_a_school_that_ends_within_the_year_owes_what_was_due_before(home: County) -> None:
    _change(home, f"B3,更名,2025-01-10,{OLD},第01小学,{NEW},新城小学,1")
    assert set(_expected(home, REPORT)) == {OLD, MERGED, STAYS}
    assert set(_expected(home, SCORES)) == {NEW, MERGED, STAYS}, "the new one has the stage of the one it follows"


def test_a_new_school_is_expected_from_its_event(home: County) -> None:
    _change(home, f"B4,新建,2024-08-20,,,{FOUNDED},河西小学,1")
    assert FOUNDED in _expected(home, REPORT)
    _change(home, f"B4,新建,2024-11-20,,,{FOUNDED},河西小学,1")
    assert FOUNDED not in _expected(home, REPORT)


def test_what_this_years_report_lists_is_there(home: County) -> None:
    _change(home, f"B5,撤销,2024-08-20,{OLD},第01小学,,,")
    home.put("990101/b.csv", f"{YEAR}{HEAD}{_report(OLD, STAYS)}")
    home.run(region="990101")
    assert _expected(home, REPORT) == {OLD: "accepted", STAYS: "accepted", MERGED: "late"}
    assert set(_expected(home, SCORES)) == {OLD, STAYS}


def test_late_is_what_the_ledger_remarks_not_what_the_clock_says(home: County) -> None:
    """Received a second after the edition, but without a remark; then with one; then a newer edition has it."""
    home.put("990101/b.csv", f"{YEAR}{HEAD}{_report(OLD, MERGED, STAYS)}")
    home.run(region="990101")
    edition = {c.name: "" for c in l.edition.columns}
    edition |= {
        "region_code": "990101",
        "school_year": YEAR,
        "version": "1.0.0",
        "published_at": "2000-01-01T00:00:00Z",
    }
    ledger = home.ledger()
    ledger.insert(l.edition, [edition])
    assert set(_expected(home, REPORT).values()) == {"accepted"}
    ids = [s["submission_id"] for s in ledger.rows(sa.select(l.submission)) if s["period"] == YEAR]
    remark = {"flag": "late_after_edition", "school_year": YEAR, "edition_version": "1.0.0"}
    ledger.insert(l.late_arrival, [{"submission_id": i, **remark} for i in ids])
    assert set(_expected(home, REPORT).values()) == {"late_after_edition"}
    ledger.insert(l.edition, [{**edition, "version": "1.1.0", "published_at": "2001-01-01T00:00:00Z"}])
    assert set(_expected(home, REPORT).values()) == {"accepted"}
