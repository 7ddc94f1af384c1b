"""Reference data that has arrived: regions, schools, exam parameters, read from the raw rows that count now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest import landing, schema
from warehouse.ledger import Ledger
from warehouse.settings import Settings


@dataclass(frozen=True)
class Reference:
    """`regions`: code -> level; `counties_in`: folder -> county codes of the region lists in it; `schools`:
    school -> regions
    (tables for joins: `school_table` region_code, school_code; `parameter_table` with full marks)."""

    regions: dict[str, str]
    counties_in: dict[Path, set[str]]
    schools: dict[str, set[str]]
    school_table: pa.Table
    parameter_table: pa.Table

    @property
    def counties(self) -> set[str]:
        return {code for code, level in self.regions.items() if level == "county"}

    def has_schools(self, region: str) -> bool:
        return any(region in regions for regions in self.schools.values())


def load(settings: Settings, ledger: Ledger, given: list[landing.Arrival]) -> Reference:
    """What has been accepted so far. `given`: files of this run, for region lists that lie beside them as
    duplicates.
    """
    current = ledger.current(sources=("regions", "school_report", "exam_parameters"))
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
