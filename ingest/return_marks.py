"""What the office writes into a return sheet, and how ingest knows it again when the school sends the sheet back."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.contracts import load_yaml
from ingest.kernels import pc
from ingest.readers import Sheet

NOTE_SHEET = "退回说明"
REASON_HEADER = "退回原因及改法(系统填写)"
# Printed in the note sheet; `SR-` and the id of the submission that it answers.
RECEIPT = re.compile(r"\bSR-([0-9a-f]{32})\b")
# Rows of the note sheet in which the receipt may stand.
_TOP = 10


def receipt(submission_id: str) -> str:
    return f"SR-{submission_id}"


def read_receipt(sheet: Sheet) -> str | None:
    """The submission that a note sheet answers; None for a sheet that is no note of ours."""
    if not sheet.name.strip().startswith(NOTE_SHEET):
        return None
    for row in range(min(_TOP, sheet.table.num_rows)):
        for cell in sheet.row(row):
            found = RECEIPT.search(cell or "")
            if found:
                return found[1]
    return None


def without_reasons(sheet: Sheet) -> Sheet:
    """The sheet without the column of reasons: what the office wrote is nobody's data. Columns keep their places."""
    table = sheet.table
    settings = load_yaml("row_classes")
    rows, written = settings["header_search_rows"], re.sub(r"\s", "", REASON_HEADER)
    seen = sheet.top(rows + settings["header_max_depth"])
    if not any(cell and written[0] in cell for row in seen for cell in row):
        return sheet
    top = table.slice(0, rows)
    keep = []
    for name in table.column_names:
        cells = pc.replace_substring_regex(top.column(name), r"\s", "")
        keep.append(not pc.any(pc.equal(cells, written)).as_py())
    if all(keep):
        return sheet
    # Only the last column is ours: one that somebody moved between others is blanked, so that letters hold.
    while keep and not keep[-1]:
        keep.pop()
        table = table.select(table.column_names[:-1])
    for i, wanted in enumerate(keep):
        if not wanted:
            blank = pc.if_else(pc.is_valid(table.column(i)), None, table.column(i))
            table = table.set_column(i, table.column_names[i], blank)
    return replace(sheet, table=table)
