"""A province's year from its inbox to signed editions: seconds, memory and disk of each step, as JSON.

    python benchmarks/province.py [--schools 20000] [--years 1] [--folder FOLDER] [--keep]

Every county's files come into one house. Steps: synth (files), ingest, build, editions (for each county gate, sign-off,
edition and its verification; then the province's edition of their sums). Each step is a process of its own. What was
measured is written to `FOLDER/province.json` after each step; with `--keep` steps that are in it are not run again, so
that a run that was broken off goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.county import longest_models

PROGRAM = Path(sys.executable).with_name("schoolhouse")
PARTS = ("inbox", "raw", "landing", "vault", "ledger", "build", "serving", "editions")
SAMPLE_SECONDS = 1.0


class Peak:
    """The greatest resident memory of a process and everything below it, looked at once a second."""

    def __init__(self, pid: int) -> None:
        self.kib, self._pid, self._stop = 0, pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        import psutil

        while not self._stop.wait(SAMPLE_SECONDS):
            try:
                top = psutil.Process(self._pid)
                held = 0
                for process in (top, *top.children(recursive=True)):
                    try:
                        held += process.memory_info().rss
                    except psutil.Error:
                        continue
                self.kib = max(self.kib, held // 1024)
            except psutil.Error:
                return

    def mib(self) -> int:
        self._stop.set()
        self._thread.join()
        return self.kib // 1024


def step(command: list[str | Path], environment: dict[str, str], log: Path) -> dict[str, Any]:
    """Run one command; seconds, processor seconds, peak memory of its process tree, and the last line it printed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
        peak = Peak(process.pid)
        code = process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if code:
        sys.exit(f"{log.stem} failed with {code}: see {log}")
    return {
        "seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_mib": peak.mib(),
        "said": (log.read_text(errors="replace").splitlines() or [""])[-1].strip(),
    }


def mebibytes(folder: Path) -> int:
    """What lies in a folder, in MiB; a file with several names counts once."""
    if not folder.exists():
        return 0
    told = subprocess.run(["du", "-sk", "--apparent-size", str(folder)], capture_output=True, text=True, check=True)
    return int(told.stdout.split()[0]) // 1024


def editions() -> dict[str, Any]:
    """In the home of the environment: for each county gate, edition and verification; then the province's edition."""
    import duckdb

    from expectations import run_gate
    from publication import publish, verify
    from publication.federation import federate
    from warehouse.build import newest_build
    from warehouse.registers import ROLES, approve, load_registers
    from warehouse.settings import Settings

    settings = Settings.load()
    load_registers(settings)
    built = newest_build(settings)
    with duckdb.connect(built["path"], read_only=True) as con:
        found = con.execute("select distinct region_code from fct_indicator_value order by 1").fetchall()
        year = con.execute("select max(school_year) from dim_school").fetchall()[0][0]
    spent = dict.fromkeys(("gate", "publish", "verify", "federate"), 0.0)
    verdicts: dict[str, int] = {}
    made = []
    for region in (r for (r,) in found if not r.endswith("00")):
        at = time.monotonic()
        gate = run_gate(settings, region, year, built["build_id"])
        verdicts[gate.verdict] = verdicts.get(gate.verdict, 0) + 1
        spent["gate"] += (now := time.monotonic()) - at
        edition = publish(settings, region, year)
        spent["publish"] += (later := time.monotonic()) - now
        if not verify(edition.path).ok:
            sys.exit(f"the edition of {region} is not what was signed")
        spent["verify"] += time.monotonic() - later
        made.append(edition.path)
        print(f"{region} {edition.version}", file=sys.stderr, flush=True)
    at = time.monotonic()
    province = f"{found[0][0][:2]}0000"
    for role in ROLES:
        approve(settings, region_code=province, school_year=year, role=role, approver=f"benchmark {role}")
    whole = federate(settings, province, made)
    if not verify(whole.path).ok:
        sys.exit("the province's edition is not what was signed")
    spent["federate"] = time.monotonic() - at
    return {"counties": len(made), "verdicts": verdicts, **{f"{k}_seconds": round(v, 1) for k, v in spent.items()}}


def rows_of(home: Path) -> dict[str, int]:
    """What raw holds: files, rows of all sources, and scores."""
    import duckdb

    def count(pattern: str) -> int:
        if not any(home.glob(pattern)):
            return 0
        found = duckdb.execute(f"select sum(num_rows) from parquet_file_metadata('{home / pattern}')").fetchall()
        return int(found[0][0] or 0)

    return {"raw_rows": count("raw/**/*.parquet"), "scores": count("raw/exam_scores/**/*.parquet")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=20_000)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="default: province-<schools> under SCHOOLHOUSE_HOME")
    parser.add_argument("--keep", action="store_true", help="go on with what a former run has measured")
    parser.add_argument("--side", choices=["editions"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        print(json.dumps(editions()))
        return
    base = Path(os.environ.get("SCHOOLHOUSE_HOME") or "var").resolve()
    folder = (given.folder or base / f"province-{given.schools}").resolve()
    report = folder / "province.json"
    if folder.exists() and not given.keep:
        sys.exit(f"{folder} is there already: remove it, or go on with --keep")
    folder.mkdir(parents=True, exist_ok=True)
    home, inbox = folder / "home", folder / "inbox"
    environment = os.environ | {
        "SCHOOLHOUSE_HOME": str(home),
        "SCHOOLHOUSE_INBOX": str(inbox),
        "SCHOOLHOUSE_REGISTERS": str(inbox),
    }
    own = [sys.executable, "-m", "benchmarks.province"]
    steps: dict[str, list[str | Path]] = {
        "synth": [PROGRAM, "synth", "--out", inbox, "--schools", str(given.schools), "--years", str(given.years),
                  "--jobs", str(given.jobs)],
        "ingest": [PROGRAM, "ingest", inbox],
        "build": [PROGRAM, "build"],
        "editions": [*own, "--side", "editions"],
    }  # fmt: skip
    told: dict[str, Any] = json.loads(report.read_text()) if report.exists() else {"schools": given.schools}
    for name, command in steps.items():
        if name in told:
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        result = step(command, environment, folder / f"{name}.log")
        if name == "synth":
            result["files"] = sum(1 for p in inbox.rglob("*") if p.is_file())
        if name == "ingest":
            result |= rows_of(home)
        if name == "build":
            result["longest"] = longest_models(home)
        if name == "editions":
            result |= json.loads(result.pop("said"))
        told[name] = result
        told["disk_mib"] = {p: mebibytes(inbox if p == "inbox" else home / p) for p in PARTS}
        report.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    whole = [told[s] for s in steps if s != "synth"]
    told["seconds"] = round(sum(s["seconds"] for s in whole), 1)
    told["peak_mib"] = max(s["peak_mib"] for s in whole)
    report.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
