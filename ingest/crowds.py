"""Many people at once, each with one identifier: their keys now, the vault's database while the caller goes on.

Everybody is entered by one pass in the order of the tree, however many slices they came in: a tree that grows at its
end is written once, one that is filled twice is read, kept aside and written again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from ingest.vault import Vault

PERSON_LETTERS = 32
# Rows that are Python objects at once while they are entered.
_PART = 30_000
_HEX = np.frombuffer("".join(f"{i:02x}" for i in range(256)).encode(), np.uint16)


class Crowd:
    """Holds the vault's write lock from its first day to `settle`."""

    def __init__(self, vault: Vault, connect: Callable[[], sqlite3.Connection]) -> None:
        self._vault, self._stack = vault, ExitStack()
        self._db = self._stack.enter_context(closing(connect()))
        self._db.execute("BEGIN IMMEDIATE")
        self._digests: list[np.ndarray] = []
        self._names: list[pa.Array] = []
        self._entering: Future[None] | None = None

    def keys(self, names: pa.Array) -> pa.Array:
        """Person keys (string) of canonical identifiers (binary), in their order. Who is not known is entered later;
        until then each of them has the key that is made of the identifier, whoever asks.
        """
        digests = self._vault.digests(names.to_pylist())
        hexes = to_hex(digests)
        fresh, people = np.ones(len(names), bool), to_texts(hexes[:, :PERSON_LETTERS])
        if not self._vault.is_empty(self._db):
            aliases = to_texts(hexes).to_pylist()
            if known := self._vault.known(self._db, aliases):
                fresh = np.fromiter((a not in known for a in aliases), bool, len(aliases))
                people = pa.array([known.get(a) or a[:PERSON_LETTERS] for a in aliases], pa.string())
        self._digests.append(digests[fresh])
        self._names.append(names.filter(pa.array(fresh)))
        return people

    def enter(self) -> None:
        """Begin to enter everybody. The database is written without the interpreter, most of the time."""
        if self._entering is None:
            hand = ThreadPoolExecutor(1, thread_name_prefix="vault")
            self._entering = hand.submit(self._enter)
            hand.shutdown(wait=False)

    def settle(self) -> None:
        """Enter who is not yet, and wait until it is on disk. Raises what kept it from being so."""
        self.enter()
        if self._entering:
            self._entering.result()

    def _enter(self) -> None:
        with self._stack:
            if not self._names:
                return
            digests, names = np.concatenate(self._digests), pa.concat_arrays(self._names)
            self._digests, self._names = [], []
            # Eight bytes of a digest tell nearly all apart; the order costs time only, never the content.
            order = np.argsort(np.ascontiguousarray(digests[:, :8]).view(">u8")[:, 0].astype(np.uint64))
            for first in range(0, len(order), _PART):
                part = order[first : first + _PART]
                aliases = to_texts(to_hex(digests[part])).to_pylist()
                people = (a[:PERSON_LETTERS] for a in aliases)
                texts = names.take(pa.array(part)).to_pylist()
                self._vault.insert(self._db, list(zip(aliases, people, texts, strict=True)))
            self._db.execute("COMMIT")


def to_hex(digests: np.ndarray) -> np.ndarray:
    """(n, width) bytes as the letters of their hex digits, (n, 2 * width)."""
    return np.ascontiguousarray(_HEX[digests]).view(np.uint8).reshape(len(digests), -1)


def to_texts(letters: np.ndarray) -> pa.Array:
    """(n, width) ASCII letters as n texts."""
    n, width = letters.shape
    offsets = np.arange(n + 1, dtype=np.int32) * width
    data = pa.py_buffer(np.ascontiguousarray(letters))
    return pa.Array.from_buffers(pa.string(), n, [None, pa.py_buffer(offsets), data])
