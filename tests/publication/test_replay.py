"""Causes proven by computing again: one input at a time, each figure its own cause."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from publication import EditionResult, publish
from publication.replay import State, _name, plan, replay
from tests.publication.house import REGION, YEAR, House
from warehouse import ledger as l
from warehouse.code import BUILD_PARTS, code_hash
from warehouse.errors import SchoolhouseError

JUNIOR = "update pub_indicator_value set value = value + 1 where stage = 'junior' and region_code = '990301'"
SPREAD = "update pub_resource_dispersion set cv_value = 0.4 where region_code = '990301'"
BOTH = "update pub_target_tracking set actual_value = 9 where target_id = 'T1'"
OLD, NEW, OTHER_OLD, OTHER_NEW, CORRECTION = "old", "new", "theirs", "theirs too", "c1"


def _pinned(house: House, build_id: str, submissions: list[str], corrections: list[str]) -> None:
    pin = {"submissions": submissions, "corrections": corrections}
    (house.settings.build / build_id / "pin.json").write_text(json.dumps(pin), encoding="utf-8")
    row = dict.fromkeys(("target", "status", "pin_sha256", "started_at", "finished_at", "detail"), "")
    house.ledger.insert(l.build, [{**row, "build_id": build_id, "code_sha256": code_hash(BUILD_PARTS)}])


def _sent(house: House, submission_id: str, region: str, version: int) -> None:
    row = {c.name: "" for c in l.submission.columns} | {"version": version, "rows_accepted": 1, "rows_rejected": 0}
    row |= {"submission_id": submission_id, "region_code": region, "source": "school_report", "period": YEAR}
    house.ledger.insert(l.submission, [row])


def _published(house: House, build_id: str) -> EditionResult:
    house.gate(build_id)
    house.approve_both() if build_id.endswith("1") else None
    return publish(house.settings, REGION, YEAR)


@pytest.fixture
def revised(house: House) -> tuple[House, Path, Path]:
    """Two editions: a file came again, a correction was entered, and the other region sent a file again too."""
    for submission_id, region, version in ((OLD, REGION, 1), (NEW, REGION, 2)):
        _sent(house, submission_id, region, version)
    for submission_id, version in ((OTHER_OLD, 1), (OTHER_NEW, 2)):
        _sent(house, submission_id, "990302", version)
    row = {c.name: "" for c in l.declared_correction.columns}
    house.ledger.insert(
        l.declared_correction,
        [{**row, "correction_id": CORRECTION, "region_code": REGION, "source": "school_report"}],
    )
    first = house.build()
    _pinned(house, first, [OLD, OTHER_OLD], [])
    before = _published(house, first).path
    second = house.build(JUNIOR, SPREAD, BOTH)
    _pinned(house, second, [NEW, OTHER_NEW], [CORRECTION])
    return house, before, _published(house, second).path


def _computed(house: House, state: State, *changes: str) -> None:
    """A replay of this state that ran earlier, with the figures that it came to."""
    build_id = house.build(*changes)
    shutil.copytree(house.settings.build / build_id, house.settings.build / ".replay" / _name(state))


def test_each_figure_gets_the_cause_that_moves_it(revised: tuple[House, Path, Path]) -> None:
    house, before, after = revised
    asked = plan(house.settings, before, after)
    # The earlier build is the base, so only the two inputs are left to compute; the other region's file is none.
    assert [(s.cause, s.name) for s in asked.swaps] == [
        ("source_revision", "school_report"),
        ("correction", "school_report"),
    ]
    assert asked.runs == 2 and "2" in asked.lines("en")[0]
    file, correction = (s.state for s in asked.swaps)
    assert file == State(frozenset({NEW, OTHER_OLD}), frozenset())
    assert correction == State(frozenset({OLD, OTHER_OLD}), frozenset({CORRECTION}))
    _computed(house, file, JUNIOR)
    _computed(house, correction, SPREAD)
    made = plan(house.settings, before, after)
    assert made.runs == 0
    told = replay(house.settings, made)
    found = {(c.dataset, c.column): c.causes for c in told.changes}
    assert found[("pub_indicator_value", "value")] == ("source_revision",)
    assert found[("pub_resource_dispersion", "cv_value")] == ("correction",)
    # No input alone moves it.
    assert found[("pub_target_tracking", "actual_value")] == ("together",)
    assert told.replayed and "computing again" in told.lines("en")[0]


def test_what_already_differs_with_the_old_inputs_is_the_code(revised: tuple[House, Path, Path]) -> None:
    house, before, after = revised
    # The same code, and all the same another figure from the old inputs: publication itself computes it otherwise.
    other = house.settings.build / house.build(SPREAD) / "warehouse.duckdb"
    shutil.copyfile(other, house.settings.build / "bf1" / "warehouse.duckdb")
    for s in plan(house.settings, before, after).swaps:
        _computed(house, s.state, SPREAD, JUNIOR if s.cause == "source_revision" else "select 1")
    told = replay(house.settings, plan(house.settings, before, after))
    found = {(c.dataset, c.column): c.causes for c in told.changes}
    assert found[("pub_resource_dispersion", "cv_value")] == ("code",)
    assert found[("pub_indicator_value", "value")] == ("source_revision",)


def test_without_the_builds_it_says_so_in_one_line(revised: tuple[House, Path, Path]) -> None:
    house, before, after = revised
    shutil.rmtree(house.settings.build / "bf1")
    with pytest.raises(SchoolhouseError, match="not in this house"):
        plan(house.settings, before, after)


@pytest.mark.slow
def test_a_file_and_a_correction_at_once_on_a_real_county(tmp_path: Path) -> None:
    """The demonstration of a revision, then a second file and a declared correction in one step: two replays."""
    import ingest
    from cli.demo_revision import _publish, correct, run
    from warehouse.settings import Settings

    home = tmp_path / "home"
    first, second, told = run(home, replay=True)
    assert (first.version, second.version) == ("v1.0.0", "v1.1.0")
    assert {c.causes for c in told.changes} == {("source_revision",)}
    assert "来源更正" in second.report.read_text(encoding="utf-8").split("<nav")[0]

    inbox = home / "inbox"
    settings = Settings.load({"SCHOOLHOUSE_HOME": str(home), "SCHOOLHOUSE_REGISTERS": str(inbox)}).prepare()
    report = max(inbox.glob("*/*/小学基表.xlsx"), key=lambda p: p.parent.name)
    region, year = report.parent.parent.name, report.parent.name
    cell = _junior_ground(settings.build / second_build(second) / "warehouse.duckdb", region, year)
    row = {"region_code": region, "source": "school_report", "period": year, "column_name": "sports_ground_area_m2"}
    row |= {**cell, "reason": "实测", "provider": "统计员", "provided_on": "2025-11-01", "expires_on": "2099-12-31"}
    with (inbox / "corrections.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(row))
        writer.writeheader()
        writer.writerow(row)
    correct(report)
    ingest.run(settings, [report], region=region)
    third = _publish(settings, region, year, lambda _: None)
    made = plan(settings, second.path, third.path)
    assert made.runs == 2
    told = replay(settings, made)
    by_stage: dict[str, set[tuple[str, ...]]] = {}
    for c in told.changes:
        by_stage.setdefault(c.key.get("stage", ""), set()).add(c.causes)
    assert by_stage["primary"] == {("source_revision",)}
    assert by_stage["junior"] == {("correction",)}
    assert not {cause for causes in by_stage.values() for c in causes for cause in c} - {
        "source_revision", "correction", "together",
    }  # fmt: skip


def second_build(edition: EditionResult) -> str:
    return json.loads((edition.path / "attestation" / "run.json").read_text(encoding="utf-8"))["build_id"]


def _junior_ground(database: Path, region: str, year: str) -> dict[str, str]:
    """Key, value and a larger value of the sports ground of one junior school."""
    import duckdb

    raw = database.parents[2] / "raw" / "school_report"
    with duckdb.connect() as con:
        school, value = con.execute(
            "select school_code, cast(sports_ground_area_m2 as varchar) from"
            f" read_parquet('{raw}/**/*.parquet', union_by_name = true, hive_partitioning = false)"
            " where region_code = ? and period = ? and stage = 'junior' and sports_ground_area_m2 > 0"
            " order by 1 limit 1",
            [region, year],
        ).fetchall()[0]
    return {
        "row_key": f"school_code={school};stage=junior",
        "from_value": value,
        "to_value": str(float(value) + 500),
    }
