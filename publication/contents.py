"""Every file of an edition outside `data/` and `attestation/`: reproducible bytes of a draft, a version, changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from publication import manifest as m
from publication import versions
from publication.draft import Draft

# The one file that needs libraries and fonts of the machine.
PDF = "report.pdf"


def contents(
    draft: Draft, version: str, changes: dict[str, Any], history: list[dict[str, Any]] | None = None
) -> dict[str, bytes]:
    """Path -> bytes, but for the PDF. Same arguments: same bytes; no clock, host, build or signer is known here.

    `history` holds what the earlier versions said of themselves, oldest first.
    """
    # Chart, workbook and SDMX engines take seconds to load; whoever only verifies need not wait for them.
    from publication import catalogue, documents, package, report, sdmx, workbook

    made: dict[str, bytes] = {
        "changes.json": m.dump(changes),
        "gate.json": m.dump(m.gate_results(draft.clearance)),
        "lineage.json": m.dump(draft.lineage),
        "report.html": report.render(draft, version, changes).encode(),
        "report.en.html": report.render(draft, version, changes, "en").encode(),
        "tables.xlsx": workbook.workbook(draft, version),
    }
    made |= documents.documents(draft, version, changes, history or [])
    made |= sdmx.files(draft, version)
    made["datapackage.json"] = m.dump(package.descriptor(draft, version))
    made["dcat.jsonld"] = m.dump(catalogue.jsonld(draft, version, changes, made))
    return made


def history(shelf: Path, before: str | None = None) -> list[dict[str, Any]]:
    """What the versions on a shelf said of themselves, oldest first; those under the number `before`, or all."""
    return [
        {"version": folder.name, **json.loads((folder / "changes.json").read_text(encoding="utf-8"))}
        for folder in versions.editions(shelf)
        if before is None or versions.number(folder.name) < versions.number(before)
    ]
