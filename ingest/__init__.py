"""Floor 2: from the bytes a school sent to typed raw rows, each with its cell of origin."""

from ingest.results import FileResult, IngestResult
from ingest.runs import run

__all__ = ["FileResult", "IngestResult", "run"]
