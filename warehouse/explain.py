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
from warehouse.explain_trace import trace
from warehouse.settings import Settings

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
        " and group_code = '_all' order by period_id = ? desc, period_id desc",
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
    # What does not add up (a level, a score, the largest of its kind) has no row of fct_measure, but has cells.
    source = _one(con, "select source_fact from term where term_code = ?", [definition[f"{side}_term"]])
    stand_in = {
        **value,
        "value": None,
        "source": source["source_fact"] if source else None,
        "period_id": _operand_period(con, definition, value, side),
    }
    if definition["kind"] == "cycle" and side == "numerator" and not definition["denominator_measure"]:
        fact = {**stand_in, "value": value["numerator"], "period_ids": _cycle_periods(con, definition, value)}
    if definition["kind"] == "attested" and measure_code == "attested_flag":
        filter_text = f"indicator={definition['indicator_code']}"
    found = trace(con, measure_code, filter_text, fact or stand_in)
    operand.parts, operand.cells = found.parts, found.cells
    operand.recomputed, operand.agrees = found.recomputed, found.agrees
    return operand


def _cycle_periods(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], value: Mapping[str, Any]
) -> list[str]:
    """The periods of a cycle that ends with the value's own."""
    years = int(str(definition["window_text"]).rstrip("y"))
    rows = _rows(
        con,
        "select p.period_id from period_calendar as p join period_calendar as own on own.period_type = p.period_type"
        " where own.period_type = ? and own.period_id = ? and cast(p.start_year as integer)"
        " between cast(own.start_year as integer) - ? and cast(own.start_year as integer) order by p.start_year",
        [value["period_type"], value["period_id"], years - 1],
    )
    return [r["period_id"] for r in rows]


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


def _number(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
