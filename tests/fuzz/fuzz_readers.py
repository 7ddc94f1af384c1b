"""Fuzz target (atheris) of the readers: any bytes are a book or a refusal, and nothing else.

`make fuzz SECONDS=60`. What it finds is written beside the corpus as `crash-*`; make it a case of `tests/hostile`.
"""

from __future__ import annotations

import re
import sys

import atheris

with atheris.instrument_imports(include=["ingest"]):
    from ingest.limits import Limits
    from ingest.readers import Book, read_book
    from warehouse.errors import SchoolhouseError

# As in a reading process, and smaller: a finding is a fault, not a file that is merely large.
LIMITS = Limits.load({"SCHOOLHOUSE_READ_CELLS": "200000", "SCHOOLHOUSE_READ_UNPACKED_MB": "32"})


# A cell of an old workbook beyond column 256: the parser asks for more memory than there is, which ends the process. In
# the house that is a reading process, and the office reads one line (`cell_in_the_far_corner` of tests/hostile).
# Records of a number, RK, shared text, truth, label, formula and several RK: kind, length, row, column.
_OLD, _HEADER = b"\xd0\xcf\x11\xe0", 512
_FAR_CELL = re.compile(
    rb"(?s)(?:\x03\x02\x0e\x00|\x7e\x02\x0a\x00|\xfd\x00\x0a\x00|\x05\x02\x08\x00|\x04\x02.[\x00-\x20]"
    rb"|\x06\x00[\x14-\xff][\x00-\x20]|\xbd\x00[\x0a-\xff][\x00-\x20])...[^\x00]"
)


def target(data: bytes) -> None:
    if data.startswith(_OLD) and _FAR_CELL.search(data, _HEADER):
        return
    try:
        book = read_book(data, LIMITS)
    except SchoolhouseError as e:
        if not e.line("zh") or "\n" in e.line("en"):
            raise AssertionError("a refusal is one line") from e
        return
    if not isinstance(book, Book):
        raise AssertionError("no book")
    for sheet in book.sheets:
        if sheet.table.num_rows and all(c is None for c in sheet.row(sheet.table.num_rows - 1)):
            raise AssertionError("blank rows at the end")


if __name__ == "__main__":
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
