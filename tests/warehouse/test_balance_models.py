"""The models of the assessment on tables made by hand: who is assessed, the legs' limits, entities and reasons."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run, seed_rows
from warehouse.balance_figures import read_assessed
from warehouse.balance_page import PAGE, refresh

Y = "2024-2025"


def _dates(con: duckdb.DuckDBPyConnection, table: str, *columns: str) -> None:
    for column in columns:
        con.execute(f"alter table {table} alter {column} type date")


def _schools(
    con: duckdb.DuckDBPyConnection, region: str, schools: list[tuple[str, str, str, bool, int | None]]
) -> None:
    """Primary sections of a region: code, type, ownership, teaching point, pupils."""
    load_table(con, "dim_school", [
        {"school_key": c, "school_code": c, "school_year": Y, "school_type_code": t, "ownership": o,
         "is_teaching_point": p, "is_combined": False} for c, t, o, p, _ in schools
    ])  # fmt: skip
    load_table(con, "fct_school_resource_snapshot", [
        {"region_code": region, "school_key": c, "school_year": Y, "school_code": c, "stage": "primary",
         "student_count": n} for c, _, _, _, n in schools
    ])  # fmt: skip
    con.execute("alter table fct_school_resource_snapshot alter student_count type integer")
    load_table(con, "dim_school_year", [{"school_year": Y, "statistics_date": "2024-09-01"}])
    _dates(con, "dim_school_year", "statistics_date")
    edition = {"region_code": region, "school_year": Y, "statistics_date": "2024-09-01", "as_of_date": "2025-12-31"}
    load_table(con, "dim_edition", [edition])
    _dates(con, "dim_edition", "statistics_date", "as_of_date")


def _exclusions(con: duckdb.DuckDBPyConnection, rows: list[dict[str, str]]) -> None:
    blank = dict.fromkeys(seed_rows("balance_exclusion")[0], "")
    load_table(con, "balance_exclusion", [{**blank, "valid_from": "2017-04-19", **r} for r in rows])
    _dates(con, "balance_exclusion", "valid_from", "valid_to")
    con.execute("alter table balance_exclusion alter below_pupils type integer")


POINTS = [("a", "211", "公办", False, 400), ("b", "218", "公办", True, 49), ("c", "218", "公办", True, 50),
          ("d", "511", "公办", False, 80), ("e", "211", "民办", False, 300), ("f", "211", "公办", False, 0),
          ("g", "218", "公办", True, None)]  # fmt: skip
SPECIAL = {"region_code": "000000", "exclusion_code": "special", "school_type_code": "511"}
SMALL = {"region_code": "130000", "exclusion_code": "small", "is_teaching_point": "yes", "below_pupils": "50"}
PRIVATE = {"region_code": "130100", "exclusion_code": "private", "ownership": "民办"}
OVER = {"region_code": "000000", "exclusion_code": "over", "ownership": "民办", "valid_to": "2024-08-31"}


@pytest.mark.parametrize(
    ("region", "rules", "left_out"),
    [
        ("990201", [SPECIAL], {"d": "special", "f": "no_pupils"}),
        ("990201", [SPECIAL, SMALL], {"d": "special", "f": "no_pupils"}),
        # A province's rows stand in place of the national ones, a city's in place of the province's.
        ("130105", [SPECIAL, SMALL], {"b": "small", "f": "no_pupils"}),
        ("130105", [SPECIAL, SMALL, PRIVATE], {"e": "private", "f": "no_pupils"}),
        ("130205", [SPECIAL, SMALL, PRIVATE], {"b": "small", "f": "no_pupils"}),
        ("990201", [OVER], {"f": "no_pupils"}),
    ],
)
def test_who_is_assessed(region: str, rules: list[dict[str, str]], left_out: dict[str, str]) -> None:
    con = duckdb.connect()
    _schools(con, region, POINTS)
    _exclusions(con, rules)
    run(con, ("int_balance_eligible",))
    found = read(con, "select school_code, is_eligible, exclusion_reason from int_balance_eligible")
    assert {r["school_code"]: r["exclusion_reason"] for r in found if not r["is_eligible"]} == left_out
    # The second path reads the rules itself.
    assert {c for c, _ in read_assessed(con, region, Y)} == {c for c, *_ in POINTS} - left_out.keys()


@pytest.fixture
def legs() -> duckdb.DuckDBPyConnection:
    """A county with two primary schools, one private, and the legs as they ship; no indicator has a value."""
    con = duckdb.connect()
    _schools(con, "990201", [("a", "211", "公办", False, 400), ("b", "211", "民办", False, 300)])
    _exclusions(con, [SPECIAL])
    load_seeds(con, ("balance_leg", "stage_scope", "national_standard", "dispersion_item", "stage"))
    con.execute("alter table stage alter is_compulsory type boolean")
    indicators = sorted({r["indicator_code"] for r in seed_rows("balance_leg")})
    load_table(con, "int_edition_indicator", [
        {"region_code": "990201", "school_year": Y, "indicator_code": i, "period_type": "school_year", "period_id": Y}
        for i in indicators
    ])  # fmt: skip
    load_table(con, "dim_plan_binding", [
        {"region_code": "990201", "document_code": d, "valid_from": "2017-04-19", "valid_to": "2099-12-31"}
        for d in ("national", "001")
    ])  # fmt: skip
    _dates(con, "dim_plan_binding", "valid_from", "valid_to")
    load_table(
        con, "dim_policy_document", [{"document_code": d, "is_national": d == "national"} for d in ("national", "001")]
    )
    targets = [r for r in seed_rows("policy_targets") if r["document_code"] in ("national", "001")]
    kept = (
        "target_id",
        "document_code",
        "indicator_code",
        "stage",
        "urban_rural",
        "judge",
        "period_start",
        "period_end",
    )
    load_table(con, "dim_target", [{**{k: t[k] for k in kept}, "target_value": t["value_num"]} for t in targets])
    _dates(con, "dim_target", "period_start", "period_end")
    con.execute("alter table dim_target alter target_value type decimal(24, 6)")
    load_table(con, "period_calendar", [
        {"period_type": "school_year", "period_id": Y, "starts_on": "2024-09-01", "ends_on": "2025-08-31"}
    ])  # fmt: skip
    con.execute(
        "create table fct_national_monitoring (region_code varchar, calendar_year integer, stage varchar, subject"
        " varchar, grade integer, difference_rate decimal(18, 4), monitored_on date);"
        "create table fct_attestation (region_code varchar, school_year varchar, indicator_code varchar,"
        " entity_code varchar, is_affirmed boolean, attested_on date, evidence_no varchar);"
        "create table fct_indicator_value (indicator_code varchar, region_code varchar, entity_type varchar, entity_id"
        " varchar, period_type varchar, period_id varchar, stage varchar, urban_rural varchar, grade varchar, subject"
        " varchar, exam_id varchar, group_code varchar, value double, status varchar);"
        "create table fct_balance_section (region_code varchar, school_year varchar, school_code varchar, stage"
        " varchar, is_eligible boolean, known_count integer, item_count integer, reason varchar)"
    )
    run(con, ("int_balance_eligible", "int_indicator_threshold", "int_balance_limit"))
    return con


def _value(
    con: duckdb.DuckDBPyConnection, code: str, value: float | None, stage: str = "primary;junior", entity: str = ""
) -> None:
    kind = "school" if entity else "county"
    con.execute(
        "insert into fct_indicator_value values (?, '990201', ?, ?, 'school_year', ?, ?, 'all', '_all', '_all', '_all',"
        " '_all', ?, ?)",
        [code, kind, entity or "990201", Y, stage, value, "not_reported" if value is None else "ok"],
    )


def _leg(con: duckdb.DuckDBPyConnection, leg: str, stage: str) -> dict[str, Any]:
    run(con, ("int_balance_leg", "int_balance_leg_entity", "fct_balance_leg"))
    (row,) = read(con, f"select * from fct_balance_leg where leg_id = '{leg}' and stage = '{stage}'")
    return row


def test_the_national_limit_decides_and_the_plans_is_shown(legs: duckdb.DuckDBPyConnection) -> None:
    """Plan 001 asks that 98 percent of disabled children are enrolled; the method 95 percent."""
    _value(legs, "qua_disabled_enrolment_rate", 96.0, "primary;junior;special")
    row = _leg(legs, "3.2", "primary;junior;special")
    assert (row["status"], row["limit_value"], row["binding_limit_value"]) == ("met", 95.0, 98.0)
    assert "教督〔2017〕6号" in row["limit_source"]


def test_every_public_school_must_give_training_its_share(legs: duckdb.DuckDBPyConnection) -> None:
    _value(legs, "fin_training_share_public_fund", 5.0, entity="a")
    row = _leg(legs, "3.4", "primary;junior")
    assert (row["status"], row["entity_count"], row["value"]) == ("met", 1, 5.0)
    legs.execute("update fct_indicator_value set value = 4.999")
    assert _leg(legs, "3.4", "primary;junior")["status"] == "not_met"
    legs.execute("delete from fct_indicator_value")
    row = _leg(legs, "3.4", "primary;junior")
    assert (row["status"], row["reason"]) == ("undecided", "not_reported")


def test_a_school_that_the_register_of_rooms_does_not_name_has_none(legs: duckdb.DuckDBPyConnection) -> None:
    _value(legs, "gua_music_rooms_per12", 1.0)
    _value(legs, "gua_music_rooms_per12", 2.0, entity="a")
    row = _leg(legs, "2.3.1", "primary;junior")
    assert (row["status"], row["value"], row["met_count"], row["not_met_count"]) == ("not_met", 0.0, 1, 1)
    # Where no register came at all, nobody knows.
    legs.execute("delete from fct_indicator_value")
    row = _leg(legs, "2.3.1", "primary;junior")
    assert (row["status"], row["undecided_count"]) == ("undecided", 2)


def test_the_difference_rate_is_the_national_reports(legs: duckdb.DuckDBPyConnection) -> None:
    _value(legs, "qua_between_school_diff_rate", 0.05, "primary")
    assert _leg(legs, "3.9.2", "primary")["reason"] == "awaiting_report"
    report = "insert into fct_national_monitoring values ('990201', 2025, 'primary', ?, 4, ?, date '2025-05-20')"
    legs.execute(report, ["数学", 0.149])
    assert _leg(legs, "3.9.2", "primary")["status"] == "met"
    legs.execute(report, ["语文", 0.15])  # 低于: the limit itself fails
    row = _leg(legs, "3.9.2", "primary")
    assert (row["status"], row["value"], row["met_count"], row["not_met_count"]) == ("not_met", 0.15, 1, 1)


def test_a_leg_without_schools_of_its_kind_holds(legs: duckdb.DuckDBPyConnection) -> None:
    for leg, stage in (("2.7", "special"), ("2.4.2", "primary;junior"), ("1.1.cv", "junior"), ("2.5", "junior")):
        row = _leg(legs, leg, stage)
        assert (row["status"], row["reason"]) == ("met", "not_applicable"), leg
    assert _leg(legs, "2.5", "primary")["reason"] == "not_reported"


def test_a_veto_of_zero_waits_for_a_declaration(legs: duckdb.DuckDBPyConnection) -> None:
    _value(legs, "vet_key_school", 0.0)
    assert _leg(legs, "5.3", "primary;junior")["reason"] == "awaiting_declaration"
    word = "insert into fct_attestation values ('990201', ?, 'vet_key_school', '990201', ?, ?, ?)"
    legs.execute(word, [Y, False, "2025-05-10", "Z1"])
    assert (_leg(legs, "5.3", "primary;junior")["status"]) == "met"
    # The last word counts.
    legs.execute(word, [Y, True, "2025-06-10", "Z2"])
    row = _leg(legs, "5.3", "primary;junior")
    assert (row["status"], row["reason"]) == ("not_met", "attested")


def test_without_a_number_a_signed_word_decides(legs: duckdb.DuckDBPyConnection) -> None:
    _value(legs, "qua_facility_utilisation", 61.0)
    assert _leg(legs, "3.5.2", "primary;junior")["reason"] == "no_limit"
    legs.execute(
        "insert into fct_attestation values ('990201', ?, 'qua_facility_utilisation', '990201', true, null, '')",
        [Y],
    )
    row = _leg(legs, "3.5.2", "primary;junior")
    assert (row["status"], row["reason"], row["value"]) == ("met", "attested", 61.0)


def test_every_leg_has_its_limit_or_the_method_gives_none(legs: duckdb.DuckDBPyConnection) -> None:
    run(legs, ("int_balance_leg",))
    found = read(legs, "select distinct leg_id from int_balance_leg where limit_value is null")
    assert {r["leg_id"] for r in found} == {"3.5.1", "3.5.2"}
    wanted = {"0", "1", *(f"1.{n}.cv" for n in range(1, 8)), "4.1", *(f"5.{n}" for n in range(1, 7))}
    numbers = {r["leg_id"] for r in seed_rows("balance_leg")}
    assert wanted <= numbers
    # Fifteen items of guarantee and nine of quality, each with at least one leg.
    parts = {".".join(n.split(".")[:2]) for n in numbers}
    assert {f"2.{n}" for n in range(1, 16)} | {f"3.{n}" for n in range(1, 10)} <= parts


def test_the_page_lists_the_legs_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert refresh(text) == text, "python -m warehouse.balance_page --write"
    assert text.count("| `") > 50
