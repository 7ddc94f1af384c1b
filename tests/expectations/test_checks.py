"""Each check, as it ships: a clean house does not fire it, one planted fault does, at exactly the planted place."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from expectations import inputs
from expectations.catalogue import load_checks
from tests.expectations.faults import CORRECTION, OF_FACTS
from tests.expectations.house import EXAM, FISCAL, NEIGHBOUR, PRIOR, REGION, YEAR, House, keys

Plant = str | Callable[[House], None]
_GROUP = f"exam_id = '{EXAM}' and subject = '语文'"
_STAT = f"update fct_exam_group_stat set %s where {_GROUP} and group_type = '%s' and group_code = '%s'"
_SECTION = f"update fct_school_resource_snapshot set %s where school_code = '2199020002' and school_year = '{YEAR}'"
_SHA = "0123456789ab" + "0" * 52


def _receipt(**fields: str) -> Callable[[House], None]:
    return lambda house: house.receive(submission_id="late", unit_code="2199020002", file_sha256=_SHA, **fields)


def _dbt(status: str, message: str) -> Callable[[House], None]:
    return lambda house: house.test_results(
        [("test.schoolhouse.unique_x.99", status, message), ("test.schoolhouse.not_null_y.98", "pass", "")]
    )


# check -> severity it must ship with, the fault, and the one finding expected (entity type and id).
PLANTED: dict[str, tuple[str, Plant, tuple[str, str]]] = {
    "submission_completeness": (
        "warning",
        f"delete from stg_ledger__submission where source = 'budget_lines' and region_code = '{REGION}'",
        ("source", "budget_lines"),
    ),
    "school_missing_in_exam": (
        "warning",
        "delete from fct_exam_group_stat where group_code = '2199020002'",
        ("school_grade", "2199020002/4"),
    ),
    "unknown_files": ("warning", _receipt(source="unknown", status="rejected"), ("file", "0123456789ab")),
    "rejected_files": ("warning", _receipt(status="rejected"), ("file", "0123456789ab")),
    "waiting_files": ("warning", _receipt(status="waiting"), ("file", "0123456789ab")),
    "total_row_mismatch": (
        "warning",
        f"insert into input_total_mismatch values ('school_report-{REGION}', '小学基表', 9, 'I', '1588', '1578.00')",
        ("submission", f"school_report/{REGION}/{YEAR}"),
    ),
    "row_rejects": (
        "warning",
        "update stg_ledger__submission set rows_rejected = 3, status = 'partial', unit_code = '2199020002'"
        f" where source = 'exam_scores' and region_code = '{REGION}'",
        ("submission", f"exam_scores/2199020002/{YEAR}"),
    ),
    "exam_subject_missing": (
        "warning",
        _STAT % ("n_scored = 0", "school", "2199020003"),
        ("school_grade_subject", "2199020003/4/语文"),
    ),
    "score_range": (
        "critical",
        f"update fct_exam_score_person set score = 101 where {_GROUP} and student_key = '2199020001-3'",
        ("exam_subject", f"{EXAM}/4/语文"),
    ),
    "money_factor_10000": (
        "critical",
        f"update fct_budget_line set amount_yuan = amount_yuan / 10000 where fiscal_year = '{FISCAL}'",
        ("measure", "budget_amount_yuan"),
    ),
    "school_set_change": (
        "warning",
        f"delete from fct_school_resource_snapshot where school_code = '2199020002' and school_year = '{YEAR}'",
        ("school", "2199020002"),
    ),
    "zero_or_empty_school": ("warning", _SECTION % "student_count = 0", ("section", "2199020002/primary")),
    "roster_vs_report": ("warning", _SECTION % "roster_ft_teacher_count = 8", ("section", "2199020002/primary")),
    "backbone_vs_report": ("warning", _SECTION % "register_backbone_count = 1", ("section", "2199020002/primary")),
    "pupils_vs_report": ("warning", _SECTION % "student_count = 11", ("section", "2199020002/primary")),
    "year_on_year_change": (
        "warning",
        _SECTION % "student_count = 145",
        ("section_measure", "2199020002/primary/student_count"),
    ),
    "key_uniqueness": ("critical", "insert into dim_school from dim_school limit 1", ("table", "dim_school")),
    "orphan_keys": (
        "critical",
        "delete from dim_school where school_code = '2199020003';"
        f" delete from fct_school_resource_snapshot where school_code = '2199020003' and school_year = '{YEAR}'",
        ("table", "fct_exam_group_stat"),
    ),
    "rates_monotone": (
        "critical",
        _STAT % ("n_good = n_pass + 1", "school", "2199020003"),
        ("exam_group", f"{EXAM}/4/语文/school/2199020003"),
    ),
    "county_equals_schools": (
        "critical",
        _STAT % ("n_pass = n_pass + 1", "county", REGION),
        ("exam_subject", f"{EXAM}/4/语文"),
    ),
    "exam_recomputed": (
        "critical",
        # The same slip in school, town and county, so that only the second path can see it.
        f"update fct_exam_group_stat set n_low = n_low + 1 where {_GROUP} and group_code in"
        f" ('{REGION}', 'rural', '2199020003')",
        ("exam_subject", f"{EXAM}/4/语文"),
    ),
    "cv_recomputed": (
        "critical",
        "update fct_between_school_dispersion set cv_value = cv_value + 1e-8",
        ("dispersion", "primary/ft_teachers/cv_weighted/_all/_all/_all"),
    ),
    "value_added_match_rate": (
        "info",
        "update fct_value_added set matched_total = 63",
        ("exam_pair", f"{PRIOR}/{YEAR}/4/数学"),
    ),
    "budget_vs_execution": (
        "warning",
        "update fct_budget_execution set amount_yuan = 500000.01"
        f" where project_name = '校舍维修' and fiscal_year = '{FISCAL}'",
        ("project", "U1/校舍维修"),
    ),
    "targets_version": (
        "critical",
        "update fct_target_tracking set document_code = '001'",
        ("target", "T004-001"),
    ),
    "dbt_tests_failed": (
        "critical",
        _dbt("fail", "Got 3 results, configured to fail if != 0"),
        ("dbt_test", "unique_x"),
    ),
    "dbt_tests_warned": (
        "warning",
        _dbt("warn", "Got 2 results, configured to warn if != 0"),
        ("dbt_test", "unique_x"),
    ),
    "privacy_columns": (
        "critical",
        "alter table pub_indicator_value add column student_key varchar",
        ("column", "pub_indicator_value.student_key"),
    ),
    "privacy_scan": (
        "critical",
        "update pub_indicator_value set stage = '见G53032320130101' || '0019'",
        ("column", "pub_indicator_value.stage"),
    ),
    "published_matrix": (
        "critical",
        f"update pub_indicator_value set value = null where region_code = '{REGION}' and value = 6.0",
        ("table", "pub_indicator_value"),
    ),
    "published_zone": (
        "critical",
        f"update pub_target_tracking set indicator_code = 'exm_mean' where region_code = '{REGION}'",
        ("indicator", "exm_mean"),
    ),
    "published_empty": (
        "warning",
        f"delete from pub_indicator_value where region_code = '{REGION}'",
        ("table", "pub_indicator_value"),
    ),
    "published_flat": (
        "warning",
        f"update pub_indicator_value set value = 0 where region_code = '{REGION}'",
        ("metric", "pub_indicator_value/res_ft_teacher_per100"),
    ),
    **OF_FACTS,
}


def test_every_check_has_a_planted_fault() -> None:
    assert {c.check_id for c in load_checks()} == set(PLANTED)


def test_a_clean_house_passes_and_every_check_looked_at_something(house: House) -> None:
    result = house.gate()
    assert (result.verdict, result.findings) == ("passed", [])
    # Open receipts and declared corrections are what a clean house has none of.
    idle = {c["check_id"] for c in result.checks if not c["looked_at"]}
    assert idle == {"unknown_files", "rejected_files", "waiting_files", "correction_in_order", "correction_idle"}


@pytest.mark.parametrize("check_id", PLANTED)
def test_a_planted_fault_is_found(house: House, check_id: str) -> None:
    severity, plant, entity = PLANTED[check_id]
    house.sql(plant) if isinstance(plant, str) else plant(house)
    result = house.gate(check_id)
    assert keys(result) == {(check_id, *entity)}
    assert result.findings[0].severity == severity
    assert result.verdict == {"critical": "blocked", "warning": "needs_explanation", "info": "passed"}[severity]
    assert entity[1].split("/")[0] in result.findings[0].message_zh or severity == "critical" or "dbt" in check_id


@pytest.mark.slow
@pytest.mark.parametrize("check_id", PLANTED)
def test_a_fault_of_one_region_leaves_the_neighbour_alone(house: House, check_id: str) -> None:
    house_wide = {"key_uniqueness", "dbt_tests_failed", "dbt_tests_warned", "privacy_columns", "privacy_scan"}
    _, plant, _ = PLANTED[check_id]
    before = keys(house.gate(check_id, region=NEIGHBOUR))
    house.sql(plant) if isinstance(plant, str) else plant(house)
    house.forget_gates()
    after = keys(house.gate(check_id, region=NEIGHBOUR))
    assert after == before or check_id in house_wide


def test_the_worded_figures_are_those_of_the_row(house: House) -> None:
    house.sql(_SECTION % "roster_ft_teacher_count = 8")
    finding = house.gate("roster_vs_report").findings[0]
    assert (finding.observed, finding.expected) == ("8", "9")
    assert finding.message_zh == "学部 2199020002/primary：花名册专任教师 8 人，学校基表 9 人"


def test_a_change_is_judged_beyond_both_thresholds(house: House) -> None:
    # 120 -> 144 is 20 percent and 24 pupils: on the line, not beyond it. 60 -> 73 is 22 percent but only 13 pupils.
    house.sql(_SECTION % "student_count = 144")
    house.sql(
        f"update fct_school_resource_snapshot set student_count = 73 where school_code = '2199020003'"
        f" and school_year = '{YEAR}'"
    )
    assert not house.gate("year_on_year_change").findings


def test_a_figure_that_cannot_be_computed_has_not_held(house: House) -> None:
    # Great Expectations' column expectations skip blanks; a share of no pupils must be a finding all the same.
    house.sql(_SECTION % "student_count = 0")
    assert keys(house.gate("pupils_vs_report")) == {("pupils_vs_report", "section", "2199020002/primary")}


def test_a_test_that_was_not_run_has_not_held(house: House) -> None:
    ran = "test.schoolhouse.not_null_dim_school_school_key.1a2b"
    nodes = {t: {"resource_type": "test"} for t in (ran, "test.schoolhouse.unique_x.99")}
    (house.folder / "manifest.json").write_text(json.dumps({"nodes": {**nodes, "m": {"resource_type": "model"}}}))
    assert keys(house.gate("dbt_tests_failed")) == {("dbt_tests_failed", "dbt_test", "unique_x")}
    house.test_results([])
    house.forget_gates()
    for check in ("dbt_tests_failed", "dbt_tests_warned"):
        assert keys(house.gate(check)) == {(check, "check", check)}


@pytest.mark.parametrize("outcome", ["applied", "healed", "no_row"])
def test_a_correction_that_is_over_blocks_whatever_it_does(house: House, outcome: str) -> None:
    house.sql(CORRECTION % ("2020-12-31", outcome))
    result = house.gate("correction_in_order")
    assert result.verdict == "blocked"
    assert "已过有效期" in result.findings[0].message_zh


def test_a_gate_is_asked_anew_when_a_correction_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.sql(CORRECTION % ("2030-06-30", "applied"))
    before = house.gate("correction_in_order")
    monkeypatch.setattr(inputs, "is_expired", lambda day: day < "2030-07-01")
    after = house.gate("correction_in_order")
    assert (before.verdict, after.verdict) == ("passed", "blocked")
    assert before.gate_id != after.gate_id


def test_a_replaced_rejection_is_no_finding(house: House) -> None:
    house.receive(submission_id="late", unit_code=REGION, status="rejected")
    house.sql(f"update stg_ledger__submission set received_at = '2999-01-01T00:00:00Z' where region_code = '{REGION}'")
    assert not house.gate("rejected_files").findings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("530323201309010019", True),
        ("编号53032320130901001x号", True),
        ("L530323201309010019", True),
        ("L5303232013090100190", False),
        ("15303232013090100190", False),
        ("0.530323201309010019", False),
        ("2199020002", False),
        ("ab530323201309010019cdefabcdefab", False),
        ("ab530323201309010019cdefabcdefab x", True),
    ],
)
def test_what_looks_like_an_identity_number(house: House, text: str, found: bool) -> None:
    house.sql(f"update pub_indicator_value set stage = '{text}'")
    assert bool(house.gate("privacy_scan").findings) is found


@pytest.mark.parametrize(
    ("path", "seen"),
    [("2022-2023/x.xlsx", False), (f"{YEAR}/x.xlsx", True), ("x.xlsx", True), ("12023-20245.xlsx", True)],
)
def test_an_unknown_file_belongs_to_the_year_its_path_names(house: House, path: str, seen: bool) -> None:
    house.receive(
        submission_id="late", source="unknown", status="rejected", file_sha256=_SHA, file_name=path, period=""
    )
    assert bool(house.gate("unknown_files").findings) is seen


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("obs_status = 'c', value = null, numerator = null, denominator = null", False),
        ("obs_status = 'c', value = null", True),
        ("obs_status = 'c'", True),
        ("obs_status = 'M', value = null", False),
        ("obs_status = 'M'", True),
        ("obs_status = null", True),
        ("obs_status = 'x'", True),
    ],
)
def test_what_a_status_promises(house: House, fault: str, found: bool) -> None:
    house.sql(f"update pub_indicator_value set {fault} where region_code = '{REGION}' and value = 6.0")
    assert bool(house.gate("published_matrix").findings) is found


def test_a_published_table_that_nobody_declared(house: House) -> None:
    house.sql(f"create table pub_new as select '{REGION}' as region_code, '{YEAR}' as school_year, 'A' as obs_status")
    assert keys(house.gate("published_matrix")) == {("published_matrix", "table", "pub_new")}


def test_tables_are_wanted_where_their_sources_are(house: House) -> None:
    house.sql("delete from pub_target_tracking")
    assert keys(house.gate("published_empty")) == {("published_empty", "table", "pub_target_tracking")}
    assert not house.gate("published_empty", region=NEIGHBOUR).findings


def test_a_small_teaching_point_is_left_out_where_the_parameter_says_so(house: House) -> None:
    house.sql("update dim_school set is_teaching_point = school_code = '2199020003'")
    assert not house.gate("cv_recomputed").findings
    house.sql("update balance_exclusion set below_pupils = 61")
    house.forget_gates()
    # (240, 15), (120, 9): X = 24/360; deviations -1/240 and 1/120; S = sqrt(2/3/240^2 + 1/3/120^2); CV = S/X.
    expected = (2 / 3 / 240**2 + 1 / 3 / 120**2) ** 0.5 / (24 / 360)
    house.sql(f"update fct_between_school_dispersion set cv_value = {expected!r}::double")
    assert not house.gate("cv_recomputed").findings


def test_a_change_of_zero_everywhere_is_no_blank_form(house: House) -> None:
    house.sql("update pub_indicator_value set value = 0; update dim_indicator set kind = 'change'")
    assert not house.gate("published_flat").findings
