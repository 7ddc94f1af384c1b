"""`schoolhouse federate`: a city's edition from its counties' editions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.output import out, print_json
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]


def register(app: typer.Typer) -> None:
    """Add the command to the house's."""
    app.command()(federate)


def federate(
    region: Annotated[str, typer.Option("--region", help="code of the city")],
    editions: Annotated[list[Path], typer.Option("--from", help="edition of a county; once for each county")],
    name: Annotated[str | None, typer.Option(help="name of the city")] = None,
    counties: Annotated[str, typer.Option(help="codes of the counties that must all be there, with commas")] = "",
    pins: Annotated[
        Path | None, typer.Option(help="JSON: county code or edition id -> SHA-256 of its attestation/SHA256SUMS")
    ] = None,
    allowed_signers: Annotated[Path | None, typer.Option(help="OpenSSH allowed_signers file of the counties")] = None,
    min_count: Annotated[float, typer.Option(help="hide counts of persons below it")] = 10,
    as_json: Json = False,
) -> None:
    """Add up counties' editions to the city's: counts added, rates from sums, each cell with its county versions."""
    from publication.federation import federate as run_federate

    settings = Settings.load().prepare()
    result = run_federate(
        settings,
        region,
        editions,
        name=name,
        counties=[c.strip() for c in counties.split(",") if c.strip()],
        pins=None if pins is None else _read_pins(pins),
        allowed_signers=allowed_signers,
        min_count=min_count,
    )
    if as_json:
        print_json(result.to_dict())
        return
    changed = "" if result.changed else " (unchanged: nothing was written)"
    out.print(f"edition  {result.path}{changed}\nreport   {result.report}", markup=False)


def _read_pins(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(k): str(v) for k, v in content.items()}
    except (OSError, ValueError, AttributeError) as fault:
        raise SchoolhouseError(
            "the file of pins cannot be read",
            "锁定清单无法读取",
            where=str(path),
            fix_en='It is JSON such as {"440101": "<sha256>"}.',
            fix_zh='应为 JSON，例如 {"440101": "<sha256>"}。',
        ) from fault
