"""Delimited text that is cut, mixed, endless or too wide."""

from __future__ import annotations

from tests.hostile import tables
from tests.hostile.case import Register
from tests.hostile.strangers import noise

NUL = ("NUL bytes", "空字节")
NO_TEXT = ("no text and no spreadsheet", "既不是可识别的文本")


def good(encoding: str = "gb18030") -> bytes:
    return tables.csv(tables.money(), encoding)


def _with_line(line: str) -> bytes:
    return good("utf-8") + line.encode()


def register(r: Register) -> None:
    r.refuse_all("more than 1000000 characters", "超过1000000个字符", {
        "cell_of_50_megabytes.csv": lambda: _with_line('"' + "啊" * (50_000_000 // 3) + '",1,2,3,4\r\n'),
        "cell_of_2_megabytes.csv": lambda: _with_line("x" * 2_000_000 + ",1,2,3,4\r\n"),
        "line_of_9_megabytes.csv": lambda: b"x" * 9_000_000,
    })  # fmt: skip
    r.refuse_all("columns, more than", "列,超过", {
        "five_thousand_columns.csv": lambda: _with_line(",".join(str(i) for i in range(5000)) + "\r\n"),
        "a_million_filled_columns.csv": lambda: _with_line("1," * 1_000_000 + "\r\n"),
    })  # fmt: skip
    r.refuse_all(*NUL, {
        "zero_byte_inside.csv": lambda: good().replace(b"301001", b"30\x001001"),
        "zero_bytes_behind.csv": lambda: good() + b"\x00" * 300_000,
        "zero_bytes_in_front.csv": lambda: b"\x00" * 30 + good("utf-8"),
        "zero_bytes_between_lines.csv": lambda: good("utf-8").replace(b"\r\n", b"\r\n\x00"),
        "zero_bytes_in_utf16.csv": lambda: (
            b"\xff\xfe" + good("utf-16-le").replace("维修".encode("utf-16-le"), b"\x00" * 4)
        ),
    })  # fmt: skip
    r.refuse_all(*NO_TEXT, {
        "half_utf8_half_gbk.csv": lambda: good("utf-8") + b"\xff" + good("gbk"),
        "gbk_cut_in_a_character.csv": lambda: good("gbk") + "教".encode("gbk")[:1],
        "utf16_cut_in_a_character.csv": lambda: b"\xff\xfe" + good("utf-16-le") + b"\x41",
        "utf16_lone_surrogate.csv": lambda: b"\xff\xfe" + good("utf-16-le") + b"\x00\xd8\x41\x00",
        "text_then_noise.csv": lambda: good("utf-8") + noise(5000).replace(b"\x00", b"\xff"),
        "utf8_surrogates.csv": lambda: good("utf-8") + b"\xed\xa0\x80\xff",
    })  # fmt: skip
    r.refuse_all("quote is not closed", "引号没有成对", {
        "quote_never_closed.csv": lambda: _with_line('"301002,教育局\r\n' + "1,2,3\r\n" * 3000),
    })  # fmt: skip

    @r.load("1 rows accepted", "接收1行", ".csv")
    def a_million_empty_columns() -> bytes:
        return _with_line("," * 1_000_000 + "\r\n")

    @r.load("1 rows accepted", "接收1行", ".csv")
    def mark_of_utf16_without_need() -> bytes:
        return b"\xfe\xff" + good("utf-16-be")

    @r.load("1 rows accepted", "接收1行", ".csv")
    def utf16_without_a_mark() -> bytes:
        return good("utf-16-le")

    @r.load("1 rows accepted", "接收1行", ".csv")
    def line_ends_of_old_macs() -> bytes:
        return good("utf-8").replace(b"\r\n", b"\r")

    @r.load("1 rows accepted", "接收1行", ".csv")
    def mark_twice() -> bytes:
        return b"\xef\xbb\xbf\xef\xbb\xbf" + good("utf-8")

    @r.load("1 rows accepted", "接收1行", ".csv")
    def a_hundred_thousand_blank_lines() -> bytes:
        return good("utf-8") + b"\r\n" * 100_000

    @r.load("1 rows accepted", "接收1行", ".csv")
    def end_of_file_sign_of_dos() -> bytes:
        return good() + b"\x1a"

    @r.load("1 rows accepted", "接收1行", ".xls")
    def text_as_workbook() -> bytes:
        return tables.text(tables.money(), "\t").encode("gb18030")

    @r.load("1 rows accepted", "接收1行", ".csv")
    def semicolons() -> bytes:
        return tables.text(tables.money(), ";").encode("utf-16")

    @r.load("1 rows accepted", "接收1行", ".csv")
    def separator_told_in_the_first_line() -> bytes:
        return ("sep=;\r\n" + tables.text(tables.money(), ";")).encode("utf-8-sig")
