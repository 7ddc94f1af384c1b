"""An embedded Airflow in `<home>/airflow`: its settings, its database, its processes, and how they end.

One process group holds scheduler, api-server and dag-processor. It listens on loopback only. Approvals need no
triggerer.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import httpx
import psutil

from cli.airflow_client import AirflowClient
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_write
from warehouse.settings import PROJECT_ROOT, Settings

DAGS = PROJECT_ROOT / "dags"
WRITER_POOL = "warehouse_writer"
FIRST_PORT, LAST_PORT = 8080, 8180
LOG_SERVER_PORTS = (8793, 8794)
READY_SECONDS = 240.0
STOP_SECONDS = 8.0
COMPONENTS = {
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "api-server": ["api-server", "--workers", "1"],
    "dag-processor": ["dag-processor"],
}


class AirflowHome:
    """Start, watch and stop the Airflow of one house. `start()` raises SchoolhouseError when it does not come up."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.folder = settings, settings.airflow
        self.logs = self.folder / "logs"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.port = 0
        self._lock: IO[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Every setting by environment, so that no generated airflow.cfg has a say."""
        home, database = self.folder, self.folder / "airflow.db"
        own = {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(DAGS / "plugins"),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CORE__PARALLELISM": "3",
            "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "5",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__FERNET_KEY": "",
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{database}",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__SECRET_KEY": self._secret("api_secret_key"),
            "AIRFLOW__API_AUTH__JWT_SECRET": self._secret("jwt_secret"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.logs),
            "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(self.logs / "dag_processor"),
            "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "SCARF_ANALYTICS": "false",
            "DO_NOT_TRACK": "1",
            "GX_ANALYTICS_ENABLED": "false",
            "SCHOOLHOUSE_HOME": str(self.settings.home),
            "SCHOOLHOUSE_INBOX": str(self.settings.inbox),
            "SCHOOLHOUSE_REGISTERS": os.pathsep.join(str(p) for p in self.settings.registers),
            "SCHOOLHOUSE_LEDGER_URL": self.settings.ledger_url,
            "SCHOOLHOUSE_LANGUAGE": self.settings.language,
        }
        # An Airflow of the user's own must not leak in; the house's own knobs may be overridden.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")}
        path = os.pathsep.join([str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        return {**inherited, **own, "PYTHONPATH": path}

    def start(self, progress: Callable[[str], None] = lambda line: None) -> AirflowClient:
        """Bring Airflow up and return a client of its API once every component is healthy."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        self._take_lock()
        self._end_leftovers()
        self.port = _free_port()
        env = self.environment()
        try:
            self._migrate(env, progress)
            started = time.monotonic()
            for name, arguments in COMPONENTS.items():
                self._spawn(name, arguments, env)
            atomic_write(self._run_file, json.dumps({"url": self.url, "runner": os.getpid()}))
            client = self._wait_healthy()
            client.ensure_pool(WRITER_POOL, 1, "one build at a time")
        except BaseException:
            self.stop()
            raise
        progress(f"Airflow {version('apache-airflow')} at {self.url} ({time.monotonic() - started:.1f} s)")
        return client

    def stop(self) -> None:
        """End every component and what descends from it (tasks have groups of their own): asked first, then made to."""
        family = self._family()
        _signal_all(family, signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
        _signal_all(alive, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=STOP_SECONDS)
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=STOP_SECONDS)
        self.processes.clear()
        self._run_file.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def check_alive(self) -> None:
        """Raise SchoolhouseError when a component has died."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise SchoolhouseError(
                    f"Airflow's {name} ended with code {process.returncode}",
                    f"Airflow 组件 {name} 已退出,代码 {process.returncode}",
                    where=str(self.log_of(name)),
                    fix_en="read the end of that log",
                    fix_zh="请查看该日志末尾",
                )

    def log_of(self, component: str) -> Path:
        return self.logs / f"{component}.log"

    def task_log(self, task: dict[str, Any]) -> Path:
        """The log of the last try of a task instance (a row of Airflow's API)."""
        folder = self.logs / f"dag_id={task['dag_id']}" / f"run_id={task['dag_run_id']}" / f"task_id={task['task_id']}"
        if task["map_index"] >= 0:
            folder /= f"map_index={task['map_index']}"
        return folder / f"attempt={task['try_number']}.log"

    @property
    def pgid(self) -> int:
        return next(iter(self.processes.values())).pid

    @property
    def _run_file(self) -> Path:
        return self.folder / "running.json"

    def _secret(self, name: str) -> str:
        """A random text kept in the home, readable by its owner only."""
        path = self.folder / name
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
                f.write(secrets.token_urlsafe(72))
        return path.read_text()

    def _take_lock(self) -> None:
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            url = json.loads(self._run_file.read_text())["url"] if self._run_file.exists() else "?"
            raise SchoolhouseError(
                f"the Airflow of this home is already running at {url}",
                f"本目录的 Airflow 已在运行:{url}",
                where=str(self.folder),
                fix_en="stop that run first (Ctrl-C where it was started)",
                fix_zh="请先停止正在运行的那一个",
            ) from None

    def _end_leftovers(self) -> None:
        """End what a killed runner left behind: the lock is ours, so whatever of Airflow still works here is nobody's.

        Airflow renames its processes, which wipes their environment; the folder they work in stays.
        """
        left: list[psutil.Process] = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.cwd() == str(self.folder) and "airflow" in " ".join(process.cmdline()):
                    left.append(process)
        _signal_all(left, signal.SIGKILL)
        psutil.wait_procs(left, timeout=STOP_SECONDS)
        self._run_file.unlink(missing_ok=True)

    def _migrate(self, env: dict[str, str], progress: Callable[[str], None]) -> None:
        """Make or upgrade the metadata database, once per Airflow version."""
        stamp = self.folder / "migrated"
        wanted = version("apache-airflow")
        if (self.folder / "airflow.db").exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        started = time.monotonic()
        with self.log_of("migrate").open("wb") as log:
            done = subprocess.run(_airflow("db", "migrate"), env=env, stdout=log, stderr=log, check=False)
        if done.returncode:
            raise SchoolhouseError(
                "Airflow's database could not be made",
                "无法建立 Airflow 元数据库",
                where=str(self.log_of("migrate")),
                fix_en="read that log",
                fix_zh="请查看该日志",
            )
        atomic_write(stamp, wanted)
        progress(f"Airflow's database is ready ({time.monotonic() - started:.1f} s)")

    def _spawn(self, name: str, arguments: list[str], env: dict[str, str]) -> None:
        group = self.pgid if self.processes else 0
        with self.log_of(name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                _airflow(*arguments),
                env=env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=group,
            )

    def _wait_healthy(self) -> AirflowClient:
        client = AirflowClient(self.url)
        wanted = {path.stem for path in DAGS.glob("*.py") if path.stem not in ("__init__", "wiring")}
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            with suppress(httpx.HTTPError):
                if client.healthy() and wanted <= client.dag_ids():
                    return client
            time.sleep(0.3)
        raise SchoolhouseError(
            f"Airflow was not healthy after {READY_SECONDS:.0f} s",
            f"Airflow 在 {READY_SECONDS:.0f} 秒内未就绪",
            where=str(self.logs),
            fix_en="read the logs there",
            fix_zh="请查看其中的日志",
        )

    def _family(self) -> list[psutil.Process]:
        """The components and everything that descends from them."""
        family: dict[int, psutil.Process] = {}
        for process in self.processes.values():
            with suppress(psutil.NoSuchProcess):
                parent = psutil.Process(process.pid)
                for member in (parent, *parent.children(recursive=True)):
                    family[member.pid] = member
        return list(family.values())


def _airflow(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *arguments]


def _signal_all(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _free_port() -> int:
    """The first free port from 8080 on; the wish of SCHOOLHOUSE_AIRFLOW_PORT comes first."""
    wish = int(os.environ.get("SCHOOLHOUSE_AIRFLOW_PORT") or FIRST_PORT)
    for port in (wish, *range(FIRST_PORT, LAST_PORT)):
        # Airflow's log servers bind these on every interface.
        if port in LOG_SERVER_PORTS:
            continue
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise SchoolhouseError(
        f"no free port between {FIRST_PORT} and {LAST_PORT}",
        f"{FIRST_PORT} 至 {LAST_PORT} 之间没有空闲端口",
        fix_en="set SCHOOLHOUSE_AIRFLOW_PORT",
        fix_zh="请设置 SCHOOLHOUSE_AIRFLOW_PORT",
    )
