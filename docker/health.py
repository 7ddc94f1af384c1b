"""Whether a component of the stack is well: `python health.py scheduler|dag_processor|triggerer|api|worker`.

Cheap enough to ask often: Airflow is not loaded. A component is well when the API server tells a recent heartbeat of
it, a worker when it answers through the broker.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from urllib.request import urlopen

API = "http://api-server:8080/api/v2/monitor/health"
SECONDS = 8


def component(name: str) -> bool:
    with urlopen(API, timeout=SECONDS) as answer:
        told = json.load(answer)
    return told["metadatabase" if name == "api" else name]["status"] == "healthy"


def worker() -> bool:
    from celery import Celery

    password = Path("/run/secrets/redis_password").read_text(encoding="utf-8").strip()
    app = Celery(broker=f"redis://:{password}@redis:6379/0")
    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=SECONDS))


if __name__ == "__main__":
    asked = sys.argv[1]
    well = worker() if asked == "worker" else component(asked)
    sys.exit(0 if well else f"{asked} is not well")
