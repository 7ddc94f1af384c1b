"""The monitoring rules evaluated a second time, in Python, from operands and seeds; none of the SQL is used."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from tests.warehouse.rendered import seed_rows

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "<>": operator.ne,
}  # fmt: skip
HIT, CLEAR, OPEN = "hit", "clear", "undecided"
KEY = ["region_code", "school_year", "rule_id", "entity_type", "entity_id"]
SCOPE = ["stage", "urban_rural", "grade", "subject", "group_code"]
OPERAND_SCOPE = ["scope_stage", "scope_urban_rural", "scope_grade", "scope_subject", "scope_group"]


class Seeds:
    """The plans' rows as they stand in the files."""

    def __init__(self) -> None:
        self.forms = {r["rule_id"]: r for r in seed_rows("rule_form")}
        self.legs = {(r["rule_id"], int(r["leg_no"])): r for r in seed_rows("rule_leg")}
        self.targets = {r["target_id"]: float(r["value_num"]) for r in seed_rows("policy_targets")}
        self.parameters = seed_rows("parameter")
        self.plan_parameters = {r["parameter"]: float(r["value_num"]) for r in seed_rows("plan_parameter")}

    def threshold(self, leg: Mapping[str, str], school_year: str) -> float | None:
        """What a leg's figure is compared with at the edition of a school year."""
        kind, reference = leg["threshold_kind"], leg["threshold"]
        if kind == "number":
            return float(reference)
        if kind == "target":
            return self.targets.get(reference)
        if kind == "plan_parameter":
            return self.plan_parameters.get(reference)
        day = f"{school_year[:4]}-09-01"
        valid = [
            float(p["value"]) for p in self.parameters
            if p["parameter_code"] == reference and p["valid_from"] <= day <= (p["valid_to"] or "9999-12-31")
        ]  # fmt: skip
        return valid[0] if valid else None


def leg_outcome(seeds: Seeds, row: Mapping[str, Any]) -> str:
    """What one operand says, from its value alone: the reason it carries is believed, nothing else is."""
    leg = seeds.legs[row["rule_id"], int(row["leg_no"])]
    threshold, value = seeds.threshold(leg, row["school_year"]), row["value"]
    if threshold is None or value is None or math.isnan(value) or isinstance(row["reason_code"], str):
        return OPEN
    return HIT if COMPARE[leg["operator"]](value, threshold) else CLEAR


def verdict(combine: str, legs: Mapping[int, list[str]]) -> str:
    """Legs as one answer. `legs` holds the outcomes of each leg's figures."""
    answers = [
        HIT if HIT in outcomes else OPEN if OPEN in outcomes else CLEAR for outcomes in legs.values()
    ]  # fmt: skip
    if not answers:
        return OPEN
    if combine == "any":
        return HIT if HIT in answers else OPEN if OPEN in answers else CLEAR
    return CLEAR if CLEAR in answers else OPEN if OPEN in answers else HIT


def differences(seeds: Seeds, evaluations: pd.DataFrame, operands: pd.DataFrame) -> list[str]:
    """Rows of either table that the second evaluation does not agree with, told in words."""
    found: list[str] = []
    grouped: dict[tuple[Any, ...], dict[int, list[str]]] = {}
    for row in operands.to_dict("records"):
        again = leg_outcome(seeds, row)  # type: ignore[arg-type]
        key = tuple(row[c] for c in KEY + OPERAND_SCOPE)
        if again != row["outcome"]:
            found.append(f"leg {row['leg_no']} of {key}: {row['outcome']}, not {again}")
        grouped.setdefault(key, {}).setdefault(int(row["leg_no"]), []).append(again)
    for row in evaluations.to_dict("records"):
        key = tuple(row[c] for c in KEY + SCOPE)
        again = verdict(seeds.forms[row["rule_id"]]["combine"], grouped.pop(key, {}))
        if again != row["outcome"]:
            found.append(f"{key}: {row['outcome']}, not {again}")
    found += [f"operands of no verdict: {key}" for key in grouped]
    return found


def hits(evaluations: pd.DataFrame, rule: str, year: str) -> set[str]:
    """Entities that a rule hits at an edition."""
    of = evaluations[(evaluations["rule_id"] == rule) & (evaluations["school_year"] == year)]
    return set(of.loc[of["outcome"] == HIT, "entity_id"])


def judged(evaluations: pd.DataFrame, rule: str, year: str) -> dict[str, str]:
    """Outcome by entity; of several rows of an entity the worst."""
    of = evaluations[(evaluations["rule_id"] == rule) & (evaluations["school_year"] == year)]
    order = {HIT: 0, OPEN: 1, CLEAR: 2}
    worst: dict[str, str] = {}
    for row in of.itertuples():
        now = worst.get(str(row.entity_id), CLEAR)
        worst[str(row.entity_id)] = min(now, str(row.outcome), key=order.__getitem__)
    return worst


def outcomes(values: Mapping[str, float], rule: Callable[[float], bool]) -> dict[str, str]:
    """Hit or clear by entity, from a figure and what the rule says of it."""
    return {k: HIT if rule(v) else CLEAR for k, v in values.items()}


def none_of(items: Iterable[str]) -> bool:
    return not list(items)
