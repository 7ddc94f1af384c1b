"""One side of a comparison, in a process of its own: `python -m benchmarks.ingest_side CASE SIDE FOLDER COUNT`.

SIDE is make, floor, read (the house's reader alone, the first stage of real) or real. Prints one JSON line. The clock
runs around the work, not around the imports; the reference data is in before it starts.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import ingest_files as files

MAKERS: dict[str, Callable[[Path, int], files.Expected]] = {
    "csv": files.big_csv,
    "xlsx": lambda folder, n: files.big_xlsx(folder, n, wide=False),
    "xlsx_limit": lambda folder, n: files.big_xlsx(folder, n, wide=True),
    "small": files.small_files,
}


def floor(case: str, folder: Path) -> dict[str, Any]:
    from benchmarks import ingest_floors as floors

    work = {"csv": floors.csv_floor, "small": floors.small_floor}.get(case, floors.xlsx_floor)
    started = time.perf_counter()
    rows = work(folder)
    return {"seconds": time.perf_counter() - started, "rows": rows}


def read(folder: Path) -> dict[str, Any]:
    """The house's reader alone: each file's SHA-256, then its sheets as clean text, out of processes with bounds."""
    from ingest.sandbox import Given, read_files
    from warehouse.files import sha256_file

    paths = sorted((folder / "big").iterdir())
    started = time.perf_counter()
    rows = 0
    for outcome in read_files([Given(p, sha256_file(p)) for p in paths]):
        if isinstance(outcome, Exception):
            raise outcome
        rows += sum(sheet.table.num_rows for sheet in outcome.sheets)
    return {"seconds": time.perf_counter() - started, "rows": rows}


def real(folder: Path) -> dict[str, Any]:
    """Ingest the reference, then the files; compare what raw holds with what the maker says. Seconds of the second."""
    import duckdb

    import ingest
    from ingest.contracts import contracts
    from warehouse.ledger import Ledger
    from warehouse.settings import Settings

    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    settings = Settings.load({"SCHOOLHOUSE_HOME": str(home), "SCHOOLHOUSE_INBOX": str(folder / "inbox")})
    os.environ.setdefault("SCHOOLHOUSE_HMAC_KEY", "11" * 32)
    contracts()
    first = ingest.run(settings, [folder / "reference"], region=files.REGION)
    _hold([f.status for f in first.files], ["accepted"] * 3, "the reference")
    started = time.perf_counter()
    result = ingest.run(settings, [folder / "big"], region=files.REGION)
    seconds = time.perf_counter() - started
    _hold([f.message_en for f in result.files if f.status != "accepted"], [], "files that were not accepted")
    ids = [s["submission_id"] for s in Ledger.open(settings).current(sources=["exam_scores"])]
    found = duckdb.execute(
        "SELECT count(DISTINCT student_key), count(*), count(score), CAST(sum(score) * 2 AS BIGINT) FROM "
        f"read_parquet('{settings.raw / 'exam_scores'}/**/*.parquet', hive_partitioning = false) "
        "WHERE _submission_id IN $ids",
        {"ids": ids},
    ).fetchall()[0]
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    _hold(list(found), list(expected.values()), "pupils, marks, scores and their sum in raw")
    shutil.rmtree(home)
    return {"seconds": seconds, "rows": sum(f.rows_accepted for f in result.files), "files": len(result.files)}


def _hold(found: list[Any], expected: list[Any], what: str) -> None:
    if found != expected:
        sys.exit(f"{what}: found {found[:4]}, expected {expected[:4]}")


def main() -> None:
    case, side, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if side == "make":
        figures = MAKERS[case](folder, int(sys.argv[4])).__dict__
    else:
        figures = floor(case, folder) if side == "floor" else read(folder) if side == "read" else real(folder)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
