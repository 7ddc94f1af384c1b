"""Indicators of the synthetic county against the figures its generator wrote beside the files.

`truth.csv` shares no code with the warehouse. Where a defect changes what arrives, its `received` row holds.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.conftest import Home

TRUTH = """
    create temp table truth as
    select distinct on (region_code, period_id, entity_type, entity_id, stage, grade, subject, group_code, measure)
        *, cast(value as double) as true_value
    from read_csv('{path}', all_varchar = true)
    order by region_code, period_id, entity_type, entity_id, stage, grade, subject, group_code, measure,
        case basis when 'received' then 0 else 1 end
"""


@pytest.fixture(scope="module")
def con(county_home: Home, county_files: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(county_home.build.path), read_only=True)
    connection.execute(TRUTH.format(path=county_files / "truth.csv"))
    return connection


def _compare(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, tuple[int, int, float]]:
    """Measure -> rows of truth, rows found, largest relative difference."""
    query = f"""
        select measure, count(*), count(value),
            max(abs(true_value - value) / greatest(1, abs(true_value)))
        from ({sql}) group by measure
    """
    return {m: (n, found, gap) for m, n, found, gap in con.execute(query).fetchall()}


def test_resources_and_their_coefficients(con: duckdb.DuckDBPyConnection) -> None:
    found = _compare(con, """
        select t.measure, t.true_value, v.value
        from truth t left join fct_indicator_value v on v.indicator_code = t.measure and v.period_id = t.period_id
            and v.entity_type = 'county' and v.stage = t.stage and v.urban_rural = 'all'
        where t.entity_type = 'county' and t.measure like 'res_%' and t.group_code = '_all'
    """)  # fmt: skip
    assert len(found) == 12
    for measure, (rows, matched, gap) in found.items():
        # Two stages, three years.
        assert rows == matched == 6 and gap < 1e-9, (measure, rows, matched, gap)


def test_rates_of_every_exam(con: duckdb.DuckDBPyConnection) -> None:
    found = _compare(con, """
        select t.measure, t.true_value, v.value
        from truth t left join fct_indicator_value v on v.indicator_code = t.measure and v.period_id = t.period_id
            and v.entity_type = 'county' and v.stage = t.stage and v.grade = t.grade and v.subject = t.subject
            and v.urban_rural = case t.entity_type when 'county' then 'all' else t.entity_id end
        where t.measure like 'exm_%' and t.measure not like 'exm_monitor_%'
            and t.entity_type in ('county', 'urban_rural')
    """)  # fmt: skip
    assert set(found) == {"exm_mean_score", "exm_excellent_rate", "exm_pass_rate", "exm_low_score_rate"}
    for measure, (rows, matched, gap) in found.items():
        assert rows == matched > 150 and gap < 1e-9, (measure, rows, matched, gap)


def test_rounds_subjects_and_completion_of_the_monitoring(con: duckdb.DuckDBPyConnection) -> None:
    """By project year, which begins in March: the examination of June 2024 is that of 2024."""
    found = _compare(con, """
        select t.measure, t.true_value, v.value
        from truth t left join fct_indicator_value v on v.indicator_code = t.measure and v.period_id = t.period_id
            and v.period_type = 'project_year' and v.entity_type = 'county' and v.stage = t.stage
            and v.urban_rural = 'all' and v.grade = '_all' and v.exam_id = '_all' and v.subject = '_all'
        where t.measure like 'exm_monitor_%'
    """)  # fmt: skip
    assert set(found) == {"exm_monitor_rounds", "exm_monitor_subjects", "exm_monitor_completion_rate"}
    for measure, (rows, matched, gap) in found.items():
        # Two stages, three years.
        assert rows == matched == 6 and gap < 1e-9, (measure, rows, matched, gap)


def test_the_final_account_and_the_average_of_pupils(con: duckdb.DuckDBPyConnection) -> None:
    """Growth is the difference of two true accounts; the average weighs eight months against four."""
    account = dict(
        con.execute("select period_id, true_value from truth where measure = 'edu_expenditure_yuan'").fetchall()
    )
    growth = dict(con.execute("""
        select period_id, value from fct_indicator_value
        where indicator_code = 'fin_edu_exp_growth' and entity_type = 'county' and stage = 'all' and value is not null
    """).fetchall())  # fmt: skip
    assert growth == {y: account[y] - account[str(int(y) - 1)] for y in ("2023", "2024")}
    pupils = dict(con.execute("""
        select period_id, true_value from truth
        where measure = 'student_count' and entity_type = 'county' and stage = 'primary' and grade = '_all'
    """).fetchall())  # fmt: skip
    average = con.execute("""
        select value from fct_measure where term_code = 'average_student_count' and entity_type = 'county'
            and stage = 'primary' and urban_rural = 'all' and period_id = '2024'
    """).fetchone()
    assert average is not None
    assert float(average[0]) == pytest.approx((pupils["2023-2024"] * 8 + pupils["2024-2025"] * 4) / 12, abs=1e-6)


def test_every_indicator_is_accounted_for(con: duckdb.DuckDBPyConnection) -> None:
    """266 of the catalogue and 4 local ones: a value or a reason for each edition, and nothing left uncomputed."""
    rows = con.execute("""
        select e.school_year, count(distinct e.indicator_code), count(distinct v.indicator_code),
            count(*) filter (where v.status = 'not_computed')
        from int_edition_indicator e
        left join int_indicator_value v using (region_code, indicator_code, period_id)
        group by e.school_year order by e.school_year
    """).fetchall()
    assert rows == [(y, 270, 270, 0) for y in ("2022-2023", "2023-2024", "2024-2025")]


def test_the_county_answers_to_all_plans(con: duckdb.DuckDBPyConnection) -> None:
    tracked = dict(con.execute("select school_year, count(*) from fct_target_tracking group by school_year").fetchall())
    assert tracked["2024-2025"] == 361
    remarks = con.execute("select check_id from pub_document_remark where school_year = '2024-2025'").fetchall()
    assert {r[0] for r in remarks} == {"C18", "C28", "C29", "C30", "C33"}
