"""What custodians do with the vault: count, rotate, look up, erase. Each is logged by `custody` before it happens."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest import custody
from ingest.kernels import pc
from ingest.retention import Item, landing_items, quarantine_items
from ingest.vault import KEY_BYTES, Vault, canonical, rotate
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_write
from warehouse.settings import Settings

PERSON_KEY = re.compile(r"[0-9a-f]{32}")
_GIVEN_KEY = "SCHOOLHOUSE_HMAC_KEY"


@dataclass(frozen=True)
class Holdings:
    """`fingerprint` tells keys apart without saying anything of them."""

    aliases: int
    persons: int
    fingerprint: str
    key_from: str
    custodians: tuple[str, ...]


@dataclass(frozen=True)
class Rotation:
    """`proof`: SHA-256 over every (identifier, person key), the same before and after."""

    aliases: int
    persons: int
    before: str
    after: str
    proof: str


@dataclass(frozen=True)
class Identifier:
    kind: str
    scope: str
    identifier: str


@dataclass(frozen=True)
class Erasure:
    """`files`: received files that still hold rows of the person; `quarantined`: submissions with rejected ones."""

    person_key: str
    aliases: int
    files: tuple[str, ...]
    quarantined: tuple[str, ...]

    def items(self, settings: Settings) -> list[Item]:
        """Those bytes as things that retention can erase."""
        policy = "person erased"
        return landing_items(settings, self.files, policy) + quarantine_items(settings, self.quarantined, policy)


def count_holdings(settings: Settings) -> Holdings:
    """How many aliases and persons the vault holds. Logged, without a reason: it tells nothing of anybody."""
    custody.authorise(settings, "keys", "inventory")
    vault = Vault.open(settings)
    with closing(vault._connect()) as db:
        aliases, persons = db.execute("SELECT count(*), count(DISTINCT person_key) FROM alias").fetchone()
    origin = _GIVEN_KEY if os.environ.get(_GIVEN_KEY) else "vault/hmac.key"
    return Holdings(aliases, persons, _fingerprint(vault), origin, tuple(sorted(custody.custodians(settings))))


def rotate_key(settings: Settings, reason: str, key_file: Path | None = None) -> Rotation:
    """Key every alias anew and prove that every identifier still leads to the person it led to.

    The new key is `key_file` (64 hex digits) or random; it is kept beside the old one until the change is whole, and
    a rotation that was killed is finished by the next. A house that is given its key by the environment must bring
    the file and change the variable itself. Raises SchoolhouseError when the proof fails; nothing is lost then.
    """
    custody.authorise(settings, "rotate", reason)
    with _no_ingest(settings):
        return _rotate(settings, key_file)


def lookup(settings: Settings, person_key: str, reason: str) -> list[Identifier]:
    """The identifiers of a person. Raises SchoolhouseError for a key the vault does not know, an empty reason, or
    a user who is no custodian."""
    _check_key(person_key)
    custody.authorise(settings, "lookup", reason, person_key)
    return _identifiers(Vault.open(settings), person_key)


def find_person(settings: Settings, kind: str, region: str, identifier: str, reason: str) -> str:
    """The person key of an identifier (kind `student` or `teacher`; the region where the number is the region's)."""
    custody.authorise(settings, "find", reason)
    vault = Vault.open(settings)
    names = [canonical(k, s, identifier) for k in (kind, f"{kind}-card") for s in dict.fromkeys((region, ""))]
    aliases = [vault._alias(n) for n in names]
    with closing(vault._connect()) as db:
        known = vault.known(db, aliases)
    found = {known[a] for a in aliases if a in known}
    if len(found) != 1:
        raise _nobody()
    return found.pop()


def erase_person(settings: Settings, person_key: str, reason: str, key_file: Path | None = None) -> Erasure:
    """Forget who a person is: their sealed identifiers and aliases go, and the key that made them is destroyed.

    The person's rows stay in raw under a key that nothing leads to any more; a file that comes later gives them
    another. The files that still hold the person's rows are named, not touched.
    """
    _check_key(person_key)
    custody.authorise(settings, "erase", reason, person_key)
    with _no_ingest(settings):
        vault = Vault.open(settings)
        own = _identifiers(vault, person_key)
        files = _files_with(settings, person_key)
        quarantined = _quarantined_with(settings, [i.identifier for i in own])
        # While the old key lives, the number of a person gives back the same alias and with it the same person key:
        # it goes first, so that an erasure that was killed can be asked for again.
        _rotate(settings, key_file)
        with closing(vault._connect()) as db:
            db.execute("PRAGMA secure_delete = ON")
            gone = db.execute("DELETE FROM alias WHERE person_key = ?", (person_key,)).rowcount
            db.execute("VACUUM")
    return Erasure(person_key, gone, tuple(files), tuple(quarantined))


def _rotate(settings: Settings, key_file: Path | None) -> Rotation:
    pending = settings.vault / "hmac.key.next"
    given = os.environ.get(_GIVEN_KEY)
    if given and key_file is None:
        raise SchoolhouseError(
            f"the key comes from {_GIVEN_KEY}",
            f"密钥由环境变量 {_GIVEN_KEY} 给出",
            fix_en=f"bring the new key with --key-file, then set {_GIVEN_KEY} to it",
            fix_zh=f"请用 --key-file 给出新密钥,轮换后把 {_GIVEN_KEY} 改为新密钥",
        )
    if pending.exists() and pending.read_bytes() != _current_key(settings):
        new_key = pending.read_bytes()
    else:
        new_key = _read_key(key_file) if key_file else secrets.token_bytes(KEY_BYTES)
        atomic_write(pending, new_key)
        pending.chmod(0o600)
    before = _opened(settings, new_key)
    counted, proof = _digest(before)
    fingerprint = _fingerprint(before)
    rotate(settings, new_key)
    after = Vault(settings.vault, new_key)
    if _digest(after) != (counted, proof):
        raise SchoolhouseError(
            "the rotation changed whom an identifier leads to",
            "轮换后标识与人员的对应关系不一致",
            where="vault/vault.db",
            fix_en="restore the vault from the backup",
            fix_zh="请从备份恢复保管库",
        )
    pending.unlink()
    return Rotation(*counted, fingerprint, _fingerprint(after), proof)


def _opened(settings: Settings, new_key: bytes) -> Vault:
    """The vault under its old key, or under the new one where a killed rotation had already changed it."""
    try:
        return Vault.open(settings)
    except SchoolhouseError:
        vault = Vault(settings.vault, new_key)
        vault._check_key()
        return vault


def _digest(vault: Vault) -> tuple[tuple[int, int], str]:
    """((aliases, persons), SHA-256 over the sorted pairs of identifier and person key)."""
    with closing(vault._connect()) as db:
        rows = db.execute("SELECT sealed, person_key FROM alias").fetchall()
    lines = sorted(vault._box.decrypt(s[:12], s[12:], None) + b"\0" + p.encode() for s, p in rows)
    digest = hashlib.sha256()
    for line in lines:
        digest.update(hashlib.sha256(line).digest())
    return (len(rows), len({p for _, p in rows})), digest.hexdigest()


def _identifiers(vault: Vault, person_key: str) -> list[Identifier]:
    with closing(vault._connect()) as db:
        rows = db.execute("SELECT sealed FROM alias WHERE person_key = ?", (person_key,)).fetchall()
    if not rows:
        raise _nobody()
    texts = sorted(vault._box.decrypt(s[:12], s[12:], None).decode() for (s,) in rows)
    return [Identifier(*text.split("|", 2)) for text in texts]


def _files_with(settings: Settings, person_key: str) -> list[str]:
    """sha256 of the files from which raw has rows of the person."""
    found: set[str] = set()
    with duckdb.connect() as con:
        for schema in sorted(settings.raw.glob("*/_schema.parquet")):
            keys = [c for c in pq.read_schema(schema).names if c.endswith(("student_key", "teacher_key"))]
            if not keys:
                continue
            where = " OR ".join(f'"{k}" = $person' for k in keys)
            files = str(schema.parent / "**" / "*.parquet")
            query = (
                f"SELECT DISTINCT _file_sha256 FROM read_parquet('{files}', hive_partitioning = false) WHERE {where}"
            )
            found.update(r[0] for r in con.execute(query, {"person": person_key}).fetchall())
    return sorted(found)


def _quarantined_with(settings: Settings, identifiers: list[str]) -> list[str]:
    """Submissions whose quarantined rows hold one of the identifiers, however it is spaced or prefixed."""
    found = []
    for path in sorted(settings.quarantine.glob("*.parquet")):
        for column in pq.read_table(path).columns:
            if not pa.types.is_string(column.type):
                continue
            plain = pc.utf8_upper(pc.replace_substring_regex(column, r"\s", ""))
            if any(pc.any(_holds(plain, i)).as_py() for i in identifiers):
                found.append(path.stem)
                break
    return found


def _holds(column: pa.ChunkedArray, identifier: str) -> pa.ChunkedArray:
    """A short number is somebody's only where it stands alone."""
    return pc.match_substring(column, identifier) if len(identifier) >= 12 else pc.equal(column, identifier)


@contextmanager
def _no_ingest(settings: Settings) -> Iterator[None]:
    """Keep ingest out while aliases change; the lock falls with the process."""
    with (settings.home / "ledger" / "ingest.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SchoolhouseError("the key file must hold 64 hex digits", "密钥文件应为 64 位十六进制", where=str(path))
    return key


def _current_key(settings: Settings) -> bytes:
    path = settings.vault / "hmac.key"
    return path.read_bytes() if path.exists() else b""


def _fingerprint(vault: Vault) -> str:
    return hashlib.sha256(b"schoolhouse key fingerprint" + vault._key).hexdigest()[:16]


def _check_key(person_key: str) -> None:
    if not PERSON_KEY.fullmatch(person_key):
        raise SchoolhouseError(
            "a person key has 32 hex digits", "人员代号应为 32 位十六进制", fix_en="copy it from the restricted zone",
            fix_zh="请从受限区复制",
        )  # fmt: skip


def _nobody() -> SchoolhouseError:
    return SchoolhouseError("the vault knows no such person", "保管库中没有这个人")
