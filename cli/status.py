"""`schoolhouse status`: the chasing list as tables for the office, JSON for machines, CSV for the telephone."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.output import print_json, print_table
from warehouse.settings import Settings

Rows = Sequence[Mapping[str, Any]]

COLOURS = {
    "accepted": "green",
    "optional": "dim",
    "missing": "yellow",
    "late": "bold red",
    "rejected": "bold red",
    "conflict": "bold magenta",
    "waiting": "cyan",
    "partial": "yellow",
    "late_after_edition": "magenta",
}
# Width of a listing that goes to a file or a pipe.
PLAIN_WIDTH = 100
CSV_COLUMNS = {
    "region_code": "行政区划代码",
    "unit_code": "学校(单位)代码",
    "unit_name": "学校(单位)",
    "label": "应报材料",
    "period": "期间",
    "due": "截止日期",
    "state_zh": "状态",
    "expected": "应报份数",
    "received": "收到份数",
    "accepted": "接收份数",
    "rows_accepted": "接收行数",
    "rows_rejected": "退回行数",
    "last_received": "最近收到",
    "file_name": "文件",
    "reason_zh": "说明",
}


def status(
    region: Annotated[str | None, typer.Option("--region", help="region code")] = None,
    period: Annotated[str | None, typer.Option("--period", help="school year (default: the newest)")] = None,
    source: Annotated[str | None, typer.Option("--source", help="one source, every unit of it")] = None,
    school: Annotated[str | None, typer.Option("--school", help="one school, by code or name")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="only what somebody must be asked for")] = False,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="write the list to a CSV file; - prints it")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")] = False,
) -> None:
    """Who has sent what, what is missing, late or rejected: expected, received and accepted by school and source."""
    from warehouse.status import read_status

    settings = Settings.load().prepare()
    result = read_status(settings, region, period)
    lines = _chosen(result["expected"], source, school, missing)
    if as_json:
        print_json({**result, "expected": lines})
    elif csv_file:
        _write_csv(csv_file, [line for line in lines if line["chase"]] if not (source or school) else lines)
    else:
        _show(result, lines, detail=bool(source or school), missing=missing)


def _chosen(lines: Rows, source: str | None, school: str | None, missing: bool) -> list[Mapping[str, Any]]:
    def wanted(line: Mapping[str, Any]) -> bool:
        return (
            (not source or source in (line["source"], line["label"]))
            and (not school or school == line["unit_code"] or school in line["unit_name"])
            and (not missing or line["chase"])
        )

    return [line for line in lines if wanted(line)]


def _show(result: Mapping[str, Any], lines: Rows, *, detail: bool, missing: bool) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    for code, periods in result["periods"].items():
        own = [line for line in lines if line["region_code"] == code]
        console.print(
            f"[bold]{code}  {periods['school_year']} 学年报送情况[/]  "
            f"[dim]财政年度 {periods['fiscal_year']},自然年度 {periods['calendar_year']}[/]"
        )
        if not detail and not missing:
            console.print(_overview(own))
        shown = own if detail else [line for line in own if line["chase"]]
        if shown:
            console.print(_listing(shown, "报送明细" if detail else "需要催办"))
        elif not detail:
            console.print("[green]没有需要催办的材料[/]")
        optional = [line["label"] for line in own if line["state"] == "optional" and line["unit_code"] == code]
        if optional and not detail:
            console.print(f"[dim]可选、尚未报送({len(optional)} 种):{'、'.join(optional)}[/]")
        console.print()
    if not result["periods"]:
        console.print("还没有收到任何材料")
    if detail:
        return
    unread = [a for a in result["attention"] if a["source"] == "unknown"]
    if unread:
        console.print(_unread(unread))
    if not missing:
        answered = {"region_code": "区划", "file_name": "退回的材料", "by_file_name": "由此更正"}
        if result["corrected"]:
            print_table(result["corrected"], answered, "整份退回、已经更正")
        heads = {"region_code": "区划", "school_year": "学年", "version": "版本", "verdict": "结论", "path": "位置"}
        print_table(result["editions"], heads, "已发布的年度版本")


def _overview(lines: Rows) -> Table:
    """One row a source: how many units must send, how many have, how many are settled, and the rest by state."""
    table = _table("应报、已报、已接收")
    for heading, right in (("材料", 0), ("要求", 0), ("期间", 0), ("截止", 0), ("应报", 1), ("已报", 1), ("接收", 1)):
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    table.add_column("其余", overflow="fold")
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        if line["required"] or line["state"] != "optional":
            groups.setdefault(line["source"], []).append(line)
    for own in groups.values():
        first = own[0]
        rest = Counter(line["state"] for line in own if line["state"] not in ("accepted", "optional"))
        names = {line["state"]: line["state_zh"] for line in own}
        states = [Text(f"{names[s]} {n}", COLOURS[s]) for s, n in rest.items()]
        table.add_row(
            first["label"],
            "必报" if first["required"] else "可选",
            first["period"] or "—",
            first["due"] or "—",
            str(len(own)),
            str(sum(line["received"] > 0 for line in own)),
            str(sum(line["accepted"] > 0 for line in own)),
            Text(" ").join(states) if states else Text("齐" if first["required"] else "", "green"),
        )
    return table


def _listing(lines: Rows, title: str) -> Table:
    table = _table(title)
    table.add_column("状态", no_wrap=True)
    table.add_column("学校(单位)", overflow="fold", max_width=24)
    table.add_column("材料", no_wrap=True)
    table.add_column("截止", no_wrap=True)
    table.add_column("收到/接收", no_wrap=True, justify="right")
    table.add_column("说明", overflow="fold", ratio=1)
    for line in lines:
        files = f"{line['received']}/{line['accepted']}" if line["received"] else "0"
        note = line["reason_zh"] or ("逾期收到" if line["received_late"] else "")
        table.add_row(
            Text(line["state_zh"], COLOURS[line["state"]]),
            line["unit_name"],
            line["label"],
            line["due"] or "—",
            files,
            Text(note),
        )
    return table


def _unread(rows: Rows) -> Table:
    table = _table("认不出是什么材料的文件")
    table.add_column("文件", overflow="fold", ratio=1)
    table.add_column("说明", overflow="fold", ratio=1)
    for row in rows:
        table.add_row(Text(row["file_name"]), Text(row["reason_zh"]))
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)


def _write_csv(path: Path, lines: Rows) -> None:
    """The list with Chinese headings, UTF-8 with a byte order mark so that a spreadsheet program reads it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS.values())
    writer.writerows([_text(line[key]) for key in CSV_COLUMNS] for line in lines)
    if str(path) == "-":
        sys.stdout.write(text.getvalue())
    else:
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def _text(value: Any) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
