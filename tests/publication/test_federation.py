"""A city's edition from two counties' editions: sums, rates of sums, where each came from, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from publication import EditionResult, manifest, publish, verify
from publication.federation import federate
from tests.publication.house import OTHER, REGION, YEAR, House
from warehouse.errors import SchoolhouseError
from warehouse.files import sha256_file

CITY = "990300"
# As the model has them: a kind and a scale for every indicator, and nothing that does not follow from its counts.
DEFINED = (
    "alter table pub_indicator_definition add column scale double",
    "update pub_indicator_definition set scale = 1",
    "alter table pub_indicator_definition add column numerator_measure varchar",
    "alter table pub_indicator_definition add column denominator_measure varchar",
    "update pub_indicator_definition set denominator_measure = 'student_count' where domain = 'resource'",
    "update pub_indicator_value set numerator = 12000, denominator = 2000"
    " where region_code = '990302' and stage = 'primary'",
    "update pub_indicator_value set value = numerator / denominator",
)
HIDDEN = (
    "update pub_indicator_value set numerator = null, denominator = null, value = null, obs_status = 'c'"
    " where region_code = '990302' and stage = 'junior'"
)


def county(house: House, region: str, build_id: str) -> EditionResult:
    house.gate(build_id, region=region)
    house.approve_both(region)
    return publish(house.settings, region, YEAR)


def both(house: House, *changes: str) -> list[Path]:
    build_id = house.build(*DEFINED, *changes)
    return [county(house, r, build_id).path for r in (REGION, OTHER)]


@pytest.fixture
def city(house: House) -> House:
    house.approve_both(CITY)
    return house


def rows(edition: Path, name: str) -> list[dict[str, str]]:
    with (edition / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def value(edition: Path, stage: str) -> dict[str, str]:
    return next(r for r in rows(edition, "pub_indicator_value") if r["stage"] == stage)


def test_counts_are_added_and_rates_made_of_the_sums(city: House) -> None:
    paths = both(city)
    made = federate(city.settings, CITY, paths, name="青禾市", counties=[REGION, OTHER])
    assert verify(made.path).ok and made.version == "v1.0.0"
    primary = value(made.path, "primary")
    mine, theirs = (value(p, "primary") for p in paths)
    top, bottom = (float(mine[c]) + float(theirs[c]) for c in ("numerator", "denominator"))
    assert (float(primary["numerator"]), float(primary["denominator"])) == (top, bottom)
    assert float(primary["value"]) == top / bottom != (float(mine["value"]) + float(theirs["value"])) / 2
    assert (primary["region_code"], primary["entity_type"], primary["entity_id"]) == (CITY, "city", CITY)
    # Each cell says which version of which county it came from, and the manifest pins those by hash.
    parts = [r for r in rows(made.path, "county_figure") if r["stage"] == "primary"]
    shas = {p.parents[1].name: sha256_file(p / "attestation" / "SHA256SUMS") for p in paths}
    assert {r["county_code"]: (r["county_edition"], r["county_sha256"]) for r in parts} == {
        p.parents[1].name: (manifest.read(p)["edition_id"], shas[p.parents[1].name]) for p in paths
    }
    assert {i["unit_code"]: i["file_sha256"] for i in manifest.read(made.path)["inputs"]} == shas
    page = made.report.read_text(encoding="utf-8")
    assert "青禾市" in page and 'id="indicators"' in page and 'id="budget"' not in page


def test_what_a_county_hides_or_lacks_the_city_cannot_show(city: House) -> None:
    made = federate(city.settings, CITY, both(city, HIDDEN))
    junior = value(made.path, "junior")
    assert (junior["obs_status"], junior["value"], junior["numerator"]) == ("c", "", "")
    assert value(made.path, "primary")["obs_status"] == "A"
    missing = value(made.path, "all")
    assert (missing["obs_status"], missing["value"]) == ("M", "")
    assert REGION in missing["reason_zh"]


def test_a_small_count_of_persons_is_hidden_again(city: House) -> None:
    few = "update pub_indicator_value set numerator = 8, denominator = 4, value = 2 where stage = 'junior'"
    paths = both(city, few)
    assert value(federate(city.settings, CITY, paths).path, "junior")["obs_status"] == "c"
    shown = federate(city.settings, CITY, paths, min_count=5)
    assert (float(value(shown.path, "junior")["denominator"]), shown.version) == (8, "v1.1.0")


def test_a_later_county_version_makes_a_later_city_version(city: House) -> None:
    paths = both(city)
    first = federate(city.settings, CITY, paths)
    assert not federate(city.settings, CITY, paths).changed
    more = "update pub_indicator_value set numerator = 36000, value = 36000 / denominator where region_code = '990301'"
    build_id = city.build(*DEFINED, f"{more} and stage = 'primary'")
    city.gate(build_id)
    newer = publish(city.settings, REGION, YEAR)
    second = federate(city.settings, CITY, [newer.path, paths[1]])
    assert (first.version, second.version) == ("v1.0.0", "v1.1.0")
    changes = json.loads((second.path / "changes.json").read_text(encoding="utf-8"))
    assert changes["inputs"] == {"county_edition": "source_revision"}


def refused(house: House, paths: list[Path], match: str, **more: Any) -> None:
    with pytest.raises(SchoolhouseError, match=match) as told:
        federate(house.settings, CITY, paths, **more)
    assert all("\n" not in told.value.line(language) for language in ("zh", "en"))
    assert not (house.settings.editions / CITY / YEAR / "latest").exists()


def test_a_tampered_county_is_refused(city: House, tmp_path: Path) -> None:
    paths = both(city)
    harmed = tmp_path / "harmed"
    shutil.copytree(paths[0], harmed)
    (harmed / "data").chmod(0o755)
    file = harmed / "data" / "pub_indicator_value.csv"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"30000", b"90000"))
    refused(city, [harmed, paths[1]], "cannot be taken: data/pub_indicator_value.csv was changed")


def test_a_county_by_an_unknown_signer_or_another_hash_is_refused(city: House, tmp_path: Path) -> None:
    paths = both(city)
    nobody = tmp_path / "allowed"
    nobody.write_text("", encoding="utf-8")
    refused(city, paths, "not an allowed signer", allowed_signers=nobody)
    good = {p.parents[1].name: sha256_file(p / "attestation" / "SHA256SUMS") for p in paths}
    refused(city, paths, "not the edition that was pinned", pins={**good, OTHER: "0" * 64})
    signer = (paths[0] / "attestation" / "signer.pub").read_text(encoding="ascii")
    nobody.write_text(f"county {signer}", encoding="utf-8")
    assert federate(city.settings, CITY, paths, pins=good, allowed_signers=nobody).version == "v1.0.0"


def test_other_code_lists_are_refused(city: House) -> None:
    other = "update pub_indicator_definition set definition_version = 2 where region_code = '990302'"
    refused(city, both(city, other), "code lists differ: res_sports_area_per_student differs in definition_version")
    gone = "delete from pub_indicator_definition where region_code = '990302' and domain = 'satisfaction'"
    refused(city, both(city, gone), "sat_public is defined in one of them only")


def test_a_missing_county_or_one_twice_is_refused(city: House) -> None:
    paths = both(city)
    refused(city, paths, "county 990303 is missing", counties=[REGION, OTHER, "990303"])
    refused(city, paths, "990302 is not among", counties=[REGION])
    refused(city, [paths[0], paths[0]], "one edition of each county")


def test_a_rate_that_its_counts_do_not_make_is_refused(city: House) -> None:
    odd = "update pub_indicator_value set value = 99 where region_code = '990302' and stage = 'primary'"
    refused(city, both(city, odd), "but its counts make 6.0")


def test_a_city_needs_its_two_signatures(house: House) -> None:
    refused(house, both(house), "approval of the statistics_officer is missing")
