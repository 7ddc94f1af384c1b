"""The balance assessment as it is read: units, signs, stages in order, how many schools hold, and its chart."""

from __future__ import annotations

import pyarrow as pa
import pytest

from publication.balance import assessment
from publication.datasets import DataSet

KNOWN = {
    "share": {"unit": "%", "precision_digits": 2},
    "plan": {"unit": "boolean", "precision_digits": 0},
    "rooms": {"unit": "rooms/12 classes", "precision_digits": 2},
}


def leg(leg_id: str, stage: str, **more: object) -> dict[str, object]:
    plain = {"sort_order": 1, "leg_group": "quality", "name_zh": leg_id, "comparison": "at_least", "status": "met"}
    counts = {"entity_count": 1, "met_count": 1, "obs_status": "A", "reason": None, "legal_basis": "办法 3.1"}
    return {"leg_id": leg_id, "stage": stage, **plain, **counts, "value": 1.0, "limit_value": 1.0, **more}


LEGS = [
    leg("a", "junior", indicator_code="share", value=99.0625, limit_value=100.0, status="not_met"),
    leg("a", "primary", indicator_code="share", value=2 / 3 * 100, limit_value=100.0, status="not_met"),
    leg("b", "primary", indicator_code="plan", sort_order=2),
    leg(
        "c", "primary", indicator_code="rooms", sort_order=3, value=0.5, entity_count=12, met_count=11, status="not_met"
    ),
    leg("1.cv", "primary", indicator_code="cv", sort_order=4, value=0.44951, limit_value=0.45, comparison="at_most"),
    leg("d", "primary", indicator_code="share", sort_order=5, value=None, obs_status="c", status="undecided"),
]


@pytest.fixture
def rows() -> list[dict[str, str]]:
    table = pa.Table.from_pylist(LEGS)
    made = assessment([DataSet("pub_balance_leg", tuple((n, "VARCHAR") for n in table.column_names), table)], KNOWN)
    assert made is not None and made["document"] == "办法" and "3.1" in {r["basis"] for r in made["groups"][0]["rows"]}
    assert made["chart"] is not None and "未达标 3" in made["chart"].caption and "达标 2" in made["chart"].caption
    return made["groups"][0]["rows"]


def test_values_have_units_and_standards_their_sign(rows: list[dict[str, str]]) -> None:
    assert [(r["scope"], r["value"], r["limit"]) for r in rows] == [
        ("小学", "66.67%", "≥ 100%"),
        ("初中", "99.06%", "≥ 100%"),
        ("小学", "是", "是"),
        ("小学", "0.50 间/12班", "≥ 1 间/12班"),
        ("小学", "0.450", "≤ 0.450"),
        ("小学", "不予公布", "≥ 1%"),
    ]


def test_a_leg_is_named_once_and_says_how_many_hold(rows: list[dict[str, str]]) -> None:
    assert [r["is_first"] for r in rows] == [True, False, True, True, True, True]
    assert [r["share"] for r in rows] == ["", "", "", "11 / 12 达到", "", ""]
