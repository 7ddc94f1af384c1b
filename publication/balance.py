"""The balance assessment as the report shows it: the conclusion of the county's self-check and its legs by group."""

from __future__ import annotations

from typing import Any

from publication import dictionary, facts, figures
from publication.datasets import DataSet
from publication.language import spoken


def assessment(sets: list[DataSet]) -> dict[str, Any] | None:
    """None where the edition has no assessment."""
    legs = facts.rows_of(sets, "balance_leg")
    if not legs:
        return None
    conclusion = next(iter(facts.rows_of(sets, "balance_conclusion")), {})
    groups: dict[str, list[dict[str, Any]]] = {}
    for leg in sorted(legs, key=lambda r: (r.get("sort_order") or 0, str(r["leg_id"]), str(r.get("stage")))):
        groups.setdefault(str(leg.get("leg_group") or ""), []).append(_leg(leg))
    return {
        "conclusion": str(conclusion.get("conclusion") or ""),
        "counts": {k: conclusion.get(f"{k}_count") for k in ("leg", "met", "not_met", "undecided")},
        "groups": [{"name": dictionary.word("leg_group", g), "rows": rows} for g, rows in groups.items()],
    }


def _leg(row: dict[str, Any]) -> dict[str, Any]:
    name = facts.pick(row, "name_en", "name_zh") if spoken() == "en" else facts.pick(row, "name_zh", "name_en")
    return {
        "id": str(row["leg_id"]),
        "name": str(name or row["leg_id"]),
        "scope": figures.scope({"stage": row.get("stage")}),
        "value": figures.number(row.get("value"), 3),
        "limit": figures.number(row.get("limit_value"), 3),
        "status": {"not_met": "missed", "undecided": "no_data"}.get(str(row.get("status")), str(row.get("status"))),
        "reason": str(row.get("reason") or ""),
        "basis": str(row.get("legal_basis") or ""),
    }
