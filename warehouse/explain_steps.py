"""Which figures a value is made of: the terms of each form, the periods and areas they are read in, and the formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.explain_trace import Scope

# Forms whose parts are other indicators, taken at the same place.
OF_MEMBERS = ("mean", "count_met", "met_share", "all_met", "count_and_floor", "entity_indicator")
# Forms whose conditions have operands of their own.
OF_CONDITIONS = ("condition_share", "condition_flag", "condition_number")


@dataclass(frozen=True)
class Step:
    """One figure of a value: `role` says what it is in the formula; `more` is a condition on the rows it takes."""

    role: str
    term_code: str
    scope: Scope
    more: str = ""


def scope_of(value: Mapping[str, Any]) -> Scope:
    """The place of a value of fct_indicator_value."""
    area = value["urban_rural"] if value["urban_rural"] in ("urban", "rural") else "all"
    return Scope(
        value["region_code"],
        value["period_type"],
        (value["period_id"],),
        value["stage"],
        value["entity_type"],
        value["entity_id"],
        area,
        value["grade"],
        value["subject"],
        value["exam_id"],
    )


def steps(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], form: Mapping[str, Any], value: Mapping[str, Any]
) -> list[Step]:
    """The figures behind a value, the first to be read first."""
    kind, here = form["form"], scope_of(value)
    if kind in OF_MEMBERS:
        return []
    if kind in OF_CONDITIONS:
        return _of_condition(con, definition, form, here)
    sides = [s for s in ("numerator", "denominator") if definition[f"{s}_term"]]
    if kind in ("difference", "relative", "term_change"):
        return [
            Step(f"{moment}_{side}", definition[f"{side}_term"], _at(con, definition, here.at(period_ids=(p,)), side))
            for moment, p in _moments(con, definition, value)
            for side in sides
        ]
    if kind == "cycle_sum":
        periods = _cycle(con, definition, here, value["group_code"])
        return [Step("numerator", definition["numerator_term"], here.at(period_ids=periods))]
    if kind == "gap":
        other = here.at(urban_rural="rural" if form["subject"] == "rural" else "all")
        town = here.at(entity_type="county", entity_id=here.region_code, urban_rural="urban")
        return [
            Step(f"{name}_{side}", definition[f"{side}_term"], _at(con, definition, place, side))
            for name, place in (("urban", town), ("other", other))
            for side in sides
        ]
    if kind == "attested":
        code = str(definition["indicator_code"]).replace("'", "''")
        more = f"b.kind_code = '{code}'" if definition["numerator_measure"] == "attested_flag" else ""
        return [Step("numerator", definition["numerator_term"], here, more)]
    found = [Step(side, definition[f"{side}_term"], _at(con, definition, here, side)) for side in sides]
    if kind == "peer_gap":
        terms = con.execute(
            "select term_code from indicator_requirement where indicator_code = ? and term_code like 'peer_%'",
            [definition["indicator_code"]],
        ).fetchall()
        found += [Step("peer", t, here) for (t,) in sorted(terms)]
    return found


def _of_condition(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], form: Mapping[str, Any], here: Scope
) -> list[Step]:
    wanted = con.execute(
        "select operand_no, function_name, operand_code, other_code, period_type, year_offset, window_years"
        " from int_condition_wanted where indicator_code = ? order by operand_no",
        [definition["indicator_code"]],
    ).fetchall()
    found: list[Step] = []
    for number, function, code, other, period_type, offset, years in wanted:
        if function in ("param", "target"):
            continue
        start = int(here.period_ids[0][:4]) + offset
        span = range(start - (years if function == "cycle" else 1) + 1, start + 1)
        place = here.at(period_type=period_type, period_ids=tuple(_period_id(period_type, y) for y in span))
        if form["form"] == "condition_share" and form["by_entity"] not in ("school", "section"):
            # People and classes are found by themselves, wherever their rows say they were.
            place = place.at(stage="all", entity_type="county", entity_id=here.region_code)
        found += [Step(f"o{number}", t, place) for t in (code, other) if t]
    if form["form"] == "condition_share":
        place = _at(con, definition, here, "denominator")
        found.append(Step("members", definition["denominator_term"], place))
    return found


def _period_id(period_type: str, start: int) -> str:
    return f"{start}-{start + 1}" if period_type == "school_year" else str(start)


def _at(con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], here: Scope, side: str) -> Scope:
    """The place of an operand across clocks: the bridge's row says which calendar and how many years off."""
    bridge = con.execute(
        "select period_type, year_offset from clock_bridge where bridge = ? and operand = ?",
        [definition["bridge"] or "", side],
    ).fetchone()
    if bridge is None:
        return here
    period_type, offset = bridge
    start = int(here.period_ids[0][:4]) + int(offset)
    return here.at(period_type=period_type, period_ids=(_period_id(period_type, start),))


def _moments(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], value: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Now and before: the year before, the plan's baseline, or the year a principal took office."""
    start = int(value["period_id"][:4])
    before = start - 1
    if definition["window_text"] == "since_baseline":
        ((before,),) = con.execute(
            "select cast(value_num as integer) from plan_parameter where parameter = 'baseline_start_year'"
        ).fetchall()
    if definition["window_text"] == "principal_term":
        found = con.execute(
            "select first_year from int_principal_term where region_code = ? and school_code = ? and school_year = ?",
            [value["region_code"], value["entity_id"], value["period_id"]],
        ).fetchone()
        before = found[0] if found else before
    return [("now", value["period_id"]), ("prior", _period_id(value["period_type"], int(before)))]


def _cycle(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], here: Scope, group_code: str
) -> tuple[str, ...]:
    """The periods of a cycle that ends with the value's own; a plan with a cycle of its own names it in the group."""
    text = group_code.removeprefix("window_") if group_code.startswith("window_") else definition["window_text"]
    rows = con.execute(
        "select p.period_id from period_calendar as p join period_calendar as own on own.period_type = p.period_type"
        " where own.period_type = ? and own.period_id = ? and cast(p.start_year as integer)"
        " between cast(own.start_year as integer) - ? and cast(own.start_year as integer) order by p.start_year",
        [here.period_type, here.period_ids[0], int(str(text).rstrip("y")) - 1],
    ).fetchall()
    return tuple(p for (p,) in rows)
