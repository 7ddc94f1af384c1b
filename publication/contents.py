"""Every file of an edition outside `data/` and `attestation/`: reproducible bytes of a draft, a version, changes."""

from __future__ import annotations

from typing import Any

from publication import manifest as m
from publication.draft import Draft


def contents(draft: Draft, version: str, changes: dict[str, Any]) -> dict[str, bytes]:
    """Path -> bytes. Same draft, version and changes: same bytes; no clock, host, build or signer is known here."""
    # Chart, workbook and SDMX engines take seconds to load; whoever only verifies need not wait for them.
    from publication import catalogue, package, report, sdmx, workbook

    made: dict[str, bytes] = {"changes.json": m.dump(changes), "gate.json": m.dump(m.gate_results(draft.clearance))}
    made["report.html"] = report.render(draft, version, changes).encode()
    made |= sdmx.files(draft, version)
    made["tables.xlsx"] = workbook.workbook(draft, version)
    made["datapackage.json"] = m.dump(package.descriptor(draft, version))
    made["dcat.jsonld"] = m.dump(catalogue.jsonld(draft, version, changes, made))
    return made
