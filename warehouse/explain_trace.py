"""The cells an operand came from, and the figure computed anew from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from warehouse.terms import Term, bind, read_aliases, read_bindings, read_seed
from warehouse.terms_model import filter_condition


@dataclass
class Trace:
    """`cells` of file, sheet, row (1-based) and values by column; `recomputed` is None for what does not add up."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    recomputed: Any = None
    agrees: bool | None = None


def trace(con: duckdb.DuckDBPyConnection, measure_code: str, filter_text: str, fact: Mapping[str, Any]) -> Trace:
    """Find the cells behind a row of fct_measure (or what stands for one) and compute its value from them."""
    term = bind(measure_code, filter_text, read_bindings(read_seed("measure_binding")))
    found = Trace()
    if term.binding is None:
        return found
    if term.binding.is_long:
        _trace_base(con, found, term, fact)
    else:
        _trace_view(con, found, term, fact)
    if term.rollup == "sum":
        found.parts = _parts(con, term.term_code, fact)
    if found.recomputed is not None and fact["value"] is not None:
        found.agrees = abs(float(found.recomputed) - float(fact["value"])) <= 1e-6
    return found


def _scope(fact: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The rows of a base or trace view that a fct_measure row sums: a condition and its parameters."""
    periods = fact.get("period_ids") or [fact["period_id"]]
    sql = (
        f"b.region_code = ? and b.period_id in ({', '.join('?' * len(periods))})"
        " and b.stage in (select stage from int_scope_stage where stage_scope = ?)"
    )
    parameters = [fact["region_code"], *periods, fact["stage"]]
    if fact["urban_rural"] != "all":
        sql += " and b.urban_rural = ?"
        parameters.append(fact["urban_rural"])
    for column in ("grade", "subject", "exam_id"):
        if fact[column] != "_all":
            sql += f" and b.{column} = ?"
            parameters.append(fact[column])
    entity = {"school": "school_code", "section": "entity_id", "unit": "entity_id"}.get(fact["entity_type"])
    if entity:
        sql += f" and b.{entity} = ?"
        parameters.append(fact["entity_id"])
    return sql, parameters


def _parts(con: duckdb.DuckDBPyConnection, term: str, fact: Mapping[str, Any]) -> list[dict[str, Any]]:
    where, parameters = _scope(fact)
    return _rows(
        con,
        f"select b.entity_id, sum(b.term_value) as value from int_measure__{fact['source']} as b"
        f" where b.term_code = ? and {where} group by b.entity_id having sum(b.term_value) is not null"
        " order by b.entity_id",
        [term, *parameters],
    )


def _trace_base(con: duckdb.DuckDBPyConnection, found: Trace, term: Term, fact: Mapping[str, Any]) -> None:
    """A long base has a row per cell: it is its own trace."""
    if term.binding is None:
        return
    where, parameters = _scope(fact)
    condition = " and ".join(
        f"({c})"
        for c in (where, "b.measure_code = ? and b.period_type = ?", filter_condition(term, read_aliases()))
        if c
    )
    parameters += [term.measure_code, fact["period_type"]]
    base = f"int_measure_base__{term.binding.source_fact}"
    rows = _rows(
        con,
        "select distinct s.file_name, s.file_sha256, s.column_map, b.sheet_name, b.row_number, null as column_letter,"
        f" b.field_name, b.value from {base} as b join stg_ledger__submission as s using (submission_id)"
        f" where {condition} order by s.file_name, s.file_sha256, b.sheet_name, b.row_number",
        parameters,
    )
    found.cells = [_cell({**r, r["field_name"]: r["value"]}, [r["field_name"]]) for r in rows]
    if term.binding.rollup == "max_within_school":
        figure = (
            f"(select sum(v) from (select max(b.value) as v from {base} as b where {condition} group by b.school_code))"
        )
        sql = f"select {figure}"
    else:
        item = term.binding.groups.get("item", "group_code").replace("{b}", "b")
        figure = {
            "sum": "sum(b.value)",
            "distinct": f"count(distinct case when b.value > 0 then b.{item} end)",
        }.get(term.binding.rollup)
        sql = f"select {figure or 'null'} from {base} as b where {condition}"
    found.recomputed = con.execute(sql, parameters).fetchall()[0][0]


def _trace_view(con: duckdb.DuckDBPyConnection, found: Trace, term: Term, fact: Mapping[str, Any]) -> None:
    origins = _rows(
        con,
        "select * from measure_origin where measure_code = ? and source_fact = ?",
        [term.measure_code, fact["source"]],
    )
    if not origins:
        return
    origin = origins[0]
    where, parameters = _scope(fact)
    if "period_type" in {r["column_name"] for r in _columns(con, origin["trace_view"])}:
        where += " and b.period_type = ?"
        parameters.append(fact["period_type"])
    listed = [f.split(":")[0] for f in origin["fields"].split(";")]
    fields = [f.split("@")[0] for f in listed]
    excluded = [f.split(":")[0] for f in origin["fields"].split(";") if f.endswith(":minus_if_excluded")]
    condition = " and ".join(
        f"({c})" for c in (where, origin["row_condition"], filter_condition(term, read_aliases())) if c
    )
    letter = "b.column_letter" if "trace_" in origin["trace_view"] else "null as column_letter"
    rows = _rows(
        con,
        f"select s.file_name, s.file_sha256, s.column_map, b.sheet_name, b.row_number, {letter}, "
        + ", ".join(f"b.{f}" for f in fields)
        + f" from {origin['trace_view']} as b join stg_ledger__submission as s using (submission_id)"
        f" where {condition} order by s.file_name, s.file_sha256, b.sheet_name, b.row_number, column_letter",
        parameters,
    )
    found.cells = [_cell(r, listed) for r in rows]
    if origin["counts"]:
        figure = f"count(distinct b.{origin['counts']})"
    else:
        terms = [
            f"case when b.is_indoor_excluded then -b.{f} else 0 end" if f in excluded else f"b.{f}" for f in fields
        ]
        figure = f"coalesce(sum({' + '.join(terms)}), 0)"
    found.recomputed = con.execute(
        f"select {figure} from {origin['trace_view']} as b where {condition}", parameters
    ).fetchall()[0][0]


def _cell(row: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    """A row's place and values. `field@raw|raw` shows the letter of the first raw column that the file has."""
    letters = json.loads(row["column_map"] or "{}")

    def column(text: str) -> str | None:
        name, _, raw = text.partition("@")
        return row["column_letter"] or next((letters[r] for r in (raw or name).split("|") if r in letters), None)

    return {
        "file": row["file_name"],
        "file_sha256": row["file_sha256"],
        "sheet": row["sheet_name"],
        "row": row["row_number"],
        "values": [{"field": f.split("@")[0], "column": column(f), "value": row[f.split("@")[0]]} for f in fields],
    }


def _columns(con: duckdb.DuckDBPyConnection, view: str) -> list[dict[str, Any]]:
    return _rows(con, "select column_name from information_schema.columns where table_name = ?", [view])


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    result = con.execute(sql, parameters)
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, r, strict=True)) for r in result.fetchall()]
