"""The benchmarks of the house, by name: which command, which of its figures are judged, and against what."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.marts_data import SCHOOLS_OF_REGION, Shape
from benchmarks.sides import ROOT

# Two houses of two counties: a quarter of an hour. `python -m benchmarks.province` takes any number of schools.
PROVINCE = ("--schools", "1200", "--houses", "2")
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "pyarrow", "pandas", "pyspark", "apache-airflow")


@dataclass(frozen=True)
class Case:
    """`judged`: key of a figure -> (what it says, the most it may be; None where no target is set)."""

    name: str
    command: tuple[str, ...]
    judged: dict[str, tuple[str, float | None]] = field(default_factory=dict)


def _marts(name: str, rows: int) -> Case:
    # The target is set for the largest size; smaller ones show the way there.
    limit = 1.5 if rows >= 100_000_000 else None
    return Case(
        f"marts_{name}",
        ("-m", "benchmarks.marts", "--rows", str(rows), "--json"),
        {
            "marts_ratio": (f"exam marts by dbt over one hand-written script, {name} scores, seconds", limit),
            "marts_cpu_ratio": (
                f"exam marts by dbt over one hand-written script, {name} scores, processor seconds",
                None,
            ),
        },
    )


def _steps(name: str, rows: int) -> Case:
    # Of a small history the start of dbt is most of a step. A school corrected is judged among 300 schools.
    added = 1.3 if rows >= 10_000_000 else None
    corrected = 0.1 if Shape.of(rows).schools >= SCHOOLS_OF_REGION else None
    return Case(
        f"steps_{name}",
        ("-m", "benchmarks.marts", "--part", "steps", "--rows", str(rows), "--json"),
        {
            "added_gross_ratio": (
                f"one exam more on 20 of them ({name} scores) over that exam alone, start included",
                added,
            ),
            "added_ratio": (f"the same, net of start ({name} scores)", None),
            "added_to_full_ratio": (f"one exam more over a full build, {name} scores", None),
            "corrected_to_full_ratio": (f"one school's sheets corrected over a full build, {name} scores", corrected),
        },
    )


def _peers(name: str, rows: int, *engines: str) -> Case:
    others = engines or ("polars", "pandas", "spark", "postgres")
    return Case(
        f"peers_{name}",
        ("-m", "benchmarks.peers", "--rows", str(rows), "--engines", ",".join(others), "--json"),
        {f"{e}_over_duckdb_ratio": (f"{e} over DuckDB, {name} scores", None) for e in others},
    )


CASES = {
    c.name: c
    for c in (
        _marts("1m", 1_000_000),
        _marts("10m", 10_000_000),
        _marts("100m", 100_000_000),
        _steps("1m", 1_000_000),
        _steps("10m", 10_000_000),
        _steps("24m", 24_300_000),
        _peers("1m", 1_000_000),
        _peers("10m", 10_000_000),
        # The others do not hold a hundred million rows in the memory of a small machine.
        _peers("100m", 100_000_000, "polars"),
        *(
            Case(f"county_{n}", ("benchmarks/county.py", "--schools", str(n)))
            for n in (12, 60, 300)
        ),
        Case(
            "gate",
            ("benchmarks/gate.py", "--schools", "300", "--json"),
            {"gate_to_build_ratio": ("the gate of one edition over the build, 300 schools, processor seconds", 0.25)},
        ),
        Case(
            "ingest",
            ("benchmarks/ingest.py", "--json"),
            {
                "csv_ratio": ("ingest of a million pupils as csv over the least a reader must do", 2.5),
                "xlsx_read_ratio": ("the reader of a large workbook over calamine", 2.0),
                "small_files_read_ratio": ("the reader of 5,000 small files over calamine and csv", 3.0),
            },
        ),
        Case(
            "serve",
            ("-m", "benchmarks.serve", "--json"),
            {"serve_ratio": ("ten million rows into PostgreSQL over a bare COPY", 1.5)},
        ),
        Case(
            "orchestration",
            ("-m", "benchmarks.orchestration", "--schools", "300", "--json"),
            {"airflow_over_cli_ratio": ("the year under Airflow over the command line, 300 schools", 1.5)},
        ),
        Case("province", ("-m", "benchmarks.province", *PROVINCE)),
        Case(
            "run",
            ("benchmarks/run.py", "--json"),
            {
                "warm_over_cli_ratio": ("a warm `make run` over the command line, 12 schools", None),
                "again_over_warm_ratio": ("`make run` again, nothing new, over a warm one", None),
            },
        ),
    )
}  # fmt: skip
SIZES = {
    "small": ("marts_1m", "steps_1m", "peers_1m", "county_12"),
    "middle": ("marts_1m", "marts_10m", "steps_10m", "peers_1m", "peers_10m", "county_12", "county_60", "gate"),
    "full": tuple(CASES),
}


def machine() -> dict[str, Any]:
    """What ran it, and how busy it was when it began: seconds of a machine with other guests say little."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "load_at_start": [round(x, 1) for x in os.getloadavg()],
        "versions": versions,
    }


def run_case(case: Case) -> dict[str, Any]:
    """Run a benchmark and write `results/<name>.json`. Raises RuntimeError when it fails or prints no JSON."""
    about = machine()
    command = [sys.executable, *case.command]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    try:
        figures = json.loads(ran.stdout[ran.stdout.index("{") :])
    except ValueError:
        raise RuntimeError(f"{case.name} failed with {ran.returncode}: {' '.join(case.command)}") from None
    # The gate's benchmark ends with 1 where the target is missed: that is a result.
    return record(case.name, figures, about)


def record(name: str, figures: dict[str, Any], about: dict[str, Any] | None = None) -> dict[str, Any]:
    """Write the result of a case that ran."""
    told = {
        "name": name,
        "command": "python " + " ".join(CASES[name].command),
        "date": date.today().isoformat(),
        "machine": about or machine(),
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return told


def results(folder: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """What was measured, by name, in the order of the suite."""
    return {n: json.loads((folder / f"{n}.json").read_text()) for n in CASES if (folder / f"{n}.json").exists()}
