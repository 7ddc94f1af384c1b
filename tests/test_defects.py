"""Every planted defect reaches its outcome: one county with the whole catalogue through ingest, build and gate."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

import ingest
from expectations import run_gate
from expectations.catalogue import load_checks
from expectations.gate import Finding
from synth import generate
from synth.flaws import FLAWS
from tests.conftest import COUNTY, settings_in
from warehouse import ledger as l
from warehouse.build import build
from warehouse.settings import PROJECT_ROOT, Settings

# A county of its own through build and two gates: two minutes.
pytestmark = pytest.mark.slow

# The flaws of the newest year need the year before to be compared with, and nothing older.
YEARS = ("2024-2025", "2023-2024")
SEVERITY = {
    "block": "critical",
    "explain": "warning",
    "note": "info",
    "reject_row": "warning",
    "reject_file": "warning",
}
# What is no check of the gate: reading alone answers it, and the answer stands in the ledger.
OF_THE_LEDGER = {"duplicate_file"}

# Checks that no file of an office can fire: ingest or the models refuse the cause before, and only broken machinery
# lets it through. tests/expectations breaks it for each of them.
_MODELS = "two paths of the same build disagree only when a model is wrong"
_REFUSED = "the reading refuses the row, so that it is never in a build"
_ZONE = "a fault of a published model, whatever the files hold"
MACHINERY = {
    "county_equals_schools": _MODELS,
    "cv_recomputed": _MODELS,
    "assessment_recomputed": _MODELS,
    "exam_recomputed": _MODELS,
    "key_uniqueness": _MODELS,
    "dbt_tests_failed": "the models' own tests hold on whatever the reading lets in",
    "dbt_tests_warned": "the models' own tests hold on whatever the reading lets in",
    "orphan_keys": _REFUSED + " (unknown_school)",
    "rates_monotone": _REFUSED + " (cuts_in_order, above_full_mark)",
    "raw_contract": "reading holds each row to the same contract",
    "score_range": _REFUSED + " (above_full_mark, negative_score)",
    "late_after_edition": "it is the order of file and edition that counts, and here no edition is published",
    "targets_version": "the plans that bind a region are chosen by the models, not by a form",
    "privacy_columns": _ZONE,
    "privacy_scan": _ZONE,
    "published_empty": _ZONE,
    "published_matrix": _ZONE,
    "published_zone": _ZONE,
}


def _listed() -> list[tuple[str, str]]:
    """(id, check) of every row that `defects.csv` will hold, known without writing a county."""
    mild = ["row_rejects", "row_rejects", "duplicate_file", "unknown_files", "unknown_files", "roster_vs_report",
            "total_row_mismatch", "school_missing_in_exam", "year_on_year_change"]  # fmt: skip
    return [(f"D{i:02d}", c) for i, c in enumerate(mild, 1)] + [(f.flaw_id, f.check) for f in FLAWS.values()]


LISTED = _listed()


@dataclass(frozen=True)
class Judged:
    """What was planted, by id without the region, and what the house made of it."""

    defects: dict[str, dict[str, str]]
    findings: dict[str, list[Finding]]  # by school year
    files: dict[str, str]  # path in the county -> sha256
    arrivals: dict[str, set[str]]  # sha256 -> what became of the file
    rejects: set[tuple[str, str, str]]  # sha256, row, rule


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    county = tmp_path_factory.mktemp("flawed_county")
    generate(county, years=len(YEARS), defects="all")
    settings = settings_in(tmp_path_factory.mktemp("flawed_home"), county, county)
    ingest.run(settings, [county])
    build(settings)
    findings = {year: run_gate(settings, COUNTY, year).findings for year in YEARS}
    ledger = l.Ledger.open(settings)
    arrivals: dict[str, set[str]] = {}
    for row in ledger.rows(sa.select(l.arrival.c.file_sha256, l.arrival.c.outcome)):
        arrivals.setdefault(row["file_sha256"], set()).add(row["outcome"])
    s, r = l.submission.c, l.reject.c
    both = l.reject.join(l.submission, r.submission_id == s.submission_id)
    rejects = ledger.rows(sa.select(s.file_sha256, r.row, r.rule).select_from(both))
    with (county / "defects.csv").open(encoding="utf-8", newline="") as f:
        defects = {d["defect_id"].removeprefix(f"{COUNTY}-"): d for d in csv.DictReader(f)}
    return Judged(
        defects={k: d for k, d in defects.items() if d["check_id"] != "canary"},
        findings=findings,
        files={
            p.relative_to(county).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in Path(county).rglob("*")
            if p.is_file()
        },
        arrivals=arrivals,
        rejects={(x["file_sha256"], str(x["row"]), x["rule"]) for x in rejects},
    )


def _faults(d: dict[str, str], judged: Judged, findings: list[Finding]) -> list[str]:
    """What is missing of a defect's outcome; nothing where it has reached it."""
    faults = []
    sha = judged.files.get(d["file"], "")
    if d["expected"] == "reject_file" and "rejected" not in judged.arrivals.get(sha, ()):
        faults.append("the file was not rejected")
    if d["expected"] == "reject_row":
        rules = {rule for s, row, rule in judged.rejects if (s, row) == (sha, d["row"])}
        if not rules or (d["rule"] and d["rule"] not in rules):
            faults.append(f"row {d['row']}: rejected by {sorted(rules)} instead of {d['rule'] or 'any rule'}")
    if d["check_id"] in OF_THE_LEDGER:
        return faults + ([] if "duplicate" in judged.arrivals.get(sha, ()) else ["the copy is not in the ledger"])
    if not d["check_id"]:
        # Odd, but read: nothing of the row may have been refused.
        odd = [rule for s, row, rule in judged.rejects if d["row"] and (s, row) == (sha, d["row"])]
        return faults + odd + ([] if "new" in judged.arrivals.get(sha, ()) else ["the file was not taken"])
    of_check = {(f.entity_type, f.entity_id): f.severity for f in findings if f.check_id == d["check_id"]}
    for entity in d["entity_id"].split(";"):
        severity = of_check.get((d["entity_type"], entity))
        if severity != SEVERITY[d["expected"]]:
            faults.append(f"{d['check_id']} {d['entity_type']} {entity}: {severity or 'no finding'}")
    return faults


@pytest.fixture(scope="module")
def clean_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same county without a defect, built."""
    county = tmp_path_factory.mktemp("clean_county")
    generate(county)
    settings = settings_in(tmp_path_factory.mktemp("clean_home"), county, county)
    ingest.run(settings, [county])
    build(settings)
    return settings


@pytest.mark.parametrize("year", ["2022-2023", "2023-2024", "2024-2025"])
def test_a_clean_county_passes_with_no_finding(clean_home: Settings, year: str) -> None:
    result = run_gate(clean_home, COUNTY, year)
    assert (result.verdict, result.findings) == ("passed", [])
    assert {c["check_id"] for c in result.checks} == {c.check_id for c in load_checks()}


def test_the_list_is_the_catalogue(judged: Judged) -> None:
    assert {k: d["check_id"] for k, d in judged.defects.items()} == dict(LISTED)
    assert len(judged.defects) >= 100


@pytest.mark.parametrize("defect_id", [i for i, _ in LISTED])
def test_a_defect_reaches_its_outcome(judged: Judged, defect_id: str) -> None:
    d = judged.defects[defect_id]
    assert not _faults(d, judged, judged.findings[d["school_year"]]), d["what"]


@pytest.mark.parametrize("check_id", sorted({c for _, c in LISTED} - OF_THE_LEDGER - {""}))
def test_without_its_check_a_defect_is_missed(judged: Judged, check_id: str) -> None:
    for d in (d for d in judged.defects.values() if d["check_id"] == check_id):
        others = [f for f in judged.findings[d["school_year"]] if f.check_id != check_id]
        assert _faults(d, judged, others), d


@pytest.mark.parametrize("check_id", sorted(c.check_id for c in load_checks()))
def test_a_check_is_fired_by_a_defect_or_by_broken_machinery(check_id: str) -> None:
    from tests.expectations.test_checks import PLANTED

    fired = {c for _, c in LISTED}
    assert (check_id in fired) != (check_id in MACHINERY)
    assert check_id in PLANTED, "nothing in tests/expectations breaks it"


def test_no_check_is_named_that_does_not_exist() -> None:
    assert {c for _, c in LISTED} - OF_THE_LEDGER - {""} | set(MACHINERY) == {c.check_id for c in load_checks()}


def test_every_check_could_run(judged: Judged) -> None:
    assert not [f for found in judged.findings.values() for f in found if f.entity_type == "check"]


def test_the_readme_counts_what_is_planted(judged: Judged) -> None:
    text = (PROJECT_ROOT / "synth" / "README.md").read_text(encoding="utf-8")
    for outcome, count in Counter(d["expected"] for d in judged.defects.values()).items():
        assert f"| `{outcome}` | {count} |" in text
