"""The composite of mean, pass and excellent rate, counted again from the marks of the synthetic county's pupils."""

from __future__ import annotations

import duckdb
import pytest

from tests.conftest import Home
from tests.warehouse.rendered import seed_rows

_MARKS = """
    select s.exam_id, s.school_year, s.grade, s.subject, s.school_code, s.score, e.pass_cut, e.excellent_cut
    from fct_exam_score_person as s
    inner join dim_exam_subject as e using (exam_id, school_year, grade, subject)
    where s.score_status = 'scored' and e.denominator_rule = 'scored'
"""
_STORED = "select exam_id, school_year, grade, subject, school_code, composite_value, status from fct_exam_composite"


def test_every_composite_is_what_the_marks_say(county_home: Home) -> None:
    values = {r["parameter_code"]: r["value"] for r in seed_rows("parameter") if not r["valid_to"]}
    weights = [float(values[f"exam_composite_weight_{rate}"]) for rate in ("mean", "pass", "excellent")]
    least = int(values["exam_min_group_pupils"])
    with duckdb.connect(str(county_home.build.path), read_only=True) as con:
        marks = con.execute(_MARKS).df()
        stored = {row[:5]: row[5:] for row in con.execute(_STORED).fetchall()}
    marks["passed"] = marks["score"] >= marks["pass_cut"]
    marks["excelled"] = marks["score"] >= marks["excellent_cut"]
    judged = 0
    for paper, sat in marks.groupby(["exam_id", "school_year", "grade", "subject"]):
        schools = sat.groupby("school_code")
        rates = schools[["score", "passed", "excelled"]].mean()
        large = schools.size() >= least
        best = rates.loc[large].max()
        for school, row in rates.iterrows():
            value, status = stored[*paper, school]
            if not large[school]:
                assert (value, status) == (None, "few_pupils")
            elif best.min() == 0:
                assert (value, status) == (None, "undefined")
            else:
                points = sum(w * rate / top for w, rate, top in zip(weights, row, best, strict=True))
                assert value == pytest.approx(points, rel=1e-9), (paper, school)
                judged += 1
        assert max(stored[*paper, s][0] or 0 for s in rates.index) <= sum(weights) + 1e-9
    assert judged > 300
