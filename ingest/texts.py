"""Text as it must be before anything is compared: folded forms, no invisible characters, identifiers masked."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa

from ingest.kernels import pc

# Identity card, 学籍号 (G/J + card, L + 18 digits): anywhere in a text.
# Told from other long numbers (credit codes of units) by the birth date inside.
_CARD = r"[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{3}[0-9Xx]"
IDENTIFIER = re.compile(rf"(?<![0-9])[GJLgjl]?{_CARD}(?![0-9])")
IDENTIFIER_SQL = rf"(^|[^0-9]){_CARD}($|[^0-9])"
INVISIBLE = "[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\u0000-\u0008\u000b-\u001f]"
_NONE = "^[-—–―/\\\\]+$"
_NULL = pa.scalar(None, pa.string())
# A spreadsheet's sign that a number is meant as text; it stays in exported tables and says nothing.
_TEXT_NUMBER = "^['‘’]([-+]?[0-9][-+0-9A-Za-z.,%]*|[GJLgjl][0-9]{17}[0-9Xx])$"


def _bytes_of(*ranges: tuple[int, int]) -> np.ndarray:
    found = np.zeros(256, bool)
    for first, last in ranges:
        found[first : last + 1] = True
    return found


# Bytes of UTF-8 that cleaning may change: control characters, the space, the apostrophe, and the first bytes of all
# characters but the ideographs from U+4000 to U+9FFF, which are their own normal form.
_TOUCHED = _bytes_of((0x00, 0x20), (0x27, 0x27), (0x7F, 0x7F), (0xC0, 0xE3), (0xEA, 0xFF))
_DASHES = _bytes_of((0x2D, 0x2D), (0x2F, 0x2F), (0x5C, 0x5C))


def clean_array(column: pa.Array) -> pa.Array:
    """Fold full-width forms and NBSP (NFKC), drop invisible characters and the apostrophe before a number, trim.

    Blank cells and dashes become null. A column in which no byte needs any of that is told by its bytes alone.
    """
    if is_clean(column):
        nothing = pc.equal(column, "")
        if _DASHES[text_bytes(column)].any():
            nothing = pc.or_(nothing, pc.match_substring_regex(column, _NONE))
        return pc.if_else(nothing, _NULL, column)
    column = pc.utf8_normalize(column, form="NFKC")
    column = pc.replace_substring_regex(column, INVISIBLE, "")
    column = pc.utf8_trim_whitespace(pc.replace_substring_regex(column, "[\\s\u3000]+", " "))
    column = pc.replace_substring_regex(column, _TEXT_NUMBER, "\\1")
    nothing = pc.or_(pc.equal(column, ""), pc.match_substring_regex(column, _NONE))
    return pc.if_else(nothing, _NULL, column)


def is_clean(column: pa.Array) -> bool:
    """No byte of the column's texts can be changed by cleaning; blank cells and dashes aside."""
    return not _TOUCHED[text_bytes(column)].any()


def text_bytes(column: pa.Array) -> np.ndarray:
    """The bytes of all texts of a column, one after the other."""
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]


def header_form(text: str) -> str:
    """How headers are compared: NFKC, no spaces, no required-mark, lower case, one kind of bracket and colon."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(INVISIBLE, "", text)
    # What was apart by a space may be one sign now.
    text = unicodedata.normalize("NFKC", re.sub(r"[\s*★]+", "", text).lower())
    return text.translate(str.maketrans("[]{}【】〔〕", "()()()()")).replace("其中女", "其中:女")


def mask(text: str) -> str:
    """Hide identity numbers in a name that is written outside the identity zone."""
    return IDENTIFIER.sub("***", text)


@cache
def letter(index: int) -> str:
    """Column letter of a 0-based column index: 0 -> A, 26 -> AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
