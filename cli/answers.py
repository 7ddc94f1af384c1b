"""The commands that answer for the figures: where a number comes from, and whether everything is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import out, print_json
from warehouse.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
Region = Annotated[str | None, typer.Option("--region", help="region code; optional while there is only one")]
Build = Annotated[str | None, typer.Option("--build", help="id of a build (default: the newest good one)")]


def register(app: typer.Typer) -> None:
    """Add the commands to the house's."""
    app.command()(explain)
    app.command()(coverage)
    app.command()(cards)


def explain(
    name: Annotated[str, typer.Argument(metavar="ID", help="indicator, target, rule, amount of a plan, check, line")],
    entity: Annotated[str | None, typer.Option(help="school, section or region code (default: the region)")] = None,
    period: Annotated[str | None, typer.Option(help="school, fiscal or calendar year (default: the newest)")] = None,
    stage: str | None = None,
    area: Annotated[str, typer.Option(help="all, urban or rural")] = "all",
    grade: str | None = None,
    subject: str | None = None,
    exam: str | None = None,
    group: Annotated[str | None, typer.Option(help="group_code of the value")] = None,
    edition: Annotated[Path | None, typer.Option(help="explain the edition's own build")] = None,
    build: Build = None,
    zone: Annotated[str, typer.Option(help="internal, or restricted for values of persons")] = "internal",
    region: Region = None,
    as_json: Json = False,
) -> None:
    """From a number to its formula, its figures, the rows and cells they came from, and all that answers for it."""
    from warehouse.explain import build_of
    from warehouse.explain import explain as run_explain
    from warehouse.explain_document import explain_statement
    from warehouse.explain_find import Asked

    settings = Settings.load().prepare()
    asked = Asked(entity, period, stage, area, grade, subject, exam, group, region, zone)
    build = build_of(edition) if edition else build
    result = explain_statement(settings, name, build) or run_explain(settings, name, asked, build_id=build)
    if as_json:
        print_json(result.to_dict())
    else:
        for line in result.lines():
            out.print(line, markup=False)


def coverage(
    region: Annotated[str | None, typer.Option("--region", help="region code (default: every region)")] = None,
    year: Annotated[str | None, typer.Option("--year", help="school year (default: every edition)")] = None,
    build: Build = None,
    as_json: Json = False,
) -> None:
    """Every indicator, target, rule, milestone, budget fact and check of the documents: its answer, or why it has none.

    Fails when one of them is not accounted for.
    """
    from warehouse.accounted import read_account

    account = read_account(Settings.load().prepare(), region, year, build)
    if as_json:
        print_json(account.to_dict())
    else:
        for line in account.lines():
            out.print(line, markup=False)
    if not account.is_complete:
        raise typer.Exit(1)


def cards(
    check: Annotated[bool, typer.Option("--check", help="fail when a page does not say what the seeds say")] = False,
    as_json: Json = False,
) -> None:
    """Write the card of every indicator into docs/indicators, from the seeds."""
    from warehouse import cards as made

    changed = [str(p.relative_to(made.FOLDER)) for p in (made.stale() if check else made.write())]
    if as_json:
        print_json({"stale" if check else "written": changed})
    else:
        for name in changed:
            out.print(f"{'与种子表不符' if check else '已更新'}  {name}", markup=False)
        out.print(f"{'不符' if check else '更新'} {len(changed)} 页", markup=False)
    if check and changed:
        raise typer.Exit(1)
