"""The same aggregation of exam scores by DuckDB, pandas, polars, Spark and PostgreSQL, each checked to be equal.

    python -m benchmarks.peers --rows 1000000 [--engines duckdb,polars] [--json] [--folder DIR]

By school, exam, grade and subject: pupils with a score, mean, population standard deviation, five percentiles (linear
between scores), pass and excellent rate. Everyone reads the raw Parquet of a synthetic house and writes Parquet; what
PostgreSQL needs to load the rows is told apart. Each engine has a process of its own and its clock starts after its
imports (and, for Spark, its session). Polars is no part of the house: it is brought for the run by `uv run --with`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEYS = ["school_code", "exam_id", "grade", "subject"]
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
NAMES = ("p10", "p25", "p50", "p75", "p90")
COLUMNS = [*KEYS, "n", "mean", "sd", *NAMES, "pass_rate", "excellent_rate"]
# As benchmarks/marts_data.py sets the cuts: three subjects are of 120 marks.
LONG = ("语文", "数学", "英语")
PASS, EXCELLENT = (72.0, 60.0), (102.0, 85.0)
POLARS = "polars==2.1.0"
TOLERANCE = 1e-9
_CUT = "case when subject in ('语文', '数学', '英语') then {0} else {1} end"
_RATES = ", ".join(
    f"avg(case when s >= {_CUT.format(*cut)} then 1e0 else 0e0 end) as {name}"
    for name, cut in (("pass_rate", PASS), ("excellent_rate", EXCELLENT))
)


def files(raw: Path) -> str:
    return f"{raw}/exam_scores/*/*/*.parquet"


def duckdb_side(raw: Path, out: Path) -> Callable[[], None]:
    import duckdb

    percentiles = ", ".join(f"p[{i + 1}] as {n}" for i, n in enumerate(NAMES))
    query = f"""
        select {", ".join(KEYS)}, n, mean, sd, {percentiles}, pass_rate, excellent_rate from (
            select {", ".join(KEYS)}, count(*) as n, avg(s) as mean, stddev_pop(s) as sd,
                   quantile_cont(s, {list(SHARES)}) as p, {_RATES}
            from (
                select {", ".join(KEYS)}, cast(score as double) as s
                from read_parquet('{files(raw)}', hive_partitioning = false) where score_status = 'scored'
            ) group by {", ".join(KEYS)}
        )"""

    def work() -> None:
        with duckdb.connect(config={"threads": 2}) as con:
            con.execute(f"copy ({query}) to '{out}' (format parquet)")

    return work


def pandas_side(raw: Path, out: Path) -> Callable[[], None]:
    import pandas as pd
    import pyarrow.dataset as ds

    def work() -> None:
        read = ds.dataset(str(raw / "exam_scores"), format="parquet", partitioning=None)
        table = read.to_table([*KEYS, "score"], filter=ds.field("score_status") == "scored")
        table = table.set_column(table.column_names.index("score"), "score", table["score"].cast("float64"))
        for name in ("school_code", "exam_id", "subject"):
            table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
        frame = table.to_pandas()
        long = frame["subject"].isin(LONG)
        for name, cut in (("pass_rate", PASS), ("excellent_rate", EXCELLENT)):
            frame[name] = frame["score"] >= long.map({True: cut[0], False: cut[1]})
        groups = frame.groupby(KEYS, observed=True, sort=False)
        score = groups["score"]
        told = pd.concat([score.count(), score.mean(), score.std(ddof=0)], axis=1, keys=["n", "mean", "sd"])
        parts = score.quantile(list(SHARES)).unstack()
        parts.columns = list(NAMES)
        told = told.join(parts).join(groups[["pass_rate", "excellent_rate"]].mean()).reset_index()
        told.to_parquet(out, index=False)

    return work


def polars_side(raw: Path, out: Path) -> Callable[[], None]:
    import polars as pl

    def work() -> None:
        score = pl.col("score").cast(pl.Float64)

        def over(cut: tuple[float, float]) -> pl.Expr:
            limit = pl.when(pl.col("subject").is_in(list(LONG))).then(cut[0]).otherwise(cut[1])
            return (score >= limit).mean()

        (
            pl.scan_parquet(files(raw), hive_partitioning=False)
            .filter(pl.col("score_status") == "scored")
            .group_by(KEYS)
            .agg(
                pl.len().alias("n"),
                score.mean().alias("mean"),
                score.std(ddof=0).alias("sd"),
                *(score.quantile(q, "linear").alias(n) for q, n in zip(SHARES, NAMES, strict=True)),
                over(PASS).alias("pass_rate"),
                over(EXCELLENT).alias("excellent_rate"),
            )
            .collect(engine="streaming")
            .write_parquet(out)
        )

    return work


def spark_side(raw: Path, out: Path) -> Callable[[], None]:
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "6g")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    percentiles = ", ".join(f"p[{i}] as {n}" for i, n in enumerate(NAMES))

    def work() -> None:
        spark.read.option("recursiveFileLookup", "true").parquet(str(raw / "exam_scores")).createOrReplaceTempView("t")
        made = spark.sql(
            f"""select {", ".join(KEYS)}, n, mean, sd, {percentiles}, pass_rate, excellent_rate from (
                select {", ".join(KEYS)}, count(*) as n, avg(s) as mean, stddev_pop(s) as sd,
                       percentile(s, array({", ".join(map(str, SHARES))})) as p, {_RATES}
                from (select *, cast(score as double) as s from t where score_status = 'scored')
                group by {", ".join(KEYS)})"""
        )
        made.write.mode("overwrite").parquet(str(out))

    return work


def postgres_side(raw: Path, out: Path) -> Callable[[], dict[str, Any]]:
    """A plain table without an index, on a server of its own; the rows come from DuckDB by COPY."""
    import duckdb

    from warehouse.postgres import own_server
    from warehouse.settings import Settings

    settings = Settings.load({"SCHOOLHOUSE_HOME": str(out.parent / "postgres_home")}).prepare()
    stack = contextlib.ExitStack()
    server = stack.enter_context(own_server(settings))
    percentiles = ", ".join(
        f"percentile_cont({q}) within group (order by s) as {n}" for q, n in zip(SHARES, NAMES, strict=True)
    )
    lines, result = out.with_suffix(".csv"), out.with_name("postgres_result.csv")

    def work() -> dict[str, Any]:
        started = time.monotonic()
        with duckdb.connect(config={"threads": 2}) as con:
            con.execute(
                f"copy (select {', '.join(KEYS)}, score from read_parquet('{files(raw)}', hive_partitioning = false) "
                f"where score_status = 'scored') to '{lines}' (format csv, header false)"
            )
        connection = server.connect()
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "create unlogged table t "
                "(school_code text, exam_id text, grade integer, subject text, s double precision)"
            )
            with lines.open() as rows:
                cursor.copy_expert("copy t from stdin (format csv)", rows)
            cursor.execute("analyze t")
        loaded = time.monotonic()
        with connection, connection.cursor() as cursor, result.open("w") as told:
            cursor.execute("set work_mem = '1GB'")
            cursor.copy_expert(
                f"copy (select {', '.join(KEYS)}, count(*) as n, avg(s) as mean, stddev_pop(s) as sd, "
                f"{percentiles}, {_RATES} from t group by {', '.join(KEYS)}) to stdout (format csv, header)",
                told,
            )
        ended = time.monotonic()
        connection.close()
        stack.close()
        with duckdb.connect() as con:
            con.execute(
                f"copy (select * from read_csv('{result}', "
                f"types = {{'school_code': 'varchar', 'exam_id': 'varchar'}})) to '{out}' (format parquet)"
            )
        return {"load_seconds": round(loaded - started, 2), "seconds": round(ended - loaded, 2)}

    return work


ENGINES: dict[str, Callable[[Path, Path], Callable[[], Any]]] = {
    "duckdb": duckdb_side,
    "polars": polars_side,
    "pandas": pandas_side,
    "spark": spark_side,
    "postgres": postgres_side,
}


def peak_mib() -> int:
    """Most resident memory of this process or of one that it has started and that still runs."""
    peaks = [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            if int(told.get("PPid", 0)) == os.getpid() and "VmHWM" in told:
                peaks.append(int(told["VmHWM"].split()[0]))
    return max(peaks) // 1024


def run_engine(name: str, raw: Path, out: Path) -> dict[str, Any]:
    """One engine in its own process: seconds, and peak memory of the process or the largest one it started."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.peers", "--side", name, str(raw), str(out)]
    if name == "polars":
        # Isolated: the house's own packages do not change.
        command = ["uv", "run", "--no-project", "--quiet", "--with", POLARS, "python", *command[1:]]
    ran = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        return {"failed": ran.returncode}
    return json.loads(ran.stdout.splitlines()[-1])


def same(left: Path, right: Path) -> tuple[int, int]:
    """(groups of the left, those of them that the right has with the same values to 1e-9)."""
    import duckdb

    def read(path: Path) -> str:
        return f"(select {', '.join(COLUMNS)} from read_parquet('{path}{'/*.parquet' if path.is_dir() else ''}'))"

    near = " and ".join(f"abs(l.{c} - r.{c}) <= {TOLERANCE} * greatest(1, abs(l.{c}))" for c in COLUMNS[4:])
    with duckdb.connect() as con:
        groups, equal = con.execute(
            f"select count(*), count(*) filter (where {near}) from {read(left)} as l left join {read(right)} as r "
            f"using ({', '.join(KEYS)})"
        ).fetchall()[0]
    return groups, equal


def measure(rows: int, engines: list[str], folder: Path) -> dict[str, Any]:
    from benchmarks.marts_data import Shape, make

    shape, home = Shape.of(rows), folder / "home"
    if not (home / "raw").exists():
        make(home, shape)
    told: dict[str, Any] = {"rows": shape.rows}
    for name in ["duckdb", *(e for e in engines if e != "duckdb")]:
        out = folder / f"peer_{name}.parquet"
        told[name] = result = run_engine(name, home / "raw", out)
        if "failed" in result:
            sys.stderr.write(f"{name} failed with {result['failed']}\n")
            continue
        groups, equal = same(folder / "peer_duckdb.parquet", out)
        if groups != equal or not groups:
            raise RuntimeError(f"{name}: {equal} of {groups} groups are the same")
        told["groups"] = groups
        if name != "duckdb":
            told[f"{name}_over_duckdb_ratio"] = round(result["seconds"] / max(told["duckdb"]["seconds"], 0.01), 2)
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--folder", type=Path, help="a folder with a home of `benchmarks.marts`, or for a new one")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        name, raw, out = options.side
        work = ENGINES[name](Path(raw), Path(out))
        started = time.monotonic()
        told = work() or {"seconds": round(time.monotonic() - started, 2)}
        sys.stdout.write(json.dumps({**told, "peak_mib": peak_mib()}) + "\n")
        return 0
    with tempfile.TemporaryDirectory() as aside:
        told = measure(options.rows, options.engines.split(","), (options.folder or Path(aside)).resolve())
    sys.stdout.write(
        json.dumps(told, indent=1) + "\n" if options.json else "".join(f"{k:<28} {v}\n" for k, v in told.items())
    )
    return int(any(isinstance(v, dict) and "failed" in v for v in told.values()))


if __name__ == "__main__":
    sys.exit(main())
