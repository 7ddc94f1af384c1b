"""What an edition is made from, before it has a version number: every file of it is a function of a draft."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from publication.clearance import Clearance
from publication.datasets import DataSet, Names, data_hash


@dataclass(frozen=True)
class Draft:
    """Everything that goes into an edition, but for the version it will get. `data` is the folder of that name."""

    region: str
    names: Names
    school_year: str
    clearance: Clearance
    inputs: list[dict[str, Any]]
    sets: list[DataSet]
    data: dict[str, bytes]
    lineage: dict[str, Any] = field(default_factory=dict)
    corrections: list[dict[str, str]] = field(default_factory=list)

    @property
    def data_hash(self) -> str:
        return data_hash({name: hashlib.sha256(content).hexdigest() for name, content in self.data.items()})

    def set(self, name: str) -> DataSet | None:
        """A data set by its name, with or without the prefix of published tables."""
        return next((s for s in self.sets if name in (s.name, s.name.removeprefix("pub_"))), None)
