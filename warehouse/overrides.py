"""Overrides of a block: off by default, one finding with its value, two people in two roles, and a reason.

An override is not an explanation: the finding stays a critical one, the edition's first page prints it with its reason,
and checks that guard privacy know none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.registers import (
    DATE,
    FILLED,
    NAME,
    ONE_THING,
    REGION,
    ROLES,
    SCHOOL_YEAR,
    Rule,
    enter_new,
    entry_id,
    find_files,
    one_of,
    person_form,
    read_rows,
)
from warehouse.settings import Settings

FILE = "overrides.csv"
SWITCH = "SCHOOLHOUSE_ALLOW_OVERRIDE"
FIELDS: dict[str, Rule] = {
    "region_code": REGION,
    "school_year": SCHOOL_YEAR,
    "check_id": NAME,
    "entity_type": NAME,
    "entity_id": ONE_THING,
    # Without a value it would hold for whatever is found next.
    "observed": FILLED,
    "role": one_of(ROLES),
    "signer": FILLED,
    "reason": FILLED,
    "signed_on": DATE,
}
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Override:
    """What two people took upon themselves: `entries` are their two rows, in the order of ROLES."""

    override_id: str
    entries: tuple[dict[str, Any], ...]

    @property
    def reason(self) -> str:
        return ";".join(dict.fromkeys(e["reason"] for e in self.entries))

    @property
    def roles(self) -> list[str]:
        return [e["role"] for e in self.entries]


def allowed() -> bool:
    """Whether this house lets anybody override at all."""
    return (os.environ.get(SWITCH) or "").lower() in ("1", "yes", "true", "on")


def load(settings: Settings, folders: Iterable[Path] | None = None) -> int:
    """Enter every row of the `overrides.csv` below `folders` (default: the settings' registers); how many are new.

    Raises SchoolhouseError naming file and row of the first fault; nothing is entered then.
    """
    roots = settings.registers if folders is None else tuple(folders)
    rows = [row for path in find_files(roots, FILE) for row in read_rows(path, FIELDS)]
    entries = [
        {"entry_id": entry_id("v", [row[name] for name in FIELDS]), **row, "registered_at": l.now()} for row in rows
    ]
    return enter_new(l.Ledger.open(settings), l.override_entry, "entry_id", entries)


def standing(ledger: l.Ledger, region: str, school_year: str) -> dict[Key, Override]:
    """Overrides that both roles signed, by two different people; the newest word of each role counts."""
    o = l.override_entry.c
    query = sa.select(l.override_entry).where(o.region_code == region, o.school_year == school_year)
    newest: dict[Key, dict[str, dict[str, Any]]] = {}
    for row in ledger.rows(query.order_by(o.signed_on, o.entry_id)):
        key = row["check_id"], row["entity_type"], row["entity_id"], row["observed"]
        newest.setdefault(key, {})[row["role"]] = row
    return {
        key: Override(entry_id("o", [e["entry_id"] for e in pair]), pair)
        for key, by_role in newest.items()
        if (pair := _pair(by_role)) and person_form(pair[0]["signer"]) != person_form(pair[1]["signer"])
    }


def _pair(by_role: Mapping[str, dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(by_role[role] for role in ROLES) if set(by_role) == set(ROLES) else ()
