"""Commands on editions that are there: what changed and why, letting out, taking away, a city's, pages for heads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import demo_revision, federate
from cli.output import err, out, print_json
from warehouse.settings import Settings

if TYPE_CHECKING:
    from publication import Difference

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
Region = Annotated[str | None, typer.Option("--region", help="region code; optional while there is only one")]
Year = Annotated[str, typer.Option("--year", help="school year, such as 2024-2025")]


def register(app: typer.Typer) -> None:
    """Add the commands to the house's."""
    app.command()(diff)
    app.command()(withdraw)
    app.command()(release)
    app.command("school-pages")(school_pages)
    demo_revision.register(app)
    federate.register(app)


def diff(
    before: Path,
    after: Path,
    replay: Annotated[
        bool, typer.Option("--replay", help="prove each cause by computing again with one input exchanged")
    ] = False,
    as_json: Json = False,
) -> None:
    """What changed from one edition to another, figure by figure, and why."""
    from publication import difference

    result = _replayed(before, after, quiet=as_json) if replay else difference(before, after)
    if as_json:
        print_json({**result.to_dict(), "by_cause": result.by_cause()})
    else:
        for line in result.lines(Settings.load().language):
            out.print(line, markup=False)


def _replayed(before: Path, after: Path, *, quiet: bool) -> Difference:
    from publication.replay import plan
    from publication.replay import replay as run_replay

    settings = Settings.load().prepare()
    made = plan(settings, before, after)
    if not quiet:
        for line in made.lines(settings.language):
            err.print(line, markup=False)
    return run_replay(settings, made)


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


def release(as_json: Json = False) -> None:
    """Let out every edition whose release time has come; list what is still ahead, and what is late or blocked."""
    from publication.calendar import STATES, watch
    from publication.calendar import release as let_out

    settings = Settings.load().prepare()
    shelves, missing = let_out(settings), watch(settings)
    if as_json:
        print_json({"shelves": [s.to_dict() for s in shelves], "missing": [m.to_dict() for m in missing]})
        return
    for s in shelves:
        ahead = f"; not public before {s.release_at}: {', '.join(s.ahead)}" if s.ahead else ""
        out.print(f"{s.region_code} {s.school_year}: {s.public[-1] if s.public else '-'}{ahead}", markup=False)
    for m in missing:
        why = m.why_zh if settings.language == "zh" else m.why_en
        state = STATES[m.state][0 if settings.language == "zh" else 1]
        out.print(f"{m.region_code} {m.school_year}: {state} ({m.release_at}) {why}", markup=False)


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
