"""What an ingest tells: one line per file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

LOADED = ("accepted", "partial")


@dataclass(frozen=True)
class FileResult:
    """What became of one file.

    `status`: accepted, partial (some rows rejected), rejected, waiting, unchanged (same bytes, same path),
    duplicate (same bytes
    under a new path), skipped (a control file). `path` is relative and has identity numbers masked; rows are
    rows of the sheet.
    """

    path: str
    file_sha256: str
    source: str
    status: str
    region_code: str
    unit_code: str
    period: str
    rows_accepted: int
    rows_rejected: int
    message_zh: str
    message_en: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class IngestResult:
    """`accepted_new`: files whose rows entered raw in this run."""

    files: list[FileResult] = field(default_factory=list)
    accepted_new: int = 0

    def count(self, status: str) -> int:
        return sum(1 for f in self.files if f.status == status)

    def to_dict(self) -> dict[str, Any]:
        return {"files": [f.to_dict() for f in self.files], "accepted_new": self.accepted_new}
