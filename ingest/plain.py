"""Cleaning of long columns: what is plain already is told by its bytes, what repeats is cleaned once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ingest.kernels import pc
from ingest.texts import clean_array

# Before a number it is dropped.
_APOSTROPHE = 0x27
# Bytes of cells in which nothing has to be folded, dropped or trimmed: printable ASCII without the space.
_FIRST, _LAST = 0x21, 0x7E
_NONE = pa.scalar(None, pa.string())
# Signs of which a cell that says "nothing" is made, in ASCII; and what such a cell looks like.
_DASHES = np.frombuffer(b"-/\\", np.uint8)
_ONLY_DASHES = r"^[-/\\]+$"
# A column is cleaned by its different texts when they are fewer than one in so many cells.
_REPEATS = 3


def clean_column(column: pa.Array) -> pa.Array:
    """What `texts.clean_array` gives, for a text column without nulls, at the cost of its different texts."""
    seen = _bytes_of(column)
    if not len(seen):
        return pa.nulls(len(column), pa.string())
    if seen.min() >= _FIRST and seen.max() <= _LAST and not (seen == _APOSTROPHE).any():
        nothing = pc.equal(pc.binary_length(column), 0)
        if np.isin(_DASHES, seen).any():
            nothing = pc.or_(nothing, pc.match_substring_regex(column, _ONLY_DASHES))
        return pc.if_else(nothing, _NONE, column)
    coded = column.dictionary_encode()
    if len(coded.dictionary) * _REPEATS > len(column):
        return clean_array(column)
    return clean_array(coded.dictionary).take(coded.indices)


def _bytes_of(column: pa.Array) -> np.ndarray:
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    data = column.buffers()[2]
    if data is None or not len(offsets):
        return np.zeros(0, np.uint8)
    return np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]
