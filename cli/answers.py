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


def explain(
    indicator: str,
    entity: Annotated[str, typer.Option(help="school, section or region code")],
    period: Annotated[str, typer.Option(help="school year, fiscal year or calendar year")],
    stage: str | None = None,
    edition: Annotated[Path | None, typer.Option(help="explain the edition's own build")] = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """From a number to its formula, numerator, denominator, targets and the cells it came from."""
    from warehouse.explain import explain as run_explain

    settings = Settings.load().prepare()
    result = run_explain(settings, indicator, entity, period, stage=stage, edition=edition, region=region)
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
