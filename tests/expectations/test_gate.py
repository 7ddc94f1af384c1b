"""Verdicts, explanations, the ledger's row, and checks that could not run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from expectations import Finding, run_gate
from expectations.catalogue import CHECKS, ROOM, load_checks, render_table
from expectations.gate import give_verdict
from tests.expectations.house import BUILD, NEIGHBOUR, REGION, YEAR, House, keys, the_check
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.registers import observed_last

_MISMATCH = (
    "update fct_school_resource_snapshot set roster_ft_teacher_count = 8 where school_code in"
    f" ('2199020002', '2199030001') and school_year = '{YEAR}'"
)
_OVERFULL = "update fct_exam_score_person set score = 101 where student_key = '2199020001-3'"


def _finding(severity: str, explanation: str = "") -> Finding:
    return Finding("c", "t", "i", severity, "", "", "", "", "", explanation)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], "passed"),
        ([_finding("info")], "passed"),
        ([_finding("warning", "x")], "passed_with_explanations"),
        ([_finding("warning", "x"), _finding("warning")], "needs_explanation"),
        ([_finding("warning", "x"), _finding("critical")], "blocked"),
        ([_finding("warning", "x"), _finding("critical", "o")], "passed_with_overrides"),
        ([_finding("warning"), _finding("critical", "o")], "needs_explanation"),
        ([_finding("critical", "o"), _finding("critical")], "blocked"),
    ],
)
def test_verdicts(findings: list[Finding], verdict: str) -> None:
    assert give_verdict(findings) == verdict


def test_an_explanation_closes_its_own_finding_only(house: House) -> None:
    house.sql(_MISMATCH)
    assert house.gate("roster_vs_report").verdict == "needs_explanation"
    house.explain("roster_vs_report", "section", "2199020002/primary")
    result = house.gate("roster_vs_report")
    assert result.verdict == "passed_with_explanations"
    assert result.findings[0].explanation_id
    # The neighbour has the same fault and is not excused.
    assert house.gate("roster_vs_report", region=NEIGHBOUR).verdict == "needs_explanation"


@pytest.mark.parametrize(
    "other",
    [
        {"region_code": NEIGHBOUR},
        {"school_year": "2022-2023"},
        {"entity_id": "2199020001/primary"},
        {"entity_type": "school"},
        {"check_id": "pupils_vs_report"},
    ],
)
def test_an_explanation_of_another_key_closes_nothing(house: House, other: dict[str, str]) -> None:
    house.sql(_MISMATCH)
    key = {"check_id": "roster_vs_report", "entity_type": "section", "entity_id": "2199020002/primary"}
    house.explain(**{**key, **other})
    result = house.gate("roster_vs_report")
    assert result.verdict == "needs_explanation"
    mine = not {"region_code", "school_year"} & other.keys()
    assert len(result.idle_explanations) == int(mine)


def test_an_explanation_of_a_value_ends_with_the_value(house: House) -> None:
    house.sql(_MISMATCH)
    assert house.gate("roster_vs_report").findings[0].observed == "8"
    value = observed_last(house.settings, REGION, YEAR, ("roster_vs_report", "section", "2199020002/primary"))
    house.explain("roster_vs_report", "section", "2199020002/primary", observed=value)
    assert house.gate("roster_vs_report").verdict == "passed_with_explanations"
    house.sql(_MISMATCH.replace("= 8", "= 7"))
    house.forget_gates()
    result = house.gate("roster_vs_report")
    assert result.verdict == "needs_explanation"
    assert [e["observed"] for e in result.idle_explanations] == ["8"]


def test_a_critical_finding_cannot_be_explained_away(house: House) -> None:
    house.sql(_OVERFULL)
    for finding in house.gate("score_range").findings:
        house.explain(*finding.key)
    result = house.gate("score_range")
    assert result.verdict == "blocked"
    assert result.findings
    assert not any(f.explanation_id for f in result.findings)
    assert len(result.idle_explanations) == len(result.findings)


def test_the_same_gate_twice_is_one_row(house: House) -> None:
    house.sql(_MISMATCH)
    first, second = house.gate(), house.gate()
    assert first == second
    runs = house.ledger.rows(sa.select(l.gate_run))
    assert [(r["gate_id"], r["build_id"], r["region_code"], r["verdict"]) for r in runs] == [
        (first.gate_id, BUILD, REGION, "needs_explanation")
    ]
    stored = house.ledger.rows(sa.select(l.finding))
    assert {(r["check_id"], r["entity_type"], r["entity_id"]) for r in stored} == keys(first)
    assert stored[0]["resolve_zh"]


def test_explanations_and_later_faulty_files_make_another_gate(house: House) -> None:
    ids = [house.gate("roster_vs_report").gate_id]
    house.explain("roster_vs_report", "section", "2199020001/primary")
    ids.append(house.gate("roster_vs_report").gate_id)
    house.receive(submission_id="late", status="rejected", source="unknown", region_code="")
    ids.append(house.gate("roster_vs_report").gate_id)
    ids.append(house.gate("roster_vs_report", "score_range").gate_id)
    assert len(set(ids)) == 4


def test_a_build_changed_after_its_gate_is_refused(house: House) -> None:
    house.gate("roster_vs_report")
    house.sql(_MISMATCH)
    with pytest.raises(SchoolhouseError, match="was changed after gate"):
        house.gate("roster_vs_report")


def test_a_check_that_cannot_run_blocks(house: House) -> None:
    house.sql("drop table fct_value_added")
    result = house.gate("value_added_match_rate")
    assert keys(result) == {("value_added_match_rate", "check", "value_added_match_rate")}
    assert result.verdict == "blocked"


@pytest.mark.parametrize(
    "broken",
    [
        {"query": "select 'section' as entity_type, 'a' as entity_id, 1 as observed, 2 as expected from range(2)"},
        {"query": "select 'pupil' as entity_type, 'a' as entity_id, 1 as observed, 2 as expected, 0 as difference"},
        {"query": "select 'section' as entity_type, 'a' as entity_id, 1 as observed"},
        {"kwargs": {"column": "difference", "min_value": 5, "max_value": 1}},
        {"message_zh": "{nobody}"},
        {"expectation_type": "expect_nothing_at_all"},
    ],
)
def test_a_faulty_check_blocks_instead_of_passing(house: House, broken: dict[str, object]) -> None:
    house.sql(_MISMATCH)
    check = replace(the_check("roster_vs_report"), **broken)  # type: ignore[arg-type]
    result = run_gate(house.settings, REGION, YEAR, checks=[check])
    assert result.verdict == "blocked"
    assert {f.entity_type for f in result.findings} == {"check"}


def test_great_expectations_decides(house: House) -> None:
    # The frame is the same; only the expectation differs, and with it the verdict.
    house.sql(_MISMATCH)
    check = the_check("roster_vs_report")
    wide = replace(check, kwargs={"column": "difference", "min_value": -5, "max_value": 5})
    assert run_gate(house.settings, REGION, YEAR, checks=[wide]).verdict == "passed"
    assert run_gate(house.settings, REGION, YEAR, checks=[check]).verdict == "needs_explanation"


def test_a_gate_needs_a_build_and_a_year(house: House) -> None:
    with pytest.raises(SchoolhouseError, match="no build"):
        run_gate(house.settings, REGION, YEAR, "b404")
    with pytest.raises(SchoolhouseError, match="not a school year"):
        run_gate(house.settings, REGION, "2023-2025")


def test_a_region_with_its_own_sources(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "required_sources.yaml").write_text(
        "default: {exam_scores: {clock: school_year, minimum: 1}}\n"
        f"regions: {{'{REGION}': {{safety: {{clock: none, minimum: 1}}}}}}\n"
    )
    monkeypatch.setattr("expectations.inputs.ROOM", tmp_path)
    assert keys(house.gate("submission_completeness")) == {("submission_completeness", "source", "safety")}
    assert not house.gate("submission_completeness", region=NEIGHBOUR).findings


def test_the_readme_has_the_catalogue() -> None:
    assert render_table(load_checks()) in (ROOM / "README.md").read_text(encoding="utf-8")


def test_a_faulty_check_file_is_named(tmp_path: Path) -> None:
    text = (CHECKS / "roster_vs_report.yaml").read_text(encoding="utf-8")
    for fault, said in (
        (text.replace("severity: warning", "severity: mild"), "severity one of"),
        (text.replace("check_id: roster_vs_report", "check_id: other"), "file's name is not"),
        (text.replace("query:", "qerry:"), "missing: query"),
        (text.replace("$tolerance", "$nothing"), "nothing is not a parameter"),
        ("[", "cannot be read"),
    ):
        (tmp_path / "roster_vs_report.yaml").write_text(fault, encoding="utf-8")
        with pytest.raises(SchoolhouseError, match=said.replace("$", r"\$")):
            load_checks(tmp_path)
