"""The desk on which scenarios of rules are planted: words of columns, totals made right, nothing changed unnoticed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from synth.rule_desk import Desk, columns_of
from synth.sheets import Sheet, Text

HOME = Path("county")


@pytest.fixture
def desk() -> Desk:
    report = Sheet(
        "基表",
        [["代码", "在校生数", "", "教职工数"], ["", "合计", "其中:女", ""]],
        [["a", 10, 4, 2], ["b", 20, 9, 3]],
        after=[["合计", 30, 13, 5], ["填表人:"]],
    )
    text = Text(pd.DataFrame({"代码": ["a", "b"], "数": [1, 2]}), "utf-8-sig")
    return Desk(HOME, {HOME / "report.xlsx": [report], HOME / "text.csv": text})


def _sheet(desk: Desk) -> Sheet:
    content = desk.waiting[HOME / "report.xlsx"]
    assert isinstance(content, list)
    return content[0]


def test_columns_under_two_rows_of_header(desk: Desk) -> None:
    assert columns_of(_sheet(desk)) == ["代码", "在校生数/合计", "在校生数/其中:女", "教职工数"]


def test_a_change_makes_the_total_line_right(desk: Desk) -> None:
    met = desk.change_by("report.xlsx", lambda r: r["代码"] == "b", {"在校生数/合计": lambda r: r["教职工数"]})
    assert [r["在校生数/合计"] for r in met] == [3]
    assert _sheet(desk).rows == [["a", 10, 4, 2], ["b", 3, 9, 3]]
    assert _sheet(desk).after == [["合计", 13.0, 13.0, 5.0], ["填表人:"]]


def test_rows_are_added_and_taken_away(desk: Desk) -> None:
    desk.add("text.csv", [{"代码": "c", "数": 3}])
    desk.drop("text.csv", lambda r: r["代码"] == "a")
    assert desk.rows("text.csv") == [{"代码": "b", "数": 2}, {"代码": "c", "数": 3}]


def test_a_scenario_that_finds_no_place_says_so(desk: Desk) -> None:
    with pytest.raises(LookupError):
        desk.change("text.csv", lambda r: False, 数=1)
    with pytest.raises(KeyError):
        desk.change("text.csv", lambda r: True, 人数=1)
