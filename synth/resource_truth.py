"""Which sections meet the seven items of the national method, and the share of them that passes."""

from __future__ import annotations

from fractions import Fraction

from synth.county import County
from synth.institutions.answers import Answers
from synth.people_truth import BOTH, period
from synth.schools import JUNIOR, PRIMARY
from synth.truth import section_figures

# Measure, scale, what primary and junior sections need.
_NEEDS = (
    ("above_required_teacher_count", 100, "4.2", "5.3"),
    ("backbone_teacher_count", 100, "1", "1"),
    ("pe_art_teacher_count", 100, "0.9", "0.9"),
    ("teaching_auxiliary_area_net_m2", 1, "4.5", "5.8"),
    ("sports_area_m2", 1, "7.5", "10.2"),
    ("equipment_value_yuan", 1, "2000", "2500"),
    ("multimedia_room_count", 100, "2.3", "2.4"),
)
_MET_LEAST, _FLOOR = 6, Fraction(85, 100)


def tell_resources(county: County, answers: Answers) -> None:
    """Six of seven items met and the seventh at 85 percent at least: the share of sections of each scope."""
    for year, now in section_figures(county).groupby("year"):
        passed: dict[str, list[bool]] = {PRIMARY: [], JUNIOR: []}
        for r in now.to_dict("records"):
            reached = [
                Fraction(r[m]) * scale / (r["student_count"] * Fraction(primary if r["stage"] == PRIMARY else junior))
                for m, scale, primary, junior in _NEEDS
            ]
            enough = sum(a >= 1 for a in reached) >= _MET_LEAST
            passed[r["stage"]].append(enough and min(reached) >= _FLOOR)
        when = period(int(year))  # type: ignore[call-overload]
        for scope, flags in (
            (PRIMARY, passed[PRIMARY]),
            (JUNIOR, passed[JUNIOR]),
            (BOTH, [*passed[PRIMARY], *passed[JUNIOR]]),
        ):
            answers.ratio("res_school_pass_share", when, scope, sum(flags), len(flags), 100)
