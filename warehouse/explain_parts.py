"""The things a value looks at one by one (sections of a coefficient, schools of a share, classes of a largest), and the
value made anew from its parts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from warehouse.explain_trace import fold

PERSONS = ("teacher",)


def read_parts(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], form: Mapping[str, Any], value: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Rows of {entity, figures, verdict}: the figures that the warehouse holds of each thing; empty for other forms."""
    kind = form["form"]
    place = {k: value[k] for k in ("region_code", "period_type", "period_id", "stage")}
    if kind == "cv_weighted":
        return _sections(con, definition, place)
    if kind == "condition_share":
        return _judged(con, definition, place, value, of_entities=True)
    if kind in ("condition_flag", "condition_number"):
        return _judged(con, definition, place, value, of_entities=False)
    if kind == "extreme":
        return _things(con, definition, form, place, value)
    if kind == "entity_indicator":
        return _verdicts(con, form, place)
    return []


def _query(con: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    return con.execute(sql, list(parameters)).fetchall()


def _is_assessed(con: duckdb.DuckDBPyConnection, column: str, period: str) -> str:
    """A condition that a section is assessed. Builds from before the list of exclusions assess them all."""
    if not _query(con, "select 1 from information_schema.tables where table_name = 'int_balance_eligible'", []):
        return "true"
    return (
        f"{column} in (select e.school_code || '/' || e.stage from int_balance_eligible as e"
        f" where e.is_eligible and e.school_year = {period})"
    )


def _sections(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], place: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = _query(
        con,
        "select entity_id, numerator, denominator from int_indicator_paired"
        " where indicator_code = ? and region_code = ? and period_id = ? and stage = ? and entity_type = 'section'"
        " and (denominator is null or denominator > 0)"
        f" and {_is_assessed(con, 'entity_id', 'period_id')} order by entity_id",
        [definition["indicator_code"], place["region_code"], place["period_id"], place["stage"]],
    )
    return [{"entity": e, "figures": {"numerator": n, "denominator": d}, "verdict": None} for e, n, d in rows]


def _judged(
    con: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    place: Mapping[str, Any],
    value: Mapping[str, Any],
    *,
    of_entities: bool,
) -> list[dict[str, Any]]:
    names = [
        f"o{n}"
        for (n,) in _query(
            con,
            "select cast(operand_no as integer) from condition_operand where indicator_code = ? order by 1",
            [definition["indicator_code"]],
        )
    ]
    keys = [
        definition["indicator_code"],
        place["region_code"],
        place["period_type"],
        place["period_id"],
        place["stage"],
    ]
    here = "indicator_code = ? and region_code = ? and period_type = ? and period_id = ? and stage_scope = ?"
    if not of_entities:
        rows = _query(
            con,
            f"select entity_id, o1, o2, o3, o4, verdict from int_indicator_judged where {here}"
            " and entity_type = ? and entity_id = ?",
            [*keys, value["entity_type"], value["entity_id"]],
        )
        return [_part(r[0], dict(zip(("o1", "o2", "o3", "o4"), r[1:5], strict=True)), names, r[5]) for r in rows]
    school = value["entity_id"] if value["entity_type"] == "school" else None
    rows = _query(
        con,
        "select p.entity_key, max(v.o1), max(v.o2), max(v.o3), max(v.o4),"
        " case when max(case when p.is_unknown then 1 else 0 end) = 0 then max(v.verdict) end"
        " from int_condition_population as p left join int_indicator_judged as v"
        " on p.indicator_code = v.indicator_code and p.region_code = v.region_code and p.period_type = v.period_type"
        " and p.period_id = v.period_id and p.stage_scope = v.stage_scope and p.entity_key = v.entity_id"
        " and v.entity_type = 'entity'"
        " where p.indicator_code = ? and p.region_code = ? and p.period_type = ? and p.period_id = ?"
        " and p.stage_scope = ? and (? is null or p.school_code = ?) group by p.entity_key order by p.entity_key",
        [*keys, school, school],
    )
    return [_part(r[0], dict(zip(("o1", "o2", "o3", "o4"), r[1:5], strict=True)), names, r[5]) for r in rows]


def _part(entity: Any, figures: Mapping[str, Any], names: Sequence[str], verdict: Any) -> dict[str, Any]:
    return {"entity": entity, "figures": {n: figures[n] for n in names}, "verdict": verdict}


def _things(
    con: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    form: Mapping[str, Any],
    place: Mapping[str, Any],
    value: Mapping[str, Any],
) -> list[dict[str, Any]]:
    keys = [definition["indicator_code"], place["region_code"], place["period_id"], place["stage"]]
    if form["by_entity"] in ("grade", "grade_term"):
        rows = _query(
            con,
            "select grade || case when ? = 'grade_term' or coalesce(window_text, '') = '1term' then '#' || group_code"
            " else '' end, sum(paired_value) from int_indicator_paired where indicator_code = ? and region_code = ?"
            " and period_id = ? and stage = ? and entity_type = 'county' and urban_rural = ? and grade <> '_all'"
            " and (? = '_all' or grade = ?) group by 1 order by 1",
            [form["by_entity"], *keys, value["urban_rural"], value["grade"], value["grade"]],
        )
    else:
        entity = value["entity_id"] if value["entity_type"] in ("school", "teacher") else None
        column = "thing" if value["entity_type"] == "teacher" else "school_code"
        rows = _query(
            con,
            f"select thing, figure from int_extreme_thing where indicator_code = ? and region_code = ?"
            f" and period_id = ? and stage = ? and (? is null or {column} = ?) order by thing",
            [*keys, entity, entity],
        )
    return [{"entity": t, "figures": {"numerator": f}, "verdict": None} for t, f in rows]


def _verdicts(
    con: duckdb.DuckDBPyConnection, form: Mapping[str, Any], place: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = _query(
        con,
        "select entity_id, value from int_indicator_value where indicator_code = ? and region_code = ?"
        " and period_id = ? and entity_type = 'section'"
        " and stage in (select stage from stage_scope where stage_scope = ?)"
        f" and {_is_assessed(con, 'entity_id', 'period_id')} order by entity_id",
        [form["subject"], place["region_code"], place["period_id"], place["stage"]],
    )
    threshold = float(form["threshold"])
    return [
        {"entity": e, "figures": {"value": v}, "verdict": None if v is None else float(v == threshold)} for e, v in rows
    ]


def rows_of_part(rows: Sequence[Mapping[str, Any]], entity: str, by: str) -> list[Mapping[str, Any]]:
    """The rows that belong to one thing, by what the form takes its things by."""
    column = {"school": "school_code", "section": "entity_id"}.get(by, "by_thing")
    name, _, term = entity.partition("#") if column == "school_code" else (entity, "", "")
    return [r for r in rows if r[column] == name and (not term or str(r["thing"]).partition("/")[0] == term)]


def make_value(
    form: Mapping[str, Any],
    definition: Mapping[str, Any],
    figures: Mapping[str, float | None],
    parts: Sequence[Mapping[str, Any]],
    members: Sequence[Any],
    limits: Sequence[Mapping[str, Any]] = (),
    group_code: str = "_all",
) -> float | None:
    """The value anew from what the cells gave: `figures` by role, the parts, the values of members; None where the form
    needs more than that (ranks, streaks, the examinations' own models).
    """
    kind, scale = form["form"], float(definition["scale"] or 1)

    def of(part: Mapping[str, Any], role: str) -> Any:
        anew = part["recomputed"].get(role)
        return part["figures"][role] if anew is None else anew

    def paired(prefix: str = "") -> float | None:
        n, d = figures.get(f"{prefix}numerator"), figures.get(f"{prefix}denominator")
        if not definition["denominator_term"]:
            return None if n is None else n * scale
        return n * scale / d if n is not None and d is not None and d > 0 else None

    if kind in ("ratio", "total", "cycle_sum"):
        return paired()
    if kind in ("difference", "relative", "gap"):
        now, before = (paired(f"{p}_") for p in (("urban", "other") if kind == "gap" else ("now", "prior")))
        if now is None or before is None:
            return None
        return (now - before) / abs(before) * scale if kind == "relative" else now - before
    if kind == "cv_weighted":
        return _coefficient([(of(p, "numerator"), of(p, "denominator")) for p in parts])
    if kind in ("condition_share", "entity_indicator"):
        known = [p["verdict"] for p in parts]
        return sum(v == 1 for v in known) * scale / len(known) if known and None not in known else None
    if kind == "extreme":
        known = [of(p, "numerator") for p in parts]
        if not known or None in known:
            return None
        largest = form["function_name"] == "max" or group_code == "max"
        if form["by_entity"] in ("grade", "grade_term"):
            return float(max(known) if largest else min(known))
        return float(max(known) if largest else min(known)) * scale
    if kind == "mean":
        known = [m.value["value"] for m in members]
        return math.fsum(known) / len(known) if known and None not in known else None
    if kind in ("count_met", "all_met", "count_and_floor"):
        return _met(form, members, limits)
    if kind == "condition_number" and len(parts) == 1 and parts[0]["verdict"] is not None:
        return parts[0]["verdict"] * scale
    if kind == "condition_flag" and len(parts) == 1:
        return parts[0]["verdict"]
    return None


def _met(form: Mapping[str, Any], members: Sequence[Any], limits: Sequence[Mapping[str, Any]]) -> float | None:
    """How many members reach their limit, whether all do, or enough of them with none below the floor."""
    held_to = {x["member_code"]: x for x in limits}
    counted = form["subject"] if form["form"] == "count_and_floor" else ""
    values = {m.indicator["indicator_code"]: m.value["value"] for m in members}
    own = {c: v for c, v in values.items() if c != counted}
    if not own or any(v is None or c not in held_to for c, v in own.items()):
        return None
    met = {
        c: v <= held_to[c]["threshold_value"]
        if held_to[c]["judge"] == "at_most"
        else v >= held_to[c]["threshold_value"]
        for c, v in own.items()
    }
    if form["form"] == "count_met":
        return float(sum(met.values()))
    if form["form"] == "all_met":
        return float(all(met.values()))
    floor = next((x["threshold_value"] for x in limits if x["judge"] == "floor"), None)
    if floor is None or counted not in held_to:
        return None
    is_enough = sum(met.values()) >= held_to[counted]["threshold_value"]
    return float(is_enough and min(v / held_to[c]["threshold_value"] for c, v in own.items()) >= floor)


def _coefficient(pairs: Sequence[tuple[Any, Any]]) -> float | None:
    """S / X: X the ratio of the sums, S the deviation of the sections' ratios weighted by their denominators."""
    if not pairs or any(n is None or d is None for n, d in pairs):
        return None
    whole = math.fsum(float(d) for _, d in pairs)
    mean = math.fsum(float(n) for n, _ in pairs) / whole if whole else 0.0
    if not mean:
        return None
    squares = math.fsum(float(d) * (float(n) / float(d) - mean) ** 2 for n, d in pairs)
    return math.sqrt(squares / whole) / mean


def refold(rows: Sequence[Mapping[str, Any]], rollup: str, combine: str) -> float | None:
    """What the rows of one thing come to; a level stands for itself."""
    known = [r["figure"] for r in rows if r["figure"] is not None]
    if rollup == "none" and not combine:
        return max(known) if known else None
    return fold(rows, "sum" if rollup == "none" else rollup, combine)


def attested_value(rows: Sequence[Mapping[str, Any]]) -> float | None:
    """What documents say: of conclusions the last one, of levels that a monitoring found the lowest."""

    def filed(row: Mapping[str, Any]) -> tuple[str, str]:
        cells = {c["field"]: str(c["value"]) for c in row["cells"]}
        return cells.get("attested_on", ""), cells.get("evidence_no", "")

    known = [r for r in rows if r["figure"] is not None]
    if not known:
        return None
    if any(filed(r)[0] for r in known):
        return max(known, key=filed)["figure"]
    return min(r["figure"] for r in known)
