"""A plan's page: what it asks follows from its rows; how a region stands to it is what the build says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.conftest import COUNTY, Home
from tests.warehouse.rendered import seed_rows
from warehouse import plans, plans_page
from warehouse.errors import SchoolhouseError

DOCUMENTS = ("000", "001", "002", "003", "004", "national")


def test_the_pages_hold_the_targets_as_they_stand() -> None:
    """Only what is asked: the figures on the pages are an example and may be of another county."""
    assert plans_page.stale() == [], "run: python -m warehouse.plans_page --write"
    assert tuple(plans.documents()) == DOCUMENTS
    assert sum(len(plans.asked(d)) for d in DOCUMENTS) == 361


def test_a_page_that_is_behind_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [dict(r) for r in seed_rows("policy_targets")]
    rows[0]["value_num"] = "51"
    real = plans._seed
    monkeypatch.setattr(plans, "_seed", lambda name: rows if name == "policy_targets" else real(name))
    assert plans_page.stale() == ["000"]


def test_renewing_the_targets_keeps_the_figures() -> None:
    before = plans_page.page("003", None) + "\nfigures of a county\n"
    assert plans_page.page("003", None, before).endswith(f"{plans_page.END}\n\nfigures of a county\n")


def test_strict_targets_say_so() -> None:
    judges = {r["target_id"]: r["judge"] for r in plans.asked("004")}
    assert {t for t, j in judges.items() if j == "低于"} == {"T004-023", "T004-025"}


def test_a_document_nobody_knows_is_told() -> None:
    with pytest.raises(SchoolhouseError, match="no such document"):
        plans.asked("009")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_page_shows_every_target_with_its_verdict(county_home: Home, document: str) -> None:
    standing = plans.judged(county_home.settings, document)
    asked = [r["target_id"] for r in seed_rows("policy_targets") if r["document_code"] == document]
    assert [t["target_id"] for t in standing.targets] == asked and standing.region_code == COUNTY
    assert sum(standing.counts.values()) == len(asked)
    assert {t["status"] for t in standing.targets} <= set(plans.STATUS_ZH)
    text, browser = plans_page.markdown(standing), plans_page.html_page(standing)
    for target in asked:
        assert f"| {target} |" in text and f"<td>{target}</td>" in browser
    assert "<script" not in browser and "http" not in browser.replace("http-equiv", "")


def test_over_the_years_each_target_has_its_last_verdict(county_home: Home) -> None:
    """A step of the first year stays judged when the newest edition no longer asks for it."""
    newest = {t["target_id"]: t for t in plans.judged(county_home.settings, "002").targets}
    every = {t["target_id"]: t for t in plans.judged(county_home.settings, "002", school_year="all").targets}
    assert len(every) == len(newest) == 131
    over = {t for t, r in newest.items() if r["reason"] == "period_over"}
    assert len(over) > 20 and {every[t]["status"] for t in over} <= {"met", "missed", "no_data"}
    assert {every[t]["school_year"] for t in over} <= {"2022-2023", "2023-2024"}


def test_markup_in_a_name_stays_text() -> None:
    row = {"status": "met", "judge_zh": "不低于", "is_value_restricted": False, "actual_value": 1.0, "gap": 0.5}
    told = dict.fromkeys(("value", "unit", "period_id", "reason_zh", "school_year"), "")
    target = {**row, **told, "target_id": "T", "indicator": "<b>a|b</b>"}
    standing = plans.Standing("D", "<i>name</i>", "r", "y", [target], [], [])
    assert "<b>" not in plans_page.html_page(standing) and "<i>" not in plans_page.html_page(standing)
    assert "a\\|b" in plans_page.markdown(standing)


def test_the_command(county_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLHOUSE_HOME", str(county_home.settings.home))
    runner = CliRunner()
    told = json.loads(runner.invoke(app, ["plan", "004", "--year", "2023-2024", "--json"]).stdout)
    assert told["school_year"] == "2023-2024" and len(told["targets"]) == 91 and told["milestones"] and told["remarks"]
    shown = runner.invoke(app, ["plan", "003"])
    assert shown.exit_code == 0 and "T003-020" in shown.stdout and "附注" in shown.stdout
    pages = [tmp_path / "p.html", tmp_path / "p.md"]
    assert runner.invoke(app, ["plan", "002", "--html", str(pages[0]), "--md", str(pages[1])]).exit_code == 0
    assert all("T002-131" in p.read_text(encoding="utf-8") for p in pages)
    wrong = runner.invoke(app, ["plan", "003", "--year", "1999-2000"])
    assert isinstance(wrong.exception, SchoolhouseError) and "binds no edition" in str(wrong.exception)
