"""Counties planted for the rules, through files: each rule says what was planted, and each has both answers."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from tests.conftest import Home, settings_in
from tests.warehouse.rendered import seed_rows
from tests.warehouse.rule_check import Seeds, differences, judged
from tests.warehouse.rule_marts import RECOUNTED, Marts
from warehouse.build import build

pytestmark = pytest.mark.slow

RULES = {r["rule_id"] for r in seed_rows("monitoring_rules")}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, pd.DataFrame]:
    """Both counties received and built, and what they were planted for."""
    import ingest
    from synth.rule_scenarios import generate_rules

    folder = tmp_path_factory.mktemp("rules")
    expected = generate_rules(folder / "inbox")
    settings = settings_in(folder / "home", folder / "inbox", folder / "inbox")
    ingest.run(settings, [p for p in sorted((folder / "inbox").iterdir()) if p.is_dir()])
    return Home(settings, build(settings)), pd.DataFrame([vars(e) for e in expected])


@pytest.fixture(scope="module")
def evaluations(planted: tuple[Home, pd.DataFrame]) -> pd.DataFrame:
    with duckdb.connect(str(planted[0].build.path), read_only=True) as con:
        return con.sql("select * from fct_rule_evaluation").df()


def test_what_was_planted_is_what_the_rules_say(planted: tuple[Home, pd.DataFrame], evaluations: pd.DataFrame) -> None:
    keys = ["region_code", "school_year", "rule_id", "outcome"]
    missed = []
    for e in planted[1].to_dict("records"):
        found = evaluations[(evaluations[keys] == pd.Series({k: e[k] for k in keys})).all(axis=1)]
        entities = set(found["entity_id"].str.split("/").str[0])
        if found.empty or (e["entity_id"] and e["entity_id"] not in entities):
            missed.append(e)
    assert not missed
    assert len(planted[1]) >= 40


def test_each_rule_has_both_answers(county_home: Home, evaluations: pd.DataFrame) -> None:
    """Over the usual county and the planted ones; a rule that cannot be answered either way would be named here."""
    with duckdb.connect(str(county_home.build.path), read_only=True) as con:
        usual = con.sql("select rule_id, outcome from fct_rule_evaluation").df()
    both = pd.concat([usual, evaluations[["rule_id", "outcome"]]])
    for outcome in ("hit", "clear"):
        assert set(both.loc[both["outcome"] == outcome, "rule_id"]) == RULES, outcome


def test_the_planted_rows_evaluated_again(planted: tuple[Home, pd.DataFrame], evaluations: pd.DataFrame) -> None:
    with duckdb.connect(str(planted[0].build.path), read_only=True) as con:
        operands = con.sql("select * from fct_rule_operand").df()
        assert differences(Seeds(), evaluations, operands) == []
        for region, rows in evaluations.groupby("region_code"):
            marts = Marts(con, str(region), "2024-2025")
            for rule, count in RECOUNTED.items():
                assert judged(rows, rule, "2024-2025") == count(marts), (region, rule)


def test_a_leader_who_teaches_is_compared_with_the_county(planted: tuple[Home, pd.DataFrame]) -> None:
    with duckdb.connect(str(planted[0].build.path), read_only=True) as con:
        gaps = con.sql("select value, outcome from fct_rule_operand where figure_code = 'leader_class_gap'").fetchall()
    assert gaps
    assert all((value < 0) == (outcome == "hit") for value, outcome in gaps)
