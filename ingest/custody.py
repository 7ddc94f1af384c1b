"""Who opened the vault, why, and what they did: every use is written into a chained log before it takes effect.

The log (`vault/custody.log`) is in the identity zone: it names person keys and reasons. The ledger keeps a line of each
use without them, with the hash of the log's line, so that neither can be shortened or changed alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

GENESIS = "0" * 64
CUSTODIANS = "custodians"


@dataclass(frozen=True)
class Entry:
    """One use. `subject` is a person key or nothing; `previous` is the hash of the entry before."""

    entry: int
    at: str
    user: str
    action: str
    subject: str
    reason: str
    outcome: str
    previous: str
    hash: str

    def computed(self) -> str:
        body = {k: v for k, v in asdict(self).items() if k != "hash"}
        return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def authorise(settings: Settings, action: str, reason: str, subject: str = "") -> str:
    """The user's name, when they may use the vault; the use, or the refusal, is in the log by then.

    Custodians are the users that `vault/custodians` lists, one a line; without the list the owner of the vault is
    the only one. Raises SchoolhouseError for anybody else and for an empty reason.
    """
    user = _user()
    if not reason.strip():
        raise SchoolhouseError(
            "a reason is needed",
            "必须说明理由",
            fix_en="add --reason with the request or the case it serves",
            fix_zh="请用 --reason 写明依据或事由",
        )
    allowed = user in custodians(settings)
    record(settings, user, action, subject, reason.strip(), "granted" if allowed else "refused")
    if not allowed:
        raise SchoolhouseError(
            f"{user} may not use the vault; the attempt is in its log",
            f"用户 {user} 无权使用保管库,本次尝试已记录",
            where=f"vault/{CUSTODIANS}",
            fix_en="ask a custodian",
            fix_zh="请由保管员操作",
        )
    return user


def custodians(settings: Settings) -> frozenset[str]:
    """Users who may open the vault."""
    path = settings.vault / CUSTODIANS
    if not path.exists():
        return frozenset({_name(settings.vault.stat().st_uid)})
    lines = (line.split("#", 1)[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(filter(None, lines))


def record(settings: Settings, user: str, action: str, subject: str, reason: str, outcome: str) -> Entry:
    """Append an entry to the log, synced, then its line to the ledger."""
    with _locked(settings):
        last = _read(settings)[-1:]
        draft = Entry(
            last[0].entry + 1 if last else 1,
            l.now(),
            user,
            action,
            subject,
            reason,
            outcome,
            last[0].hash if last else GENESIS,
            "",
        )
        entry = Entry(**{**asdict(draft), "hash": draft.computed()})
        path = _path(settings)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, (json.dumps(asdict(entry), ensure_ascii=False) + "\n").encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    l.Ledger.open(settings).insert(l.vault_use, [_ledger_line(entry)])
    return entry


def read_log(settings: Settings) -> tuple[list[Entry], list[str]]:
    """(entries, faults). A fault names the entry that was changed, is missing, or is not in the ledger."""
    entries = _read(settings)
    known = {r["entry"]: r for r in l.Ledger.open(settings).rows(sa.select(l.vault_use).order_by(l.vault_use.c.entry))}
    faults: list[str] = []
    previous = GENESIS
    for place, e in enumerate(entries, 1):
        if e.entry != place or e.previous != previous or e.hash != e.computed():
            faults.append(f"entry {place} of the log was changed, moved or removed")
        elif e.entry not in known:
            faults.append(f"entry {place} of the log is not in the ledger")
        elif known[e.entry] != _ledger_line(e):
            faults.append(f"entry {place} of the log is not the one in the ledger")
        previous = e.hash
    faults += [f"entry {n} of the ledger is missing in the log" for n in known if n > len(entries)]
    return entries, faults


def _ledger_line(e: Entry) -> dict[str, Any]:
    return {
        "entry": e.entry,
        "action": e.action,
        "used_by": e.user,
        "outcome": e.outcome,
        "used_at": e.at,
        "entry_hash": e.hash,
    }


def _read(settings: Settings) -> list[Entry]:
    path = _path(settings)
    if not path.exists():
        return []
    try:
        return [Entry(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (ValueError, TypeError) as e:
        raise SchoolhouseError(
            "the vault's log cannot be read: it was changed",
            "保管库日志无法读取,已被改动",
            where="vault/custody.log",
            fix_en="restore it from the backup",
            fix_zh="请从备份恢复",
        ) from e


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    with (settings.vault / "custody.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _path(settings: Settings) -> Path:
    return settings.vault / "custody.log"


def _user() -> str:
    return _name(os.geteuid())


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"
