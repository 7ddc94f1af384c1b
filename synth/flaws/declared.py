"""Flaws of the register of declared corrections, which lies beside the explanations."""

from __future__ import annotations

import csv
import hashlib

from synth.flaws.bench import Bench, Spot
from synth.flaws.registry import BLOCK, NOTE, flaw

_FIELDS = (
    "region_code", "source", "period", "row_key", "column_name", "from_value", "to_value", "reason", "provider",
    "provided_on", "expires_on",
)  # fmt: skip
_SCHOOL = "2199201001"


@flaw("B003", "一条更正已过有效期,仍在登记表中", BLOCK, "correction_in_order", on_disk=True)
def expired(bench: Bench) -> Spot:
    return _declare(bench, "staff_count", "2025-06-30")


@flaw("N003", "一条更正的原值与材料不符,材料早已改正", NOTE, "correction_idle", on_disk=True)
def healed(bench: Bench) -> Spot:
    return _declare(bench, "class_count", "2999-12-31")


def _declare(bench: Bench, column: str, expires_on: str) -> Spot:
    """A correction of a cell that never said what is to be corrected, so that no figure moves."""
    path, key = bench.home / "corrections.csv", f"school_code={_SCHOOL};stage=primary"
    row = [bench.region, "school_report", bench.year, key, column, "9998", "9999", "录入多一位", "统计科", "2024-10-08",
           expires_on]  # fmt: skip
    new = not path.exists()
    with path.open("w" if new else "a", encoding="utf-8", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([_FIELDS, row] if new else [row])
    name = "c" + hashlib.sha256("\x1f".join(row).encode()).hexdigest()[:15]
    return Spot(path, "2" if new else "3", "", "correction", name)
