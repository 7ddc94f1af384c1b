"""`make superset`: the zones in PostgreSQL, Superset with the bureau's dashboards on it, until Ctrl-C.

Runs in the house's environment and starts Superset in its own. State lies under `superset/` of the home; secrets are
made once and are files that only the owner reads.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboards.prepare import make_secrets, prepare_server
from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server, running_server
from warehouse.settings import Settings

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"
_START_SECONDS = 180


def environment(settings: Settings, server: Server, folder: Path) -> dict[str, str]:
    """The variables of Superset's processes: where things are, and nothing secret."""
    home = settings.home / "superset"
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("SCHOOLHOUSE_PG_", "SUPERSET_"))},
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "SUPERSET_HOME": str(home),
        "SUPERSET_SECRETS": str(folder),
        "SUPERSET_METADATA_HOST": server.host,
        "SUPERSET_METADATA_PORT": str(server.port),
        "SCHOOLHOUSE_PG_HOST": server.host,
        "SCHOOLHOUSE_PG_PORT": str(server.port),
        "SCHOOLHOUSE_PG_DATABASE": server.database,
        "SCARF_ANALYTICS": "false",
        "DO_NOT_TRACK": "1",
        "FLASK_APP": "superset.app:create_app()",
    }


def set_up(variables: dict[str, str], log: Path) -> None:
    """Migrate and import. Raises SchoolhouseError with the last line of the log where it fails."""
    with log.open("ab") as sink:
        done = subprocess.run([PYTHON, HERE / "setup_superset.py"], env=variables, stdout=sink, stderr=sink)
    if done.returncode:
        raise _failure("Superset could not be set up", "Superset 初始化失败", log)


@contextmanager
def web_server(variables: dict[str, str], port: int, log: Path) -> Iterator[str]:
    """Superset on the loopback. Yields its address; ends it afterwards."""
    command = [PYTHON, "-m", "gunicorn", f"--config={HERE / 'gunicorn.conf.py'}", f"--bind=127.0.0.1:{port}"]
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [*command, "superset.app:create_app()"],
            env=variables, stdout=sink, stderr=sink, start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + _START_SECONDS
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > end:
                raise _failure("Superset did not start", "Superset 未能启动", log)
            time.sleep(0.5)
        yield address
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def running(settings: Settings, port: int) -> Iterator[tuple[str, Path]]:
    """All of it: (address, folder of the secrets). Raises SchoolhouseError where a part is missing or fails."""
    if not PYTHON.exists():
        raise SchoolhouseError(
            "Superset's environment is not installed", "未安装 Superset 环境",
            where=str(HERE / ".venv"), fix_en="run `make superset`", fix_zh="请运行 make superset",
        )  # fmt: skip
    home = settings.home / "superset"
    folder = make_secrets(home / "secrets")
    log = home / "superset.log"
    with running_server(settings) as server:
        prepare_server(settings, server, folder)
        variables = environment(settings, server, folder)
        set_up(variables, log)
        with web_server(variables, port, log) as address:
            yield address, folder


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:  # noqa: S310
            return answer.status == 200
    except OSError:
        return False


def _failure(english: str, chinese: str, log: Path) -> SchoolhouseError:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return SchoolhouseError(
        f"{english}: {lines[-1] if lines else 'no output'}", chinese,
        where=str(log), fix_en="see the log", fix_zh="请查看日志",
    )  # fmt: skip


def main() -> None:
    settings = Settings.load().prepare()
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    port = int(os.environ.get("SUPERSET_PORT", "8088"))
    try:
        with running(settings, port) as (address, folder):
            print(f"看板 dashboards: {address}", flush=True)
            print(f"accounts admin, county, research; passwords: {folder}/superset_<account>_password", flush=True)
            print("Ctrl-C stops Superset", flush=True)
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        print("stopped", flush=True)
    except SchoolhouseError as e:
        sys.exit(e.line(settings.language))


if __name__ == "__main__":
    main()
