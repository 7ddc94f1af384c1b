"""Which code computed a figure: content hashes of the project, so that a build and an edition can name it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version

from warehouse.settings import PROJECT_ROOT

# What a build's figures depend on, and what an edition's do.
BUILD_PARTS = ("dbt_project",)
EDITION_PARTS = ("dbt_project", "ingest", "warehouse", "expectations", "publication")
ENGINES = ("dbt-core", "dbt-duckdb", "dbt-postgres", "duckdb")
_SUFFIXES = {".sql", ".yml", ".yaml", ".csv", ".py", ".html", ".css", ".j2", ".svg"}
_SKIP = {"target", "logs", "__pycache__", "fixtures"}


def code_hash(parts: Iterable[str] = EDITION_PARTS) -> str:
    """Hex SHA-256 over the names and bytes of the source files of `parts` and the versions of the engines."""
    digest = hashlib.sha256()
    for name in ENGINES:
        digest.update(f"{name}=={version(name)}\n".encode())
    for part in parts:
        root = PROJECT_ROOT / part
        for path in sorted(p for p in root.rglob("*") if p.suffix in _SUFFIXES):
            relative = path.relative_to(PROJECT_ROOT)
            if _SKIP.isdisjoint(relative.parts):
                digest.update(f"{relative.as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
