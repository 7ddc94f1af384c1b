"""The few calls of Airflow's REST API that a run of the year needs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import httpx

# States of a task that a person wants to hear of.
SHOWN = frozenset({"success", "failed", "skipped", "up_for_retry", "awaiting_input"})
TRIES, RETRY_SECONDS = 4, 1.0


class AirflowClient:
    """A client of one Airflow on loopback that lets everyone in as admin. Raises httpx.HTTPError when a call fails."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        """One call; made again when a busy machine does not answer, or its database is locked: Airflow writes its log
        of calls on the loop that another writer needs to be done. Every call here may be made twice.
        """
        for left in reversed(range(TRIES)):
            try:
                if "authorization" not in self._http.headers:
                    token = self._http.get("/auth/token").raise_for_status().json()["access_token"]
                    self._http.headers["Authorization"] = f"Bearer {token}"
                reply = self._http.request(method, f"/api/v2{path}", **kwargs).raise_for_status()
                return reply.json() if reply.content else None
            except httpx.HTTPError as error:
                ours = isinstance(error, httpx.HTTPStatusError) and error.response.is_client_error
                if ours or not left:
                    raise
                time.sleep(RETRY_SECONDS)
        return None

    def healthy(self) -> bool:
        """Scheduler, dag-processor and database answer."""
        try:
            parts = self._http.get("/api/v2/monitor/health").raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return False
        return all(parts[name]["status"] == "healthy" for name in ("metadatabase", "scheduler", "dag_processor"))

    def dag_ids(self) -> set[str]:
        return {d["dag_id"] for d in self._call("GET", "/dags", params={"limit": 100})["dags"]}

    def import_errors(self) -> list[str]:
        found = self._call("GET", "/importErrors")["import_errors"]
        return [f"{e['filename']}: {e['stack_trace'].strip().splitlines()[-1]}" for e in found]

    def ensure_pool(self, name: str, slots: int, description: str) -> None:
        """Make the pool, or set its slots."""
        body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        try:
            self._call("POST", "/pools", json=body)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.CONFLICT:
                raise
            self._call("PATCH", f"/pools/{name}", json=body)

    def trigger(self, dag_id: str, *, partition_key: str | None = None, conf: dict[str, Any] | None = None) -> str:
        """Start a run by hand; returns its run id, which is named here: a call made twice starts one run."""
        run_id = f"manual__{datetime.now(UTC).isoformat()}"
        body: dict[str, Any] = {"dag_run_id": run_id, "logical_date": None, "conf": conf or {}}
        if partition_key:
            body["partition_key"] = partition_key
        try:
            self._call("POST", f"/dags/{dag_id}/dagRuns", json=body)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.CONFLICT:
                raise
        return run_id

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The newest runs of a DAG, newest first."""
        return self._call("GET", f"/dags/{dag_id}/dagRuns", params={"order_by": "-id", "limit": 50})["dag_runs"]

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        return self._call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        return self._call("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", params={"limit": 100})[
            "task_instances"
        ]

    def xcom(self, task: dict[str, Any], key: str = "return_value") -> Any:
        """What a task instance left under a key, or None."""
        path = f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}/xcomEntries/{key}"
        try:
            params = {"map_index": task["map_index"], "deserialize": True}
            return self._call("GET", path, params=params)["value"]
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                return None
            raise

    def queued_events(self, dag_id: str) -> int:
        """Asset events that wait to start the next run of a DAG."""
        try:
            return self._call("GET", f"/dags/{dag_id}/assets/queuedEvents")["total_entries"]
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                return 0
            raise
