"""Delimited text to rows: encodings, separators and quoting as the programs met here write them."""

from __future__ import annotations

import csv
import io
import re
from itertools import chain

from ingest.containers import refuse_markup
from ingest.limits import Limits
from ingest.refusals import Refusal

_DELIMITERS = (",", "\t", ";", "|")
_HEAD = 20_000
_SEPARATOR_LINE = re.compile(r"^\ufeff?sep=(.)\r?\n", re.I)
# Signs that no printer shows and every text may have.
_BLANKS = re.compile("[\r\n\t\u3000\u00a0\u200b\ufeff]+")
_HAN = re.compile("[\u4e00-\u9fff]")
# A line behind the last: it comes out as it is unless a quote was left open.
END = "\x1e\x1e"
# Share of NUL bytes in one half of the byte pairs from which a text without a mark is UTF-16.
_UTF16_SHARE = 0.05


def decode(data: bytes) -> str:
    """Text of delimited bytes: byte order mark first, then UTF-8, then GB18030, each strict. Raises Refusal."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, (name,))
    if b"\x00" in data[:_HEAD]:
        # UTF-16 without a mark shows as zero bytes beside ASCII separators, all on one side of the pairs.
        low, high = data[:_HEAD:2].count(0), data[1:_HEAD:2].count(0)
        pairs = min(len(data), _HEAD) // 2
        if max(low, high) < pairs * _UTF16_SHARE or min(low, high) * 10 > max(low, high):
            raise Refusal("nul_bytes" if _printable(data[:_HEAD].replace(b"\x00", b"")) else "no_text")
        return _decoded(data, ("utf-16-le" if high > low else "utf-16-be",))
    return _decoded(data, ("utf-8", "gb18030"))


def separator(text: str) -> tuple[str, str]:
    """(the line by which Excel names the separator, '' without one; the separator), told from the head of a text."""
    head = text[:_HEAD]
    told = _SEPARATOR_LINE.match(head)
    return (told[0], told[1]) if told else ("", max(_DELIMITERS, key=head.count))


def separator_cell(told: str) -> str:
    """The line that names the separator, as the one cell that it is."""
    return told.strip("\ufeff\r\n")


def rows_of(text: str, limits: Limits) -> tuple[list[list[str]], int]:
    """(rows, width) of a text; every row has `width` cells, blank columns at the right end are gone. Raises Refusal."""
    refuse_markup(text)
    told, delimiter = separator(text)
    lines = io.StringIO(text[len(told) :], newline="")
    reader = csv.reader(chain(lines, ("\r\n", END)), delimiter=delimiter)
    rows: list[list[str]] = [[separator_cell(told)]] if told else []
    before = csv.field_size_limit(limits.cell_chars)
    try:
        for row in reader:
            if len(row) > limits.columns:
                row = trimmed(row)
                if len(row) > limits.columns:
                    raise Refusal("too_many_columns", columns=len(row), limit=limits.columns)
            rows.append(row)
    except csv.Error as e:
        if "field larger" in str(e):
            raise Refusal("long_cell", row=len(rows) + 1, limit=limits.cell_chars) from e
        raise Refusal("not_split", row=len(rows) + 1) from e
    finally:
        csv.field_size_limit(before)
    if rows.pop() != [END]:
        # An open quote has swallowed all lines to the end, this one too.
        raise Refusal("not_split", row=len(rows) + 1)
    return _squared(rows)


def _squared(rows: list[list[str]]) -> tuple[list[list[str]], int]:
    width = max(map(len, rows), default=0)
    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    return rows, width


def trimmed(row: list[str]) -> list[str]:
    """A row without its blank cells at the right end."""
    end = next((i for i in range(len(row), 0, -1) if row[i - 1].strip()), 0)
    return row[:end]


def _decoded(data: bytes, names: tuple[str, ...]) -> str:
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise Refusal("nul_bytes")
        if _printable_text(text[:2000]):
            return _rather_han(data, text) if name == "utf-8" else text
    raise Refusal("no_text")


def _rather_han(data: bytes, text: str) -> str:
    """The text, unless only chance makes UTF-8 of it: a few GB18030 characters may be valid Cyrillic or Latin letters.

    Office files here have Chinese characters before they have foreign ones.
    """
    if text.isascii() or _HAN.search(text):
        return text
    try:
        other = data.decode("gb18030")
    except UnicodeDecodeError:
        return text
    return other if all(c.isascii() or _HAN.match(c) for c in other) else text


def _printable(data: bytes) -> bool:
    try:
        return _printable_text(data.decode("utf-8", "ignore")[:2000])
    except UnicodeDecodeError:
        return False


def _printable_text(text: str) -> bool:
    signs = _BLANKS.sub("", text)
    if signs.isprintable():
        return True
    return sum(1 for c in signs if not c.isprintable()) * 50 < max(len(text), 1)
