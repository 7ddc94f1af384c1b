"""The vault: every identifier a person has, mapped to one key that never changes. Identity zone.

`vault.db` holds per alias: the HMAC-SHA256 of the canonical identifier (the look-up key), the person's key,
and the canonical
identifier itself encrypted with AES-GCM under a key derived from the HMAC key. A rotation decrypts, computes
the HMACs anew and
encrypts again; person keys stay. A person's key is the first 32 hex digits of the HMAC of the first alias seen.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ingest.crowds import PERSON_LETTERS, Crowd, to_hex, to_texts
from ingest.kernels import pc
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_write
from warehouse.settings import Settings

_TABLE = (
    "CREATE TABLE IF NOT EXISTS alias (alias TEXT PRIMARY KEY, person_key TEXT NOT NULL, sealed "
    "BLOB NOT NULL) WITHOUT ROWID"
)
KEY_BYTES = 32
_CARD_LETTERS = 18
# Aliases looked up and rows entered by one statement (SQLite's oldest limit is 999 values), and the database's memory.
ASKED_AT_ONCE = 900
ENTERED_AT_ONCE = 300
# A vault of up to so many people for each one who is asked for is read whole.
SCANNED = 2
CACHE_KIB = 65_536


def canonical(kind: str, scope: str, identifier: str) -> str:
    """One written form per identifier: upper case, no spaces; G and J before a card number are dropped; scoped
    by kind.
    """
    return canonicals(kind, scope, pa.array([identifier]))[0].as_py().decode()


def canonicals(kind: str, scopes: pa.Array | str, identifiers: pa.Array) -> pa.Array:
    """`canonical` of each identifier (string) in its scope, as UTF-8 (binary); a register has a million."""
    if pc.all(pc.ascii_is_alnum(identifiers), min_count=0).as_py():
        texts = pc.ascii_upper(identifiers)
    else:
        texts = pa.array(["".join(i.split()).upper() for i in identifiers.to_pylist()], pa.string())
    if kind == "student":
        lettered = pc.or_(pc.starts_with(texts, "G"), pc.starts_with(texts, "J"))
        carded = pc.and_(lettered, pc.equal(pc.utf8_length(texts), _CARD_LETTERS + 1))
        texts = pc.if_else(carded, pc.utf8_slice_codeunits(texts, 1), texts)
    return pc.binary_join_element_wise(kind, scopes, texts, "|").cast(pa.binary())


class Vault:
    """Open with `Vault.open(settings)`; the HMAC key is made at first use or taken from SCHOOLHOUSE_HMAC_KEY (hex)."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.path = folder / "vault.db"
        self._key, self._box = key, _box(key)
        # HMAC-SHA256 (RFC 2104; the key is one block at most) with the key's two blocks hashed once for all texts.
        padded = key.ljust(sha256().block_size, b"\0")
        self._inner, self._outer = (sha256(bytes(b ^ pad for b in padded)) for pad in (0x36, 0x5C))
        self._crowd: Crowd | None = None
        with closing(self._connect()) as db:
            db.execute(_TABLE)
        self.path.chmod(0o600)

    @classmethod
    def open(cls, settings: Settings) -> Vault:
        vault = cls(settings.vault, _load_key(settings))
        vault._check_key()
        return vault

    def crowd(self) -> Crowd:
        """For many people who have one identifier each. The caller calls `settle` before anything counts that rests on
        their keys; whoever asks this vault in the meantime waits for it.
        """
        if self._crowd is None:
            self._crowd = Crowd(self, self._connect)
        return self._crowd

    def keys(self, identifiers: Sequence[str], also: Iterable[tuple[str, str]] = ()) -> list[str]:
        """Person keys for canonical identifiers, in their order; unknown people are entered.

        `also`: pairs (canonical identifier, further canonical identifier of the same person). An alias that is
        known stays with the person it has; a person known by a further identifier is recognised by it, through
        chains (a number that was changed twice) in whatever order they are given.
        """
        further: dict[str, list[str]] = {}
        for identifier, other in also:
            further.setdefault(identifier, []).append(other)
        wanted = list(dict.fromkeys(identifiers))
        texts = [*wanted, *(o for others in further.values() for o in others)]
        names = dict(zip(texts, self._aliases(texts), strict=True))
        self.settle()
        with closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            known = self.known(db, names.values())
            new = self._newcomers(wanted, further, names, known)
            self._enter(db, new)
        return [known[names[i]] for i in identifiers]

    def begin(self) -> None:
        """Begin to enter the crowd, if there is one, while the caller goes on."""
        if self._crowd:
            self._crowd.enter()

    def settle(self) -> None:
        """Wait until everybody is entered and it is on disk. Raises what kept it from being so."""
        crowd, self._crowd = self._crowd, None
        if crowd:
            crowd.settle()

    @staticmethod
    def _newcomers(
        wanted: Sequence[str], further: Mapping[str, Sequence[str]], names: Mapping[str, str], known: dict[str, str]
    ) -> list[tuple[str, str, str]]:
        """(alias, person, text) of what is not known yet; `known` (alias -> person) learns it."""
        new: list[tuple[str, str, str]] = []
        for identifier in _roots_first(wanted, further):
            texts = [identifier, *further.get(identifier, ())]
            person = next((known[names[t]] for t in texts if names[t] in known), names[identifier][:PERSON_LETTERS])
            for text in texts:
                if names[text] not in known:
                    known[names[text]] = person
                    new.append((names[text], person, text))
        return new

    def find(self, identifiers: Sequence[str]) -> dict[str, str]:
        """Person keys of the canonical identifiers that are known; nobody is entered."""
        self.settle()
        names = dict(zip(self._aliases(identifiers), identifiers, strict=True))
        with closing(self._connect()) as db:
            return {names[alias]: person for alias, person in self.known(db, names).items()}

    def assign(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Give canonical aliases that pass from hand to hand (an exam's number) to person keys: the last one holds."""
        self.settle()
        rows = self._sealed([(self._alias(text), person, text.encode()) for text, person in pairs])
        with closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT INTO alias VALUES (?, ?, ?) ON CONFLICT (alias) DO UPDATE SET person_key = excluded.person_key",
                rows,
            )
            db.execute("COMMIT")

    def _alias(self, text: str) -> str:
        return self._aliases([text])[0]

    def _aliases(self, texts: Iterable[str]) -> list[str]:
        """The HMAC of each text, in hex."""
        return to_texts(to_hex(self.digests([text.encode() for text in texts]))).to_pylist()

    def digests(self, texts: Sequence[bytes]) -> np.ndarray:
        """The HMAC of each text, (n, 32) bytes."""
        inner_copy, outer_copy, found = self._inner.copy, self._outer.copy, []
        for text in texts:
            inner, outer = inner_copy(), outer_copy()
            inner.update(text)
            outer.update(inner.digest())
            found.append(outer.digest())
        return np.frombuffer(b"".join(found), np.uint8).reshape(-1, KEY_BYTES)

    def _sealed(self, rows: Sequence[tuple[str, str, bytes]]) -> Iterator[tuple[str, str, bytes]]:
        """(alias, person, text) with the text sealed; the nonces are drawn together."""
        nonces, encrypt = os.urandom(12 * len(rows)), self._box.encrypt
        for i, (alias, person, text) in enumerate(rows):
            nonce = nonces[12 * i : 12 * i + 12]
            yield alias, person, nonce + encrypt(nonce, text, None)

    def _enter(self, db: sqlite3.Connection, rows: Iterable[tuple[str, str, str]]) -> None:
        """Insert (alias, person, text) and commit."""
        # In the order of the tree: each page is written once.
        self.insert(db, sorted((alias, person, text.encode()) for alias, person, text in rows))
        db.execute("COMMIT")

    def insert(self, db: sqlite3.Connection, rows: Sequence[tuple[str, str, bytes]]) -> None:
        """Many rows by one statement: what a statement costs by itself is a third of the work. An alias that is there
        stays with the person it has.
        """
        rest = "ON CONFLICT (alias) DO NOTHING"
        many = f"INSERT INTO alias VALUES {', '.join(['(?, ?, ?)'] * ENTERED_AT_ONCE)} {rest}"
        sealed = self._sealed(rows)
        while len(part := list(islice(sealed, ENTERED_AT_ONCE))) == ENTERED_AT_ONCE:
            db.execute(many, list(chain.from_iterable(part)))
        db.executemany(f"INSERT INTO alias VALUES (?, ?, ?) {rest}", part)

    @staticmethod
    def is_empty(db: sqlite3.Connection) -> bool:
        return db.execute("SELECT 1 FROM alias LIMIT 1").fetchone() is None

    @classmethod
    def known(cls, db: sqlite3.Connection, aliases: Iterable[str]) -> dict[str, str]:
        """alias -> person of those that are entered."""
        found: dict[str, str] = {}
        if cls.is_empty(db):
            return found
        asked = set(aliases)
        beyond = db.execute("SELECT 1 FROM alias LIMIT 1 OFFSET ?", (SCANNED * len(asked),)).fetchone()
        if beyond is None and len(asked) > ASKED_AT_ONCE:
            # The vault is small beside what is asked: one look through it costs less than so many look-ups.
            return {a: person for a, person in db.execute("SELECT alias, person_key FROM alias") if a in asked}
        wanted = sorted(asked)
        for first in range(0, len(wanted), ASKED_AT_ONCE):
            part = wanted[first : first + ASKED_AT_ONCE]
            marks = ",".join("?" * len(part))
            found.update(db.execute(f"SELECT alias, person_key FROM alias WHERE alias IN ({marks})", part))
        return found

    def _connect(self) -> sqlite3.Connection:
        # One thread at a time uses a connection; a crowd hands its own on.
        db = sqlite3.connect(self.path, isolation_level=None, timeout=60, check_same_thread=False)
        db.execute("PRAGMA synchronous=FULL")
        db.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        return db

    def _check_key(self) -> None:
        with closing(self._connect()) as db:
            row = db.execute("SELECT sealed FROM alias LIMIT 1").fetchone()
        if row:
            try:
                self._box.decrypt(row[0][:12], row[0][12:], None)
            except InvalidTag as e:
                raise SchoolhouseError(
                    "the HMAC key is not the one this vault was made with",
                    "假名密钥与保管库不符",
                    where="vault/hmac.key",
                    fix_en="give the right SCHOOLHOUSE_HMAC_KEY or hmac.key",
                    fix_zh="请使用建库时的密钥",
                ) from e


def _roots_first(wanted: Sequence[str], further: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """The identifiers, each after those among them that it refers to; rings are cut where they are entered."""
    if not further:
        return wanted
    order: dict[str, None] = {}
    mine = set(wanted)
    for first in wanted:
        stack = [first]
        path = {first}
        while stack:
            before = [o for o in further.get(stack[-1], ()) if o in mine and o not in order and o not in path]
            if before:
                stack.append(before[0])
                path.add(before[0])
            else:
                order[stack.pop()] = None
    return list(order)


def rotate(settings: Settings, new_key: bytes) -> int:
    """Key every alias anew; person keys stay. Returns the number of aliases. The database changes in one
    transaction, then
    the key file; a crash between the two is mended by running it again with the same new key.

    Raises SchoolhouseError for a key that is not 32 bytes.
    """
    if len(new_key) != KEY_BYTES:
        raise SchoolhouseError("the HMAC key must have 32 bytes", "假名密钥应为 32 字节")
    fresh = Vault(settings.vault, new_key)
    try:
        fresh._check_key()
        rows: list[tuple[bytes, str]] = []
    except SchoolhouseError:
        old = Vault.open(settings)
        with closing(old._connect()) as db:
            sealed = db.execute("SELECT sealed, person_key FROM alias").fetchall()
        rows = [(old._box.decrypt(s[:12], s[12:], None), person) for s, person in sealed]
        with closing(fresh._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("DELETE FROM alias")
            texts = [text.decode() for text, _ in rows]
            people = (person for _, person in rows)
            fresh._enter(db, zip(fresh._aliases(texts), people, texts, strict=True))
    _write_key(settings, new_key)
    return len(rows)


def _box(key: bytes) -> AESGCM:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"schoolhouse vault identifiers").derive(key)
    return AESGCM(derived)


def _load_key(settings: Settings) -> bytes:
    path = settings.vault / "hmac.key"
    given = os.environ.get("SCHOOLHOUSE_HMAC_KEY")
    try:
        key = bytes.fromhex(given) if given else (path.read_bytes() if path.exists() else None)
    except ValueError:
        key = b""
    if key is None:
        key = secrets.token_bytes(KEY_BYTES)
        _write_key(settings, key)
    if len(key) != KEY_BYTES:
        raise SchoolhouseError(
            "the HMAC key must have 32 bytes (64 hex digits)",
            "假名密钥应为 32 字节(64 位十六进制)",
            where="SCHOOLHOUSE_HMAC_KEY" if given else "vault/hmac.key",
        )
    return key


def _write_key(settings: Settings, key: bytes) -> None:
    path = settings.vault / "hmac.key"
    atomic_write(path, key)
    path.chmod(0o600)
