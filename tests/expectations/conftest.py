"""A house per test; making it costs a fraction of a second."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expectations.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "home")
