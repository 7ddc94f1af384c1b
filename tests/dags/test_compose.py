"""The production stack: docker-compose accepts it, and no secret or root is written into it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
import yaml

from warehouse.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "docker-compose.yml"
SERVICES = {"postgres", "init", "scheduler", "api-server", "dag-processor", "triggerer"}


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_accepts_it() -> None:
    done = subprocess.run(["docker-compose", "-f", str(FILE), "config", "-q"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_services_health_and_rights() -> None:
    services = yaml.safe_load(FILE.read_text())["services"]
    assert set(services) == SERVICES
    for name, service in services.items():
        tag = service["image"].partition(":")[2]
        assert tag and tag != "latest", f"{name}: pinned"
        assert name == "init" or "healthcheck" in service, name
        assert name == "postgres" or service["user"] == "50000:50000", name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


def test_no_secret_is_in_the_file() -> None:
    text = FILE.read_text()
    values = re.findall(r"(?i)^ *\S*(?:password|secret|fernet|jwt)\S*: +(\S+)$", text, flags=re.M)
    assert values
    assert all(v.startswith(("/", "./")) for v in values), values


def test_the_secrets_are_made_once_and_differ(tmp_path) -> None:
    script = shutil.copy(PROJECT_ROOT / "docker" / "make-secrets.sh", tmp_path)
    env = {"PATH": os.environ["PATH"]}
    subprocess.run(["sh", script], check=True, env=env, capture_output=True)
    made = {p.name: p.read_text() for p in (tmp_path / "secrets").iterdir()}
    declared = {s["file"].rsplit("/", 1)[1] for s in yaml.safe_load(FILE.read_text())["secrets"].values()}
    assert set(made) == declared
    assert len(made["jwt_secret"]) >= 128
    assert len(set(made.values())) == len(made)
    subprocess.run(["sh", script], check=True, env=env, capture_output=True)
    assert {p.name: p.read_text() for p in (tmp_path / "secrets").iterdir()} == made
