"""The manifest: what an edition was made from, what the gate said, and the hash of everything that came out."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from publication.clearance import Clearance
from publication.datasets import DataSet
from publication.footnotes import footnote_id
from warehouse.code import code_hash
from warehouse.errors import SchoolhouseError
from warehouse.files import sha256_file

FORMAT = "schoolhouse-edition/1"
_INPUT_COLUMNS = (
    "source",
    "unit_code",
    "period",
    "scope",
    "version",
    "status",
    "file_name",
    "file_sha256",
    "rows_accepted",
    "rows_rejected",
)


def edition_id(region: str, school_year: str, version: str) -> str:
    return f"{region}-{school_year}-{version}"


def read_inputs(build_folder: Path, region: str) -> list[dict[str, Any]]:
    """The region's submissions that the build was pinned to, as the ledger stood when it began, in a fixed order."""
    pin, ledger = build_folder / "pin.parquet", build_folder / "ledger" / "submission.parquet"
    for path in (pin, ledger):
        if not path.exists():
            raise SchoolhouseError(
                "the build's record of its inputs is gone",
                "构建的输入记录已丢失",
                where=str(path),
                fix_en="Run `schoolhouse build` and the gate again.",
                fix_zh="请重新运行 schoolhouse build 和质量关。",
            )
    columns = ", ".join(_INPUT_COLUMNS)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {columns} from read_parquet(?) where region_code = ? and submission_id in"
            f" (select submission_id from read_parquet(?)) order by {columns}",
            [str(ledger), region, str(pin)],
        ).fetchall()
    return [dict(zip(_INPUT_COLUMNS, row, strict=True)) for row in rows]


def read_corrections(database: Path, region: str) -> list[dict[str, str]]:
    """The declared corrections that changed a cell of the region's files in a build. No row and no value is named."""
    kept = ("correction_id", "source", "period", "column_name")
    with duckdb.connect(str(database), read_only=True) as connection:
        if not connection.execute("select 1 from duckdb_tables() where table_name = 'input_correction'").fetchall():
            return []
        query = (
            f"select {', '.join(kept)} from input_correction where region_code = ? and outcome = 'applied' order by all"
        )
        rows = connection.execute(query, [region]).fetchall()
    return [dict(zip(kept, row, strict=True)) for row in rows]


@cache
def checks() -> tuple[Any, ...]:
    """The gate's checks, read once."""
    # The gate's room loads a heavy engine; whoever only verifies need not wait for it.
    from expectations.catalogue import load_checks

    return tuple(load_checks())


def checks_run() -> list[str]:
    """Ids of the gate's checks."""
    return sorted(c.check_id for c in checks())


def gate_results(clearance: Clearance) -> dict[str, Any]:
    """Verdict, checks, and every finding with its state: explained, or noted (an info needs no explanation)."""
    findings = [
        {
            "check_id": f["check_id"],
            "severity": f["severity"],
            "footnote_id": footnote_id(f),
            "status": "explained" if f["explanation_id"] in clearance.explanations else "noted",
        }
        for f in clearance.findings
    ]
    findings.sort(key=lambda f: (f["severity"], f["check_id"], f["footnote_id"]))
    for f in findings:
        if f["status"] == "noted":
            f.pop("footnote_id")
    return {
        "verdict": clearance.gate["verdict"],
        # A city's edition is checked by other means than a build.
        "checks": clearance.gate.get("checks") or checks_run(),
        "findings_by_severity": dict(sorted(Counter(f["severity"] for f in findings).items())),
        "findings": findings,
    }


def overrides(clearance: Clearance) -> list[dict[str, Any]]:
    """Critical findings that two people let pass, with their reason and roles: the first thing a reader must see."""
    found = []
    for f in clearance.findings:
        if f["severity"] == "critical" and f["explanation_id"]:
            given = clearance.overrides[f["explanation_id"]]
            found.append({**f, "reason": given.reason, "roles": given.roles})
    return found


def outputs(folder: Path, sets: list[DataSet]) -> list[dict[str, Any]]:
    """Every file written so far under `folder`, with size and hash; data files also with rows and the logical hash."""
    by_name = {s.name: s for s in sets}
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        entry: dict[str, Any] = {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": sha256_file(path),
        }
        if path.parent.name == "data":
            data = by_name[path.stem]
            entry |= {"dataset": data.name, "rows": data.rows, "logical_sha256": data.logical_hash()}
        found.append(entry)
    return found


def manifest(
    *,
    region: str,
    region_name: str,
    school_year: str,
    version: str,
    clearance: Clearance,
    inputs: list[dict[str, Any]],
    corrections: list[dict[str, str]],
    files: list[dict[str, Any]],
    data_hash: str,
) -> dict[str, Any]:
    """The manifest as a dict; `dump` gives its bytes."""
    return {
        "format": FORMAT,
        "edition_id": edition_id(region, school_year, version),
        "region_code": region,
        "region_name": region_name,
        "school_year": school_year,
        "version": version,
        "verdict": clearance.outcome,
        "data_hash": data_hash,
        "inputs": inputs,
        "corrections": corrections,
        "code": {"sha256": code_hash()},
        "gate": gate_results(clearance),
        "outputs": files,
    }


def dump(content: Any) -> bytes:
    """Indented UTF-8 JSON with a final line feed; dict order is kept."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def read(folder: Path) -> dict[str, Any]:
    """The manifest of an edition folder. Raises SchoolhouseError where there is none that can be read."""
    path = folder / "manifest.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise SchoolhouseError(
            "this is not an edition: it has no readable manifest.json",
            "这不是一个发布版本：缺少可读的 manifest.json",
            where=str(folder),
            fix_en="Give the folder editions/<region>/<school year>/v<version>.",
            fix_zh="请指定 editions/<区划>/<学年>/v<版本> 目录。",
        ) from fault
    return content if isinstance(content, dict) else {}
