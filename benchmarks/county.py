"""One county of many schools from files to warehouse: seconds and peak memory of each step, as JSON.

    python benchmarks/county.py --schools 300 [--target postgres|spark|both|both-spark] [--keep]

With `both` the house is built on DuckDB and on PostgreSQL, with `both-spark` on DuckDB and on Spark, and every value is
compared. The home is `county-<schools>` under SCHOOLHOUSE_HOME; with `--keep` one that has received its files is built
again. Memory and processor time are of the step's own process; those of a PostgreSQL server or of Spark's JVM are not
in them. A build also tells the models that took longest, and every step the last line that it printed.
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
LONGEST = 8
BOTH = {"both": "postgres", "both-spark": "spark"}


def longest_models(home: Path) -> dict[str, float]:
    """Seconds of the models that took longest in the newest build, tests not counted."""
    newest = max(home.glob("build/*/run_results.json"), key=lambda p: p.stat().st_mtime)
    seconds = {
        r["unique_id"].rpartition(".")[2]: r["execution_time"] for r in json.loads(newest.read_text())["results"]
    }
    return {k: round(v, 1) for k, v in sorted(seconds.items(), key=lambda kv: -kv[1])[:LONGEST]}


def run_step(command: list[str | Path], environment: dict[str, str], log: Path) -> dict[str, object]:
    """Run one command of the house. Returns seconds, processor seconds, peak memory in MB, exit code and last line."""
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    return {
        "seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": usage.ru_maxrss // 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
        "said": (log.read_text(errors="replace").splitlines() or [""])[-1].strip(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=300)
    parser.add_argument("--target", choices=("duckdb", "postgres", "spark", *BOTH), default="duckdb")
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
    other = BOTH.get(options.target)
    for target in ("duckdb", other) if other else (options.target,):
        steps[f"build_{target}"] = [PROGRAM, "build", "--target", target]
    if other:
        steps["compare"] = [sys.executable, "-m", "warehouse.compare", "--target", other]
    told: dict[str, object] = {"schools": options.schools, "target": options.target}
    for name, command in steps.items():
        sys.stderr.write(f"{name} ...\n")
        told[name] = result = run_step(command, environment, home / f"{name}.log")
        if name.startswith("build") and not result["exit_code"]:
            result["longest"] = longest_models(home)
        if result["exit_code"]:
            sys.stderr.write(f"{name} failed; see {home / f'{name}.log'}\n")
            break
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return int(bool(result["exit_code"]))


if __name__ == "__main__":
    sys.exit(main())
