"""A city's targets and balance: judged on sums, folded where every county is asked, open where counties do not tell."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from publication import EditionResult, publish, verify
from publication.city import _value
from publication.federation import federate
from tests.publication.house import OTHER, REGION, YEAR, House

CITY = "990300"
COUNTIES = (REGION, OTHER)
# (pupils, square metres) of each county's primary schools.
SCHOOLS = {REGION: [(100, 900.0), (250, 1700.0), (50, 500.0)], OTHER: [(400, 2000.0), (120, 1450.5)]}


def spread(schools: list[tuple[int, float]]) -> tuple[int, float, float]:
    """Pupils, mean and deviation by the method's own formula, from the schools themselves."""
    pupils = sum(p for p, _ in schools)
    mean = sum(m for _, m in schools) / pupils
    return pupils, mean, math.sqrt(sum(p / pupils * (m / p - mean) ** 2 for p, m in schools))


def dispersion(region: str) -> str:
    pupils, mean, deviation = spread(SCHOOLS[region])
    return (
        f"('{region}', '{YEAR}', 'primary', 'sports_area', '生均体育运动场馆面积', 'cv_weighted',"
        f" {len(SCHOOLS[region])}, 0, {pupils}::bigint, {mean!r}::double, {deviation!r}::double,"
        f" {deviation / mean!r}::double, 'A', null::varchar)"
    )


def target(region: str, name: str, judge: str, document: str = "P1", **more: str) -> str:
    told = {
        "indicator": "sat_public",
        "stage": "all",
        "actual": "null",
        "target": "1",
        "status": "met",
        "reason": "null",
    }
    t = {**told, **more}
    return (
        f"('{region}', '{YEAR}', '{name}', '{document}', '计划', '{t['indicator']}', '{t['stage']}', 'all', '{YEAR}',"
        f" {t['actual']}::double, {t['target']}::double, null::double, '{judge}', '{t['status']}',"
        f" {t['reason']}::varchar, null::varchar, '{'M' if t['actual'] == 'null' else 'A'}')"
    )


def targets() -> str:
    rate = {"indicator": "res_sports_area_per_student", "stage": "primary"}
    mine, theirs = 30000 / 4100, 12000 / 2000
    rows = [
        # 42000 / 6100 = 6.885 holds; the mean of the rates (6.66) would not, and one county does not.
        *(target(r, "rate", "at_least", **rate, actual=repr(v), target="6.8", status=s)
          for r, v, s in ((REGION, mine, "met"), (OTHER, theirs, "missed"))),
        *(target(r, "later", "at_least", **rate, actual=repr(v), target="7.0", status=s, reason="'not_started'")
          for r, v, s in ((REGION, mine, "not_due"), (OTHER, theirs, "at_risk"))),
        *(target(r, "running", "at_most", **rate, actual=repr(v), target="7.0", status=s, reason=f"'{why}'")
          for r, v, s, why in ((REGION, mine, "at_risk", "off_track"), (OTHER, theirs, "not_due", "on_track"))),
        # A change: 0.5 is not the rate itself.
        *(target(r, "change", "change_positive", **rate, actual="0.5", target="0") for r in COUNTIES),
        *(target(r, "every", "all_entities", status=s) for r, s in ((REGION, "met"), (OTHER, "missed"))),
        *(target(r, "method", "at_least", "national") for r in COUNTIES),
        target(REGION, "alone", "at_least"),
        *(target(r, "differs", "at_least", target=t) for r, t in ((REGION, "1"), (OTHER, "2"))),
    ]  # fmt: skip
    return ", ".join(rows)


def leg(region: str, name: str, group: str, status: str, value: str, comparison: str, *, hidden: bool = False) -> str:
    counts = {"met": (2, 2, 0, 0), "not_met": (2, 1, 1, 0), "undecided": (2, 1, 0, 1)}[status]
    return (
        f"('{region}', '{YEAR}', '{name}', 'primary', 1, '{group}', '{name}', '{name}', null::varchar, '{YEAR}',"
        f" '{comparison}', {value}::double, 0.5::double, '{status}', null::varchar, {', '.join(map(str, counts))},"
        f" null::varchar, null::varchar, '{'c' if hidden else 'A'}')"
    )


def legs() -> str:
    rows = [
        leg(REGION, "floor", "resource", "met", "4.2", "at_least"),
        leg(OTHER, "floor", "resource", "not_met", "3.9", "at_least"),
        leg(REGION, "ceiling", "dispersion", "met", "0.31", "at_most"),
        leg(OTHER, "ceiling", "dispersion", "met", "0.44", "at_most"),
        leg(REGION, "open", "quality", "met", "1", "at_least"),
        leg(OTHER, "open", "quality", "undecided", "null", "at_least"),
        leg(REGION, "secret", "guarantee", "met", "1", "at_least"),
        leg(OTHER, "secret", "guarantee", "met", "null", "at_least", hidden=True),
    ]
    return ", ".join(rows)


def conclusion(region: str) -> str:
    """The second county has a leg that is not published and vetoes: its conclusion knows it."""
    groups = {
        REGION: "'met', 'met', 'met', 'met', 'met', 'met', 'met', 5, 5, 0, 0",
        OTHER: "'met', 'not_met', 'met', 'met', 'undecided', 'met', 'not_met', 5, 2, 2, 1",
    }
    ends = {REGION: "'met', false", OTHER: "'not_met', true"}
    return f"('{region}', '{YEAR}', {ends[region]}, {groups[region]}, 'A')"


def made() -> tuple[str, ...]:
    return (
        "alter table pub_indicator_definition add column scale double",
        "update pub_indicator_definition set scale = 1",
        "alter table pub_indicator_value add column reason varchar",
        "update pub_indicator_value set numerator = 12000, denominator = 2000"
        f" where region_code = '{OTHER}' and stage = 'primary'",
        "update pub_indicator_value set value = numerator::double / denominator::double",
        "alter table pub_indicator_value add column target_status varchar default 'met'",
        "drop table pub_target_tracking",
        f"""create table pub_target_tracking as select * from (values {targets()})
            t(region_code, school_year, target_id, document_code, document_name, indicator_code, stage, urban_rural,
            period_id, actual_value, target_value, gap, judge, status, reason, reason_zh, obs_status)""",
        "drop table pub_resource_dispersion",
        f"""create table pub_resource_dispersion as select * from (values {", ".join(map(dispersion, COUNTIES))})
            t(region_code, school_year, stage, item_code, item_name, kind, n_schools, n_missing, weight_sum, mean_value,
            sd_value, cv_value, obs_status, reason)""",
        f"""create table pub_balance_leg as select * from (values {legs()})
            t(region_code, school_year, leg_id, stage, sort_order, leg_group, name_zh, name_en, indicator_code,
            period_id, comparison, value, limit_value, status, reason, entity_count, met_count, not_met_count,
            undecided_count, limit_source, legal_basis, obs_status)""",
        f"""create table pub_balance_conclusion as select * from (values {", ".join(map(conclusion, COUNTIES))})
            t(region_code, school_year, conclusion, is_vetoed, data_status, resource_status, dispersion_status,
            guarantee_status, quality_status, recognition_status, veto_status, leg_count, met_count, not_met_count,
            undecided_count, obs_status)""",
    )


def federation(home: Path, *changes: str) -> tuple[EditionResult, list[Path]]:
    house = House(home)
    build_id = house.build(*made(), *changes)
    paths = []
    for region in COUNTIES:
        house.gate(build_id, region=region)
        house.approve_both(region)
        paths.append(publish(house.settings, region, YEAR).path)
    house.approve_both(CITY)
    return federate(house.settings, CITY, paths, name="青禾市"), paths


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    edition, _ = federation(tmp_path_factory.mktemp("city") / "home")
    assert verify(edition.path).ok
    return edition.path


def rows(edition: Path, name: str, key: str) -> dict[str, dict[str, str]]:
    with (edition / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return {r[key]: r for r in csv.DictReader(handle)}


def test_a_target_is_judged_on_the_rate_of_sums(city: Path) -> None:
    found = rows(city, "pub_target_tracking", "target_id")
    rate = 42000 / 6100
    assert (found["rate"]["status"], float(found["rate"]["actual_value"])) == ("met", rate)
    assert float(found["rate"]["gap"]) == pytest.approx(rate - 6.8, abs=1e-12)
    assert (found["later"]["status"], found["later"]["reason"]) == ("at_risk", "not_started")
    assert (found["running"]["status"], found["running"]["reason"]) == ("not_due", "on_track")
    primary = rows(city, "pub_indicator_value", "stage")["primary"]
    assert primary["target_status"] == "at_risk"


def test_what_counties_do_not_make_says_so(city: Path) -> None:
    found = rows(city, "pub_target_tracking", "target_id")
    change = found["change"]
    assert (change["status"], change["reason"], change["obs_status"]) == ("no_data", "not_from_counties", "M")
    assert (change["actual_value"], change["reason_zh"]) == ("", "由县级数据无法重算")
    # Everybody is asked: one county that fails decides, and where all hold the city does.
    assert (found["every"]["status"], found["every"]["reason"]) == ("missed", "by_counties")
    assert (found["method"]["status"], found["method"]["reason"]) == ("met", "by_counties")
    # A plan of one county, or one that asks each something else, is no plan of the city.
    assert not {"alone", "differs"} & set(found)
    assert "alone" in rows(city, "county_target", "target_id")


def test_the_spread_is_that_of_all_schools_together(city: Path) -> None:
    [found] = rows(city, "pub_resource_dispersion", "item_code").values()
    pupils, mean, deviation = spread(SCHOOLS[REGION] + SCHOOLS[OTHER])
    assert (found["region_code"], found["n_schools"], found["weight_sum"]) == (CITY, "5", str(pupils))
    assert float(found["mean_value"]) == pytest.approx(mean, rel=1e-12)
    assert float(found["cv_value"]) == pytest.approx(deviation / mean, rel=1e-12)
    parts = rows(city, "county_dispersion", "county_code")
    assert set(parts) == set(COUNTIES) and all(len(r["county_sha256"]) == 64 for r in parts.values())


def test_a_leg_holds_where_every_county_holds(city: Path) -> None:
    found = rows(city, "pub_balance_leg", "leg_id")
    said = {k: (r["status"], r["value"], r["obs_status"]) for k, r in found.items()}
    assert said == {
        "floor": ("not_met", "3.9", "A"),
        "ceiling": ("met", "0.44", "A"),
        # One county's figure is not known or not shown: the furthest from the limit is not known either.
        "open": ("undecided", "", "A"),
        "secret": ("met", "", "c"),
    }
    assert (found["floor"]["entity_count"], found["floor"]["not_met_count"]) == ("4", "1")
    [end] = rows(city, "pub_balance_conclusion", "region_code").values()
    assert (end["conclusion"], end["leg_count"], end["met_count"]) == ("not_met", "4", "2")
    assert (end["is_vetoed"], end["veto_status"]) == ("true", "not_met")
    assert (end["resource_status"], end["quality_status"], end["dispersion_status"]) == ("not_met", "undecided", "met")
    page = (city / "report.html").read_text(encoding="utf-8")
    assert all(f'id="{part}"' in page for part in ("assessment", "balance", "targets", "indicators"))
    assert "全市均值" in page and "县域均值" not in page and 'id="budget"' not in page


def test_a_county_without_an_assessment_leaves_the_city_open(tmp_path: Path) -> None:
    gone = f"delete from pub_balance_leg where region_code = '{OTHER}' and leg_id = 'ceiling'"
    unsaid = f"update pub_resource_dispersion set sd_value = null where region_code = '{OTHER}'"
    edition, _ = federation(tmp_path / "home", gone, unsaid)
    leg = rows(edition.path, "pub_balance_leg", "leg_id")["ceiling"]
    assert (leg["status"], leg["reason"], leg["value"], leg["entity_count"]) == ("undecided", "not_reported", "", "")
    [found] = rows(edition.path, "pub_resource_dispersion", "item_code").values()
    assert (found["cv_value"], found["obs_status"], found["reason"]) == ("", "M", "not_from_counties")


def test_of_fewer_than_none_there_is_no_share_and_its_counts_still_count(tmp_path: Path) -> None:
    definition = {"kind": "ratio", "scale": 100}
    assert _value(definition, 29, 100) == 29.0
    assert (
        _value(definition, 3, 0) is None and _value(definition, 3, -2) is None and _value(definition, None, 5) is None
    )
    assert _value({"kind": "total", "scale": 1}, -3, None) == -3.0
    assert _value({"kind": "total", "scale": 0.0001}, 638000, None) == 63.8
    # A county whose base is below zero has no rate; the city's sums hold its counts all the same.
    negative = (
        "update pub_indicator_value set numerator = 300, denominator = -200, value = null, obs_status = 'z',"
        f" reason = 'undefined' where region_code = '{OTHER}' and stage = 'junior'"
    )
    edition, _ = federation(tmp_path / "home", negative)
    junior = rows(edition.path, "pub_indicator_value", "stage")["junior"]
    assert (float(junior["numerator"]), float(junior["denominator"])) == (17300, 1500)
    assert float(junior["value"]) == 17300 / 1500


def test_a_city_whose_base_is_below_zero_has_no_rate(tmp_path: Path) -> None:
    negative = (
        "update pub_indicator_value set numerator = 300, denominator = -1800, value = null, obs_status = 'z',"
        f" reason = 'undefined' where region_code = '{OTHER}' and stage = 'junior'"
    )
    edition, _ = federation(tmp_path / "home", negative)
    junior = rows(edition.path, "pub_indicator_value", "stage")["junior"]
    assert (junior["obs_status"], junior["value"], junior["reason"]) == ("z", "", "undefined")


def test_a_part_that_a_county_leaves_out_is_missing_where_its_figures_are(tmp_path: Path) -> None:
    absent = (
        f"delete from pub_indicator_value where region_code = '{OTHER}' and stage = 'primary'",
        "update pub_indicator_value set numerator = null, denominator = null, value = null, obs_status = 'M',"
        f" reason = 'not_reported' where region_code = '{OTHER}' and stage = 'junior'",
    )
    edition, _ = federation(tmp_path / "home", *absent)
    primary = rows(edition.path, "pub_indicator_value", "stage")["primary"]
    assert primary["obs_status"] == "M" and OTHER in primary["reason_zh"]
