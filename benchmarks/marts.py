"""The exam marts by dbt, beside one hand-written DuckDB script that writes the same tables from the same Parquet.

    python -m benchmarks.marts --rows 1000000 [--json] [--folder DIR] [--keep]

Both begin at raw (what comes before has its own benchmark). The house's side writes the inputs, corrections and models
that the exam marts need, as a build does; an empty side does the same without a row of raw, and its seconds are taken
off. Every row and value of the tables is compared: a ratio of two sides that differ says nothing. The second part adds
an exam to the history, then corrects one school's sheet.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.marts_data import Shape, add_exam, correct_school, make
from benchmarks.sides import ROOT, measured, net, over, run_side, tell

# The marts of the score of a pupil, and the part of `fct_between_school_dispersion` that is made of scores.
MARTS = (
    "dim_exam",
    "dim_exam_subject",
    "fct_exam_group_stat",
    "int_exam_subject__dispersed",
    "fct_exam_composite",
    "fct_value_added",
    "fct_early_warning",
)
SCRIPTS = ("marts_hand.sql", "marts_hand_value.sql", "marts_hand_warning.sql")
# As `dbt_project/profiles.yml` has them.
THREADS, MEMORY = 2, "4GB"
TARGET, PEAK_TARGET_MIB = 1.5, 8192
ADDED_TARGET, CORRECTED_TARGET = 1.3, 0.1
# The database of an earlier build of a home, from which the next one may carry.
BEFORE = "before.duckdb"
# How often a short side is run.
TIMES = 3
# Two doubles that are made in another order of rows.
TOLERANCE = 1e-9


def house(home: Path) -> dict[str, Any]:
    """The exam marts of a home as a build makes them: its inputs and the models that they need.

    Homes that lie side by side share dbt's parsed project, as the builds of one house do: paths do not change.
    """
    import dbt.cli.main  # noqa: F401
    from dbt.adapters.duckdb import Plugin  # noqa: F401

    from warehouse import corrections, reuse
    from warehouse.build import DATABASE
    from warehouse.dbt import run_dbt
    from warehouse.files import flip_link
    from warehouse.inputs import write_inputs
    from warehouse.ledger import Ledger
    from warehouse.settings import Settings

    settings = Settings.load({"SCHOOLHOUSE_HOME": str(home)})
    folder, shared = settings.build / "bench", home.parent / "dbt"
    shutil.rmtree(folder, ignore_errors=True)
    flip_link(shared / "home", home)
    ledger = Ledger.open(settings)

    def invoke(*command: str) -> Any:
        return run_dbt(
            command,
            database=shared / "home" / "build" / "bench" / DATABASE,
            target=shared / "target",
            logs=shared / "logs",
            variables={"raw_dir": str(shared / "home" / "raw")},
        )

    # A house parses the project once, for all its builds.
    invoke("parse")

    def work() -> dict[str, Any]:
        ids = ledger.current_ids()
        folder.mkdir(parents=True)
        before = settings.build / BEFORE
        reuse.begin(folder / DATABASE, before if before.exists() else None)
        write_inputs(ledger, folder, ids, {"submissions": ids}, folder / DATABASE)
        with duckdb.connect(folder / DATABASE) as con:
            corrections.freeze(con, settings.raw, folder / corrections.CORRECTED, [])
        carried = reuse.carry(folder / DATABASE, settings.raw, [])
        kinds = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        made = invoke("build", *kinds, "--select", *(f"+{m}" for m in MARTS))
        if broken := made.having("error", "fail", "skipped"):
            raise RuntimeError(f"{broken[0]}: {made.messages.get(broken[0])}")
        return {"nodes": len(made.statuses), **carried}

    told = measured(work)
    return {**told, "slowest": longest(shared / "target" / "run_results.json")}


def longest(results: Path, count: int = 8) -> dict[str, float]:
    """Seconds of the nodes that took longest, of a `run_results.json`."""
    seconds = {
        r["unique_id"].rpartition(".")[2]: r["execution_time"] for r in json.loads(results.read_text())["results"]
    }
    return {k: round(v, 2) for k, v in sorted(seconds.items(), key=lambda kv: -kv[1])[:count]}


def hand(home: Path) -> dict[str, Any]:
    """The hand-written script on the raw files of a home; the pin is a file beside its database."""
    database = home / "build" / "hand.duckdb"
    database.unlink(missing_ok=True)
    database.parent.mkdir(exist_ok=True)
    pin = f"read_parquet('{home}/build/bench/pin.parquet')"

    def work() -> None:
        with duckdb.connect(database, config={"threads": THREADS, "memory_limit": MEMORY}) as con:
            for script in SCRIPTS:
                text = (ROOT / "benchmarks" / script).read_text()
                for name, value in (("raw", home / "raw"), ("seeds", ROOT / "dbt_project" / "seeds"), ("pin", pin)):
                    text = text.replace(f"{{{name}}}", str(value))
                con.execute(text)

    return measured(work)


def differences(left: Path, right: Path, tables: tuple[str, ...] = MARTS) -> dict[str, str]:
    """Tables of two databases that are not the same, with what differs: rows, or a value that only one side has.

    Rows are counted and compared as sets with their number; doubles are equal where they differ by no more than 1e-9
    of their size, which is asked only where they are not the same bits.
    """
    found: dict[str, str] = {}
    with duckdb.connect() as con:
        con.execute(f"attach '{left}' as l (read_only); attach '{right}' as r (read_only)")
        for table in tables:
            kinds = {n: k for n, k, *_ in con.execute(f"describe l.main.{table}").fetchall()}
            others = {n: k for n, k, *_ in con.execute(f"describe r.main.{table}").fetchall()}
            if set(kinds) != set(others):
                found[table] = f"columns {sorted(set(kinds) ^ set(others))}"
                continue
            counts = con.execute(
                f"select (select count(*) from l.main.{table}), (select count(*) from r.main.{table})"
            ).fetchall()[0]
            if counts[0] != counts[1] or not counts[0]:
                found[table] = f"{counts[0]} and {counts[1]} rows"
                continue
            doubles = [n for n, k in kinds.items() if k == "DOUBLE"]
            exact = [n for n in kinds if n not in doubles]
            keys = " and ".join(f"l.{n} is not distinct from r.{n}" for n in exact)
            near = " and ".join(
                f"(l.{n} is not distinct from r.{n} or abs(l.{n} - r.{n}) <= {TOLERANCE} * greatest(1, abs(l.{n})))"
                for n in doubles
            )
            same = con.execute(
                f"select count(*) from l.main.{table} as l inner join r.main.{table} as r on {keys} "
                f"where {near or 'true'}"
            ).fetchall()[0][0]
            if same != counts[0]:
                found[table] = f"{counts[0]} rows, {same} of them the same"
    return found


def compare_marts(rows: int, folder: Path) -> dict[str, Any]:
    """Part (a): the house beside the hand, net of the empty house."""
    shape = Shape.of(rows)
    home, empty = folder / "home", folder / "empty"
    if not (home / "raw").exists():
        sys.stderr.write(f"making {shape.rows} score rows ...\n")
        make(home, shape)
    make(empty, Shape(2, 0))
    nothing = run_side("benchmarks.marts", "house", empty)
    ours = run_side("benchmarks.marts", "house", home)
    theirs = run_side("benchmarks.marts", "hand", home)
    different = differences(home / "build" / "bench" / "warehouse.duckdb", home / "build" / "hand.duckdb")
    if different:
        raise RuntimeError(f"the sides differ: {different}")
    return {
        "rows": shape.rows,
        "schools": shape.schools,
        "exams": shape.exams * shape.regions,
        "house": ours,
        "empty": nothing,
        "hand": theirs,
        "tables_equal": len(MARTS),
        "marts_ratio": over(net(ours, nothing), theirs["seconds"]),
        "marts_cpu_ratio": over(net(ours, nothing, "cpu_seconds"), theirs["cpu_seconds"]),
        "marts_gross_ratio": over(ours["seconds"], theirs["seconds"]),
        "target_ratio": TARGET,
        "peak_target_mib": PEAK_TARGET_MIB,
    }


def usual(home: Path) -> dict[str, Any]:
    """The middle one of three times that the house's side was run: most of a short side is the start of dbt, which
    takes half a second more or less from one time to the next."""
    sides = sorted((run_side("benchmarks.marts", "house", home) for _ in range(TIMES)), key=lambda s: s["seconds"])
    return sides[TIMES // 2]


def compare_steps(rows: int, folder: Path) -> dict[str, Any]:
    """Part (b): an exam more, and one school's sheet corrected, beside that exam alone and a full build.

    What a step carried from the build before must be what a full build of the same raw makes.
    """
    shape = Shape.of(rows)
    home, empty, alone = folder / "steps", folder / "empty", folder / "alone"
    made = home / "build" / "bench" / "warehouse.duckdb"
    before = home / "build" / BEFORE
    make(home, shape)
    make(empty, Shape(2, 0))
    make(alone, Shape(shape.schools, 1), shape.exams)
    told: dict[str, Any] = {"rows": shape.rows, "schools": shape.schools}
    told["empty"] = usual(empty)
    told["history"] = run_side("benchmarks.marts", "house", home)
    told["alone"] = usual(alone)
    steps: dict[str, Callable[[], int]] = {
        "added": lambda: add_exam(home, shape, shape.exams),
        "corrected": lambda: correct_school(home, shape, shape.exams),
    }
    for name, step in steps.items():
        made.replace(before)
        step()
        told[name] = usual(home)
        if told[name]["kept"] != told[name]["exams"] - shape.regions:
            raise RuntimeError(f"{name}: {told[name]['kept']} exams kept of {told[name]['exams']}")
        stepped = made.replace(home / "build" / f"{name}.duckdb")
        before.unlink()
        told[f"{name}_full"] = run_side("benchmarks.marts", "house", home)
        if different := differences(made, stepped, (*MARTS, *reuse_tables())):
            raise RuntimeError(f"{name}: not what a full build makes: {different}")
    for key, figure in (("", "seconds"), ("cpu_", "cpu_seconds")):
        cost = {side: net(told[side], told["empty"], figure) for side in told if isinstance(told[side], dict)}
        told[f"added_{key}ratio"] = over(cost["added"], cost["alone"])
        # What one waits for: the start of dbt on both sides. Net of it, an exam alone takes next to no time.
        told[f"added_gross_{key}ratio"] = over(told["added"][figure], told["alone"][figure])
        told[f"added_to_full_{key}ratio"] = over(cost["added"], cost["added_full"], 3)
        told[f"corrected_to_full_{key}ratio"] = over(cost["corrected"], cost["corrected_full"], 3)
    return {**told, "added_target_ratio": ADDED_TARGET, "corrected_target_ratio": CORRECTED_TARGET}


def reuse_tables() -> tuple[str, ...]:
    """The tables that a build carries rows of."""
    from warehouse.reuse import CARRIED

    return tuple(CARRIED)


SIDES: dict[str, Callable[[Path], dict[str, Any]]] = {"house": house, "hand": hand}


PARTS: dict[str, Callable[[int, Path], dict[str, Any]]] = {"marts": compare_marts, "steps": compare_steps}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where homes are made and kept; default: a temporary folder")
    parser.add_argument("--part", choices=PARTS, default="marts", help="the marts beside the hand, or a step more")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        name, home = options.side
        sys.stdout.write(json.dumps(SIDES[name](Path(home))) + "\n")
        return 0
    with tempfile.TemporaryDirectory() as aside:
        told = PARTS[options.part](options.rows, (options.folder or Path(aside)).resolve())
    tell(told, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
