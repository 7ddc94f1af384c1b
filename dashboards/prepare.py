"""The warehouse's side of the dashboards: the zones served, two readers let in, a database for Superset's own data.

Runs in the house's environment. `make superset` calls it; in the compose stack `python -m dashboards.prepare` does the
same on the server that SCHOOLHOUSE_PG_HOST names, with the secrets of the folder SUPERSET_SECRETS.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any

from warehouse.bi import grant, serve
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
            where=str(path), fix_en="run dashboards/make-secrets.sh", fix_zh="请运行 dashboards/make-secrets.sh",
        )  # fmt: skip
    return value


def prepare_server(settings: Settings, server: Server, folder: Path) -> None:
    """Serve the zones, let the two readers of the dashboards in, and make Superset's own database."""
    serve(settings, server, again=False, progress=lambda line: print(f"  {line}", flush=True))
    connection = server.connect()
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("select distinct region_code from internal.dim_school order by region_code")
            regions = [code for (code,) in cursor.fetchall()]
            _make_metadata(cursor, read_secret(folder, "superset_metadata_password"))
    finally:
        connection.close()
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


def main() -> None:
    settings = Settings.load().prepare()
    folder = Path(os.environ["SUPERSET_SECRETS"])
    try:
        os.environ["SCHOOLHOUSE_PG_PASSWORD"] = read_secret(folder, "serving_password")
        with running_server(settings) as server:
            prepare_server(settings, server, folder)
    except SchoolhouseError as e:
        sys.exit(e.line(settings.language))


if __name__ == "__main__":
    main()
