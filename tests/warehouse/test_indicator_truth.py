"""Indicators of the synthetic county against the figures its generator wrote beside the files.

`truth.csv` shares no code with the warehouse: it counts the county's own people, schools and money. Where a defect
changes what arrives, its `received` row holds.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Home
from warehouse.settings import PROJECT_ROOT

TRUTH = """
    create temp table truth as
    select distinct on (region_code, period_id, entity_type, entity_id, stage, grade, subject, group_code, measure)
        *, cast(value as double) as true_value
    from read_csv('{path}', all_varchar = true)
    order by region_code, period_id, entity_type, entity_id, stage, grade, subject, group_code, measure,
        case basis when 'received' then 0 else 1 end
"""

# Every county row of truth beside the one value it is about. A row that names an examination is about that one; a gap
# to other counties is told by subject whatever the grade; scopes that the catalogue does not give are left out.
BESIDE = """
    select t.measure, t.period_id, t.stage, t.grade, t.subject, t.group_code, t.true_value, v.value, v.status
    from truth t
    join int_indicator_scope s on s.indicator_code = t.measure and s.stage_scope = t.stage
    left join every_value v on v.indicator_code = t.measure and v.region_code = t.region_code
        and v.entity_type = 'county' and v.period_id = t.period_id and v.stage = t.stage and v.subject = t.subject
        and v.urban_rural in ('all', 'urban_vs_rural')
        and (v.grade = t.grade or (v.grade = '_all' and v.numerator is not null and t.measure like 'exm_%_gap_%'))
        and case
            when t.group_code <> '_all' then v.exam_name = t.group_code
            when t.grade <> '_all' and v.exam_id <> '_all' then v.purpose = '教学质量监测'
            else v.group_code = '_all' and v.exam_id = '_all'
        end
    where t.entity_type = 'county' and not (t.measure like '%_cv_%' and t.group_code <> '_all')
"""
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def con(county_home: Home, county_files: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(county_home.build.path), read_only=True)
    connection.execute(TRUTH.format(path=county_files / "truth.csv"))
    connection.execute("""
        create temp table every_value as
        select v.*, x.exam_name, x.purpose
        from (select * from fct_indicator_value union all select * from fct_indicator_value_person) v
        left join (select distinct exam_id, exam_name, purpose from dim_exam) x using (exam_id)
    """)
    return connection


def _wrong(rows: list[tuple]) -> list[tuple]:
    """Rows whose value is lacking or differs; a figure nobody could know (received as empty) must be lacking."""
    return [
        r for r in rows
        if (r[6] is None) != (r[7] is None)
        or (r[6] is not None and abs(r[6] - r[7]) > TOLERANCE * max(1.0, abs(r[6])))
    ]  # fmt: skip


def _catalogue() -> dict[str, dict[str, str]]:
    path = PROJECT_ROOT / "dbt_project" / "seeds" / "plans" / "indicator_catalogue.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return {r["indicator_code"]: r for r in csv.DictReader(handle)}


def test_every_answer_of_the_truth_is_found(con: duckdb.DuckDBPyConnection) -> None:
    """At least 150 indicators agree to 1e-9, at least 120 of them with figures that differ between periods."""
    rows = con.execute(BESIDE).fetchall()
    wrong = _wrong(rows)
    assert not wrong, wrong[:20]
    compared = {r[0] for r in rows} & _catalogue().keys()
    varying = {m for m in compared if len({r[6] for r in rows if r[0] == m}) > 1}
    print(f"compared: {len(compared)} indicators, {len(varying)} of them vary, {len(rows)} figures")
    assert len(compared) >= 150 and len(varying) >= 120
    # One value answers each row, never several.
    assert max(Counter(r[:6] for r in rows).values()) == 1


def test_what_has_no_truth_says_why(con: duckdb.DuckDBPyConnection) -> None:
    """Indicators of the catalogue that no row of truth is about: of teachers and schools, attested, or from models."""
    told = {r[0] for r in con.execute("select distinct measure from truth").fetchall()}
    without = {code: row for code, row in _catalogue().items() if code not in told}
    reasons: dict[str, list[str]] = {}
    for code, row in without.items():
        if row["attestation_only"] == "yes":
            reason = "attested: the document is the truth"
        elif "county" not in row["aggregates_to"]:
            reason = "no figure of the county: " + row["aggregates_to"]
        elif row["kind"] in ("dispersion", "composite") or row["numerator_measure"].startswith("value_added"):
            reason = "a model over other figures, held by the test of its kind"
        else:
            reason = "not told by the generator"
        reasons.setdefault(reason, []).append(code)
    for reason, codes in sorted(reasons.items()):
        print(f"{len(codes):3} {reason}: {', '.join(sorted(codes))}")
    assert len(reasons.get("not told by the generator", [])) <= 5, reasons


def test_a_wrong_figure_would_be_seen(con: duckdb.DuckDBPyConnection) -> None:
    """The comparison fails where a value moves by a millionth."""
    con.execute("begin")
    con.execute("update every_value set value = value * 1.000001 where indicator_code = 'tch_cert_rate'")
    moved = _wrong(con.execute(BESIDE).fetchall())
    con.execute("rollback")
    assert {r[0] for r in moved} == {"tch_cert_rate"}


def _compare(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, tuple[int, int, float]]:
    """Measure -> rows of truth, rows found, largest relative difference."""
    query = f"""
        select measure, count(*), count(value),
            max(abs(true_value - value) / greatest(1, abs(true_value)))
        from ({sql}) group by measure
    """
    return {m: (n, found, gap) for m, n, found, gap in con.execute(query).fetchall()}


def test_rates_of_town_and_village(con: duckdb.DuckDBPyConnection) -> None:
    found = _compare(con, """
        select t.measure, t.true_value, v.value
        from truth t left join every_value v on v.indicator_code = t.measure and v.period_id = t.period_id
            and v.entity_type = 'county' and v.stage = t.stage and v.grade = t.grade and v.subject = t.subject
            and v.urban_rural = t.entity_id and v.purpose = '教学质量监测'
        where t.measure like 'exm_%' and t.entity_type = 'urban_rural'
    """)  # fmt: skip
    assert set(found) == {"exm_mean_score", "exm_excellent_rate", "exm_pass_rate", "exm_low_score_rate"}
    for measure, (rows, matched, gap) in found.items():
        assert rows == matched > 100 and gap < TOLERANCE, (measure, rows, matched, gap)


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
