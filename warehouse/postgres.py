"""A PostgreSQL server for a build: the one that the environment names, or one of the house's own.

The own one is for comparisons and trials: it listens on the loopback alone, asks for a password, and gives up
durability for speed, since all it holds can be built again.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings
from warehouse.upkeep import stay_up

_VARIABLES = {f: f"SCHOOLHOUSE_PG_{f.upper()}" for f in ("host", "port", "user", "password", "database")}
_START_SECONDS = 60
# Nothing here outlives a crash of the machine, and nothing needs to.
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    # A table that is made and filled in one transaction, as every model is, then writes no log of its rows.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "max_connections": "20",
    "shared_buffers": "1GB",
    # Groups and hash tables of a county of 300 schools stay in memory; twice this for a hash, a step and a thread.
    "work_mem": "256MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Server:
    """Where a PostgreSQL database is, and who asks."""

    host: str
    port: int
    user: str
    password: str
    database: str

    def environment(self) -> dict[str, str]:
        """The variables that dbt's profile reads."""
        return {_VARIABLES[k]: str(v) for k, v in asdict(self).items()}

    def connect(self) -> Any:
        """A psycopg2 connection. Raises SchoolhouseError when the server does not answer."""
        psycopg2 = _driver()
        try:
            return psycopg2.connect(
                host=self.host, port=self.port, user=self.user, password=self.password, dbname=self.database
            )
        except psycopg2.OperationalError as e:
            raise SchoolhouseError(
                f"PostgreSQL does not answer: {str(e).strip().splitlines()[0]}",
                "无法连接 PostgreSQL",
                where=f"{self.host}:{self.port}/{self.database}",
                fix_en="check the SCHOOLHOUSE_PG_ variables and that the server runs",
                fix_zh="请检查 SCHOOLHOUSE_PG_ 环境变量,并确认服务器已启动",
            ) from e


def find_programs() -> Path | None:
    """The folder of initdb and postgres, or None where PostgreSQL is not installed."""
    for name in ("initdb", "postgres"):
        if not shutil.which(name):
            break
    else:
        return Path(str(shutil.which("postgres"))).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


def is_available() -> bool:
    """Whether a build on PostgreSQL can be had here: a driver, and a named server or the programs of one."""
    try:
        _driver()
    except SchoolhouseError:
        return False
    return bool(os.environ.get(_VARIABLES["host"])) or find_programs() is not None


@contextmanager
def running_server(settings: Settings) -> Iterator[Server]:
    """The server of the environment, the house's own when it runs already, else the own one for as long as needed."""
    if os.environ.get(_VARIABLES["host"]):
        yield _named_server()
    elif (own := _recorded(settings)) and _answers(own):
        yield own
    else:
        with own_server(settings) as server:
            yield server


@contextmanager
def own_server(settings: Settings) -> Iterator[Server]:
    """Start the house's own server on a free port; stop it at the end. Its data stay under the home.

    Raises SchoolhouseError when the programs are missing or the server does not come up.
    """
    programs = find_programs()
    if programs is None:
        raise SchoolhouseError(
            "PostgreSQL is not installed and no server is named",
            "未安装 PostgreSQL,也未指定服务器",
            fix_en="install PostgreSQL 15 or newer, or set SCHOOLHOUSE_PG_HOST and its fellows",
            fix_zh="请安装 PostgreSQL 15 及以上版本,或设置 SCHOOLHOUSE_PG_HOST 等环境变量",
        )
    home = settings.home / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)
    record = home / "server.json"
    known = json.loads(record.read_text()) if record.exists() else {}
    password = known.get("password") or secrets.token_urlsafe(24)
    account = _account()
    data = Path(known["data"]) if known.get("data") else _data_folder(home, account)
    if not (data / "PG_VERSION").exists():
        _create_cluster(programs, data, password, account)
    port = _free_port()
    server = Server("127.0.0.1", port, "schoolhouse", password, "schoolhouse")
    _write_private(record, {**asdict(server), "data": str(data)})
    log = (data / "server.log").open("ab")
    options = [f"--{k.replace('_', '-')}={v}" for k, v in {**_OPTIONS, "port": str(port)}.items()]
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, *options],
        stdout=log,
        stderr=log,
        cwd=data,
        start_new_session=True,
        **account,
    )
    try:
        _await(server, process, data / "server.log")
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown: sessions end, the data are written
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _driver() -> Any:
    try:
        import psycopg2
    except ImportError as e:
        raise SchoolhouseError(
            "the PostgreSQL driver is not installed",
            "未安装 PostgreSQL 驱动",
            fix_en="install dbt-postgres into this environment",
            fix_zh="请在本环境中安装 dbt-postgres",
        ) from e
    return psycopg2


def _named_server() -> Server:
    values = {k: os.environ.get(v, "") for k, v in _VARIABLES.items()}
    return Server(
        values["host"],
        int(values["port"] or 5432),
        values["user"] or "schoolhouse",
        values["password"],
        values["database"] or "schoolhouse",
    )


def _recorded(settings: Settings) -> Server | None:
    try:
        values = json.loads((settings.home / "postgres" / "server.json").read_text())
    except (OSError, ValueError):
        return None
    values.pop("data")
    return Server(**values)


def _answers(server: Server) -> bool:
    try:
        server.connect().close()
    except SchoolhouseError:
        return False
    return True


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as the account that its package made."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return {}


def _data_folder(home: Path, account: dict[str, Any]) -> Path:
    """`postgres/data` of the home; where the server's account cannot reach it, a folder among the temporary ones."""
    closed = account and any(not p.stat().st_mode & 0o001 for p in home.parents)
    folder = Path(tempfile.mkdtemp(prefix="schoolhouse-postgres-")) if closed else home / "data"
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account["user"], account["group"])
    return folder


def _create_cluster(programs: Path, data: Path, password: str, account: dict[str, Any]) -> None:
    """Bytes are compared as bytes (locale C), as DuckDB does: the least of two texts is the same on both."""
    with tempfile.NamedTemporaryFile("w", prefix="schoolhouse-", suffix=".secret") as secret:
        secret.write(password)
        secret.flush()
        if account:
            os.chown(secret.name, account["user"], account["group"])
        made = subprocess.run(
            [programs / "initdb", "-D", data, "--username=schoolhouse", f"--pwfile={secret.name}"]  # noqa: RUF005
            + ["--encoding=UTF8", "--auth=scram-sha-256", "--no-locale", "--no-sync"],
            capture_output=True,
            text=True,
            cwd="/",
            **account,
        )
    if made.returncode:
        raise _failure("initdb failed", made.stderr.strip().splitlines()[-1:], data)


def _await(server: Server, process: subprocess.Popen[Any], log: Path) -> None:
    maintenance = Server(server.host, server.port, server.user, server.password, "postgres")
    end = time.monotonic() + _START_SECONDS
    while not _answers(maintenance):
        if process.poll() is not None or time.monotonic() > end:
            raise _failure("PostgreSQL did not start", log.read_text(errors="replace").splitlines()[-1:], log)
        time.sleep(0.1)
    connection = maintenance.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", (server.database,))
        if not cursor.fetchone():
            cursor.execute(f"create database {server.database}")
    connection.close()


def _failure(what: str, detail: list[str], where: Path) -> SchoolhouseError:
    return SchoolhouseError(
        f"{what}: {' '.join(detail)}",
        "PostgreSQL 未能启动",
        where=str(where),
        fix_en="see the log, or name another server with SCHOOLHOUSE_PG_HOST",
        fix_zh="请查看日志,或用 SCHOOLHOUSE_PG_HOST 指定其他服务器",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _write_private(path: Path, values: dict[str, Any]) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(values, indent=1))


def main() -> None:
    """Keep the house's own server up until Ctrl-C, and say how to reach it."""
    settings = Settings.load()
    stay_up(
        settings,
        own_server(settings),
        lambda server: (
            f"PostgreSQL runs; its password is in {settings.home / 'postgres' / 'server.json'}\n"
            f"psql -h {server.host} -p {server.port} -U {server.user} {server.database}\n"
            "builds: schoolhouse build --target postgres; Ctrl-C stops the server\n"
        ),
    )


if __name__ == "__main__":
    main()
