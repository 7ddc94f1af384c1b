"""What the gate costs beside the build: seconds of both on one county, net of imports, as JSON.

    python benchmarks/gate.py --schools 300 [--json]
    python benchmarks/gate.py --home HOME --registers FOLDER [--json]

Without a home a county is generated and received first (`county-<schools>` under SCHOOLHOUSE_HOME). Each side runs in a
process of its own that imports what it needs before its clock starts. The build is made anew; the gate judges one
edition, the newest, with all its checks. `--build-cpu-seconds` takes those of a build that was
measured before.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# What the gate may cost, of the build's seconds.
LIMIT = 0.25


def measure(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Wall and processor seconds of `work`, with those of processes it starts."""

    def spent() -> float:
        both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
        return sum(u.ru_utime + u.ru_stime for u in both)

    wall, cpu = time.monotonic(), spent()
    result = work()
    return {"seconds": round(time.monotonic() - wall, 2), "cpu_seconds": round(spent() - cpu, 2)}, result


def build_side() -> dict[str, Any]:
    """The build of the home of the environment, made anew."""
    import dbt.cli.main  # noqa: F401
    from dbt.adapters.duckdb import Plugin  # noqa: F401

    from warehouse.build import build
    from warehouse.settings import Settings

    told, made = measure(lambda: build(Settings.load(), full_refresh=True))
    return {**told, "status": made.status, "models": made.models, "tests": made.tests}


def gate_side() -> dict[str, Any]:
    """The gate of the newest school year of the first region, on the newest build."""
    import duckdb

    from expectations import run_gate
    from expectations.suite import Examiner
    from warehouse.build import newest_build
    from warehouse.settings import Settings

    # Great Expectations is imported with the first of these.
    Examiner()
    settings = Settings.load()
    with duckdb.connect(str(newest_build(settings)["path"]), read_only=True) as con:
        # The edition of a year that nobody has reported yet is not one to measure.
        found = con.execute(
            "select region_code, max(school_year) from fct_school_resource_snapshot group by 1 order by 1 limit 1"
        ).fetchall()
    if not found:
        raise RuntimeError("the build has no school")
    told, result = measure(lambda: run_gate(settings, *found[0]))
    slow = sorted(result.checks, key=lambda c: -c["seconds"])[:5] if "seconds" in result.checks[0] else []
    return {
        **told,
        "region": found[0][0],
        "school_year": found[0][1],
        "verdict": result.verdict,
        "checks": len(result.checks),
        "looked_at": sum(c["looked_at"] for c in result.checks),
        "not_run": sum(f.entity_type == "check" for f in result.findings),
        **({"slowest": {c["check_id"]: c["seconds"] for c in slow}} if slow else {}),
    }


SIDES: dict[str, Callable[[], dict[str, Any]]] = {"build": build_side, "gate": gate_side}


def run_side(name: str, environment: dict[str, str]) -> dict[str, Any]:
    """One side in a process of its own. Raises RuntimeError when it fails."""
    command = [sys.executable, __file__, "--side", name]
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{name} failed with {ran.returncode}")
    return json.loads(ran.stdout.splitlines()[-1])


def make_county(schools: int) -> Path:
    """A home with a county received, as `benchmarks/county.py` makes it."""
    from benchmarks.county import PROGRAM

    home = Path(os.environ.get("SCHOOLHOUSE_HOME") or "var").resolve() / f"county-{schools}"
    shutil.rmtree(home, ignore_errors=True)
    (home / "inbox").mkdir(parents=True)
    environment = {**os.environ, "SCHOOLHOUSE_HOME": str(home), "SCHOOLHOUSE_INBOX": str(home / "inbox")}
    for step in (["synth", "--out", str(home / "inbox"), "--schools", str(schools)], ["ingest", str(home / "inbox")]):
        subprocess.run([PROGRAM, *step], env=environment, stdout=subprocess.DEVNULL, check=True)
    return home


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=300)
    parser.add_argument("--home", type=Path, help="a home that has received its files")
    parser.add_argument("--registers", type=Path, help="folder of its registers; default: its inbox")
    parser.add_argument("--build-cpu-seconds", type=float, help="those of a build measured before: it is not made anew")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        sys.stdout.write(json.dumps(SIDES[options.side]()) + "\n")
        return 0
    home = options.home.resolve() if options.home else make_county(options.schools)
    registers = str(options.registers or home / "inbox")
    environment = {**os.environ, "SCHOOLHOUSE_HOME": str(home), "SCHOOLHOUSE_REGISTERS": registers}
    environment.setdefault("SCHOOLHOUSE_INBOX", registers)
    given = options.build_cpu_seconds
    told: dict[str, Any] = {"build": {"cpu_seconds": given} if given else run_side("build", environment)}
    told["gate"] = run_side("gate", environment)
    told["gate_to_build_ratio"] = round(told["gate"]["cpu_seconds"] / told["build"]["cpu_seconds"], 3)
    within = told["gate_to_build_ratio"] <= LIMIT and not told["gate"]["not_run"]
    if options.json:
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        build, gate = (told[k]["cpu_seconds"] for k in ("build", "gate"))
        sys.stdout.write(f"build {build} s, gate {gate} s, ratio {told['gate_to_build_ratio']} (limit {LIMIT})\n")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
