"""Rows of pupils to rows of marks: a row per pupil and subject, in the order of raw, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from ingest.kernels import pc


def unpivoted(
    pupils: Iterator[pa.Table], prefix: Sequence[str], items: Sequence[str], rows: int
) -> Iterator[tuple[pa.Table, np.ndarray, np.ndarray, np.ndarray]]:
    """(pupils, pupil of each mark, slot of each mark, code of each mark), `rows` marks at a time and the rest.

    `pupils` come sorted by `prefix` and what follows the item in the order of raw, each piece with columns `c_<slot>`
    (NULL: no mark). Marks come sorted by prefix, item, and the pupils' own order, however the pieces were cut.
    """
    order = sorted(range(len(items)), key=lambda k: items[k].encode())
    table: pa.Table | None = None
    pupil, slot, code = (np.zeros(0, t) for t in (np.int32, np.int8, np.int32))
    for piece in _whole_groups(pupils, prefix):
        p, s, c = _spread(piece, prefix, order)
        base = 0 if table is None else table.num_rows
        table = piece if table is None else pa.concat_tables([table, piece])
        pupil, slot, code = np.append(pupil, p + base), np.append(slot, s), np.append(code, c)
        while len(pupil) >= rows:
            yield table, pupil[:rows], slot[:rows], code[:rows]
            pupil, slot, code = pupil[rows:], slot[rows:], code[rows:]
        if table is not None:
            first = int(pupil.min()) if len(pupil) else table.num_rows
            table, pupil = table.slice(first), pupil - first
    if table is not None and len(pupil):
        yield table, pupil, slot, code


def _spread(piece: pa.Table, prefix: Sequence[str], order: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, k = len(piece), len(order)
    starts = np.flatnonzero(_changes(piece, prefix))
    sizes = np.diff(np.append(starts, n))
    start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    at = start * k + (np.arange(n) - start)
    pupil, slot, code = np.empty(n * k, np.int32), np.empty(n * k, np.int8), np.empty(n * k, np.int32)
    for nth, s in enumerate(order):
        where = at + nth * size
        pupil[where] = np.arange(n)
        slot[where] = s
        code[where] = pc.fill_null(piece.column(f"c_{s}"), -1).to_numpy()
    there = code >= 0
    return pupil[there], slot[there], code[there]


def _changes(piece: pa.Table, prefix: Sequence[str]) -> np.ndarray:
    """Where a row differs from the one before it in the columns of the prefix; true for the first."""
    changed = np.zeros(len(piece), bool)
    changed[:1] = True
    for name in prefix:
        column = piece.column(name).combine_chunks().dictionary_encode()
        codes = pc.fill_null(column.indices, -1).to_numpy()
        changed[1:] |= codes[1:] != codes[:-1]
    return changed


def _whole_groups(pieces: Iterator[pa.Table], prefix: Sequence[str]) -> Iterator[pa.Table]:
    """The same rows, cut only between groups of equal prefix."""
    held: list[pa.Table] = []
    for piece in pieces:
        if not len(piece):
            continue
        held.append(piece)
        whole = pa.concat_tables(held)
        cut = int(np.flatnonzero(_changes(whole, prefix))[-1])
        if cut:
            yield whole.slice(0, cut)
        held = [whole.slice(cut)]
    if held:
        yield pa.concat_tables(held)


def coded(column: pa.ChunkedArray | pa.Array, index: np.ndarray) -> pa.DictionaryArray:
    """Texts at the given positions, each different one kept once, in the order of the text."""
    found = (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).dictionary_encode()
    if len(found.dictionary) == 1 and not found.null_count:
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(index), np.int32)), found.dictionary)
    return compact(found.dictionary, pc.fill_null(found.indices, -1).to_numpy()[index])


def compact(values: pa.Array, codes: np.ndarray) -> pa.DictionaryArray:
    """`values` at `codes` (-1: NULL) with a dictionary of what occurs, in the order of the text: it depends on the
    content alone.
    """
    # The last place is that of NULL: -1 leads there too.
    seen = np.zeros(len(values) + 1, bool)
    seen[codes] = True
    used = np.flatnonzero(seen[:-1])
    texts = values.take(pa.array(used))
    rank = np.full(len(values) + 1, -1, np.int32)
    order = pc.sort_indices(texts).to_numpy()
    rank[used[order]] = np.arange(len(used), dtype=np.int32)
    indices = np.take(rank, codes)
    nothing = indices < 0 if seen[-1] else None
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32(), mask=nothing), texts.take(pa.array(order)))
