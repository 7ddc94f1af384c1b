"""The embedded Airflow: open on loopback only, quiet on the network, alone on its home."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys

import psutil
import pytest

from cli.airflow_home import AirflowHome, _free_port
from cli.year_run import editions_of_inbox
from warehouse.errors import SchoolhouseError
from warehouse.files import sha256_file
from warehouse.ledger import Ledger
from warehouse.settings import PROJECT_ROOT, Settings

LOG_SERVERS = (8793, 8794)


def test_settings_are_loopback_quiet_and_complete(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "True")
    home = AirflowHome(house)
    home.port = 8123
    env = home.environment()
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert env["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False", "a setting of the user's own must not leak in"
    assert env["AIRFLOW__CORE__DAGS_FOLDER"] == str(PROJECT_ROOT / "dags")
    assert (env["SCARF_ANALYTICS"], env["DO_NOT_TRACK"]) == ("false", "1")
    assert env["SCHOOLHOUSE_INBOX"] == str(house.inbox)


def test_secrets_are_long_kept_and_private(house: Settings) -> None:
    first, second = AirflowHome(house).environment(), AirflowHome(house).environment()
    assert first["AIRFLOW__API_AUTH__JWT_SECRET"] == second["AIRFLOW__API_AUTH__JWT_SECRET"]
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    for name in ("jwt_secret", "api_secret_key"):
        assert stat.S_IMODE((house.airflow / name).stat().st_mode) == 0o600


def test_a_taken_port_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        monkeypatch.setenv("SCHOOLHOUSE_AIRFLOW_PORT", str(number))
        port = _free_port()
    assert port != number
    assert port not in LOG_SERVERS


def test_the_ports_of_the_log_servers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLHOUSE_AIRFLOW_PORT", "8793")
    assert _free_port() not in LOG_SERVERS


def test_two_runners_of_one_home_are_refused(house: Settings) -> None:
    first, second = AirflowHome(house), AirflowHome(house)
    first._take_lock()
    with pytest.raises(SchoolhouseError, match="already running"):
        second.start()
    first.stop()
    second._take_lock()
    second.stop()


def test_what_a_killed_runner_left_behind_is_ended(house: Settings) -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    left = subprocess.Popen([*sleeper, "airflow"], cwd=house.airflow)
    other = subprocess.Popen([*sleeper, "airflow"], cwd=house.home)
    home = AirflowHome(house)
    home._end_leftovers()
    assert not psutil.pid_exists(left.pid)
    assert other.poll() is None, "the Airflow of another folder is not ours to end"
    other.kill()
    other.wait()


def test_the_years_to_publish_are_those_of_the_files_in_the_inbox(house: Settings) -> None:
    blank = dict.fromkeys(("unit_code", "file_name", "batch_id", "reason_en", "reason_zh"), "")
    rows = []
    for region, period, inside in (
        ("440198", "2023-2024", True),
        ("440198", "2024-2025", True),
        ("440199", "2023-2024", True),
        ("440199", "2024-2025", False),
        ("440197", "2024-2025", False),
    ):
        path = (house.inbox if inside else house.home) / f"{region}{period}.csv"
        path.write_text(path.name)
        own = {"submission_id": path.name, "region_code": region, "source": "school_report", "period": period}
        counts = {"rows_accepted": 1, "rows_rejected": 0, "column_map": {}, "status": "accepted", "scope": ""}
        rows.append({**blank, **own, **counts, "file_sha256": sha256_file(path)})
    Ledger.open(house).record(rows)
    assert editions_of_inbox(house) == [("440198", "2024-2025"), ("440199", "2023-2024")]
