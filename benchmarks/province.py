"""A province's year from its inbox to signed editions: seconds, memory and disk of each step, as JSON.

    python -m benchmarks.province [--schools 20000] [--years 1] [--houses N] [--folder FOLDER] [--keep] [--until STEP]

Counties are dealt to houses of a city's size, each with its own inbox, warehouse and key. Steps: synth (files); for
each house ingest, build, editions (for each county gate, sign-off, edition and its verification); then the province's
edition, which adds up those of all counties. Each step is a process of its own. What was measured is written to
`FOLDER/province.json` after each step; with `--keep` steps that are in it are not run again, so that a run that was
broken off goes on. Of a house that is done only its editions are kept, unless there is one house alone.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.county import longest_models
from benchmarks.orchestration import environment
from benchmarks.sides import resident_kib
from warehouse.files import atomic_write, remove_tree

PROGRAM = Path(sys.executable).with_name("schoolhouse")
PARTS = ("inbox", "raw", "landing", "vault", "ledger", "build", "serving", "editions")
SAMPLE_SECONDS = 1.0
# The size of a house that its machine builds in minutes (docs/capacity.md).
HOUSE_SCHOOLS = 3_000


class Peak:
    """The greatest resident memory of a process and everything below it, looked at once a second."""

    def __init__(self, pid: int) -> None:
        self.kib, self._pid, self._stop = 0, pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self.kib = max(self.kib, resident_kib(self._pid))

    def mib(self) -> int:
        self._stop.set()
        self._thread.join()
        return self.kib // 1024


def step(command: list[str | Path], env: dict[str, str], log: Path) -> dict[str, Any]:
    """Run one command; seconds, processor seconds, peak memory of its process tree, and the last line it printed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=env)
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
    """In the home of the environment: for each county gate, edition and verification."""
    import duckdb

    from expectations import run_gate
    from publication import publish, verify
    from warehouse.build import newest_build
    from warehouse.registers import load_registers
    from warehouse.settings import Settings

    settings = Settings.load()
    load_registers(settings)
    built = newest_build(settings)
    with duckdb.connect(built["path"], read_only=True) as con:
        found = con.execute("select distinct region_code from fct_indicator_value order by 1").fetchall()
        year = con.execute("select max(school_year) from dim_school").fetchall()[0][0]
    spent = dict.fromkeys(("gate", "publish", "verify"), 0.0)
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
    return {"counties": len(made), "verdicts": verdicts, **{f"{k}_seconds": round(v, 1) for k, v in spent.items()}}


def federation(folders: list[Path]) -> dict[str, Any]:
    """In the home of the environment: the province's edition of all editions below `folders`."""
    from publication import verify
    from publication.federation import federate
    from warehouse.registers import ROLES, approve
    from warehouse.settings import Settings

    settings = Settings.load().prepare()
    found = sorted(p.parent for folder in folders for p in folder.glob("*/*/v1.0.0/manifest.json"))
    region, year = f"{found[0].parts[-3][:2]}0000", found[0].parts[-2]
    for role in ROLES:
        approve(settings, region_code=region, school_year=year, role=role, approver=f"benchmark {role}")
    made = federate(settings, region, found)
    if not verify(made.path).ok:
        sys.exit("the province's edition is not what was signed")
    return {"editions": len(found)}


def rows_of(home: Path) -> dict[str, int]:
    """What raw holds: files, rows of all sources, and scores."""
    import duckdb

    def count(pattern: str) -> int:
        if not any(home.glob(pattern)):
            return 0
        found = duckdb.execute(f"select sum(num_rows) from parquet_file_metadata('{home / pattern}')").fetchall()
        return int(found[0][0] or 0)

    return {"raw_rows": count("raw/**/*.parquet"), "scores": count("raw/exam_scores/**/*.parquet")}


@dataclass(frozen=True)
class Province:
    """A folder with what was measured, the inbox before it is dealt, and the houses."""

    folder: Path
    schools: int
    years: int
    jobs: int
    houses: int

    def house(self, n: int) -> Path:
        return self.folder / f"house_{n:02}"

    def steps(self) -> dict[str, tuple[Path, list[str | Path]]]:
        """Name -> (home's folder, command), in their order."""
        own = [sys.executable, "-m", "benchmarks.province", "--side"]
        synth = [PROGRAM, "synth", "--out", self.folder / "inbox", "--schools", str(self.schools)]
        synth += ["--years", str(self.years), "--jobs", str(self.jobs)]
        steps: dict[str, tuple[Path, list[str | Path]]] = {"synth": (self.folder, synth)}
        houses = [self.house(n) for n in range(self.houses)]
        for house in houses:
            steps |= {
                f"{house.name}_ingest": (house, [PROGRAM, "ingest", house / "inbox"]),
                f"{house.name}_build": (house, [PROGRAM, "build"]),
                f"{house.name}_editions": (house, [*own, "editions"]),
            }
        return steps | {
            "federation": (self.folder / "province", [*own, "federation", *(h / "home/editions" for h in houses)])
        }

    def deal(self) -> int:
        """Give each house its counties; returns the number of files."""
        files = sum(1 for p in (self.folder / "inbox").rglob("*") if p.is_file())
        counties = sorted(p for p in (self.folder / "inbox").iterdir() if p.is_dir())
        for i, county in enumerate(counties):
            inbox = self.house(i * self.houses // len(counties)) / "inbox"
            inbox.mkdir(parents=True, exist_ok=True)
            county.rename(inbox / county.name)
        return files

    def run(self, name: str) -> dict[str, Any]:
        """One step, with what it says of itself and, of a house, what lies where."""
        place, command = self.steps()[name]
        home, inbox = place / "home", place / "inbox"
        home.mkdir(parents=True, exist_ok=True)
        result = step(command, environment(home, inbox), self.folder / f"{name}.log")
        if name == "synth":
            return result | {"files": self.deal()}
        if name.endswith("ingest"):
            result |= rows_of(home)
        if name.endswith("build"):
            result["longest"] = longest_models(home)
        if name.endswith(("editions", "federation")):
            result |= json.loads(result.pop("said"))
        if name.endswith("editions"):
            result["disk_mib"] = {p: mebibytes(inbox if p == "inbox" else home / p) for p in PARTS}
            if self.houses > 1:
                for done in (inbox, *(home / p for p in PARTS if p not in ("inbox", "editions"))):
                    remove_tree(done)
        return result


def whole(told: dict[str, Any]) -> dict[str, Any]:
    """Seconds and peak memory of all steps but the making of the files."""
    steps = [step for name, step in told.items() if isinstance(step, dict) and name != "synth"]
    return {"seconds": round(sum(s["seconds"] for s in steps), 1), "peak_mib": max(s["peak_mib"] for s in steps)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=20_000)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--houses", type=int, help=f"default: one for every {HOUSE_SCHOOLS} schools")
    parser.add_argument("--folder", type=Path, help="default: province-<schools> under SCHOOLHOUSE_HOME")
    parser.add_argument("--keep", action="store_true", help="go on with what a former run has measured")
    parser.add_argument("--until", help="stop after this step (synth, house_00_build, ...)")
    parser.add_argument("--side", choices=["editions", "federation"], help=argparse.SUPPRESS)
    parser.add_argument("folders", nargs="*", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        print(json.dumps(editions() if given.side == "editions" else federation(given.folders)))
        return
    base = Path(os.environ.get("SCHOOLHOUSE_HOME") or "var").resolve()
    folder = (given.folder or base / f"province-{given.schools}").resolve()
    if folder.exists() and not given.keep:
        sys.exit(f"{folder} is there already: remove it, or go on with --keep")
    folder.mkdir(parents=True, exist_ok=True)
    province = Province(folder, given.schools, given.years, given.jobs,
                        given.houses or -(-given.schools // HOUSE_SCHOOLS))  # fmt: skip
    report = folder / "province.json"
    sizes = {"schools": province.schools, "years": province.years, "houses": province.houses}
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8")) if report.exists() else dict(sizes)
    if {k: told[k] for k in sizes} != sizes:
        sys.exit(f"{report} is of another size: {[told[k] for k in sizes]}")
    for name in province.steps():
        if name not in told:
            print(f"{name} ...", file=sys.stderr, flush=True)
            told[name] = province.run(name)
            atomic_write(report, (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
        if name == given.until:
            return
    print(json.dumps(told | whole(told), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
