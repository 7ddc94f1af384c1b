"""Ingest against the floor: the real path with its checks, beside the least that any reader of the same bytes must do.

csv         a million pupils, nine subjects, GB18030: against decode, DuckDB read, unpivot, cast, Parquet and one HMAC
            a pupil
xlsx        200,000 rows of 15 columns: against calamine's bare read to Python rows, of the reader and of all of ingest
xlsx_limit  the million rows of 20 columns that a sheet can hold: memory only
small       5,000 school files of 40 rows, xlsx and csv by turns, in one batch: against a bare read of each, as above

Every side runs in a process of its own; `_peak_mib` is the resident memory of that process and its children together.
The real side compares the pupils, the marks and the sum of the scores in raw with the maker's own figures, and fails if
one differs. Ratios are what counts: seconds are those of the machine and its other guests.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.sides import resident_kib

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"csv": 1_000_000, "xlsx": 200_000, "xlsx_limit": 1_000_000, "small": 5_000}
SAMPLE_SECONDS = 0.05
# Short sides are run again and the middle one counts.
SHORT_SECONDS, REPEATS = 5.0, 3


def side(case: str, what: str, folder: Path, count: int = 0) -> dict[str, Any]:
    """Figures of one side, with the peak of the resident memory of its process tree in MiB."""
    command = [sys.executable, "-m", "benchmarks.ingest_side", case, what, str(folder), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident_kib(process.pid))
        time.sleep(SAMPLE_SECONDS)
    output = process.communicate()[0]
    if process.returncode:
        sys.exit(f"{case} {what} failed")
    return {**json.loads(output.splitlines()[-1]), "peak_mib": peak // 1024}


def repeated(case: str, what: str, folder: Path) -> dict[str, Any]:
    runs = [side(case, what, folder)]
    while runs[0]["seconds"] < SHORT_SECONDS and len(runs) < REPEATS:
        runs.append(side(case, what, folder))
    middle = statistics.median(r["seconds"] for r in runs)
    return {**runs[0], "seconds": middle, "peak_mib": max(r["peak_mib"] for r in runs)}


def measure(case: str, scale: float) -> dict[str, Any]:
    """Ratio, seconds and peak memory of one case."""
    count = max(int(SIZES[case] * scale), 30)
    if case == "xlsx_limit":
        count = min(count, SIZES[case])
    with tempfile.TemporaryDirectory(prefix="schoolhouse-bench-") as tmp:
        folder = Path(tmp)
        side(case, "make", folder, count)
        if case == "xlsx_limit":
            found = side(case, "real", folder)
            return {"xlsx_limit_rows": found["rows"], "xlsx_limit_peak_mib": found["peak_mib"],
                    "xlsx_limit_seconds": round(found["seconds"], 2)}  # fmt: skip
        floor, found = repeated(case, "floor", folder), repeated(case, "real", folder)
        # What a csv's reader does is not apart from the rest: its floor is of the whole.
        read = repeated(case, "read", folder) if case != "csv" else None
    name = "small_files" if case == "small" else case
    if read and read["rows"] != floor["rows"]:
        sys.exit(f"{case}: the reader found {read['rows']} rows, the floor {floor['rows']}")
    return {
        **({f"{name}_read_ratio": round(read["seconds"] / floor["seconds"], 2),
            f"{name}_read_seconds": round(read["seconds"], 2)} if read else {}),
        f"{name}_ratio": round(found["seconds"] / floor["seconds"], 2),
        f"{name}_floor_seconds": round(floor["seconds"], 2),
        f"{name}_seconds": round(found["seconds"], 2),
        f"{name}_rows": found["rows"],
        f"{name}_peak_mib": found["peak_mib"],
        f"{name}_floor_peak_mib": floor["peak_mib"],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    parser.add_argument("--only", choices=["csv", "xlsx", "small"], help="one of the cases")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="times the full size (0.02: seconds; 5: five million pupils)"
    )
    given = parser.parse_args()
    cases = {"csv": ["csv"], "xlsx": ["xlsx", "xlsx_limit"], "small": ["small"]}.get(given.only, list(SIZES))
    figures: dict[str, Any] = {"scale": given.scale}
    for case in cases:
        figures |= measure(case, given.scale)
    print(json.dumps(figures, indent=1) if given.json else "\n".join(f"{k:<24} {v}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
