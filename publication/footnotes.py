"""Footnotes: the explanations that closed findings of the gate, as a published data set. No signer is named in it."""

from __future__ import annotations

import hashlib
from typing import Any

from publication import dictionary
from publication.clearance import Clearance
from publication.datasets import DataSet, make, text_table

_NAMES = (
    "footnote_id",
    "region_code",
    "school_year",
    "check_id",
    "severity",
    "entity_type",
    "entity_id",
    "observed",
    "expected",
    "message_zh",
    "message_en",
    "reason_code",
    "text_zh",
)


def footnote_id(finding: dict[str, Any]) -> str:
    """A stable id of what the footnote is about: it survives a rewording and a renumbering."""
    about = "|".join(finding[k] for k in ("check_id", "entity_type", "entity_id"))
    return "N" + hashlib.sha256(about.encode()).hexdigest()[:8]


def footnotes(clearance: Clearance) -> DataSet:
    """One row per explained finding. Ids and values of persons and classes are left out."""
    private = dictionary.private_entities()
    rows = []
    for f in clearance.findings:
        e = clearance.explanations.get(f["explanation_id"] or "")
        if e is None:
            continue
        hide = f["entity_type"] in private
        shown = {k: "" if hide and k in ("entity_id", "observed", "expected") else f[k] for k in f}
        if hide:
            shown["message_zh"] = shown["message_en"] = ""
        merged = {
            **shown,
            "footnote_id": footnote_id(f),
            "region_code": clearance.gate["region_code"],
            "school_year": clearance.gate["school_year"],
            "reason_code": e["reason_code"],
            "text_zh": e["text_zh"],
        }
        rows.append(tuple(merged[n] for n in _NAMES))
    columns = tuple((n, "VARCHAR") for n in _NAMES)
    return make("footnotes", columns, text_table(columns, rows))
