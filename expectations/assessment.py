"""The assessment of quality and balance a second time, compared with what the build stored."""

# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from expectations.candidate import Candidate
from warehouse.balance_assess import Assessment, assess
from warehouse.balance_figures import read_figures

_STORED = {
    "fct_balance_school_item": ("school_code", "stage", "item_code"),
    "fct_balance_section": ("school_code", "stage"),
    "fct_balance_leg": ("leg_id", "stage"),
    "fct_balance_conclusion": (),
}
_VERDICT = {True: "met", False: "not_met"}
Key = tuple[str, ...]
Facts = dict[Key, dict[str, Any]]


def recompute_assessment(candidate: Candidate) -> pd.DataFrame:
    """Compare every stored row of the assessment with one computed from counts, areas, money and people.

    Returns entity_id (`school_item/<school>/<stage>/<item>`, `section/…`, `leg/<leg>/<stage>`, `conclusion`), stored,
    recomputed, and deviation: the largest relative one over the row's figures, infinite where a verdict differs or a
    row is on one side only.
    """
    stored = {table: _stored(candidate, table, keys) for table, keys in _STORED.items()}
    if not any(stored.values()):
        return pd.DataFrame(columns=["entity_id", "stored", "recomputed", "deviation"])
    fresh = _fresh(assess(read_figures(candidate.connection, candidate.region, candidate.school_year)))
    rows = [
        _compare(_name(table, key), stored[table].get(key), fresh[table].get(key))
        for table in _STORED
        for key in sorted({*stored[table], *fresh[table]})
    ]
    return pd.DataFrame(rows, columns=["entity_id", "stored", "recomputed", "deviation"])


def _stored(candidate: Candidate, table: str, keys: Sequence[str]) -> Facts:
    frame = candidate.frame(f"select * from {table} where region_code = $region and school_year = $school_year")
    frame = frame.astype(object).where(frame.notna(), None)
    return {tuple(str(r[k]) for k in keys): r for r in frame.to_dict("records")}


def _fresh(found: Assessment) -> dict[str, Facts]:
    """The recomputed rows under the names of the stored columns, with the columns that are compared alone."""
    items = {
        (r["school_code"], r["stage"], r["item_code"]): {
            "value": r["value"],
            "attainment": r["attainment"],
            "status": _VERDICT.get(r["meets"], "undecided"),
            "gap_units": r["gap_units"],
            "gap_cost_yuan": r["gap_cost_yuan"],
        }
        for r in found.items.to_dict("records")
    }
    sections = {
        (r["school_code"], r["stage"]): {
            "is_eligible": bool(r["is_eligible"]),
            "known_count": r["n_known"],
            "lowest_attainment": r["lowest"],
            "status": r["verdict"],
        }
        | ({"items_met_count": r["items_met"]} if r["verdict"] != "undecided" else {})
        for r in found.sections.to_dict("records")
    }
    wanted = (
        "value",
        "limit_value",
        "status",
        "reason",
        "entity_count",
        "met_count",
        "not_met_count",
        "undecided_count",
    )
    legs = {(leg["leg_id"], leg["stage"]): {c: leg[c] for c in wanted} for leg in found.legs}
    return {
        "fct_balance_school_item": items,
        "fct_balance_section": sections,
        "fct_balance_leg": legs,
        "fct_balance_conclusion": {(): dict(found.conclusion)},
    }


def _name(table: str, key: Key) -> str:
    return "/".join((table.removeprefix("fct_balance_"), *key))


def _compare(name: str, stored: Mapping[str, Any] | None, fresh: Mapping[str, Any] | None) -> dict[str, Any]:
    if stored is None or fresh is None:
        said, again = ("absent" if side is None else "present" for side in (stored, fresh))
        return {"entity_id": name, "stored": said, "recomputed": again, "deviation": math.inf}
    gaps = {c: _deviation(stored.get(c), again) for c, again in fresh.items()}
    worst = max(gaps, key=lambda c: gaps[c])
    return {
        "entity_id": name,
        "stored": f"{worst}={_shown(stored.get(worst))}",
        "recomputed": f"{worst}={_shown(fresh[worst])}",
        "deviation": gaps[worst],
    }


def _deviation(stored: object, again: object) -> float:
    """Relative difference of figures; 0 or infinite for words, truths and blanks."""
    blanks = [v is None or v is pd.NA or (isinstance(v, float) and math.isnan(v)) for v in (stored, again)]
    if any(blanks):
        return 0.0 if all(blanks) else math.inf
    if any(isinstance(v, str | bool) for v in (stored, again)):
        return 0.0 if stored == again else math.inf
    a, b = float(str(stored)), float(str(again))
    return abs(a - b) / max(abs(b), 1.0)


def _shown(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "空"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
