"""A block is let pass by two people in two roles, for one finding with its value, where the house allows it at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.pages import gate_page
from tests.expectations.house import REGION, YEAR, House
from warehouse import overrides
from warehouse.errors import SchoolhouseError

_OVERFULL = "update fct_exam_score_person set score = 101 where student_key = '2199020001-3' and subject = '语文'"
HEADER = ",".join(overrides.FIELDS)


@pytest.fixture
def blocked(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose scores block, which allows overrides and reads its registers from a folder of its own."""
    house.sql(_OVERFULL)
    monkeypatch.setenv(overrides.SWITCH, "yes")
    return house


def sign(house: House, folder: Path, *rows: dict[str, str]) -> None:
    [finding] = house.gate("score_range").findings
    base = {
        "region_code": REGION, "school_year": YEAR, "check_id": finding.check_id, "entity_type": finding.entity_type,
        "entity_id": finding.entity_id, "observed": finding.observed, "reason": "附加题", "signed_on": "2024-10-09",
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    lines = [",".join((base | row)[name] for name in overrides.FIELDS) for row in rows]
    (folder / overrides.FILE).write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    overrides.load(house.settings, [folder])


OFFICER = {"role": "statistics_officer", "signer": "统计科甲"}
LEADER = {"role": "bureau_leader", "signer": "局长乙"}


def test_two_roles_let_it_pass_and_the_page_says_so(blocked: House, tmp_path: Path) -> None:
    before = blocked.gate("score_range")
    assert before.verdict == "blocked"
    sign(blocked, tmp_path / "r", OFFICER, LEADER)
    after = blocked.gate("score_range")
    assert after.verdict == "passed_with_overrides"
    assert after.passed
    assert after.findings[0].severity == "critical"
    assert after.gate_id != before.gate_id
    assert "特批发布" in gate_page(blocked.settings, after)


@pytest.mark.parametrize(
    "rows",
    [
        [OFFICER],
        [OFFICER, {**LEADER, "signer": "统计科 甲"}],
        [OFFICER, {**LEADER, "observed": "103"}],
        [OFFICER, {**LEADER, "entity_id": "another"}],
        [OFFICER, {**LEADER, "school_year": "2022-2023"}],
        [{**OFFICER, "region_code": "990202"}, LEADER],
    ],
)
def test_less_than_that_lets_nothing_pass(blocked: House, tmp_path: Path, rows: list[dict[str, str]]) -> None:
    sign(blocked, tmp_path / "r", *rows)
    assert blocked.gate("score_range").verdict == "blocked"


def test_it_is_off_by_default(blocked: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign(blocked, tmp_path / "r", OFFICER, LEADER)
    monkeypatch.delenv(overrides.SWITCH)
    assert blocked.gate("score_range").verdict == "blocked"


def test_privacy_knows_no_override(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from expectations.catalogue import load_checks

    guarded = {c.check_id for c in load_checks() if not c.overridable}
    assert {"privacy_columns", "privacy_scan", "published_zone"} <= guarded
    monkeypatch.setenv(overrides.SWITCH, "yes")
    house.sql(f"update pub_target_tracking set indicator_code = 'exm_mean' where region_code = '{REGION}'")
    [finding] = house.gate("published_zone").findings
    folder = tmp_path / "r"
    folder.mkdir()
    key = [REGION, YEAR, finding.check_id, finding.entity_type, finding.entity_id, finding.observed or "x"]
    rows = [",".join([*key, r["role"], r["signer"], "因故", "2024-10-09"]) for r in (OFFICER, LEADER)]
    (folder / overrides.FILE).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    assert overrides.load(house.settings, [folder]) == 2
    assert len(overrides.standing(house.ledger, REGION, YEAR)) == 1
    assert house.gate("published_zone").verdict == "blocked"


@pytest.mark.parametrize(("column", "value"), [("reason", ""), ("role", "headmaster"), ("observed", "")])
def test_a_faulty_row_is_named(blocked: House, tmp_path: Path, column: str, value: str) -> None:
    with pytest.raises(SchoolhouseError, match=column):
        sign(blocked, tmp_path / "r", OFFICER, {**LEADER, column: value})
    assert overrides.standing(blocked.ledger, REGION, YEAR) == {}
