"""The gate cannot be bypassed: whatever is changed, left out or entered by hand breaks the token or the verdict."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from expectations import decision, gate, run_gate
from expectations.catalogue import CHECKS, load_checks, required_checks
from expectations.gate import GateResult
from expectations.suite import Examiner
from tests.expectations.house import REGION, YEAR, House, the_check
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.settings import PROJECT_ROOT

CHECK = "roster_vs_report"
_MISMATCH = (
    "update fct_school_resource_snapshot set roster_ft_teacher_count = 8 where school_code = '2199020002'"
    f" and school_year = '{YEAR}'"
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue has one check, so that a gate of all checks costs little."""
    monkeypatch.setattr(gate, "load_checks", lambda: (the_check(CHECK),))
    monkeypatch.setattr(gate, "required_checks", lambda: frozenset({CHECK}))


def judge(house: House) -> GateResult:
    return run_gate(house.settings, REGION, YEAR)


def ask(house: House, result: GateResult) -> None:
    decision.require(house.settings, house.ledger, result.gate_id)


def test_what_was_judged_may_be_published(house: House, small: None) -> None:
    ask(house, judge(house))


@pytest.mark.parametrize(
    "change",
    [
        # A cell, a row more, a row less, a seed, a target, a published figure, a table.
        "update fct_exam_group_stat set n_pass = n_pass + 1 where group_code = '2199020003' and subject = '语文'",
        "insert into fct_budget_line select * from fct_budget_line limit 1",
        "delete from fct_budget_execution where fiscal_year = '2022'",
        "update balance_exclusion set below_pupils = below_pupils + 1",
        "update fct_target_tracking set status = 'met'",
        "update pub_indicator_value set value = value + 1 where value = 6.0",
        "drop table pub_target_tracking",
    ],
)
def test_a_change_after_the_gate_breaks_the_token(house: House, small: None, change: str) -> None:
    result = judge(house)
    house.sql(change)
    with pytest.raises(SchoolhouseError, match="was changed after gate run"):
        ask(house, result)
    # Nor does the same gate give a new token for other content, though it would find nothing again.
    with pytest.raises(SchoolhouseError, match="was changed after gate"):
        judge(house)


def test_a_build_made_anew_is_judged_anew(house: House, small: None) -> None:
    result = judge(house)
    house.sql("update fct_budget_line set amount_yuan = amount_yuan + 1")
    with house.ledger.transaction() as connection:
        connection.execute(sa.update(l.build).values(finished_at="2999-01-01T00:00:00Z"))
    with pytest.raises(SchoolhouseError, match="was changed after gate run"):
        ask(house, result)
    assert judge(house) == result
    ask(house, result)


@pytest.mark.parametrize("name", ["test_results.json", "pin.parquet"])
def test_inputs_and_test_results_are_bound_too(house: House, small: None, name: str) -> None:
    result = judge(house)
    (house.folder / name).write_bytes(b"[]")
    with pytest.raises(SchoolhouseError, match="was changed after gate run"):
        ask(house, result)


@pytest.mark.parametrize(
    "tamper",
    [
        sa.update(l.gate_run).values(verdict="passed"),
        sa.delete(l.finding),
        sa.update(l.finding).values(explanation_id="e1"),
        sa.update(l.finding).values(severity="info"),
        sa.update(l.gate_run).values(token="0" * 64),
    ],
)
def test_a_ledger_changed_by_hand_breaks_the_token(house: House, small: None, tamper: sa.Executable) -> None:
    house.sql(_MISMATCH)
    result = judge(house)
    assert result.verdict == "needs_explanation"
    with house.ledger.transaction() as connection:
        connection.execute(tamper)
    with pytest.raises(SchoolhouseError, match="were changed after it"):
        ask(house, result)


def test_another_house_cannot_work_out_the_token(house: House, small: None, tmp_path: Path) -> None:
    result = judge(house)
    [run] = house.ledger.rows(sa.select(l.gate_run))
    stranger = House(tmp_path / "stranger").settings
    assert decision.issue(stranger, run, []) != run["token"] == decision.issue(house.settings, run, [])
    assert (house.settings.vault / "gate.key").stat().st_mode & 0o077 == 0
    ask(house, result)


def test_a_gate_of_some_checks_decides_nothing(house: House, small: None) -> None:
    result = run_gate(house.settings, REGION, YEAR, checks=[the_check("zero_or_empty_school")])
    assert result.passed
    with pytest.raises(SchoolhouseError, match="not all checks were run"):
        ask(house, result)


@pytest.mark.parametrize("there", [(), (CHECK,)])
def test_a_check_whose_file_is_missing_blocks(
    house: House, monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...]
) -> None:
    monkeypatch.setattr(gate, "load_checks", lambda: tuple(the_check(c) for c in there))
    monkeypatch.setattr(gate, "required_checks", lambda: frozenset({CHECK, "score_range"}))
    result = judge(house)
    assert result.verdict == "blocked"
    assert {f.check_id for f in result.findings} == {CHECK, "score_range"} - set(there)


def test_a_suite_without_expectations_blocks(house: House, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    define: Callable[..., object] = Examiner._define

    def emptied(self: Examiner, check: object) -> object:
        definition = define(self, check)
        definition.suite.expectations = definition.suite.expectations[:1]  # type: ignore[attr-defined]
        return definition

    monkeypatch.setattr(Examiner, "_define", emptied)
    result = judge(house)
    assert result.verdict == "blocked"
    assert [f.entity_type for f in result.findings] == ["check"]


def test_the_list_of_checks_that_a_gate_needs_is_whole(tmp_path: Path) -> None:
    assert required_checks() == {c.check_id for c in load_checks()}
    (tmp_path / "required_checks.txt").write_text("\n")
    for path in (tmp_path / "required_checks.txt", tmp_path / "none.txt"):
        with pytest.raises(SchoolhouseError, match=r"names no check|cannot be read"):
            required_checks(path)


def test_a_check_that_was_taken_away_has_its_line_in_the_changelog() -> None:
    def git(*arguments: str) -> list[str]:
        command = ["git", "-C", str(PROJECT_ROOT), *arguments, "--", str(CHECKS)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        return [Path(line).stem for line in ran.stdout.split() if line.endswith(".yaml")]

    if subprocess.run(["git", "-C", str(PROJECT_ROOT), "rev-parse"], capture_output=True, check=False).returncode:
        pytest.skip("no git here: what was deleted cannot be told")
    deleted = ("--no-renames", "--diff-filter=D", "--name-only")
    gone = {*git("log", *deleted, "--format="), *git("diff", *deleted, "HEAD")} - required_checks()
    said = set(re.findall(r"^- Check removed: `(\w+)`: \S", (PROJECT_ROOT / "CHANGELOG.md").read_text("utf-8"), re.M))
    assert gone <= said, "say in CHANGELOG.md why, one line each: - Check removed: `<check_id>`: <reason>"
