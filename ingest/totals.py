"""Lines that a sheet prints under its rows: totals, subtotals and means, held against the rows they speak for."""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from ingest.contracts import Contract, load_yaml


class Mismatch(NamedTuple):
    """A printed figure that its rows do not give: file and sheet number, 1-based row, class of the row (total,
    subtotal, mean), field or subject, column letter, both figures as text.
    """

    file_ix: int
    sheet_ix: int
    row: int
    cls: str
    field: str
    letter: str
    printed: str
    computed: str


def check_totals(con: duckdb.DuckDBPyConnection, contract: Contract) -> list[Mismatch]:
    """Total, subtotal and mean lines that do not agree with the rows they speak for, in sheet order.

    A total speaks for every data row of its sheet or for those since the total before it (a page); a subtotal for
    the block above it or, where the office writes it first, for the block below it; a mean for the rows of the
    sheet or of its block. One reading that agrees is enough. Blank cells speak for nothing.
    """
    if not con.execute("SELECT count(*) FROM base WHERE cls <> 'data'").fetchone()[0]:  # type: ignore[index]
        return []
    numbers = " UNION ALL ".join(_numbers(contract))
    if not numbers:
        return []
    settings = load_yaml("row_classes")
    block = "PARTITION BY file_ix, sheet_ix, field ORDER BY _row"
    con.execute(f"CREATE OR REPLACE TEMP TABLE figure AS {numbers}")
    return [
        Mismatch(*row)
        for row in con.execute(
            # A block's number is the count of lines above it: a line closes block `above` and opens the next.
            f"WITH n AS (SELECT *, count(*) FILTER (cls <> 'data') OVER ({block} ROWS BETWEEN UNBOUNDED PRECEDING AND "
            "1 PRECEDING) AS above, "
            f"count(*) FILTER (cls = 'total') OVER ({block} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS page "
            "FROM figure), "
            "sheet_sum AS (SELECT file_ix, sheet_ix, field, sum(v) AS added, avg(v) AS mean FROM n WHERE cls = 'data' "
            "AND v IS NOT NULL GROUP BY ALL), "
            "block_sum AS (SELECT file_ix, sheet_ix, field, above, sum(v) AS added, avg(v) AS mean FROM n "
            "WHERE cls = 'data' AND v IS NOT NULL GROUP BY ALL), "
            "page_sum AS (SELECT file_ix, sheet_ix, field, page, sum(v) AS added FROM n "
            "WHERE cls = 'data' AND v IS NOT NULL GROUP BY ALL), "
            "c AS (SELECT n.*, s.added AS s_added, s.mean AS s_mean, b.added AS b_added, b.mean AS b_mean, "
            "f.added AS f_added, p.added AS p_added "
            "FROM n JOIN sheet_sum s USING (file_ix, sheet_ix, field) "
            "LEFT JOIN block_sum b USING (file_ix, sheet_ix, field, above) "
            "LEFT JOIN block_sum f ON f.file_ix = n.file_ix AND f.sheet_ix = n.sheet_ix AND f.field = n.field "
            "AND f.above = n.above + 1 "
            "LEFT JOIN page_sum p USING (file_ix, sheet_ix, field, page) WHERE n.cls <> 'data' AND n.v IS NOT NULL) "
            "SELECT file_ix, sheet_ix, _row, cls, field, letter, text, CAST(CASE cls WHEN 'mean' THEN "
            "round(CAST(s_mean AS DECIMAL(28,4)), 4) WHEN 'subtotal' THEN coalesce(b_added, f_added) ELSE s_added END "
            "AS VARCHAR) FROM c WHERE "
            f"(cls = 'total' AND {_off('v', ('s_added', 'p_added'), settings['total_tolerance'])}) OR "
            f"(cls = 'subtotal' AND {_off('v', ('b_added', 'f_added'), settings['total_tolerance'])}) OR "
            f"(cls = 'mean' AND {_off('v', ('s_mean', 'b_mean'), settings['mean_tolerance'])}) ORDER BY ALL"
        ).fetchall()
    ]


def _off(value: str, readings: tuple[str, ...], tolerance: float) -> str:
    """No reading that exists is within the tolerance; false where none exists."""
    agrees = " OR ".join(f"coalesce(abs({value} - {r}) <= {tolerance}, false)" for r in readings)
    exists = " OR ".join(f"{r} IS NOT NULL" for r in readings)
    return f"({exists}) AND NOT ({agrees})"


def _numbers(contract: Contract) -> list[str]:
    """SELECTs of every figure that may be added down a column: (file, sheet, row, class, field, letter, text, v)."""
    parts = [
        f"SELECT b.file_ix, b.sheet_ix, b._row, b.cls, '{f.name}' AS field, l.letter, b.t_{f.name} AS text, "
        f"num(b.t_{f.name}) AS v "
        f"FROM base b JOIN letters l ON l.file_ix = b.file_ix AND l.sheet_ix = b.sheet_ix AND l.field = '{f.name}'"
        for f in contract.read_fields
        if f.additive and f.custom.get("role") != "total"
    ]
    if contract.unpivot and "blocks" not in contract.unpivot:
        # A mark of -1 stands for an absence, not for a figure.
        parts.append(
            "SELECT file_ix, sheet_ix, _row, cls, subject AS field, letter, mark AS text, "
            "CASE WHEN squeeze(mark) <> '-1' THEN num(mark) END AS v FROM mark"
        )
    return parts
