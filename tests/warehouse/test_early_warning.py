"""Early warnings: every one counted again from pupils' marks, and a planted fall beside its neighbour."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.warehouse.early_warning_recount import Mark, Paper, differences, recount
from tests.warehouse.rendered import load_seeds, load_table, read, run, seed_rows

R, OTHER, YEAR = "990201", "990301", "2024-2025"
EXAMS = {"mid": dt.date(2024, 11, 10), "end": dt.date(2025, 1, 12), "june": dt.date(2025, 6, 24)}
OWN_PAPER = ("own", dt.date(2024, 12, 1))  # sat by one school alone
SCHOOLS, CLASSES, PUPILS = ("a", "b", "c", "d"), ("1班", "2班", "3班"), 24
MODELS = (
    "int_exam_class__summed", "int_exam_school__summed", "fct_exam_group_stat", "int_exam_group__placed",
    "int_exam_group__compared", "fct_early_warning",
)  # fmt: skip


def _marks(seed: int, **planted: Any) -> list[Mark]:
    """Marks of grade 6 in three exams of four schools. `planted` falls: class -> points off from `end` on."""
    rng = np.random.default_rng(seed)
    talent = {(s, c, k): rng.normal(70, 12) for s in SCHOOLS for c in CLASSES for k in range(PUPILS)}
    found = []
    for exam, _ in [*EXAMS.items(), OWN_PAPER]:
        for (school, class_name, _), level in talent.items():
            if exam == "own" and school != "a":
                continue
            for subject in ("语文", "数学"):
                off = planted.get(f"{school}{class_name}", 0) if exam == "end" and subject == "数学" else 0
                status = rng.choice(["scored", "absent", "exempt"], p=[0.96, 0.03, 0.01])
                score = float(np.clip(round((level + rng.normal(0, 2) - off) * 2) / 2, 0, 100))
                found.append(Mark(exam, 6, subject, school, class_name, status, score if status == "scored" else None))
    return found


def _papers() -> dict[tuple[str, int, str], Paper]:
    # The paper of one subject has no low cut.
    return {
        (exam, 6, subject): Paper(YEAR, day, 60.0, 40.0 if subject == "数学" else None)
        for exam, day in [*EXAMS.items(), OWN_PAPER]
        for subject in ("语文", "数学")
    }


def _rules(*more: dict[str, Any]) -> list[dict[str, Any]]:
    dates = {"valid_from": dt.date(2010, 1, 1), "valid_to": None}
    numbers = ("notice_at", "warning_at")
    seeds = [
        {**r, **{n: Decimal(r[n]) for n in numbers}, "min_pupils": int(r["min_pupils"]), **dates}
        for r in seed_rows("early_warning_rule")
    ]
    return [*seeds, *({**seeds[0], **m} for m in more)]


def _build(marks: dict[str, list[Mark]], rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every row of the fact, for the marks of some regions."""
    con = duckdb.connect()
    con.execute("set threads to 1")
    load_seeds(con, ("score_status", "grade"))
    for flag in ("is_registered", "is_present", "is_absent", "is_deferred", "is_exempt", "has_score"):
        con.execute(f"alter table score_status alter {flag} type boolean")
    con.execute("alter table grade alter grade type integer")
    load_table(con, "early_warning_rule", rules)
    con.execute("alter table early_warning_rule alter valid_to type date")
    load_table(con, "stg_exam_scores__score", [
        {"region_code": region, "school_year": YEAR, "exam_id": region + m.exam_id, "grade": m.grade,
         "subject": m.subject, "school_code": region + m.school, "class_name": m.class_name, "score_status": m.status,
         "score": None if m.score is None else Decimal(str(m.score))}
        for region, found in marks.items() for m in found
    ])  # fmt: skip
    con.execute("alter table stg_exam_scores__score alter score type decimal(8, 2)")
    papers = [
        {"exam_id": region + exam, "school_year": YEAR, "grade": grade, "subject": subject, "excellent_cut": 85.0,
         "good_cut": 70.0, "pass_cut": paper.pass_cut, "low_cut": paper.low_cut, "denominator_rule": "scored"}
        for region in marks for (exam, grade, subject), paper in _papers().items()
    ]  # fmt: skip
    load_table(con, "dim_exam_subject", papers)
    load_table(con, "dim_exam", [
        {"exam_id": region + exam, "school_year": YEAR, "exam_date": day,
         "term_code": f"{YEAR}-{1 if day.month in (11, 12, 1) else 2}"}
        for region in marks for exam, day in [*EXAMS.items(), OWN_PAPER]
    ])  # fmt: skip
    load_table(con, "int_parameter__by_school_year", [
        {"school_year": YEAR, "parameter_code": p["parameter_code"], "value": Decimal(p["value"])}
        for p in seed_rows("parameter") if p["parameter_code"].startswith("early_warning_")
    ])  # fmt: skip
    schools = [{"school_code": r + s, "school_year": YEAR, "school_key": f"k{r}{s}"} for r in marks for s in SCHOOLS]
    load_table(con, "dim_school", schools)
    load_table(con, "int_exam_school__located", [{**s, "urban_rural_group": "rural"} for s in schools])
    for table, key in (("fct_exam_registration_person", "exam_id"), ("fct_student_snapshot_person", "student_key")):
        columns = {"region_code", "school_year", "exam_id", "grade", "school_code", "student_key", key}
        con.execute(f"create table {table} ({', '.join(f'{c} varchar' for c in sorted(columns))})")
        con.execute(f"alter table {table} alter grade type integer")
    run(con, MODELS)
    return read(con, "select * from fct_early_warning")


def _counted(region: str, marks: list[Mark], rules: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The recount, under the names that the build gave exams and schools of the region."""
    own = [r for r in rules if r["region_code"] in (region, "_all")]
    best = [
        r for r in own if r["region_code"] == region or not any(_same(r, o) and o["region_code"] == region for o in own)
    ]
    found = recount(marks, _papers(), best, 3, 0.1)
    return {
        (region + exam, grade, subject, kind, region + school, class_name, reason): {
            **v, "previous_exam_id": v["previous_exam_id"] and region + v["previous_exam_id"]
        }
        for (exam, grade, subject, kind, school, class_name, reason), v in found.items()
    }  # fmt: skip


def _same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return (a["reason_code"], a["group_type"]) == (b["reason_code"], b["group_type"])


@pytest.fixture(scope="module")
def county() -> dict[str, list[Mark]]:
    """Two regions; in one of them class 2班 of school b falls by 9 points in mathematics at the end of the term."""
    return {R: _marks(7, b2班=9), OTHER: _marks(8)}


def test_every_row_is_what_a_recount_from_marks_says(county: dict[str, list[Mark]]) -> None:
    """Two regions, one with a threshold of its own; all levels occur, and a paper of one school is no link."""
    own = {"notice_at": Decimal("0.02"), "warning_at": Decimal("0.05"), "min_pupils": 24}
    rules = _rules({"region_code": OTHER, "group_type": "class", **own})
    stored = _build(county, rules)
    for region, marks in county.items():
        rows = [r for r in stored if r["region_code"] == region]
        assert len(rows) == 360  # 2 exams and the paper of one school, 2 subjects, 5 reasons
        assert differences(_counted(region, marks, rules), rows) == []
    assert {r["warning_level"] for r in stored} == {"warning", "notice", "none", "undecided"}
    assert {r["undecided_code"] for r in stored} >= {"few_schools", "group_too_small", "no_value"}
    assert {r["rule_region_code"] for r in stored} == {"_all", OTHER}
    assert not [r for r in stored if r["exam_id"].endswith("mid")], "the first exam has nothing before it"
    assert {r["is_same_term"] for r in stored if r["exam_id"].endswith("end")} == {True}
    assert {r["is_same_term"] for r in stored if r["exam_id"].endswith("june")} == {False}


def test_a_planted_fall_is_warned_of_and_its_neighbour_is_not(county: dict[str, list[Mark]]) -> None:
    stored = _build(county, _rules())
    warned = {
        (r["region_code"], r["exam_id"], r["subject"], r["school_code"], r["class_name"], r["reason_code"])
        for r in stored
        if r["warning_level"] == "warning" and r["reason_code"] == "standing_fall"
    }
    assert warned == {(R, f"{R}end", "数学", f"{R}b", "2班", "standing_fall")}
    (row,) = [r for r in stored if (r["exam_id"], r["subject"], r["school_code"], r["class_name"], r["reason_code"])
              == (f"{R}end", "数学", f"{R}b", "2班", "standing_fall")]  # fmt: skip
    assert row["previous_exam_id"] == f"{R}mid"
    assert row["standing_change"] < -0.5
    assert row["judged_value"] == pytest.approx(-row["standing_change"])
    beside = [
        r["warning_level"]
        for r in stored
        if r["school_code"] == f"{R}b" and r["class_name"] in ("1班", "3班") and r["reason_code"] == "standing_fall"
    ]
    assert len(beside) == 8
    assert set(beside) == {"none"}


@pytest.mark.parametrize("points", [0, 30])
def test_a_harder_paper_warns_of_nobody(points: int) -> None:
    """Everybody loses the same: pass rates fall, standings do not."""
    rng = np.random.default_rng(3)
    marks = []
    for school in SCHOOLS:
        for class_name in CLASSES:
            for _ in range(PUPILS):
                level = float(rng.integers(35, 100))
                marks += [Mark("mid", 6, "语文", school, class_name, "scored", level),
                          Mark("end", 6, "语文", school, class_name, "scored", level - points)]  # fmt: skip
    stored = [r for r in _build({R: marks}, _rules()) if r["reason_code"].startswith("standing")]
    assert {r["warning_level"] for r in stored} == {"none"}
    assert {abs(r["standing_change"]) < 1e-9 for r in stored} == {True}
