"""Single cells: what text becomes, told by figures that are not the code's own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import normalise, periods
from ingest.contracts import vocabularies
from ingest.plain import clean_column
from ingest.readers import decode, read
from ingest.texts import clean_array, header_form, letter, mask


@pytest.fixture(scope="module")
def sql():
    with normalise.connect() as con:
        yield lambda expression, text: con.execute(f"SELECT {expression}", [text]).fetchone()[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", "1234.5"),
        ("95分", "95"),
        ("85%", "0.85"),
        ("4.0", "4"),
        ("-1", "-1"),
        ("0", "0"),
        ("12.339999999999998", "12.34"),
    ],
)
def test_numbers(sql, text, value):
    assert sql("num(?)", text) == Decimal(value)


@pytest.mark.parametrize("text", ["缺考", "1,2,3", "12a", "95 分 5", "", "A"])
def test_no_numbers(sql, text):
    assert sql("num(?)", text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022-06-20", (2022, 6, 20)),
        ("2022年6月20日", (2022, 6, 20)),
        ("2022.6.20", (2022, 6, 20)),
        ("2022/6/2", (2022, 6, 2)),
        ("20220620", (2022, 6, 20)),
        ("2022.6", (2022, 6, 1)),
        ("2022年6月", (2022, 6, 1)),
        ("2022-06", (2022, 6, 1)),
        ("44732", (2022, 6, 20)),
        ("2022-06-20 00:00:00", (2022, 6, 20)),
    ],
)
def test_dates(sql, text, day):
    assert sql("day(?)", text) == dt.date(*day)


@pytest.mark.parametrize("text", ["夏天", "2022-13-01", "6月20日", "1"])
def test_no_dates(sql, text):
    assert sql("day(?)", text) is None


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2021-2022学年度第二学期", "2021-2022"),
        ("2021—2022学年", "2021-2022"),
        ("2022~2023", "2022-2023"),
        ("2021学年", "2021-2022"),
        ("2022年春季", "2021-2022"),
        ("2022年秋季", "2022-2023"),
        ("2022-06-20", "2021-2022"),
        ("统计时点:2021年9月1日", "2021-2022"),
        ("2021-2023", None),
        ("exam_scores", None),
        (None, None),
        ("2024年财政", None),
    ],
)
def test_school_years(text, year):
    assert periods.school_year(text) == year


def test_fiscal_years():
    assert periods.fiscal_year("2024年教育经费预算表") == "2024"
    assert periods.fiscal_year("2024-2025") is None
    assert periods.fiscal_year("第120240号") is None


@given(st.integers(2000, 2098), st.sampled_from(["-", "—", "~", "至"]), st.text("学年度第二期 成绩", max_size=6))
def test_school_year_is_found_in_any_title(year, dash, tail):
    assert periods.school_year(f"{year}{dash}{year + 1}{tail}") == f"{year}-{year + 1}"


def test_clean_text():
    cells = ["　语　文 ", "\u00a0９５．５\u200b", "—", "/", "", "﹣", "（１）班", "无"]
    assert clean_array(pa.array(cells)).to_pylist() == ["语 文", "95.5", None, None, None, None, "(1)班", "无"]
    assert header_form(" *学校（机构） 名称 ") == "学校(机构)名称"


def test_the_apostrophe_of_a_number_meant_as_text_is_no_part_of_it():
    cells = ["'43", "＇43", "‘2199201001", "'-3.5", "'1,234", "o'b", "'", "'语文", "''43"]
    wanted = ["43", "43", "2199201001", "-3.5", "1,234", "o'b", "'", "'语文", "''43"]
    assert clean_array(pa.array(cells)).to_pylist() == wanted
    assert clean_column(pa.array(["'43", "7"])).to_pylist() == ["43", "7"]  # plain ASCII goes another way


@given(st.text(max_size=40))
def test_cleaning_twice_is_cleaning_once(text):
    once = clean_array(pa.array([text], pa.string()))
    assert clean_array(once).to_pylist() == once.to_pylist()


@given(st.integers(0, 20000))
def test_letters_count_like_a_spreadsheet(index):
    number = 0
    for c in letter(index):
        number = number * 26 + ord(c) - 64
    assert number == index + 1


def test_identifiers_are_masked_and_unit_codes_are_not():
    assert mask("G990101201301010011_成绩.csv") == "***_成绩.csv"
    assert mask("2199000001_2021-2022.xlsx") == "2199000001_2021-2022.xlsx"
    assert mask("123456789012345678") == "123456789012345678"


def test_grades_and_stages():
    grade = vocabularies()["grade"]
    assert [grade.value(t) for t in ("三年级", "3", "七年级", "初一", "高 三", "毕业班")] == [
        "3",
        "3",
        "7",
        "7",
        "12",
        None,
    ]
    stage = vocabularies()["stage"]
    assert stage.within("2021-2022学年初小学基本情况统计表") == {"primary"}
    assert stage.within("小学和初中统计表") == {"primary", "junior"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_encodings(encoding):
    text = "学籍号,姓名,班级\r\n1,囧𠮷,三年级\r\n"
    assert decode(text.encode(encoding)).lstrip("\ufeff") == text
    assert read(text.replace(",", "\t").encode(encoding))[0].row(1) == ["1", "囧𠮷", "三年级"]
