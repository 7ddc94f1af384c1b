"""The balance assessment as the report shows it: the conclusion of the county's self-check and its legs by group."""

from __future__ import annotations

from typing import Any

from publication import charts, dictionary, facts, figures
from publication.datasets import DataSet
from publication.language import joined, say, spoken

Row = dict[str, Any]
_STATUS = {"not_met": "missed", "undecided": "no_data"}
_SIGNS = {"at_least": "≥", "at_most": "≤", "below": "<"}
_ORDER = ("met", "missed", "no_data")


def assessment(sets: list[DataSet], known: dict[str, Row]) -> Row | None:
    """None where the edition has no assessment. `known`: definitions of indicators by code."""
    legs = facts.rows_of(sets, "balance_leg")
    if not legs:
        return None
    conclusion = next(iter(facts.rows_of(sets, "balance_conclusion")), {})
    groups: dict[str, list[Row]] = {}
    for leg in sorted(legs, key=_place):
        group = groups.setdefault(str(leg.get("leg_group") or ""), [])
        group.append(_leg(leg, known, group[-1] if group else None))
    document = _one_document(legs)
    for leg in (leg for rows in groups.values() for leg in rows):
        leg["basis"] = leg["basis"].removeprefix(document).strip()
    found = [{"name": dictionary.word("leg_group", g), "rows": rows} for g, rows in groups.items()]
    listed = sum(len(g["rows"]) for g in found)
    return {
        "unlisted": max((conclusion.get("leg_count") or listed) - listed, 0),
        "conclusion": str(conclusion.get("conclusion") or ""),
        "counts": {k: conclusion.get(f"{k}_count") for k in ("leg", "met", "not_met", "undecided")},
        "document": document,
        "groups": found,
        "chart": _chart(found),
    }


def _one_document(legs: list[Row]) -> str:
    """The document that every leg rests on; nothing where there are several."""
    found = {str(r.get("legal_basis") or "").split(" ")[0] for r in legs}
    return found.pop() if len(found) == 1 else ""


def _place(leg: Row) -> tuple[Any, ...]:
    return (
        leg.get("sort_order") or 0,
        str(leg["leg_id"]),
        facts.rank_of_stage(leg.get("stage")),
        str(leg.get("stage")),
    )


def _leg(row: Row, known: dict[str, Row], before: Row | None) -> Row:
    name = facts.pick(row, "name_en", "name_zh") if spoken() == "en" else facts.pick(row, "name_zh", "name_en")
    definition = known.get(str(row.get("indicator_code")), {})
    unit, digits = str(definition.get("unit") or ""), max(facts.places(definition), 2)
    # A coefficient close to its limit is told from it by its third place.
    digits = 3 if str(row["leg_id"]).endswith(".cv") else digits
    limit = figures.value(row.get("limit_value"), unit, digits)
    plain = unit == "boolean" or row.get("limit_value") is None
    return {
        "id": str(row["leg_id"]),
        "name": str(name or row["leg_id"]),
        "is_first": before is None or before["id"] != str(row["leg_id"]),
        "scope": figures.scope({"stage": row.get("stage")}),
        "value": dictionary.word("obs_status", "c")
        if row.get("obs_status") == "c"
        else figures.value(row.get("value"), unit, digits),
        "limit": limit if plain else f"{_SIGNS.get(str(row.get('comparison')), '')} {limit}".strip(),
        "share": _share(row),
        "status": _STATUS.get(str(row.get("status")), str(row.get("status"))),
        "reason": str(row.get("reason") or ""),
        "basis": str(row.get("legal_basis") or ""),
    }


def _share(row: Row) -> str:
    """How many of several schools, projects or items hold, where a leg asks each of them."""
    if (row.get("entity_count") or 0) < 2:
        return ""
    return say("{a} / {n} 达到", a=figures.number(row.get("met_count"), 0), n=figures.number(row["entity_count"], 0))


def _chart(groups: list[Row]) -> charts.Chart | None:
    rows, said = [], []
    for g in groups:
        counts = {s: sum(r["status"] == s for r in g["rows"]) for s in _ORDER}
        rows.append(
            (
                f"{g['name']} ({len(g['rows'])})",
                [(s, n, f"{dictionary.word('symbol', s)} {n}") for s, n in counts.items()],
            )
        )
        said.append(f"{g['name']}: " + joined([f"{dictionary.word('status', s)} {n}" for s, n in counts.items() if n]))
    return charts.stacked(rows, say("评估各类分项的达标情况。{said}。", said=joined(said, "clause")))
