"""The rule of the seven items by hand: 200 pupils and a threshold of 10 per pupil, so that 2000 is just enough."""

from __future__ import annotations

import pandas as pd
import pytest

from warehouse.balance import judge_items, judge_sections


def _verdict(amounts: list[float | None], pupils: int = 200) -> str:
    items = pd.DataFrame(
        {
            "school_code": "2100000001",
            "stage": "primary",
            "item_code": [f"i{n}" for n in range(len(amounts))],
            "amount": amounts,
            "student_count": pupils,
            "scale": 1,
            "threshold": 10,
        }
    )
    return judge_sections(judge_items(items), required=6, floor=0.85, item_count=7)["verdict"].iloc[0]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ([2000.0], "met"),
        ([1999.0], "met"),
        ([1700.0], "met"),  # 85 percent exactly
        ([1699.0], "not_met"),
        ([None], "undecided"),  # missing is not zero
    ],
)
def test_the_item_that_remains(rest: list[float | None], expected: str) -> None:
    assert _verdict([2000.0] * 6 + rest) == expected


def test_two_below_or_no_pupils() -> None:
    assert _verdict([2000.0] * 5 + [1999.0, 1999.0]) == "not_met"
    assert _verdict([2000.0] * 7, pupils=0) == "undecided"
