"""What would the assessment say if a school had more teachers, rooms, ground or money? Computed beside the build."""

# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportCallIssue=false

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from warehouse.balance import exact
from warehouse.balance_assess import Assessment, assess
from warehouse.balance_figures import MEASURES, Figures, choose_assessed, read_figures
from warehouse.build import newest_build
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

_LEGS_OF_ITEMS = ("data", "resource", "dispersion")


@dataclass(frozen=True)
class Setting:
    """One `measure=value`; `sign` is + or - where the value is added to what the section has, else empty."""

    measure: str
    sign: str
    amount: Decimal


@dataclass
class WhatIf:
    """Before and after, row by row; `legs` and `items` are those of the changed sections or those that changed.

    `build_agrees` says that the figures before the change are those which the build stored.
    """

    build_id: str
    region_code: str
    school_year: str
    changes: list[dict[str, Any]]
    items: list[dict[str, Any]]
    sections: list[dict[str, Any]]
    coefficients: list[dict[str, Any]]
    legs: list[dict[str, Any]]
    conclusion: dict[str, dict[str, Any]]
    passing: dict[str, dict[str, int]] = field(default_factory=dict)
    build_agrees: bool = True

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def parse_setting(text: str) -> Setting:
    """Read `measure=value`, `measure=+value` or `measure=-value`. Raises SchoolhouseError."""
    found = re.fullmatch(r"\s*(\w+)\s*=\s*([+-]?)(\d+(?:\.\d{1,2})?)\s*", text)
    if not found or found[1] not in MEASURES:
        raise SchoolhouseError(
            f"{text!r} sets no measure of a section",
            f"“{text}”不是可以改动的项目",
            fix_en=f"write measure=120, measure=+3 or measure=-3 with one of: {', '.join(MEASURES)}",
            fix_zh=f"请写成 项目=120、项目=+3 或 项目=-3,可用的项目:{'、'.join(MEASURES)}",
        )
    if found[1].endswith("_count") and Decimal(found[3]) % 1:
        raise SchoolhouseError(
            f"{text!r}: people and rooms are whole numbers", f"“{text}”:人数和间数应为整数", fix_en="", fix_zh=""
        )
    return Setting(found[1], found[2], Decimal(found[3]))


def what_if(
    settings: Settings,
    region: str,
    school_year: str | None,
    school: str | None,
    stage: str | None,
    sets: Sequence[Setting],
    build_id: str | None = None,
) -> WhatIf:
    """Recompute items, sections, coefficients and conclusion with the settings applied to one section.

    Without settings it is the assessment as it stands. The build is opened read-only and not changed. Raises
    SchoolhouseError for an unknown year, school or stage, and for an amount below zero.
    """
    build = newest_build(settings, build_id)
    with duckdb.connect(str(build["path"]), read_only=True) as con:
        year = _the_year(con, region, school_year)
        figures = read_figures(con, region, year)
        stored = _stored(con, region, year)
    before = assess(figures)
    changes: list[dict[str, Any]] = []
    changed = figures
    if sets:
        position = _the_section(figures, school, stage)
        changed, changes = _apply(figures, position, sets)
    after = assess(changed)
    touched = {(c["school_code"], c["stage"]) for c in changes}
    return WhatIf(
        build_id=build["build_id"],
        region_code=region,
        school_year=year,
        changes=changes,
        items=list(_items(before, after, touched)),
        sections=list(_sections(figures, before, after, touched)),
        coefficients=list(_coefficients(before, after)),
        legs=list(_legs(before, after)),
        conclusion={"before": before.conclusion, "after": after.conclusion},
        passing={"before": _passing(before), "after": _passing(after)},
        build_agrees=stored == {(leg["leg_id"], leg["stage"]): leg["status"] for leg in before.legs},
    )


def _the_year(con: duckdb.DuckDBPyConnection, region: str, school_year: str | None) -> str:
    years = [
        r[0]
        for r in con.execute(
            "select distinct school_year from dim_edition where region_code = ? order by school_year", [region]
        ).fetchall()
    ]
    if school_year in years:
        return school_year
    if school_year is None and years:
        return years[-1]
    listed = ", ".join(years) or "-"
    raise SchoolhouseError(
        f"region {region} has no edition {school_year or ''}".rstrip(),
        f"行政区 {region} 没有 {school_year or ''} 学年的数据",
        fix_en=f"it has: {listed}",
        fix_zh=f"现有:{listed}",
    )


def _stored(con: duckdb.DuckDBPyConnection, region: str, year: str) -> dict[tuple[str, str], str]:
    rows = con.execute(
        "select leg_id, stage, status from fct_balance_leg where region_code = ? and school_year = ?", [region, year]
    ).fetchall()
    return {(leg, stage): status for leg, stage, status in rows}


def _the_section(figures: Figures, school: str | None, stage: str | None) -> int:
    """Position of the one section that is meant."""
    if school is None:
        raise SchoolhouseError(
            "no school is named",
            "没有指明改动哪一所学校",
            fix_en="add --school with the code of ten digits",
            fix_zh="加上 --school 和十位学校标识码",
        )
    sections = figures.sections
    mine = sections[sections["school_code"] == school]
    if stage is not None:
        mine = mine[mine["stage"] == stage]
    if len(mine) == 1:
        return int(mine.index[0])
    if mine.empty:
        raise SchoolhouseError(
            f"no section of school {school} {stage or ''} is in the year's reports".replace("  ", " "),
            f"本学年基表中没有学校 {school} {stage or ''} 的义务教育学部",
            fix_en="--school takes the code of ten digits; --stage is primary or junior",
            fix_zh="--school 为十位学校标识码,--stage 为 primary 或 junior",
        )
    raise SchoolhouseError(
        f"school {school} has several stages: {', '.join(mine['stage'])}",
        f"学校 {school} 有多个学段:{'、'.join(mine['stage'])}",
        fix_en="add --stage",
        fix_zh="请加上 --stage",
    )


def _apply(figures: Figures, position: int, sets: Sequence[Setting]) -> tuple[Figures, list[dict[str, Any]]]:
    sections = figures.sections.copy()
    changes = []
    for s in sets:
        had = sections.at[position, s.measure]
        if s.sign and pd.isna(had):
            raise SchoolhouseError(
                f"{s.measure} was not reported: nothing to add to", f"{s.measure} 未报送,无法增减", fix_en="", fix_zh=""
            )
        steps = {"": s.amount, "+": _decimal(had) + s.amount, "-": _decimal(had) - s.amount}
        now = steps[s.sign]
        if now < 0:
            raise SchoolhouseError(f"{s.measure} would be {now}", f"{s.measure} 将变为 {now},不能小于 0")
        sections.at[position, s.measure] = int(now) if s.measure.endswith("_count") else now
        section = sections.loc[position]
        changes.append(
            {
                "school_code": section["school_code"],
                "school_name": section["school_name"],
                "stage": section["stage"],
                "measure": s.measure,
                "before": _plain(had),
                "after": _plain(now),
            }
        )
    # With other pupils a section may fall under a rule that leaves it out, or out of it.
    sections["is_eligible"] = choose_assessed(sections, figures.exclusions)
    return replace(figures, sections=sections), changes


def _decimal(value: object) -> Decimal:
    return Decimal(0) if value is None or value is pd.NA else Decimal(str(value))


def _plain(value: object) -> float | int | None:
    number = exact(value)
    if number is None:
        return None
    return int(number) if number.denominator == 1 else float(number)


def _status(row: dict[str, Any]) -> str:
    return {True: "met", False: "not_met"}.get(row["meets"], "undecided")


def _items(before: Assessment, after: Assessment, touched: set[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    for old, new in zip(before.items.to_dict("records"), after.items.to_dict("records"), strict=True):
        if (new["school_code"], new["stage"]) in touched:
            yield {
                "school_code": new["school_code"],
                "stage": new["stage"],
                "item_code": new["item_code"],
                "threshold": _plain(new["threshold"]),
                **_sides(
                    {
                        "amount": _plain(row["amount"]),
                        "value": None if pd.isna(row["value"]) else row["value"],
                        "status": _status(row),
                        "gap_units": None if row["gap_units"] is None else int(row["gap_units"]),
                    }
                    for row in (old, new)
                ),
            }


def _sides(pair: Iterator[dict[str, Any]]) -> dict[str, Any]:
    old, new = pair
    return {"before": old, "after": new}


def _sections(
    figures: Figures, before: Assessment, after: Assessment, touched: set[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    names = dict(zip(figures.sections["school_code"], figures.sections["school_name"], strict=True))
    for old, new in zip(before.sections.to_dict("records"), after.sections.to_dict("records"), strict=True):
        if (new["school_code"], new["stage"]) in touched or old["verdict"] != new["verdict"]:
            yield {
                "school_code": new["school_code"],
                "school_name": names.get(new["school_code"]),
                "stage": new["stage"],
                **_sides(
                    {"items_met": int(row["items_met"]), "lowest": row["lowest"], "status": row["verdict"]}
                    for row in (old, new)
                ),
            }


def _coefficients(before: Assessment, after: Assessment) -> Iterator[dict[str, Any]]:
    limits = {(leg["stage"], leg["indicator_code"]): leg["limit_value"] for leg in before.legs}
    for (stage, item), value in before.coefficients.items():
        limit = limits.get((stage, f"res_cv_{item}"))
        yield {
            "stage": stage,
            "item_code": item,
            "limit": None if limit is None else float(limit),
            "before": value,
            "after": after.coefficients[stage, item],
        }


def _legs(before: Assessment, after: Assessment) -> Iterator[dict[str, Any]]:
    """The legs that rest on the seven items, and every other leg once as it stands (they do not change)."""
    for old, new in zip(before.legs, after.legs, strict=True):
        yield {
            **{k: new[k] for k in ("leg_id", "stage", "leg_group", "name_zh", "name_en", "indicator_code")},
            "limit": None if new["limit_value"] is None else float(new["limit_value"]),
            "rests_on_items": new["leg_group"] in _LEGS_OF_ITEMS,
            **_sides({k: leg[k] for k in ("value", "status", "reason")} for leg in (old, new)),
        }


def _passing(found: Assessment) -> dict[str, int]:
    """Sections that are assessed, and those that pass, by stage."""
    mine = found.sections[found.sections["is_eligible"].fillna(False).astype(bool)]
    counts: dict[str, int] = {}
    for stage, group in mine.groupby("stage"):
        counts[f"{stage}_sections"] = len(group)
        counts[f"{stage}_passing"] = int((group["verdict"] == "met").sum())
    return counts
