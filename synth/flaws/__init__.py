"""The catalogue of faults that offices really make: each is planted once, in a place of its own, and listed."""

from synth.flaws import cells, contradictions, declared, files, notes, scores, silence
from synth.flaws.bench import Bench
from synth.flaws.entities import name_entity
from synth.flaws.registry import FLAWS, Flaw, Spot, plant_files, plant_tables

__all__ = [
    "FLAWS",
    "Bench",
    "Flaw",
    "Spot",
    "cells",
    "contradictions",
    "declared",
    "files",
    "name_entity",
    "notes",
    "plant_files",
    "plant_tables",
    "scores",
    "silence",
]
