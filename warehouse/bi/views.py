"""Views for BI tools: facts with the names that people read. They run as whoever asks, so the tables' policies hold."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from warehouse.bi import roles

FOLDER = Path(__file__).with_name("views")


def create(cursor: Any, zone: str, schema: str, tables: Collection[str]) -> list[str]:
    """Make the zone's views in `schema`; their names. `views/<zone>/<name>.sql` says what it reads in its first line:
    `-- reads: table, table; for: role, role`.
    """
    made = []
    for path in sorted((FOLDER / zone).glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        reads, readers = header(text)
        if not set(reads) <= set(tables):
            continue
        cursor.execute(f"set local search_path = {schema}, pg_catalog")
        cursor.execute(f"create view {schema}.{path.stem} with (security_invoker = true) as {text}")
        cursor.execute(f"alter view {schema}.{path.stem} owner to {roles.OWNER}")
        for reader in readers:
            cursor.execute(f"grant select on {schema}.{path.stem} to {roles.ROLES[reader][0]}")
        made.append(path.stem)
    return made


def header(text: str) -> tuple[list[str], list[str]]:
    """(tables it reads, roles it is for) of a view's first line."""
    first = text.splitlines()[0].removeprefix("-- reads:")
    reads, _, readers = first.partition("; for:")
    return [t.strip() for t in reads.split(",")], [r.strip() for r in readers.split(",")]
