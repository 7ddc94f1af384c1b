"""The compose stack of a test: brought up as a bureau does it, asked through its two interfaces, and taken away."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from warehouse.settings import PROJECT_ROOT

PROJECT = "schoolhouse-test"
FILES = ["-f", "docker-compose.yml"]
LOCAL = [*FILES, "-f", "docker/local/docker-compose.override.yml"]
SECRETS = PROJECT_ROOT / "docker" / "secrets"
BUILD_SECONDS, UP_SECONDS, RUN_SECONDS = 3600, 900, 1800
UNHURRIED = 120.0


def engine_answers() -> bool:
    """Whether a docker engine and docker-compose can be had here."""
    if not (shutil.which("docker") and shutil.which("docker-compose")):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, timeout=30).returncode == 0


def is_local() -> bool:
    """Whether the images are to be made of this machine's own base: its maker is here and a registry is not asked."""
    return os.environ.get("SCHOOLHOUSE_IMAGES", "local" if shutil.which("debootstrap") else "published") == "local"


def secret(name: str) -> str:
    return (SECRETS / name).read_text(encoding="utf-8").strip()


def wait_for(what: str, found: Callable[[], Any], seconds: float = RUN_SECONDS, pause: float = 3) -> Any:
    """What `found` returns once it is true. Fails with `what` after so many seconds."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(pause)
    return value


class Airflow:
    """Airflow's API as one account sees it."""

    def __init__(self, url: str, account: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=UNHURRIED, trust_env=False)
        login = {"username": account, "password": secret(f"airflow_{account}_password")}
        token = self.http.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def ask(self, path: str, method: str = "GET", **kwargs: Any) -> Any:
        reply = self.http.request(method, f"/api/v2{path}", **kwargs)
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text[:500]}"
        return reply.json() if reply.content else None

    def trigger(self, dag: str, **body: Any) -> str:
        return self.ask(f"/dags/{dag}/dagRuns", "POST", json={"logical_date": None, **body})["dag_run_id"]

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        return self.ask(f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]

    def ended(self, dag: str, run: str) -> list[dict[str, Any]]:
        """The tasks of a run, once it has succeeded."""
        at = f"/dags/{dag}/dagRuns/{run}"
        states = ("success", "failed")
        state = wait_for(f"{dag} ends", lambda: (s := self.ask(at)["state"]) in states and s)
        tasks = self.tasks(dag, run)
        assert state == "success", [self.log(t) for t in tasks if t["state"] == "failed"]
        return tasks

    def log(self, task: dict[str, Any]) -> str:
        path = f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}/logs"
        told = self.ask(f"{path}/{max(task['try_number'], 1)}", params={"map_index": task["map_index"]})
        return "\n".join(line if isinstance(line, str) else line.get("event", "") for line in told["content"])

    def runs(self, dag: str) -> list[dict[str, Any]]:
        return self.ask(f"/dags/{dag}/dagRuns", params={"order_by": "id", "limit": 100})["dag_runs"]


class Superset:
    """Superset's API as one account sees it."""

    def __init__(self, url: str, account: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=UNHURRIED, trust_env=False, follow_redirects=True)
        login = {"username": account, "password": secret(f"superset_{account}_password"), "provider": "db"}
        token = self.http.post("/api/v1/security/login", json=login).raise_for_status().json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def data_sets(self) -> dict[str, int]:
        found = self.http.get("/api/v1/dataset/", params={"q": "(page_size:100)"}).raise_for_status().json()["result"]
        return {d["table_name"]: d["id"] for d in found}

    def figures(self, data_set: int, columns: list[str], metric: str) -> list[dict[str, Any]]:
        """Rows of a chart on a data set, as a dashboard asks for them, past the cache."""
        query = {"columns": columns, "metrics": [metric], "row_limit": 1000}
        body = {"datasource": {"id": data_set, "type": "table"}, "queries": [query], "force": True}
        reply = self.http.post("/api/v1/chart/data", json=body)
        return reply.json()["result"][0]["data"] if reply.is_success else []


class Stack:
    """One stack of containers, with an inbox and ports of its own."""

    def __init__(self, inbox: Path) -> None:
        self.files = LOCAL if is_local() else FILES
        self.airflow_url, self.superset_url = (f"http://127.0.0.1:{_free_port()}" for _ in range(2))
        self.env = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": PROJECT,
            "AIRFLOW_PORT": self.airflow_url.rpartition(":")[2],
            "AIRFLOW_URL": self.airflow_url,
            "SUPERSET_PORT": self.superset_url.rpartition(":")[2],
            "SCHOOLHOUSE_INBOX": str(inbox),
            # The calendar's own runs would read the inbox at hours of their own.
            "SCHOOLHOUSE_INGEST_CRON": "0 0 1 1 *",
            "SCHOOLHOUSE_PDF": "no",
        }

    def compose(self, *words: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        command = ["docker-compose", *self.files, *words]
        return subprocess.run(
            command, cwd=PROJECT_ROOT, env=self.env, capture_output=True, text=True, timeout=seconds
        )  # fmt: skip

    def up(self) -> None:
        target = "up-prod-local" if is_local() else "up-prod"
        done = subprocess.run(
            ["make", target], cwd=PROJECT_ROOT, env=self.env, capture_output=True, text=True, timeout=BUILD_SECONDS
        )  # fmt: skip
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]

    def down(self) -> None:
        self.compose("down", "--volumes", "--timeout", "20")

    def inspect(self) -> dict[str, dict[str, Any]]:
        """What the engine says of each service's container."""
        listed = self.compose("ps", "--quiet", "--all").stdout.split()
        if not listed:
            return {}
        done = subprocess.run(["docker", "inspect", *listed], capture_output=True, text=True, check=True, timeout=60)
        return {c["Config"]["Labels"]["com.docker.compose.service"]: c for c in json.loads(done.stdout)}

    def run_in(self, service: str, *words: str) -> subprocess.CompletedProcess[str]:
        return self.compose("exec", "-T", service, *words)

    def logs(self, *services: str) -> str:
        return self.compose("logs", "--no-color", "--tail", "40", *services).stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
