"""Early warnings counted a second time from the marks of pupils, in Python: of the models nothing is used but the rows
of the seeds. What is written out here: how a group stands, which exam it is held against, what makes a warning.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Mark:
    """One pupil in one paper; `score` is None without one, `status` as the sheet's mark was read."""

    exam_id: str
    grade: int
    subject: str
    school: str
    class_name: str
    status: str
    score: float | None


@dataclass(frozen=True)
class Paper:
    """Day, school year and cuts of a paper; rates are over those who have a score."""

    school_year: str
    day: dt.date
    pass_cut: float | None
    low_cut: float | None


Group = tuple[str, str, str]  # kind, school, class
Measured = tuple[float | None, int]


def figures(marks: list[Mark], paper: Paper) -> dict[str, Measured]:
    """Mean and rates (for each hundred) of some pupils, with the pupils each is of."""
    scores = np.array([m.score for m in marks if m.score is not None])
    due = [m for m in marks if m.status not in ("exempt", "blank")]
    absent = sum(m.status == "absent" for m in marks)
    n = len(scores)
    return {
        "standing": (float(scores.mean()) if n else None, n),
        "pass_rate": (_share(int((scores >= paper.pass_cut).sum()), n) if paper.pass_cut is not None else None, n),
        "low_rate": (_share(int((scores < paper.low_cut).sum()), n) if paper.low_cut is not None else None, n),
        "absence_rate": (_share(absent, len(due)), len(due)),
    }


def _share(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole else None


def standings(marks: Iterable[Mark], papers: Mapping[tuple[str, int, str], Paper]) -> dict[Any, Any]:
    """(exam, grade, subject) -> schools with a score, and for each group and measure its standing and pupils."""
    by_paper: dict[tuple[str, int, str], list[Mark]] = defaultdict(list)
    for m in marks:
        by_paper[m.exam_id, m.grade, m.subject].append(m)
    found = {}
    for key, sat in by_paper.items():
        groups: dict[Group, list[Mark]] = defaultdict(list)
        for m in sat:
            groups["school", m.school, "_all"].append(m)
            if m.class_name:
                groups["class", m.school, m.class_name].append(m)
        whole = figures(sat, papers[key])
        spread = float(np.std([m.score for m in sat if m.score is not None] or [0.0]))
        placed = {}
        for group, members in groups.items():
            for measure, (value, pupils) in figures(members, papers[key]).items():
                region = whole[measure][0]
                standing = None
                if value is not None and region is not None:
                    if measure != "standing":
                        standing = value - region
                    elif spread > 0:
                        standing = (value - region) / spread
                placed[group, measure] = (standing, pupils)
        found[key] = (len({m.school for m in sat if m.score is not None}), placed)
    return found


def recount(
    marks: Iterable[Mark], papers: Mapping[tuple[str, int, str], Paper], rules: Iterable[Mapping[str, Any]],
    min_schools: int, fall_step: float,
) -> dict[tuple[Any, ...], dict[str, Any]]:  # fmt: skip
    """(exam, grade, subject, kind, school, class, reason) -> level, why not, exam before, standings, judged."""
    placed, rules = standings(marks, papers), list(rules)
    chains: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for exam, grade, subject in sorted(placed, key=lambda k: (papers[k].day, k[0])):
        chains[papers[exam, grade, subject].school_year, grade, subject].append(exam)
    answers = {}
    for (_, grade, subject), exams in chains.items():
        wide = [e for e in exams if placed[e, grade, subject][0] >= min_schools]
        for exam in exams:
            _, groups = placed[exam, grade, subject]
            day = papers[exam, grade, subject].day
            for (group, measure), (standing, pupils) in groups.items():
                earlier = [e for e in wide[: wide.index(exam)] if (group, measure) in placed[e, grade, subject][1]] \
                    if exam in wide else []  # fmt: skip
                if exam in wide and wide.index(exam) == 0:
                    continue
                path = [placed[e, grade, subject][1][group, measure] for e in earlier] + [(standing, pupils)]
                sign = -1 if measure in ("standing", "pass_rate") else 1
                worse = [None if a is None or b is None else sign * (b - a) for (a, _), (b, _) in pairwise(path)]
                streak = 0
                for step in reversed(worse):
                    if step is None or round(step, 9) < fall_step:
                        break
                    streak += 1
                for rule in rules:
                    if rule["measure"] != measure or rule["group_type"] != group[0] or not _holds(rule, day):
                        continue
                    before = path[-2] if len(path) > 1 else (None, 0)
                    judged = streak if rule["form"] == "streak" else worse[-1] if worse else None
                    few = min(pupils, before[1]) < rule["min_pupils"]
                    undecided = (
                        "few_schools" if exam not in wide
                        else "no_previous_exam" if not earlier
                        else "group_too_small" if few
                        else "no_value" if standing is None or before[0] is None
                        else None
                    )  # fmt: skip
                    answers[exam, grade, subject, *group, rule["reason_code"]] = {
                        "warning_level": "undecided" if undecided or judged is None else _level(rule, judged),
                        "undecided_code": undecided,
                        "previous_exam_id": earlier[-1] if earlier else None,
                        "standing": standing,
                        "previous_standing": before[0],
                        "judged_value": judged,
                    }
    return answers


def _holds(rule: Mapping[str, Any], day: dt.date) -> bool:
    return rule["valid_from"] <= day and (rule["valid_to"] is None or day <= rule["valid_to"])


def _level(rule: Mapping[str, Any], judged: float) -> str:
    if round(judged, 9) >= rule["warning_at"]:
        return "warning"
    return "notice" if round(judged, 9) >= rule["notice_at"] else "none"


def differences(counted: Mapping[tuple[Any, ...], dict[str, Any]], stored: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the stored rows say otherwise than the recount; numbers agree to 1e-9."""
    wrong, seen = [], set()
    for row in stored:
        key = tuple(
            row[c] for c in ("exam_id", "grade", "subject", "group_type", "school_code", "class_name", "reason_code")
        )
        seen.add(key)
        if key not in counted:
            wrong.append(f"{key}: nobody counted it")
            continue
        for name, value in counted[key].items():
            told = row[name]
            same = told == value
            if isinstance(value, float) and told is not None:
                same = abs(told - value) <= 1e-9 * max(1.0, abs(value))
            if not same:
                wrong.append(f"{key}: {name} is {told}, counted {value}")
    return wrong + [f"{key}: not stored" for key in counted if key not in seen]
