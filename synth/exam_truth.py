"""The right answers of the county about its examinations: gaps, totals, people above the lines, exams a term."""

from __future__ import annotations

from fractions import Fraction

from synth.county import County
from synth.exams import SCORED
from synth.institutions.answers import Answers
from synth.people_truth import BOTH, period
from synth.schools import PRIMARY, SENIOR, VOCATIONAL
from synth.sittings import PRIMARY_END, TOTAL, VOCATIONAL_ENTRANCE


def tell_sittings(county: County, answers: Answers) -> None:
    """County answers: gaps, totals, people above the lines, exams a term."""
    s = county.sittings
    urban = county.schools["is_urban"].to_numpy()
    for year in county.years:
        now = s.loc[s["year"] == year]
        end = now.loc[(now["type"] == PRIMARY_END) & (now["subject"] == TOTAL) & (now["status"] == SCORED)]
        town = end.loc[urban[end["school"]]]
        if len(town) and len(end):
            gap = Fraction(int(town["half"].sum()), 2 * len(town)) - Fraction(int(end["half"].sum()), 2 * len(end))
            answers.tell("exm_primary_urban_rural_gap", period(year), PRIMARY, gap)
        trade = s.loc[(s["year"] == year - 1) & (s["type"] == VOCATIONAL_ENTRANCE) & (s["status"] == SCORED)]
        answers.ratio("exm_vocational_gaokao_score", year, VOCATIONAL, int(trade["half"].sum()), 2 * len(trade))
        g = county.gaokao.loc[county.gaokao["year"] == year]
        answers.tell("exm_gaokao_first_tier_count", year, SENIOR, int(g["first"].sum()))
        answers.tell("exm_gaokao_undergrad_count", year, SENIOR, int(g["undergraduate"].sum()))
        sat = county.scores.loc[county.scores["year"] == year, "grade"]
        others = now.loc[now["grade"] <= 9].groupby("grade")["type"].nunique()
        most = max(1 + int(others.get(grade, 0)) for grade in sat.unique().tolist())
        answers.tell("gua_exam_count", period(year), BOTH, most)
