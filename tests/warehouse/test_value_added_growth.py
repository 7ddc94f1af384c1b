"""Growth of the standard score and progress in percentiles, computed pupil by pupil apart from the models."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.conftest import Home
from tests.warehouse.rendered import load_seeds, load_table, read, run

R, IN, OUT = "990201", "2023-2024", "2024-2025"
# School, pupil, entry score, exit score; None did not sit. Pupil 6 came later, pupil 7 left.
PUPILS = [("a", 1, 60.0, 70.0), ("a", 2, 80.0, 70.0), ("a", 3, 90.0, 95.0), ("b", 4, 60.0, 50.0),
          ("b", 5, 70.0, 70.0), ("b", 6, None, 88.0), ("b", 7, 40.0, None)]  # fmt: skip


@pytest.fixture
def grown() -> list[dict[str, object]]:
    con = duckdb.connect()
    exam = {"region_code": R, "subject": "数学", "score_status": "scored"}
    rows = [
        {**exam, "school_year": year, "exam_id": year[:4], "grade": grade, "student_key": str(pupil),
         "school_code": school, "score": score}
        for school, pupil, entry, leave in PUPILS
        for year, grade, score in ((IN, 4, entry), (OUT, 5, leave)) if score is not None
    ]  # fmt: skip
    load_table(con, "stg_exam_scores__score", rows)
    con.execute("alter table stg_exam_scores__score alter score type decimal(8, 2)")
    load_seeds(con, ("score_status",))
    con.execute("alter table score_status alter has_score type boolean")
    pair = {"region_code": R, "subject": "数学", "grade": 5, "stage": "primary", "entry_exam_id": "2023"}
    pair |= {"exit_exam_id": "2024", "entry_year": IN, "exit_year": OUT}
    load_table(con, "int_value_added__exam_paired", [pair])
    con.execute(
        "create table fct_exam_group_stat as select region_code, school_year, exam_id, grade, subject,"
        " 'county' as group_type, region_code as group_code, count(score) as n_scored, sum(score) as score_sum,"
        " sum(score * score) as score_sumsq from stg_exam_scores__score group by all"
    )
    steps = ("score_placed", "school_summed", "regressed", "grouped")
    run(con, tuple(f"int_value_added__{s}" for s in steps))
    return read(con, "select * from int_value_added__grouped order by group_type desc, group_code")


def test_three_pupils_by_hand(grown: list[dict[str, object]]) -> None:
    """Where a score stands is told by all six who sat, though only five are matched and three are of the school."""
    entry = np.array([60, 80, 90, 60, 70, 40], dtype=float)
    leave = np.array([70, 70, 95, 50, 70, 88], dtype=float)
    t_in, t_out = (50 + 10 * (x - x.mean()) / x.std() for x in (entry, leave))
    school = grown[0]
    assert (school["group_code"], school["matched_n"]) == ("a", 3)
    assert school["standard_score_growth"] == pytest.approx((t_out[:3] - t_in[:3]).mean(), rel=1e-12)
    # Entry, below and half of the equal of six: 60 -> 1 + 1, 80 -> 4.5, 90 -> 5.5. Exit: 70 -> 1 + 1.5, 95 -> 5.5.
    sixth = 100 / 6
    expected = ((2.5 - 2) + (2.5 - 4.5) + (5.5 - 5.5)) * sixth / 3
    assert school["percentile_progress"] == pytest.approx(expected, rel=1e-9)


def test_the_county_is_its_pupils(grown: list[dict[str, object]]) -> None:
    """Those who came or left have no growth, and the county's is the mean over the matched, not over the schools."""
    *schools, county = grown
    for column in ("standard_score_growth", "percentile_progress"):
        weighted = sum(float(s[column]) * int(s["matched_n"]) for s in schools) / 5  # type: ignore[arg-type]
        assert county[column] == pytest.approx(weighted, rel=1e-9)
    assert county["matched_n"] == 5


def test_the_synthetic_county_pupil_by_pupil(county_home: Home) -> None:
    with duckdb.connect(str(county_home.build.path), read_only=True) as con:
        facts = con.sql("select * from fct_value_added where subject = '数学' and exit_year = '2024-2025'").df()
        scores = con.sql(
            "select exam_id, school_year, grade, student_key, school_code, cast(score as double) as score"
            " from fct_exam_score_person where subject = '数学' and score_status = 'scored' and score is not null"
        ).df()
    assert len(facts) > 20
    sat = scores.groupby(["exam_id", "school_year", "grade"])["score"]
    scores["t"] = 50 + 10 * (scores["score"] - sat.transform("mean")) / sat.transform(lambda x: x.std(ddof=0))
    # The average rank of equals, less a half, is those below and half of the equal.
    scores["place"] = (sat.rank(method="average") - 0.5) / sat.transform("size") * 100
    for (entry_exam, exit_exam, grade), mine in facts.groupby(["entry_exam_id", "exit_exam_id", "grade"]):
        entry = scores[(scores["exam_id"] == entry_exam) & (scores["grade"] == grade - 1)]
        leave = scores[(scores["exam_id"] == exit_exam) & (scores["grade"] == grade)]
        both = leave.merge(entry[["student_key", "t", "place"]], on="student_key", suffixes=("", "_in"))
        both = both.assign(growth=both["t"] - both["t_in"], progress=both["place"] - both["place_in"])
        means = both.groupby("school_code")[["growth", "progress"]].mean()
        for row in mine[mine["group_type"] == "school"].to_dict("records"):
            found = means.loc[row["group_code"]]
            assert row["standard_score_growth"] == pytest.approx(found["growth"], rel=1e-7, abs=1e-9)
            assert row["percentile_progress"] == pytest.approx(found["progress"], rel=1e-7, abs=1e-9)
        whole = mine[mine["group_type"] == "county"].iloc[0]
        assert whole["percentile_progress"] == pytest.approx(pd.Series(both["progress"]).mean(), rel=1e-7, abs=1e-9)
