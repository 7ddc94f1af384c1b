"""Workbooks that are zip packages, looked through before a parser sees them: sizes, names, entities, extents.

Every part is unpacked once, a block at a time and no further than its declared size, so that what the parser unpacks
afterwards is known.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.limits import Limits
from ingest.refusals import Refusal

_BLOCK = 1 << 20
_TAIL = 512
_EOCD = b"PK\x05\x06"
_LOCAL = b"PK\x03\x04"
# Flags that say nothing about how a part is to be unpacked: speed of packing, sizes after the part, names in UTF-8.
_FLAGS = 0x080E
_BIG_PART = 8 << 20
# Parts up to this size are searched cell by cell for their extent; larger ones by a sample of each block.
_SEARCHED = 32 << 20
_SAMPLE = 1 << 14
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml$", re.I)
_NESTED = (".zip", ".rar", ".7z", ".gz", ".xlsx", ".xls", ".docx", ".pptx")
_DECLARATIONS = (b"<!D", b"<!E")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s+ref=[\"'](?:[A-Z]+[0-9]+:)?([A-Z]{1,8})([0-9]{1,12})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{1,8})([0-9]{1,12})[\"'][^>]*(?<!/)>")
# A cell that lies far out: in a column of three letters or a row of five digits. The others are in so many:
_NEAR_COLUMNS, _NEAR_ROWS = 26 + 26 * 26, 9_999
_FAR = re.compile(rb"r=[\"'](?:[A-Z]{3}|[A-Z]{1,2}[0-9]{5})")
_ERROR = re.compile(
    rb"<(?:\w+:)?c\s([^>]*?\bt=[\"']e[\"'][^>]*)>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>(#[A-Z0-9/!?_]+)</v>"
)
_REF = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_UNSAVED = (b"</f></c>", b"</f><v></v>", b"</f><v/>", b"</f><v />")
_REPEATED = re.compile(rb"number-(?:columns|rows)-repeated=[\"']([0-9]+)[\"']")
# What a sheet can have at most by its own format.
_FORMAT_ROWS, _FORMAT_COLUMNS = 1 << 20, 1 << 14


@dataclass
class Package:
    """What is known of a package: `xlsx`, `xlsb` or `ods`, its remarks, and the formula errors of each sheet part."""

    kind: str
    notes: list[str] = field(default_factory=list)
    errors: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    unsaved: int = 0


def inspect(data: bytes, limits: Limits) -> Package:
    """Look a package through. Raises Refusal for whatever is dangerous, damaged, or no workbook."""
    _check_directory(data, limits)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = [i for i in archive.infolist() if not i.filename.endswith("/")]
        _check_names(infos)
        _check_sizes(infos, len(data), limits)
        package = Package(_kind(archive, {_name(i) for i in infos}))
        for info in infos:
            _search(archive, info, package, limits, data)
    except Refusal:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        LookupError,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
    ) as e:
        raise Refusal("damaged") from e
    _remark(package, {_name(i).lower() for i in infos})
    return package


def column_index(letters: str | bytes) -> int:
    """0-based index of a column's letters: A -> 0, AA -> 26."""
    index = 0
    for c in letters.encode() if isinstance(letters, str) else letters:
        index = index * 26 + c - 64
    return index - 1


def _name(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _check_directory(data: bytes, limits: Limits) -> None:
    """The directory's own size, before anything is made of its entries."""
    at = data.rfind(_EOCD, max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        raise Refusal("damaged")
    count = int.from_bytes(data[at + 10 : at + 12], "little")
    size = int.from_bytes(data[at + 12 : at + 16], "little")
    if count > limits.parts or size > limits.parts * 512:
        raise Refusal("too_many_parts", parts=count, limit=limits.parts)


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    end = 0
    for info in sorted(infos, key=lambda i: i.header_offset):
        name = _name(info)
        if info.header_offset < 0 or not name:
            raise Refusal("damaged")
        # `orig_filename` still has what follows a zero byte.
        if name.startswith("/") or ":" in name or ".." in name.split("/") or "\x00" in info.orig_filename:
            raise Refusal("unsafe_names")
        if name.lower() in seen or info.header_offset < end:
            raise Refusal("ambiguous_parts")
        seen.add(name.lower())
        end = info.header_offset + info.compress_size
        if info.flag_bits & 1:
            raise Refusal("locked")


def _check_sizes(infos: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    total = sum(i.file_size for i in infos)
    if total > limits.unpacked_mb << 20:
        raise Refusal("bomb")
    for i in infos:
        if i.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or i.compress_size > packed:
            raise Refusal("damaged")
        if i.file_size > _BIG_PART and i.file_size > limits.unpacked_ratio * max(i.compress_size, 1):
            raise Refusal("bomb")


def _kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    lower = {n.lower() for n in names}
    if "xl/workbook.xml" in lower:
        return "xlsx"
    if "xl/workbook.bin" in lower:
        return "xlsb"
    if any(n.startswith("word/") for n in lower):
        raise Refusal("document")
    if any(n.startswith("ppt/") for n in lower):
        raise Refusal("slides")
    if "encryptedpackage" in lower:
        raise Refusal("locked")
    if "content.xml" in lower:
        mime = archive.read("mimetype")[:200] if "mimetype" in names else b"opendocument.spreadsheet"
        if b"opendocument.spreadsheet" in mime:
            return "ods"
        raise Refusal("slides" if b"presentation" in mime else "document")
    if any(_SHEET.search(n) or n == "[content_types].xml" for n in lower):
        raise Refusal("damaged")
    raise Refusal("archive")


def _search(archive: zipfile.ZipFile, info: zipfile.ZipInfo, package: Package, limits: Limits, data: bytes) -> None:
    """Unpack one part and look for what must not be there; its check sum and size are proven on the way."""
    name = _name(info)
    xml = name.lower().endswith((".xml", ".rels", ".vml"))
    extent = _Extent(limits, info.file_size) if _SHEET.search(name) else None
    if not xml:
        for _ in _unpacked(archive, info, data):
            pass
    else:
        tail, offset = b"", 0
        for block in _unpacked(archive, info, data):
            window = tail + block
            if offset == 0 and block.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")):
                # The parsers read UTF-8; in another encoding the search below would see nothing.
                raise Refusal("damaged")
            # One byte is found many times faster than three: most parts have no such byte.
            if b"!" in window and any(d in window for d in _DECLARATIONS):
                raise Refusal("xml_entities")
            if extent:
                extent.add(window, first=offset == 0)
                _find_errors(window, name, package)
                package.unsaved += _unsaved(block if extent.whole else block[:_SAMPLE])
            elif package.kind == "ods" and name == "content.xml":
                _check_repeats(window, limits)
            elif package.kind == "ods" and name == "META-INF/manifest.xml" and b"encryption-data" in window:
                raise Refusal("locked")
            tail, offset = window[-_TAIL:], offset + len(block)
    if extent:
        extent.check()


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, data: bytes) -> Iterator[bytes]:
    """The bytes of one part, a block at a time; a small part in one go, without the machinery for large ones.

    Raises zipfile.BadZipFile when its name, its size or its check sum is not what the directory says.
    """
    at = info.header_offset
    size, flags = int.from_bytes(data[at + 18 : at + 22], "little"), int.from_bytes(data[at + 6 : at + 8], "little")
    name, extra = (int.from_bytes(data[at + i : at + i + 2], "little") for i in (26, 28))
    plain = data[at : at + 4] == _LOCAL and not flags & ~_FLAGS and not info.flag_bits & ~_FLAGS
    same = data[at + 30 : at + 30 + name] == info.orig_filename.encode("utf-8")
    if info.file_size > _BLOCK or not (plain and same and size in (0, info.compress_size)):
        with archive.open(info) as part:
            while block := part.read(_BLOCK):
                yield block
        return
    start = at + 30 + name + extra
    packed = data[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_DEFLATED:
        machine = zlib.decompressobj(-zlib.MAX_WBITS)
        packed = machine.decompress(packed, info.file_size + 1)
        if not machine.eof:
            raise zipfile.BadZipFile("a part does not end where it should")
    if len(packed) != info.file_size or zlib.crc32(packed) != info.CRC:
        raise zipfile.BadZipFile("a part is not what the directory says")
    yield packed


class _Extent:
    """How far a sheet goes: its last filled cell, not what it declares."""

    def __init__(self, limits: Limits, size: int) -> None:
        self.limits, self.whole = limits, size <= _SEARCHED
        # Then no place needs a look in a sheet of which no cell lies far out: the usual one.
        self.near_is_small = limits.columns >= _NEAR_COLUMNS and limits.cells >= _NEAR_COLUMNS * _NEAR_ROWS
        self.rows = self.columns = self.declared = 0

    def add(self, window: bytes, *, first: bool) -> None:
        found = _DIMENSION.search(window[:_SAMPLE]) if first else None
        if found:
            self.declared = int(found[2])
        part = window if self.whole else window[:_SAMPLE]
        if self.near_is_small and self.whole and not _FAR.search(part):
            return
        cells = _CELL.findall(part)
        if cells:
            letters, rows = map(set, zip(*cells, strict=True))
            self.rows = max(self.rows, *map(int, rows))
            self.columns = max(self.columns, *(column_index(c) + 1 for c in letters))

    def check(self) -> None:
        if not self.whole:
            # A sheet of this size is no lie about emptiness: what it declares counts.
            self.rows = max(self.rows, self.declared)
        if self.rows > _FORMAT_ROWS or self.columns > _FORMAT_COLUMNS or self.rows * self.columns > self.limits.cells:
            raise Refusal("too_many_cells", rows=self.rows, columns=self.columns)
        if self.columns > self.limits.columns:
            raise Refusal("too_many_columns", columns=self.columns, limit=self.limits.columns)


def _find_errors(window: bytes, name: str, package: Package) -> None:
    if b"#" not in window:
        return
    for attributes, text in _ERROR.findall(window):
        ref = _REF.search(attributes)
        if ref:
            place = (int(ref[2]) - 1, column_index(ref[1]))
            package.errors.setdefault(name, {})[place] = text.decode("ascii")


def _unsaved(block: bytes) -> int:
    """Formulas without a value."""
    return sum(block.count(u) for u in _UNSAVED) if b"</f>" in block else 0


def _check_repeats(window: bytes, limits: Limits) -> None:
    for number in _REPEATED.findall(window):
        if len(number) > 7 or int(number) > _FORMAT_ROWS:
            raise Refusal("too_many_cells", rows=number.decode(), columns=1)


def _remark(package: Package, names: set[str]) -> None:
    if any(n.endswith("vbaproject.bin") or n.startswith(("xl/macrosheets/", "basic/")) for n in names):
        package.notes.append("macros")
    if any(n.startswith("xl/externallinks/") for n in names):
        package.notes.append("external_links")
    if any(n.startswith("xl/embeddings/") or n.endswith(_NESTED) for n in names):
        package.notes.append("embedded_files")
