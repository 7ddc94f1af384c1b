"""What a file is, told by its first bytes and never by its name: workbook, text, or something that is no table."""

from __future__ import annotations

import re

from ingest.chains import check_chains
from ingest.refusals import Refusal

ZIP, OLE, TEXT = "zip", "ole", "text"
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_END = b"PK\x05\x06"
_MARKS = (
    (b"PK\x03\x04", ZIP),
    (_OLE_MARK, OLE),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (_ZIP_END, "blank"),
    (b"PK\x07\x08", "archive"),
    (b"{\\rtf", "document"),
    (b"\x7fELF", "program"),
    (b"MZ\x90", "program"),
    (b"SQLite format 3\x00", "program"),
    (b"PAR1", "program"),
)
_WEB = re.compile(r"<(!doctype\s+html|html|head|body|table|meta|div)\b", re.I)
# Streams of compound files: WPS writes .et under the names that Excel uses.
_OLE_NAMES = (("EncryptedPackage", "locked"), ("WordDocument", "document"), ("PowerPoint Document", "slides"))
_OLE_SECTOR = 512
# Records of a workbook in BIFF: its beginning, and the one that says that all after it is encrypted.
_BEGIN, _PASSWORD, _FIRST_RECORDS = b"\x09\x08", b"\x2f\x00", 20


def kind_of(data: bytes) -> str:
    """`zip`, `ole` or `text`. Raises Refusal for bytes that are known to be something else."""
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refusal("empty")
    for mark, kind in _MARKS:
        if data.startswith(mark):
            if kind not in (ZIP, OLE) and not (mark == b"BM" and _is_text(data)):
                raise Refusal(kind)
            return kind if kind in (ZIP, OLE) else TEXT
    return TEXT


def _is_text(data: bytes) -> bool:
    """Two letters are a thin mark: a bitmap says its own length after them."""
    return int.from_bytes(data[2:6], "little") != len(data)


def refuse_markup(text: str) -> None:
    """Raises Refusal for a web page or a sheet in XML."""
    head = text[:4000].lstrip("\ufeff \t\r\n")
    if head.startswith(("<?xml", "<Workbook")):
        own = "urn:schemas-microsoft-com:office:spreadsheet" in head
        raise Refusal("html" if _WEB.search(head) and not own else "xml_sheet")
    if head.startswith("<") and _WEB.match(head):
        raise Refusal("html")
    if head.startswith("MIME-Version:"):
        raise Refusal("html")


def inspect_ole(data: bytes) -> list[str]:
    """Remarks on a compound file (.xls, .et). Raises Refusal for what is locked or is no workbook."""
    names = _ole_names(data)
    for name, code in _OLE_NAMES:
        if name in names:
            raise Refusal(code)
    if not names & {"Workbook", "Book"}:
        raise Refusal("damaged")
    check_chains(data)
    if _has_password(data):
        raise Refusal("locked")
    return ["macros"] if "_VBA_PROJECT_CUR" in names else []


def one_book(data: bytes) -> bytes:
    """A workbook's bytes as whoever opens it should see them: a compound file is no zip package besides.

    A package may lie in one, embedded or appended. Where the library cannot read the compound file it tries the
    package, which is another workbook and which nobody has looked through. Without its end it is none.
    """
    return data.replace(_ZIP_END, b"PK\x00\x00") if data.startswith(_OLE_MARK) else data


def _has_password(data: bytes) -> bool:
    """Among the first records of the workbook's stream is one that says it is encrypted."""
    at = _OLE_SECTOR
    while at < len(data) and data[at : at + 2] != _BEGIN:
        at += _OLE_SECTOR
    for _ in range(_FIRST_RECORDS):
        kind, length = data[at : at + 2], int.from_bytes(data[at + 2 : at + 4], "little")
        if kind == _PASSWORD:
            return True
        at += 4 + length
    return False


def _ole_names(data: bytes) -> set[str]:
    """Names in the directory: entries of 128 bytes, each beginning with its name and ending with the name's length."""
    names = set()
    known = ("Workbook", "Book", "_VBA_PROJECT_CUR", *(n for n, _ in _OLE_NAMES))
    for name in known:
        raw = name.encode("utf-16-le") + b"\x00\x00"
        at = data.find(raw, _OLE_SECTOR)
        while at >= 0:
            if at % 128 == 0 and int.from_bytes(data[at + 64 : at + 66], "little") == len(raw):
                names.add(name)
                break
            at = data.find(raw, at + 2)
    return names
