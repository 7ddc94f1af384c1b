"""The county's monitoring examination at the end of each school year: who sat it and what they scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.people import Pupils
from synth.schools import COMPULSORY

SCORED, ABSENT, DEFERRED, EXEMPT = "scored", "absent", "deferred", "exempt"
SUBJECTS = ("语文", "数学", "英语", "物理")
CUT_SHARES = {"excellent": 85, "good": 70, "pass": 60, "low": 40}
FIRST_GRADE = 3
PURPOSE = "教学质量监测"
# Tests of the approved plan that were never held, by school year.
EXTRA_PLANNED = {2022: ((5, "科学"), (6, "科学"))}
# Mean share of the full mark and its spread per latent standard deviation, primary and junior.
_EASE = {
    "语文": (0.77, 0.70, 0.115),
    "数学": (0.76, 0.64, 0.155),
    "英语": (0.74, 0.62, 0.175),
    "物理": (0.0, 0.62, 0.160),
}
_GAP = {"语文": 0.8, "数学": 1.0, "英语": 1.5, "物理": 1.1}  # how much the school's level weighs


@dataclass(frozen=True)
class Exam:
    """One examination: `year` is the year in which the school year begins."""

    year: int

    @property
    def period(self) -> str:
        return f"{self.year}-{self.year + 1}"

    @property
    def name(self) -> str:
        return f"{self.period}学年末{PURPOSE}"

    @property
    def date(self) -> str:
        return f"{self.year + 1}-06-{23 + self.year % 4}"


def full_mark(grade: int, subject: str) -> int:
    """Full mark in points: 100, and 120 for 语文, 数学 and 英语 of the junior stage."""
    return 120 if grade >= 7 and subject != "物理" else 100


def is_examined(grade: int, subject: str) -> bool:
    """Whether a grade sits a subject: 物理 from grade 8, the others from grade 3."""
    return grade >= (8 if subject == "物理" else FIRST_GRADE)


def sit(
    pupils: Pupils, schools: pd.DataFrame, grade_counts: pd.DataFrame, years: list[int], rng: np.random.Generator
) -> pd.DataFrame:
    """Scores of every pupil present in June, one row per year and pupil (grades 3-9), in file order.

    Columns: year, pupil, student_id, name, is_female, school, grade, class_no and for each subject `<subject>_h`
    (score in half points, int; -1 where there is none) and `<subject>_status` ('' where the grade has no such paper).
    """
    persons = pupils.persons
    # One row of draws a pupil: later arrivals leave the talents of the others as they are.
    talent = np.random.default_rng([int(rng.integers(0, 2**31)), 3]).normal(0, 1, (len(persons), len(SUBJECTS)))
    gained = np.zeros(len(persons))
    frames = []
    for year in years:
        salt = int(rng.integers(0, 2**31))
        tide = rng.normal(0, 0.012, (10, len(SUBJECTS)))
        roll = pupils.years.loc[(pupils.years["year"] == year) & (pupils.years["exam_school"] >= 0)]
        pupil, school = roll["pupil"].to_numpy(), roll["exam_school"].to_numpy()
        gained[pupil] += schools["value_added"].to_numpy()[school]
        roll = roll.loc[(roll["grade"] >= FIRST_GRADE) & roll["stage"].isin(COMPULSORY)]
        frames.append(_papers(roll, persons, schools, talent, gained, tide, salt).assign(year=year))
    result = pd.concat(frames, ignore_index=True)
    for year in years:
        sat = result["year"] == year
        result.loc[sat, "student_id"] = pupils.number_at(result.loc[sat, "pupil"], f"{year + 1}-06-20")
    counts = grade_counts.rename(columns={"classes": "most"})[["year", "school", "grade", "most"]]
    most = result.merge(counts, on=["year", "school", "grade"], how="left")["most"].fillna(1).astype(int)
    result["class_no"] = np.minimum(result["class_no"].to_numpy(), most.to_numpy())
    return result.sort_values(["year", "school", "grade", "class_no", "student_id"], ignore_index=True)


def _papers(
    roll: pd.DataFrame, persons: pd.DataFrame, schools: pd.DataFrame, talent: np.ndarray, gained: np.ndarray,
    tide: np.ndarray, salt: int,
) -> pd.DataFrame:  # fmt: skip
    pupil, school, grade = roll["pupil"].to_numpy(), roll["exam_school"].to_numpy(), roll["grade"].to_numpy()
    person = persons.loc[pupil]
    # Indexed by pupil, so that the luck of the day does not depend on who else sits the paper.
    luck = np.random.default_rng([salt, 5]).normal(0, 1, (len(persons), len(SUBJECTS)))[pupil]
    fate = np.random.default_rng([salt, 6]).random((len(persons), len(SUBJECTS) + 1))[pupil]
    level = schools["level"].to_numpy()[school]
    data = {
        "pupil": pupil,
        "student_id": person["student_id"].to_numpy(),
        "name": person["name"].to_numpy(),
        "is_female": person["is_female"].to_numpy(),
        "school": school,
        "grade": grade,
        "class_no": roll["class_no"].to_numpy(),
    }
    rural = ~schools["is_urban"].to_numpy()[school]
    ill = fate[:, -1] < np.where(rural, 0.022, 0.014)
    girl = person["is_female"].to_numpy()
    for k, subject in enumerate(SUBJECTS):
        ease_primary, ease_junior, width = _EASE[subject]
        mean = np.where(grade >= 7, ease_junior - 0.012 * (grade - 7), ease_primary) + tide[grade, k]
        tilt = np.where(girl, 0.14, -0.13) if subject in ("语文", "英语") else np.where(girl, -0.02, 0.02)
        latent = 0.80 * person["ability"].to_numpy() + 0.42 * talent[pupil, k] + 0.40 * luck[:, k]
        latent = latent + gained[pupil] + _GAP[subject] * level + tilt
        full = np.array([full_mark(g, subject) for g in range(10)])[grade]
        half = np.rint(np.clip(mean + width * latent, 0, 1) * full * 2).astype(int)
        sits = grade >= (8 if subject == "物理" else FIRST_GRADE)
        status = np.full(len(pupil), SCORED, dtype=object)
        status[fate[:, k] < 0.0035] = DEFERRED
        status[fate[:, k] > 0.9930] = ABSENT
        status[ill] = ABSENT
        status[fate[:, -1] > 0.9980] = EXEMPT
        status[~sits] = ""
        data[f"{subject}_status"] = status
        data[f"{subject}_h"] = np.where(status == SCORED, half, -1)
    return pd.DataFrame(data)
