"""A county's edition as a city's is made from it: its data sets, and what pins every byte of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publication.datasets import DataSet
from warehouse.errors import SchoolhouseError

PLACE = ("indicator_code", "period_type", "period_id", "stage", "urban_rural")
ORIGIN = (("county_edition", "VARCHAR"), ("county_sha256", "VARCHAR"))
Row = dict[str, Any]
Place = tuple[str, ...]


@dataclass(frozen=True)
class County:
    """One county's edition as it was read: `sha256` of its SHA256SUMS pins every byte of it."""

    region: str
    name: str
    edition_id: str
    school_year: str
    sha256: str
    values: dict[Place, Row]
    definitions: dict[str, Row]
    sets: dict[str, DataSet]

    def rows(self, name: str) -> list[Row]:
        """Rows of one of its data sets; none where the edition has no such set."""
        return self.sets[name].table.to_pylist() if name in self.sets else []

    def origin(self) -> Row:
        """The columns that say where a county's cell is from."""
        return {"county_code": self.region, "county_edition": self.edition_id, "county_sha256": self.sha256}


def fault(en: str, zh: str, where: Path) -> SchoolhouseError:
    return SchoolhouseError(
        en, zh, where=str(where), fix_en="Ask the county for its edition again.", fix_zh="请向该县重新索取版本。"
    )
