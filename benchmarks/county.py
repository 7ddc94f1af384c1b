"""One county of many schools from files to warehouse: seconds and peak memory of each step, as JSON.

    python benchmarks/county.py --schools 300 [--target postgres|both] [--keep]

With `both` the house is built on DuckDB and on PostgreSQL and every value is compared. The home is `county-<schools>`
under SCHOOLHOUSE_HOME; with `--keep` one that has received its files is built again. Memory is of the step's own
process; that of a PostgreSQL server is not in it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("schoolhouse")


def run_step(command: list[str | Path], environment: dict[str, str], log: Path) -> dict[str, float | int]:
    """Run one command of the house. Returns seconds, peak memory in MB and the exit code."""
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    return {
        "seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": usage.ru_maxrss // 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=300)
    parser.add_argument("--target", choices=("duckdb", "postgres", "both"), default="duckdb")
    parser.add_argument("--keep", action="store_true", help="build what a former run has received")
    options = parser.parse_args()
    home = Path(os.environ.get("SCHOOLHOUSE_HOME") or "var").resolve() / f"county-{options.schools}"
    inbox = home / "inbox"
    kept = options.keep and (home / "ledger").is_dir()
    if not kept:
        shutil.rmtree(home, ignore_errors=True)
    inbox.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "SCHOOLHOUSE_HOME": str(home),
        "SCHOOLHOUSE_INBOX": str(inbox),
        "SCHOOLHOUSE_REGISTERS": str(inbox),
    }
    steps: dict[str, list[str | Path]] = {}
    if not kept:
        steps["synth"] = [PROGRAM, "synth", "--out", inbox, "--schools", str(options.schools)]
        steps["ingest"] = [PROGRAM, "ingest", inbox]
    for target in ("duckdb", "postgres") if options.target == "both" else (options.target,):
        steps[f"build_{target}"] = [PROGRAM, "build", "--target", target]
    if options.target == "both":
        steps["compare"] = [sys.executable, "-m", "warehouse.compare"]
    told: dict[str, object] = {"schools": options.schools, "target": options.target}
    for name, command in steps.items():
        told[name] = result = run_step(command, environment, home / f"{name}.log")
        if result["exit_code"]:
            sys.stderr.write(f"{name} failed; see {home / f'{name}.log'}\n")
            break
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return int(bool(result["exit_code"]))


if __name__ == "__main__":
    sys.exit(main())
