"""Cleaning of whole columns: what is clean already is told by its bytes, what repeats is cleaned once."""

from __future__ import annotations

import pyarrow as pa

from ingest.texts import clean_array, is_clean

# A column is cleaned by its different texts when they are fewer than one in so many cells.
_REPEATS = 3


def clean_column(column: pa.Array) -> pa.Array:
    """What `texts.clean_array` gives, at the cost of its different texts."""
    if is_clean(column):
        return clean_array(column)
    coded = column.dictionary_encode()
    if len(coded.dictionary) * _REPEATS > len(column):
        return clean_array(column)
    return clean_array(coded.dictionary).take(coded.indices)
