"""Homes that several tests read: made once a session, never changed by a test."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from warehouse.build import BuildResult, build
from warehouse.settings import PROJECT_ROOT, Settings

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")

COUNTY = "990201"
STAR = "990101"
SAMPLES = PROJECT_ROOT / "samples"


@dataclass(frozen=True)
class Home:
    """A home whose inbox was ingested and built."""

    settings: Settings
    build: BuildResult


def settings_in(folder: Path, inbox: Path, *registers: Path) -> Settings:
    return Settings.load(
        {
            "SCHOOLHOUSE_HOME": str(folder),
            "SCHOOLHOUSE_INBOX": str(inbox),
            "SCHOOLHOUSE_REGISTERS": os.pathsep.join(map(str, registers)),
        }
    ).prepare()


def star_folder() -> Path:
    return Path(os.environ.get("SCHOOLHOUSE_STAR") or PROJECT_ROOT.parent / "shared" / "real" / "star").resolve()


@pytest.fixture(scope="session")
def star_pack() -> Path:
    """The pack of real pupils' scores, or a skip that says so."""
    folder = star_folder()
    if not folder.is_dir():
        pytest.skip("STAR: absent (set SCHOOLHOUSE_STAR to the pack's folder)")
    return folder


@pytest.fixture(scope="session")
def county_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic county of 12 schools and three years with mild defects."""
    from synth import generate

    out = tmp_path_factory.mktemp("county_files")
    generate(out, defects="mild")
    return out


@pytest.fixture(scope="session")
def county_home(tmp_path_factory: pytest.TempPathFactory, county_files: Path) -> Home:
    """A house with the synthetic county alone."""
    import ingest

    settings = settings_in(tmp_path_factory.mktemp("county"), county_files, county_files)
    ingest.run(settings, [county_files])
    return Home(settings, build(settings))


@pytest.fixture(scope="session")
def star_home(tmp_path_factory: pytest.TempPathFactory, county_files: Path, star_pack: Path) -> Home:
    """A house with two regions: the synthetic county and the STAR pack."""
    import ingest

    settings = settings_in(tmp_path_factory.mktemp("two_regions"), star_pack, county_files, SAMPLES)
    ingest.run(settings, [county_files])
    ingest.run(settings, [star_pack])
    return Home(settings, build(settings))
