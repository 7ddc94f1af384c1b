"""Publication asks the gate for its decision: on what was judged, by all checks, and on nothing that changed since."""

from __future__ import annotations

import csv

import duckdb
import pytest
import sqlalchemy as sa

from publication import publish
from tests.publication.house import REGION, YEAR, House
from warehouse import ledger as tables
from warehouse.errors import SchoolhouseError
from warehouse.registers import note_timeout


def _values(house: House, gate_id: str) -> list[str]:
    path = publish(house.settings, REGION, YEAR, gate_id=gate_id).path / "data" / "pub_indicator_value.csv"
    with path.open(encoding="utf-8", newline="") as f:
        return [row["value"] for row in csv.DictReader(f)]


def test_the_candidate_waits_frozen_while_other_builds_go_on(house: House) -> None:
    waiting = house.gate(house.build())
    newer = house.build("update pub_indicator_value set value = value + 1")
    house.gate(newer, verdict="blocked")
    house.approve("statistics_officer", "统计员乙", mode="airflow", gate_id=waiting)
    house.build("update pub_indicator_value set value = value + 2")
    house.approve("bureau_leader", "局长丙", mode="airflow", gate_id=waiting)
    assert "10" in _values(house, waiting)
    with pytest.raises(SchoolhouseError, match="blocked"):
        publish(house.settings, REGION, YEAR)


@pytest.mark.parametrize("change", ["update pub_indicator_value set value = 11 where stage = 'junior'",
                                    "delete from dim_region where region_code = '990302'"])  # fmt: skip
def test_a_build_that_was_changed_after_its_gate_is_not_published(house: House, change: str) -> None:
    build_id = house.build()
    gate_id = house.gate(build_id)
    house.approve_both()
    with duckdb.connect(str(house.settings.build / build_id / "warehouse.duckdb")) as connection:
        connection.execute(change)
    with pytest.raises(SchoolhouseError, match="was changed after gate run"):
        publish(house.settings, REGION, YEAR, gate_id=gate_id)
    assert not list(house.settings.editions.rglob("manifest.json"))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        ({"token": ""}, "not all checks were run"),
        ({"verdict": "passed"}, "were changed after it"),
        ({"content_sha256": "0" * 64}, "were changed after it"),
    ],
)
def test_a_gate_run_entered_by_hand_lets_nothing_through(house: House, tamper: dict[str, str], said: str) -> None:
    house.gate(house.build())
    house.approve_both()
    with house.ledger.transaction() as connection:
        connection.execute(sa.update(tables.gate_run).values(tamper))
    with pytest.raises(SchoolhouseError, match=said):
        publish(house.settings, REGION, YEAR)


def test_a_wait_without_an_answer_takes_no_approval_away_and_gives_none(house: House) -> None:
    gate_id = house.gate(house.build())
    house.approve("statistics_officer", "统计员乙")
    note_timeout(house.settings, region_code=REGION, school_year=YEAR, role="bureau_leader", gate_id=gate_id)
    with pytest.raises(SchoolhouseError, match="approval of the bureau_leader is missing"):
        publish(house.settings, REGION, YEAR)
    house.approve("bureau_leader", "局长丙", on="2025-01-01")
    assert publish(house.settings, REGION, YEAR).changed
