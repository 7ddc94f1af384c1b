"""A page for each school's head: its own seven items against their levels, and what is lacking in things to order.

The pages are internal: they are written under `serving/internal/schools/`, never into an edition. A page knows one
school alone; there is no rank and no other school's figure on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from publication import dictionary, figures, report
from publication.language import speaking
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_write, together
from warehouse.serving import zone_path
from warehouse.settings import Settings

_ITEMS = "fct_balance_school_item"


def school_pages(settings: Settings, region: str, school_year: str, language: str = "zh") -> list[Path]:
    """Write a page for every school of the region that the build assesses; returns them by school code.

    Raises SchoolhouseError where the internal zone has no assessment of that region and year.
    """
    with duckdb.connect(str(zone_path(settings, "internal")), read_only=True) as connection:
        rows = _rows(connection, region, school_year)
    if not rows:
        raise SchoolhouseError(
            "no school of this region and year has been assessed",
            "该区域该学年没有学校评估数据",
            where=f"{region} {school_year}",
            fix_en="Build the year first.",
            fix_zh="请先构建该学年。",
        )
    folder = settings.serving / "internal" / "schools" / region / school_year
    folder.mkdir(parents=True, exist_ok=True)
    for part in (folder, folder.parent, folder.parent.parent):
        part.chmod(0o700)
    written = []
    with speaking(language), together():
        template = report.environment().get_template("school.html")
        for code in sorted({r["school_code"] for r in rows}):
            own = [r for r in rows if r["school_code"] == code]
            path = folder / f"{code}.html"
            atomic_write(path, template.render(_page(own, school_year)))
            written.append(path)
    return written


def _rows(connection: duckdb.DuckDBPyConnection, region: str, school_year: str) -> list[dict[str, Any]]:
    query = "select 1 from information_schema.tables where table_name = $1"
    if not connection.execute(query, [_ITEMS]).fetchall():
        return []
    return (
        connection.sql(
            f"select b.*, coalesce(s.school_name, b.school_code) as school_name from {_ITEMS} b"
            " left join dim_school s on b.school_code = s.school_code and b.school_year = s.school_year"
            " where b.region_code = $1 and b.school_year = $2"
            " order by b.school_code, b.stage, b.national_item, b.item_code",
            params=[region, school_year],
        )
        .to_arrow_table()
        .to_pylist()
    )


def _page(rows: list[dict[str, Any]], school_year: str) -> dict[str, Any]:
    order = dictionary.order("stage")
    stages: dict[str, list[dict[str, Any]]] = {}
    for r in rows:
        stages.setdefault(str(r["stage"]), []).append(_item(r))
    return {
        "school_name": rows[0]["school_name"],
        "school_code": rows[0]["school_code"],
        "school_year": school_year,
        "stages": [
            {
                "name": dictionary.word("stage", s),
                "items": stages[s],
                "assessed": any(r["is_eligible"] for r in rows if str(r["stage"]) == s),
                "pupils": figures.number(next(r["student_count"] for r in rows if str(r["stage"]) == s), 0),
            }
            for s in sorted(stages, key=lambda s: (order.index(s) if s in order else len(order), s))
        ],
        "orders": [
            {
                "stage": dictionary.word("stage", r["stage"]),
                "name": dictionary.word("resource_item", r["item_code"]),
                "units": _units(r),
                "cost": figures.wan(r["gap_cost_yuan"]) if r["gap_cost_yuan"] else "",
            }
            for r in rows
            if r["is_eligible"] and (r["gap_units"] or 0) > 0
        ],
    }


def _units(row: dict[str, Any]) -> str:
    return f"{figures.number(row['gap_units'], 0)} {dictionary.word('gap_unit', row['unit'])}".strip()


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": str(row["national_item"] or ""),
        "name": dictionary.word("resource_item", row["item_code"]),
        "amount": f"{figures.number(row['amount'])} {dictionary.word('gap_unit', row['unit'])}".strip(),
        "value": figures.number(row["value"]),
        "threshold": figures.number(row["threshold_value"]),
        "status": {"not_met": "missed", "undecided": "no_data"}.get(str(row["status"]), str(row["status"])),
        "gap": _units(row) if (row["gap_units"] or 0) > 0 else "",
    }
