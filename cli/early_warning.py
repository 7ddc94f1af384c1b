"""The command that lists early warnings within the school year."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.output import out, print_json, print_table
from warehouse.settings import Settings

_HEADS = {
    "level": "等级", "exam": "考试", "before": "对比", "grade": "年级", "subject": "学科", "school": "学校",
    "class": "班级", "reason": "事由", "was": "上次", "now": "本次", "judged": "判定值", "limit": "门槛",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command to the house's."""
    app.command()(warnings)


def warnings(
    region: Annotated[
        str | None, typer.Option("--region", help="region code; optional while there is only one")
    ] = None,
    year: Annotated[str | None, typer.Option("--year", help="school year (default: the newest with exams)")] = None,
    level: Annotated[list[str] | None, typer.Option(help="warning, notice, none or undecided; several times")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")] = False,
) -> None:
    """Schools and classes that fell from one exam of the year to the next (restricted zone; never published)."""
    from warehouse.early_warning import LEVELS, UNDECIDED, read_warnings

    found = read_warnings(Settings.load(), region, year, tuple(level or ()))
    if as_json:
        print_json(found.to_dict())
        return
    out.print(f"{found.region_code} {found.school_year}", markup=False)
    print_table([_line(r, LEVELS, UNDECIDED) for r in found.shown], _HEADS)
    out.print(" ".join(f"{LEVELS[k]} {n}" for k, n in found.counts.items()), markup=False)
    if found.undecided:
        out.print(" ".join(f"{UNDECIDED[k]} {n}" for k, n in found.undecided.items()), markup=False)


def _line(row: dict[str, Any], levels: dict[str, str], undecided: dict[str, str]) -> dict[str, Any]:
    limit = row["notice_at"] if row["warning_level"] != "warning" else row["warning_at"]
    return {
        "level": undecided.get(row["undecided_code"] or "", levels[row["warning_level"]]),
        "exam": f"{row['exam_name']} {row['exam_date']}",
        "before": f"{row['previous_exam_name']} {row['previous_exam_date']}" if row["previous_exam_name"] else "",
        "grade": row["grade"],
        "subject": row["subject"],
        "school": row["school_name"] or row["school_code"],
        "class": "全校" if row["group_type"] == "school" else row["class_name"],
        "reason": row["reason_zh"],
        "was": _number(row["previous_standing"]),
        "now": _number(row["standing"]),
        "judged": _number(row["judged_value"]),
        "limit": _number(limit),
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
