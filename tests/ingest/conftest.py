"""A home with one small county in it, made of the sources' own good fixtures."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import ingest
from ingest.contracts import SOURCES
from warehouse.ledger import Ledger
from warehouse.settings import Settings

HMAC_KEY = "11" * 32
REFERENCE = ("regions", "school_report", "exam_parameters")


class County:
    """An inbox and a home; `put` copies a fixture or bytes, `run` ingests the inbox."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.load(
            {"SCHOOLHOUSE_HOME": str(folder / "home"), "SCHOOLHOUSE_INBOX": str(folder / "in")}
        )
        self.inbox = self.settings.inbox
        self.inbox.mkdir(parents=True)

    def put(self, name: str, data: bytes | str | Path) -> Path:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, Path):
            shutil.copy(data, path)
        else:
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def put_reference(self, *sources: str) -> None:
        for source in sources or REFERENCE:
            for path in sorted((SOURCES / source / "fixtures").glob("good_*")):
                self.put(f"{source}{path.suffix}", path)

    def run(self, *paths: Path, **options: Any) -> dict[str, ingest.FileResult]:
        result = ingest.run(self.settings, paths or [self.inbox], **options)
        return {f.path: f for f in result.files}

    def raw(self, source: str, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
        """Current raw rows, the way staging reads them."""
        ids = [s["submission_id"] for s in self.ledger().current(sources=[source])] or [""]
        files = self.settings.raw / source / "**" / "*.parquet"
        query = f"SELECT {columns} FROM read_parquet('{files}', hive_partitioning = false) "
        return duckdb.execute(f"{query} WHERE _submission_id IN $ids AND {where} ORDER BY ALL", {"ids": ids}).fetchall()

    def ledger(self) -> Ledger:
        return Ledger.open(self.settings)


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setenv("SCHOOLHOUSE_HMAC_KEY", HMAC_KEY)
    return County(tmp_path)


def fixture(source: str, name: str) -> Path:
    return SOURCES / source / "fixtures" / name
