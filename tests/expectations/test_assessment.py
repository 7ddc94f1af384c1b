"""The rule of the seven items by hand, and a stored assessment that does not say what the figures say.

By hand: 200 pupils and a threshold of 10 per pupil, so that 2000 is just enough.
"""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa

from expectations.assessment import recompute_assessment
from expectations.candidate import open_candidate
from tests.expectations.house import REGION, YEAR, House
from warehouse import ledger as l
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


_ONE = "school_code = '2199020002'"


@pytest.mark.parametrize(
    ("change", "entity"),
    [
        (f"fct_balance_school_item set value = value + 1e-6 where {_ONE} and item_code = 'sports_area'",
         "school_item/2199020002/primary/sports_area"),
        (f"fct_balance_school_item set status = 'not_met' where {_ONE} and item_code = 'teaching_area'",
         "school_item/2199020002/primary/teaching_area"),
        (f"fct_balance_school_item set gap_cost_yuan = 0 where {_ONE} and item_code = 'pe_art_teachers'",
         "school_item/2199020002/primary/pe_art_teachers"),
        (f"fct_balance_section set items_met_count = 5 where {_ONE}", "section/2199020002/primary"),
        (f"fct_balance_section set status = 'met' where {_ONE}", "section/2199020002/primary"),
        (f"fct_balance_section set is_eligible = false where {_ONE}", "section/2199020002/primary"),
        ("fct_balance_leg set limit_value = 84 where leg_id = '4.1'", "leg/4.1/primary"),
        ("fct_balance_leg set value = 33.3 where leg_id = '1'", "leg/1/primary"),
        ("fct_balance_leg set reason = 'no_limit' where leg_id = '4.1'", "leg/4.1/primary"),
        ("fct_balance_conclusion set conclusion = 'met'", "conclusion"),
        ("fct_balance_conclusion set deciding_leg_id = '4.1'", "conclusion"),
    ],
)  # fmt: skip
def test_a_changed_figure_is_seen_where_it_stands(house: House, change: str, entity: str) -> None:
    table, rest = change.split(" ", 1)
    place = "and" if " where " in rest else "where"
    house.sql(f"update {table} {rest} {place} region_code = '{REGION}'")
    found = _compared(house)
    assert set(found.loc[found["deviation"] > 1e-9, "entity_id"]) == {entity}


def test_a_row_on_one_side_only_is_seen(house: House) -> None:
    house.sql(f"delete from fct_balance_school_item where {_ONE} and item_code = 'backbone_teachers'")
    found = _compared(house).set_index("entity_id").loc["school_item/2199020002/primary/backbone_teachers"]
    assert (found["stored"], found["recomputed"], found["deviation"]) == ("absent", "present", float("inf"))


def test_the_county_of_the_house_agrees(house: House) -> None:
    found = _compared(house)
    # Three sections of seven items, three legs and the conclusion.
    assert (len(found), found["deviation"].max() <= 1e-12) == (3 * 7 + 3 + 3 + 1, True)


def _compared(house: House) -> pd.DataFrame:
    row = house.ledger.rows(sa.select(l.build))[0]
    build = {**row, "path": house.folder / "warehouse.duckdb"}
    with open_candidate(house.settings, house.ledger, build, REGION, YEAR) as candidate:
        return recompute_assessment(candidate)
