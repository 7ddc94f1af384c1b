"""Atomic files: written aside, synced, renamed. A reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


_HELD: ContextVar[list[tuple[Path, Path]] | None] = ContextVar("held", default=None)
# From so many files on, one flush of everything is cheaper than one of each.
_MANY = 64


@contextmanager
def together() -> Iterator[None]:
    """Files written atomically inside appear at its end: synced first, renamed after, none when it fails.

    A path must be written once at most, and is not to be read inside.
    """
    held: list[tuple[Path, Path]] = []
    token = _HELD.set(held)
    try:
        yield
        _HELD.reset(token)
        token = None
        if len(held) >= _MANY:
            os.sync()
        else:
            for aside, _ in held:
                _sync(aside)
        for aside, path in held:
            aside.replace(path)
        for folder in {path.parent for _, path in held}:
            sync_folder(folder)
    finally:
        if token is not None:
            _HELD.reset(token)
        for aside, _ in held:
            aside.unlink(missing_ok=True)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; on success it is synced and renamed over `path`, else removed."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    held = _HELD.get()
    if held is not None:
        try:
            yield aside
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        held.append((aside, path))
        return
    try:
        yield aside
        _sync(aside)
        aside.replace(path)
        sync_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as f:
        os.fsync(f.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_tree(folder: Path) -> None:
    """Remove a folder with everything in it, also what was made read-only. One that is not there is no fault."""
    if folder.exists():
        for path in (folder, *(p for p in folder.rglob("*") if p.is_dir() and not p.is_symlink())):
            path.chmod(0o755)
        shutil.rmtree(folder)


def atomic_write(path: Path, data: bytes | str) -> None:
    with atomic_path(path) as aside:
        aside.write_bytes(data.encode() if isinstance(data, str) else data)


def atomic_parquet(path: Path, table: pa.Table) -> None:
    with atomic_path(path) as aside:
        pq.write_table(table, aside, compression="zstd", version="2.6")


def flip_link(link: Path, target: Path) -> None:
    """Point the symlink `link` at `target` (relative, same tree) in one step."""
    link.parent.mkdir(parents=True, exist_ok=True)
    aside = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    aside.unlink(missing_ok=True)
    aside.symlink_to(os.path.relpath(target, link.parent))
    aside.replace(link)
    sync_folder(link.parent)
