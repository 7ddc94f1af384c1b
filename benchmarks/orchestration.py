"""The year under Airflow beside the same steps by the command line, on one county; then what an edition costs.

    python -m benchmarks.orchestration --schools 300 [--json] [--folder DIR]
    python -m benchmarks.orchestration --edition-of HOME [--json]

Both sides have a home of their own and read one inbox. `schoolhouse run` starts and stops its Airflow inside its time.
Of the command line every step is told: seconds, processor seconds, peak memory. With `--edition-of` only gate, edition
and verification are run, on a home that has a good build and the sign-offs in its inbox.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.county import PROGRAM, run_step
from benchmarks.sides import tell

TARGET = 1.5
YEAR = "2024-2025"


def environment(home: Path, inbox: Path) -> dict[str, str]:
    """The environment of a home that reads an inbox, sign-offs included."""
    named = {"SCHOOLHOUSE_HOME": home, "SCHOOLHOUSE_INBOX": inbox, "SCHOOLHOUSE_REGISTERS": inbox}
    return {**os.environ, **{k: str(v) for k, v in named.items()}}


def run_steps(home: Path, inbox: Path, steps: dict[str, list[str | Path]]) -> dict[str, dict[str, Any]]:
    """Commands of the house one after the other. Raises RuntimeError when one fails."""
    home.mkdir(parents=True, exist_ok=True)
    told: dict[str, dict[str, Any]] = {}
    for name, command in steps.items():
        sys.stderr.write(f"{name} ...\n")
        told[name] = result = run_step([PROGRAM, *command], environment(home, inbox), home / f"{name}.log")
        if result.pop("exit_code"):
            raise RuntimeError(f"{name} failed; see {home / f'{name}.log'}")
        result.pop("said")
    return told


def edition(home: Path, inbox: Path) -> dict[str, dict[str, Any]]:
    """Gate, edition and verification of the newest year of a built home."""
    told = run_steps(home, inbox, {"gate": ["gate", "--year", YEAR], "publish": ["publish", "--year", YEAR]})
    newest = max((home / "editions").glob(f"*/{YEAR}/v*"), key=lambda p: p.stat().st_mtime)
    return {**told, **run_steps(home, inbox, {"verify": ["verify", newest]})}


def measure(schools: int, folder: Path) -> dict[str, Any]:
    """The command line first, so that Airflow, which comes second, finds the same files in the page cache."""
    inbox = folder / "inbox"
    run_steps(folder / "synth", inbox, {"synth": ["synth", "--out", inbox, "--schools", str(schools)]})
    cli = run_steps(folder / "cli", inbox, {"ingest": ["ingest", inbox], "build": ["build"]})
    cli |= edition(folder / "cli", inbox)
    flow = run_steps(folder / "airflow", inbox, {"run": ["run"]})["run"]
    by_hand = sum(s["seconds"] for name, s in cli.items() if name != "verify")
    return {
        "schools": schools,
        "cli": cli,
        "cli_seconds": round(by_hand, 1),
        "airflow_seconds": flow["seconds"],
        "airflow_over_cli_ratio": round(flow["seconds"] / by_hand, 2),
        "airflow_target_ratio": TARGET,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=300)
    parser.add_argument("--edition-of", type=Path, metavar="HOME")
    parser.add_argument("--folder", type=Path, help="where homes are made and kept; default: a temporary folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.edition_of:
        home = options.edition_of.resolve()
        tell({"edition": edition(home, home / "inbox")}, options.json)
        return 0
    with tempfile.TemporaryDirectory(prefix="schoolhouse-bench-") as aside:
        tell(measure(options.schools, (options.folder or Path(aside)).resolve()), options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
