"""Files that were not loaded: what is known of their rows is kept, and what came in their place is told."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ingest.return_answers import read_answer
from tests.ingest.conftest import County
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.status import read_status

TEACHERS = "教师编号,学校标识码,岗位类别\n"
SCHOOLS = "2021-2022学年小学统计表\n学校标识码,学校名称,班数,在校生数\n2199000001,第01小学,4,74\n"
ROSTER = f"2021-2022学年教师信息\n{TEACHERS}T1,2199000001,专任教师\nT2,2199000001,专任教师\n\n注:含支教教师\n"


def classes(county: County) -> dict[str, dict[str, int]]:
    """file name -> row class -> rows"""
    s, r = l.submission.c, l.row_class.c
    query = sa.select(s.file_name, r.row_class, r.row_count).join(l.submission, s.submission_id == r.submission_id)
    found: dict[str, dict[str, int]] = {}
    for row in county.ledger().rows(query):
        found.setdefault(row["file_name"], {})[row["row_class"]] = row["row_count"]
    return found


def test_the_rows_of_a_file_that_waits_are_counted_by_class(county: County) -> None:
    """A title, a header, two teachers, a blank line and a note; no school list has come."""
    county.put("990101/t.csv", ROSTER)
    assert county.run(region="990101")["990101/t.csv"].status == "waiting"
    waits = {"title": 1, "header": 1, "data_waiting": 2, "blank": 1, "note": 1}
    assert classes(county) == {"990101/t.csv": waits}
    county.put("990101/s.csv", SCHOOLS)
    assert county.run(region="990101")["990101/t.csv"].status == "accepted"
    assert classes(county)["990101/t.csv"] == {
        **{k: n for k, n in waits.items() if k != "data_waiting"},
        "data_accepted": 2,
    }
    held = {r["submission_id"] for r in county.ledger().rows(sa.select(l.submission))}
    assert {r["submission_id"] for r in county.ledger().rows(sa.select(l.row_class))} <= held, "nothing is left behind"


def test_of_a_file_that_fits_no_template_blank_and_unread_rows_are_kept(county: County) -> None:
    county.put("menu.csv", "菜名,数量,单价\n白菜,3,2.5\n\n萝卜,1,2\n")
    assert county.run()["menu.csv"].status == "rejected"
    assert classes(county) == {"menu.csv": {"unread": 3, "blank": 1}}


def _files(county: County) -> dict[str, str]:
    return {s["file_name"]: s["status"] for s in county.ledger().rows(sa.select(l.submission))}


def _corrected(county: County) -> list[tuple[Any, ...]]:
    found = read_status(county.settings, "990101", "2021-2022")["corrected"]
    return [(r["file_name"], r["by_file_name"], r["basis"]) for r in found]


@pytest.mark.parametrize(
    ("broken", "good", "basis"),
    [
        ("990101/2021-2022/t.xlsx", "990101/2021-2022/t.csv", "name"),
        ("990101/2021-2022/t.csv", "990101/2021-2022/t.csv", "path"),
    ],
)
def test_a_file_that_could_not_be_opened_is_corrected_by_the_one_in_its_place(
    county: County, broken: str, good: str, basis: str
) -> None:
    county.put("990101/s.csv", SCHOOLS)
    county.put(broken, b"PK\x03\x04 not a workbook")
    county.run(region="990101")
    assert _files(county)[broken] == "rejected"
    (county.inbox / broken).unlink()
    county.put(good, ROSTER)
    told = county.run(region="990101")[good]
    assert "更正了先前退回的" in told.message_zh and "\n" not in told.message_zh
    assert _corrected(county) == [(broken, good, basis)]
    old = county.ledger().rows(sa.select(l.submission).where(l.submission.c.source == "unknown"))[0]
    assert old["status"] == "superseded"
    with pytest.raises(SchoolhouseError, match=good.rsplit("/", 1)[-1]):
        read_answer(county.settings, county.ledger(), old)


def test_a_known_source_is_corrected_under_another_name_within_its_year(county: County) -> None:
    """Two rosters came without a row; the county's roster of one of the years takes one's place."""
    county.put("990101/s.csv", SCHOOLS + "2199000002,第02小学,3,54\n")
    county.put("990101/2021-2022/甲.csv", f"教师信息(甲)\n{TEACHERS}")
    county.put("990101/2020-2021/乙.csv", f"教师信息(乙)\n{TEACHERS}")
    county.put("menu.csv", "菜名,数量,单价\n白菜,3,2.5\n")
    first = county.run(region="990101")
    assert first["990101/2021-2022/甲.csv"].status == first["990101/2020-2021/乙.csv"].status == "rejected"
    county.put("990101/2021-2022/全县.csv", f"{TEACHERS}T1,2199000001,专任教师\nT2,2199000002,专任教师\n")
    county.run(region="990101")
    assert _corrected(county) == [("990101/2021-2022/甲.csv", "990101/2021-2022/全县.csv", "region")]
    left = {n for n, status in _files(county).items() if status == "rejected"}
    assert left == {"990101/2020-2021/乙.csv", "menu.csv"}
