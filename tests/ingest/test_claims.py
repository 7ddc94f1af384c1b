"""Claims that meet: corrections, rivals, a school's file beside the region's list, totals and late files."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ingest import runs
from ingest.loading import Loader
from tests.ingest.conftest import County
from warehouse import ledger as tables

HEAD = "2021-2022学年小学统计表\n学校标识码,学校名称,班数,在校生数\n"
ONE = "2199000001,第01小学,4,74\n"
TWO = "2199000002,第02小学,3,54\n"


def rows(county: County, table: sa.Table) -> list[dict]:
    return county.ledger().rows(sa.select(table))


def test_corrected_file_of_the_same_sender_is_no_conflict(county: County):
    county.put("990101/r.csv", HEAD + ONE)
    county.run(region="990101")
    county.put("990101/r.csv", HEAD + ONE.replace("74", "75"))
    county.run(region="990101")
    assert rows(county, tables.claim_conflict) == []


def test_two_senders_of_one_claim_are_recorded(county: County):
    county.put("990101/a.csv", HEAD + ONE)
    county.put("990101/b.csv", HEAD + ONE.replace("74", "80"))
    county.run(region="990101")
    (found,) = rows(county, tables.claim_conflict)
    assert (found["kind"], found["file_name"], found["other_file_name"]) == (
        "same_claim",
        "990101/b.csv",
        "990101/a.csv",
    )
    assert (found["unit_code"], found["period"], found["scope"]) == ("2199000001", "2021-2022", "primary")
    county.put("990101/c.csv", HEAD + ONE.replace("74", "90"))
    county.run(region="990101")
    assert {r["file_name"] for r in rows(county, tables.claim_conflict)} == {"990101/b.csv", "990101/c.csv"}


def test_a_correction_under_another_name_is_no_conflict(county: County):
    county.put("990101/a.csv", HEAD + ONE + "2199000001,第01小学,x,1\n")
    assert county.run(region="990101")["990101/a.csv"].status in ("partial", "rejected")
    county.put("990101/更正.csv", HEAD + ONE)
    county.run(region="990101")
    assert rows(county, tables.claim_conflict) == []


def test_a_correction_settles_the_claims_of_its_file_that_were_whole_too(county: County):
    """One stage of the file was accepted whole, of the other a row went back: the file sent anew answers for both."""
    head = "2021-2022学年统计表\n学校标识码,学校名称,学段,班数,在校生数\n"
    whole = "2199000001,第01小学,小学,4,74\n2199000001,第01小学,初中,2,40\n2199000003,第03小学,初中,1,9\n"
    county.put("990101/a.csv", head + whole + "2199000002,第02小学,初中,x,1\n")
    assert county.run(region="990101")["990101/a.csv"].status == "partial"
    county.put("990101/更正.csv", head + whole + "2199000002,第02小学,初中,3,54\n")
    assert county.run(region="990101")["990101/更正.csv"].status == "accepted"
    assert rows(county, tables.claim_conflict) == []


def test_school_beside_the_regions_list_is_recorded(county: County):
    county.put("990101/all.csv", HEAD + ONE + TWO)
    county.run(region="990101")
    county.put("990101/other.csv", HEAD + "2199000003,第03小学,1,9\n")
    county.run(region="990101")
    assert rows(county, tables.claim_conflict) == []
    county.put("990101/own.csv", HEAD + TWO.replace("54", "55"))
    county.run(region="990101")
    (found,) = rows(county, tables.claim_conflict)
    assert (found["kind"], found["shared_rows"], found["other_file_name"]) == ("overlap", 1, "990101/all.csv")


def test_totals_are_rows_of_the_ledger(county: County):
    """54 + 74 = 128 pupils; the form prints 138 for all and 60 for the block of the second school alone."""
    text = HEAD + ONE + "第一片区小计,,4,74\n" + TWO + "第二片区小计,,3,60\n合计,,7,138\n"
    county.put("990101/r.csv", text)
    county.run(region="990101")
    found = {
        (r["row"], r["column"], r["row_class"], r["printed"], float(r["computed"]))
        for r in rows(county, tables.total_mismatch)
    }
    assert found == {(6, "D", "subtotal", "60", 54.0), (7, "D", "total", "138", 128.0)}


def test_totals_of_every_page_and_subtotals_before_their_rows_agree(county: County):
    text = HEAD + "城区小计,,7,128\n" + ONE + TWO + "合计,,7,128\n2199000003,第03小学,1,9\n合计,,1,9\n"
    county.put("990101/r.csv", text)
    assert county.run(region="990101")["990101/r.csv"].rows_accepted == 3
    assert rows(county, tables.total_mismatch) == []


def test_file_after_the_edition_is_flagged(county: County):
    county.put("990101/a.csv", HEAD + ONE)
    county.run(region="990101")
    assert rows(county, tables.late_arrival) == []
    row = {c.name: "x" for c in tables.edition.columns}
    row |= {"region_code": "990101", "school_year": "2021-2022", "version": "1.2.0", "published_at": "2022-11-01"}
    county.ledger().insert(tables.edition, [row])
    county.put("990101/b.csv", HEAD + TWO)
    county.put("990101/c.csv", (HEAD + TWO).replace("2021-2022", "2022-2023"))
    county.run(region="990101")
    late = rows(county, tables.late_arrival)
    assert [(r["flag"], r["school_year"], r["edition_version"]) for r in late] == [
        ("late_after_edition", "2021-2022", "1.2.0")
    ]


def test_file_of_another_source_is_opened_once(county: County, monkeypatch):
    county.put("990101/2021-2022/t.csv", "教师编号,学校标识码,岗位类别\nT1,2199000001,专任教师\n")
    county.run(sources=["regions"])
    opened = []
    real = runs.open_document
    monkeypatch.setattr(runs, "open_document", lambda a, *rest, **more: opened.append(a.name) or real(a, *rest, **more))
    county.run(sources=["regions"])
    assert opened == []
    county.run()
    assert opened == ["990101/2021-2022/t.csv"]


def test_returned_in_part_is_looked_at_again_when_the_school_list_grows(county: County):
    county.put("990101/r.csv", HEAD + ONE)
    county.run(region="990101")
    teachers = "教师编号,学校标识码,岗位类别\nT1,2199000001,专任教师\nT2,2199000002,专任教师\n"
    given = county.put("990101/2021-2022/t.csv", teachers)
    assert county.run(region="990101")["990101/2021-2022/t.csv"].status == "partial"
    assert "990101/2021-2022/t.csv" not in county.run(county.inbox / "990101" / "r.csv", region="990101")
    given.unlink()
    county.put("990101/more.csv", HEAD + TWO)
    assert county.run(region="990101")["990101/2021-2022/t.csv"].status == "accepted"
    assert len(county.raw("teacher_roster")) == 2
    assert rows(county, tables.claim_conflict) == []
    assert "990101/2021-2022/t.csv" not in county.run(region="990101")


def test_a_schools_file_that_grows_to_the_regions_list_is_its_next_version(county: County):
    county.put("990101/r.csv", HEAD + ONE)
    county.run(region="990101")
    county.put("990101/r.csv", HEAD + ONE + TWO)
    county.run(region="990101")
    assert len(county.raw("school_report")) == 2
    assert rows(county, tables.claim_conflict) == []


def _counted(county: County) -> list[tuple]:
    return county.raw("school_report", "school_code, student_count")


def _kinds(county: County) -> set[tuple[str, str, str, str]]:
    found = rows(county, tables.claim_conflict)
    return {(r["kind"], r["unit_code"], r["file_name"][7:], r["other_file_name"][7:]) for r in found}


def test_a_later_list_under_another_name_counts_for_the_schools_in_it(county: County):
    """One school's file, then the region's list under another name: 75 and not 74 pupils, and once."""
    county.put("990101/own.csv", HEAD + ONE)
    county.run(region="990101")
    county.put("990101/all.csv", HEAD + ONE.replace("74", "75") + TWO)
    county.run(region="990101")
    assert _counted(county) == [("2199000001", 75), ("2199000002", 54)]
    assert _kinds(county) == {("replaced", "2199000001", "all.csv", "own.csv")}
    # The next version of the list still has the school: nothing changes.
    county.put("990101/all.csv", HEAD + ONE.replace("74", "76") + TWO)
    county.run(region="990101")
    assert _counted(county) == [("2199000001", 76), ("2199000002", 54)]
    # A list that leaves the school out gives it back to its own file: no row is lost.
    county.put("990101/all.csv", HEAD + TWO + "2199000003,第03小学,1,9\n")
    county.run(region="990101")
    assert _counted(county) == [("2199000001", 74), ("2199000002", 54), ("2199000003", 9)]


def test_a_list_with_fewer_rows_of_a_school_takes_nothing_from_it(county: County):
    head = "教师编号,学校标识码,岗位类别\n"
    county.put("990101/r.csv", HEAD + ONE + TWO)
    county.put("990101/2021-2022/own.csv", f"{head}T1,2199000001,专任教师\nT2,2199000001,专任教师\n")
    county.run(region="990101")
    county.put("990101/2021-2022/all.csv", f"{head}T1,2199000001,专任教师\nT3,2199000002,专任教师\n")
    county.run(region="990101")
    (found,) = rows(county, tables.claim_conflict)
    assert (found["kind"], found["unit_code"], found["shared_rows"]) == ("overlap", "2199000001", 1)
    assert len(county.raw("teacher_roster")) == 4


def test_two_ways_out_of_an_overlap(county: County):
    """A school's correction out of the list, under another name: blocked until the list comes anew."""
    county.put("990101/all.csv", HEAD + ONE + TWO)
    county.run(region="990101")
    county.put("990101/own.csv", HEAD + TWO.replace("54", "55"))
    county.run(region="990101")
    assert _kinds(county) == {("overlap", "2199000002", "own.csv", "all.csv")}
    county.put("990101/all.csv", HEAD + ONE + TWO.replace("54", "56"))
    county.run(region="990101")
    assert _counted(county) == [("2199000001", 74), ("2199000002", 56)], "the list with all its rows counts"
    county.put("990101/all.csv", HEAD + ONE + "2199000003,第03小学,1,9\n")
    county.run(region="990101")
    assert _counted(county) == [("2199000001", 74), ("2199000002", 55), ("2199000003", 9)], "its own file counts"


def test_a_run_killed_before_its_remarks_counts_no_row_twice(county: County, monkeypatch: pytest.MonkeyPatch):
    county.put("990101/own.csv", HEAD + ONE)
    county.run(region="990101")
    county.put("990101/all.csv", HEAD + ONE.replace("74", "75") + TWO)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Loader, "_remark", killed)
        with pytest.raises(KeyboardInterrupt):
            county.run(region="990101")
    county.run(region="990101")
    assert _counted(county) == [("2199000001", 75), ("2199000002", 54)]
