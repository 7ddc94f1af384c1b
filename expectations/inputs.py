"""Frames that a check's query may name beside the build's own tables: what SQL alone cannot say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import sqlalchemy as sa
import yaml

from expectations.assessment import recompute_assessment
from expectations.candidate import PUBLISHED_PREFIX, Candidate
from expectations.catalogue import ROOM
from expectations.raw_suites import raw_expectations
from expectations.recomputation import recompute_dispersion, recompute_exams
from warehouse import ledger as l
from warehouse.corrections import is_expired
from warehouse.errors import SchoolhouseError
from warehouse.expected import edition_periods, read_expectations

# Has the region sent its budget of the fiscal year; does a plan of its own bind it in the edition's span?
_HAS_BUDGET = (
    "(select least(count(*), 1) from stg_ledger__submission where region_code = $region and source = 'budget_lines'"
    " and period = $fiscal_year and status in ('accepted', 'partial'))"
)
_HAS_PLAN = (
    "(select least(count(*), 1) from dim_plan_binding where region_code = $region and bound_by = 'region'"
    " and valid_from <= cast($as_of_date as date) and valid_to >= cast($statistics_date as date))"
)
OPEN_STATUSES = ("rejected", "waiting")
_YEAR_IN_PATH = re.compile(r"(?<!\d)20\d\d-20\d\d(?!\d)")


def required_sources(candidate: Candidate) -> pd.DataFrame:
    """source, clock, minimum, period (of the edition, on that clock): what the region must send."""
    periods = edition_periods(candidate.region, candidate.school_year)
    periods |= {"fiscal_year": candidate.bounds["fiscal_year"]}
    rules = read_expectations(candidate.region, ROOM / "required_sources.yaml")
    rows = [{"source": r.source, "clock": r.clock, "minimum": r.minimum, "period": periods[r.clock]} for r in rules
            if r.required]  # fmt: skip
    return pd.DataFrame(rows, columns=["source", "clock", "minimum", "period"])


def open_receipt_rows(ledger: l.Ledger, region: str) -> list[dict[str, Any]]:
    """The ledger's rejected and waiting submissions of a region, and those whose region nobody could read.

    Read from the ledger, not from the build: a faulty file that came after the build must be seen too.
    """
    s = l.submission.c
    where = sa.and_(s.status.in_(OPEN_STATUSES), s.region_code.in_((region, "")))
    return ledger.rows(sa.select(l.submission).where(where).order_by(s.submission_id))


def open_receipts(candidate: Candidate) -> pd.DataFrame:
    """One row a submission: the ledger's columns, and placed_in, the period it seems to belong to.

    That is its period where it was read, else the school year that its path names, else '' (any year's edition).
    """
    rows = open_receipt_rows(candidate.ledger, candidate.region)
    for row in rows:
        named = _YEAR_IN_PATH.search(row["file_name"])
        row["placed_in"] = row["period"] or (named[0] if named else "")
    return pd.DataFrame(rows, columns=[*(c.name for c in l.submission.columns), "placed_in"])


_CORRECTION_FAULTS = {
    "ambiguous": ("对应多行，无法确定更正哪一行", "its key fits several rows"),
    "unknown_column": ("所写的列不存在或不允许更正", "it names a column that is not there or is not to be corrected"),
    "no_value": ("新值不是该列可用的值", "its new value is none of the column's kind"),
}


def declared_corrections(candidate: Candidate) -> pd.DataFrame:
    """What the build froze of the region's declared corrections, with fault_zh and fault_en: '' for one in order."""
    query = "select * from input_correction where region_code = $region order by correction_id"
    frame = candidate.frame(query, {})
    faults = [
        ("已过有效期", f"expired on {expires_on}")
        if is_expired(expires_on)
        else _CORRECTION_FAULTS.get(outcome, ("", ""))
        for expires_on, outcome in zip(frame["expires_on"], frame["outcome"], strict=True)
    ]
    return frame.assign(fault_zh=[f[0] for f in faults], fault_en=[f[1] for f in faults])


def expired_corrections(candidate: Candidate) -> list[str]:
    """Ids of the corrections that are over: a verdict of yesterday is not that of today."""
    if "input_correction" not in candidate.tables("input_"):
        return []
    frame = declared_corrections(candidate)
    pairs = zip(frame["correction_id"], frame["expires_on"], strict=True)
    return [correction_id for correction_id, expires_on in pairs if is_expired(expires_on)]


def dbt_tests(candidate: Candidate) -> pd.DataFrame:
    """test_name, outcome (pass warn fail error skipped not_run), failures: as dbt left them beside the database.

    A test of the project that has no result was not run. Raises SchoolhouseError where no test has one.
    """
    path = candidate.folder / "test_results.json"
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise SchoolhouseError(
            "the build's test results cannot be read", "无法读取构建的测试结果", where=str(path)
        ) from e
    if not results:
        raise SchoolhouseError("no test of the build was run", "构建没有执行任何模型测试", where=str(path))
    results += [{"test": t, "status": "not_run"} for t in sorted(_tests_of(candidate) - {r["test"] for r in results})]
    rows = [
        {
            "test_name": _short_name(r["test"]),
            "outcome": r["status"],
            "failures": 0 if r["status"] == "pass" else _count(r.get("message") or ""),
        }
        for r in results
    ]
    return pd.DataFrame(rows, columns=["test_name", "outcome", "failures"])


def _tests_of(candidate: Candidate) -> set[str]:
    """Ids of the tests that the build's own manifest names."""
    path = candidate.folder / "manifest.json"
    if not path.exists():
        return set()
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"]
    return {key for key, node in nodes.items() if node["resource_type"] == "test"}


def key_counts(candidate: Candidate) -> pd.DataFrame:
    """table_name, repeated: rows beyond the first of their key, for each table of `keys.yaml`."""
    keys: dict[str, list[str]] = yaml.safe_load((ROOM / "keys.yaml").read_text(encoding="utf-8"))
    parts = [
        f"select '{table}' as table_name,"
        f" coalesce((select sum(n - 1) from (select count(*) as n from {table} group by {', '.join(key)})), 0)"
        " as repeated"
        for table, key in keys.items()
    ]
    return candidate.frame(" union all ".join(parts))


def plan_bindings(candidate: Candidate) -> pd.DataFrame:
    """region_code, document_code, valid_from, valid_to (dates; open ends far off), from pinned raw files."""
    folder = candidate.settings.raw / "plan_bindings"
    pin = str(candidate.folder / "pin.parquet")
    frame = candidate.frame(
        "select region_code, document_code, valid_from, valid_to"
        f" from read_parquet('{folder}/**/*.parquet', union_by_name = true)"
        f" where _submission_id in (select submission_id from read_parquet('{pin}')) and region_code = $region"
    )
    far = {"valid_from": pd.Timestamp(1900, 1, 1), "valid_to": pd.Timestamp(2200, 1, 1)}
    return frame.fillna(far)


def published_tables(candidate: Candidate) -> pd.DataFrame:
    """table_name, row_total, uncoded (rows without an honest status), required (rows wanted: 0, 1) of this edition."""
    rules = _published_rules()
    codes = ", ".join(f"'{c}'" for c in rules["statuses"])
    required = {"always": "1", "never": "0", "finance": _HAS_BUDGET, "plan": _HAS_PLAN}
    parts = []
    for table in candidate.tables(PUBLISHED_PREFIX):
        have, rule = candidate.columns(table), rules["tables"].get(table)
        if rule is None or "obs_status" not in have:
            # Nobody has said what is published here, or nothing says how it is to be read.
            parts.append(f"select '{table}', count(*), greatest(count(*), 1), 1 from {table}")
            continue
        faults = [f"obs_status is null or obs_status not in ({codes})"]
        faults += [f"(obs_status = '{rules['normal']}') = ({c} is null)" for c in rule["values"]]
        faults += [f"(obs_status = '{rules['suppressed']}' and {c} is not null)" for c in rule["hidden"]]
        parts.append(
            f"select '{table}', count(*), count(*) filter ({' or '.join(faults)}), {required[rule['needs']]}"
            f" from {table} where {_edition_filter(have)}"
        )
    query = " union all ".join(parts) or "select '', 0, 0, 0 limit 0"
    return candidate.frame(f"select * from ({query}) as t (table_name, row_total, uncoded, required)")


def published_metrics(candidate: Candidate) -> pd.DataFrame:
    """metric (`table/code...` or `table/column`), code, n_values, n_distinct, is_zero, is_full: spread of each metric.

    Counted over things that are independent of each other: a table's `entity` counts once, however many scopes its
    figure stands in, and rows of the `whole` (what the entities add up to, or one register's figure) do not count.
    is_full: every value is a whole, its numerator being its denominator.
    """
    rules = _published_rules()["tables"]
    parts = []
    for table in candidate.tables(PUBLISHED_PREFIX):
        have, rule = candidate.columns(table), rules.get(table)
        for value in rule["values"] if rule else ():
            code = rule["metric"][0] if rule["metric"] else "null"
            name = " || '/' || ".join([f"'{table}'", *rule["metric"]]) if rule["metric"] else f"'{table}/{value}'"
            counted = f"count(distinct {rule['entity']})" if "entity" in rule else f"count({value})"
            full = f"coalesce(bool_and({rule['full']}), false)" if "full" in rule else "false"
            part = f"not ({rule['whole']})" if "whole" in rule else "true"
            parts.append(
                f"select {name}, {code}, {counted}, count(distinct {value}), coalesce(max(abs({value})), 0) = 0, {full}"
                f" from {table} where {_edition_filter(have)} and {value} is not null and {part} group by 1, 2"
            )
    query = " union all ".join(parts) or "select '', '', 0, 0, false, false limit 0"
    return candidate.frame(f"select * from ({query}) as t (metric, code, n_values, n_distinct, is_zero, is_full)")


def published_values(candidate: Candidate) -> pd.DataFrame:
    """table_name, column_name, identifiers: values of each published column that look like a person's number."""
    rules = _published_rules()
    patterns = {"pattern": rules["identifier_pattern"], "surrogate": rules["surrogate_pattern"]}
    looks = "regexp_matches(v, $pattern) and not regexp_full_match(v, $surrogate)"
    parts = [
        f"select '{table}', '{column}', count(*) filter ({looks})"
        f' from (select cast("{column}" as varchar) as v from {table})'
        for table in candidate.tables(PUBLISHED_PREFIX)
        for column in candidate.columns(table)
    ]
    query = " union all ".join(parts) or "select '', '', 0 limit 0"
    return candidate.frame(f"select * from ({query}) as t (table_name, column_name, identifiers)", patterns)


def exam_recomputation(candidate: Candidate) -> pd.DataFrame:
    """entity_id, deviation, worst: see `recomputation.recompute_exams`."""
    return recompute_exams(candidate)


def dispersion_recomputation(candidate: Candidate) -> pd.DataFrame:
    """entity_id, stored, recomputed, deviation: see `recomputation.recompute_dispersion`."""
    return recompute_dispersion(candidate)


def assessment_recomputation(candidate: Candidate) -> pd.DataFrame:
    """entity_id, stored, recomputed, deviation: see `assessment.recompute_assessment`."""
    return recompute_assessment(candidate)


INPUTS: dict[str, Callable[[Candidate], pd.DataFrame]] = {
    f.__name__: f
    for f in (
        required_sources,
        open_receipts,
        declared_corrections,
        dbt_tests,
        key_counts,
        plan_bindings,
        raw_expectations,
        published_tables,
        published_metrics,
        published_values,
        exam_recomputation,
        dispersion_recomputation,
        assessment_recomputation,
    )
}


def _published_rules() -> dict[str, Any]:
    return yaml.safe_load((ROOM / "published.yaml").read_text(encoding="utf-8"))


def _edition_filter(columns: dict[str, str]) -> str:
    wanted = {"region_code": "region_code = $region", "school_year": "school_year = $school_year"}
    return " and ".join(v for k, v in wanted.items() if k in columns) or "true"


def _short_name(unique_id: str) -> str:
    """`test.schoolhouse.not_null_x_y.0a1b2c3d4e` -> `not_null_x_y`; a name that dbt hashed keeps its hash."""
    parts = unique_id.split(".")
    return parts[2] if len(parts) >= 3 else unique_id


def _count(message: str) -> int:
    """Failing rows in dbt's message `Got 3 results, ...`; 1 where it gives none."""
    found = re.search(r"Got (\d+) result", message)
    return max(int(found[1]), 1) if found else 1
