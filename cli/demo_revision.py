"""`schoolhouse demo-revision`: how a correction is published, on a synthetic county in a home of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import err, out, print_json
from warehouse.errors import SchoolhouseError
from warehouse.files import remove_tree
from warehouse.settings import Settings

if TYPE_CHECKING:
    from publication import EditionResult
    from publication.difference import Difference

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
# A home that this command made, and may make anew, has this file.
_MARK = ".demo-revision"
# What the county corrects: the equipment of the first school in its newest primary report, in 万元.
_REPORT, _COLUMN, _TOTAL, _MORE = "小学基表.xlsx", "教学仪器设备资产值(万元)", "合计", 10


def register(app: typer.Typer) -> None:
    """Add the command to the house's."""
    app.command("demo-revision")(demo_revision)


def demo_revision(
    folder: Annotated[
        Path | None, typer.Option("--home", help="home to make; default: demo-revision in the home")
    ] = None,
    replay: Annotated[bool, typer.Option("--replay", help="prove each cause by computing again")] = False,
    schools: int = 12,
    years: int = 3,
    as_json: Json = False,
) -> None:
    """Publish v1.0.0 of a synthetic county, receive a corrected file, publish v1.1.0 and print what changed."""
    home = folder or Settings.load().home / "demo-revision"
    first, second, told = run(home, schools=schools, years=years, replay=replay, say=None if as_json else _say)
    if as_json:
        editions = [first.to_dict(), second.to_dict()]
        print_json({"editions": editions, "difference": {**told.to_dict(), "by_cause": told.by_cause()}})
        return
    out.print(f"edition  {first.path}\nedition  {second.path}\nreport   {second.report}", markup=False)
    for line in told.lines(Settings.load().language):
        out.print(line, markup=False)


def run(
    home: Path,
    *,
    schools: int = 12,
    years: int = 3,
    replay: bool = False,
    say: Callable[[str], None] | None = None,
) -> tuple[EditionResult, EditionResult, Difference]:
    """Both editions and their difference. `home` is made anew; one that another command made is left alone."""
    import ingest
    from publication import difference
    from synth import generate

    told = say or (lambda _: None)
    if home.exists() and not (home / _MARK).exists() and any(home.iterdir()):
        raise SchoolhouseError(
            "this folder holds something else",
            "该目录已有其他内容",
            where=str(home),
            fix_en="Name an empty folder with --home.",
            fix_zh="请用 --home 指定一个空目录。",
        )
    remove_tree(home)
    inbox = home / "inbox"
    inbox.mkdir(parents=True)
    (home / _MARK).touch()
    settings = Settings.load({"SCHOOLHOUSE_HOME": str(home), "SCHOOLHOUSE_REGISTERS": str(inbox)}).prepare()
    told("a synthetic county")
    generate(inbox, schools=schools, years=years)
    report = max(inbox.glob(f"*/*/{_REPORT}"), key=lambda p: p.parent.name)
    region, year = report.parent.parent.name, report.parent.name
    ingest.run(settings, [inbox])
    first = _publish(settings, region, year, told)
    told(f"a corrected file: {report.name} of {year}")
    correct(report)
    ingest.run(settings, [report], region=region)
    second = _publish(settings, region, year, told)
    if not replay:
        return first, second, difference(first.path, second.path)
    from publication.replay import plan
    from publication.replay import replay as run_replay

    made = plan(settings, first.path, second.path)
    for line in made.lines("en"):
        told(line)
    return first, second, run_replay(settings, made)


def correct(report: Path, more: float = _MORE) -> None:
    """The report as the county sends it again: one school's equipment, and with it the total, is worth more."""
    import openpyxl

    book = openpyxl.load_workbook(report)
    sheet = book.worksheets[0]
    [head] = [c for row in sheet.iter_rows(max_row=6) for c in row if c.value == _COLUMN]
    schools = [r for r in range(head.row + 1, sheet.max_row + 1) if str(sheet.cell(r, 1).value or "").isdigit()]
    totals = [r for r in range(schools[-1] + 1, sheet.max_row + 1) if sheet.cell(r, 1).value == _TOTAL]
    for row in (schools[0], *totals):
        cell = sheet.cell(row, head.column)
        cell.value = round(float(cell.value) + more, 2)
    book.save(report)


def _publish(settings: Settings, region: str, year: str, told: Callable[[str], None]) -> EditionResult:
    from expectations import run_gate
    from publication import publish
    from warehouse.build import build
    from warehouse.registers import load_registers

    made = build(settings)
    told(f"build {made.build_id}: {made.status}")
    load_registers(settings)
    gate = run_gate(settings, region, year, made.build_id)
    told(f"gate {gate.verdict}")
    edition = publish(settings, region, year)
    told(f"edition {edition.version}")
    return edition


def _say(line: str) -> None:
    err.print(f"  {line}", markup=False)
