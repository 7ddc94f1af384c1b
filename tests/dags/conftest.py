"""An Airflow of the tests' own: set before anything of it is imported, in a folder that goes away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.settings import PROJECT_ROOT, Settings


@pytest.fixture(scope="session")
def airflow_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Airflow, importable in this process, on a fresh SQLite database."""
    assert "airflow" not in sys.modules, "airflow was imported before its settings were made"
    home = tmp_path_factory.mktemp("airflow")
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "dags" / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__API_AUTH__JWT_SECRET": "t" * 64,
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "SCARF_ANALYTICS": "false",
        "DO_NOT_TRACK": "1",
    }
    before = {k: os.environ.get(k) for k in own}
    os.environ.update(own)
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    yield home
    for key, value in before.items():
        os.environ.pop(key) if value is None else os.environ.update({key: value})


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty home that the tasks of this process see too."""
    monkeypatch.setenv("SCHOOLHOUSE_HOME", str(tmp_path / "home"))
    for name in ("SCHOOLHOUSE_INBOX", "SCHOOLHOUSE_REGISTERS", "SCHOOLHOUSE_LEDGER_URL", "SCHOOLHOUSE_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    return Settings.load().prepare()
