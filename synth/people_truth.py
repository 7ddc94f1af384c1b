"""The right answers about pupils and schools: classes, sizes, retention, dropouts, migrants, kindergartens."""

from __future__ import annotations

import pandas as pd

from synth.county import County, entry_grades
from synth.fates import DEAD, DROPPED, IN, OUT
from synth.institutions.answers import Answers
from synth.schools import COMPULSORY, JUNIOR, PRESCHOOL, PRIMARY

BOTH = ";".join(COMPULSORY)
_SMALL_SCHOOL = 200
_CLASS_LIMIT = {PRIMARY: 45, JUNIOR: 50}
_COMBINED = ("312", "345")
_PLAIN = ("211", "311")


def period(year: int) -> str:
    """`2024-2025` of 2024."""
    return f"{year}-{year + 1}"


def tell_pupils(county: County, answers: Answers) -> None:
    """Answers by school year that follow from pupils, classes and schools."""
    for year in county.years:
        sections = county.sections.loc[county.sections["year"] == year]
        _schools(county, answers, sections, year)
        _kindergartens(county, answers, sections, year)
        _migrants(county, answers, year)
        _dropouts(county, answers, sections, year)
        _cohorts(county, answers, year)


def _schools(county: County, answers: Answers, sections: pd.DataFrame, year: int) -> None:
    s = sections.loc[sections["stage"].isin(COMPULSORY)].merge(county.schools[["school", "type_code"]], on="school")
    when = period(year)
    answers.ratio("tch_students_per_staff", when, BOTH, int(s["pupils"].sum()), int(s["staff"].sum()))
    whole = sections.groupby("school")["pupils"].sum()
    small = s.loc[s["school"].map(whole) < _SMALL_SCHOOL]
    answers.ratio(
        "tch_staff_per_class_small_school", when, BOTH, int(small["staff"].sum()), int(small["classes"].sum())
    )
    kept = int(sections["psych_records"].sum())
    answers.ratio("saf_psych_record_coverage", when, "all", kept, int(sections["pupils"].sum()), 100)
    for name, types in (("gua_school_size", _PLAIN), ("gua_combined_school_size", _COMBINED)):
        heads = s.loc[s["type_code"].isin(types)].groupby("school")["pupils"].sum()
        if len(heads):
            answers.tell(name, when, BOTH, int(heads.max()))
    c = county.classes
    c = c.loc[(c["year"] == year) & c["stage"].isin(COMPULSORY)]
    answers.tell("gua_max_class_size", when, BOTH, int(c["pupils"].max()))
    fits = c["pupils"] <= c["stage"].map(_CLASS_LIMIT)
    answers.ratio("gua_class_size_compliance", when, BOTH, int(fits.sum()), len(c), 100)


def _kindergartens(county: County, answers: Answers, sections: pd.DataFrame, year: int) -> None:
    k = sections.loc[sections["stage"] == PRESCHOOL].merge(
        county.schools[["school", "is_private", "inclusive"]], on="school"
    )
    every, public = int(k["pupils"].sum()), int(k.loc[~k["is_private"], "pupils"].sum())
    inclusive = int(k.loc[k["inclusive"] == "是", "pupils"].sum())
    answers.ratio("enr_public_kindergarten_share", period(year), PRESCHOOL, public, every, 100)
    answers.ratio("enr_inclusive_kindergarten_cov", period(year), PRESCHOOL, inclusive, every, 100)


def _migrants(county: County, answers: Answers, year: int) -> None:
    roll = county.pupils.years
    roll = roll.loc[(roll["year"] == year) & roll["stage"].isin(COMPULSORY)]
    persons = county.pupils.persons.loc[roll["pupil"].to_numpy()]
    private = county.schools["is_private"].to_numpy()[roll["school"]]
    entitled = (persons["is_migrant"] & persons["is_eligible"]).to_numpy()
    # 0.7: the county pays for the places of these in private schools.
    served = entitled & (~private | (persons["draw"] < 0.7).to_numpy())
    answers.ratio("equ_migrant_public_share", period(year), BOTH, int(served.sum()), int(entitled.sum()), 100)


def _dropouts(county: County, answers: Answers, sections: pd.DataFrame, year: int) -> None:
    e = county.pupils.events
    e = e.loc[(e["year"] == year) & (e["kind"] == DROPPED) & e["stage"].isin(COMPULSORY) & e["return_date"].isna()]
    answers.tell("gua_dropout_count", period(year), BOTH, len(e))
    schools = set(sections.loc[sections["stage"].isin(COMPULSORY), "school"])
    free = len(schools - set(e["school"]))
    answers.ratio("gua_no_dropout_school_share", period(year), BOTH, free, len(schools), 100)


def _cohorts(county: County, answers: Answers, year: int) -> None:
    """Graduates of the summer before `year` against those who entered, came, left and died."""
    g = county.pupils.graduates
    done = int(g.loc[(g["year"] == year) & (g["stage"] == JUNIOR), "count"].sum())
    for name, stage, span, scope in (
        ("qua_junior_retention_3y", JUNIOR, 3, JUNIOR), ("enr_nine_year_retention", PRIMARY, 9, BOTH)
    ):  # fmt: skip
        base = _base(county, stage, year - span, span)
        answers.ratio(name, period(year), scope, done, base, 100)


def _base(county: County, stage: str, entered: int, span: int) -> int:
    pupils = county.pupils
    rolls = pd.concat([pupils.history, pupils.years])[["year", "school", "stage", "grade"]]
    rolls = rolls.loc[(rolls["year"] == entered) & (rolls["stage"] == stage)]
    first = int(entry_grades(pd.Series([stage])).iloc[0])
    heads = int((rolls["grade"] == first).sum())
    e = pupils.events
    e = e.loc[e["stage"].isin(COMPULSORY) & e["grade"].between(first, first + span - 1)]
    e = e.loc[e["year"] - (e["grade"] - first) == entered]
    n = e["kind"].value_counts()
    return heads + int(n.get(IN, 0)) - int(n.get(OUT, 0)) - int(n.get(DEAD, 0))
