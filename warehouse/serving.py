"""The zones: separate DuckDB files for separate audiences, since DuckDB has no access control of its own.

`restricted` has everything the marts hold, `internal` nothing of a person, `published` only what editions let through.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse import catalogue
from warehouse.catalogue import STEP
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_path, flip_link
from warehouse.release import is_public
from warehouse.settings import ZONES, Settings

# Zones whose tables an audience may see.
_VISIBLE = {"internal": ("internal", "published"), "restricted": ("restricted", "internal", "published")}
_SERVED_FOLDERS = ("marts", "indicators", "balance", "published")
# The files of a newer engine are of a form that older clients read too.
STORAGE_VERSION = "v1.2.0"


def write_zones(settings: Settings, build_id: str, folder: Path) -> None:
    """Write the internal and restricted files of a good build and point `current.duckdb` at them.

    `folder` is the build's: it holds `warehouse.duckdb` and dbt's `manifest.json`.
    """
    nodes = _nodes(folder / "manifest.json")
    database = folder / "warehouse.duckdb"
    about = {n["name"]: n.get("description", "") for n in nodes}
    inner: Path | None = None
    for zone in _VISIBLE:
        path = settings.serving / zone / f"{build_id}.duckdb"
        with atomic_path(path) as aside:
            aside.unlink(missing_ok=True)
            _write_zone(aside, database, nodes, zone)
        # An in-house copy: its state is provisional until an edition is published from it.
        flip_link(settings.serving / zone / "current.duckdb", path)
        # What both zones have is written once.
        catalogue.write(path.parent, path, about, inner)
        inner = path
        _drop_old(settings.serving / zone, keep=path)


def flip(settings: Settings, build_id: str, database: Path) -> None:
    """Make an earlier good build the serving copy again (its zone files are written anew if they were dropped)."""
    if all((settings.serving / zone / f"{build_id}.duckdb").exists() for zone in _VISIBLE):
        for zone in _VISIBLE:
            path = settings.serving / zone / f"{build_id}.duckdb"
            flip_link(path.with_name("current.duckdb"), path)
            catalogue.write(path.parent, path)
    else:
        write_zones(settings, build_id, database.parent)


def zone_path(settings: Settings, zone: str) -> Path:
    """The file that serves a zone now. Raises SchoolhouseError when there is none."""
    if zone not in ZONES:
        raise SchoolhouseError(
            f"unknown zone {zone!r}",
            f"没有名为 {zone!r} 的区",
            fix_en=f"use one of: {', '.join(ZONES)}",
            fix_zh=f"可用:{'、'.join(ZONES)}",
        )
    path = settings.serving / zone / "current.duckdb"
    if not path.exists():
        todo = "publish" if zone == "published" else "build"
        raise SchoolhouseError(
            f"the {zone} zone is empty",
            f"{zone} 区还没有数据",
            fix_en=f"run `schoolhouse {todo}` first",
            fix_zh=f"请先运行 schoolhouse {todo}",
        )
    return path


def publish_zone(settings: Settings) -> Path:
    """Rewrite the published zone from the newest public edition of every region and school year; returns the file.

    One table per data set, the rows of all editions together, with `edition_version`. Nothing but editions is read.
    """
    editions = sorted(e for year in settings.editions.glob("*/*") if (e := _newest(year)) is not None)
    # A new name for a new set: a reader that has the old file open keeps it whole.
    names = "\n".join(str(e.relative_to(settings.editions)) for e in editions)
    path = settings.serving / "published" / f"p{hashlib.sha256(names.encode()).hexdigest()[:15]}.duckdb"
    files: dict[str, list[tuple[Path, str]]] = {}
    for edition in editions:
        for parquet in sorted((edition / "data").glob("*.parquet")):
            files.setdefault(parquet.stem, []).append((parquet, edition.name))
    with atomic_path(path) as aside:
        aside.unlink(missing_ok=True)
        with new_file(aside) as con:
            for table, parts in sorted(files.items()):
                union = " union all by name ".join(
                    f"select *, '{version}' as edition_version from read_parquet('{_quoted(file)}')"
                    for file, version in parts
                )
                con.execute(f'create table "{table}" as {union}')
    flip_link(settings.serving / "published" / "current.duckdb", path)
    catalogue.write(path.parent, path)
    _drop_old(settings.serving / "published", keep=path)
    return path


@contextmanager
def new_file(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A new database file of the pinned storage version, in use."""
    with duckdb.connect() as con:
        con.execute(f"attach '{_quoted(path)}' as served (storage_version '{STORAGE_VERSION}')")
        con.execute("use served")
        yield con
        con.execute("use memory")
        con.execute("detach served")


def _newest(year: Path) -> Path | None:
    versions = [p for p in year.glob("v*") if (p / "manifest.json").exists() and is_public(p)]
    return max(versions, key=lambda p: tuple(int(n) for n in p.name[1:].split(".")), default=None)


def _nodes(manifest: Path) -> list[dict[str, Any]]:
    """Models and seeds, parents first, each with its `parents` (names)."""
    graph = json.loads(manifest.read_text())
    nodes = {k: n for k, n in graph["nodes"].items() if n["resource_type"] in ("model", "seed")}
    ordered: list[dict[str, Any]] = []
    seen: set[str] = set()

    def visit(key: str) -> None:
        if key in nodes and key not in seen:
            seen.add(key)
            parents = [p for p in graph["parent_map"].get(key, []) if p in nodes]
            for parent in parents:
                visit(parent)
            ordered.append({**nodes[key], "parents": [nodes[p]["name"] for p in parents]})

    for key in sorted(nodes):
        visit(key)
    return ordered


def _write_zone(path: Path, database: Path, nodes: list[dict[str, Any]], zone: str) -> None:
    with new_file(path) as con:
        con.execute(f"attach '{_quoted(database)}' as built (read_only)")
        views = dict(
            con.execute(
                "select view_name, sql from duckdb_views() where database_name = 'built' and not internal"
            ).fetchall()
        )
        served = {n["name"] for n in nodes if _is_served(n, zone)}
        # Views on raw Parquet stay views (scores are never copied); what they stand on comes along.
        kept_views = served & views.keys() if zone == "restricted" else set()
        for n in reversed(nodes):
            if n["name"] in kept_views:
                served.update(n["parents"])
                kept_views.update(views.keys() & set(n["parents"]))
        for name in (n["name"] for n in nodes if n["name"] in served):
            if name in kept_views:
                con.execute(_local_view(views[name]))
            else:
                con.execute(f'create table "{name}" as select * from built.main."{name}"')
        con.execute("detach built")


def _is_served(node: dict[str, Any], zone: str) -> bool:
    """Steps between tables are not: they are the bulk of a build, and `explain` reads them there."""
    meta = (node.get("config") or {}).get("meta") or {}
    is_step = node["name"].startswith(STEP)
    return not is_step and node["fqn"][1] in _SERVED_FOLDERS and meta.get("zone") in _VISIBLE[zone]


def _local_view(sql: str) -> str:
    """A view's own statement without the name of the database it was made in."""
    return re.sub(r'"?\bwarehouse\b"?\.("?main"?\.)?', "", sql)


def _drop_old(folder: Path, keep: Path) -> None:
    """Keep the current file and the one before it: a reader may still hold that one open."""
    files = sorted((p for p in folder.glob("*.duckdb") if not p.is_symlink()), key=lambda p: p.stat().st_mtime)
    for old in [p for p in files if p != keep][:-1]:
        old.unlink()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
