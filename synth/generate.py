"""Writing synthetic counties into a folder."""

from __future__ import annotations

import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import pandas as pd

from synth import institutions
from synth.county import County, found
from synth.defects import Defect, defects_table, list_canaries, list_defects, list_flaws, plant_files
from synth.exam_files import Place, write_exam
from synth.exams import Exam
from synth.faults import ALL, LEVELS, NONE, Faults, plant
from synth.flaws import Bench, Flaw, Spot, plant_tables
from synth.flaws import plant_files as plant_flawed_files
from synth.history_files import past_of, write_events, write_history, write_succession
from synth.identifiers import county_code
from synth.money_files import write_finance
from synth.names import CANARY_PUPIL_NAME, CANARY_TEACHER_NAME
from synth.pupils_files import write_number_changes, write_pupils
from synth.registers import write_registers
from synth.report_files import write_lists, write_parameters, write_reports
from synth.sheets import held
from synth.sitting_files import write_gaokao, write_plan, write_registration, write_sittings
from synth.staff_files import write_honours, write_intake, write_links, write_roster, write_rotation, write_training
from synth.teaching_files import write_teaching
from synth.tell import tell

LAST_YEAR = 2024
MIN_SCHOOLS, MAX_A_COUNTY, USUAL_COUNTY = 4, 880, 300
MAX_COUNTIES, MAX_YEARS = 90, 12
EARLIEST_YEAR, LATEST_YEAR = 2020, 2030
MAX_SCHOOLS = MAX_COUNTIES * USUAL_COUNTY


@dataclass(frozen=True)
class Summary:
    """What was written. `schools` counts the compulsory ones. `canary_identifiers` and `canary_names` must never be
    seen outside the identity zone."""

    out: Path
    regions: list[str]
    school_years: list[str]
    schools: int
    pupils: int
    files: int
    defects: int
    canary_identifiers: list[str]
    canary_names: list[str]


@dataclass(frozen=True)
class _Task:
    """One county to write."""

    out: Path
    index: int
    schools: int
    years: list[int]
    seed: int
    defects: str


@dataclass(frozen=True)
class _Written:
    """What a county left behind beside its folder."""

    region: str
    truth: Path
    real: list[Defect]
    canaries: list[Defect]
    pupils: int


def generate(
    out: Path,
    *,
    counties: int = 1,
    schools: int = 12,
    years: int = 3,
    seed: int = 20240901,
    defects: str = "none",
    jobs: int = 1,
    last_year: int = LAST_YEAR,
) -> Summary:
    """Writes `counties` counties of `schools` schools over the last `years` school years up to the one that begins in
    `last_year` into `out`.

    `schools` counts the compulsory ones; the others come in proportion. More than MAX_A_COUNTY are a province: they
    are shared out over counties of about USUAL_COUNTY (or over `counties`, if that is more). Every county has its own
    folder (region code) with lists, registers, one folder a school year and one a fiscal year; `truth.csv` and
    `defects.csv` stand beside them. The same arguments give the same bytes, whatever the number of processes (`jobs`).
    `defects` is `none`, `mild` (a handful of faults in the first county) or `all` (those and the catalogue of
    `synth.flaws`), each listed in `defects.csv`.

    Raises ValueError, in one line, for arguments out of range or a folder that already holds something else.
    """
    _check(out, counties, schools, years, seed, defects, jobs, last_year)
    span = list(range(last_year - years + 1, last_year + 1))
    _clear(out)
    sizes = share_out(schools, counties)
    tasks = [_Task(out, i, n, span, seed, defects if i == 0 else NONE) for i, n in enumerate(sizes)]
    if jobs > 1 and len(tasks) > 1:
        with ProcessPoolExecutor(min(jobs, len(tasks))) as pool:
            written = list(pool.map(_write, tasks))
    else:
        written = [_write(task) for task in tasks]
    _join(out / "truth.csv", [w.truth for w in written])
    listed = [d for w in written for d in (*w.real, *w.canaries)]
    _write_csv(out / "defects.csv", defects_table(listed))
    return Summary(
        out=out,
        regions=[w.region for w in written],
        school_years=[f"{y}-{y + 1}" for y in span],
        schools=sum(sizes),
        pupils=sum(w.pupils for w in written),
        files=sum(1 for p in out.rglob("*") if p.is_file()),
        defects=sum(len(w.real) for w in written),
        canary_identifiers=sorted({d.entity_id for d in listed if d.check_id == "canary"}),
        canary_names=[CANARY_PUPIL_NAME, CANARY_TEACHER_NAME],
    )


def share_out(schools: int, counties: int) -> list[int]:
    """Schools of each county: `schools` in every one, or, where they are too many for one, in all of them together."""
    if schools <= MAX_A_COUNTY:
        return [schools] * counties
    n = max(counties, ceil(schools / USUAL_COUNTY))
    return [schools // n + (i < schools % n) for i in range(n)]


def _write(task: _Task) -> _Written:
    faulty = task.defects != NONE
    county = found(task.index, schools=task.schools, years=task.years, seed=task.seed, growing=faulty)
    faults = plant(county) if faulty else Faults()
    real, canaries = _write_county(task.out, county, faults, flawed=task.defects == ALL)
    # Counties of a province are told one by one: together they would not fit into memory.
    part = task.out / f".truth-{county.region_code}.csv"
    _write_csv(part, tell(county, faults))
    return _Written(county.region_code, part, real, canaries, len(county.pupils.persons))


def _join(path: Path, parts: list[Path]) -> None:
    """One table of the parts, which have the same header, and the parts gone."""
    with path.open("wb") as whole:
        for i, part in enumerate(parts):
            with part.open("rb") as f:
                header = f.readline()
                if not i:
                    whole.write(header)
                shutil.copyfileobj(f, whole)
            part.unlink()


def _check(
    out: Path, counties: int, schools: int, years: int, seed: int, defects: str, jobs: int, last_year: int
) -> None:
    if defects not in LEVELS:
        raise ValueError(f"defects must be one of {', '.join(LEVELS)}; got {defects!r}")
    for name, value, low, high in (
        ("counties", counties, 1, MAX_COUNTIES),
        ("schools", schools, MIN_SCHOOLS, MAX_SCHOOLS),
        ("years", years, 1, MAX_YEARS),
        ("seed", seed, 0, 2**63 - 1),
        ("jobs", jobs, 1, 64),
        ("last_year", last_year, EARLIEST_YEAR, LATEST_YEAR),
    ):
        if not low <= value <= high:
            raise ValueError(f"{name} must lie between {low} and {high}; got {value}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not (out / "truth.csv").is_file():
        raise ValueError(f"{out} exists and holds something else; name an empty folder")


def _clear(out: Path) -> None:
    """Makes the folder, and takes an earlier run's counties out of it, so that no file of theirs stays behind."""
    out.mkdir(parents=True, exist_ok=True)
    if (out / "truth.csv").is_file():
        for index in range(MAX_COUNTIES):
            shutil.rmtree(out / county_code(index), ignore_errors=True)


def _write_county(out: Path, county: County, faults: Faults, *, flawed: bool) -> tuple[list[Defect], list[Defect]]:
    home = out / county.region_code
    home.mkdir(parents=True, exist_ok=True)
    planted: list[tuple[Flaw, Spot]] = []
    last = county.years[-1]
    bench = Bench(home, county.region_code, f"{last}-{last + 1}", f"{last}年财政", {})
    if len(county.years) > 1:
        bench.earlier, bench.earlier_money = f"{last - 1}-{last}", f"{last - 1}年财政"
    if flawed:
        with held() as bench.waiting:
            places, totals = _write_tables(home, county, faults)
            planted += plant_tables(bench)
    else:
        places, totals = _write_tables(home, county, faults)
    extra = [p for y in county.years for p in plant_files(home / f"{y}-{y + 1}", y, county, faults)]
    if flawed:
        planted += plant_flawed_files(bench)
    real = list_defects(out, county, faults, places, totals, extra)
    write_registers(home, county, real)
    flaws = list_flaws(out, county.region_code, bench.year, planted)
    return [*real, *flaws], list_canaries(out, county, places)


def _write_tables(home: Path, county: County, faults: Faults) -> tuple[dict[int, Place], dict[tuple[int, str], int]]:
    """Every file of the county that is a table: the places of marked rows, the rows of the reports' total lines."""
    past = past_of(county)
    write_lists(home, county)
    write_history(home, county, past)
    write_succession(home, county, past)
    write_number_changes(home, county)
    write_honours(home, county)
    write_training(home, county)
    places: dict[int, Place] = {}
    totals: dict[tuple[int, str], int] = {}
    for year in county.years:
        folder, exam = home / f"{year}-{year + 1}", Exam(year)
        for stage, row in write_reports(folder, county, year, faults).items():
            totals[(year, stage)] = row
        write_roster(folder, county, year, faults)
        write_rotation(folder, county, year)
        write_links(folder, county, year)
        write_teaching(folder, county, year)
        write_intake(home / f"{year}年财政", county, year)
        write_pupils(folder, county, year)
        write_events(folder, county, year, past)
        write_parameters(folder, exam)
        write_plan(folder, exam)
        write_registration(folder, county, year)
        write_sittings(folder, county, year, faults)
        write_gaokao(home / f"{year}年财政", county, year)
        places |= write_exam(folder, county, exam, faults)
        write_finance(home / f"{year}年财政", county, year)
    institutions.write(county, home)
    return places, totals


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    path.write_bytes(frame.to_csv(index=False, lineterminator="\n").encode("utf-8"))
