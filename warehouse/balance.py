"""The rules of the assessment of quality and balance, apart from the models: no SQL, exact fractions (教督〔2017〕6号).

A section is a school's stage. Verdicts are `met`, `not_met` and `undecided`; what is missing is never zero.
"""

# What a pandas selection gives depends on its key at run time; pyright sees the union of all of it.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportCallIssue=false
# pyright: reportGeneralTypeIssues=false

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

MET, NOT_MET, UNDECIDED = "met", "not_met", "undecided"
GROUPS = ("data", "resource", "dispersion", "guarantee", "quality", "recognition", "veto")


def exact(number: object) -> Fraction | None:
    """A figure as it is written, in decimals: 4.2 is 42/10 and not the nearest double. None where it is missing."""
    if number is None or (isinstance(number, float) and math.isnan(number)) or number is pd.NA:
        return None
    return Fraction(Decimal(str(number)))


def judge_items(sections: pd.DataFrame) -> pd.DataFrame:
    """Judge each item of each section: adds value, meets (None where undecided), attainment and gap_units.

    `sections` has school_code, stage, item_code, amount, student_count, scale (100 or 1) and threshold; one row a
    section and item. A missing amount, no pupils or no threshold leaves the item undecided. The gap is the least whole
    number of units that meets the threshold.
    """
    judged = [_judge(*row) for row in sections[["amount", "student_count", "scale", "threshold"]].to_numpy(object)]
    columns = ["value", "meets", "attainment", "gap_units"]
    found = pd.DataFrame(judged, columns=columns, index=sections.index, dtype=object)
    found[["value", "attainment"]] = found[["value", "attainment"]].astype(float)
    return sections.assign(**{c: found[c] for c in columns})


def _judge(amount: object, pupils: object, scale: object, threshold: object) -> tuple[Any, Any, Any, Any]:
    x, p, s, t = exact(amount), exact(pupils), exact(scale), exact(threshold)
    if x is None or not p or s is None:
        return None, None, None, None
    value = x * s / p
    if t is None:
        return float(value), None, None, None
    gap = max(math.ceil((t * p - x * s) / s), 0)
    return float(value), value >= t, float(value / t) if t else None, gap


def judge_sections(
    items: pd.DataFrame, required: Mapping[str, int] | int, floor: object, item_count: int
) -> pd.DataFrame:
    """One row a section: n_known, items_met, lowest attainment, verdict.

    `required` items (of all stages, or by stage) must meet and every other must reach `floor` of its threshold. A
    section with fewer than `item_count` known items is undecided, and so is one of a stage without a required count.
    """
    least = exact(floor)
    rows = []
    for (school, stage), group in items.groupby(["school_code", "stage"], sort=True):
        known = [r for r in group.to_dict("records") if r["meets"] is not None and not pd.isna(r["meets"])]
        met = sum(bool(r["meets"]) for r in known)
        wanted = required if isinstance(required, int) else required.get(str(stage))
        verdict = UNDECIDED
        if len(known) >= item_count and wanted is not None and least is not None:
            verdict = MET if met >= wanted and all(_reaches(r, least) for r in known) else NOT_MET
        lowest = min((float(r["attainment"]) for r in known), default=None)
        rows.append((school, stage, len(known), met, lowest, verdict))
    return pd.DataFrame(rows, columns=["school_code", "stage", "n_known", "items_met", "lowest", "verdict"])


def _reaches(row: Mapping[str, Any], least: Fraction) -> bool:
    amount, pupils, scale, threshold = (exact(row[k]) for k in ("amount", "student_count", "scale", "threshold"))
    if amount is None or pupils is None or scale is None or threshold is None:
        return False
    return amount * scale >= least * threshold * pupils


def weighted_cv(amounts: pd.Series, pupils: pd.Series) -> float | None:
    """The pupil-weighted coefficient of variation of `amounts / pupils` (教督〔2017〕6号): None where it is undefined.

    X = sum(x)/sum(P), S = sqrt(sum(P/sum(P) * (x/P - X)^2)), CV = S/X. Sections without pupils do not count; a missing
    amount blocks the figure.
    """
    if pupils.isna().any():
        return None
    counted = pupils > 0
    x, p = amounts[counted].astype(float), pupils[counted].astype(float)
    if p.empty or x.isna().any() or x.sum() == 0:
        return None
    mean = x.sum() / p.sum()
    return float(np.sqrt((p / p.sum() * (x / p - mean) ** 2).sum()) / mean)


def judge_leg(leg: Mapping[str, Any], figures: Iterable[tuple[float | None, str]]) -> dict[str, Any]:
    """Judge a leg on its figures, each with the reason why it is missing: adds value, status, reason and counts.

    `leg` has leg_group, comparison (at_least, at_most, below), limit_value, needs_declaration (bool), affirmed (what a
    signed attestation of the indicator says, or None) and applies (False where no school is of the kind it speaks of).
    """
    figures = [(None if v is None or math.isnan(v) else float(v), why) for v, why in figures]
    limit = None if leg["limit_value"] is None else float(leg["limit_value"])
    known = [v for v, _ in figures if v is not None]
    held = [_holds(v, leg["comparison"], limit) for v in known] if limit is not None else []
    lowest_first = leg["comparison"] == "at_least"
    worst = (min(known) if lowest_first else max(known)) if known else None
    counts = {
        "value": worst,
        "entity_count": len(figures),
        "met_count": sum(held),
        "not_met_count": len(held) - sum(held),
        "undecided_count": len(figures) - len(held),
    }
    status, reason = _weigh(leg, figures, held, limit)
    return {**counts, "status": status, "reason": reason}


def _holds(value: float, comparison: str, limit: float) -> bool:
    if comparison == "at_least":
        return value >= limit
    return value < limit if comparison == "below" else value <= limit


def _weigh(
    leg: Mapping[str, Any], figures: list[tuple[float | None, str]], held: list[bool], limit: float | None
) -> tuple[str, str | None]:
    affirmed, is_veto = leg["affirmed"], leg["leg_group"] == "veto"
    good = MET if affirmed is not is_veto else NOT_MET
    if not leg["applies"]:
        return MET, "not_applicable"
    if not all(held):
        return NOT_MET, "candidate_for_review" if is_veto else None
    if limit is None:
        return (good, "attested") if affirmed is not None else (UNDECIDED, "no_limit")
    if not figures:
        return UNDECIDED, "not_reported"
    if lacking := sorted(why for v, why in figures if v is None):
        return (MET, lacking[0]) if lacking[0] == "not_applicable" else (UNDECIDED, lacking[0])
    if leg["needs_declaration"]:
        if affirmed is None:
            return UNDECIDED, "awaiting_declaration"
        if affirmed:
            return NOT_MET, "attested"
    return MET, None


def conclude(legs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All legs together, in their order: conclusion, is_vetoed, deciding_leg_id, and the status of each group."""
    legs = sorted(legs, key=lambda leg: leg["sort_order"])
    failed = [leg for leg in legs if leg["status"] == NOT_MET]
    vetoes = [leg for leg in failed if leg["leg_group"] == "veto"]
    decisive = [*vetoes, *failed, *(leg for leg in legs if leg["status"] == UNDECIDED)]
    groups = {f"{g}_status": _together(leg["status"] for leg in legs if leg["leg_group"] == g) for g in GROUPS}
    return {
        "conclusion": _together(leg["status"] for leg in legs),
        "is_vetoed": bool(vetoes),
        "deciding_leg_id": decisive[0]["leg_id"] if decisive else None,
        **groups,
    }


def _together(statuses: Iterable[str]) -> str:
    found = set(statuses)
    return NOT_MET if NOT_MET in found else UNDECIDED if UNDECIDED in found else MET
