"""Workbooks written by hand, byte by byte, so that each can be wrong in one place. Nothing of the house is used."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[object]]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Raw(str):
    """XML of a whole cell, written as it is; `{ref}` is the place."""


def letters(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def cell(value: object, ref: str) -> str:
    if isinstance(value, Raw):
        return value.replace("{ref}", ref)
    if value is None or value == "":
        return ""
    if isinstance(value, int | float):
        return f'<c r="{ref}"><v>{value!r}</v></c>'
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def sheet_xml(rows: Rows, *, dimension: str = "", prolog: str = HEAD, tail: str = "") -> str:
    body = "".join(
        f'<row r="{r}">' + "".join(cell(v, f"{letters(c)}{r}") for c, v in enumerate(row)) + "</row>"
        for r, row in enumerate(rows, 1)
    )
    declared = f'<dimension ref="{dimension}"/>' if dimension else ""
    return f'{prolog}<worksheet xmlns="{_MAIN}">{declared}<sheetData>{body}</sheetData>{tail}</worksheet>'


def parts_of(sheets: dict[str, str], *, states: dict[str, str] | None = None) -> dict[str, str | bytes]:
    """Parts of a workbook: name of the sheet -> its XML."""
    states = states or {}
    names = "".join(
        f'<sheet name="{escape(n)}" sheetId="{i}"{states.get(n, "")} r:id="rId{i}"/>' for i, n in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.worksheet+xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        "</Relationships>",
    }
    for i, xml in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = xml
    return parts


def pack(parts: dict[str, str | bytes], *, level: int = 6) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED, level)
    return out.getvalue()


def xlsx(rows: Rows, name: str = "Sheet1", **options: str) -> bytes:
    return pack(parts_of({name: sheet_xml(rows, **options)}))


def xlsx_with(rows: Rows, extra: dict[str, str | bytes], replaced: dict[str, str | bytes] | None = None) -> bytes:
    """A workbook with more parts, or with parts replaced."""
    return pack({**parts_of({"Sheet1": sheet_xml(rows)}), **extra, **(replaced or {})})


def ods(rows: Rows, *, content: str | None = None, manifest: str | None = None, prolog: str = HEAD) -> bytes:
    names = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="float" office:value="{v}"><text:p>{v}</text:p></table:table-cell>'
            if isinstance(v, int | float)
            else f'<table:table-cell office:value-type="string"><text:p>{escape(str(v))}</text:p></table:table-cell>'
            for v in row
        )
        + "</table:table-row>"
        for row in rows
    )
    body = content if content is not None else body
    xml = (
        f'{prolog}<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Sheet1">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    listed = manifest or (
        f'{HEAD}<manifest:manifest xmlns:manifest="{names}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", xml, zipfile.ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", listed, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# BIFF8, the format of .xls and of most .et files.


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def biff_text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def biff_rows(rows: Rows, last: tuple[int, int] | None = None) -> bytes:
    """Records of a sheet. `last` is what it declares as its end (rows, columns)."""
    height, width = last or (len(rows), max(map(len, rows), default=0))
    out = record(0x0200, struct.pack("<IIHHH", 0, height, 0, width, 0))
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            place = struct.pack("<HHH", r, c, 0)
            if value is None or value == "":
                continue
            if isinstance(value, bytes):
                out += value
            elif isinstance(value, int | float):
                out += record(0x0203, place + struct.pack("<d", value))
            else:
                out += record(0x0204, place + biff_text(str(value)))
    return out


def biff_error(row: int, column: int, code: int) -> bytes:
    """A cell with a formula's error: 0x07 is #DIV/0!, 0x17 #REF!, 0x2A #N/A."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, code, 1))


def biff(rows: Rows, *, globals_extra: bytes = b"", last: tuple[int, int] | None = None, hidden: int = 0) -> bytes:
    """The stream `Workbook` with one sheet."""
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)) + globals_extra
    style = record(0x00E0, struct.pack("<HHHBBBBIIH", 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0x20C0))
    name = "Sheet1"
    bound = 4 + 6 + 2 + len(name)
    offset = len(begin) + len(style) + bound + 4
    sheet = record(0x0085, struct.pack("<IBBBB", offset, hidden, 0, len(name), 0) + name.encode("latin-1"))
    body = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    return begin + style + sheet + record(0x000A) + body + biff_rows(rows, last) + record(0x000A)


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file (OLE) with streams of 4096 bytes and more, in sectors of 512."""
    sector, end, free, fat_mark = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    data, table, entries = b"", [], []
    for name, content in streams.items():
        content = content.ljust(4096, b"\x00")
        content += b"\x00" * (-len(content) % sector)
        start, count = len(table), len(content) // sector
        table += [*range(start + 1, start + count), end]
        data += content
        entries.append((name, start, len(content)))
    directory_start = len(table)
    listing = _directory_entry("Root Entry", 5, 1 if entries else -1, end, 0)
    for i, (name, start, size) in enumerate(entries):
        listing += _directory_entry(name, 2, -1, start, size, right=i + 2 if i + 1 < len(entries) else -1)
    listing += _directory_entry("", 0, -1, 0, 0) * (-len(entries) - 1 & 3)
    count = len(listing) // sector
    table += [*range(directory_start + 1, directory_start + count), end]
    fat_start = len(table)
    sectors = 1
    while (fat_start + sectors) * 4 > sectors * sector:
        sectors += 1
    table += [fat_mark] * sectors
    table += [free] * (sectors * sector // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, sectors, directory_start, 0, 4096, end, 0,
                          end, 0, fat_start)[: 76 - 24]  # fmt: skip
    difat = [fat_start + i for i in range(sectors)]
    header = header[:76] + struct.pack(f"<{len(difat)}I", *difat) + b"\xff" * (4 * (109 - len(difat)))
    return header + data + listing + struct.pack(f"<{len(table)}I", *table)


def _directory_entry(name: str, kind: int, child: int, start: int, size: int, right: int = -1) -> bytes:
    raw = name.encode("utf-16-le")
    head = raw.ljust(64, b"\x00") + struct.pack("<HBB", len(raw) + 2 if name else 0, kind, 1)
    return head + struct.pack("<iii", -1, right, child) + b"\x00" * 36 + struct.pack("<IQ", start, size)


def xls(rows: Rows, **options: object) -> bytes:
    return compound({"Workbook": biff(rows, **options)})  # type: ignore[arg-type]
