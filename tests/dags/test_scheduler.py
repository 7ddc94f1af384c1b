"""A year under the real scheduler, with a task killed on the way, against the same year by the functions of the CLI."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from cli.airflow_client import AirflowClient
from cli.airflow_home import AirflowHome
from tests.conftest import COUNTY, copied, settings_in
from tests.support.canary_search import read_canaries, search_home
from warehouse.ledger import Ledger, edition
from warehouse.settings import PROJECT_ROOT, Settings

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1200)]
YEAR, EARLIER = "2024-2025", "2023-2024"
VICTIM = "build_warehouse"


def environment(settings: Settings) -> dict[str, str]:
    registers = os.pathsep.join(map(str, settings.registers))
    own = {"HOME": str(settings.home), "INBOX": str(settings.inbox), "REGISTERS": registers}
    return {**os.environ, **{f"SCHOOLHOUSE_{k}": v for k, v in own.items()}}


def start_year(settings: Settings) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from cli.main import run; run()", "run"]
    return subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_running_task(settings: Settings, dag_id: str, alive: Callable[[], bool]) -> bool:
    """SIGKILL the process of the first task of `dag_id` seen running, once."""
    note = settings.airflow / "running.json"
    while alive():
        with suppress(OSError, ValueError, KeyError, IndexError, httpx.HTTPError):
            client = AirflowClient(json.loads(note.read_text())["url"])
            while alive():
                for run in client.runs(dag_id):
                    for task in client.tasks(dag_id, run["dag_run_id"]):
                        if task["state"] == "running" and task["pid"]:
                            os.kill(task["pid"], signal.SIGKILL)
                            return True
                time.sleep(0.1)
        time.sleep(0.2)
    return False


def editions(settings: Settings) -> dict[str, dict[str, Any]]:
    return {f"{r['school_year']} {r['version']}": r for r in Ledger.open(settings).rows(sa.select(edition))}


@pytest.fixture(scope="module")
def by_functions(tmp_path_factory: pytest.TempPathFactory, county_files: Path, county_as_built: Path) -> str:
    """The data hash of the edition that the functions behind the CLI write in another home: the same files were
    received and built there without Airflow.
    """
    from expectations import run_gate
    from publication import publish
    from warehouse.registers import load_registers

    home = tmp_path_factory.mktemp("by_functions") / "home"
    settings = copied(county_as_built, home, county_files, county_files)
    load_registers(settings)
    gate = run_gate(settings, COUNTY, YEAR)
    return publish(settings, COUNTY, YEAR, gate_id=gate.gate_id).data_hash


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory: pytest.TempPathFactory, county_files: Path) -> tuple[Settings, str]:
    """A house whose year went through the scheduler although its build was killed, and what the command told."""
    settings = settings_in(tmp_path_factory.mktemp("scheduled") / "house", county_files, county_files)
    year = start_year(settings)
    try:
        assert kill_running_task(settings, VICTIM, lambda: year.poll() is None), "no task was seen running"
        told, _ = year.communicate(timeout=1800)
    finally:
        if year.poll() is None:
            year.send_signal(signal.SIGINT)
            year.wait(30)
    assert year.returncode == 0, told
    return settings, told


@pytest.mark.slow
def test_a_killed_task_is_retried_and_the_edition_is_the_same(
    killed_once: tuple[Settings, str], by_functions: str, county_files: Path
) -> None:
    settings, told = killed_once
    assert f"{VICTIM}.build (failed, tried again)" in told
    published = editions(settings)
    assert [e["data_sha256"] for e in published.values() if e["school_year"] == YEAR] == [by_functions]
    assert not (settings.airflow / "running.json").exists()
    # Airflow's own database, its XComs and the tasks' logs hold no one's number or name.
    assert search_home(settings.airflow, read_canaries(county_files / "defects.csv")) == []

    again = start_year(settings)
    told, _ = again.communicate(timeout=1800)
    assert again.returncode == 0, told
    assert "nothing new" in told
    assert editions(settings) == published


@pytest.mark.slow
def test_a_backfill_publishes_an_earlier_year_and_leaves_the_others(
    killed_once: tuple[Settings, str], county_files: Path
) -> None:
    settings, _ = killed_once
    published = editions(settings)
    backfill(settings)
    after = editions(settings)
    assert {k: after[k] for k in published} == published, "other editions are untouched"
    assert {e["school_year"] for e in after.values()} == {YEAR, EARLIER}
    assert search_home(settings.home, read_canaries(county_files / "defects.csv")) == []


def backfill(settings: Settings) -> None:
    """Publish the earlier year by Airflow's own command, approved on the register."""
    from warehouse.registers import approve

    for role, name in (("statistics_officer", "陈静"), ("bureau_leader", "周明")):
        approve(settings, region_code=COUNTY, school_year=EARLIER, role=role, approver=name)
    home = AirflowHome(settings)
    client = home.start()
    try:
        day = f"{EARLIER[:4]}-09-01"
        dag = "publish_annual_snapshot"
        command = [sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", dag]
        dates = ["--from-date", day, "--to-date", day]
        dry = subprocess.run(
            [*command, *dates, "--dry-run"], env=home.environment(), capture_output=True, text=True, check=True
        )
        assert f"*|{EARLIER}" in dry.stdout
        subprocess.run([*command, *dates], env=home.environment(), capture_output=True, check=True)
        deadline = time.monotonic() + 120
        run = {"state": "queued"}
        while time.monotonic() < deadline and run["state"] not in ("success", "failed"):
            time.sleep(0.5)
            run = next(r for r in client.runs(dag) if r["run_type"] == "backfill")
        assert run["state"] == "success", [client.xcom(t, "fault") for t in client.tasks(dag, run["dag_run_id"])]
        assert run["partition_key"] == f"*|{EARLIER}"
    finally:
        home.stop()
