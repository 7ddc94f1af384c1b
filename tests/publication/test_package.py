"""The edition as others' tools read it: a data package, a catalogue entry, SDMX. The figures are those of the CSV."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from publication import EditionResult, sdmx
from tests.publication.house import REGION, House

CODED = (
    "update pub_indicator_value set obs_status = 'c', value = null, numerator = null, denominator = null"
    " where stage = 'junior'",
    "update pub_indicator_value set obs_status = 'z' where indicator_code = 'sat_public'",
    "update pub_target_tracking set stage = 'primary;junior' where target_id = 'T2'",
)


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> EditionResult:
    """An edition with a hidden value, one that does not apply, and a scope of two stages."""
    return House(tmp_path_factory.mktemp("coded") / "home").publish(*CODED)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def descriptor(edition: Path) -> dict[str, Any]:
    return json.loads((edition / "datapackage.json").read_text(encoding="utf-8"))


# ---------------------------------------------------------------- data package
def frictionless(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("frictionless")), "validate", "datapackage.json", "--json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_frictionless_accepts_the_package_and_refuses_a_changed_one(copy: Path) -> None:
    good = frictionless(copy)
    report = json.loads(good.stdout)
    assert (good.returncode, report["valid"]) == (0, True), good.stdout[-2000:]
    assert report["stats"]["tasks"] == len(descriptor(copy)["resources"])
    path = copy / "data" / "pub_indicator_value.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("30000.000000", "30001.000000"), encoding="utf-8")
    bad = frictionless(copy)
    assert bad.returncode != 0
    assert "hash" in bad.stdout


def test_every_data_file_is_described_with_its_columns_and_hash(coded: EditionResult) -> None:
    resources = {r["path"]: r for r in descriptor(coded.path)["resources"]}
    assert set(resources) == {f"data/{p.name}" for p in (coded.path / "data").iterdir()}
    for path, resource in resources.items():
        content = (coded.path / path).read_bytes()
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert resource["bytes"] == len(content)
        if path.endswith(".csv"):
            header = content.decode().split("\n")[0].split(",")
            assert [f["name"] for f in resource["schema"]["fields"]] == header
            assert all(f["title"] and f["description"] for f in resource["schema"]["fields"])
    value = resources["data/pub_indicator_value.csv"]["schema"]
    assert {"indicator_code", "entity_id", "stage", "urban_rural"} <= set(value["primaryKey"])
    status = next(f for f in value["fields"] if f["name"] == "obs_status")
    assert status["constraints"] == {"required": True, "enum": ["A", "c", "M", "z"]}


def test_the_catalogue_entry_points_at_files_that_are_there(coded: EditionResult) -> None:
    entry = json.loads((coded.path / "dcat.jsonld").read_text(encoding="utf-8"))
    assert (entry["@type"], entry["dcat:version"]) == ("dcat:Dataset", "1.0.0")
    found = [d for part in [entry, *entry["dcat:hasPart"]] for d in part["dcat:distribution"]]
    assert len(found) > 10
    for distribution in found:
        content = (coded.path / distribution["dcat:downloadURL"]["@id"]).read_bytes()
        assert distribution["spdx:checksum"]["spdx:checksumValue"]["@value"] == hashlib.sha256(content).hexdigest()
    prefixes = {k.split(":")[0] for part in [entry, *entry["dcat:hasPart"], *found] for k in part if ":" in k}
    assert prefixes <= set(entry["@context"])


# ---------------------------------------------------------------- SDMX
def read_back(edition: Path, name: str) -> Any:
    from pysdmx.io import get_datasets

    return get_datasets(edition / "sdmx" / f"{name}.csv", edition / "sdmx" / "structure.xml", validate=True)[0]


@pytest.mark.parametrize("name", ["indicator_value", "target_tracking", "resource_dispersion"])
def test_an_sdmx_reader_finds_the_figures_of_the_csv(coded: EditionResult, name: str) -> None:
    read = read_back(coded.path, name)
    components = {c.id: c for c in read.structure.components}
    tidy = rows(coded.path / "data" / f"pub_{name}.csv")
    columns = [c for c in tidy[0] if sdmx.component_id(c) in components]
    assert len(read.data) == len(tidy) > 0
    numbers = 0
    for theirs, ours in zip(read.data.to_dict("records"), tidy, strict=True):
        for column in columns:
            component, text = components[sdmx.component_id(column)], theirs[sdmx.component_id(column)]
            if component.role.name == "MEASURE":
                assert (text == sdmx.NO_NUMBER) if ours[column] == "" else float(text) == float(ours[column])
                numbers += ours[column] != ""
            else:
                assert text == sdmx.code(column, ours[column])
                if component.local_codes is not None:
                    assert text in {c.id for c in component.local_codes}
    assert numbers > 2
    dimensions = [c.id for c in components.values() if c.role.name == "DIMENSION"]
    assert not read.data.duplicated(subset=dimensions).any()


@pytest.mark.parametrize(
    ("row", "period"),
    [
        ({"school_year": "2024-2025"}, "2024-09-01/P1Y"),
        ({"school_year": "2024-2025", "fiscal_year": "2024"}, "2024"),
        ({"school_year": "2024-2025", "period_type": "calendar_year", "period_id": "2023"}, "2023"),
        ({"school_year": "2024-2025", "period_type": "snapshot", "period_id": "2024-09-01"}, "2024-09-01"),
        ({"school_year": "2024-2025", "period_type": "", "period_id": ""}, "2024-09-01/P1Y"),
    ],
)
def test_the_period_of_a_row_is_an_iso_period(row: dict[str, str], period: str) -> None:
    assert sdmx.time_period(row) == period


def test_a_reader_finds_the_time_dimension(coded: EditionResult) -> None:
    for name in ("indicator_value", "target_tracking", "resource_dispersion"):
        read = read_back(coded.path, name)
        [time] = [c for c in read.structure.components if c.id == "TIME_PERIOD"]
        assert (time.role.name, time.dtype.value) == ("DIMENSION", "ObservationalTimePeriod")
        assert set(read.data["TIME_PERIOD"]) == {"2024-09-01/P1Y"}
    assert "TimeDimension" in (coded.path / "sdmx" / "structure.xml").read_text(encoding="utf-8")


def test_statuses_are_those_of_the_sdmx_list(coded: EditionResult) -> None:
    data = read_back(coded.path, "indicator_value").data
    assert sorted(data["OBS_STATUS"]) == ["A", "M", "Q"]
    assert set(data.loc[data["OBS_STATUS"] != "A", "OBS_VALUE"]) == {sdmx.NO_NUMBER}
    assert "primary-junior" in set(read_back(coded.path, "target_tracking").data["STAGE"])


def test_the_structure_is_read_with_names_of_codes(coded: EditionResult) -> None:
    from pysdmx.io import read_sdmx

    message = read_sdmx(coded.path / "sdmx" / "structure.xml", validate=True)
    flows = {f.id: f for f in message.get_dataflows()}
    assert set(flows) == {"DF_INDICATOR_VALUE", "DF_TARGET_TRACKING", "DF_RESOURCE_DISPERSION"}
    assert {f.version for f in flows.values()} == {"1.0.0"}
    lists = {c.id: c for c in message.get_codelists()}
    stages = {c.id: (c.name, c.description) for c in lists["CL_STAGE"]}
    assert stages["primary"] == ("Primary", "小学")
    assert REGION in {c.id for c in lists["CL_REGION_CODE"]}
