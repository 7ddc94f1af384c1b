"""What a target is held against: the part that decides, the restricted value, the reason where there is none."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import load_table, read, seed_rows
from tests.warehouse.target_rows import YEAR, date, opened, target_row, track, value_row


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return opened()


def test_an_exact_target_needs_every_part_to_be_equal(con: duckdb.DuckDBPyConnection) -> None:
    """The lesser of two parts is the value: the other one is not, and decides."""
    target = target_row("cv", "exact", 1, stage="primary;junior")
    row = track(con, target, value_row("cv", 1.0), value_row("cv", 2.0, stage="junior"))
    assert (row["status"], row["actual_value"], row["value_stage"], row["gap"]) == ("missed", 2.0, "junior", 1.0)
    assert track(con, target, value_row("cv", 1.0), value_row("cv", 1.0, stage="junior"))["status"] == "met"


def test_where_only_sections_have_values_every_section_must_hold(con: duckdb.DuckDBPyConnection) -> None:
    target = target_row("items", "at_least", 6, stage="primary;junior")
    sections = [
        value_row("items", v, entity_type="section", entity_id=f"s{i}-{stage}", stage=stage, urban_rural=area)
        for i, (v, stage, area) in enumerate(((7.0, "primary", "urban"), (6.0, "junior", "rural")))
    ]
    county = value_row("items", None, stage="primary;junior")
    row = track(con, target, *sections, county)
    assert (row["status"], row["part_count"], row["value_entity_id"]) == ("met", 2, "s1-junior")
    sections[0]["value"] = 5.0
    row = track(con, target, *sections, county)
    assert (row["status"], row["actual_value"], row["value_entity_id"]) == ("missed", 5.0, "s0-primary")
    assert track(con, target, county)["reason"] == "not_reported"


def test_a_stage_the_region_does_not_have_is_no_part(con: duckdb.DuckDBPyConnection) -> None:
    target = target_row("cv", "at_most", 0.5, stage="primary;junior")
    absent = value_row("cv", None, stage="junior", status="not_applicable")
    row = track(con, target, value_row("cv", 0.4), absent)
    assert (row["status"], row["part_count"]) == ("met", 1)
    row = track(con, target, absent)
    assert (row["status"], row["reason"]) == ("no_data", "not_applicable")


def test_the_value_of_a_restricted_indicator_is_in_the_restricted_table(con: duckdb.DuckDBPyConnection) -> None:
    row = track(con, target_row("ages", "at_most", 53), value_row("ages", 54.0))
    assert (row["status"], row["actual_value"], row["gap"], row["is_value_restricted"]) == ("missed", None, None, True)
    (held,) = read(con, f"select * from fct_target_tracking_person where school_year = '{YEAR}'")
    assert (held["status"], held["actual_value"], held["gap"]) == ("missed", 54.0, 1.0)


@pytest.mark.parametrize(
    ("target", "values", "reason"),
    [
        ({}, [], "not_reported"),
        ({"grade_scope": "g3-g6"}, [value_row("rate", 5.0)], "grade_not_reported"),
        ({"stage": "senior"}, [value_row("rate", 5.0)], "scope_not_reported"),
        ({"urban_rural": "urban"}, [value_row("rate", 5.0)], "scope_not_reported"),
        ({"is_whole_scope": False}, [value_row("rate", 5.0)], "subgroup_not_reported"),
        ({"indicator_code": "unheard_of"}, [value_row("rate", 5.0)], "no_indicator"),
        ({}, [value_row("rate", None, status="awaiting_attestation")], "awaiting_attestation"),
    ],
)
def test_a_target_without_a_value_says_what_is_lacking(
    con: duckdb.DuckDBPyConnection, target: dict[str, Any], values: list[dict[str, Any]], reason: str
) -> None:
    row = track(con, target_row("rate", "at_least", 1, **target), *values or [value_row("count", 1.0)])
    assert (row["status"], row["reason"], row["actual_value"]) == ("no_data", reason, None)


def test_the_row_says_what_was_compared(con: duckdb.DuckDBPyConnection) -> None:
    span = {"period_start": date("2023-01-01"), "period_end": date("2025-12-31"), "due_date": date("2024-06-30")}
    target = target_row("count", "at_least", 7, recurrence="once", measure_at="cumulative_from_start", **span)
    row = track(con, target, value_row("count", 2.0, "2023"), value_row("count", 4.0, "2024"))
    assert (row["operand"], row["first_year"], row["gap"], row["direction"]) == ("sum_of_years", 2023, -1.0, "higher")
    target = target_row("rate", "change_negative", 0, is_differenced=True)
    row = track(con, target, value_row("rate", 3.0, "2023-2024"), value_row("rate", 2.5))
    assert (row["operand"], row["prior_value"], row["gap"], row["direction"]) == ("change", 3.0, -0.5, "lower")


def test_an_examination_answers_the_calendar_year_in_which_its_school_year_ends(con: duckdb.DuckDBPyConnection) -> None:
    """Other figures of a school year (who is on the roll, what is equipped) are of the year in which it begins."""
    values = (value_row("rate", 10.0, "2023-2024"), value_row("rate", 20.0, "2024-2025"))
    for closes, clock, taken in (
        (True, "calendar_year", 10.0),
        (False, "calendar_year", 20.0),
        (True, "school_year", 20.0),
    ):
        load_table(con, "closing_indicator", [{"indicator_code": "rate" if closes else "another"}])
        row = track(con, target_row("rate", "at_least", 15, clock=clock), *values)
        assert (row["actual_value"], row["status"]) == (taken, "met" if taken > 15 else "missed"), (closes, clock)


def test_no_two_targets_ask_the_same_but_both_ends_of_a_range() -> None:
    """One key (document, indicator, scope, span) has one target, or a lower and an upper one. Those that restate
    another or only add up are told apart by their subgroup.
    """
    what = ("document_code", "indicator_code", "stage", "urban_rural", "grade", "subgroup")
    when = ("period_start", "period_end", "recurrence", "due_date", "measure_at")
    asked: dict[tuple[str, ...], list[str]] = {}
    for row in seed_rows("policy_targets"):
        asked.setdefault(tuple(row[k] for k in (*what, *when)), []).append(row["bound"])
    several = {key: bounds for key, bounds in asked.items() if len(bounds) > 1}
    assert sum(map(len, asked.values())) == 361 and len(several) == 10
    assert {tuple(sorted(bounds)) for bounds in several.values()} == {("lower", "upper")}


def test_a_change_is_held_against_nought() -> None:
    assert {float(r["value_num"]) for r in seed_rows("policy_targets") if r["judge"].startswith("change_")} == {0.0}
