"""The decision of a gate as publication asks for it: a token bound to the verdict, the findings and what was judged.

Whoever changes the build, the verdict or a finding after the gate breaks the token; whoever enters a gate run by hand
has none. The key is of the house (`vault/gate.key`), so that a token cannot be worked out from the ledger alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.files import sha256_file
from warehouse.settings import Settings

# What publication reads of a build: figures and what waits to be merged into them, inputs, lineage, tests.
_FILES = (
    "warehouse.duckdb",
    "warehouse.duckdb.wal",
    "pin.json",
    "pin.parquet",
    "ledger/submission.parquet",
    "manifest.json",
    "test_results.json",
)
_BOUND = ("gate_id", "build_id", "region_code", "school_year", "verdict", "content_sha256")


def content_hash(folder: Path) -> str:
    """Hex SHA-256 of a build's files: one changed cell, row, seed or target of any table gives another."""
    digest = hashlib.sha256()
    for name in _FILES:
        path = folder / name
        digest.update(f"{name}\0{sha256_file(path) if path.exists() else ''}\0".encode())
    return digest.hexdigest()


def issue(settings: Settings, run: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> str:
    """The token of a gate run with these findings, as the ledger holds both."""
    columns = [c.name for c in l.finding.columns]
    said = [{k: run[k] for k in _BOUND}, sorted([str(f[c]) for c in columns] for f in findings)]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hmac.new(_key(settings), text.encode(), hashlib.sha256).hexdigest()


def require(settings: Settings, ledger: l.Ledger, gate_id: str) -> None:
    """Raise SchoolhouseError unless the gate run's token is that of its verdict, its findings and its build of now."""
    [run] = ledger.rows(sa.select(l.gate_run).where(l.gate_run.c.gate_id == gate_id))
    if not run["token"]:
        raise _refusal(run, f"gate run {gate_id} decided nothing: not all checks were run",
                       f"质量关记录 {gate_id} 未执行全部检查，不能据以发布")  # fmt: skip
    findings = ledger.rows(sa.select(l.finding).where(l.finding.c.gate_id == gate_id))
    if not hmac.compare_digest(run["token"], issue(settings, run, findings)):
        raise _refusal(run, f"verdict or findings of gate run {gate_id} were changed after it",
                       f"质量关记录 {gate_id} 的结论或问题清单事后被改动")  # fmt: skip
    if content_hash(settings.build / run["build_id"]) != run["content_sha256"]:
        raise _refusal(run, f"build {run['build_id']} was changed after gate run {gate_id} judged it",
                       f"构建 {run['build_id']} 在质量关 {gate_id} 检查之后被改动")  # fmt: skip


def _refusal(run: Mapping[str, Any], en: str, zh: str) -> SchoolhouseError:
    return SchoolhouseError(
        en,
        zh,
        where=f"{run['region_code']} {run['school_year']}",
        fix_en="Build with --full-refresh if the build was changed, and run the gate again.",
        fix_zh="构建被改动的请先用 --full-refresh 重新构建；然后重新运行质量关。",
    )


def _key(settings: Settings) -> bytes:
    """The house's key, made on first use; of two that make it at once the first one counts."""
    path = settings.vault / "gate.key"
    if not path.exists():
        aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
            f.write(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    return path.read_bytes()
