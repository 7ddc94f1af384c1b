"""A score sheet goes to the exam that it names, and waits for one that is not registered."""

from __future__ import annotations

import pytest

from ingest.exam_titles import unregistered
from tests.ingest.conftest import County

HEAD = "学籍号,学校标识码,年级,班级,姓名,语文,数学\n"
PUPIL = "G990101201301010011,2199000001,三年级,1班,学生甲,90,95\n"
REGISTERED = "2021-2022学年度第二学期期末检测"


@pytest.mark.parametrize(
    "title",
    [
        "2021-2022学年度第一学期期末检测成绩册",
        "2021-2022学年度第二学期期中检测成绩册",
        "2021-2022学年度第二学期期末联考成绩册",
        "三年级5月月考成绩",
    ],
)
def test_a_sheet_of_an_exam_that_is_not_registered_waits(county: County, title: str) -> None:
    """The only registered exam has the sheet's grade and subjects; its name is another."""
    county.put_reference()
    county.put("a.csv", f"{title},,,,,,\n{HEAD}{PUPIL}")
    found = county.run()["a.csv"]
    assert found.status == "waiting"
    assert title in found.message_zh and title in found.message_en and "\n" not in found.message_zh
    assert county.raw("exam_scores") == []


def test_it_loads_when_the_exam_is_registered(county: County) -> None:
    county.put_reference()
    county.put("a.csv", f"2021-2022学年度第二学期期中检测成绩册,,,,,,\n{HEAD}{PUPIL}")
    assert county.run()["a.csv"].status == "waiting"
    parameters = (county.inbox / "exam_parameters.csv").read_bytes()
    text = parameters.decode("gb18030").replace("期末检测", "期中检测").replace("2022-06-20", "2022-04-20")
    county.put("p2.csv", text.replace("2022年6月20日", "2022年4月20日"))
    assert county.run()["a.csv"].status == "accepted"
    assert len(county.raw("exam_scores")) == 2


@pytest.mark.parametrize(
    "title", ["", "三年级考试成绩册,,,,,,\n", "期末检测成绩册,,,,,,\n", "2021-2022学年成绩,,,,,,\n"]
)
def test_a_sheet_without_a_name_or_with_a_short_one_goes_by_its_subjects(county: County, title: str) -> None:
    county.put_reference()
    county.put("a.csv", f"{title}{HEAD}{PUPIL}")
    assert county.run()["a.csv"].status == "accepted"


def test_the_exams_column_names_it_too() -> None:
    assert unregistered(["期中检测"], [], [REGISTERED]) == "期中检测"
    assert unregistered(["第二学期期末检测"], [], [REGISTERED]) is None


def test_a_note_or_a_date_names_no_exam() -> None:
    assert unregistered([], ["考试日期:2022年4月1日", "注:期中缺考填Q", "单位:分", None], [REGISTERED]) is None
    assert unregistered([], ["期末检测(7月)"], [REGISTERED]) == "期末检测(7月)"
    assert unregistered([], ["上学期期末检测"], ["2021-2022学年第一学期期末检测"]) is None
