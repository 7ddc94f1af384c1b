"""Homes that several tests read: made once a session, never changed by a test but by gates and editions.

A county is generated, received and built once; a test that wants such a home for itself takes a copy of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from tests.support.homes import copy_home
from warehouse.build import BuildResult, build
from warehouse.settings import PROJECT_ROOT, Settings

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
# Typesetting an edition takes half a minute; `publication/test_pdf.py` is about it and asks for it.
os.environ["SCHOOLHOUSE_PDF"] = "no"

# A property is right or wrong, however busy the machine is.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

COUNTY = "990201"
STAR = "990101"
AS_BUILT = "as_built"
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
def county_clean_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same county without a defect."""
    from synth import generate

    out = tmp_path_factory.mktemp("county_clean_files")
    generate(out)
    return out


@pytest.fixture(scope="session")
def county_received(tmp_path_factory: pytest.TempPathFactory, county_files: Path) -> Settings:
    """A house that has received the synthetic county and was never built. Read only: other homes are copies of it."""
    import ingest

    settings = settings_in(tmp_path_factory.mktemp("received") / "home", county_files, county_files)
    ingest.run(settings, [county_files])
    return settings


def copied(home: Path, folder: Path, inbox: Path, *registers: Path) -> Settings:
    """A home of a test's own, in the state that another one is in. Nothing in a home depends on where it lies, but
    for a build's views on raw, which go on reading the raw rows of the home it was copied from.
    """
    copy_home(home, folder)
    return settings_in(folder, inbox, *registers)


@pytest.fixture(scope="session")
def county_home(tmp_path_factory: pytest.TempPathFactory, county_files: Path, county_received: Settings) -> Home:
    """A house with the synthetic county alone."""
    folder = tmp_path_factory.mktemp("county")
    settings = copied(county_received.home, folder / "home", county_files, county_files)
    made = build(settings)
    copy_home(settings.home, folder / AS_BUILT)
    return Home(settings, made)


@pytest.fixture(scope="session")
def county_as_built(county_home: Home) -> Path:
    """The folder of the county's home as the build left it: no register was read, no gate run, no edition made."""
    return county_home.settings.home.parent / AS_BUILT


@pytest.fixture(scope="session")
def star_home(
    tmp_path_factory: pytest.TempPathFactory, county_files: Path, county_received: Settings, star_pack: Path
) -> Home:
    """A house with two regions: the synthetic county and the STAR pack."""
    import ingest

    folder = tmp_path_factory.mktemp("two_regions")
    settings = copied(county_received.home, folder / "home", star_pack, county_files, SAMPLES)
    ingest.run(settings, [star_pack])
    return Home(settings, build(settings))
