"""Cold and warm `make run`, and the same year by the command line, measured in one go.

cold   a fresh clone, no environment, no package cache: install, then the year
warm   the same clone, installed, with an empty home
again  the same home once more: nothing new
cli    the same files through the commands, without a scheduler
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def timed(command: list[str], folder: Path, env: dict[str, str]) -> float:
    """Wall seconds of a command that must succeed; its output goes to standard error."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env={**os.environ, **env}, stdout=sys.stderr, check=True)
    return time.perf_counter() - started


def measure() -> dict[str, float]:
    """Seconds of each way to the edition, and what they are to each other."""
    with tempfile.TemporaryDirectory() as tmp:
        clone = Path(tmp) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        cold_env = {"UV_CACHE_DIR": str(Path(tmp) / "cache"), "SCHOOLHOUSE_HOME": str(Path(tmp) / "cold")}
        warm_env = {"UV_CACHE_DIR": cold_env["UV_CACHE_DIR"], "SCHOOLHOUSE_HOME": str(Path(tmp) / "warm")}
        cold = timed(["make", "run"], clone, cold_env)
        warm = timed(["make", "run"], clone, warm_env)
        again = timed(["make", "run"], clone, warm_env)
        cli = _by_command_line(clone, Path(tmp) / "cli")
    return {
        "cold_seconds": round(cold, 1),
        "warm_seconds": round(warm, 1),
        "again_seconds": round(again, 1),
        "cli_seconds": round(cli, 1),
        "warm_over_cli_ratio": round(warm / cli, 2),
        "again_over_warm_ratio": round(again / warm, 2),
    }


def _by_command_line(clone: Path, home: Path) -> float:
    env = {"SCHOOLHOUSE_HOME": str(home), "SCHOOLHOUSE_INBOX": str(home / "inbox")}
    command = str(clone / ".venv" / "bin" / "schoolhouse")
    steps = (
        ["synth", "--out", str(home / "inbox"), "--defects", "mild"],
        ["ingest", str(home / "inbox")],
        ["build"],
        ["gate", "--year", "2024-2025"],
        ["publish", "--year", "2024-2025"],
    )
    return sum(timed([command, *step], clone, env) for step in steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    as_json = parser.parse_args().json
    figures = measure()
    print(json.dumps(figures, indent=1) if as_json else "\n".join(f"{k:<22} {v}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
