"""What is known of the rows of files that are not loaded: they wait, were turned away whole, or fit no template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import reduce

import sqlalchemy as sa

from ingest.documents import Document
from ingest.kernels import pc
from ingest.readers import Book, Sheet
from ingest.texts import mask
from warehouse import ledger as l

# Class of rows of data in a file that is not loaded, by what became of the file.
_DATA = {"waiting": "data_waiting", "rejected": "data_rejected"}
UNREAD = "unread"
# Longer sheets are counted, not looked at.
_LOOKED_AT = 200_000

Counts = Counter[tuple[str, str]]


def count_document(document: Document) -> Counts:
    """(sheet, class) -> rows of a document; `data` is not told apart yet."""
    found: Counts = Counter()
    for reading in document.sheets:
        for cls, n in reading.counts().items():
            found[(reading.name, cls)] += n
    return found


def count_book(book: Book) -> Counts:
    """(sheet, class) -> rows of a file that fits no template: its blank rows, all others are `unread`."""
    found: Counts = Counter()
    for sheet in book.sheets:
        blank = _blank(sheet)
        found[(mask(sheet.name), "blank")] += blank
        found[(mask(sheet.name), UNREAD)] += sheet.table.num_rows - blank
    return found


def keep_counts(ledger: l.Ledger, counts: Mapping[str, Counts], scope: str) -> None:
    """Enter the row classes of files that are waiting or rejected in `scope`, by sha256; drop those of claims that are
    gone."""
    s = l.submission.c
    hashes = sorted(counts)
    with ledger.transaction() as connection:
        for part in (hashes[i : i + 500] for i in range(0, len(hashes), 500)):
            wanted = sa.select(s.submission_id, s.file_sha256, s.status).where(
                s.file_sha256.in_(part), s.scope == scope
            )
            rows = []
            for ident, sha, status in connection.execute(wanted).all():
                total: Counts = Counter()
                for (sheet, cls), n in counts[sha].items():
                    total[(sheet, _DATA.get(status, cls) if cls == "data" else cls)] += n
                rows += [
                    {"submission_id": ident, "sheet": sheet, "row_class": cls, "row_count": n}
                    for (sheet, cls), n in sorted(total.items())
                    if n
                ]
            ids = sorted({r["submission_id"] for r in rows})
            for some in (ids[i : i + 500] for i in range(0, len(ids), 500)):
                connection.execute(sa.delete(l.row_class).where(l.row_class.c.submission_id.in_(some)))
            if rows:
                connection.execute(sa.insert(l.row_class), rows)
        connection.execute(sa.delete(l.row_class).where(l.row_class.c.submission_id.not_in(sa.select(s.submission_id))))


def _blank(sheet: Sheet) -> int:
    table = sheet.table
    if not table.num_columns:
        return table.num_rows
    if table.num_rows > _LOOKED_AT:
        return 0
    nothing = reduce(pc.and_, (pc.is_null(table.column(i)) for i in range(table.num_columns)))
    return int(pc.sum(nothing).as_py() or 0)
