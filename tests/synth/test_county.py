"""The latent county: people who live on from year to year, identifiers in order, truth that adds up."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pandas as pd
import pytest

import synth
from synth.county import found
from synth.faults import UNKNOWN_SCHOOL_CODE, Faults, plant
from synth.identifiers import check_digit
from synth.schools import kinds_of
from synth.staff import TEACHER
from synth.tell import tell
from synth.truth import _coefficient

YEARS = [2022, 2023, 2024]
WEIGHTS = [2 ** (17 - i) % 11 for i in range(17)]


@pytest.fixture(scope="module")
def county():
    return found(0, schools=12, years=YEARS, seed=20240901, growing=False)


@pytest.fixture(scope="module")
def truth(county) -> pd.DataFrame:
    return tell(county, Faults())


def _is_valid(number: str) -> bool:
    """ISO 7064 MOD 11-2, written from the standard: the weighted sum with the check character is 1 modulo 11."""
    last = 10 if number[17] == "X" else int(number[17])
    return (sum(w * int(c) for w, c in zip(WEIGHTS, number[:17], strict=True)) + last) % 11 == 1


def test_check_digit_of_a_published_example():
    assert check_digit("53032320130901001") == "9"


def test_every_identifier_is_valid_and_unique(county):
    pupils = county.pupils.persons["student_id"]
    assert pupils.str.fullmatch(r"[GJ]9[89]0201\d{11}[\dX]").all()
    assert pupils.is_unique
    assert all(_is_valid(n[1:]) for n in pupils)
    persons = county.pupils.persons
    temporary = persons.loc[persons["first_id"] != persons["student_id"], "first_id"]
    assert len(temporary) > 0
    assert temporary.str.fullmatch(r"L990201\d{12}").all()
    assert not set(temporary) & set(pupils)
    staff = county.staff_history.drop_duplicates("person")
    assert staff["identity"].is_unique
    assert not set(staff["identity"]) & set(county.researchers["identity"])
    assert all(_is_valid(n) for n in staff["identity"])
    female = county.pupils.persons["is_female"].to_numpy()
    assert ((pupils.str[17].astype(int) % 2 == 0).to_numpy() == female).all()
    assert (county.pupils.persons["born"].dt.strftime("%Y%m%d") == pupils.str[7:15]).all()


def test_two_counties_share_no_person_and_no_school(county):
    other = found(1, schools=12, years=YEARS, seed=20240901, growing=False)
    assert set(county.pupils.persons["student_id"]).isdisjoint(other.pupils.persons["student_id"])
    assert set(county.staff["identity"]).isdisjoint(other.staff["identity"])
    assert set(county.schools["code"]).isdisjoint(other.schools["code"])


def test_schools_are_of_every_kind_and_size(county):
    s = county.schools
    basic = s.loc[s["code"].str[:2].isin(["21", "31"])]
    assert len(basic) == 12
    assert basic["type_code"].value_counts().to_dict() == {"211": 7, "311": 3, "218": 1, "312": 1}
    others = s.drop(basic.index)
    assert others["type_code"].value_counts().to_dict() == {"111": 4, "511": 1, "342": 1, "361": 1}
    assert others["code"].str.fullmatch(r"(11|51|34|36)99\d{6}").all()
    assert basic["is_private"].sum() == 1
    assert s["is_private"].sum() == 3
    assert s.loc[s["type_code"] == "111", "inclusive"].tolist() == ["是", "是", "是", "否"]
    assert set(basic["urban_rural"]) == {"111", "112", "121", "220"}
    point = s.index[s["type_code"] == "218"][0]
    assert (county.sections.loc[county.sections["school"] == point, "pupils"] < 50).all()
    assert s.at[point, "parent_code"] in set(s.loc[s["role"] == "片区中心小学", "code"])


def test_larger_counties_have_full_middle_and_twelve_year_schools():
    kinds = [k.type_code for k in kinds_of(48)]
    assert kinds.count("341") == 2
    assert kinds.count("345") == 1
    assert kinds.count("111") == 16


def test_pupils_move_up_one_grade_a_year(county):
    years = county.pupils.years
    assert not years.duplicated(["year", "pupil"]).any()
    pairs = years.merge(years.assign(year=years["year"] - 1), on=["pupil", "year"], suffixes=("", "_next"))
    events = county.pupils.events
    ill = pairs["pupil"].isin(events.loc[events["kind"] == "休学", "pupil"])
    assert (pairs.loc[~ill, "grade_next"] == pairs.loc[~ill, "grade"] + 1).all()
    assert (pairs.loc[ill, "grade_next"] - pairs.loc[ill, "grade"]).isin([0, 1]).all()
    before = years.loc[(years["year"] < 2024) & ~years["grade"].isin([9, 12])]
    stayed = len(pairs.loc[~pairs["grade"].isin([9, 12])]) / len(before)
    assert 0.97 < stayed < 0.995
    moved = pairs.loc[~pairs["grade"].isin([0, 6, 9]) & (pairs["school"] != pairs["school_next"])]
    assert 0.001 < len(moved) / len(pairs) < 0.03


def test_nobody_sits_in_a_grade_the_school_does_not_teach(county):
    years = county.pupils.years.merge(county.schools, on="school")
    assert years["grade"].between(years["first_grade"], years["last_grade"]).all()


def test_graduates_were_in_the_last_grade_the_year_before(county):
    years = county.pupils.years
    last = years.loc[(years["year"] == 2023) & (years["grade"] == 9) & (years["exam_school"] >= 0)]
    last = last.loc[last["stage"] == "junior"]
    expected = last.groupby("exam_school").size()
    g = county.pupils.graduates
    got = g.loc[(g["year"] == 2024) & (g["stage"] == "junior")].set_index("school")["count"]
    assert got.to_dict() == expected.to_dict()


def test_teachers_stay_and_grow_older(county):
    t = county.staff.loc[county.staff["post"] == TEACHER]
    now, then = (set(t.loc[t["year"] == y, "person"]) for y in (2023, 2022))
    assert 0.9 < len(now & then) / len(then) < 1
    pairs = t.merge(t.assign(year=t["year"] - 1), on=["person", "year"], suffixes=("", "_next"))
    assert (pairs["age_next"] == pairs["age"] + 1).all()
    assert (pairs["school_next"] == pairs["school"]).all()
    assert (pairs["main_subject_next"] == pairs["main_subject"]).all()
    basic = t.loc[t["stage"].isin(["primary", "junior"])]
    arts = basic.loc[basic["main_subject"].isin(["体育", "音乐", "美术"])].groupby("year").size()
    assert arts[2022] < arts[2024]
    assert t["age"].between(22, 60).all()


def test_town_is_ahead_in_scores_and_behind_in_space(truth):
    year = truth.loc[truth["period_id"] == "2024-2025"].assign(number=lambda t: pd.to_numeric(t["value"]))
    mean = year.loc[(year["measure"] == "exm_mean_score") & (year["entity_type"] == "urban_rural")]
    wide = mean.pivot_table(index=["grade", "subject"], columns="entity_id", values="number")
    assert (wide["urban"] - wide["rural"] > 0).mean() > 0.9
    area = year.loc[(year["measure"] == "res_teaching_area_per_student") & (year["entity_type"] == "urban_rural")]
    by_group = area.set_index(["stage", "entity_id"])["number"]
    assert by_group["primary", "rural"] > by_group["primary", "urban"]


def _leaps(county) -> pd.DataFrame:
    """Sections that changed their pupils or teachers by more than a fifth (of at least 20 pupils, 3 teachers)."""
    s = county.sections
    pairs = s.merge(s.assign(year=s["year"] + 1), on=["year", "school", "stage"], suffixes=("", "_before"))
    found = []
    for column, least in (("pupils", 20), ("teachers", 3)):
        change = (pairs[column] - pairs[f"{column}_before"]).abs()
        found.append(pairs.loc[(change >= least) & (change > 0.2 * pairs[f"{column}_before"])])
    return pd.concat(found)


def test_a_clean_county_gives_no_cause_for_a_question(county):
    assert _leaps(county).empty
    assert (county.money["final"] <= county.money["adjusted"]).all()


@pytest.mark.slow
def test_nor_does_one_of_300_schools():
    assert _leaps(found(0, schools=300, years=YEARS, seed=20240901, growing=False)).empty


def test_value_added_can_be_computed(county):
    s = county.scores
    exits = s.loc[(s["year"] == 2024) & (s["grade"] > 3) & (s["数学_status"] == "scored"), "pupil"]
    entries = s.loc[(s["year"] == 2023) & (s["数学_status"] == "scored"), "pupil"]
    assert exits.isin(entries).mean() > 0.9


def test_growth_changes_nobody_elses_life(county):
    grown = found(0, schools=12, years=YEARS, seed=20240901, growing=True)
    n = len(county.pupils.persons)
    assert len(grown.pupils.persons) > n
    columns = ["student_id", "is_female", "ability"]
    pd.testing.assert_frame_equal(grown.pupils.persons.loc[: n - 1, columns], county.pupils.persons[columns])
    keys = ["year", "pupil"]
    both = county.scores.merge(grown.scores, on=keys, suffixes=("", "_grown"))
    assert len(both) == len(county.scores)
    assert (both["数学_h"] == both["数学_h_grown"]).all()


ADDITIVE = (
    "student_count", "ft_teacher_count", "above_required_teacher_count", "pe_art_teacher_count",
    "teaching_auxiliary_area_net_m2", "sports_area_m2", "equipment_value_yuan", "multimedia_room_count",
)  # fmt: skip


def test_sections_add_up_to_the_county(truth):
    t = truth.loc[truth["measure"].isin(ADDITIVE)].assign(number=lambda x: pd.to_numeric(x["value"]))
    sums = t.pivot_table(index=["period_id", "stage", "measure"], columns="entity_type", values="number", aggfunc="sum")
    assert len(sums) == 3 * 2 * len(ADDITIVE)
    assert ((sums["section"] - sums["county"]).abs() < 1e-6).all()
    assert ((sums["urban_rural"] - sums["county"]).abs() < 1e-6).all()


def test_schools_add_up_in_exams_and_rates_agree(truth):
    t = truth.loc[truth["measure"].str.startswith("exam_") & (truth["group_code"] == "_all")].assign(
        number=lambda x: pd.to_numeric(x["value"])
    )
    sums = t.pivot_table(
        index=["period_id", "grade", "subject", "measure"], columns="entity_type", values="number", aggfunc="sum"
    )
    assert ((sums["school"] - sums["county"]).abs() < 1e-6).all()
    assert ((sums["urban_rural"] - sums["county"]).abs() < 1e-6).all()
    assert set(truth["grade"]) == {"_all", *"3456789", "12"}
    county = truth.loc[(truth["entity_type"] == "county") & (truth["grade"] == "8") & (truth["group_code"] == "_all")]
    wide = county.pivot(index=["period_id", "subject"], columns="measure", values="value").astype(float)
    assert len(wide) == 3 * 4
    assert (wide["exam_score_sum"] / wide["exam_scored_count"] == wide["exm_mean_score"]).all()
    assert ((wide["exam_low_count"] + wide["exam_pass_count"]) <= wide["exam_scored_count"]).all()


def test_counts_of_truth_are_the_people(county, truth):
    """Counted once more, in plain python, from the people themselves."""
    code = county.schools["code"].tolist()
    special = county.schools["special"].tolist()
    is_female = county.pupils.persons["is_female"].tolist()
    heads, girls = {}, {}
    for r in county.pupils.years.itertuples():
        if not 1 <= r.grade <= 9 or special[r.school]:
            continue
        key = (f"{r.year}-{r.year + 1}", code[r.school], "primary" if r.grade < 7 else "junior")
        heads[key] = heads.get(key, 0) + 1
        girls[key] = girls.get(key, 0) + is_female[r.pupil]
    for measure, expected in (("student_count", heads), ("female_student_count", girls)):
        rows = truth.loc[(truth["measure"] == measure) & (truth["entity_type"] == "section")]
        assert {(r.period_id, r.entity_id, r.stage): int(r.value) for r in rows.itertuples()} == expected


def test_the_published_example_of_the_coefficient():
    value = _coefficient([279, 137, 935, 160, 402], [45, 37, 89, 76, 55], 1)
    assert math.isclose(value, 0.515257, abs_tol=5e-7)


def test_budget_categories_add_up_and_spending_never_falls(truth):
    money = truth.loc[truth["measure"] == "budget_yuan"].assign(number=lambda t: t["value"].astype(int))
    for version in ("年初预算", "调整预算"):
        totals = money.loc[money["group_code"] == version].set_index("period_id")["number"]
        parts = money.loc[money["group_code"].str.startswith(f"{version}|")].groupby("period_id")["number"].sum()
        assert totals.to_dict() == parts.to_dict()
    spent = truth.loc[truth["measure"] == "edu_expenditure_yuan", "value"].astype(int).tolist()
    assert spent == sorted(spent)
    assert len(set(spent)) == 3


def test_truth_of_a_faulty_county_leaves_out_what_is_refused():
    county = found(0, schools=12, years=YEARS, seed=20240901, growing=True)
    faults = plant(county)
    truth = tell(county, faults)
    row = next(iter(faults.score_over))
    refused = county.scores.loc[row]
    at = (
        (truth["period_id"] == "2024-2025") & (truth["entity_id"] == county.schools.at[refused["school"], "code"])
        & (truth["grade"] == str(refused["grade"])) & (truth["subject"] == "语文")
    )  # fmt: skip
    counts = truth.loc[at & (truth["measure"] == "exam_scored_count")].set_index("basis")["value"].astype(int)
    assert counts["received"] == counts["latent"] - 1
    silent = truth.loc[(truth["basis"] == "received") & (truth["period_id"] == "2022-2023") & (truth["value"] == "")]
    assert set(silent["entity_id"]) == {county.schools.at[8, "code"]}
    teachers = truth.loc[(truth["measure"] == "ft_teacher_count") & (truth["basis"] == "received")]
    assert len(teachers) == 3  # the section, its urban-rural group, the county
    papers = truth.loc[(truth["measure"] == "tch_cert_rate") & (truth["period_id"] == "2024-2025")].set_index("basis")
    assert set(papers.index) == {"latent", "received"}


def test_synth_imports_nothing_of_the_house():
    house = {"ingest", "warehouse", "expectations", "publication", "cli", "dags"}
    for path in Path(synth.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                assert not {n.split(".")[0] for n in names} & house, path.name
        if path.name.endswith("truth.py"):
            assert "read_" not in path.read_text(encoding="utf-8")
    assert UNKNOWN_SCHOOL_CODE.startswith("2199")
