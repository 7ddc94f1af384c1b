"""Row classes of very long sheets: plain data rows are told in blocks, the rest by the rules of every sheet."""

from __future__ import annotations

from functools import reduce

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


def _not_plain(part: pa.Table, sheet: Sheet, layout: Layout) -> np.ndarray:
    """Positions of the rows that may be no data: not everything required is there, the first cell may name a summary,
    or the header may be printed again.
    """
    required = [
        part.column(layout.fields[f.name])
        for f in layout.contract.read_fields
        if f.required and f.name in layout.fields
    ]
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
