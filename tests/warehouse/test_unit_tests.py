"""The unit tests that stand beside the models. A build leaves them out: they are about the code, not about its rows."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.conftest import Home
from warehouse.dbt import run_dbt


def test_the_unit_tests_of_the_models_hold(county_home: Home, tmp_path: Path) -> None:
    # dbt asks the database for the columns of what a model reads; a copy, for a build's database has one writer.
    database = shutil.copy(county_home.build.path, tmp_path / "warehouse.duckdb")
    found = run_dbt(
        ("test", "--resource-type", "unit_test"),
        database=Path(database),
        target=tmp_path / "target",
        logs=tmp_path / "logs",
        variables={"raw_dir": str(county_home.settings.raw)},
    )
    assert len(found.statuses) >= 6
    assert found.having("pass") == sorted(found.statuses), found.messages
