"""What holds for every text and number: cleaning, masking, numbers in all their writings, dates, encodings."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest import normalise
from ingest.cells import blocks
from ingest.delimited import decode
from ingest.limits import Limits
from ingest.readers import Book, read_book
from ingest.texts import clean_array, header_form, mask
from warehouse.errors import SchoolhouseError

FULL_WIDTH = str.maketrans("0123456789.,%-", "０１２３４５６７８９．，％－")
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
AMOUNTS = st.decimals("-99999999999.99", "99999999999.99", places=2, allow_nan=False)
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2059, 12, 31))
LIMITS = Limits.load({})


@pytest.fixture(scope="module")
def sql():
    with normalise.connect() as con:
        yield lambda expression, text: con.execute(f"SELECT {expression}", [text]).fetchone()[0]


def cleaned(text: str) -> str | None:
    return clean_array(pa.array([text], pa.string()))[0].as_py()


@given(ANY_TEXT)
@example("\ufeff")
@example("\u200b—\u200b")
def test_cleaning_is_done_once_and_leaves_nothing_invisible(text):
    once = cleaned(text)
    assert once is None or cleaned(once) == once
    assert once is None or (once == once.strip() and "\u200b" not in once and "\xa0" not in once and "\x00" not in once)


@given(ANY_TEXT)
def test_headers_are_compared_in_one_form(text):
    assert header_form(header_form(text)) == header_form(text)


@given(AMOUNTS)
def test_an_amount_is_the_same_in_all_writings(sql, amount):
    plain, grouped = f"{amount:.2f}", f"{amount:,.2f}"
    writings = {plain, grouped, f" {plain} ", plain.translate(FULL_WIDTH), grouped.translate(FULL_WIDTH), f"{plain}元"}
    if amount < 0:
        writings |= {f"({-amount:,.2f})", f"\u2212{-amount:.2f}"}
    for text in writings:
        assert sql("num(?)", cleaned(text)) == amount, text


@given(st.decimals("0", "100", places=1, allow_nan=False))
def test_a_rate_is_the_same_in_three_writings(sql, percent):
    fraction = percent / 100
    assert sql("rate(?, NULL)", f"{percent}%") == fraction
    assert sql("rate(?, 0.5)", f"{fraction}") == fraction
    assert sql("rate(?, 50)", f"{percent}") == fraction


@given(DAYS)
def test_a_day_is_the_same_in_all_writings(sql, day):
    serial = (day - dt.date(1899, 12, 30)).days
    y, m, d = day.year, day.month, day.day
    for text in (day.isoformat(), f"{y}年{m}月{d}日", f"{y}.{m}.{d}", f"{y}/{m}/{d}", f"{day:%Y%m%d}", str(serial)):
        assert sql("day(?)", text) == day, text


@given(ANY_TEXT)
def test_no_text_breaks_the_macros(sql, text):
    for macro in ("num(?)", "day(?)", "broken(?)", "nothing(?)", "card_of(?)", "person_form(?)"):
        sql(macro, cleaned(text))


@st.composite
def cards(draw) -> str:
    born = draw(DAYS)
    number = f"{draw(st.integers(110000, 659999))}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return number + draw(st.sampled_from("0123456789X"))


WORDS = st.text("成绩_-. ()甲乙", max_size=8)


@given(cards(), st.sampled_from(["", "G", "J", "g"]), WORDS, WORDS)
def test_no_identity_number_gets_past_the_mask(card, letter, before, after):
    shown = mask(f"{before}{letter}{card}{after}")
    assert card[:17] not in shown
    assert mask(shown) == shown


@given(st.floats(1e15, 1e22))
def test_a_number_of_sixteen_digits_shows_that_it_lost_some(number):
    text = next(blocks([[number]], 1)).column(0)[0].as_py()
    assert "E+" in text and float(text) == number


@given(st.integers(-(10**14), 10**14))
def test_a_whole_number_shows_as_it_is(number):
    assert next(blocks([[float(number)], ["x"]], 1)).column(0)[0].as_py() == str(number)


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=5)


@given(st.lists(HAN, min_size=3, max_size=6), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_what_is_written_is_read(words, encoding):
    text = ",".join(words) + "\r\n" + ",".join(f'"{w},{w}"' for w in words) + "\r\n"
    sheet = read_book(text.encode(encoding), LIMITS).sheets[0]
    assert sheet.row(0) == [cleaned(w) for w in words]
    assert sheet.row(1) == [cleaned(f"{w},{w}") for w in words]
    assert decode(text.encode(encoding)).lstrip("\ufeff") == text


def test_han_that_is_utf8_by_chance_is_read_as_han():
    # 一 in GB18030 are the bytes of a Cyrillic letter in UTF-8.
    assert decode("一,一\r\n".encode("gb18030")) == "一,一\r\n"
    # One ideograph in the text says that it is no chance.
    assert decode("é,班\r\n".encode()) == "é,班\r\n"


@settings(max_examples=300)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"]))
def test_any_bytes_are_a_book_or_a_refusal(data, head):
    try:
        assert isinstance(read_book(head + data, LIMITS), Book)
    except SchoolhouseError as e:
        assert e.line("zh") and e.line("en").isprintable()
