"""Row classes of very long sheets: plain data rows are told in blocks, the rest by the rules of every sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.bulk import BulkSheet, release
from ingest.contracts import load_yaml
from ingest.kernels import pc
from ingest.layouts import Layout
from ingest.readers import Sheet
from ingest.rows import SUMMARIES, classify

# Rows looked at together.
BLOCK_ROWS = 1 << 17
# Sheets up to so many rows are looked at together, so many at once.
SHORT_ROWS, GROUP_SHEETS = 2_000, 1_000


def classes_of(sheet: Sheet, layout: Layout | None) -> pa.Array:
    """What `rows.classify` gives; for a sheet that lies on disk without its cells being in memory at once."""
    if not isinstance(sheet, BulkSheet) or layout is None or not sheet.table.num_columns:
        return classify(sheet, layout)
    odd = [np.arange(min(layout.start + layout.depth, sheet.table.num_rows))]
    for first in range(layout.start + layout.depth, sheet.table.num_rows, BLOCK_ROWS):
        odd.append(first + _not_plain(sheet.table.slice(first, BLOCK_ROWS), sheet, layout))
        release(sheet)
    rows = np.concatenate(odd)
    # The header's rows come first in the excerpt, so that its rules see the same sheet, only shorter.
    excerpt = Sheet(sheet.name, sheet.hidden, sheet.table.take(pa.array(rows)).combine_chunks())
    found = classify(excerpt, layout).dictionary_encode()
    names = [*found.dictionary.to_pylist(), "data"]
    codes = np.full(sheet.table.num_rows, len(names) - 1, np.int8)
    codes[rows] = found.indices.to_numpy()
    return pa.array(names, pa.string()).take(pa.array(codes))


def classes_of_many(sheets: Sequence[tuple[Sheet, Layout | None]]) -> list[pa.Array]:
    """`classes_of` each sheet; short sheets that have the same headers in the same places are looked at as one."""
    classes: list[pa.Array] = [None] * len(sheets)
    alike: dict[tuple[Any, ...], list[int]] = {}
    for i, (sheet, layout) in enumerate(sheets):
        if layout is None or layout.depth > 1 or sheet.table.num_rows > SHORT_ROWS:
            classes[i] = classes_of(sheet, layout)
            continue
        places = (tuple(layout.fields.items()), tuple(layout.spread.items()), tuple(layout.headers.items()))
        form = (layout.contract.source, layout.start, sheet.table.num_columns, *places)
        alike.setdefault(form, []).append(i)
    for group in alike.values():
        for first in range(0, len(group), GROUP_SHEETS):
            part = group[first : first + GROUP_SHEETS]
            for i, found in zip(part, _together([sheets[i] for i in part]), strict=True):
                classes[i] = found
    return classes


def _together(sheets: list[tuple[Sheet, Layout | None]]) -> Iterator[pa.Array]:
    """Classes of sheets with one header: what is above the headers, the header once, what is below them."""
    layout = sheets[0][1]
    if layout is None or len(sheets) == 1:
        yield from (classify(s, at) for s, at in sheets)
        return
    start, end = layout.start, layout.start + layout.depth
    tables = [s.table for s, _ in sheets]
    parts = [
        *(t.slice(0, start) for t in tables),
        tables[0].slice(start, layout.depth),
        *(t.slice(end) for t in tables),
    ]
    whole = Sheet("", False, pa.concat_tables(parts).combine_chunks())
    found = classify(whole, replace(layout, start=start * len(sheets)))
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    header = found.slice(start * len(sheets), layout.depth)
    at = start * len(sheets) + layout.depth
    for n, table in enumerate(tables):
        below = table.num_rows - end
        yield pa.concat_arrays([found.slice(start * n, start), header, found.slice(at, below)])
        at += below


def _not_plain(part: pa.Table, sheet: Sheet, layout: Layout) -> np.ndarray:
    """Positions of the rows that may be no data: not everything required is there, the first cell may name a summary,
    or the header may be printed again.
    """
    required = [part.column(layout.fields[name]) for name in layout.telling]
    odd = pc.invert(reduce(pc.and_, [pc.is_valid(c) for c in required]))
    filled = reduce(pc.add, [pc.cast(pc.is_valid(c), pa.int32()) for c in part.columns])
    odd = pc.or_(odd, pc.less(filled, 2))
    first = pc.coalesce(*part.columns, "") if part.column(0).null_count else part.column(0)
    if pc.any(pc.match_substring(first, " ")).as_py():
        first = pc.replace_substring(first, " ", "")
    for entry in load_yaml("row_classes")["patterns"]:
        if entry["class"] in SUMMARIES:
            odd = pc.or_(odd, pc.match_substring_regex(first, entry["pattern"]))
    key = next(iter(layout.fields.values()))
    header = {sheet.table.column(key)[r].as_py() for r in range(layout.start, layout.start + layout.depth)} - {None}
    again = pc.is_in(part.column(key), value_set=pa.array(sorted(header), pa.string()))
    return np.flatnonzero(pc.or_(odd, again).to_numpy())
