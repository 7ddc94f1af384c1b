"""Reference data that has arrived: regions, schools, exam parameters, read from the raw rows that count now."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest import landing, schema
from warehouse.ledger import Ledger
from warehouse.settings import Settings

Pairs = set[tuple[str, str]]


@dataclass(frozen=True)
class Exam:
    """An exam of a region's parameters; `covered`: its (grade, subject)."""

    name: str
    period: str
    covered: Pairs


@dataclass(frozen=True)
class Reference:
    """`regions`: code -> level; `counties_in`: folder -> county codes of the region lists in it; `schools`:
    school -> regions
    (tables for joins: `school_table` region_code, school_code; `name_table` region_code, school_name (squeezed),
    school_code of the names that one school alone has; `parameter_table` with full marks).
    `registered`: exams for which candidates have been registered.
    """

    regions: dict[str, str]
    counties_in: dict[Path, set[str]]
    schools: dict[str, set[str]]
    school_table: pa.Table
    parameter_table: pa.Table
    name_table: pa.Table
    registered: frozenset[str]
    _exams: dict[str, dict[str, Exam]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def counties(self) -> set[str]:
        return {code for code, level in self.regions.items() if level == "county"}

    def has_schools(self, region: str) -> bool:
        return any(region in regions for regions in self.schools.values())

    def exams(self, region: str) -> dict[str, Exam]:
        """exam_id -> exam of a region; made once, asked for by every score sheet."""
        if region not in self._exams:
            exams: dict[str, Exam] = {}
            for p in self.parameter_table.to_pylist():
                if p["region_code"] == region:
                    entry = exams.setdefault(p["exam_id"], Exam(p["exam_name"], p["period"], set()))
                    entry.covered.add((str(p["grade"]), p["subject"]))
            self._exams[region] = exams
        return self._exams[region]


def load(settings: Settings, ledger: Ledger, given: list[landing.Arrival]) -> Reference:
    """What has been accepted so far. `given`: files of this run, for region lists that lie beside them as
    duplicates.
    """
    current = ledger.current(sources=("regions", "school_report", "exam_parameters", "exam_registration"))
    with duckdb.connect() as con:
        con.register("pin", pa.table({"id": pa.array([s["submission_id"] for s in current], pa.string())}))

        def rows(source: str, columns: str) -> pa.Table:
            files = schema.glob(settings, source)
            return con.sql(
                f"SELECT DISTINCT {columns} FROM read_parquet('{files}', hive_partitioning = false) "
                "WHERE _submission_id IN (SELECT id FROM pin) ORDER BY ALL"
            ).to_arrow_table()

        regions = rows("regions", "region_code, region_level, _submission_id").to_pylist()
        schools = rows("school_report", "region_code, school_code")
        con.register("named", rows("school_report", "region_code, school_name, school_code"))
        names = con.sql(
            "SELECT region_code, lower(regexp_replace(school_name, '\\s', '', 'g')) AS school_name, "
            "min(school_code) AS school_code FROM named GROUP BY 1, 2 HAVING count(DISTINCT school_code) = 1 "
            "ORDER BY ALL"
        ).to_arrow_table()
        registered = rows("exam_registration", "exam_id").column("exam_id").to_pylist()
        parameters = rows("exam_parameters", "region_code, period, exam_id, exam_name, grade, subject, full_mark")
    by_school: dict[str, set[str]] = {}
    for r in schools.to_pylist():
        by_school.setdefault(r["school_code"], set()).add(r["region_code"])
    return Reference(
        regions={r["region_code"]: r["region_level"] for r in regions},
        counties_in=_folders(settings, current, regions, given),
        schools=by_school,
        school_table=schools,
        parameter_table=parameters,
        name_table=names,
        registered=frozenset(registered),
    )


def _folders(
    settings: Settings, current: list[dict], regions: list[dict], given: list[landing.Arrival]
) -> dict[Path, set[str]]:
    counties: dict[str, set[str]] = {}
    for r in regions:
        if r["region_level"] == "county":
            counties.setdefault(r["_submission_id"], set()).add(r["region_code"])
    folders: dict[Path, set[str]] = {}
    lists = {s["file_sha256"]: counties.get(s["submission_id"], set()) for s in current if s["source"] == "regions"}
    places = [(sha, a.absolute) for sha in lists for a in landing.recall(settings, sha)]
    places += [(a.sha256, a.absolute) for a in given if a.sha256 in lists]
    for sha, path in places:
        folders.setdefault(Path(path).parent, set()).update(lists[sha])
    return folders
