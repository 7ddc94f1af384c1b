"""Every source's contract is held against what lies in raw: types, blanks, lists, bounds, forms, keys."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.raw_suites import RULES, Suite, load_suites
from tests.expectations.house import EXAM, NEIGHBOUR, REGION, YEAR, House
from warehouse.settings import PROJECT_ROOT


def suite(source: str) -> Suite:
    return next(s for s in load_suites() if s.source == source)


def spoil(house: House, replaced: str, where: str = "true") -> None:
    """Rewrite a batch of raw with some cells replaced, as broken machinery would have."""
    source = "exam_parameters" if "full_mark" in replaced else "exam_scores"
    [path] = (house.settings.raw / source).rglob("1.parquet")
    with duckdb.connect() as con:
        con.execute(f"create table batch as from read_parquet('{path}', hive_partitioning = false)")
        con.execute(f"update batch set {replaced} where region_code = '{REGION}' and {where}")
        con.execute(f"copy batch to '{path}'")


def test_every_source_has_a_suite_and_every_rule_is_used() -> None:
    suites = load_suites()
    assert {s.source for s in suites} == {p.parent.name for p in PROJECT_ROOT.glob("ingest/sources/*/contract.yaml")}
    assert all(s.expectations for s in suites)
    assert {e.rule for s in suites for e in s.expectations} | {"key"} == set(RULES)


def test_a_pseudonym_is_not_held_to_the_form_of_the_number() -> None:
    assert not [e for e in suite("teacher_roster").expectations if (e.column, e.rule) == ("teacher_key", "pattern")]
    assert [e for e in suite("teacher_roster").expectations if (e.column, e.rule) == ("school_code", "pattern")]


@pytest.mark.parametrize(
    ("replaced", "entity", "rows"),
    [
        ("school_code = null", "exam_scores/school_code/missing", 72),
        ("school_code = '21990200X1'", "exam_scores/school_code/pattern", 72),
        ("grade = 13", "exam_scores/grade/list", 72),
        ("full_mark = 0.5", "exam_parameters/full_mark/minimum", 2),
        # 36 pupils with one key in each of two subjects: all but the first are repetitions.
        ("student_key = 'one'", "exam_scores/exam_id+student_key+subject/key", 70),
    ],
)
def test_a_broken_batch_blocks_and_says_what_and_how_often(house: House, replaced: str, entity: str, rows: int) -> None:
    spoil(house, replaced)
    found = {f.entity_id: f for f in house.gate("raw_contract").findings}
    assert list(found) == [entity]
    assert found[entity].observed == str(rows)
    house.forget_gates()
    assert house.gate("raw_contract", region=NEIGHBOUR).verdict == "passed"


def test_a_column_of_another_type_blocks(house: House) -> None:
    [path] = (house.settings.raw / "exam_scores").rglob("1.parquet")
    with duckdb.connect() as con:
        con.execute(f"create table batch as from read_parquet('{path}', hive_partitioning = false)")
        con.execute(f"copy (select * replace (cast(score as double) as score) from batch) to '{path}'")
    assert [f.entity_id for f in house.gate("raw_contract").findings] == ["exam_scores/score/type"]


def test_only_the_pinned_rows_of_the_editions_periods_are_looked_at(house: House) -> None:
    spoil(house, "school_code = null, _submission_id = 'superseded'", where="student_key like '2199020001-%'")
    spoil(house, "school_code = null, period = '2019-2020'", where="student_key like '2199020002-%'")
    assert not house.gate("raw_contract").findings


def test_a_required_column_that_no_batch_has_is_missed_an_optional_one_is_not(house: House) -> None:
    [path] = (house.settings.raw / "exam_scores").rglob("1.parquet")
    with duckdb.connect() as con:
        con.execute(f"create table batch as from read_parquet('{path}', hive_partitioning = false)")
        # The house's own batch has no column `sex`, which the contract knows.
        assert "sex" not in {c for c, *_ in con.execute("describe batch").fetchall()}
        con.execute(f"copy (select * exclude (class_name) from batch) to '{path}'")
    assert [f.entity_id for f in house.gate("raw_contract").findings] == ["exam_scores/class_name/type"]


def test_no_person_is_in_a_result(house: House) -> None:
    spoil(house, "class_name = null")
    [finding] = house.gate("raw_contract").findings
    assert "2199020001-" not in repr(finding)
    assert (EXAM in repr(finding), YEAR in repr(finding), Path(finding.entity_id).name) == (False, False, "missing")
