"""The main job, by the functions that the commands and the DAGs call: files in, signed edition out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from expectations import run_gate
from publication import publish, verify
from tests.conftest import COUNTY, STAR, Home, copied
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.registers import load_registers
from warehouse.settings import Settings

YEAR = "2024-2025"
STAR_YEAR = "2022-2023"
PUBLISHABLE = ("passed", "passed_with_explanations")


def publish_year(settings: Settings, region: str, year: str):
    load_registers(settings)
    gate = run_gate(settings, region, year)
    assert gate.verdict in PUBLISHABLE, [f for f in gate.to_dict()["findings"] if not f["explanation_id"]]
    return publish(settings, region, year)


def test_a_county_publishes_with_explanations(county_home: Home) -> None:
    edition = publish_year(county_home.settings, COUNTY, YEAR)
    assert edition.verdict == "published with explanations"
    assert verify(edition.path).ok
    again = publish_year(county_home.settings, COUNTY, YEAR)
    assert not again.changed
    assert (again.path, again.version, again.data_hash) == (edition.path, edition.version, edition.data_hash)


def test_without_explanations_the_same_run_blocks(tmp_path: Path, county_as_built: Path, county_files: Path) -> None:
    bare = tmp_path / "registers"
    bare.mkdir()
    for approvals in county_files.rglob("approvals.csv"):
        shutil.copy(approvals, bare / "approvals.csv")
    settings = copied(county_as_built, tmp_path / "home", county_files, bare)
    load_registers(settings)
    assert run_gate(settings, COUNTY, YEAR).verdict == "needs_explanation"
    with pytest.raises(SchoolhouseError):
        publish(settings, COUNTY, YEAR)
    assert not list(settings.editions.rglob("manifest.json"))


def test_without_approvals_nothing_is_published(tmp_path: Path, county_as_built: Path, county_files: Path) -> None:
    bare = tmp_path / "registers"
    bare.mkdir()
    for explanations in county_files.rglob("explanations.csv"):
        shutil.copy(explanations, bare / "explanations.csv")
    settings = copied(county_as_built, tmp_path / "home", county_files, bare)
    load_registers(settings)
    assert run_gate(settings, COUNTY, YEAR).verdict in PUBLISHABLE
    with pytest.raises(SchoolhouseError, match="approval"):
        publish(settings, COUNTY, YEAR)


@pytest.mark.star
def test_two_regions_publish_two_editions_that_do_not_touch(county_home: Home, star_home: Home) -> None:
    alone = publish_year(county_home.settings, COUNTY, YEAR)
    county = publish_year(star_home.settings, COUNTY, YEAR)
    star = publish_year(star_home.settings, STAR, STAR_YEAR)
    assert star.verdict == "published with explanations"
    assert county.data_hash == alone.data_hash, "another region's files changed this region's data"
    for edition, other in ((county, STAR), (star, COUNTY)):
        assert verify(edition.path).ok
        for file in (edition.path / "data").glob("*.csv"):
            assert other not in file.read_text(encoding="utf-8"), f"{file.name} speaks of region {other}"
    # A region that no plan binds says so, and is judged by nothing but the national method.
    values = (star.path / "data" / "pub_indicator_value.csv").read_text(encoding="utf-8")
    assert "no_target" in values


@pytest.mark.star
def test_an_earlier_year_leaves_the_later_edition_alone(star_home: Home) -> None:
    later = publish_year(star_home.settings, STAR, STAR_YEAR)
    before = {p: p.read_bytes() for p in sorted(later.path.rglob("*")) if p.is_file()}
    earlier = publish_year(star_home.settings, STAR, "2021-2022")
    assert earlier.path != later.path
    assert {p: p.read_bytes() for p in sorted(later.path.rglob("*")) if p.is_file()} == before


def test_the_manifest_names_only_this_regions_inputs(county_home: Home) -> None:
    edition = publish_year(county_home.settings, COUNTY, YEAR)
    manifest = json.loads((edition.path / "manifest.json").read_text(encoding="utf-8"))
    ledger = l.Ledger.open(county_home.settings)
    current = {s["file_sha256"] for s in ledger.current(region=COUNTY)}
    assert {i["file_sha256"] for i in manifest["inputs"]} == current


def test_every_row_of_every_file_is_accounted_for(county_home: Home) -> None:
    ledger = l.Ledger.open(county_home.settings)
    s, r = l.submission.c, l.row_class.c
    for row in ledger.rows(sa.select(s.submission_id, s.rows_accepted, s.rows_rejected, s.status)):
        counts = ledger.rows(sa.select(r.row_class, r.row_count).where(r.submission_id == row["submission_id"]))
        by_class: dict[str, int] = {}
        for c in counts:
            by_class[c["row_class"]] = by_class.get(c["row_class"], 0) + c["row_count"]
        if row["status"] in ("accepted", "partial", "superseded"):
            assert by_class.get("data_rejected", 0) == row["rows_rejected"]
            assert by_class.get("data_accepted", 0) == row["rows_accepted"]
