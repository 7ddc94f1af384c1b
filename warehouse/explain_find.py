"""Which value is asked for, its definition, the targets that judge it and the limits its members are held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from warehouse.errors import SchoolhouseError


@dataclass(frozen=True)
class Asked:
    """Where a value stands. What is not said is the widest: the county, the newest edition's period, all stages."""

    entity: str | None = None
    period: str | None = None
    stage: str | None = None
    urban_rural: str = "all"
    grade: str | None = None
    subject: str | None = None
    exam: str | None = None
    group: str | None = None
    region: str | None = None
    zone: str = "internal"
    indicator: str | None = None

    def settled(self, con: duckdb.DuckDBPyConnection, name: str) -> Asked:
        """With region, entity and period filled in, and a target turned into the value that it judges."""
        regions = [r for (r,) in con.execute("select distinct region_code from dim_edition order by 1").fetchall()]
        region = self.region or (regions[0] if len(regions) == 1 else None)
        if region is None and self.entity is None:
            raise SchoolhouseError(
                f"which region? this build has: {', '.join(regions)}",
                f"请指明行政区划代码,本构建现有:{'、'.join(regions)}",
                fix_en="add --region CODE",
                fix_zh="加上 --region 代码",
            )
        asked = replace(self, region=region, entity=self.entity or region)
        target = con.execute("select indicator_code, stage, urban_rural from dim_target where target_id = ?", [name])
        if found := target.fetchone():
            own_stage, area = self.stage or found[1], found[2] if self.urban_rural == "all" else self.urban_rural
            asked = replace(asked, indicator=found[0], stage=own_stage, urban_rural=area)
        if asked.period is None:
            newest = con.execute(
                "select period_id from int_edition_indicator where indicator_code = ?"
                " and (? is null or region_code = ?) order by school_year desc limit 1",
                [asked.indicator or name, region, region],
            ).fetchone()
            asked = replace(asked, period=newest[0] if newest else None)
        return asked


def find_definition(con: duckdb.DuckDBPyConnection, indicator: str) -> dict[str, Any]:
    """The row of dim_indicator. Raises SchoolhouseError for a code that does not exist."""
    found = _rows(con, "select * from dim_indicator where indicator_code = ?", [indicator])
    if not found:
        raise SchoolhouseError(
            f"unknown indicator {indicator!r}",
            f"没有指标 {indicator!r}",
            fix_en='list them with: schoolhouse query "select indicator_code, name_zh from dim_indicator"',
            fix_zh='可用 schoolhouse query "select indicator_code, name_zh from dim_indicator" 列出',
        )
    return found[0]


def find_value(con: duckdb.DuckDBPyConnection, definition: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """The widest value that fits: the indicator's own stages before others, all exams before one."""
    indicator = definition["indicator_code"]
    fact = "fct_indicator_value"
    if asked.zone == "restricted":
        fact = "(select * from fct_indicator_value union all by name select * from fct_indicator_value_person)"
    found = _rows(
        con,
        f"select * from {fact} where indicator_code = ? and entity_id = ? and period_id = ?"
        " and (? is null or stage = ?) and urban_rural in (?, '_all', case when ? = 'all' then 'urban_vs_rural' end)"
        " and (? is null or region_code = ?) and (? is null or grade = ?) and (? is null or subject = ?)"
        " and (? is null or exam_id = ?) and (? is null or group_code = ?)"
        " order by exam_id <> '_all', grade <> '_all', subject <> '_all', group_code <> '_all',"
        " stage <> ?, stage <> 'all', urban_rural, stage, exam_id, grade, subject, group_code",
        [
            indicator,
            asked.entity,
            asked.period,
            *(x for v in (asked.stage,) for x in (v, v)),
            asked.urban_rural,
            asked.urban_rural,
            *(x for v in (asked.region, asked.grade, asked.subject, asked.exam, asked.group) for x in (v, v)),
            definition["stage"],
        ],
    )
    if found:
        return found[0]
    others = _rows(
        con,
        "select distinct entity_type, period_id, stage from fct_indicator_value where indicator_code = ?"
        " and (entity_id = ? or period_id = ?) order by all limit 5",
        [indicator, asked.entity, asked.period],
    )
    near = "; ".join(f"{o['entity_type']} {o['period_id']} {o['stage']}" for o in others) or "none"
    raise SchoolhouseError(
        f"{indicator} has no value for {asked.entity} in {asked.period}; there is: {near}",
        f"指标 {indicator} 没有 {asked.entity} 在 {asked.period} 的值;现有:{near}",
        fix_en="choose --entity, --period and --stage from those",
        fix_zh="请从中选择 --entity、--period、--stage",
    )


def find_targets(con: duckdb.DuckDBPyConnection, value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The targets that judge the value, with their verdicts; of a value of a school none does."""
    if value["entity_type"] != "county":
        return []
    return _rows(
        con,
        "select * from fct_target_tracking where indicator_code = ? and region_code = ? and period_id = ?"
        " and (stage = ? or stage = 'all') order by school_year, target_id",
        [value["indicator_code"], value["region_code"], value["period_id"], value["stage"]],
    )


def find_limits(
    con: duckdb.DuckDBPyConnection, form: Mapping[str, Any], value: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What each member of a composite must reach at this place, and the parameter of its floor."""
    limits = _rows(
        con,
        "select t.indicator_code as member_code, t.judge, t.threshold_value from int_indicator_threshold as t"
        " where t.region_code = ? and t.period_id = ? and t.stage = ? and (t.indicator_code = ? or t.indicator_code in"
        " (select member_code from indicator_member where indicator_code = ?)) order by t.indicator_code",
        [value["region_code"], value["period_id"], value["stage"], form["subject"], form["indicator_code"]],
    )
    floor = _rows(
        con,
        "select parameter_code as member_code, 'floor' as judge, cast(value as double) as threshold_value"
        " from int_parameter__by_school_year where school_year = ? and parameter_code = ?",
        [value["period_id"], form["threshold"]],
    )
    return limits + floor


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    result = con.execute(sql, parameters)
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, r, strict=True)) for r in result.fetchall()]
