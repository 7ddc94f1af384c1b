"""The search for planted people in a whole home: file names, file bytes in every encoding met here, and what is packed
inside files (Parquet, Arrow, DuckDB, SQLite, gzip, zip and so on).

`search_home(home, canaries)` is the one call: for a house after a year by command, and for one that Airflow has run.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import io
import lzma
import re
import sqlite3
import string
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

# Where identifiers may be: what was received, what was rejected, who is who, and the files before they are received.
IDENTITY_ZONE = frozenset({"landing", "quarantine", "vault", "inbox"})
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
# What may stand between the digits of a number that somebody wrote in groups.
_GAPS = b" -\t\r\n\x00"
# Characters that numbers are made of: digits, the check letter, the letters before staff numbers.
_WIDE = "0123456789XxJjSsGgLl"
_UPPER = bytes.maketrans(string.ascii_lowercase.encode(), string.ascii_uppercase.encode())
# U+3000 of UTF-16 is a zero byte beside a `0`: it is one only between two characters.
_WIDE_SPACE = {
    "utf-16-le": re.compile(rb"(?<=[0-9A-Za-z]\x00)\x00\x30(?=[0-9A-Za-z]\x00)"),
    "utf-16-be": re.compile(rb"(?<=\x00[0-9A-Za-z])\x30\x00(?=\x00[0-9A-Za-z])"),
}
_PACKERS: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"\x1f\x8b", gzip.decompress),
    (b"BZh", bz2.decompress),
    (b"\xfd7zXZ", lzma.decompress),
    (b"\x28\xb5\x2f\xfd", lambda b: pa.input_stream(pa.BufferReader(b), compression="zstd").read()),
)
_DEPTH = 4
_MOST_UNPACKED = 1 << 30


@dataclass(frozen=True)
class Canary:
    """A planted person's number (`number`) or name (`name`). A number is given without the letter before it."""

    kind: str
    value: str


@dataclass(frozen=True)
class Hit:
    """Where a canary was found: `place` is the file, and what inside it (`file.zip!member`, `file.duckdb!table`)."""

    canary: Canary
    place: str
    form: str


def read_canaries(defects: Path) -> list[Canary]:
    """The people that the synthetic county planted, by its `defects.csv`."""
    with defects.open(encoding="utf-8-sig", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["check_id"] == "canary"]
    numbers = {re.sub(r"^[GJ](?=[0-9]{17})", "", r["entity_id"]) for r in rows}
    names = {r["what"].split()[-1] for r in rows}
    return [Canary("number", n) for n in sorted(numbers)] + [Canary("name", n) for n in sorted(names)]


def search_home(home: Path, canaries: Iterable[Canary], allowed: frozenset[str] = IDENTITY_ZONE) -> list[Hit]:
    """Every place outside the folders `allowed` of a home where a canary can be read, also after unpacking."""
    wanted = tuple(canaries)
    hits: list[Hit] = []
    known: Known = {}
    for path in sorted(home.rglob("*")):
        inside = path.relative_to(home)
        if inside.parts[0] in allowed:
            continue
        hits += [Hit(c, str(inside), "file name") for c, _ in search_bytes(path.name.encode(), wanted)]
        if path.is_file() and not path.is_symlink():
            hits += search_file(path, wanted, str(inside), known)
    return hits


# What was found in a text, by its digest: a column comes in a build, in its serving copies and in editions.
Known = dict[bytes, list[tuple[Canary, str]]]


def search_file(
    path: Path, canaries: tuple[Canary, ...], shown: str | None = None, known: Known | None = None
) -> list[Hit]:
    """Where in one file a canary can be read: its bytes and all that is packed in it."""
    found: dict[Hit, None] = {}
    known = {} if known is None else known
    for place, text in _texts(path, shown or path.name):
        digest = hashlib.blake2b(text).digest()
        if digest not in known:
            known[digest] = search_bytes(text, canaries)
        for canary, form in known[digest]:
            found.setdefault(Hit(canary, place, form))
    return list(found)


def search_bytes(text: bytes, canaries: tuple[Canary, ...]) -> list[tuple[Canary, str]]:
    """(canary, written form) for each that stands in the bytes."""
    numbers = {c.value.upper().encode(): c for c in canaries if c.kind == "number"}
    names = [c for c in canaries if c.kind == "name"]
    found: list[tuple[Canary, str]] = []
    for encoding in ENCODINGS if numbers else ():
        plain = _plain(text, encoding)
        found += [(c, encoding) for number, c in numbers.items() if number in plain]
    if names:
        lower = text.lower().replace(b"\\", b"")
        for c in names:
            found += [(c, e) for e in ENCODINGS if c.value.encode(e) in text]
            found += [(c, form) for form, written in _escapes(c.value) if written in lower]
    return found


# ------------------------------------------------------------------------------------------------ how it may be written
def _plain(text: bytes, encoding: str) -> bytes:
    """The bytes with full-width digits and letters folded, upper case, and without gaps between the characters."""
    if encoding == "utf-16-le":
        # The byte that all full-width forms share comes second here: a pattern would have to look at every byte.
        for c in _WIDE:
            text = text.replace(chr(ord(c) + 0xFEE0).encode(encoding), c.encode(encoding))
    else:
        wide = _wide(encoding)
        text = wide[0].sub(lambda found: wide[1][found[0]], text)
    text = _spaces(encoding).sub(b"", text)
    if encoding in _WIDE_SPACE:
        text = _WIDE_SPACE[encoding].sub(b"", text)
    # Without its zero bytes UTF-16 reads like ASCII.
    return text.translate(_UPPER, _GAPS)


@lru_cache
def _wide(encoding: str) -> tuple[re.Pattern[bytes], dict[bytes, bytes]]:
    """A pattern for the full-width forms, which begin alike, and what each is folded to."""
    folds = {chr(ord(c) + 0xFEE0).encode(encoding): c.encode(encoding) for c in _WIDE}
    start = next(iter(folds))[:-1]
    last = b"".join(re.escape(f[-1:]) for f in folds if f.startswith(start))
    patterns = [re.escape(start) + b"[" + last + b"]", *(re.escape(f) for f in folds if not f.startswith(start))]
    return re.compile(b"|".join(patterns)), folds


@lru_cache
def _spaces(encoding: str) -> re.Pattern[bytes]:
    """Spaces and hyphens beyond ASCII."""
    signs = "\u00a0\u2009\u200b\u2010\uff0d" + ("" if encoding in _WIDE_SPACE else "\u3000")
    return re.compile(b"|".join(re.escape(c.encode(encoding)) for c in signs))


def _escapes(name: str) -> list[tuple[str, bytes]]:
    """A name as JSON (backslashes are dropped), HTML and URLs write it, in lower case."""
    return [
        ("json", "".join(f"u{ord(c):04x}" for c in name).encode()),
        ("html", "".join(f"&#{ord(c)};" for c in name).encode()),
        ("html", "".join(f"&#x{ord(c):x};" for c in name).encode()),
        ("url", "".join(f"%{b:02x}" for b in name.encode()).encode()),
    ]


# ------------------------------------------------------------------------------------------------ what a file holds
def _texts(path: Path, shown: str) -> Iterator[tuple[str, bytes]]:
    data = path.read_bytes()
    yield shown, data
    if data.startswith(b"PAR1"):
        yield from _tables(shown, [("", pq.read_table(path))])
    elif data[8:12] == b"DUCK":
        yield from _tables(shown, _duckdb_tables(path))
    elif data.startswith(b"SQLite format 3\x00"):
        yield from _sqlite_texts(path, shown)
    elif data.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        yield from _tables(shown, _arrow_tables(data))
    else:
        yield from _unpacked(data, shown, _DEPTH)


def _unpacked(data: bytes, shown: str, depth: int) -> Iterator[tuple[str, bytes]]:
    """What is inside archives, archives in archives too."""
    if not depth:
        return
    try:
        for place, inner in _members(data, shown):
            yield place, inner
            yield from _unpacked(inner, place, depth - 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, lzma.LZMAError, zlib.error):
        # A broken or locked archive: nobody can unpack it, and its bytes were looked at as they are.
        return


def _members(data: bytes, shown: str) -> Iterator[tuple[str, bytes]]:
    """(place, bytes) of each thing packed in the bytes; the names of an archive's members too."""
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                place = f"{shown}!{member.filename}"
                yield place, member.filename.encode()
                yield place, archive.open(member).read(_MOST_UNPACKED)
    for mark, opener in _PACKERS:
        if data.startswith(mark):
            yield f"{shown}!unpacked", opener(data)


def _tables(shown: str, tables: Iterable[tuple[str, pa.Table]]) -> Iterator[tuple[str, bytes]]:
    """Each column as text, one value a line: numbers, lists and structs are read as they are printed."""
    for name, table in tables:
        place = f"{shown}!{name}" if name else shown
        yield place, "\n".join(table.column_names).encode()
        with duckdb.connect() as con:
            con.register("t", table)
            for i, column in enumerate(table.column_names):
                if pa.types.is_boolean(table.column(i).type) or pa.types.is_date(table.column(i).type):
                    continue
                quoted = column.replace('"', '""')
                values = con.sql(f'SELECT DISTINCT CAST("{quoted}" AS VARCHAR) FROM t').to_arrow_table().column(0)
                yield f"{place}.{column}", "\n".join(v for v in values.to_pylist() if v is not None).encode()
                if pa.types.is_binary(table.column(i).type):
                    for value in table.column(i).to_pylist():
                        yield f"{place}.{column}", value or b""


def _duckdb_tables(path: Path) -> Iterator[tuple[str, pa.Table]]:
    with duckdb.connect(path, read_only=True) as con:
        names = con.execute(
            "SELECT database_name, schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()
        for parts in names:
            yield parts[-1], con.sql("SELECT * FROM " + ".".join(f'"{p}"' for p in parts)).to_arrow_table()
        views = con.execute("SELECT coalesce(string_agg(sql, chr(10)), '') FROM duckdb_views() WHERE NOT internal")
        yield "views", pa.table({"sql": [views.fetchall()[0][0]]})


def _sqlite_texts(path: Path, shown: str) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, what lies in the write-ahead log too; blobs are unpacked."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        connection.text_factory = bytes
        names = [n.decode() for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            quoted = name.replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}"'):
                values = [v if isinstance(v, bytes) else str(v).encode() for v in row if v is not None]
                yield f"{shown}!{name}", b"\n".join(values)
                for value in values:
                    yield from _unpacked(value, f"{shown}!{name}", _DEPTH - 1)
    finally:
        connection.close()


def _arrow_tables(data: bytes) -> Iterator[tuple[str, pa.Table]]:
    try:
        yield "", pa.ipc.open_file(data).read_all()
    except pa.ArrowInvalid:
        try:
            yield "", pa.ipc.open_stream(data).read_all()
        except pa.ArrowInvalid:
            return
