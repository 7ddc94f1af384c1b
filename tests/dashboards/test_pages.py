"""All of it, as a person meets it: PostgreSQL, Superset, the bundle, and a real browser that opens every dashboard."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards import up
from dashboards.prepare import read_secret
from tests.conftest import Home
from tests.dashboards.house import read_bundle
from warehouse.postgres import Server, is_available, running_server
from warehouse.settings import PROJECT_ROOT, Settings

BROWSE = PROJECT_ROOT / "tests" / "dashboards" / "browse.py"
OWN_CHART = PROJECT_ROOT / "tests" / "dashboards" / "own_chart.py"
# Where the pictures of the documentation go, when they are made anew: DASHBOARD_PICTURES=docs/images.
PICTURES = os.environ.get("DASHBOARD_PICTURES")
SLUGS = {"county": ("overview", "balance", "budget"), "research": ("overview", "balance", "exams", "budget")}
KEPT = {
    "dbs": "uuid, id, database_name, sqlalchemy_uri, extra, changed_on",
    "tables": "uuid, id, table_name, sql, changed_on",
    "table_columns": "uuid, id, column_name, verbose_name, type",
    "sql_metrics": "uuid, id, metric_name, expression",
    "slices": "uuid, id, slice_name, params, changed_on",
    "dashboards": "uuid, id, dashboard_title, position_json, json_metadata, changed_on",
    "dashboard_slices": "dashboard_id, slice_id",
    "ab_user": "id, username, password",
    "ab_permission_view_role": "id, permission_view_id, role_id",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not is_available(), reason="PostgreSQL is not installed"),
    pytest.mark.skipif(not up.PYTHON.exists(), reason="Superset is not installed (uv sync --directory dashboards)"),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed"),
]


@dataclass(frozen=True)
class Running:
    """Superset of a home: its address, the folder of its secrets, and the server that holds its metadata."""

    address: str
    secrets: Path
    settings: Settings
    server: Server

    def metadata(self) -> dict[str, list[tuple[Any, ...]]]:
        """What Superset keeps, by table."""
        password = read_secret(self.secrets, "superset_metadata_password")
        connection = Server(self.server.host, self.server.port, "superset", password, "superset").connect()
        try:
            with connection, connection.cursor() as cursor:
                found = {}
                for table, columns in KEPT.items():
                    cursor.execute(f"select {columns} from {table} order by {columns.split(', ')[1]}, 1")
                    found[table] = cursor.fetchall()
                return found
        finally:
            connection.close()


@pytest.fixture(scope="module")
def superset(county_home: Home) -> Iterator[Running]:
    settings = county_home.settings
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running_server(settings) as server, up.running(settings, port) as (address, secrets):
        yield Running(address, secrets, settings, server)


def _browse(superset: Running, account: str, pictures: Path) -> dict[str, dict[str, Any]]:
    secret = superset.secrets / f"superset_{account}_password"
    command = [up.PYTHON, BROWSE, superset.address, account, secret, pictures, *SLUGS["research"]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return {told["slug"]: told for told in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("account", SLUGS)
def test_every_dashboard_of_an_account_is_drawn_whole(superset: Running, account: str, tmp_path: Path) -> None:
    pictures = Path(PICTURES) if PICTURES and account == "research" else tmp_path
    found = _browse(superset, account, pictures)
    bundle = read_bundle()
    for slug in SLUGS[account]:
        told = found[slug]
        assert told["status"] == 200 and bundle.dashboards[slug]["dashboard_title"] in told["title"]
        wanted = sorted(chart["slice_name"] for chart in bundle.charts_of(slug))
        assert sorted(chart["title"] for chart in told["charts"]) == wanted
        bad = [chart for chart in told["charts"] if chart["error"] or chart["empty"] or chart["busy"]]
        assert not bad, f"{slug}: {bad}"
        assert told["elsewhere"] == [], "nothing is asked of another host"
        assert (pictures / f"dashboard-{slug}.png").stat().st_size > 50_000
    for slug in set(SLUGS["research"]) - set(SLUGS[account]):
        assert found[slug]["status"] in (403, 404) and not found[slug]["charts"], f"{slug} is not for {account}"


def _undated(metadata: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Without the time of the last change, which an import sets."""
    return {
        table: [row[:-1] if KEPT[table].endswith("changed_on") else row for row in rows]
        for table, rows in metadata.items()
    }


def _import_again(superset: Running, whole: bool = False) -> None:
    """The set-up once more; `whole`: as if the bundle were a new one."""
    if whole:
        (superset.settings.home / "superset" / "bundle.sha256").unlink()
    variables = up.environment(superset.settings, superset.server, superset.secrets)
    up.set_up(variables, superset.secrets.parent / "again.log")


def test_a_second_import_changes_nothing(superset: Running) -> None:
    before = superset.metadata()
    assert len(before["dashboards"]) == 4 and len(before["slices"]) == len(read_bundle().charts)
    _import_again(superset)
    after = superset.metadata()
    assert {t: len(rows) for t, rows in after.items()} == {t: len(rows) for t, rows in before.items()}
    assert after == before
    _import_again(superset, whole=True)
    assert _undated(superset.metadata()) == _undated(before)


def test_a_chart_of_ones_own_is_drawn_kept_and_left_alone(superset: Running, tmp_path: Path) -> None:
    """The steps of docs/dashboards.md, and an import afterwards."""
    secret = superset.secrets / "superset_county_password"
    command = [up.PYTHON, OWN_CHART, superset.address, "county", secret, tmp_path, "我的图表"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    connection = superset.server.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select status, count(*) from internal.fct_target_tracking group by status")
            counted = dict(cursor.fetchall())
    finally:
        connection.close()
    words = yaml.safe_load((PROJECT_ROOT / "publication" / "dictionary.yaml").read_text(encoding="utf-8"))["codes"]
    assert found["rows"] == {words["status"][status]: f"{count:,}" for status, count in counted.items()}
    assert found["errors"] == [] and found["drawn"] == 1 and found["listed"] == 1
    before = superset.metadata()
    assert "我的图表" in [row[2] for row in before["slices"]]
    _import_again(superset, whole=True)
    after = superset.metadata()
    assert [row for row in after["slices"] if row[2] == "我的图表"] == [
        r for r in before["slices"] if r[2] == "我的图表"
    ]
    assert _undated(after) == _undated(before)


def test_superset_keeps_no_password_of_the_warehouse(superset: Running) -> None:
    texts = " ".join(str(value) for rows in superset.metadata().values() for row in rows for value in row)
    for name in ("bi_county_password", "bi_research_password"):
        assert read_secret(superset.secrets, name) not in texts
