"""The dashboards' part of the compose stack: pinned, without root, open on this machine alone, secrets by file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from warehouse.settings import PROJECT_ROOT

FILES = [PROJECT_ROOT / "docker-compose.yml", PROJECT_ROOT / "docker-compose.superset.yml"]


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_accepts_it() -> None:
    files = [word for path in FILES for word in ("-f", str(path))]
    done = subprocess.run(["docker-compose", *files, "config", "-q"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_services_health_and_rights() -> None:
    services = yaml.safe_load(FILES[1].read_text())["services"]
    assert set(services) == {"serving", "serve", "superset-init", "superset"}
    for name, service in services.items():
        tag = service["image"].partition(":")[2]
        assert tag and tag != "latest", f"{name}: pinned"
        ends = service["restart"] == "no"
        assert ends or "healthcheck" in service, name
        assert name == "serving" or (service["user"] == "50000:50000" and service["cap_drop"] == ["ALL"]), name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


def test_every_secret_is_a_file_that_the_script_makes_once(tmp_path: Path) -> None:
    told = yaml.safe_load(FILES[1].read_text())
    asked = {secret for service in told["services"].values() for secret in service.get("secrets", [])}
    assert asked == set(told["secrets"])
    (tmp_path / "dashboards").mkdir()
    script = shutil.copy(PROJECT_ROOT / "dashboards" / "make-secrets.sh", tmp_path / "dashboards")
    env = {"PATH": os.environ["PATH"]}
    subprocess.run(["sh", script], check=True, env=env, capture_output=True)
    folder = tmp_path / "docker" / "secrets"
    made = {p.name: p.read_text() for p in folder.iterdir()}
    assert set(made) == {s["file"].rsplit("/", 1)[1] for s in told["secrets"].values()}
    assert len(set(made.values())) == len(made) and min(map(len, made.values())) > 40
    subprocess.run(["sh", script], check=True, env=env, capture_output=True)
    assert {p.name: p.read_text() for p in folder.iterdir()} == made


def test_no_password_stands_in_a_file() -> None:
    for path in (PROJECT_ROOT / "dashboards").glob("*.py"):
        assert not re.search(r"""(?i)(password|secret)\w*["']?\s*[:=]\s*["'][^"'{}/]{6,}["']""", path.read_text()), path
