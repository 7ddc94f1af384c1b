"""The assessment of one region and school year from its figures: items, sections, coefficients, legs, conclusion."""

# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from warehouse.balance import MET, NOT_MET, conclude, exact, judge_items, judge_leg, judge_sections, weighted_cv
from warehouse.balance_figures import ITEMS, STAGES, Figures

_LEAST_MET = "res_items_met_count"


@dataclass(frozen=True)
class Assessment:
    """`items`: a row a section and item (judge_items, with gap_cost_yuan); `sections`: judge_sections with is_eligible;
    `coefficients`: (stage, item_code) -> CV or None; `legs`: dicts in order; `conclusion`: see `balance.conclude`."""

    items: pd.DataFrame
    sections: pd.DataFrame
    coefficients: dict[tuple[str, str], float | None]
    legs: list[dict[str, Any]]
    conclusion: dict[str, Any]


def assess(figures: Figures) -> Assessment:
    """Compute everything anew; nothing is read but `figures`."""
    items = judge_items(_amounts(figures))
    units = {item: exact(cost) for item, cost in figures.costs.items()}
    items["gap_cost_yuan"] = [
        None if gap is None or (cost := units.get(item)) is None else float(cost * int(gap))
        for item, gap in zip(items["item_code"], items["gap_units"], strict=True)
    ]
    required = {s: int(figures.thresholds[_LEAST_MET, s]) for s in STAGES if (_LEAST_MET, s) in figures.thresholds}
    sections = judge_sections(items, required, figures.floor, len(ITEMS))
    eligible = figures.sections[["school_code", "stage", "is_eligible", "student_count"]]
    sections = sections.merge(eligible, on=["school_code", "stage"], how="left")
    coefficients = _coefficients(items, figures)
    legs = [leg | judge_leg(leg, _figures_of(leg, figures, sections, coefficients)) for leg in figures.legs]
    return Assessment(items, sections, coefficients, legs, conclude(legs))


def _amounts(figures: Figures) -> pd.DataFrame:
    """One row a section and item: the amount, with the halls counted once, and the level that binds."""
    rows = []
    for s in figures.sections.to_dict("records"):
        rooms, halls, grounds = (
            exact(s[c]) for c in ("teaching_auxiliary_area_m2", "indoor_sports_area_m2", "sports_ground_area_m2")
        )
        net = rooms if not figures.halls_apart else None if rooms is None or halls is None else rooms - halls
        areas = {
            "teaching_area_m2": net,
            "sports_area_m2": None if halls is None or grounds is None else grounds + halls,
        }
        for item, (column, scale, indicator) in ITEMS.items():
            amount = areas[column] if column in areas else exact(s[column])
            rows.append(
                {
                    "school_code": s["school_code"],
                    "stage": s["stage"],
                    "item_code": item,
                    # Areas have two decimals: a float shows them all, and is read back digit by digit.
                    "amount": None if amount is None else float(amount),
                    "student_count": s["student_count"],
                    "scale": scale,
                    "threshold": figures.thresholds.get((indicator, s["stage"])),
                }
            )
    columns = ["school_code", "stage", "item_code", "amount", "student_count", "scale", "threshold"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _coefficients(items: pd.DataFrame, figures: Figures) -> dict[tuple[str, str], float | None]:
    eligible = figures.sections.loc[figures.sections["is_eligible"].astype(bool), ["school_code", "stage"]]
    counted = items.merge(eligible, on=["school_code", "stage"])
    found = {}
    for stage in STAGES:
        for item in ITEMS:
            mine = counted[(counted["stage"] == stage) & (counted["item_code"] == item)]
            found[stage, item] = weighted_cv(mine["amount"].astype(float), mine["student_count"].astype(float))
    return found


def _figures_of(
    leg: dict[str, Any],
    figures: Figures,
    sections: pd.DataFrame,
    coefficients: dict[tuple[str, str], float | None],
) -> list[tuple[float | None, str]]:
    """The figures of a leg: from the seven items where it rests on them, else as they were read."""
    mine = sections[(sections["stage"] == leg["stage"]) & sections["is_eligible"].fillna(False).astype(bool)]
    if leg["leg_group"] == "data":
        whole = mine["n_known"] == len(ITEMS)
        return [(float(n) if ok else None, "not_reported") for n, ok in zip(mine["n_known"], whole, strict=True)]
    if leg["leg_group"] == "resource":
        settled = mine["verdict"].isin([MET, NOT_MET])
        if mine.empty or not bool(settled.all()):
            return [(None, "not_reported")]
        return [(float((mine["verdict"] == MET).sum()) * 100 / len(mine), "")]
    if leg["leg_group"] == "dispersion":
        item = leg["indicator_code"].removeprefix("res_cv_")
        value = coefficients[leg["stage"], item]
        return [(value, figures.leg_values[leg["leg_id"], leg["stage"]][0][1] if value is None else "")]
    return figures.leg_values[leg["leg_id"], leg["stage"]]
