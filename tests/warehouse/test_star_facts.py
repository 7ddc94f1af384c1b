"""Facts of the star: nothing lost or doubled on the way from raw, totals as the generator counted them, empty where a
source sent nothing, and persons in their own zone.

`truth.csv` shares no code with the warehouse; raw is counted by a query of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.contracts import contracts
from ingest.schema import write_schemas
from tests.conftest import Home, settings_in
from tests.warehouse.test_indicator_truth import TRUTH
from warehouse.dbt import run_dbt
from warehouse.inputs import write_inputs
from warehouse.ledger import Ledger

# Facts that hold one row for every accepted row of a source.
ONE_TO_ONE = {
    "activities": "fct_activity",
    "activity_participants": "fct_activity_participant_person",
    "attestations": "fct_attestation",
    "audit_findings": "fct_audit_finding",
    "city_rankings": "fct_city_ranking",
    "class_exercise": "fct_class_exercise",
    "class_sizes": "fct_class_size_snapshot",
    "class_timetable": "fct_class_timetable",
    "county_establishment": "fct_county_establishment",
    "curriculum_plan": "fct_curriculum_plan",
    "digital_equipment": "fct_digital_snapshot",
    "disabled_register": "fct_disabled_register",
    "enrolment_zoning": "fct_enrolment_zoning",
    "exam_plans": "fct_exam_plan",
    "exam_registration": "fct_exam_registration_person",
    "fitness_tests": "fct_fitness_test",
    "fund_payments": "fct_fund_payment",
    "gaokao_results": "fct_gaokao_result_person",
    "gap_items": "fct_gap_item",
    "inspections": "fct_inspection",
    "key_points": "fct_key_point",
    "lesson_observations": "fct_lesson_observation_person",
    "national_monitoring": "fct_national_monitoring",
    "normal_intake": "fct_normal_intake_person",
    "peer_exam_results": "fct_peer_exam_result",
    "peer_gaokao": "fct_peer_gaokao",
    "performance_pay": "fct_performance_pay",
    "platform_usage": "fct_platform_usage",
    "population": "fct_population_age",
    "project_ledger": "fct_project",
    "project_progress": "fct_project_progress",
    "project_targets": "fct_project_target",
    "public_funds": "fct_student_funding",
    "pupil_roster": "fct_student_snapshot_person",
    "recognition_register": "fct_recognition",
    "researcher_links": "fct_researcher_link_person",
    "room_usage": "fct_room_usage",
    "safety_register": "fct_safety_incident",
    "salary_payments": "fct_salary_payment",
    "school_assessment": "fct_school_assessment",
    "school_enrolment": "fct_enrolment_snapshot",
    "school_grades": "fct_school_grade",
    "school_report": "fct_school_resource_snapshot",
    "school_succession": "bridge_school_succession",
    "senior_enrolment": "fct_senior_enrolment",
    "senior_plans": "fct_senior_plan",
    "senior_quotas": "fct_senior_quota",
    "skill_assessments": "fct_skill_assessment",
    "special_rooms": "fct_room_snapshot",
    "staffing_establishment": "fct_staffing",
    "status_events": "fct_student_status_event_person",
    "studio_members": "fct_studio_member_person",
    "studios": "fct_studio",
    "subject_staffing": "fct_subject_staffing",
    "surveys": "fct_survey_response_agg",
    "teacher_assignments": "fct_teacher_assignment_person",
    "teacher_competitions": "fct_teacher_competition",
    "teacher_honours": "fct_teacher_honour_person",
    "teacher_rotation": "fct_teacher_rotation_person",
    "teacher_training": "fct_teacher_training_person",
    "violation_register": "fct_violation",
    "zhongkao_composite": "fct_zhongkao_composite",
}
RESTRICTED = {"fct_safety_incident", "fct_violation", "fct_school_assessment", "dim_teacher", "dim_student"}
_COMPULSORY = "stage in ('primary', 'junior')"
_YEAR = "cast(extract(year from {}) as varchar)"

# Measure of the truth, its group -> rows of a fact, the period and the figure.
TOTALS = {
    ("special_room_count", "room_type=音乐"): (
        f"fct_room_snapshot where room_type = '音乐' and {_COMPULSORY}", "school_year", "count(*)"),
    ("class_count", "_all", "primary"): ("fct_class_size_snapshot where stage = 'primary'", "school_year", "count(*)"),
    ("class_count", "_all", "junior"): ("fct_class_size_snapshot where stage = 'junior'", "school_year", "count(*)"),
    ("fitness_tested_student_count", "_all"): (
        f"fct_fitness_test where {_COMPULSORY}", "school_year", "sum(tested_count)"),
    ("fitness_pass_student_count", "_all"): (f"fct_fitness_test where {_COMPULSORY}", "school_year", "sum(pass_count)"),
    ("population_count", "age_band=3-5"): (
        "fct_population_age where age between 3 and 5", "cast(calendar_year as varchar)", "sum(population_count)"),
    ("population_count", "age_band=15-17"): (
        "fct_population_age where age between 15 and 17", "cast(calendar_year as varchar)", "sum(population_count)"),
    ("township_count", "_all"): (
        "fct_population_age", "cast(calendar_year as varchar)", "count(distinct township_code)"),
    ("disabled_registered_count", "_all"): (
        "fct_disabled_register", "cast(calendar_year as varchar)", "sum(registered_count)"),
    ("peer_gaokao_student_count", "line=本科线"): (
        "fct_peer_gaokao where line = '本科线'", "cast(calendar_year as varchar)", "sum(reached_count)"),
    ("key_point_count", "stage in (junior|senior)"): (
        "fct_key_point where stage in ('junior', 'senior')", "cast(calendar_year as varchar)", "count(*)"),
    ("public_fund_budget_yuan", "_all"): (
        f"fct_student_funding where {_COMPULSORY}", "cast(fiscal_year as varchar)", "sum(budget_yuan)"),
    ("training_budget_yuan", "_all"): (
        f"fct_student_funding where {_COMPULSORY}", "cast(fiscal_year as varchar)", "sum(training_budget_yuan)"),
    ("teacher_salary_yuan", "_all"): (
        f"fct_salary_payment where person_group = '教师' and {_COMPULSORY}", "cast(fiscal_year as varchar)",
        "sum(amount_yuan)"),
    ("valid_answer_count", "survey=社会认可度"): (
        "fct_survey_response_agg where survey = '社会认可度'", _YEAR.format("surveyed_on"), "sum(valid_count)"),
    ("skill_assessed_student_count", "skill_type=运动技能"): (
        f"fct_skill_assessment where skill_type = '运动技能' and {_COMPULSORY}", "school_year", "sum(assessed_count)"),
    ("student_skill_count", "skill_type=艺术技能"): (
        f"fct_skill_assessment where skill_type = '艺术技能' and {_COMPULSORY}", "school_year",
        "sum(mastered_skill_count)"),
    ("quality_senior_plan_count", "_all"): ("fct_senior_plan", "school_year", "sum(planned_count)"),
    ("room_used_period_count", "_all"): (
        f"fct_room_usage where {_COMPULSORY}", "school_year", "sum(used_period_count)"),
    ("inspection_done_count", "inspection_item=听课"): (
        "fct_inspection where inspection_item = '听课'", "school_year", "sum(done_count)"),
    ("audit_finding_count", "_all"): ("fct_audit_finding", "cast(fiscal_year as varchar)", "count(*)"),
    ("gap_item_count", "_all"): (f"fct_gap_item where {_COMPULSORY}", _YEAR.format("listed_on"), "count(*)"),
    ("exm_gaokao_undergrad_count", "_all"): (
        "fct_gaokao_result_person where reached_undergraduate_line", "cast(calendar_year as varchar)", "count(*)"),
    ("gua_dropout_count", "_all"): (
        f"fct_student_status_event_person where event_type = '辍学' and return_date is null and {_COMPULSORY}",
        "school_year", "count(*)"),
    ("qua_junior_retention_3y", "_all"): (
        "fct_cohort_retention where entity_type = 'county' and cohort_code = 'junior'", "report_school_year",
        "100.0 * sum(graduate_count) / sum(base_count)"),
    ("enr_nine_year_retention", "_all"): (
        "fct_cohort_retention where entity_type = 'county' and cohort_code = 'nine_year'", "report_school_year",
        "100.0 * sum(graduate_count) / sum(base_count)"),
}  # fmt: skip


@pytest.fixture(scope="module")
def con(county_home: Home, county_files: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(county_home.build.path), read_only=True)
    connection.execute(TRUTH.format(path=county_files / "truth.csv"))
    return connection


def _models(home: Home) -> dict[str, dict[str, Any]]:
    nodes = json.loads((home.build.path.parent / "manifest.json").read_text())["nodes"].values()
    return {n["name"]: n for n in nodes if n["resource_type"] == "model" and n["fqn"][1] == "marts"}


def test_every_source_has_its_fact() -> None:
    others = {"regions", "plan_bindings", "exam_parameters", "exam_scores", "budget_lines", "budget_execution"}
    # A teacher has several rows; milestones stand once an edition; changes of number link the rolls.
    others |= {"teacher_roster", "milestones", "student_number_changes"}
    # Summaries of schools wait in raw for the exam marts: no figure rests on them.
    others |= {"exam_school_summary"}
    assert set(contracts()) == set(ONE_TO_ONE) | others


@pytest.mark.parametrize("source", ONE_TO_ONE)
def test_no_row_is_lost_or_doubled(con: duckdb.DuckDBPyConnection, county_home: Home, source: str) -> None:
    raw = county_home.settings.raw / source / "**" / "*.parquet"
    sent = con.execute(
        f"select count(*) from read_parquet('{raw}', union_by_name = true, hive_partitioning = false)"
        " where _submission_id in (select submission_id from stg_ledger__pin)"
    ).fetchall()
    held = con.execute(f"select count(*) from {ONE_TO_ONE[source]}").fetchall()
    assert held == sent
    assert sent != [(0,)], "the county sends this source, or the test proves nothing"


@pytest.mark.parametrize("key", TOTALS, ids=" ".join)
def test_totals_are_those_of_the_generator(con: duckdb.DuckDBPyConnection, key: tuple[str, ...]) -> None:
    measure, group, *stage = key
    rows, period, figure = TOTALS[key]
    found = con.execute(
        f"""
        with held as (select {period} as period_id, cast({figure} as double) as value from {rows} group by 1)
        select t.period_id, t.true_value, h.value
        from truth as t left join held as h on t.period_id = h.period_id
        where t.measure = ? and t.group_code = ? and t.entity_type = 'county' and (? is null or t.stage = ?)
        """,
        [measure, group, *(stage or [None]), *(stage or [None])],
    ).fetchall()
    assert found, "the generator tells this figure"
    for period_id, true_value, value in found:
        assert value == pytest.approx(true_value, rel=1e-9), (period_id, true_value, value)


def test_facts_are_contracted_documented_and_in_their_zone(county_home: Home) -> None:
    models = _models(county_home)
    facts = {n: m for n, m in models.items() if n.startswith(("fct_", "bridge_", "dim_"))}
    assert set(ONE_TO_ONE.values()) <= set(facts)
    for name in {*ONE_TO_ONE.values(), "fct_cohort_retention", "fct_milestone_status", *RESTRICTED}:
        model = facts[name]
        assert model["config"]["contract"]["enforced"], name
        headings = ("Overview", "Grain", "Business rules", "Example questions", "Not for")
        assert all(f"**{h}**" in model["description"] for h in headings), name
        assert all(c["description"] for c in model["columns"].values()), name
        expected = "restricted" if name.endswith("_person") or name in RESTRICTED else "internal"
        assert model["config"]["meta"]["zone"] == expected, name
    persons = {"student_key", "teacher_key", "person_key", "reported_student_key"}
    for name, model in facts.items():
        if persons & set(model["columns"]):
            assert model["config"]["meta"]["zone"] == "restricted", name


def test_a_split_school_hands_its_cohort_on(con: duckdb.DuckDBPyConnection) -> None:
    """Cohorts that entered a school that was split since stand, by its shares, at the schools that took its pupils."""
    split = con.execute(
        "select predecessor_code, school_year, min(region_code), list(successor_code order by successor_code),"
        " list(share order by successor_code) from bridge_school_succession where event_type = '拆分' group by all"
    ).fetchall()
    assert split
    for code, since, region, successors, shares in split:
        entry = f"{int(since[:4]) - 1}-{since[:4]}"
        entered = con.execute(
            "select school_code, entrant_count from stg_school_report__section"
            " where stage = 'junior' and school_year = ? and region_code = ?",
            [entry, region],
        ).fetchall()
        own = dict(entered)
        rows = con.execute(
            "select school_code, cast(entrant_count as double) from fct_cohort_retention"
            " where cohort_code = 'junior' and entity_type = 'section' and entry_school_year = ?",
            [entry],
        ).fetchall()
        held = dict(rows)
        assert code not in held
        for successor, share in zip(successors, shares, strict=True):
            assert held[successor] == pytest.approx(own.get(successor, 0) + own[code] * float(share), abs=1e-3)


@pytest.mark.slow
def test_a_house_that_was_sent_nothing_has_empty_facts(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "home", tmp_path / "inbox")
    write_schemas(settings)
    database = tmp_path / "empty" / "empty.duckdb"
    write_inputs(Ledger.open(settings), database.parent, [], {}, database)
    made = run_dbt(
        ("build", "--select", "+marts", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        database=database,
        target=tmp_path / "target",
        logs=tmp_path / "logs",
        variables={"raw_dir": str(settings.raw)},
    )
    assert not made.having("error", "fail", "skipped"), made.messages
    with duckdb.connect(database, read_only=True) as con:
        for fact in {
            *ONE_TO_ONE.values(),
            "fct_cohort_retention",
            "fct_milestone_status",
            "fct_teacher_snapshot_person",
        }:
            assert con.execute(f"select count(*) from {fact}").fetchall() == [(0,)], fact


# Columns that the county leaves empty, and why.
NEVER_FILLED = {
    ("dim_economic_account", "valid_to"): "no account of the list was abolished",
    ("dim_function_account", "valid_to"): "no account of the list was abolished",
    ("fct_activity", "level"): "the register has the column, no kind of activity of the county wants it",
    ("fct_activity", "project"): "the register has the column, no kind of activity of the county wants it",
    ("fct_attestation", "attested_value"): "the county attests with yes and no",
    ("fct_balance_school_item", "reason"): "no item of the county's sections lacks its figure",
    ("fct_balance_section", "exclusion_reason"): "every section of the county is assessed",
    ("fct_balance_section", "reason"): "no section of the county lacks a figure",
    ("fct_milestone_status", "document_no"): "steps are done without a document of their own",
    ("fct_project_target", "content"): "the targets of the county's projects are figures",
    ("fct_rule_result", "candidate_reason_code"): "rules of the internal zone name nobody as a candidate",
    ("fct_rule_result", "reviewer"): "rules of the internal zone name nobody as a candidate",
    ("fct_rule_result", "appeal_status"): "rules of the internal zone name nobody as a candidate",
    ("fct_target_tracking_person", "prior_value"): "no restricted target is held against an earlier year",
    ("fct_recognition", "subject"): "what the county's schools were recognised for has no subject",
}


def test_every_column_of_the_star_is_filled_somewhere(con: duckdb.DuckDBPyConnection) -> None:
    """A column that is always NULL answers no question: it is filled by a source, or its reason stands here."""
    columns: dict[str, list[str]] = {}
    for table, column in con.execute(
        "select table_name, column_name from duckdb_columns() where regexp_matches(table_name, '^(dim|fct|bridge)_')"
    ).fetchall():
        columns.setdefault(table, []).append(column)
    empty = set()
    for table, names in columns.items():
        counted = ", ".join(f'count("{c}")' for c in names)
        counts = con.execute(f"select count(*), {counted} from {table}").fetchone()
        if counts and counts[0]:
            empty |= {(table, c) for c, n in zip(names, counts[1:], strict=True) if not n}
    assert empty == set(NEVER_FILLED)


def test_attributes_of_schools_people_and_units_are_filled_as_the_county_has_them(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """Shares that follow from how a county is made: a town to a district, a teacher to a class, a bureau above all."""
    held = con.execute(
        "select count(*) filter (where school_district is null) from dim_school"
        " where school_type_code in ('211', '311', '312') and school_year >= '2022'"
    ).fetchall()
    assert held == [(0,)]
    classes, homerooms = con.execute(
        "select count(*), count(h.teacher_key) from dim_class as c"
        " left join bridge_class_homeroom_person as h on c.class_key = h.class_key"
        " where c.stage in ('primary', 'junior')"
    ).fetchall()[0]
    assert homerooms == classes > 0
    tops = con.execute("select unit_code from dim_budget_unit where parent_unit_code is null").fetchall()
    assert len(tops) == 1
    below = con.execute(
        "select count(*) from dim_budget_unit where parent_unit_code is not null and parent_unit_code <> ?", tops[0]
    ).fetchall()
    assert below == [(0,)]
    recoded = con.execute(
        "select now.region_name, was.region_name, was.valid_to < now.valid_from from dim_region as now"
        " inner join dim_region as was on now.old_code = was.region_code"
    ).fetchall()
    assert recoded
    assert all(in_order for _, _, in_order in recoded)
