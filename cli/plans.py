"""The command that shows a plan's own targets, judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import err, out, print_json, print_table
from warehouse.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
Region = Annotated[str | None, typer.Option("--region", help="region code; optional while there is only one")]
Year = Annotated[str | None, typer.Option("--year", help="school year of an edition (default: the newest), or all")]
Html = Annotated[Path | None, typer.Option("--html", help="write the page for a browser")]
Markdown = Annotated[Path | None, typer.Option("--md", help="write the page as Markdown")]


def register(app: typer.Typer) -> None:
    """Add the command to the house's."""
    app.command()(plan)


def plan(
    document: Annotated[str, typer.Argument(metavar="DOC", help="code of a plan: 000 to 004, or national")],
    region: Region = None,
    year: Year = None,
    html: Html = None,
    md: Markdown = None,
    as_json: Json = False,
) -> None:
    """A plan's targets, steps and remarks, and how a region stands to them."""
    from warehouse.files import atomic_write
    from warehouse.plans import judged
    from warehouse.plans_page import JUDGED, REMARKS, STEPS, html_page, judged_rows, markdown, step_rows, summary

    standing = judged(Settings.load(), document, region, year)
    for path, text in ((html, html_page), (md, markdown)):
        if path is not None:
            atomic_write(path, text(standing))
            err.print(f"{path}", markup=False)
    if as_json:
        print_json(standing.to_dict())
    elif html is None and md is None:
        out.print(f"{standing.document_name}\n{standing.region_code} {standing.school_year}", markup=False)
        print_table(judged_rows(standing), JUDGED)
        print_table(step_rows(standing), STEPS, "节点")
        print_table(standing.remarks, REMARKS, "附注")
        out.print(summary(standing), markup=False)
