"""Files that are read well and hold cells that nobody may guess at: the cell is rejected, its file told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.hostile import tables
from tests.hostile.builders import Raw, xls, xlsx
from tests.hostile.case import Case, Register

# Made up, with right check digits by GB 11643; the last one ends in 000 by chance.
CARD = "530323201309010019"
GOOD = "990101201301010011"
DESTROYED = ("rejected by", "科学计数法")
ERROR = '<c r="{{ref}}" t="e"><f>1/0</f><v>{}</v></c>'


def _money(amount: Any, writer: Callable[[list[list[Any]]], bytes] = xlsx) -> Callable[[], bytes]:
    return lambda: writer(tables.money(["301001", "教育局", "维修", "执行", amount]))


def _scores(*pupils: Any, writer: Callable[[list[list[Any]]], bytes] = xlsx) -> Callable[[], bytes]:
    return lambda: writer(tables.scores(*pupils))


def _exam(day: Any, writer: Callable[[list[list[Any]]], bytes] = xlsx) -> Callable[[], bytes]:
    row = ["2021-2022学年度第一学期期中检测", day, "县", "三年级", "语文", 100, 85, 75, 60, 40, ""]
    return lambda: writer([tables.PARAMETER_HEADER, row])


def register(r: Register) -> None:
    def rejected(rule: str, en: str, zh: str, files: dict[str, Callable[[], bytes]], status: str = "rejected") -> None:
        for file, build in files.items():
            r.add(Case(file.rsplit(".", 1)[0], file, build, status, en, zh, rule))

    rejected("id_destroyed", "destroyed by the spreadsheet", "科学计数法", {
        "id_as_number.xlsx": _scores(float(CARD)),
        "id_as_number_xls.xls": _scores(float(CARD), writer=xls),
        "id_as_whole_number.xlsx": _scores(Raw('<c r="{ref}"><v>530323201309010019</v></c>')),
        "id_of_sixteen_digits.xlsx": _scores(5303232013090100),
        "id_with_exponent.csv": _scores("5.30323E+17", writer=tables.csv),
        "id_with_small_exponent.csv": _scores("5.30323e17", writer=tables.csv),
        "id_with_apostrophe_and_exponent.csv": _scores("'5.30323E+17", writer=tables.csv),
        "id_ends_in_zeros.csv": _scores(_zeroed(fits=False), writer=tables.csv),
        "id_in_full_width_exponent.csv": _scores("５.30323Ｅ＋17", writer=tables.csv),
    })  # fmt: skip
    # 530323201309011000 has the right check digit by chance; beside one that has lost its digits it is not believed.
    rejected("id_destroyed", "2 rows rejected", "2行", {
        "id_zeros_that_fit_by_chance.csv": _scores(_zeroed(fits=True), _zeroed(fits=False), writer=tables.csv),
    })  # fmt: skip
    rejected("formula_error", "error of a formula", "公式错误值", {
        "divided_by_zero.xlsx": _money(Raw(ERROR.format("#DIV/0!"))),
        "reference_lost.xlsx": _money(Raw(ERROR.format("#REF!"))),
        "not_available.xlsx": _money(Raw(ERROR.format("#N/A"))),
        "name_unknown.xlsx": _money(Raw(ERROR.format("#NAME?"))),
        "divided_by_zero_text.csv": _money("#DIV/0!", tables.csv),
        "value_error_text.csv": _money("#VALUE!", tables.csv),
        "error_in_a_name.xlsx": lambda: xlsx(tables.money(["301001", "教育局", Raw(ERROR.format("#REF!")), "执行", 1])),
    })  # fmt: skip
    rejected("month_ambiguous", "January as well as October", "1月还是10月", {
        "october_as_a_number.xlsx": _exam(2021.10),
        "october_as_text.csv": _exam("2021.1", tables.csv),
    })  # fmt: skip
    rejected("not_number", "is not a number", "不是数字", {
        "command_in_a_cell.csv": _money("=cmd|' /C calc'!A0", tables.csv),
        "number_of_two_points.csv": _money("1.234.5", tables.csv),
        "number_with_words.csv": _money("约一千元", tables.csv),
        "infinite_number.csv": _money("inf", tables.csv),
        "no_number_at_all.csv": _money("NaN", tables.csv),
        "number_of_forty_digits.csv": _money("9" * 40, tables.csv),
        "exponent_of_nine_digits.csv": _money("1e999999999", tables.csv),
    })  # fmt: skip
    rejected("identifier_in_text", "identity number where none belongs", "证件号码", {
        "id_in_a_project_name.csv": lambda: tables.csv(tables.money(["301001", "教育局", f"补助{CARD}", "执行", 1])),
    })  # fmt: skip
    rejected("required", "is empty", "没有填", {
        "nothing_as_a_word.csv": _money("无", tables.csv),
        "nothing_as_a_dash.csv": _money("—", tables.csv),
    })  # fmt: skip


def _check_digit(first: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


def _zeroed(*, fits: bool) -> str:
    """A number of 18 digits that ends in 000 and whose check digit fits, or does not."""
    for day in range(10, 29):
        for turn in range(10):
            first = f"530323201309{day}{turn}00"
            if (_check_digit(first) == "0") == fits:
                return f"{first}0"
    raise AssertionError
