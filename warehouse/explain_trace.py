"""The rows an operand came from, and the figure computed anew from them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from warehouse.explain_cells import read_cells
from warehouse.terms import Term, bind, read_aliases, read_bindings, read_seed
from warehouse.terms_model import filter_condition

# One for every so many rows of a thing: the way of combining that rooms for classes have.
_PER = "per_"


@dataclass(frozen=True)
class Scope:
    """Which rows a figure rests on: those of a region, periods, stages and, where named, an area, detail or entity."""

    region_code: str
    period_type: str
    period_ids: tuple[str, ...]
    stage: str
    entity_type: str
    entity_id: str
    urban_rural: str = "all"
    grade: str = "_all"
    subject: str = "_all"
    exam_id: str = "_all"

    def condition(self) -> tuple[str, list[Any]]:
        """SQL on the columns of `b`, and its parameters. Rows of no stage of their own count in every scope."""
        periods = ", ".join("?" * len(self.period_ids))
        sql = (
            f"b.region_code = ? and b.period_id in ({periods})"
            " and b.stage in (select stage from int_scope_stage where stage_scope = ?)"
        )
        parameters: list[Any] = [self.region_code, *self.period_ids, self.stage]
        entity = {"school": "school_code", "section": "entity_id", "unit": "entity_id"}.get(self.entity_type)
        if entity:
            sql += f" and b.{entity} = ?"
            parameters.append(self.entity_id)
        elif self.urban_rural in ("urban", "rural"):
            sql += " and b.urban_rural = ?"
            parameters.append(self.urban_rural)
        for column in ("grade", "subject", "exam_id"):
            value = getattr(self, column)
            if value != "_all":
                sql += f" and b.{column} = ?"
                parameters.append(value)
        return sql, parameters

    def at(self, **changed: Any) -> Scope:
        return replace(self, **changed)


@dataclass
class Trace:
    """Rows with their cells. `recomputed` is None where the things stand for themselves (a level, a largest).

    `formula` is a row's figure as a formula over its cells, `combine` and `rollup` how rows and things come together.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    formula: str = ""
    rollup: str = ""
    combine: str = ""
    is_traced: bool = False
    recomputed: float | None = None


def bind_term(term_code: str, measure_code: str, filter_text: str, by: str) -> Term:
    """The term on the base that gives it; `by` is the thing that it is taken by, '' for none."""
    text = filter_text.partition("@")[0]
    return replace(bind(measure_code, text, read_bindings(read_seed("measure_binding"))), term_code=term_code, by=by)


def trace(con: duckdb.DuckDBPyConnection, raw: Any, term: Term, scope: Scope, more: str = "") -> Trace:
    """The rows behind a term in a scope, with their cells from the folder `raw`; `more` narrows by other columns."""
    if term.binding is None:
        return Trace()
    found = con.execute(
        "select trace_view, figure, fields, combine, thing, thing_fields, row_condition, formula from measure_origin"
        " where measure_code = ? and source_fact = ?",
        [term.measure_code, term.binding.source_fact],
    ).fetchall()
    if not found or not found[0][0]:
        return Trace()
    view, figure, fields, combine, thing, thing_fields, row_condition, formula = (x or "" for x in found[0])
    columns = {c for (c,) in con.execute(_COLUMNS, [view]).fetchall()}
    where, parameters = scope.condition()
    if "period_type" in columns:
        where += " and b.period_type = ?"
        parameters.append(scope.period_type)
    if view.startswith("int_measure_base__") and term.binding.is_long:
        where += " and b.measure_code = ?"
        parameters.append(term.measure_code)
    condition = " and ".join(
        f"({c})" for c in (where, row_condition, filter_condition(term, read_aliases()), more) if c
    )
    group = term.group_column.replace("{b}", "b") if term.by else ""
    letter = "column_letter" if "column_letter" in columns else "cast(null as varchar)"
    rows = _rows(
        con,
        f"select s.submission_id, s.source, s.file_name, s.file_sha256, s.column_map, b.sheet_name as sheet,"
        f" b.row_number as row, {letter} as letter, b.school_code, b.entity_id, b.stage, b.period_id,"
        f" cast({figure} as double) as figure, cast({thing or 'null'} as varchar) as thing,"
        f" cast({f'b.{group}' if group else 'null'} as varchar) as by_thing"
        f" from {view} as b left join stg_ledger__submission as s on b.submission_id = s.submission_id"
        f" where {condition} and b.row_number is not null"
        " order by s.file_name, s.file_sha256, b.sheet_name, b.row_number, letter, b.entity_id, thing",
        parameters,
    )
    read_cells(con, raw, rows, [f for f in fields.split(";") if f], [f for f in thing_fields.split(";") if f])
    trace = Trace(rows, formula, term.binding.rollup, combine, True)
    trace.recomputed = fold(rows, trace.rollup, combine)
    return trace


def fold(rows: Iterable[Mapping[str, Any]], rollup: str, combine: str) -> float | None:
    """What the rows come to: a sum, a count of things, or per school the best and then their sum."""
    if rollup == "none":
        return None
    if rollup == "distinct":
        return float(len({_thing(r) for r in rows if (r["figure"] or 0) > 0}))
    if rollup == "max_within_school":
        best: dict[Any, float] = {}
        for r in rows:
            best[r["school_code"]] = max(best.get(r["school_code"], 0.0), r["figure"] or 0.0)
        return math.fsum(best.values())
    if combine == "max":
        largest: dict[Any, float] = {}
        for r in rows:
            largest[_thing(r)] = max(largest.get(_thing(r), 0.0), r["figure"] or 0.0)
        return math.fsum(largest.values())
    if combine.startswith(_PER):
        size, counts = int(combine.removeprefix(_PER)), {}
        for r in rows:
            counts[_thing(r)] = counts.get(_thing(r), 0) + 1
        return float(sum(math.ceil(n / size) for n in counts.values()))
    return math.fsum(r["figure"] for r in rows if r["figure"] is not None)


def _thing(row: Mapping[str, Any]) -> Any:
    return row["thing"] if row["thing"] is not None else (row["submission_id"], row["sheet"], row["row"])


_COLUMNS = "select column_name from information_schema.columns where table_name = ?"


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    result = con.execute(sql, parameters)
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, r, strict=True)) for r in result.fetchall()]
