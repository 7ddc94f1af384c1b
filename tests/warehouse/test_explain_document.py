"""Amounts, checks and rules are explained as well: the document's place, the file's cell, what was said of whom."""

from __future__ import annotations

import json

import duckdb
import pytest

from tests.cli.test_commands import call
from tests.conftest import Home
from tests.support.original_cells import Custody, to_number
from tests.warehouse.rendered import seed_rows
from warehouse.explain_document import explain_statement


def test_an_amount_of_a_plan_with_its_parts(county_home: Home) -> None:
    """Its place in the document, and the amounts below it, which add up to it."""
    found = explain_statement(county_home.settings, "B000-04")
    assert found is not None
    assert (found.kind, found.status, float(found.value)) == ("budget_fact", "subtotal", 500000.0)
    assert found.place
    assert found.document
    parts = [float(t["value"]) for t in found.terms if t["role"] == "其中"]
    assert sum(parts) == float(found.value)
    assert {t["ref"] for t in found.terms if t["role"] == "核对"} >= {"C01"}


def test_a_mention_says_that_it_is_one(county_home: Home) -> None:
    mentions = [r["fact_id"] for r in seed_rows("budget_facts") if r["duplicate_of_fact_id"]]
    found = explain_statement(county_home.settings, mentions[0])
    assert found is not None
    assert found.status == "mention"


def test_a_line_of_a_file_leads_to_its_cell(county_home: Home) -> None:
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        lines = con.execute(
            "select budget_line_id, amount_yuan from fct_budget_line where submission_id is not null"
            " order by budget_line_id limit 5"
        ).fetchall()
    custody = Custody(county_home.settings.landing)
    for line, amount in lines:
        found = explain_statement(county_home.settings, line)
        assert found is not None
        (row,) = found.rows
        cell = row["cells"][0]
        place = (row["sheet"], row["row"], cell["column"])
        original = custody[row["file_sha256"]]
        number = to_number(original.cell(*place))
        assert number is not None
        assert number * original.unit_factor(*place) == pytest.approx(float(amount), abs=0.005)


def test_a_check_with_the_terms_of_both_sides(county_home: Home) -> None:
    found = explain_statement(county_home.settings, "C01")
    assert found is not None
    assert found.status == "holds"
    left = sum(t["value"] for t in found.terms if t["role"].startswith("左"))
    right = sum(t["value"] for t in found.terms if t["role"].startswith("右"))
    assert left - right == pytest.approx(float(found.value), abs=1e-9)


def test_every_fact_check_and_rule_can_be_explained(county_home: Home) -> None:
    ids = [r["fact_id"] for r in seed_rows("budget_facts")] + [r["check_id"] for r in seed_rows("arithmetic_check")]
    for name in [*ids[::9], *(r["rule_id"] for r in seed_rows("monitoring_rules")[::9])]:
        found = explain_statement(county_home.settings, name)
        assert found is not None
        assert found.item_id == name
        assert list(found.lines())


def test_a_rule_of_persons_names_nobody(county_home: Home) -> None:
    """What is restricted is not told by an id: the rule is there, its verdicts are not."""
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        rows = con.execute("select distinct rule_id, zone from fct_rule_evaluation order by all").fetchall()
    zones: dict[str, set[str]] = {}
    for rule, zone in rows:
        zones.setdefault(rule, set()).add(zone)
    hidden = [r for r, z in zones.items() if z == {"restricted"}]
    shown = [r for r, z in zones.items() if z == {"internal"}]
    assert hidden
    assert shown
    for rule, is_told in ((hidden[0], False), (shown[0], True)):
        found = explain_statement(county_home.settings, rule)
        assert found is not None
        assert bool(found.verdicts) is is_told


def test_the_command_takes_any_of_them(county_home: Home) -> None:
    done = call(county_home, "explain", "C01", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "holds"
    assert explain_statement(county_home.settings, "no_such_thing") is None
