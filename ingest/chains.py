"""Chains of sectors in a compound file: each must end. Parsers follow them, and one without an end fills all memory."""

from __future__ import annotations

import struct

from ingest.refusals import Refusal

_HEADER, _ENTRY, _SMALL_STREAM = 512, 128, 4096
_LAST_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5


def check_chains(data: bytes) -> None:
    """Raises Refusal for a chain that runs in a circle or leaves the file."""
    if len(data) < _HEADER:
        raise Refusal("damaged")
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        raise Refusal("damaged")
    size = 1 << shift
    directory, minis = struct.unpack_from("<I", data, 48)[0], struct.unpack_from("<I", data, 60)[0]
    table = _table(data, size)
    listing = b"".join(_sector(data, size, s) for s in _walk(directory, table))
    small = _numbers(b"".join(_sector(data, size, s) for s in _walk(minis, table)))
    for at in range(0, len(listing) - _ENTRY + 1, _ENTRY):
        kind, start = listing[at + 66], struct.unpack_from("<I", listing, at + 116)[0]
        length = struct.unpack_from("<I", listing, at + 120)[0]
        if kind == _ROOT or (kind == _STREAM and length >= _SMALL_STREAM):
            _walk(start, table)
        elif kind == _STREAM and length:
            _walk(start, small)


def _table(data: bytes, size: int) -> list[int]:
    """The next sector of each sector. Sectors of the table itself beyond the end of the file are left out."""
    parts = list(struct.unpack_from("<109I", data, 76))
    more, seen = struct.unpack_from("<I", data, 68)[0], 0
    while more < _LAST_SECTOR and (block := _sector(data, size, more)):
        numbers = _numbers(block)
        parts += numbers[:-1]
        more, seen = (numbers[-1] if len(numbers) * 4 == size else _LAST_SECTOR), seen + 1
        if seen > len(data) // size + 1:
            raise Refusal("damaged")
    return _numbers(b"".join(_sector(data, size, p) for p in parts if p < _LAST_SECTOR))


def _sector(data: bytes, size: int, number: int) -> bytes:
    start = (number + 1) * size
    return data[start : start + size]


def _numbers(block: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))


def _walk(start: int, table: list[int]) -> list[int]:
    """The sectors of a chain."""
    chain: list[int] = []
    while start < _LAST_SECTOR:
        if start >= len(table) or len(chain) > len(table):
            raise Refusal("damaged")
        chain.append(start)
        start = table[start]
    return chain
