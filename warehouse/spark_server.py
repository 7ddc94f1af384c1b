"""Spark of the house's own on the loopback: a master, two workers and the Thrift server that dbt and BI tools ask.

All programs come from the pyspark wheel. Their properties are in a file for its owner alone, since they hold the secret
without which nobody can hand work to the master.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings
from warehouse.spark import check_installed, java_environment, options
from warehouse.upkeep import stay_up

_WORKERS = 2
_START_SECONDS = 300
_SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
_DEPLOY = "org.apache.spark.deploy"


@contextmanager
def own_spark(settings: Settings) -> Iterator[tuple[str, int]]:
    """Start the house's own Spark; host and port of its Thrift server. Stop it at the end.

    Raises SchoolhouseError when a part is not installed, when it runs already or does not come up.
    """
    check_installed()
    folder = settings.home / "spark"
    configured = options(folder)
    with (folder / ".lock").open("w") as metastore, (folder / "server.json").open("a+") as record:
        try:
            for lock in (metastore, record):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise SchoolhouseError(
                "Spark of this home is in use",
                "本库的 Spark 正在使用",
                where=str(folder),
                fix_en="wait for the build, or stop the other `make spark`",
                fix_zh="请等待构建完成,或停止另一个 make spark",
            ) from e
        with _programs(folder, configured) as port:
            record.truncate(0)
            record.write(json.dumps({"host": "127.0.0.1", "port": port}))
            record.flush()
            yield "127.0.0.1", port


@contextmanager
def _programs(folder: Path, configured: dict[str, str]) -> Iterator[int]:
    """Master, workers and Thrift server for as long as they are needed; the port of the last."""
    master, port = _free_port(), _free_port()
    properties = _write_properties(folder, configured, master, port)
    spark = Path(str(importlib.util.find_spec("pyspark").origin)).parent  # pyright: ignore[reportOptionalMemberAccess]
    run, submit = spark / "bin" / "spark-class", spark / "bin" / "spark-submit"
    place = ["--host", "127.0.0.1", "--webui-port", "0", "--properties-file", properties]
    commands: list[list[str | Path]] = [[run, f"{_DEPLOY}.master.Master", "--port", str(master), *place]]
    for n in range(_WORKERS):
        own = ["--cores", "1", "--memory", "3g", "--work-dir", folder / "workers" / str(n)]
        commands.append([run, f"{_DEPLOY}.worker.Worker", *own, *place, f"spark://127.0.0.1:{master}"])
    commands.append([submit, "--properties-file", properties, "--class", _SERVER, "spark-internal"])
    logging = f"-Dlog4j2.configurationFile=file:{folder / 'log4j2.properties'} -Dspark.ui.enabled=false"
    environment = {
        **os.environ,
        **java_environment(),
        "SPARK_HOME": str(spark),
        "SPARK_CONF_DIR": str(folder),
        "SPARK_DAEMON_JAVA_OPTS": logging,
        "SPARK_MASTER_HOST": "127.0.0.1",
    }
    # Of master and workers alone: the Thrift server would take it for its driver's memory.
    small = {**environment, "SPARK_DAEMON_MEMORY": "512m"}
    running: list[subprocess.Popen[bytes]] = []
    log = folder / "server.log"
    try:
        with log.open("wb") as out:
            for command in commands:
                running.append(
                    subprocess.Popen(
                        command,
                        stdout=out,
                        stderr=out,
                        env=environment if command[0] == submit else small,
                        cwd=folder,
                        start_new_session=True,
                    )
                )
        _await(port, running, log)
        yield port
    finally:
        _stop(running)
        shutil.rmtree(folder / "workers", ignore_errors=True)
        shutil.rmtree(folder / "local", ignore_errors=True)


def _write_properties(folder: Path, configured: dict[str, str], master: int, port: int) -> Path:
    path = folder / "server.properties"
    path.touch(mode=0o600)
    path.chmod(0o600)
    values = {
        **configured,
        "spark.master": f"spark://127.0.0.1:{master}",
        "spark.executor.memory": "2g",
        "spark.executor.cores": "1",
        # Work is handed in by the Thrift server alone.
        "spark.master.rest.enabled": "false",
        "spark.authenticate": "true",
        "spark.authenticate.secret": secrets.token_urlsafe(32),
        "spark.hadoop.hive.server2.thrift.bind.host": "127.0.0.1",
        "spark.hadoop.hive.server2.thrift.port": str(port),
        # Every connection of dbt's is a session of its own on the one metastore.
        "spark.sql.hive.thriftServer.singleSession": "false",
    }
    path.write_text("".join(f"{name} {value}\n" for name, value in values.items()))
    return path


def _await(port: int, running: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        if any(process.poll() is not None for process in running) or time.monotonic() > end:
            said = log.read_text(errors="replace").strip().splitlines()
            raise SchoolhouseError(
                f"Spark did not start: {said[-1] if said else 'it said nothing'}",
                "Spark 未能启动",
                where=str(log),
                fix_en="see the log",
                fix_zh="请查看日志",
            )
        time.sleep(0.5)


def _stop(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """The Thrift server first, then workers and master; a JVM that does not go is killed with its group."""
    for process in reversed(running):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> None:
    """Keep the house's own Spark up until Ctrl-C, and say how to reach it."""
    settings = Settings.load()
    stay_up(
        settings,
        own_spark(settings),
        lambda at: (
            f"Spark runs: jdbc:hive2://{at[0]}:{at[1]}, from this machine only\n"
            "builds: schoolhouse build --target spark; Ctrl-C stops it\n"
        ),
    )


if __name__ == "__main__":
    main()
