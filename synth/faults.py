"""Which faults are planted where, as data: the writers obey it, the truth leaves out what is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from synth.county import GROWING_SCHOOL, GROWTH, County
from synth.exams import SCORED, full_mark
from synth.schools import JUNIOR
from synth.staff import TEACHER

NONE, MILD, ALL = "none", "mild", "all"
LEVELS = (NONE, MILD, ALL)
UNKNOWN_SCHOOL_CODE = "2199999999"


@dataclass
class Faults:
    """Faults of one county. Keys of `score_over` and `code_over` are index labels of `County.scores`."""

    score_over: dict[int, tuple[str, int]] = field(default_factory=dict)  # row -> subject, half points written
    code_over: dict[int, str] = field(default_factory=dict)  # row -> school code written
    left_off_roster: dict[int, int] = field(default_factory=dict)  # year -> person
    wrong_total: dict[tuple[int, str], int] = field(default_factory=dict)  # year, stage -> pupils too many
    no_exam_file: set[tuple[int, int]] = field(default_factory=set)  # year, school
    sent_twice: tuple[int, int] | None = None  # year, school
    truncated: tuple[int, int] | None = None
    unknown_template: int | None = None  # year
    grown: tuple[int, int] | None = None  # year, school

    @property
    def refused_rows(self) -> list[int]:
        """Rows of `County.scores` that a warehouse must refuse."""
        return [*self.score_over, *self.code_over]


def plant(county: County) -> Faults:
    """The mild set: a handful in the newest year, and one school silent in the oldest where there are several."""
    last, count = county.years[-1], len(county.schools)
    faults = Faults(
        sent_twice=(last, 2 % count), truncated=(last, 0), unknown_template=last, grown=(last, GROWING_SCHOOL)
    )
    _, row = _pick(county, last, 3 % count, 0.4)
    grade = int(county.scores.at[row, "grade"])
    faults.score_over[row] = ("数学", 2 * full_mark(grade, "数学") + 46)
    _, row = _pick(county, last, GROWING_SCHOOL, 0.6)
    faults.code_over[row] = UNKNOWN_SCHOOL_CODE
    staff = county.staff
    there = (staff["year"] == last) & (staff["school"] == 3 % count) & (staff["post"] == TEACHER) & ~staff["is_canary"]
    faults.left_off_roster[last] = int(staff.loc[there & (staff["main_subject"] == "数学"), "person"].iloc[-1])
    faults.wrong_total[(last, JUNIOR)] = 10
    if len(county.years) > 1:
        faults.no_exam_file.add((county.years[0], 8 if count > 8 else GROWING_SCHOOL))
    return faults


def _pick(county: County, year: int, school: int, share: float) -> tuple[pd.DataFrame, int]:
    """A pupil of the school with all papers written, `share` of the way down the list; never the canary."""
    s = county.scores
    rows = s.loc[
        (s["year"] == year) & (s["school"] == school) & (s["pupil"] != county.pupils.canary)
        & (s["数学_status"] == SCORED) & (s["语文_status"] == SCORED)
    ]  # fmt: skip
    return rows, int(rows.index[int(len(rows) * share)])


def growth_percent() -> int:
    """How much the growing school grew, in percent."""
    return round(GROWTH * 100)
