"""A landed file again, as it was received and as it is read."""

from __future__ import annotations

from pathlib import Path

from ingest import landing
from ingest.documents import Document, open_document
from ingest.sandbox import read_file
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings


def landed_path(settings: Settings, sha256: str, shown: str) -> Path:
    """The bytes as they were received. Raises SchoolhouseError when they were erased by the retention policy."""
    path = landing.blob(settings, sha256)
    if not path.exists():
        raise SchoolhouseError(
            "the received file was erased under the retention policy",
            "收到的原文件已按保留期限删除",
            where=shown,
            fix_en="ask the sender for it",
            fix_zh="请向报送单位索取",
        )
    return path


def open_landed(settings: Settings, sha256: str) -> Document | None:
    """A landed file with its layout; None where its bytes are erased, cannot be read or fit no template."""
    path = landing.blob(settings, sha256)
    if not path.exists():
        return None
    try:
        return open_document(landing.recall(settings, sha256)[0], read_file(path))
    except SchoolhouseError:
        return None
