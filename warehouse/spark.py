"""Spark for a build: a Thrift server that runs already, else a session in this process for as long as it is needed.

All of it is under `spark/` of the home: the warehouse, the metastore, the inputs that are not raw, scratch and the log.
Nothing listens anywhere but on the loopback.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

_HOST, _PORT, _MEMORY = "SCHOOLHOUSE_SPARK_HOST", "SCHOOLHOUSE_SPARK_PORT", "SCHOOLHOUSE_SPARK_MEMORY"
_SCHEMA = "SCHOOLHOUSE_SPARK_SCHEMA"
# What a county needs, many small models, and not what a cluster does: few partitions and no code made for each of them.
_OPTIONS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    # Plans of finished statements are large, are kept for the pages that are off, and nobody looks.
    "spark.sql.ui.retainedExecutions": "10",
    "spark.ui.retainedJobs": "20",
    "spark.ui.retainedStages": "20",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",
    "spark.sql.debug.maxToStringFields": "50",
    "spark.sql.catalogImplementation": "hive",
    "spark.sql.codegen.wholeStage": "false",
    # A machine that slept, or was very busy, must not lose the one executor there is.
    "spark.network.timeout": "3600s",
    "spark.executor.heartbeatInterval": "60s",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True)
class Spark:
    """Where statements go. `method` is dbt's: `session` or `thrift`; `folder` is `spark/` of the home."""

    method: str
    folder: Path
    send: Callable[[str], list[tuple[Any, ...]]]
    host: str = ""
    port: int = 0

    @property
    def profile(self) -> str:
        """The output of dbt's profile."""
        return "spark" if self.method == "thrift" else "spark_session"

    def environment(self, schema: str) -> dict[str, str]:
        """The variables that dbt's profile reads."""
        where = {_HOST: self.host, _PORT: str(self.port)} if self.method == "thrift" else {}
        return {**where, _SCHEMA: schema}

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of one statement."""
        return self.send(statement)


def is_available() -> bool:
    """Whether a build on Spark can be had here: dbt's adapter, pyspark and Java."""
    return _missing() is None


def check_installed() -> None:
    """Raise SchoolhouseError where a part of Spark is not installed."""
    if (missing := _missing()) is not None:
        raise missing


@contextmanager
def running_spark(settings: Settings) -> Iterator[Spark]:
    """The Thrift server of the environment, the house's own when it runs, else a session of this process.

    Raises SchoolhouseError when a part of Spark is not installed or the server does not answer.
    """
    folder = settings.home / "spark"
    check_installed()
    if os.environ.get(_HOST):
        where = os.environ[_HOST], int(os.environ.get(_PORT) or 10000)
    else:
        where = recorded_server(folder)
    with _thrift(folder, *where) if where else _session(folder) as spark:
        yield spark


def options(folder: Path) -> dict[str, str]:
    """Spark's settings for a house's folder, session and server alike. Makes the folder and its log's settings."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING.format(log=folder / "spark.log"))
    # A plan of many steps is deep: its rules call each other.
    java = f"-Dderby.system.home={folder} -Dderby.system.durability=test -Dlog4j2.configurationFile=file:{logging}"
    java += " -XX:+UseParallelGC -Xss8m"
    store = f"jdbc:derby:;databaseName={folder / 'metastore'};create=true"
    return {
        **_OPTIONS,
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": store,
        "spark.driver.extraJavaOptions": java,
        "spark.driver.memory": os.environ.get(_MEMORY) or "6g",
    }


def java_environment() -> dict[str, str]:
    """What a JVM of Spark is started with: addresses of the loopback alone."""
    return {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "127.0.0.1"}


def recorded_server(folder: Path) -> tuple[str, int] | None:
    """Host and port of the house's own server, where it runs."""
    try:
        with (folder / "server.json").open() as record:
            # Who runs the server holds this lock; the record of one that was killed says nothing.
            try:
                fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                values = json.load(record)
                return str(values["host"]), int(values["port"])
    except (OSError, ValueError):
        pass
    return None


def _missing() -> SchoolhouseError | None:
    if any(importlib.util.find_spec(name) is None for name in ("pyspark", "pyhive", "dbt.adapters.spark")):
        return SchoolhouseError(
            "Spark is not installed",
            "未安装 Spark",
            fix_en="run `uv sync --extra spark`",
            fix_zh="请运行 uv sync --extra spark",
        )
    java = os.environ.get("JAVA_HOME")
    if not (shutil.which("java") or (java and (Path(java) / "bin" / "java").exists())):
        return SchoolhouseError(
            "Spark needs Java 17 and there is none",
            "Spark 需要 Java 17,本机未安装",
            fix_en="install a Java runtime (openjdk-17-jre-headless), or set JAVA_HOME",
            fix_zh="请安装 Java 运行环境(openjdk-17-jre-headless),或设置 JAVA_HOME",
        )
    return None


@contextmanager
def _session(folder: Path) -> Iterator[Spark]:
    """A session of this process, whose JVM goes with it."""
    from pyspark import SparkContext  # pyright: ignore[reportMissingImports] -- the extra `spark`
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

    settings = options(folder)
    with (folder / ".lock").open("w") as lock:
        # Derby takes one program at a time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = {name: os.environ.get(name) for name in java_environment()}
        os.environ.update(java_environment())
        builder: Any = SparkSession.builder
        session = builder.master("local[2]").appName("schoolhouse").config(map=settings).getOrCreate()

        def send(statement: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in session.sql(statement).collect()]

        try:
            yield Spark("session", folder, send)
        finally:
            session.stop()
            _end_java(SparkContext)
            shutil.rmtree(folder / "local", ignore_errors=True)
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def _end_java(context: Any) -> None:
    """End the JVM behind a stopped session: it would keep its memory, and the metastore, until the process ends."""
    gateway = context._gateway
    context._gateway = context._jvm = None
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()  # the JVM ends when nobody can talk to it any more
        gateway.proc.wait(60)


@contextmanager
def _thrift(folder: Path, host: str, port: int) -> Iterator[Spark]:
    from pyhive import hive  # pyright: ignore[reportMissingImports]

    try:
        connection = hive.connect(host=host, port=port, username="schoolhouse")
    except Exception as e:
        raise SchoolhouseError(
            f"Spark's Thrift server does not answer: {str(e).strip().splitlines()[0] if str(e) else type(e).__name__}",
            "无法连接 Spark Thrift 服务",
            where=f"{host}:{port}",
            fix_en="start it with `make spark`, or unset SCHOOLHOUSE_SPARK_HOST",
            fix_zh="请用 make spark 启动,或取消 SCHOOLHOUSE_SPARK_HOST",
        ) from e

    def send(statement: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    try:
        yield Spark("thrift", folder, send, host, port)
    finally:
        connection.close()


_LOGGING = """\
rootLogger.level = error
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{yyyy-MM-dd HH:mm:ss}} %p %c{{1}}: %m%n
"""
