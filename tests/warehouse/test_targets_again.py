"""Every verdict of fct_target_tracking beside the one of an independent judging in pandas."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.conftest import Home
from tests.warehouse.rejudging import KEYS, rejudge
from tests.warehouse.rendered import references
from tests.warehouse.target_rows import MODELS, judge

TOLD = ["status", "reason", "timing", "period_id", "part_count", "known_count", "operand"]
VALUES = ["actual_value", "gap", "target_value"]
TRACKED = """
    select t.* exclude (actual_value, gap), coalesce(p.actual_value, t.actual_value) as actual_value,
        coalesce(p.gap, t.gap) as gap
    from fct_target_tracking t left join fct_target_tracking_person p using (region_code, school_year, target_id)
"""


def differing(con: duckdb.DuckDBPyConnection, again: pd.DataFrame) -> pd.DataFrame:
    """Rows of which both do not say the same, with both sayings."""
    ours = con.sql(TRACKED).df().astype(dict.fromkeys(VALUES, "float64"))
    both = ours.merge(again, on=KEYS, how="outer", suffixes=("", "_again"), indicator=True)
    same = both["_merge"] == "both"
    for c in TOLD:
        same &= (both[c] == both[f"{c}_again"]) | (both[c].isna() & both[f"{c}_again"].isna())
    for c in VALUES:
        left, right = both[c], both[f"{c}_again"].astype("float64")
        near = (left - right).abs() <= 1e-9 * right.abs().clip(lower=1)
        same &= near | (left.isna() & right.isna())
    return both.loc[~same]


@pytest.fixture(scope="module")
def again(county_home: Home) -> pd.DataFrame:
    with duckdb.connect(str(county_home.build.path), read_only=True) as con:
        return rejudge(con)


def test_every_verdict_is_the_one_of_the_second_judging(county_home: Home, again: pd.DataFrame) -> None:
    with duckdb.connect(str(county_home.build.path), read_only=True) as con:
        wrong = differing(con, again)
    assert len(again) > 900 and {"met", "missed", "at_risk", "no_data"} <= set(again["status"])
    assert wrong.empty, wrong[
        [*KEYS, *TOLD[:4], "status_again", "reason_again", *VALUES[:1], "actual_value_again"]
    ].head(20)


def _workbench(path: Path) -> duckdb.DuckDBPyConnection:
    """What the models of the targets read, in a database where they can be run anew."""
    con = duckdb.connect()
    con.execute(f"attach '{path}' as built (read_only)")
    read = {name for m in MODELS for name in references(m)} - set(MODELS)
    for name in sorted(read | {"dim_edition", "dim_plan_binding"}):
        con.execute(f'create table "{name}" as select * from built."{name}"')
    return con


MUTATIONS = {
    "at_least": "direction = case direction when 'higher' then 'lower' end",
    "at_most": "direction = case direction when 'lower' then 'higher' end",
    "exact": "direction = case direction when 'equal' then 'lower' end",
    "all_entities": "is_inclusive = false",
    "change_positive": "direction = case direction when 'higher' then 'lower' end",
    "change_negative": "direction = case direction when 'lower' then 'higher' end",
    "change_non_negative": "direction = case direction when 'higher' then 'lower' end",
    "informative": "judge = 'at_least', direction = 'higher'",
}


@pytest.mark.parametrize("form", MUTATIONS)
def test_a_judge_that_is_wrong_is_seen(county_home: Home, again: pd.DataFrame, form: str) -> None:
    con = _workbench(county_home.build.path)
    judge(con)
    assert differing(con, again).empty
    con.execute(f"update dim_target set {MUTATIONS[form]} where judge = '{form}'")
    judge(con)
    wrong = differing(con, again)
    asked = set(con.sql(f"select target_id from dim_target where judge = '{form}'").df()["target_id"])
    assert len(wrong) and (form == "informative" or set(wrong["target_id"]) <= asked)
