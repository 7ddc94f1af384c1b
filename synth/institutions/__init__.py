"""What the county's bureau keeps beside its schools' forms: rooms, projects, surveys, registers, payments."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from synth.county import County
from synth.institutions import (
    activities,
    admission,
    appraisal,
    city,
    digital,
    fitness,
    funds,
    incidents,
    milestones,
    platforms,
    population,
    projects,
    recognitions,
    rooms,
    shortfalls,
    studios,
    surveys,
    teaching,
)
from synth.institutions.answers import Answers
from synth.institutions.base import Base

_SUBJECTS = (
    rooms, digital, platforms, population, admission, surveys, fitness, appraisal, incidents, projects, shortfalls,
    recognitions, studios, activities, teaching, milestones, city, funds,
)  # fmt: skip


def write(county: County, out_dir: Path) -> None:
    """Writes the files of the county's institutions into its folder `out_dir`."""
    base = Base(county)
    for subject in _SUBJECTS:
        subject.write(base, out_dir)


def tell(county: County) -> pd.DataFrame:
    """The right answers that these files allow, columns as `synth.truth.COLUMNS`: one row an indicator and period of
    the county, on the indicator's clock and at its own scope of stages; measures carry their filter as group_code."""
    base, answers = Base(county), Answers(county.region_code)
    for subject in _SUBJECTS:
        subject.tell(base, answers)
    return answers.table()
