"""Which schools there are, and which of them a submission speaks for: read from raw, for status alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.ledger import Ledger
from warehouse.settings import Settings

SCHOOL_LIST = "school_report"


@dataclass(frozen=True)
class School:
    """A school that is expected to send. `vanished`: it stood in the report of the year before and is in none now.

    `ended_on`, `began_on`: the day of a registered change within the year, or before it where no report of the year
    lists the school.
    """

    school_code: str
    school_name: str
    school_type_code: str
    stages: tuple[str, ...]
    vanished: bool = False
    ended_on: date | None = None
    began_on: date | None = None

    def is_there(self, on: date) -> bool:
        """Whether the school had begun and not ended by that day."""
        return not (self.ended_on and self.ended_on <= on) and not (self.began_on and self.began_on > on)


@dataclass(frozen=True)
class SchoolList:
    """Schools of a year; `listed`: codes in its own reports, `arrived`: the stages that have one."""

    schools: tuple[School, ...] = ()
    listed: frozenset[str] = frozenset()
    arrived: frozenset[str] = frozenset()


def read_schools(settings: Settings, ledger: Ledger, region: str, school_year: str) -> SchoolList:
    """Schools of the year's school report. Stages whose report has not arrived are carried from the year before;
    schools of the year before that are in no stage of a report that has arrived are `vanished`.
    """
    if not list((settings.raw / SCHOOL_LIST).glob("*.parquet")):
        return SchoolList()
    start = int(school_year[:4])
    years = (school_year, f"{start - 1}-{start}")
    current = [s["submission_id"] for s in ledger.current(region=region, sources=[SCHOOL_LIST]) if s["period"] in years]
    if not current:
        return SchoolList()
    files = str(settings.raw / SCHOOL_LIST / "*.parquet")
    query = f"""
        WITH section AS (
            SELECT DISTINCT period, school_code, school_name, coalesce(school_type_code, '') AS school_type_code, stage
            FROM read_parquet('{files}', hive_partitioning = false)
            WHERE region_code = $region AND _submission_id IN (SELECT unnest($ids::VARCHAR[]))
        ),
        arrived AS (SELECT DISTINCT stage FROM section WHERE period = $year),
        chosen AS (
            SELECT *, period <> $year AND stage IN (SELECT stage FROM arrived) AS gone FROM section
        )
        SELECT school_code,
               arg_max(school_name, period) AS school_name,
               arg_max(school_type_code, period) AS school_type_code,
               list_sort(list(DISTINCT stage) FILTER (NOT gone OR school_code NOT IN (
                   SELECT school_code FROM chosen WHERE NOT gone))) AS stages,
               bool_and(gone) AS vanished,
               list(DISTINCT stage) FILTER (period = $year) AS reported
        FROM chosen GROUP BY school_code ORDER BY school_code
    """
    with duckdb.connect() as con:
        rows = con.execute(query, {"region": region, "year": school_year, "ids": current}).fetchall()
    schools = tuple(School(code, name or "", kind, tuple(stages), gone) for code, name, kind, stages, gone, _ in rows)
    return SchoolList(
        schools,
        frozenset(row[0] for row in rows if row[-1]),
        frozenset(stage for row in rows for stage in row[-1] or ()),
    )


def read_coverage(settings: Settings, source: str, submissions: Sequence[str]) -> dict[str, dict[str, int]]:
    """submission id -> school code -> rows of the sheet that were accepted; empty for a table that has no school."""
    schema = settings.raw / source / "_schema.parquet"
    columns = pq.read_schema(schema).names if submissions and schema.exists() else []
    if "school_code" not in columns:
        return {}
    # An unpivoted table has several rows for a row of the sheet.
    counted = "count(DISTINCT (_sheet, _row))" if "_column" in columns else "count(*)"
    files = str(settings.raw / source / "**" / "*.parquet")
    covered: dict[str, dict[str, int]] = {}
    with duckdb.connect() as con:
        con.register("pin", pa.table({"id": pa.array(submissions, pa.string())}))
        found = con.execute(
            f"SELECT _submission_id, school_code, {counted} FROM read_parquet('{files}', hive_partitioning = false)"
            " WHERE _submission_id IN (SELECT id FROM pin) AND school_code IS NOT NULL GROUP BY ALL"
        ).fetchall()
    for submission, school, count in found:
        covered.setdefault(submission, {})[school] = count
    return covered


def rejected_schools(settings: Settings, submission: dict[str, Any]) -> dict[str, int]:
    """school code -> rejected rows of a submission, by the quarantined rows' own column; empty where nothing tells."""
    path = settings.quarantine / f"{submission['submission_id']}.parquet"
    column = json.loads(submission["column_map"]).get("school_code")
    if not column or not path.exists() or column not in pq.read_schema(path).names:
        return {}
    counts = pq.read_table(path, columns=[column]).column(column).value_counts().to_pylist()
    return {c["values"]: c["counts"] for c in counts if c["values"]}
