"""Floor 2: from the bytes a school sent to typed raw rows, each with its cell of origin."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.results import FileResult, IngestResult
    from ingest.runs import run

__all__ = ["FileResult", "IngestResult", "run"]
# Loaded when first asked for: a process that only opens files starts without the ledger and the engines.
_HOMES = {"FileResult": "ingest.results", "IngestResult": "ingest.results", "run": "ingest.runs"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
