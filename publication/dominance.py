"""Money from outside the budget: a giver's amount must not be had from what is shown.

What the budget pays is public, line by line. A gift is one giver's: its line shows no amount. The lines and sums it is
part of are known all the same, so what is left when everything shown is taken from a sum must not come near one gift.
The p%-rule says when it does: whoever gave the second most, and knows it, could tell the largest to within p% if all
other hidden amounts together are less than p% of it. Then the smallest line of the same sum that is still shown is
hidden too, and where none is left the sum; and since the total of the year is shown by an indicator, a line and the sum
of another category with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from publication.datasets import DataSet

# Fund sources from outside the budget, and p where a build has no parameter `dominance_percent`.
OUTSIDE = ("donation",)
DEFAULT_PERCENT = 10.0
_LINES, _SUMS = "pub_budget_line", "pub_budget_summary"
_GROUP = ("fiscal_year", "project_category", "document_code", "fact_kind", "budget_version")
_AMOUNTS = ("initial_budget_yuan", "adjusted_budget_yuan", "executed_yuan", "final_yuan", "plan_yuan")
Row = dict[str, Any]


def protect_money(sets: list[DataSet], percent: float = DEFAULT_PERCENT) -> list[DataSet]:
    """The data sets with the amounts of gifts hidden, and with what would give them away."""
    lines = next((s for s in sets if s.name == _LINES), None)
    if lines is None or "fund_source" not in dict(lines.columns):
        return sets
    rows = lines.table.to_pylist()
    hidden: set[int] = set()
    open_sums: set[tuple[Any, ...]] = set()
    needs: dict[Any, dict[Any, float]] = {}
    for group, members in _groups(rows).items():
        gifts = {i for i in members if rows[i]["fund_source"] in OUTSIDE and rows[i]["amount_yuan"]}
        if not gifts:
            continue
        # A line over others is a sum of theirs: it would tell as much as the group's own.
        gone = gifts | {i for i in members if not rows[i].get("is_leaf", True)}
        more, safe = companions(
            {i: rows[i]["amount_yuan"] or Decimal(0) for i in members if i not in gone - gifts}, gifts, percent
        )
        hidden |= gone | more
        if not safe:
            open_sums.add(_sum_of(group))
            least = percent / 100 * float(max(rows[i]["amount_yuan"] for i in gifts))
            year, _, document, _, version = group
            if not document:
                needs.setdefault(year, {})[version] = max(least, needs.get(year, {}).get(version, 0.0))
    for year, least_by_version in needs.items():
        lines_too, group = _another(rows, year, least_by_version, open_sums)
        hidden |= lines_too
        open_sums |= group
    if not hidden:
        return sets
    done = {_LINES: _blank(lines, rows, hidden, ("amount_yuan",))}
    if sums := next((s for s in sets if s.name == _SUMS), None):
        told = sums.table.to_pylist()
        done[_SUMS] = _blank(sums, told, {i for i, r in enumerate(told) if _key(r) in open_sums}, _AMOUNTS)
    return [done.get(s.name, s) for s in sets]


def _another(
    rows: list[Row], year: Any, least: dict[Any, float], hidden: set[tuple[Any, ...]]
) -> tuple[set[int], set[tuple[Any, ...]]]:
    """The smallest other category of the year with a line of the budget in every version that covers the gift: these
    lines, and its sum. Nothing where there is none: then the total is of gifts alone.
    """
    found: list[tuple[Decimal, str, set[int]]] = []
    for category in sorted({str(r.get("project_category") or "") for r in rows}):
        if (year, category, None, None) in hidden:
            continue
        mine = [
            (i, r)
            for i, r in enumerate(rows)
            if r.get("fiscal_year") == year
            and (r.get("project_category") or "") == category
            and not r.get("document_code")
            and r.get("is_leaf", True)
            and r["fund_source"] not in OUTSIDE
        ]
        chosen: set[int] = set()
        for version, floor in least.items():
            fit = [(r["amount_yuan"], i) for i, r in mine if r.get("budget_version") == version]
            fit = [(amount, i) for amount, i in fit if amount is not None and float(amount) >= max(floor, 1.0)]
            if not fit:
                break
            chosen.add(min(fit)[1])
        else:
            found.append((sum((r["amount_yuan"] or Decimal(0) for _, r in mine), Decimal(0)), category, chosen))
    if not found:
        return set(), set()
    _, category, chosen = min(found, key=lambda f: f[:2])
    return chosen, {(year, category, None, None)}


def companions(amounts: dict[int, Decimal], gifts: set[int], percent: float) -> tuple[set[int], bool]:
    """Lines to hide beside the gifts of one sum, the smallest first, and whether the sum may then be shown."""
    added: set[int] = set()
    others = sorted((i for i in amounts if i not in gifts and amounts[i]), key=lambda i: (amounts[i], i))
    while is_dominated((amounts[i] for i in gifts | added), (amounts[i] for i in gifts), percent):
        if not others:
            return added, False
        added.add(others.pop(0))
    return added, True


def is_dominated(hidden: Iterable[Decimal], gifts: Iterable[Decimal], percent: float) -> bool:
    """The p%-rule: whether the giver of the second largest gift can tell the largest to within p% of it."""
    largest, second = (*sorted(gifts, reverse=True), Decimal(0))[:2]
    return float(sum(hidden) - largest - second) < percent / 100 * float(largest)


def _groups(rows: list[Row]) -> dict[tuple[Any, ...], list[int]]:
    found: dict[tuple[Any, ...], list[int]] = {}
    for i, row in enumerate(rows):
        found.setdefault(tuple(row.get(c) for c in _GROUP), []).append(i)
    return found


def _sum_of(group: tuple[Any, ...]) -> tuple[Any, ...]:
    """The summary's key of a group of lines: own lines are added by category, a plan's by document and kind."""
    year, category, document, kind, _ = group
    return (year, "", document, kind) if document else (year, category or "", None, None)


def _key(row: Row) -> tuple[Any, ...]:
    document = row.get("document_code")
    if document:
        return (row.get("fiscal_year"), "", document, row.get("fact_kind"))
    return (row.get("fiscal_year"), row.get("project_category") or "", None, None)


def _blank(data: DataSet, rows: list[Row], hidden: set[int], columns: tuple[str, ...]) -> DataSet:
    if not hidden:
        return data
    for i in hidden:
        rows[i] |= {c: None for c in columns if c in rows[i]} | {"obs_status": "c"}
    return replace(data, table=pa.Table.from_pylist(rows, schema=data.table.schema))
