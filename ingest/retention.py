"""Erasure by policy: what the identity zone need not keep any longer goes, and a tombstone says that it was there.

Raw rows, the ledger and the sidecar stay: builds, explanations and the recognition of re-sent files need no bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from ingest import landing
from ingest.contracts import load_yaml
from ingest.texts import mask
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_write, sha256_file, sync_folder
from warehouse.settings import Settings

OPEN = ("partial", "rejected")
_DAYS = ("landing_days", "open_days", "quarantine_days", "returns_days")


@dataclass(frozen=True)
class Item:
    """Something that the policy lets go. `name` never holds a person's identifier; sizes are bytes."""

    kind: str
    name: str
    path: Path
    size: int
    since: str
    policy: str
    label: str

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path)}


@dataclass(frozen=True)
class Plan:
    """`items` go; `kept` counts what stays by (kind, why): open, waiting, young, unclaimed."""

    items: tuple[Item, ...]
    kept: Mapping[tuple[str, str], int]
    policy: Mapping[str, int | None]

    def to_dict(self) -> dict[str, Any]:
        kept = [{"kind": k, "why": why, "files": n} for (k, why), n in sorted(self.kept.items())]
        return {"policy": dict(self.policy), "items": [i.to_dict() for i in self.items], "kept": kept}


def read_policy(settings: Settings) -> dict[str, int | None]:
    """The policy of this house. Raises SchoolhouseError for a file that is not understood."""
    policy = dict(load_yaml("retention"))
    named = os.environ.get("SCHOOLHOUSE_RETENTION")
    path = Path(named) if named else settings.home / "retention.yaml"
    if named or path.exists():
        try:
            own = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            policy |= own
        except (OSError, TypeError, ValueError, yaml.YAMLError) as e:
            raise SchoolhouseError(
                "the retention policy cannot be read", "保留期限文件无法读取", where=str(path)
            ) from e
    wrong = [k for k in policy if k not in _DAYS or not (policy[k] is None or _is_days(policy[k]))]
    if wrong:
        raise SchoolhouseError(
            f"the retention policy is not understood: {', '.join(wrong)}",
            f"保留期限文件中有不认识的内容:{'、'.join(map(str, wrong))}",
            where=str(path),
            fix_en=f"give whole days or null for {', '.join(_DAYS)}",
            fix_zh=f"请为 {'、'.join(_DAYS)} 填天数或 null",
        )
    return policy


def plan(settings: Settings, today: date | None = None) -> Plan:
    """What would go today, and what stays. Nothing is changed."""
    return _Planner(settings, today or datetime.now(UTC).date()).plan()


def erase(settings: Settings, items: Iterable[Item]) -> int:
    """Erase the bytes and leave tombstones; the number of files erased. Safe to repeat and to kill.

    For received bytes the tombstone is their sidecar: sha256, size, when, policy, and the masked names they came under.
    """
    ledger = l.Ledger.open(settings)
    gone: list[dict[str, Any]] = []
    for item in items:
        if not item.path.exists():
            continue
        sha = item.name if item.kind == "landing" else sha256_file(item.path)
        stone = {"sha256": sha, "size": item.size, "erased_at": l.now(), "policy": item.policy}
        if item.kind == "landing":
            _bury(item.path, stone)
        # The ledger first: an erasure that was not entered cannot be told from a loss.
        ledger.insert(l.erasure, [{"kind": item.kind, "name": item.name, **stone}])
        item.path.unlink()
        sync_folder(item.path.parent)
        gone.append(stone)
    return len(gone)


def landing_items(settings: Settings, hashes: Iterable[str], policy: str) -> list[Item]:
    """The received bytes of these files as things to erase, for a reason of its own (a person's lawful request)."""
    found = []
    for sha in hashes:
        path = landing.blob(settings, sha)
        if path.exists():
            found.append(Item("landing", sha, path, path.stat().st_size, "", policy, sha[:12]))
    return found


def quarantine_items(settings: Settings, submissions: Iterable[str], policy: str) -> list[Item]:
    """The quarantined rows of these submissions as things to erase."""
    found = []
    for ident in submissions:
        path = settings.quarantine / f"{ident}.parquet"
        if path.exists():
            found.append(Item("quarantine", ident, path, path.stat().st_size, "", policy, ident[:8]))
    return found


class _Planner:
    def __init__(self, settings: Settings, today: date) -> None:
        self.settings, self.today = settings, today
        self.policy = read_policy(settings)
        rows = l.Ledger.open(settings).rows(sa.select(l.submission))
        self.by_id = {r["submission_id"]: r for r in rows}
        self.by_sha: dict[str, list[dict[str, Any]]] = {}
        for r in rows:
            self.by_sha.setdefault(r["file_sha256"], []).append(r)
        self.items: list[Item] = []
        self.kept: dict[tuple[str, str], int] = {}

    def plan(self) -> Plan:
        for path in sorted(self.settings.landing.glob("[0-9a-f][0-9a-f]/*")):
            if len(path.name) == 64:
                self._landed(path)
        for path in sorted(self.settings.quarantine.glob("*.parquet")):
            self._quarantined(path)
        for path in sorted((self.settings.quarantine / "returns").glob("*.xlsx")):
            self._returned(path)
        return Plan(tuple(self.items), self.kept, self.policy)

    def _landed(self, path: Path) -> None:
        claims = self.by_sha.get(path.name, [])
        states = {c["status"] for c in claims}
        if not claims or "waiting" in states:
            self._keep("landing", "waiting" if claims else "unclaimed")
            return
        rule = "open_days" if states & set(OPEN) else "landing_days"
        since = max(c["received_at"] for c in claims)[:10]
        self._decide("landing", path.name, path, since, rule, claims[0]["file_name"], is_open=rule == "open_days")

    def _quarantined(self, path: Path) -> None:
        claim = self.by_id.get(path.stem)
        is_open = claim is not None and claim["status"] in OPEN
        since = claim["received_at"][:10] if claim else _day_of(path)
        rule = "open_days" if is_open else "quarantine_days"
        self._decide("quarantine", path.stem, path, since, rule, claim["file_name"] if claim else "", is_open=is_open)

    def _returned(self, path: Path) -> None:
        short = path.stem.rsplit("_", 1)[-1]
        claim = next((c for i, c in self.by_id.items() if i.startswith(short)), None)
        rule = "returns_days" if claim and claim["status"] in OPEN else "answered"
        self._decide("return", mask(path.name), path, _day_of(path), rule, mask(path.name), is_open=False)

    def _decide(self, kind: str, name: str, path: Path, since: str, rule: str, label: str, *, is_open: bool) -> None:
        days = 0 if rule == "answered" else self.policy[rule]
        if days is None:
            self._keep(kind, "open" if is_open else "for good")
        elif date.fromisoformat(since) + timedelta(days=days) > self.today:
            self._keep(kind, "open" if is_open else "young")
        else:
            words = rule if rule == "answered" else f"{rule}={days}"
            self.items.append(Item(kind, name, path, path.stat().st_size, since, words, label))

    def _keep(self, kind: str, why: str) -> None:
        self.kept[(kind, why)] = self.kept.get((kind, why), 0) + 1


def _bury(path: Path, stone: Mapping[str, Any]) -> None:
    """Turn the sidecar into a tombstone: the names stay, as far as they hold nobody's number."""
    sidecar = path.with_name(f"{path.name}.json")
    note = json.loads(sidecar.read_text(encoding="utf-8", errors="surrogateescape"))
    for arrival in note["arrivals"]:
        arrival["name"], arrival["absolute"] = mask(arrival["name"]), mask(arrival["absolute"])
        arrival["folders"] = [mask(f) for f in arrival["folders"]]
    note["erased"] = dict(stone)
    atomic_write(sidecar, json.dumps(note, ensure_ascii=False, indent=1).encode("utf-8", "surrogateescape"))


def _is_days(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _day_of(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()


def total_size(items: Sequence[Item]) -> int:
    return sum(i.size for i in items)
