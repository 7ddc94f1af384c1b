"""A house per test, and one published edition that tests copy before they harm it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import publication.manifest
from publication import EditionResult
from tests.publication.house import House


@pytest.fixture(scope="session", autouse=True)
def one_code() -> Iterator[None]:
    """The code is hashed once a session: what is edited while tests run is not what they are about."""
    with pytest.MonkeyPatch.context() as patch:
        found = publication.manifest.code_hash()
        patch.setattr(publication.manifest, "code_hash", lambda: found)
        yield


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "home")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> EditionResult:
    return House(tmp_path_factory.mktemp("published")).publish()


@pytest.fixture
def copy(published: EditionResult, tmp_path: Path) -> Path:
    """A writable copy of the edition."""
    folder = tmp_path / "copy"
    shutil.copytree(published.path, folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder
