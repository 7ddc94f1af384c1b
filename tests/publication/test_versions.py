"""The version number says what happened to the data; changes.json says it in detail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from publication import EditionResult
from publication.versions import next_version
from tests.publication.house import House

VALUE = "update pub_indicator_value set value = value + 0.5 where stage = 'junior'"


def changes(edition: EditionResult) -> dict[str, Any]:
    return json.loads((edition.path / "changes.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "version", "dataset", "counts"),
    [
        (VALUE, "v1.1.0", "pub_indicator_value", {"rows_changed": 1, "rows_removed": 0, "rows_added": 0}),
        (
            "delete from pub_target_tracking where target_id = 'T2'",
            "v2.0.0",
            "pub_target_tracking",
            {"rows_removed": 1, "rows_changed": 0},
        ),
        (
            "insert into pub_target_tracking select * replace ('T9' as target_id) from pub_target_tracking"
            " where target_id = 'T2'",
            "v1.1.0",
            "pub_target_tracking",
            {"rows_added": 1, "rows_changed": 0},
        ),
        (
            "update pub_indicator_definition set name_zh = '生均运动场馆面积' where domain = 'resource'",
            "v1.0.1",
            "pub_indicator_definition",
            {"rows_reworded": 1, "rows_changed": 0, "rows_removed": 0},
        ),
        (
            "alter table pub_target_tracking drop column gap",
            "v2.0.0",
            "pub_target_tracking",
            {"columns_removed": ["gap"]},
        ),
        (
            "alter table pub_target_tracking add column note varchar",
            "v1.1.0",
            "pub_target_tracking",
            {"columns_added": ["note"]},
        ),
    ],
)
def test_the_level_follows_from_the_data(
    house: House, change: str, version: str, dataset: str, counts: dict[str, Any]
) -> None:
    first = house.publish()
    second = house.publish(change)
    assert (first.version, second.version, second.changed) == ("v1.0.0", version, True)
    said = changes(second)
    assert said["previous_version"] == "v1.0.0"
    entry = next(e for e in said["datasets"] if e["dataset"] == dataset)
    assert {k: entry[k] for k in counts} == counts


def test_a_dropped_data_set_is_major_and_a_new_one_minor(house: House) -> None:
    house.publish()
    assert house.publish("drop table pub_resource_dispersion").version == "v2.0.0"
    assert house.publish().version == "v2.1.0"


def test_another_explanation_is_a_patch(house: House) -> None:
    house.publish()
    with house.ledger.transaction() as connection:
        connection.exec_driver_sql("update explanation set text_zh = '重复行，已删除'")
    edition = house.publish()
    assert edition.version == "v1.0.1"
    assert [e["dataset"] for e in changes(edition)["datasets"]] == ["footnotes"]


def test_the_change_is_shown_to_the_reader(house: House) -> None:
    house.publish()
    report = house.publish(VALUE).report.read_text(encoding="utf-8")
    assert "与 v1.0.0 相比" in report
    assert "指标值：数值变更 1 行" in report


def test_the_older_version_stays_as_it_was(house: House) -> None:
    first = house.publish()
    before = {p: p.read_bytes() for p in first.path.rglob("*") if p.is_file()}
    house.publish(VALUE)
    assert {p: p.read_bytes() for p in first.path.rglob("*") if p.is_file()} == before


def test_version_numbers_are_compared_as_numbers() -> None:
    assert next_version("v1.9.3", "minor") == "v1.10.0"
    assert next_version("v1.10.3", "patch") == "v1.10.4"
    assert next_version("v9.1.1", "major") == "v10.0.0"
    assert next_version(None, "patch") == "v1.0.0"
