"""The register of flaws: what each is called, what should become of it, and the function that plants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synth.flaws.bench import Bench, Spot

REJECT_FILE, REJECT_ROW, BLOCK, EXPLAIN, NOTE = "reject_file", "reject_row", "block", "explain", "note"
OUTCOMES = (REJECT_FILE, REJECT_ROW, BLOCK, EXPLAIN, NOTE)


@dataclass(frozen=True)
class Flaw:
    """One fault. `check` is the check of the gate that must find it ('' where none should), `rule` the rule of the
    reading that refuses the row. `plant` works on tables before they are saved, or, with `on_disk`, on saved files."""

    flaw_id: str
    what: str
    outcome: str
    check: str
    rule: str
    plant: Callable[[Bench], Spot | None]
    on_disk: bool = False


FLAWS: dict[str, Flaw] = {}


def register(flaw: Flaw) -> None:
    """Adds a flaw; its id must be new and its outcome known."""
    if flaw.flaw_id in FLAWS or flaw.outcome not in OUTCOMES:
        raise ValueError(f"flaw {flaw.flaw_id}: registered twice, or an unknown outcome {flaw.outcome}")
    FLAWS[flaw.flaw_id] = flaw


def flaw(
    flaw_id: str, what: str, outcome: str, check: str = "", rule: str = "", *, on_disk: bool = False
) -> Callable[[Callable[[Bench], Spot | None]], Callable[[Bench], Spot | None]]:
    """Registers a function that plants a flaw; it returns None where the county has no place for it."""

    def take(plant: Callable[[Bench], Spot | None]) -> Callable[[Bench], Spot | None]:
        register(Flaw(flaw_id, what, outcome, check, rule, plant, on_disk))
        return plant

    return take


def plant_tables(bench: Bench) -> list[tuple[Flaw, Spot]]:
    """Plants every flaw of tables, in the order of ids."""
    return _plant(bench, on_disk=False)


def plant_files(bench: Bench) -> list[tuple[Flaw, Spot]]:
    """Plants every flaw of whole files, once the tables are saved."""
    return _plant(bench, on_disk=True)


def _plant(bench: Bench, *, on_disk: bool) -> list[tuple[Flaw, Spot]]:
    spots = ((f, f.plant(bench)) for _, f in sorted(FLAWS.items()) if f.on_disk == on_disk)
    return [(f, spot) for f, spot in spots if spot]


def folder_of(bench: Bench) -> Path:
    """Folder of the school year in which flaws are planted."""
    return bench.home / bench.year
