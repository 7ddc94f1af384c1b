"""One person, one key: numbers that change, exam numbers, cards of every form, and dates of which the year is kept."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.ingest.conftest import County
from warehouse import ledger as tables

EXAM = "2021-2022学年度第二学期期末检测"
SCHOOL = "2199000001"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def card(first: str) -> str:
    """A number of 18 digits with the check digit of GB 11643, computed here by hand's rule."""
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, _WEIGHTS, strict=True)) % 11]


PUPILS = [card(f"9901012013010100{n}") for n in range(1, 10)] + [card(f"990101201301010{n}") for n in range(10, 20)]
REGISTRATION = f"{EXAM}报名表\n考号,学籍号,姓名,学校标识码,年级,班级\n"
WITH_X = next(p for p in PUPILS if p.endswith("X"))


@pytest.fixture
def house(county: County) -> County:
    county.put_reference()
    return county


def rejects(county: County, name: str) -> set[tuple[int, str, str]]:
    query = (
        sa.select(tables.reject.c.row, tables.reject.c.column, tables.reject.c.rule)
        .join(tables.submission, tables.submission.c.submission_id == tables.reject.c.submission_id)
        .where(tables.submission.c.file_name == name)
    )
    return {(r["row"], r["column"], r["rule"]) for r in county.ledger().rows(query)}


def registration(*pairs: tuple[str, str]) -> str:
    return REGISTRATION + "".join(f"{no},G{pupil},甲,{SCHOOL},三年级,1班\n" for no, pupil in pairs)


def test_exam_numbers_find_their_pupils(house: County):
    house.put(
        "990101/s.csv",
        f"{EXAM}成绩册\n考号,学校标识码,年级,班级,语文\n0001,{SCHOOL},3,1班,80\n0009,{SCHOOL},3,1班,70\n",
    )
    house.put("990101/ids.csv", f"{EXAM}成绩册\n学籍号,学校标识码,年级,班级,数学\nG{PUPILS[0]},{SCHOOL},3,1班,66\n")
    waits = house.run()["990101/s.csv"]
    assert waits.status == "waiting"
    assert "报名表" in waits.message_zh
    house.put("990101/reg.csv", registration(("0001", PUPILS[0]), ("0002", PUPILS[1])))
    results = house.run()
    assert results["990101/reg.csv"].status == "accepted", results["990101/reg.csv"].message_zh
    assert (results["990101/s.csv"].status, results["990101/s.csv"].rows_accepted) == ("partial", 1)
    assert rejects(house, "990101/s.csv") == {(4, "A", "unregistered_exam_no")}
    (by_number,) = house.raw("exam_scores", "student_key, score", "subject = '语文'")
    (registered,) = house.raw("exam_registration", "student_key", "_row = 3")
    assert by_number == (registered[0], 80)
    if scores := house.raw("exam_scores", "student_key", "subject = '数学'"):
        assert scores == [registered]


def test_corrected_registration_moves_an_exam_number(house: County):
    house.put("990101/reg.csv", registration(("0001", PUPILS[0])))
    house.run()
    house.put("990101/reg.csv", registration(("0001", PUPILS[1]), ("0002", PUPILS[0])))
    house.put("990101/s.csv", f"{EXAM}成绩册\n考号,学校标识码,年级,班级,语文\n0001,{SCHOOL},3,1班,80\n")
    house.run()
    keys = dict(house.raw("exam_registration", "_row, student_key"))
    assert house.raw("exam_scores", "student_key") == [(keys[3],)]
    assert keys[3] != keys[4]


def test_one_exam_number_for_two_pupils_is_returned(house: County):
    house.put("990101/reg.csv", registration(("0001", PUPILS[0]), ("0001", PUPILS[1]), ("0003", PUPILS[2])))
    assert house.run()["990101/reg.csv"].rows_accepted == 1
    assert rejects(house, "990101/reg.csv") == {(3, "A", "duplicate_key"), (4, "A", "duplicate_key")}


ROSTER = "2021-2022学年学籍花名册\n学籍号,身份证件号,姓名,学校标识码,年级,就读方式,出生日期\n"


def roster(*rows: tuple[str, str], birth: str = "2013-01-01") -> str:
    return ROSTER + "".join(f"{no},{idno},甲,{SCHOOL},3,走读,{birth}\n" for no, idno in rows)


def test_new_number_keeps_the_pupils_key(house: County):
    """L (temporary) -> G by a change, G -> another by a second change, given in the other order."""
    house.put("990101/a.csv", roster(("L990101201301010005", "")))
    house.run()
    ((before,),) = house.raw("pupil_roster", "student_key")
    changes = f"新学籍号,原学籍号,变更日期\nG{PUPILS[3]},G{PUPILS[2]},2022-03-01\n"
    changes += f"G{PUPILS[2]},L990101201301010005,2021-10-01\n"
    house.put("990101/c.csv", f"学籍号变更表\n{changes}")
    house.put("990101/2022-2023/b.csv", roster((f"G{PUPILS[3]}", "")).replace("2021-2022", "2022-2023"))
    results = house.run()
    assert results["990101/c.csv"].status == "accepted", results["990101/c.csv"].message_zh
    assert set(house.raw("student_number_changes", "student_key, previous_student_key")) == {(before, before)}
    assert house.raw("pupil_roster", "student_key", "period = '2022-2023'") == [(before,)]


def test_two_known_pupils_keep_both_keys(house: County):
    house.put("990101/a.csv", roster((f"G{PUPILS[0]}", ""), (f"G{PUPILS[1]}", "")))
    house.put("990101/c.csv", f"学籍号变更表\n新学籍号,原学籍号,变更日期\nG{PUPILS[1]},G{PUPILS[0]},2022-03-01\n")
    house.run()
    keys = dict(house.raw("pupil_roster", "_row, student_key"))
    changes = house.raw("student_number_changes", "student_key, previous_student_key")
    assert changes in ([(keys[4], keys[3])], [(keys[3], keys[3])])


def test_card_in_a_roster_is_the_number_of_another_sheet(house: County):
    house.put("990101/a.csv", roster(("L990101201301010005", PUPILS[0])))
    house.put(
        "990101/s.csv",
        f"{EXAM}成绩册\n身份证号,学校标识码,年级,班级,语文\n {PUPILS[0][:6]} {PUPILS[0][6:]},{SCHOOL},3,1班,80\n",
    )
    house.run()
    assert house.raw("exam_scores", "student_key") == house.raw("pupil_roster", "student_key")


def test_written_forms_of_a_number_are_one_pupil(house: County):
    wide = WITH_X.translate(str.maketrans("0123456789X", "０１２３４５６７８９ｘ"))
    for i, form in enumerate((f"G{WITH_X}", WITH_X, WITH_X.lower(), f"g{WITH_X}", f"J{WITH_X}", wide, f" G {WITH_X}")):
        house.put(f"990101/{2001 + i}-{2002 + i}/a.csv", roster((form, "")).replace("2021-2022学年", ""))
    results = house.run()
    assert {r.status for p, r in results.items() if p.endswith("a.csv")} == {"accepted"}
    assert len(set(house.raw("pupil_roster", "student_key"))) == 1
    assert len(house.raw("pupil_roster", "student_key")) == 7


def test_written_forms_repeat_within_a_file(house: County):
    house.put("990101/a.csv", roster((f"G{PUPILS[0]}", ""), (PUPILS[0], ""), (f"G{PUPILS[1]}", "")))
    assert house.run()["990101/a.csv"].rows_accepted == 1


def test_wrong_check_digit_and_old_card_are_returned(house: County):
    wrong = PUPILS[1][:-1] + ("1" if PUPILS[1][-1] != "1" else "2")
    house.put(
        "990101/a.csv", roster((f"G{PUPILS[0]}", wrong), (f"G{PUPILS[2]}", "990101130101001"), (f"G{PUPILS[3]}", ""))
    )
    assert house.run()["990101/a.csv"].rows_accepted == 1
    assert rejects(house, "990101/a.csv") == {(3, "B", "id_check_digit"), (4, "B", "id_old_card")}


def test_old_card_of_a_teacher_is_the_new_one(house: County):
    """530323680101001 was issued to one born in 1968; the 18-digit card has 19 before the year and a check digit."""
    head = "教师编号,身份证件号,姓名,学校标识码,岗位类别\n"
    house.put(
        "990101/2021-2022/t.csv",
        f"{head}T1,530323680101001,甲,{SCHOOL},专任教师\nT2,{card('53032319680101002')},乙,{SCHOOL},专任教师\n",
    )
    house.put("990101/2022-2023/t.csv", f"{head}T9,{card('53032319680101001')},甲,{SCHOOL},专任教师\n")
    results = house.run()
    assert results["990101/2022-2023/t.csv"].status == "accepted", results["990101/2022-2023/t.csv"].message_zh
    keys = dict(house.raw("teacher_roster", "period, student_key".replace("student", "teacher"), "_row = 2"))
    assert keys["2021-2022"] == keys["2022-2023"]


@pytest.mark.parametrize(
    ("text", "year"),
    [("2013-01-05", 2013), ("20130105", 2013), ("2013年1月", 2013), ("2013.1", 2013), ("2013", 2013), ("41279", 2013)],
)
def test_raw_keeps_the_year_of_a_birth(house: County, text: str, year: int):
    house.put("990101/a.csv", roster((f"G{PUPILS[0]}", ""), birth=text))
    assert house.run()["990101/a.csv"].status == "accepted"
    assert house.raw("pupil_roster", "birth_year, typeof(birth_year)") == [(year, "INTEGER")]


def test_unreadable_birth_is_returned(house: County):
    house.put("990101/a.csv", roster((f"G{PUPILS[0]}", ""), birth="春天"))
    house.run()
    assert {rule for _, _, rule in rejects(house, "990101/a.csv")} == {"not_date"}
