"""The warehouse's side of the dashboards: the zones served, two readers let in, a database for Superset's own data.

Runs in the house's environment. `make superset` calls it. In the compose stack, where Airflow loads the zones,
`python -m dashboards.prepare --follow` makes the database and lets the readers in as soon as there is something to
read, on the server that SCHOOLHOUSE_PG_HOST names, with the secrets of the folder SUPERSET_SECRETS.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from warehouse.bi import grant, serve
from warehouse.bi.roles import create_roles
from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server, running_server
from warehouse.settings import Settings

PASSWORDS = (
    "superset_metadata_password",
    "superset_admin_password",
    "superset_county_password",
    "superset_research_password",
    "bi_county_password",
    "bi_research_password",
)
# What the health check of the stack looks for.
READY = Path(tempfile.gettempdir()) / "readers-ready"
FOLLOW_SECONDS = 20


def make_secrets(folder: Path) -> Path:
    """The secrets of a home, each a file of its own; those that are there stay. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name, size in (("superset_secret_key", 48), *((name, 18) for name in PASSWORDS)):
        path = folder / name
        if not path.exists() or not path.read_text().strip():
            path.touch(mode=0o600)
            # Superset asks for letters of both cases, digits and a sign.
            path.write_text(f"{secrets.token_urlsafe(size)}-Aa1")
    return folder


def read_secret(folder: Path, name: str) -> str:
    """The content of a secret's file. Raises SchoolhouseError where it is missing or empty."""
    path = folder / name
    value = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    if not value:
        raise SchoolhouseError(
            f"the secret {name} is missing or empty", f"缺少密钥文件 {name}",
            where=str(path), fix_en="run docker/make-secrets.sh", fix_zh="请运行 docker/make-secrets.sh",
        )  # fmt: skip
    return value


def prepare_server(settings: Settings, server: Server, folder: Path) -> None:
    """Serve the zones, let the two readers of the dashboards in, and make Superset's own database."""
    serve(settings, server, again=False, progress=lambda line: print(f"  {line}", flush=True))
    make_metadata(server, folder)
    let_readers_in(server, folder, served_regions(server))


def make_metadata(server: Server, folder: Path) -> None:
    """The roles of the serving database and Superset's own database, where they are missing."""
    with closing(server.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            create_roles(cursor)
            _make_metadata(cursor, read_secret(folder, "superset_metadata_password"))


def served_regions(server: Server) -> list[str]:
    """The regions that have schools in the internal zone; none where nothing has been served yet."""
    with closing(server.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('internal.dim_school') is not null")
        if not cursor.fetchone()[0]:
            return []
        cursor.execute("select distinct region_code from internal.dim_school order by region_code")
        return [code for (code,) in cursor.fetchall()]


def let_readers_in(server: Server, folder: Path, regions: list[str]) -> None:
    """The two readers of the dashboards, with these regions."""
    grant(server, "bi_county", "county", regions=regions, password=read_secret(folder, "bi_county_password"))
    grant(server, "bi_research", "research", password=read_secret(folder, "bi_research_password"))


def _make_metadata(cursor: Any, password: str) -> None:
    cursor.execute("select 1 from pg_roles where rolname = 'superset'")
    verb = "alter" if cursor.fetchone() else "create"
    cursor.execute(f"{verb} role superset login password %s", (password,))
    cursor.execute("grant superset to current_user")
    cursor.execute("select 1 from pg_database where datname = 'superset'")
    if not cursor.fetchone():
        cursor.execute("create database superset owner superset")


def follow(server: Server, folder: Path) -> None:
    """Until it is ended: whenever other regions are served, the readers get them. Tells by READY that it is at work."""
    make_metadata(server, folder)
    known: list[str] = []
    READY.touch()
    print("ready for zones", flush=True)
    while True:
        regions = served_regions(server)
        if regions and regions != known:
            let_readers_in(server, folder, regions)
            known = regions
            print(f"readers of the dashboards: {len(regions)} regions", flush=True)
        time.sleep(FOLLOW_SECONDS)


def main() -> None:
    settings = Settings.load()
    folder = Path(os.environ["SUPERSET_SECRETS"])
    try:
        if sys.argv[1:] != ["--follow"]:
            sys.exit("usage: python -m dashboards.prepare --follow")
        with running_server(settings) as server:
            follow(server, folder)
    except SchoolhouseError as e:
        sys.exit(e.line(settings.language))


if __name__ == "__main__":
    main()
