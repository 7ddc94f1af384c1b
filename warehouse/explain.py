"""From a number back to the cells it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.build import newest_build
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings
from warehouse.terms import bind, read_aliases, read_bindings, read_seed
from warehouse.terms_sql import filter_condition

SHOWN_CELLS = 12


@dataclass
class Operand:
    """A numerator or denominator: the term, its parts by entity, its cells, and the figure computed anew from them.

    `cells` hold file, sheet, row (1-based), column letters by field, and the values. `agrees` is None where the
    measure is derived and has no cells of its own.
    """

    measure_code: str
    name_zh: str
    unit: str
    filter: str
    period_id: str
    value: Any
    parts: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    recomputed: Any = None
    agrees: bool | None = None


@dataclass
class Explanation:
    """Everything that answers for one value of an indicator."""

    indicator: dict[str, Any]
    value: dict[str, Any]
    operands: list[Operand]
    targets: list[dict[str, Any]]
    build_id: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """The explanation for a terminal, in Chinese; long lists of cells are cut, `--json` has them all."""
        i, v = self.indicator, self.value
        yield f"{i['name_zh']}  {i['name_en']}  ({i['indicator_code']}, 口径版本 {v['definition_version']})"
        where = " · ".join(
            str(v[k])
            for k in ("entity_type", "entity_id", "period_id", "stage", "urban_rural", "grade", "subject")
            if v[k] not in ("_all", "all")
        )
        yield f"  {where}:  {_number(v['value'])} {i['unit']}  [{v['status']}]"
        yield f"  公式: {i['formula']}"
        for label, operand in zip(("分子", "分母"), self.operands, strict=False):
            yield f"  {label}: {operand.name_zh} = {_number(operand.value)} {operand.unit}  ({operand.period_id})" + (
                f"  条件: {operand.filter}" if operand.filter else ""
            )
            if len(operand.parts) > 1:
                shown = ", ".join(f"{p['entity_id']}: {_number(p['value'])}" for p in operand.parts[:SHOWN_CELLS])
                shown += " …" if len(operand.parts) > SHOWN_CELLS else ""
                yield f"      由 {len(operand.parts)} 个单位合成: {shown}"
            for c in operand.cells[:SHOWN_CELLS]:
                values = ", ".join(f"{x['column'] or '?'}{c['row']}={_number(x['value'])}" for x in c["values"])
                sheet = f"[{c['sheet']}] " if c["sheet"] else ""
                yield f"      {c['file']} {sheet}{values}"
            if len(operand.cells) > SHOWN_CELLS:
                yield f"      … 共 {len(operand.cells)} 行,--json 可看全部"
            if operand.agrees is not None:
                mark = "一致" if operand.agrees else "不一致"
                yield f"      由原始单元格重算: {_number(operand.recomputed)} ({mark})"
        for t in self.targets:
            yield (
                f"  目标 {t['target_id']} ({t['document_code']}, {t['stage']}, {t['school_year']}): "
                f"{t['judge']} {_number(t['target_value'])} -> {t['status']}"
            )
        if not self.targets:
            yield "  没有约束本指标的目标"


def explain(
    settings: Settings,
    indicator: str,
    entity: str,
    period: str,
    *,
    stage: str | None = None,
    urban_rural: str = "all",
    edition: Path | None = None,
    region: str | None = None,
) -> Explanation:
    """Walk from an indicator's value to its operands, their cells and its targets.

    `entity` is a region, school, section (`school/stage`) or unit code; `period` a school, fiscal or calendar year. The
    newest build answers, or the one an edition was published from. Raises SchoolhouseError when there is no such value.
    """
    build_id = _edition_build(edition) if edition else None
    row = newest_build(settings, build_id)
    with _database(row["path"]) as con:
        definition = _one(con, "select * from dim_indicator where indicator_code = ?", [indicator])
        if definition is None:
            raise SchoolhouseError(
                f"unknown indicator {indicator!r}",
                f"没有指标 {indicator!r}",
                fix_en='list them with: schoolhouse query "select indicator_code, name_zh from dim_indicator"',
                fix_zh='可用 schoolhouse query "select indicator_code, name_zh from dim_indicator" 列出',
            )
        value = _value(con, definition, entity, period, stage, urban_rural, region)
        operands = [o for side in ("numerator", "denominator") if (o := _operand(con, definition, value, side))]
        targets = _rows(
            con,
            "select * from fct_target_tracking where indicator_code = ? and region_code = ? and period_id = ?"
            " and (stage = ? or stage = 'all') order by target_id",
            [indicator, value["region_code"], value["period_id"], value["stage"]],
        )
    return Explanation(definition, value, operands, targets, row["build_id"])


def _edition_build(edition: Path) -> str:
    try:
        return json.loads((edition / "attestation" / "run.json").read_text())["build_id"]
    except (OSError, ValueError, KeyError) as e:
        raise SchoolhouseError("this is not an edition", "这不是一个版本目录", where=str(edition)) from e


@contextmanager
def _database(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(path, read_only=True) as con:
        yield con


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    result = con.execute(sql, parameters or [])
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, r, strict=True)) for r in result.fetchall()]


def _one(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> dict[str, Any] | None:
    rows = _rows(con, sql, parameters)
    return rows[0] if rows else None


def _value(
    con: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    entity: str,
    period: str,
    stage: str | None,
    urban_rural: str,
    region: str | None,
) -> dict[str, Any]:
    """The widest value that fits: the indicator's own stages before others, all exams before one."""
    indicator = definition["indicator_code"]
    found = _rows(
        con,
        "select * from fct_indicator_value where indicator_code = ? and entity_id = ? and period_id = ?"
        " and (? is null or stage = ?) and urban_rural in (?, '_all') and (? is null or region_code = ?)"
        " order by exam_id <> '_all', grade <> '_all', subject <> '_all', group_code <> '_all',"
        " stage <> ?, stage <> 'all', stage",
        [indicator, entity, period, stage, stage, urban_rural, region, region, definition["stage"]],
    )
    if found:
        return found[0]
    others = _rows(
        con,
        "select distinct entity_type, period_id, stage from fct_indicator_value where indicator_code = ?"
        " and (entity_id = ? or period_id = ?) order by all limit 5",
        [indicator, entity, period],
    )
    near = "; ".join(f"{o['entity_type']} {o['period_id']} {o['stage']}" for o in others) or "none"
    raise SchoolhouseError(
        f"{indicator} has no value for {entity} in {period}; there is: {near}",
        f"指标 {indicator} 没有 {entity} 在 {period} 的值;现有:{near}",
        fix_en="choose --entity, --period and --stage from those",
        fix_zh="请从中选择 --entity、--period、--stage",
    )


def _operand(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], value: Mapping[str, Any], side: str
) -> Operand | None:
    measure_code = definition[f"{side}_measure"]
    if not measure_code:
        return None
    measure = _one(con, "select * from dim_measure where measure_code = ?", [measure_code]) or {}
    filter_text = definition[f"{side}_filter"] or ""
    fact = _one(
        con,
        "select * from fct_measure where term_code = ? and region_code = ? and entity_type = ? and entity_id = ?"
        " and stage = ? and urban_rural = ? and grade = ? and subject = ? and exam_id = ?"
        " order by period_id = ? desc, period_id desc",
        [
            definition[f"{side}_term"],
            *(
                value[k]
                for k in ("region_code", "entity_type", "entity_id", "stage", "urban_rural", "grade", "subject")
            ),
            value["exam_id"],
            _operand_period(con, definition, value, side),
        ],
    )
    operand = Operand(
        measure_code,
        measure.get("name_zh", measure_code),
        measure.get("unit", ""),
        filter_text,
        fact["period_id"] if fact else value["period_id"],
        value[side] if value[side] is not None else (fact or {}).get("value"),
    )
    if fact:
        operand.parts = _parts(con, definition[f"{side}_term"], fact)
        _trace(con, operand, fact, filter_text)
    return operand


def _operand_period(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], value: Mapping[str, Any], side: str
) -> str:
    """The period of an operand across clocks: the bridge's row says which calendar and how many years off."""
    bridge = _one(
        con, "select * from clock_bridge where bridge = ? and operand = ?", [definition["bridge"] or "", side]
    )
    if bridge is None:
        return value["period_id"]
    start = int(value["period_id"][:4]) + int(bridge["year_offset"])
    return f"{start}-{start + 1}" if bridge["period_type"] == "school_year" else str(start)


def _scope(fact: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The rows of a base or trace view that a fct_measure row sums: a condition and its parameters."""
    sql = "b.region_code = ? and b.period_id = ? and b.stage in (select stage from stage_scope where stage_scope = ?)"
    parameters = [fact["region_code"], fact["period_id"], fact["stage"]]
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


def _trace(con: duckdb.DuckDBPyConnection, operand: Operand, fact: Mapping[str, Any], filter_text: str) -> None:
    """Find the cells of an operand and compute it anew from them."""
    origin = _one(
        con,
        "select * from measure_origin where measure_code = ? and source_fact = ?",
        [operand.measure_code, fact["source"]],
    )
    if origin is None:
        return
    where, parameters = _scope(fact)
    conditions = [where, origin["row_condition"], _filter_condition(operand.measure_code, filter_text)]
    fields = [f.split(":")[0] for f in origin["fields"].split(";")]
    excluded = [f.split(":")[0] for f in origin["fields"].split(";") if f.endswith(":minus_if_excluded")]
    condition = " and ".join(f"({c})" for c in conditions if c)
    rows = _rows(
        con,
        "select s.file_name, s.file_sha256, s.column_map, b.sheet_name, b.row_number, b.column_letter, "
        + ", ".join(f"b.{f}" for f in fields)
        + f" from {origin['trace_view']} as b join stg_ledger__submission as s using (submission_id)"
        f" where {condition} order by s.file_name, s.file_sha256, b.sheet_name, b.row_number, b.column_letter",
        parameters,
    )
    operand.cells = [_cell(r, fields) for r in rows]
    if origin["counts"]:
        figure = f"count(distinct b.{origin['counts']})"
    else:
        terms = [
            f"case when b.is_indoor_excluded then -b.{f} else 0 end" if f in excluded else f"b.{f}" for f in fields
        ]
        figure = f"sum({' + '.join(terms)})"
    recomputed = con.execute(
        f"select {figure} from {origin['trace_view']} as b where {condition}", parameters
    ).fetchall()
    operand.recomputed = recomputed[0][0]
    if operand.recomputed is not None and fact["value"] is not None:
        operand.agrees = abs(float(operand.recomputed) - float(fact["value"])) <= 1e-6


def _filter_condition(measure_code: str, filter_text: str) -> str:
    """A term's filter as SQL: the trace views name their columns as the base models do."""
    term = bind(measure_code, filter_text, read_bindings(read_seed("measure_binding")))
    return filter_condition(term, read_aliases()) if term.binding else ""


def _cell(row: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    letters = json.loads(row["column_map"])
    return {
        "file": row["file_name"],
        "file_sha256": row["file_sha256"],
        "sheet": row["sheet_name"],
        "row": row["row_number"],
        "values": [{"field": f, "column": row["column_letter"] or letters.get(f), "value": row[f]} for f in fields],
    }


def _number(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
