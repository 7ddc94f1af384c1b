"""Commands on editions that are there: what changed and why, taking one away, and the pages for heads of schools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import out, print_json
from warehouse.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
Region = Annotated[str | None, typer.Option("--region", help="region code; optional while there is only one")]
Year = Annotated[str, typer.Option("--year", help="school year, such as 2024-2025")]


def register(app: typer.Typer) -> None:
    """Add the commands to the house's."""
    app.command()(diff)
    app.command()(withdraw)
    app.command("school-pages")(school_pages)


def diff(before: Path, after: Path, as_json: Json = False) -> None:
    """What changed from one edition to another, figure by figure, and why."""
    from publication import difference

    result = difference(before, after)
    if as_json:
        print_json({**result.to_dict(), "by_cause": result.by_cause()})
    else:
        for line in result.lines(Settings.load().language):
            out.print(line, markup=False)


def withdraw(
    year: Year,
    version: Annotated[str, typer.Option(help="version to take away, such as v1.1.0")],
    reason: Annotated[str, typer.Option(help="why; it stands on the tombstone")],
    person: Annotated[str, typer.Option(help="who withdraws it")],
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Take a published version away; a signed tombstone stays and the number is never used again."""
    from cli.main import the_region
    from publication import withdraw as run_withdraw

    settings = Settings.load().prepare()
    stone = run_withdraw(settings, the_region(settings, region), year, version, reason=reason, person=person)
    print_json({"tombstone": str(stone)}) if as_json else out.print(f"tombstone {stone}", markup=False)


def school_pages(
    year: Year,
    region: Region = None,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    as_json: Json = False,
) -> None:
    """A page for each school's head, in the internal zone: own figures against the levels, and what is lacking."""
    from cli.main import the_region
    from publication.schools import school_pages as run_pages

    settings = Settings.load().prepare()
    pages = run_pages(settings, the_region(settings, region), year, "en" if lang == "en" else "zh")
    if as_json:
        print_json([str(p) for p in pages])
    else:
        out.print(f"{len(pages)} pages in {pages[0].parent}", markup=False)
