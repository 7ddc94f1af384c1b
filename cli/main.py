"""The `schoolhouse` command. One thin function a command; the DAGs call the same functions of the house."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import answers, builds, early_warning, editions, office, plans, serve, what_if
from cli.faults import of_the_machine
from cli.output import err, out, print_error, print_json, print_table
from cli.status import status
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Schoolhouse: from the schools' files to a signed annual edition.",
)
Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
Region = Annotated[str | None, typer.Option("--region", help="region code; optional while there is only one")]
Year = Annotated[str, typer.Option("--year", help="school year, such as 2024-2025")]


def run() -> None:
    """Entry point: a SchoolhouseError, or a fault of the machine, becomes one line and exit code 1."""
    try:
        app()
    except Exception as e:
        said = e if isinstance(e, SchoolhouseError) else of_the_machine(e)
        if said is None:
            raise
        print_error(said, Settings.load().language, "--json" in sys.argv)
        sys.exit(1)


def _say(line: str) -> None:
    err.print(line, markup=False)


def _count(done: int, total: int, path: str) -> None:
    err.print(f"  {done}/{total} {path}", markup=False)


@app.command()
def synth(
    out_dir: Annotated[Path, typer.Option("--out", help="folder to write to")],
    counties: int = 1,
    schools: int = 12,
    years: int = 3,
    seed: int = 20240901,
    defects: Annotated[str, typer.Option(help="none, mild or all")] = "none",
    jobs: Annotated[int, typer.Option(help="processes that write counties")] = 1,
    last_year: Annotated[int, typer.Option(help="year in which the last school year begins")] = 2024,
    as_json: Json = False,
) -> None:
    """Write the files of synthetic counties, with truth.csv and defects.csv."""
    from dataclasses import asdict

    from synth import generate

    try:
        summary = generate(
            out_dir,
            counties=counties,
            schools=schools,
            years=years,
            seed=seed,
            defects=defects,
            jobs=jobs,
            last_year=last_year,
        )
    except ValueError as e:
        raise SchoolhouseError(str(e), f"参数不可用:{e}") from e
    if as_json:
        print_json(asdict(summary))
    else:
        out.print(f"{out_dir}", markup=False)
        for key, value in asdict(summary).items():
            if isinstance(value, int | str):
                out.print(f"  {key}: {value}", markup=False)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="files or folders")],
    region: Region = None,
    period: Annotated[str | None, typer.Option(help="school or fiscal year of files that do not say it")] = None,
    as_json: Json = False,
) -> None:
    """Land, read, check and load files or folders; a result for each file."""
    from ingest import run as run_ingest

    settings = Settings.load().prepare()
    if missing := [p for p in paths if not p.exists()]:
        raise SchoolhouseError("no such file or folder", "没有这个文件或文件夹", where=str(missing[0]))
    result = run_ingest(settings, paths, region=region, period=period, progress=None if as_json else _count)
    if as_json:
        print_json(result.to_dict())
        return
    files = [f.to_dict() for f in result.files]
    counts: dict[str, int] = {}
    for f in files:
        counts[f["status"]] = counts.get(f["status"], 0) + 1
        if f["status"] in ("rejected", "partial", "waiting", "duplicate"):
            out.print(f"{f['status']:<9} {f['path']}: {f[f'message_{settings.language}']}", markup=False)
    out.print(", ".join(f"{k}: {v}" for k, v in sorted(counts.items())) or "no files")


app.command()(status)
office.register(app)
answers.register(app)
what_if.register(app)
plans.register(app)
early_warning.register(app)
editions.register(app)
serve.register(app)
builds.register(app)


@app.command()
def build(
    target: Annotated[str, typer.Option(help="duckdb, postgres or spark; else SCHOOLHOUSE_TARGET")] = "",
    inputs: Annotated[Path | None, typer.Option("--inputs", help="pin.json of an earlier build")] = None,
    full_refresh: bool = False,
    as_json: Json = False,
) -> None:
    """Build the warehouse into a new candidate."""
    from warehouse.build import build as run_build

    settings = Settings.load()
    progress = None if as_json else _say
    result = run_build(
        settings, target=target or settings.target, pin=inputs, full_refresh=full_refresh, progress=progress
    )
    if as_json:
        print_json(result.to_dict())
    else:
        kept = "unchanged inputs and code, reused" if result.reused else result.status
        out.print(f"build {result.build_id}: {kept}; {result.models} models and seeds, {result.tests} tests")
        for test in result.tests_failed:
            out.print(f"  test does not hold: {test}", markup=False)
    if result.status != "ok":
        raise typer.Exit(1)


@app.command()
def gate(
    year: Year,
    region: Region = None,
    build_id: str | None = None,
    html: Annotated[Path | None, typer.Option(help="write the report for the office, by school")] = None,
    as_json: Json = False,
) -> None:
    """Run the quality gate on a candidate: the verdict and the open findings."""
    from expectations import run_gate
    from warehouse.registers import load_registers

    settings = Settings.load().prepare()
    load_registers(settings)
    result = run_gate(settings, the_region(settings, region), year, build_id)
    if html:
        from expectations.pages import gate_page
        from warehouse.files import atomic_write

        atomic_write(html, gate_page(settings, result))
    if as_json:
        print_json(result.to_dict())
    else:
        show_gate(result)
    if not result.passed:
        raise typer.Exit(1)


@app.command("gate-history")
def gate_history(
    html: Annotated[Path, typer.Option(help="file to write")],
    region: Region = None,
) -> None:
    """Write the page of all gates, sign-offs and editions of a region."""
    from expectations.pages import history_page
    from warehouse.files import atomic_write

    settings = Settings.load().prepare()
    atomic_write(html, history_page(settings, the_region(settings, region)))
    out.print(f"written: {html}", markup=False)


def show_gate(result: Any) -> None:
    """Print a gate's verdict with its findings, open ones first."""
    out.print(f"gate {result.gate_id} on build {result.build_id}: {result.verdict}", markup=False)
    findings = sorted(
        result.to_dict()["findings"],
        key=lambda f: (bool(f["explanation_id"]), ("critical", "warning", "info").index(f["severity"]), f["check_id"]),
    )
    for f in findings:
        closed = "overridden" if f["severity"] == "critical" else "explained"
        state = closed if f["explanation_id"] else ("noted" if f["severity"] == "info" else "OPEN")
        out.print(
            f"  {state:<10} {f['severity']:<8} {f['check_id']} [{f['entity_type']} {f['entity_id']}] ",
            end="",
            markup=False,
        )
        out.print(f["message_zh"], markup=False)


@app.command("explain-finding")
def explain_finding(
    check: str,
    entity: str,
    text: str,
    signer: str,
    year: Year,
    reason: Annotated[str, typer.Option(help="reason code")] = "other",
    entity_type: str = "school",
    observed: Annotated[str | None, typer.Option(help="the value explained; default: what the last gate found")] = None,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Add an explanation to the register; it closes this finding, as long as it has this value, for this edition."""
    from warehouse.registers import explain_finding as add
    from warehouse.registers import observed_last

    settings = Settings.load().prepare()
    code = the_region(settings, region)
    value = observed_last(settings, code, year, (check, entity_type, entity)) if observed is None else observed
    explanation_id = add(
        settings,
        region_code=code,
        school_year=year,
        check_id=check,
        entity_type=entity_type,
        entity_id=entity,
        observed=value,
        reason_code=reason,
        text_zh=text,
        signer=signer,
    )
    print_json({"explanation_id": explanation_id}) if as_json else out.print(f"explanation {explanation_id}")


@app.command()
def approve(
    year: Year,
    role: Annotated[str, typer.Option(help="statistics_officer or bureau_leader")],
    approver: Annotated[str, typer.Option(help="name of the person who signs")],
    reject: bool = False,
    comment: str = "",
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Sign, or refuse, a year's edition. Two roles, two different people."""
    from warehouse.registers import approve as add

    settings = Settings.load().prepare()
    approval_id = add(
        settings,
        region_code=the_region(settings, region),
        school_year=year,
        role=role,
        approver=approver,
        decision="reject" if reject else "approve",
        comment=comment,
        mode="cli",
    )
    print_json({"approval_id": approval_id}) if as_json else out.print(f"approval {approval_id}")


@app.command()
def publish(year: Year, region: Region = None, as_json: Json = False) -> None:
    """Write the next version of the year's edition, from the build that the gate has passed."""
    from publication import publish as run_publish

    settings = Settings.load().prepare()
    result = run_publish(settings, the_region(settings, region), year)
    if as_json:
        print_json(result.to_dict())
        return
    changed = "" if result.changed else " (unchanged: nothing was written)"
    out.print(f"edition  {result.path}{changed}", markup=False)
    out.print(f"verdict  {result.verdict}")
    out.print(f"report   {result.report}", markup=False)
    for notice in result.notices:
        out.print(f"notice   {notice[settings.language]}", markup=False)


@app.command()
def verify(
    edition: Path,
    allowed_signers: Annotated[Path | None, typer.Option(help="OpenSSH allowed_signers file")] = None,
    as_json: Json = False,
) -> None:
    """Check every byte of an edition and its signature; say whether the signer is trusted."""
    from publication import verify as run_verify

    result = run_verify(edition, allowed_signers)
    if as_json:
        print_json(result.to_dict())
    else:
        for line in result.lines(Settings.load().language):
            out.print(line, markup=False)
    if not result.ok:
        raise typer.Exit(1)


@app.command()
def query(
    sql: str,
    zone: str = "internal",
    output: Annotated[str, typer.Option("--format", help="table, csv or json")] = "table",
    as_json: Json = False,
) -> None:
    """Read-only SQL on a serving copy."""
    from warehouse.query import run_query

    rows = run_query(Settings.load(), sql, zone)
    if as_json or output == "json":
        print_json(rows.to_pylist())
    elif output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows.column_names)
        writer.writerows(zip(*(c.to_pylist() for c in rows.columns), strict=True) if rows.num_columns else [])
    elif output == "table":
        print_table(rows.to_pylist(), {c: c for c in rows.column_names})
    else:
        raise SchoolhouseError(
            f"unknown format {output!r}",
            f"不支持的格式 {output!r}",
            fix_en="use table, csv or json",
            fix_zh="可用:table、csv、json",
        )


@app.command("run")
def run_command(
    keep_up: Annotated[bool, typer.Option(help="leave Airflow running afterwards")] = False, as_json: Json = False
) -> None:
    """The whole year under Airflow: ingest, build, gate, sign-offs, edition."""
    from cli.year_run import run_year

    result = run_year(Settings.load().prepare(), progress=_say, keep_up=keep_up)
    if as_json:
        print_json(result.to_dict())


@app.command()
def up() -> None:
    """Leave the Airflow UI running."""
    from cli.year_run import up as run_up

    run_up(Settings.load().prepare())


def the_region(settings: Settings, region: str | None) -> str:
    """The region asked for, or the only one that has sent anything."""
    if region:
        return region
    from warehouse.ledger import Ledger

    known = sorted({s["region_code"] for s in Ledger.open(settings).current() if s["region_code"]})
    if len(known) == 1:
        return known[0]
    listed = ", ".join(known) or "none"
    raise SchoolhouseError(
        f"which region? this house has: {listed}",
        f"请指明行政区划代码,本库现有:{listed}",
        fix_en="add --region CODE",
        fix_zh="加上 --region 代码",
    )
