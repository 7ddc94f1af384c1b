"""One county of many schools from files to warehouse: seconds and peak memory of each step, as JSON.

    python benchmarks/county.py --schools 300 [--target postgres]

The home is `county-<schools>` under SCHOOLHOUSE_HOME. Memory is of the step's own process; a PostgreSQL server that the
environment names is not in it.
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


def run_step(arguments: list[str], environment: dict[str, str], log: Path) -> dict[str, float | int]:
    """Run one command of the house. Returns seconds, peak memory in MB and the exit code."""
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen([PROGRAM, *arguments], stdout=out, stderr=out, env=environment)
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
    parser.add_argument("--target", choices=("duckdb", "postgres"), default="duckdb")
    options = parser.parse_args()
    home = Path(os.environ.get("SCHOOLHOUSE_HOME") or "var").resolve() / f"county-{options.schools}"
    shutil.rmtree(home, ignore_errors=True)
    inbox = home / "inbox"
    inbox.mkdir(parents=True)
    environment = {
        **os.environ,
        "SCHOOLHOUSE_HOME": str(home),
        "SCHOOLHOUSE_INBOX": str(inbox),
        "SCHOOLHOUSE_REGISTERS": str(inbox),
    }
    steps = {
        "synth": ["synth", "--out", str(inbox), "--schools", str(options.schools)],
        "ingest": ["ingest", str(inbox)],
        "build": ["build", "--target", options.target],
    }
    told: dict[str, object] = {"schools": options.schools, "target": options.target}
    for name, arguments in steps.items():
        told[name] = result = run_step(arguments, environment, home / f"{name}.log")
        if result["exit_code"]:
            sys.stderr.write(f"{name} failed; see {home / f'{name}.log'}\n")
            break
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return int(bool(result["exit_code"]))


if __name__ == "__main__":
    sys.exit(main())
