"""Every row of every sheet gets exactly one class; patterns and order are data (`row_classes.yaml`)."""

from __future__ import annotations

from functools import reduce

import pyarrow as pa

from ingest.contracts import load_yaml
from ingest.kernels import pc
from ingest.layouts import Layout
from ingest.readers import Sheet

SUMMARIES = ("subtotal", "total", "mean")


def classify(sheet: Sheet, layout: Layout | None) -> pa.Array:
    """Class of each row of a sheet; data rows are `data` until their cells are checked.

    A sheet without a template is notes and blanks.
    """
    count = sheet.table.num_rows
    if not sheet.table.num_columns:
        return pa.array(["blank"] * count, pa.string())
    columns = [c.combine_chunks() for c in sheet.table.columns]
    filled = reduce(pc.add, [pc.cast(pc.is_valid(c), pa.int32()) for c in columns])
    blank = pc.equal(filled, 0)
    if layout is None:
        return pc.if_else(blank, "blank", "note")
    first = pc.replace_substring_regex(pc.coalesce(*columns), r"\s", "")
    index = pa.array(range(count), pa.int32())
    above = pc.less(index, layout.start)
    header = pc.and_(pc.invert(above), pc.less(index, layout.start + layout.depth))
    below = pc.invert(pc.or_(above, header))
    result = pc.if_else(above, "title", "data")
    must = [columns[layout.fields[name]] for name in layout.telling]
    keyed = reduce(pc.or_, [pc.is_valid(c) for c in must])
    # A lone sentence under the first column is a footnote, a lone code there is a row that was not filled in.
    sentence = pc.fill_null(pc.match_substring_regex(first, load_yaml("row_classes")["sentence"]), False)
    lone = pc.and_(pc.and_(below, pc.equal(filled, 1)), pc.or_(pc.invert(keyed), sentence))
    result = pc.if_else(lone, "note", result)
    # A row with everything that is required is data whatever its words: a post may be called 校长(兼).
    whole = reduce(pc.and_, [pc.is_valid(c) for c in must])
    lines = pc.binary_join_element_wise(*[pc.fill_null(c, "") for c in columns], "\n")
    anywhere = pc.replace_substring_regex(lines, " ", "")
    sparse = pc.less_equal(pc.multiply(filled, 2), len(layout.fields) + len(layout.spread))
    places = {"above": above, "below": below, "both": pc.or_(above, below)}
    for entry in reversed(load_yaml("row_classes")["patterns"]):
        hit = pc.and_(_matches(anywhere, f"(?m){entry['pattern']}"), pc.or_(above, pc.invert(whole)))
        if entry["class"] in SUMMARIES:
            hit = pc.or_(hit, _matches(first, entry["pattern"]))
        else:
            hit = pc.and_(hit, pc.or_(above, sparse))
        result = pc.if_else(pc.and_(hit, places[entry["where"]]), entry["class"], result)
    result = pc.if_else(pc.or_(header, pc.and_(below, _repeats_header(columns, layout))), "header", result)
    return pc.if_else(blank, "blank", result)


def _matches(column: pa.Array, pattern: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(column, pattern), False)


def _repeats_header(columns: list[pa.Array], layout: Layout) -> pa.Array:
    """Rows that print the header again (each page of a long sheet)."""
    same = []
    for i in layout.fields.values():
        names = {columns[i][r].as_py() for r in range(layout.start, layout.start + layout.depth)} - {None}
        same.append(pc.is_in(columns[i], value_set=pa.array(sorted(names), pa.string())))
    return reduce(pc.and_, same)
