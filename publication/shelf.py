"""The shelf of a region's school year: one publisher at a time, and what stands on it is seen by whom it should be."""

from __future__ import annotations

import fcntl
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from publication import manifest as m
from publication import versions
from warehouse import ledger as tables
from warehouse import serving
from warehouse.errors import SchoolhouseError
from warehouse.files import flip_link, remove_tree
from warehouse.ledger import Ledger
from warehouse.release import in_window, is_public
from warehouse.settings import Settings

# Folder of the internal zone with links to editions that are ready and not public yet.
PRERELEASE = "prerelease"


def finish(settings: Settings, ledger: Ledger, shelf: Path) -> None:
    """Do what a publication has left to do once its folder is in place: who may read it, the published zone, `latest`,
    the ledger's row.

    `latest` and the zone take the newest version whose release time has come. What a withdrawal or a release that was
    cut short has left to do is done here too. The row comes last, so a missing row tells of a publication that was cut
    short, and the next one ends it here.
    """
    e = tables.edition.c
    region, school_year = shelf.parent.name, shelf.name
    query = sa.select(e.version, e.verdict).where(e.region_code == region, e.school_year == school_year)
    known = {r["version"]: r["verdict"] for r in ledger.rows(query)}
    rows = []
    gone = [version for version in versions.withdrawn(shelf) if (shelf / version).exists()]
    for version in gone:
        remove_tree(shelf / version)
    standing = versions.editions(shelf)
    for folder in standing:
        # Before its time an edition is its owner's, in the pre-release window its group's too.
        mode = 0o555 if is_public(folder) else 0o550 if in_window(folder) else 0o500
        if stat.S_IMODE(folder.stat().st_mode) != mode:
            folder.chmod(mode)
    public = next((f for f in reversed(standing) if is_public(f)), None)
    latest = shelf / "latest"
    moved = public is not None and (not latest.is_symlink() or latest.readlink().name != public.name)
    for folder in standing:
        if folder.name not in known:
            content = m.read(folder)
            run = json.loads((folder / "attestation" / "run.json").read_text(encoding="utf-8"))
            rows.append(
                {
                    "region_code": region,
                    "school_year": school_year,
                    "version": folder.name,
                    "path": folder.relative_to(settings.home).as_posix(),
                    "verdict": content["verdict"],
                    "data_sha256": content["data_hash"],
                    "gate_id": run["gate_id"],
                    "build_id": run["build_id"],
                    "published_at": run["published_at"],
                }
            )
    stale = [v for v in versions.withdrawn(shelf) if known.get(v, "withdrawn") != "withdrawn"]
    if rows or stale or moved:
        with one_publisher(settings.editions):
            serving.publish_zone(settings)
    if moved and public is not None:
        flip_link(latest, public)
    elif public is None:
        latest.unlink(missing_ok=True)
    ahead = settings.serving / "internal" / PRERELEASE / region / school_year
    if standing and in_window(standing[-1]):
        flip_link(ahead, standing[-1])
    else:
        ahead.unlink(missing_ok=True)
    if rows:
        ledger.insert(tables.edition, rows)
    for version in stale:
        with ledger.transaction() as connection:
            connection.execute(
                tables.edition.update()
                .where(e.region_code == region, e.school_year == school_year, e.version == version)
                .values(verdict="withdrawn")
            )


def unwritable(where: Path, fault: OSError) -> SchoolhouseError:
    return SchoolhouseError(
        f"the edition could not be written: {fault.strerror or fault}",
        f"发布版本无法写入：{fault.strerror or fault}",
        where=str(where),
        fix_en="Make room or make the folder writable and publish again; earlier versions are untouched.",
        fix_zh="请腾出空间或恢复写权限后重新发布；已有版本未受影响。",
    )


@contextmanager
def one_publisher(folder: Path) -> Iterator[None]:
    """Hold the lock of a shelf; drop what a publisher that was killed left half written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / ".lock").open("w")
    except OSError as fault:
        raise unwritable(folder, fault) from fault
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for leftover in folder.glob(".v*.tmp"):
            remove_tree(leftover)
        yield
