"""What the gate calls the thing that a flaw spoils, where the flaw's place alone says it."""

from __future__ import annotations

import csv
import hashlib
from functools import cache
from pathlib import Path

from synth.flaws.bench import Spot

_OF_SUBMISSIONS = ("row_rejects", "total_row_mismatch")


def name_entity(check: str, spot: Spot, region: str, year: str) -> tuple[str, str]:
    """(entity type, id): what the spot says; else the file (by its SHA-256, once saved) or the claim it makes.

    A claim is `source/unit/period`. A sheet of marks of one school is that school's; everything else is the county's.
    """
    if spot.entity_id:
        return spot.entity_type, spot.entity_id
    if spot.entity_type == "file":
        return "file", hashlib.sha256(spot.path.read_bytes()).hexdigest()[:12]
    if check not in _OF_SUBMISSIONS:
        return spot.entity_type, ""
    if spot.path.parent.name == "exam_scores":
        return "submission", f"exam_scores/{spot.path.name[:10]}/{year}"
    if spot.path.parent.name == "升学考试":
        return "submission", f"exam_scores/{region}/{year}"
    source, clock = _claims()[spot.path.stem]
    return "submission", f"{source}/{region}/{ ({'school': year, 'fiscal': year[:4], 'none': ''}[clock]) }"


@cache
def _claims() -> dict[str, tuple[str, str]]:
    """Stem of a file's name -> source and clock of the claim it makes."""
    with (Path(__file__).parent / "claims.csv").open(encoding="utf-8", newline="") as f:
        return {r["file"]: (r["source"], r["clock"]) for r in csv.DictReader(f)}
