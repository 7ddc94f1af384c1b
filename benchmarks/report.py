"""Runs the benchmarks and writes their page, `docs/benchmarks.md`, from the results alone.

    python -m benchmarks.report [--size small|middle|full] [--only marts_1m,gate] [--page-only]

Each benchmark writes `benchmarks/results/<name>.json` with machine, versions, date and figures; one that is not run
keeps its former result. Nothing on the page is typed by hand: targets stand in `benchmarks/suite.py`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmarks.sides import ROOT
from benchmarks.suite import CASES, SIZES, results, run_case

PAGE = ROOT / "docs" / "benchmarks.md"
IMAGES = ROOT / "docs" / "images"
Result = dict[str, Any]
INTRO = """\
# Benchmarks

Made by `make bench-page` from `benchmarks/results/*.json`; what each benchmark does and what was done about what it
showed: [benchmarks/README.md](../benchmarks/README.md). What the figures mean for a county, a city or a province:
[capacity.md](capacity.md).

Ratios compare two sides that ran one after the other on the same machine. Seconds are those of that machine and of its
other guests; the load at the start of each benchmark stands beside it, and where it is well above the number of cores,
processor seconds say more than seconds.
"""


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def verdict(value: float | None, limit: float | None) -> str:
    if limit is None:
        return "no target"
    if value is None:
        return "**not shown**: a side takes no longer than an empty house"
    return "met" if value <= limit else "**not met**"


def ratios(told: dict[str, Result]) -> str:
    rows = []
    for name, result in told.items():
        for key, (what, limit) in CASES[name].judged.items():
            value = result["figures"].get(key)
            # A side that takes no longer than an empty house has no ratio; where a target is set, that is told.
            if value is not None or limit is not None:
                said = "none" if value is None else value
                rows.append((what, said, "" if limit is None else limit, verdict(value, limit), _load(result)))
        if name == "marts_100m":
            peak = result["figures"]["house"]["peak_mib"]
            what = "peak memory of the exam marts, 100m scores, MiB"
            rows.append((what, peak, 8192, verdict(peak, 8192), _load(result)))
    missing = [
        what for n, c in CASES.items() if n not in told for what, limit in c.judged.values() if limit is not None
    ]
    text = table(("what", "measured", "target", "", "load at start"), rows)
    if missing:
        text += "\nNot measured here yet: " + "; ".join(missing) + ".\n"
    return text


def marts(told: dict[str, Result]) -> str:
    rows = []
    for name, result in told.items():
        if name.startswith("marts_"):
            f = result["figures"]
            rows += [
                (f"{f['rows']:,}", side, f[side]["seconds"], f[side]["cpu_seconds"], f[side]["peak_mib"])
                for side in ("house", "empty", "hand")
            ]
    return rows and "## Exam marts\n\n" + (
        "All rows and values of both sides were compared and are the same. `empty` is the house's side on a house "
        "without a row; it is taken off before the ratio is made.\n\n"
    ) + table(("score rows", "side", "seconds", "processor seconds", "peak MiB"), rows)  # fmt: skip


def slowest(told: dict[str, Result]) -> str:
    largest = [r for n, r in told.items() if n.startswith("marts_")]
    if not largest:
        return ""
    f = largest[-1]["figures"]
    rows = list(f["house"]["slowest"].items())
    return f"Models that took longest at {f['rows']:,} scores:\n\n" + table(("model", "seconds"), rows)


def steps(told: dict[str, Result]) -> str:
    rows = []
    for name, result in told.items():
        if name.startswith("steps_"):
            f = result["figures"]
            for side in ("history", "alone", "added", "added_full", "corrected", "corrected_full", "empty"):
                s = f[side]
                rows.append(
                    (f"{f['rows']:,}", side, s["exams"], s["kept"], s["seconds"], s["cpu_seconds"], s["peak_mib"])
                )
    return rows and "## One exam more, one school corrected\n\n" + (
        "`added` and `corrected` take what unchanged exams were made into from the build before "
        "([decision 6](decisions/0006-what-a-build-keeps.md)); `_full` is the same raw without that, and every "
        "value of both was the same.\n\n"
    ) + table(("history", "side", "exams", "kept", "seconds", "processor seconds", "peak MiB"), rows)  # fmt: skip


def peers(told: dict[str, Result]) -> str:
    rows = []
    for name, result in told.items():
        if name.startswith("peers_"):
            f = result["figures"]
            rows += [
                (f"{f['rows']:,}", engine, s["seconds"], s.get("load_seconds", ""), s["peak_mib"])
                for engine, s in f.items()
                if isinstance(s, dict) and "seconds" in s
            ]
    return rows and "## Other engines on the same aggregation\n\n" + (
        "Mean, standard deviation, five percentiles and two rates by school, exam, grade and subject; every value is "
        "the same to 1e-9. Of PostgreSQL the load is told apart, and the memory of its server is not counted.\n\n"
    ) + table(("score rows", "engine", "seconds", "load", "peak MiB"), rows)  # fmt: skip


def counties(told: dict[str, Result]) -> str:
    rows = []
    for name, result in told.items():
        if name.startswith("county_"):
            rows += [
                (result["figures"]["schools"], step, s["seconds"], s["cpu_seconds"], s["peak_mb"])
                for step, s in result["figures"].items()
                if isinstance(s, dict)
            ]
    return rows and "## A county from files to warehouse\n\n" + table(
        ("schools", "step", "seconds", "processor seconds", "peak MiB"), rows
    )


def province(told: dict[str, Result]) -> str:
    """The year of a province by kind of step: seconds of all houses together, the greatest memory and disk of one."""
    found = told.get("province")
    if not found:
        return ""
    f = found["figures"]
    rows = []
    for kind in ("synth", "ingest", "build", "editions", "federation"):
        steps = [s for name, s in f.items() if name == kind or name.endswith(f"_{kind}")]
        seconds, cpu = (sum(s[key] for s in steps) for key in ("seconds", "cpu_seconds"))
        share = "" if kind == "synth" else f"{100 * seconds / f['seconds']:.0f} %"
        peak = max(s["peak_mib"] for s in steps)
        rows.append((kind, len(steps), round(seconds), share, round(cpu), peak))
    houses = [s for s in f.values() if isinstance(s, dict) and "disk_mib" in s]
    disk = max(sum(h["disk_mib"].values()) for h in houses)
    scores = sum(s.get("scores", 0) for s in f.values() if isinstance(s, dict))
    counties = sum(h["counties"] for h in houses)
    return (
        "## A province's year, from inbox to signed editions\n\n"
        f"{f['schools']:,} schools of {counties} counties in {f['houses']} houses, {f['synth']['files']:,} files, "
        f"{scores:,} scores; {f['seconds'] / 60:.0f} minutes without making the files. The house that takes most "
        f"disk: {disk:,} MiB.\n\n"
    ) + table(("step", "times", "seconds", "share", "processor seconds", "peak MiB"), rows)


def flow(told: dict[str, Result]) -> str:
    text = ""
    if found := told.get("orchestration"):
        rows = [(k, s["seconds"], s["cpu_seconds"], s["peak_mb"]) for k, s in found["figures"]["cli"].items()]
        rows.append(("the year under Airflow", found["figures"]["airflow_seconds"], "", ""))
        text += f"## The year, {found['figures']['schools']} schools\n\n"
        text += table(("step", "seconds", "processor seconds", "peak MiB"), rows)
    if found := told.get("run"):
        rows = [(k, v) for k, v in found["figures"].items() if k.endswith("_seconds")]
        text += "\n## `make run`, 12 schools\n\n" + table(("", "seconds"), rows)
    return text


def made_on(told: dict[str, Result]) -> str:
    rows = []
    for name, r in told.items():
        m = r["machine"]
        rows.append((name, r["date"], f"{m['cores']} cores, {m['memory_gib']} GiB", _load(r), f"`{r['command']}`"))
    newest = max(told.values(), key=lambda r: r["date"])["machine"]["versions"]
    versions = ", ".join(f"{k} {v}" for k, v in newest.items())
    return (
        "## Where and when\n\n"
        + table(("result", "date", "machine", "load at start", "command"), rows)
        + f"\n{versions}.\n"
    )


def _load(result: Result) -> str:
    return str(result["machine"]["load_at_start"][0])


def draw(told: dict[str, Result]) -> str:
    """Seconds by score rows, of both sides and of the peers, as one SVG; the words that show it."""
    rows: list[dict[str, Any]] = []
    for name, result in told.items():
        f = result["figures"]
        if name.startswith("marts_"):
            rows += [
                {"rows": f["rows"], "seconds": f[side]["cpu_seconds"], "side": label, "what": "exam marts"}
                for side, label in (("house", "dbt"), ("hand", "hand-written"))
            ]
        if name.startswith("peers_"):
            rows += [
                {"rows": f["rows"], "seconds": s["seconds"], "side": engine, "what": "one aggregation"}
                for engine, s in f.items()
                if isinstance(s, dict) and "seconds" in s
            ]
    if not rows:
        return ""
    import altair as alt
    import pandas as pd

    scale = alt.Scale(type="log")
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("rows:Q", scale=scale, title="score rows"),
            y=alt.Y("seconds:Q", scale=scale, title="seconds (marts: of processor)"),
            color=alt.Color("side:N", title=None),
            column=alt.Column("what:N", title=None),
        )
        .properties(width=300, height=240)
    )
    chart.save(IMAGES / "benchmarks.svg")
    return "![Seconds by score rows](images/benchmarks.svg)\n"


def page(told: dict[str, Result]) -> str:
    if not told:
        return INTRO
    parts = (INTRO, "## Ratios\n\n" + ratios(told), draw(told), marts(told), slowest(told), steps(told), peers(told),
             counties(told), province(told), flow(told), made_on(told))  # fmt: skip
    return "\n".join(str(p).strip("\n") + "\n" for p in parts if p)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--only", help="names of benchmarks, joined by commas")
    parser.add_argument("--page-only", action="store_true", help="the page anew from results that are there")
    options = parser.parse_args()
    failed = 0
    for name in () if options.page_only else options.only.split(",") if options.only else SIZES[options.size]:
        sys.stderr.write(f"== {name}\n")
        try:
            run_case(CASES[name])
        except RuntimeError as e:
            sys.stderr.write(f"{e}\n")
            failed += 1
    write(PAGE)
    return min(failed, 1)


def write(path: Path) -> None:
    path.write_text(page(results()))


if __name__ == "__main__":
    sys.exit(main())
