"""Copies of a home."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

LEDGER = Path("ledger") / "ledger.db"


def copy_home(home: Path, folder: Path, *leave_out: str) -> None:
    """Everything in a home but the folders left out.

    The ledger is copied through SQLite. Who opens and closes its file by other means takes the locks from every
    connection that this process has on it, and the next writer of another process spoils the file.
    """
    shutil.copytree(
        home, folder, symlinks=True, ignore=shutil.ignore_patterns(LEDGER.name, f"{LEDGER.name}-*", *leave_out)
    )
    if (home / LEDGER).exists():
        with closing(sqlite3.connect(home / LEDGER)) as ours, closing(sqlite3.connect(folder / LEDGER)) as theirs:
            ours.backup(theirs)
