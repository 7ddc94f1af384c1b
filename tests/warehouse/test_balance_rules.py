"""The rules of the assessment on figures worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from warehouse.balance import conclude, judge_items, judge_leg, weighted_cv


def _item(amount: object, pupils: object, scale: int, threshold: object) -> dict[str, Any]:
    row = {"school_code": "s", "stage": "primary", "item_code": "i", "amount": amount, "student_count": pupils}
    frame = pd.DataFrame([row | {"scale": scale, "threshold": threshold}], dtype=object)
    return judge_items(frame).to_dict("records")[0]


@pytest.mark.parametrize(
    ("amount", "pupils", "scale", "threshold", "meets", "gap"),
    [
        (42, 1000, 100, 4.2, True, 0),  # 4.2 a hundred exactly
        (41, 1000, 100, 4.2, False, 1),
        (0, 35, 100, 0.9, False, 1),  # 0.315 of a teacher is one teacher
        (3, 470, 100, 0.9, False, 2),  # 4.23 needed
        (650.5, 189, 1, 4.5, False, 200),  # 850.5 needed: exactly 200 m2
        (650.49, 189, 1, 4.5, False, 201),
        (1817.25, 1, 1, 2000, False, 183),  # 182.75 yuan
        (None, 189, 1, 4.5, None, None),
        (5, 0, 100, 4.2, None, None),
        (5, None, 100, 4.2, None, None),
        (5, 100, 100, None, None, None),
    ],
)
def test_an_item_and_its_gap(
    amount: object, pupils: object, scale: int, threshold: object, meets: bool | None, gap: int | None
) -> None:
    found = _item(amount, pupils, scale, threshold)
    assert (found["meets"], found["gap_units"]) == (meets, gap)


@pytest.mark.parametrize("pupils", [7, 35, 113, 189, 212, 419, 870, 1999])
@pytest.mark.parametrize(("scale", "threshold"), [(100, 4.2), (100, 5.3), (100, 0.9), (1, 7.5), (1, 10.2), (1, 2500)])
@pytest.mark.parametrize("share", [0.0, 0.31, 0.849, 0.9999])
def test_the_gap_is_just_enough(pupils: int, scale: int, threshold: float, share: float) -> None:
    """What is lacking makes the item met; one unit less does not."""
    whole = share * threshold * pupils / scale
    amount = float(math.floor(whole)) if scale == 100 else round(whole - 0.005, 2)
    amount = max(amount, 0.0)
    gap = _item(amount, pupils, scale, threshold)["gap_units"]
    assert gap >= 1
    assert _item(round(amount + gap, 2), pupils, scale, threshold)["meets"]
    assert not _item(round(amount + gap - 1, 2), pupils, scale, threshold)["meets"]


def test_a_figure_is_compared_as_it_is_written() -> None:
    """0.1 * 3 is 0.30000000000000004 in doubles; 85 percent of 4.2 of 10000 pupils are 357 teachers, and no more."""
    assert _item(0.3, 1, 1, 0.3)["meets"]
    assert Fraction("0.85") * Fraction("4.2") * 100 == 357
    assert _item(357, 10000, 100, 3.57)["meets"]


def test_edges_of_the_coefficient() -> None:
    assert weighted_cv(pd.Series([0, 0]), pd.Series([10, 20])) is None
    assert weighted_cv(pd.Series([1, None]), pd.Series([10, 20])) is None
    assert weighted_cv(pd.Series([1, 2]), pd.Series([10, None])) is None
    assert weighted_cv(pd.Series([7]), pd.Series([20])) == 0


LEG: dict[str, Any] = {
    "leg_id": "x",
    "leg_group": "guarantee",
    "comparison": "at_least",
    "limit_value": 95,
    "needs_declaration": False,
    "affirmed": None,
    "applies": True,
}
VETO = {**LEG, "leg_group": "veto", "comparison": "at_most", "limit_value": 0, "needs_declaration": True}


@pytest.mark.parametrize(
    ("leg", "figures", "status", "reason", "value"),
    [
        (LEG, [(95.0, "")], "met", None, 95.0),
        (LEG, [(94.999, "")], "not_met", None, 94.999),
        ({**LEG, "comparison": "at_most"}, [(95.0, "")], "met", None, 95.0),
        ({**LEG, "comparison": "below", "limit_value": 0.15}, [(0.15, "")], "not_met", None, 0.15),
        ({**LEG, "comparison": "below", "limit_value": 0.15}, [(0.1499, ""), (0.1, "")], "met", None, 0.1499),
        # One that fails decides, also where another is unknown; one that is unknown leaves it open.
        (LEG, [(90.0, ""), (None, "not_reported"), (99.0, "")], "not_met", None, 90.0),
        (LEG, [(None, "not_reported"), (99.0, "")], "undecided", "not_reported", 99.0),
        (LEG, [], "undecided", "not_reported", None),
        (LEG, [(None, "awaiting_attestation")], "undecided", "awaiting_attestation", None),
        (LEG, [(None, "not_applicable")], "met", "not_applicable", None),
        ({**LEG, "applies": False}, [], "met", "not_applicable", None),
        # Without a limit a signed word decides, and nothing else.
        ({**LEG, "limit_value": None}, [(99.0, "")], "undecided", "no_limit", 99.0),
        ({**LEG, "limit_value": None, "affirmed": True}, [(99.0, "")], "met", "attested", 99.0),
        ({**LEG, "limit_value": None, "affirmed": False}, [(99.0, "")], "not_met", "attested", 99.0),
        # A veto of zero needs a declaration; a case found is a candidate that people review.
        (VETO, [(0.0, "")], "undecided", "awaiting_declaration", 0.0),
        ({**VETO, "affirmed": False}, [(0.0, "")], "met", None, 0.0),
        ({**VETO, "affirmed": True}, [(0.0, "")], "not_met", "attested", 0.0),
        (VETO, [(1.0, "")], "not_met", "candidate_for_review", 1.0),
        ({**VETO, "affirmed": False}, [(1.0, "")], "not_met", "candidate_for_review", 1.0),
    ],
)
def test_a_leg(leg: dict[str, Any], figures: list, status: str, reason: str | None, value: float | None) -> None:
    found = judge_leg(leg, figures)
    assert (found["status"], found["reason"], found["value"]) == (status, reason, value)
    assert found["met_count"] + found["not_met_count"] + found["undecided_count"] == len(figures)


def _legs(*statuses: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"leg_id": str(n), "sort_order": n, "leg_group": g, "status": s} for n, (g, s) in enumerate(statuses)]


@pytest.mark.parametrize(
    ("legs", "conclusion", "vetoed", "deciding"),
    [
        (_legs(("resource", "met"), ("veto", "met")), "met", False, None),
        (_legs(("resource", "met"), ("quality", "undecided"), ("veto", "met")), "undecided", False, "1"),
        (_legs(("data", "undecided"), ("quality", "not_met"), ("veto", "met")), "not_met", False, "1"),
        (_legs(("resource", "not_met"), ("quality", "undecided"), ("veto", "not_met")), "not_met", True, "2"),
    ],
)
def test_the_conclusion(legs: list[dict[str, Any]], conclusion: str, vetoed: bool, deciding: str | None) -> None:
    found = conclude(legs)
    assert (found["conclusion"], found["is_vetoed"], found["deciding_leg_id"]) == (conclusion, vetoed, deciding)
    assert found["veto_status"] == ("not_met" if vetoed else "met")
