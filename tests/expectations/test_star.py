"""The gate on the pack of real pupils' scores: what is true of its files is found, and the registers answer it."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from expectations import run_gate
from tests.conftest import SAMPLES, STAR, Home
from warehouse.registers import load_registers

pytestmark = pytest.mark.star


def test_what_a_good_gate_notices(star_home: Home, star_pack) -> None:
    findings = run_gate(star_home.settings, STAR, "2022-2023", star_home.build.build_id).findings
    found = {(f.check_id, f.entity_id) for f in findings if f.severity != "info"}
    figures = pd.read_csv(star_pack / "expected" / "school_resources.csv", dtype=str)
    before, after = (set(figures[figures["year"] == y]["code"]) for y in ("2021-2022", "2022-2023"))
    assert {e for c, e in found if c == "school_set_change"} == before ^ after
    stats = pd.read_csv(star_pack / "expected" / "exam_school.csv")
    scored = stats[stats["n_scored"] > 0]["key"].str.split("|", expand=True)
    year = scored[scored[0] == "2022-2023"]
    maths, chinese = (set(year[year[3] == s][1]) for s in ("数学", "语文"))
    assert {e for c, e in found if c == "exam_subject_missing"} == {f"{code}/4/语文" for code in maths - chinese}
    assert {e for c, e in found if c == "submission_completeness"} == {"budget_lines", "budget_execution"}
    kinds = Counter(c for c, _ in found)
    assert kinds["unknown_files"] == len(list((star_pack / "expected").glob("*.csv")))
    assert not {f.check_id for f in findings if f.severity == "critical"}
    assert {f.check_id for f in findings if f.severity == "info"} == {"value_added_match_rate"}


@pytest.mark.parametrize("year", ["2021-2022", "2022-2023"])
def test_the_sample_registers_answer_every_finding(star_home: Home, year: str) -> None:
    load_registers(star_home.settings, [SAMPLES])
    result = run_gate(star_home.settings, STAR, year, star_home.build.build_id)
    assert result.verdict == "passed_with_explanations", [f for f in result.findings if not f.explanation_id]
    assert not result.idle_explanations
