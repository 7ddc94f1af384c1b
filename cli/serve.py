"""`schoolhouse serve …`: the zones in PostgreSQL, and who reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import err, out, print_json, print_table
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
app = typer.Typer(no_args_is_help=True, help="The zones in PostgreSQL for BI tools, and who reads them.")

_COLUMNS = {"login": "登录名", "role": "角色", "regions": "区划", "schools": "学校", "granted_at": "授权时间"}


def register(house: typer.Typer) -> None:
    """Add the group to the house's commands."""
    house.add_typer(app, name="serve")


@app.command()
def postgres(
    with_restricted: Annotated[
        bool, typer.Option("--with-restricted", help="load the zone with pupils and teachers too")
    ] = False,
    as_json: Json = False,
) -> None:
    """Load the zones into PostgreSQL, check them against their files and swap them in at once."""
    from warehouse.bi import serve
    from warehouse.postgres import running_server

    settings = Settings.load().prepare()

    def say(line: str) -> None:
        err.print(f"  {line}", markup=False)

    with running_server(settings) as server:
        result = serve(settings, server, restricted=with_restricted, progress=None if as_json else say)
    if as_json:
        print_json(result.to_dict())
        return
    for zone, content in result.contents.items():
        out.print(f"{zone}: {result.tables[zone]} tables, {result.rows[zone]} rows of {content}", markup=False)


@app.command()
def grant(
    login: str,
    role: Annotated[str, typer.Option(help="public, county, school, research or accountability")],
    region: Annotated[list[str] | None, typer.Option(help="region code; a city's stands for its counties")] = None,
    school: Annotated[list[str] | None, typer.Option(help="school code")] = None,
    password_file: Annotated[Path | None, typer.Option(help="file that holds the password to set")] = None,
    as_json: Json = False,
) -> None:
    """Let somebody read: a login with one role and its regions or schools. A new login's password is printed once."""
    from warehouse.bi import grant as give
    from warehouse.postgres import running_server

    with running_server(Settings.load().prepare()) as server:
        password = give(
            server, login, role, regions=region or (), schools=school or (), password=_password(password_file)
        )
    shown = "" if password_file else password
    if as_json:
        print_json({"login": login, "role": role, "password": shown})
    else:
        out.print(f"{login} reads as {role}", markup=False)
        if shown:
            out.print(f"password (shown once): {shown}", markup=False)


@app.command()
def revoke(login: str, as_json: Json = False) -> None:
    """Take a reader's login away."""
    from warehouse.bi import revoke as take
    from warehouse.postgres import running_server

    with running_server(Settings.load().prepare()) as server:
        take(server, login)
    print_json({"revoked": login}) if as_json else out.print(f"{login} reads no more", markup=False)


@app.command()
def readers(as_json: Json = False) -> None:
    """Who reads, as what, and of which regions and schools."""
    from warehouse.bi import readers as listed
    from warehouse.postgres import running_server

    with running_server(Settings.load().prepare()) as server:
        found = listed(server)
    if as_json:
        print_json(found)
    else:
        lines = [{**r, "regions": " ".join(r["regions"]), "schools": " ".join(r["schools"])} for r in found]
        print_table(lines, _COLUMNS)


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        found = path.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise SchoolhouseError(
            f"the password file cannot be read: {fault.strerror}", f"无法读取密码文件:{fault.strerror}",
            where=str(path), fix_en="check the path and the rights", fix_zh="请检查路径和权限",
        ) from fault  # fmt: skip
    if len(found) < 12:
        raise SchoolhouseError(
            "the password has fewer than 12 characters", "密码少于 12 个字符", where=str(path),
            fix_en="take a longer one", fix_zh="请使用更长的密码",
        )  # fmt: skip
    return found
