"""`make up-prod` with a real engine: all of it comes up, nobody gets in without a password, the year goes through
Celery, and a dashboard answers with what was loaded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli.year_run import INGEST_ORDER
from tests.conftest import COUNTY
from tests.docker import stack as s

YEAR = "2024-2025"
ENDING = {"init", "superset-init"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(not s.engine_answers(), reason="no docker engine answers"),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s.Stack]:
    from synth import generate

    inbox = tmp_path_factory.mktemp("inbox")
    generate(inbox, defects="mild")
    # Two people sign in Airflow, with their own log-ins.
    for approvals in inbox.rglob("approvals.csv"):
        approvals.unlink()
    # The containers read it as a user of theirs.
    inbox.chmod(0o755)
    found = s.Stack(inbox)
    try:
        found.up()
        yield found
    finally:
        found.down()


@pytest.fixture(scope="module")
def healthy(stack: s.Stack) -> s.Stack:
    def state() -> bool:
        seen = stack.inspect()
        for name, container in seen.items():
            told = container["State"]
            if name in ENDING:
                assert told["Status"] != "exited" or told["ExitCode"] == 0, stack.logs(name)
            else:
                assert told["Status"] in ("running", "created"), stack.logs(name)
        return all(
            c["State"]["Status"] == "exited" if n in ENDING else c["State"].get("Health", {}).get("Status") == "healthy"
            for n, c in seen.items()
        )

    started = time.monotonic()
    s.wait_for("all healthy", state, s.UP_SECONDS)
    print(f"all healthy {time.monotonic() - started:.0f} s after `up` returned")
    return stack


@pytest.fixture(scope="module")
def officer(healthy: s.Stack) -> s.Airflow:
    return s.Airflow(healthy.airflow_url, "statistics_officer")


@pytest.fixture(scope="module")
def built(healthy: s.Stack, officer: s.Airflow) -> list[dict]:
    """The inbox read, the warehouse built, the zones loaded, all by Celery; the tasks that did it."""

    def slots(number: int) -> None:
        body = {"name": "warehouse_writer", "slots": number, "description": "", "include_deferred": False}
        officer.ask("/pools/warehouse_writer", "PATCH", json=body)

    done = []
    # One build for the whole inbox, as `make run` does it.
    slots(0)
    for group in INGEST_ORDER:
        runs = [(dag, officer.trigger(dag)) for dag in group]
        for dag, run in runs:
            done += officer.ended(dag, run)
    slots(1)
    for dag in ("build_warehouse", "serve_postgres"):
        s.wait_for(f"{dag} starts", lambda dag=dag: officer.runs(dag))
        done += officer.ended(dag, officer.runs(dag)[-1]["dag_run_id"])
    return done


def test_every_container_is_without_rights_bounded_and_published_on_the_loopback_alone(healthy: s.Stack) -> None:
    for name, container in healthy.inspect().items():
        config, host = container["Config"], container["HostConfig"]
        assert int(config["User"].partition(":")[0]) > 0, name
        assert host["CapDrop"] == ["ALL"] and host["Memory"] > 0, name
        for bound in (host["PortBindings"] or {}).values():
            assert {b["HostIp"] for b in bound} == {"127.0.0.1"}, name
    for service in ("worker", "worker-warehouse", "scheduler", "triggerer"):
        told = healthy.run_in(service, "python", "-c", _LISTENING).stdout.split()
        assert not {"8793", "8794"} & set(told), f"{service} serves logs"


_LISTENING = """
for name in ("/proc/net/tcp", "/proc/net/tcp6"):
    for line in open(name).readlines()[1:]:
        if line.split()[3] == "0A":
            print(int(line.split()[1].rpartition(":")[2], 16))
"""


def test_nobody_gets_into_airflow_without_a_password(healthy: s.Stack) -> None:
    url = healthy.airflow_url
    assert httpx.get(f"{url}/api/v2/dags").status_code == 401
    assert httpx.get(f"{url}/auth/token").status_code in (401, 404, 405), "no token for the asking"
    wrong = {"username": "admin", "password": "admin"}
    assert httpx.post(f"{url}/auth/token", json=wrong, timeout=s.UNHURRIED).status_code == 401


def test_an_account_gets_what_its_role_may(healthy: s.Stack, officer: s.Airflow) -> None:
    leader, admin = (s.Airflow(healthy.airflow_url, name) for name in ("bureau_leader", "admin"))
    for account in (leader, officer, admin):
        assert "build_warehouse" in {d["dag_id"] for d in account.ask("/dags")["dags"]}
    assert leader.http.get("/api/v2/connections").status_code == 403, "who signs sees no connection"
    assert leader.http.post("/api/v2/dags/build_warehouse/dagRuns", json={"logical_date": None}).status_code == 403
    assert officer.ask("/importErrors")["total_entries"] == 0


def test_the_general_worker_reaches_neither_house_nor_databases(healthy: s.Stack) -> None:
    asked = "import socket, sys; socket.create_connection((sys.argv[1], 5432), 5)"
    assert healthy.run_in("worker", "python", "-c", asked, "serving").returncode != 0
    assert healthy.run_in("worker", "ls", "-A", "/var/lib/schoolhouse").stdout.split() in ([], ["inbox"])
    assert "postgresql" not in healthy.run_in("worker", "with-secrets", "env").stdout
    assert healthy.run_in("worker-warehouse", "python", "-c", asked, "serving").returncode == 0


def test_the_year_goes_through_celery_on_the_queue_of_the_house(healthy: s.Stack, officer: s.Airflow, built) -> None:
    assert {t["dag_id"] for t in built} >= {"ingest_reference", "build_warehouse", "serve_postgres"}
    assert {t["state"] for t in built} == {"success"}
    assert {t["queue"] for t in built} == {"warehouse"}
    worker = healthy.inspect()["worker-warehouse"]["Config"]["Hostname"]
    assert {t["hostname"] for t in built} == {worker}
    assert "行政区划.csv" in officer.log(built[0]), "what a task said is read, though nobody serves logs"
    status = healthy.run_in("worker-warehouse", "schoolhouse", "status", "--json")
    assert status.returncode == 0, status.stderr
    print({t["dag_id"]: round(t["duration"], 1) for t in built})


def test_a_dashboard_answers_with_what_was_loaded(healthy: s.Stack, built) -> None:
    url = healthy.superset_url
    assert httpx.get(f"{url}/health", timeout=s.UNHURRIED).text == "OK"
    assert httpx.get(f"{url}/api/v1/dashboard/", timeout=s.UNHURRIED).status_code in (401, 403, 302)
    wrong = {"username": "admin", "password": "admin", "provider": "db"}
    assert httpx.post(f"{url}/api/v1/security/login", json=wrong, timeout=s.UNHURRIED).status_code == 401
    county = s.Superset(url, "county")
    assert county.http.get("/api/v1/dashboard/overview").status_code == 200
    assert county.http.get("/api/v1/dashboard/exams").status_code in (403, 404), "not for this account"
    targets = county.data_sets()["规划目标"]
    # The readers are let in some seconds after the first load.
    rows = s.wait_for("figures", lambda: county.figures(targets, ["school_year"], "target_count"), 120)
    counted = {row["school_year"]: row["target_count"] for row in rows}
    assert counted[YEAR] > 0
    asked = "select school_year, count(*) from internal.bi_target group by 1"
    told = healthy.run_in("worker-warehouse", "with-secrets", "python", "-c", _QUERY, asked)
    assert told.returncode == 0, told.stderr
    assert counted == {year: int(n) for year, n in (line.split() for line in told.stdout.splitlines())}


# Run in the house's container, as the account that loads: no row is hidden from it.
_QUERY = """
import os, sys, psycopg2
names = {key: os.environ["SCHOOLHOUSE_PG_" + key.upper()] for key in ("host", "port", "user", "password")}
cursor = psycopg2.connect(dbname=os.environ["SCHOOLHOUSE_PG_DATABASE"], **names).cursor()
cursor.execute(sys.argv[1])
for row in cursor.fetchall():
    print(*row)
"""


def test_two_people_sign_and_the_edition_is_out(healthy: s.Stack, officer: s.Airflow, built) -> None:
    dag = "publish_annual_snapshot"
    run = officer.trigger(dag, partition_key=f"{COUNTY}|{YEAR}")
    signers = {
        "edition.approve_statistics_officer": officer,
        "edition.approve_bureau_leader": s.Airflow(healthy.airflow_url, "bureau_leader"),
    }
    for name, person in signers.items():

        def waits(name: str = name) -> list[dict]:
            tasks = officer.tasks(dag, run)
            failed = [t for t in tasks if t["state"] == "failed"]
            assert not failed, [officer.log(t) for t in failed]
            return [t for t in tasks if t["task_id"] == name and t["state"] in ("awaiting_input", "deferred")]

        task = s.wait_for(f"{name} waits", waits)[0]
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{name}/{task['map_index']}/hitlDetails"
        person.ask(
            path, "PATCH", json={"chosen_options": ["Approve"], "params_input": {"signer": "", "comment": "同意"}}
        )
    tasks = officer.ended(dag, run)
    assert {t["queue"] for t in tasks} == {"warehouse"}
    publish = next(t for t in tasks if t["task_id"] == "edition.publish")
    at = f"/dags/{dag}/dagRuns/{run}/taskInstances/{publish['task_id']}/xcomEntries/return_value"
    told = officer.ask(at, params={"map_index": publish["map_index"], "deserialize": True})["value"]
    assert told["changed"] and told["version"] == "v1.0.0"
    verified = healthy.run_in("worker-warehouse", "schoolhouse", "verify", told["path"])
    assert verified.returncode == 0, verified.stdout + verified.stderr
    signed = healthy.run_in("worker-warehouse", "sh", "-c", f"cat {Path(told['path']) / 'attestation'}/*.json").stdout
    assert "statistics_officer" in signed and "bureau_leader" in signed
