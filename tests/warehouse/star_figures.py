"""The STAR pack's expected figures and the warehouse's own, side by side as {key: {figure: value}}."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

STAR = "990101"
TOLERANCE = 1e-9
Figures = dict[tuple[str, ...], dict[str, float | None]]

_STAT = """
    select
        school_year, grade, subject, group_code,
        n_roll, n_scored,
        cast(score_sum as double) / nullif(n_scored, 0) as mean,
        case when n_scored > 0 then sqrt(greatest(
            cast(score_sumsq as double) / n_scored - power(cast(score_sum as double) / n_scored, 2), 0)) end as sd_pop,
        n_excellent * 1.0 / nullif(n_denominator, 0) as excellent_rate,
        n_good * 1.0 / nullif(n_denominator, 0) as good_rate,
        n_pass * 1.0 / nullif(n_denominator, 0) as pass_rate,
        n_low * 1.0 / nullif(n_denominator, 0) as low_rate
    from fct_exam_group_stat
    where region_code = $region and group_type = '{group_type}'
"""
_STAT_FIGURES = "n_roll n_scored mean sd_pop excellent_rate good_rate pass_rate low_rate"


@dataclass(frozen=True)
class Sheet:
    """One expected file: its key and figure columns, and the query that answers with the same columns.

    `packed` names the parts of a key that the file writes as one `a|b|c` column.
    """

    keys: tuple[str, ...]
    figures: tuple[str, ...]
    query: str
    packed: bool = False


def _sheet(keys: str, figures: str, query: str, *, packed: bool = False) -> Sheet:
    return Sheet(tuple(keys.split()), tuple(figures.split()), query, packed)


SHEETS = {
    "exam_school": _sheet(
        "school_year group_code grade subject", _STAT_FIGURES, _STAT.format(group_type="school"), packed=True
    ),
    "exam_county": _sheet("school_year grade subject", _STAT_FIGURES, _STAT.format(group_type="county"), packed=True),
    "exam_urban_rural": _sheet(
        "school_year group_code grade subject", _STAT_FIGURES, _STAT.format(group_type="urban_rural"), packed=True
    ),
    "between_school_icc": _sheet(
        "school_year grade subject",
        "schools n icc",
        """
        select school_year, grade, subject, n_schools as schools, weight_sum as n, icc_value as icc
        from fct_between_school_dispersion
        where region_code = $region and kind = 'icc_oneway'
        """,
        packed=True,
    ),
    "school_resources": _sheet(
        "year code",
        "students teachers postgrad",
        """
        select
            school_year as year, school_code as code, student_count as students,
            roster_ft_teacher_count as teachers, roster_postgraduate_count as postgrad
        from fct_school_resource_snapshot
        where region_code = $region and stage = 'primary'
        """,
    ),
    "resource_cv": _sheet(
        "year",
        "schools teachers_per100 teachers_sd teachers_cv postgrad_per100 postgrad_sd postgrad_cv",
        """
        select
            t.school_year as year, t.n_schools as schools,
            t.mean_value as teachers_per100, t.sd_value as teachers_sd, t.cv_value as teachers_cv,
            p.mean_value as postgrad_per100, p.sd_value as postgrad_sd, p.cv_value as postgrad_cv
        from fct_between_school_dispersion as t
        inner join fct_between_school_dispersion as p
            on
                t.region_code = p.region_code and t.school_year = p.school_year and t.stage = p.stage
                and p.item_code = 'postgraduate_teachers'
        where t.region_code = $region and t.item_code = 'ft_teachers' and t.stage = 'primary'
        """,
    ),
    "value_added_school": _sheet(
        "entry exit subject code",
        "matched_n mean_residual slope matched_total exit_total",
        """
        select
            entry_year as entry, exit_year as exit, subject, group_code as code,
            matched_n, mean_residual, slope, matched_total, exit_total
        from fct_value_added
        where region_code = $region and group_type = 'school'
        """,
    ),
}


def read_expected(folder: Path, name: str) -> Figures:
    """Figures of `<folder>/<name>.csv`; `NaN` and `NA` are None (a mean of nobody)."""
    sheet = SHEETS[name]
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    figures: Figures = {}
    for row in rows:
        key = tuple(row["key"].split("|")) if sheet.packed else tuple(row[k] for k in sheet.keys)
        assert key not in figures, f"{name}: {key} stands twice"
        figures[key] = {f: _number(row[f]) for f in sheet.figures}
    return figures


def read_built(database: Path, name: str) -> Figures:
    """The same figures from a build's database."""
    sheet = SHEETS[name]
    with duckdb.connect(database, read_only=True) as con:
        cursor = con.execute(sheet.query, {"region": STAR})
        columns = [d[0] for d in cursor.description or ()]
        rows = [dict(zip(columns, r, strict=True)) for r in cursor.fetchall()]
    figures: Figures = {}
    for row in rows:
        key = tuple(str(row[k]) for k in sheet.keys)
        assert key not in figures, f"{name}: {key} is built twice"
        figures[key] = {f: None if row[f] is None else float(row[f]) for f in sheet.figures}
    return figures


def differences(expected: Mapping, built: Mapping) -> list[str]:
    """What does not agree, in words: keys of one side only, and figures more than 1e-9 apart (absolute or relative)."""
    found = [f"not built: {k}" for k in sorted(expected.keys() - built.keys())]
    found += [f"not expected: {k}" for k in sorted(built.keys() - expected.keys())]
    for key in sorted(expected.keys() & built.keys()):
        for figure, want in expected[key].items():
            got = built[key][figure]
            agree = want is got if want is None or got is None else _close(want, got)
            if not agree:
                found.append(f"{key} {figure}: expected {want!r}, built {got!r}")
    return found


def _close(want: float, got: float) -> bool:
    return math.isclose(want, got, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _number(text: str) -> float | None:
    return None if text in {"NA", "NaN", ""} else float(text)
