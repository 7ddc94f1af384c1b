"""The assessment of the synthetic county as it was built: what its files say, and what a change would do."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.cli.test_commands import call
from tests.conftest import COUNTY, Home
from warehouse.balance import judge_items
from warehouse.balance_assess import assess
from warehouse.balance_figures import read_figures
from warehouse.errors import SchoolhouseError
from warehouse.whatif import parse_setting, what_if

YEAR = "2024-2025"
# The measure that closes a gap of each item, by itself.
CLOSES = {
    "above_required_edu_teachers": "above_required_teacher_count",
    "backbone_teachers": "backbone_teacher_count",
    "pe_art_teachers": "pe_art_teacher_count",
    "teaching_area": "teaching_auxiliary_area_m2",
    "sports_area": "sports_ground_area_m2",
    "equipment_value": "equipment_value_yuan",
    "multimedia_rooms": "multimedia_room_count",
}


def _rows(home: Home, sql: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(home.build.path), read_only=True) as con:
        return con.sql(sql).to_arrow_table().to_pylist()


def test_the_county_does_not_meet_the_standard(county_home: Home) -> None:
    (row,) = _rows(county_home, f"select * from fct_balance_conclusion where school_year = '{YEAR}'")
    assert row["conclusion"] == "not_met"
    counted = _rows(
        county_home,
        "select stage, count(*) as n, count(*) filter (status = 'met') as passing from fct_balance_section"
        f" where school_year = '{YEAR}' and is_eligible group by stage order by stage",
    )
    assert [(r["stage"], r["passing"], r["n"]) for r in counted] == [("junior", 1, 4), ("primary", 6, 9)]
    legs = _rows(county_home, f"select * from fct_balance_leg where school_year = '{YEAR}'")
    by_key = {(leg["leg_id"], leg["stage"]): leg for leg in legs}
    assert by_key["1", "junior"]["value"] == 25.0
    failed = [k for k, leg in by_key.items() if leg["leg_group"] == "dispersion" and leg["status"] == "not_met"]
    assert failed == [("1.2.cv", "junior")]
    assert by_key["1.2.cv", "junior"]["value"] == pytest.approx(0.5243, abs=5e-5)
    # Every leg is kept, with its limit and its place in the document.
    assert row["leg_count"] == len(legs) == row["met_count"] + row["not_met_count"] + row["undecided_count"]
    assert all(leg["legal_basis"] for leg in legs)


def test_every_gap_is_just_enough(county_home: Home) -> None:
    found = pd.DataFrame(_rows(county_home, "select * from fct_balance_school_item where status = 'not_met'"))
    assert len(found) > 20 and found["item_code"].nunique() >= 6
    found = found.rename(columns={"threshold_value": "threshold"})
    found["scale"] = found["scale"].astype(int)
    for less, meets in ((0, True), (1, False)):
        added = found.assign(amount=[a + g - less for a, g in zip(found["amount"], found["gap_units"], strict=True)])
        assert set(judge_items(added.drop(columns=["value", "attainment", "gap_units"]))["meets"]) == {meets}
    priced = found[found["item_code"].isin(["teaching_area", "sports_area"]) & (found["school_year"] == YEAR)]
    cost = {"teaching_area": 3000, "sports_area": 400}
    assert [float(c) for c in priced["gap_cost_yuan"]] == [
        g * cost[i] for i, g in zip(priced["item_code"], priced["gap_units"], strict=True)
    ]


def test_halls_are_counted_once(county_home: Home) -> None:
    """A hall inside the teaching area counts as sports area, and only there; without the rule it counts in both."""
    with duckdb.connect(str(county_home.build.path), read_only=True) as con:
        figures = read_figures(con, COUNTY, YEAR)
    assert figures.halls_apart
    section = figures.sections.iloc[0]
    key = (section["school_code"], section["stage"])

    def amounts(halls: float, *, apart: bool) -> dict[str, float]:
        from dataclasses import replace

        sections = figures.sections.copy()
        sections.at[0, "indoor_sports_area_m2"] = halls
        items = assess(replace(figures, sections=sections, halls_apart=apart)).items
        mine = items[(items["school_code"] == key[0]) & (items["stage"] == key[1])]
        return dict(zip(mine["item_code"], mine["amount"], strict=True))

    rooms, grounds = float(section["teaching_auxiliary_area_m2"]), float(section["sports_ground_area_m2"])
    for apart, net in ((True, rooms - 120), (False, rooms)):
        found = amounts(120.0, apart=apart)
        assert found["teaching_area"] == pytest.approx(net, rel=1e-12)
        assert found["sports_area"] == pytest.approx(grounds + 120, rel=1e-12)


def test_nothing_set_is_the_build(county_home: Home) -> None:
    found = what_if(county_home.settings, COUNTY, YEAR, None, None, [])
    assert found.build_agrees and found.changes == [] and found.items == []
    stored = _rows(county_home, f"select * from fct_balance_leg where school_year = '{YEAR}'")
    kept = {(leg["leg_id"], leg["stage"]): leg for leg in stored}
    assert {(leg["leg_id"], leg["stage"]) for leg in found.legs} == set(kept)
    for leg in found.legs:
        mine = kept[leg["leg_id"], leg["stage"]]
        assert leg["before"] == leg["after"]
        assert (leg["after"]["status"], leg["after"]["reason"]) == (mine["status"], mine["reason"])
        again = mine["value"] if mine["value"] is None else pytest.approx(mine["value"], rel=1e-9)
        assert leg["after"]["value"] == again
        assert leg["limit"] == mine["limit_value"]
    (whole,) = _rows(county_home, f"select * from fct_balance_conclusion where school_year = '{YEAR}'")
    assert found.conclusion["after"] == {k: whole[k] for k in found.conclusion["after"]}
    cvs = _rows(
        county_home,
        "select stage, item_code, cv_value from fct_between_school_dispersion where kind = 'cv_weighted'"
        f" and school_year = '{YEAR}'",
    )
    by_item = {(c["stage"], c["item_code"]): c["cv_value"] for c in cvs}
    for c in found.coefficients:
        assert c["after"] == pytest.approx(by_item[c["stage"], c["item_code"]], rel=1e-9)


def test_the_gap_closes_the_item_and_one_less_does_not(county_home: Home) -> None:
    before = hashlib.sha256(Path(county_home.build.path).read_bytes()).hexdigest()
    gaps = _rows(
        county_home,
        "select item_code, school_code, stage, gap_units as gap from fct_balance_school_item"
        f" where school_year = '{YEAR}' and status = 'not_met' and is_eligible"
        " qualify row_number() over (partition by item_code order by school_code, stage) = 1"
        " order by item_code limit 3",
    )
    assert len(gaps) == 3
    for g in gaps:
        for less, status in ((0, "met"), (1, "not_met")):
            setting = parse_setting(f"{CLOSES[g['item_code']]}=+{g['gap'] - less}")
            found = what_if(county_home.settings, COUNTY, YEAR, g["school_code"], g["stage"], [setting])
            (item,) = [i for i in found.items if i["item_code"] == g["item_code"]]
            assert (item["before"]["status"], item["after"]["status"]) == ("not_met", status), g
            assert item["before"]["gap_units"] == g["gap"]
    assert hashlib.sha256(Path(county_home.build.path).read_bytes()).hexdigest() == before


def test_a_section_without_pupils_leaves_the_assessment(county_home: Home) -> None:
    (junior,) = _rows(
        county_home,
        "select school_code from fct_balance_section where stage = 'junior' and status = 'met'"
        f" and school_year = '{YEAR}'",
    )
    found = what_if(
        county_home.settings, COUNTY, YEAR, junior["school_code"], "junior", [parse_setting("student_count=0")]
    )
    assert found.passing["before"]["junior_sections"] - found.passing["after"]["junior_sections"] == 1
    assert found.passing["after"]["junior_passing"] == 0


@pytest.mark.parametrize("text", ["rooms=3", "multimedia_room_count=1.5", "student_count", "student_count=many"])
def test_what_cannot_be_set(text: str) -> None:
    with pytest.raises(SchoolhouseError):
        parse_setting(text)


@pytest.mark.parametrize(
    ("school", "stage", "setting", "year"),
    [
        ("2199209999", None, "student_count=9", YEAR),  # no such school
        (None, None, "student_count=9", YEAR),
        ("combined", None, "student_count=9", YEAR),  # which stage?
        ("combined", "primary", "student_count=-9999", YEAR),
        ("combined", "primary", "student_count=9", "1999-2000"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    county_home: Home, school: str | None, stage: str | None, setting: str, year: str
) -> None:
    if school == "combined":
        sql = "select school_code from dim_school where is_combined and school_type_code = '312' limit 1"
        school = _rows(county_home, sql)[0]["school_code"]
    with pytest.raises(SchoolhouseError):
        what_if(county_home.settings, COUNTY, year, school, stage, [parse_setting(setting)])


def test_the_command(county_home: Home) -> None:
    (gap,) = _rows(
        county_home,
        f"select * from fct_balance_school_item where school_year = '{YEAR}' and item_code = 'pe_art_teachers'"
        " and status = 'not_met' order by school_code limit 1",
    )
    words = ["whatif", "--school", gap["school_code"], "--stage", gap["stage"], "--year", YEAR]
    done = call(county_home, *words, "--set", f"pe_art_teacher_count=+{gap['gap_units']}")
    assert done.returncode == 0, done.stderr
    assert "改动前 · 结论: 未达标" in done.stdout and "体育艺术教师" in done.stdout
    wrong = call(county_home, *words, "--set", "rooms=1")
    assert wrong.returncode == 1 and "Traceback" not in wrong.stderr and "rooms=1" in wrong.stderr
