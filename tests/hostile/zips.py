"""Packages that lie, burst, or lead outside themselves."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib

from tests.hostile import tables
from tests.hostile.builders import pack, parts_of, sheet_xml, xlsx, xlsx_with
from tests.hostile.case import Register

DAMAGED = ("damaged", "已损坏")
BOMB = ("zip bomb", "压缩炸弹")
OUTSIDE = ("paths outside itself", "包外的路径")
TWICE = ("repeat or overlap", "重名或重叠")
LOCKED = ("locked with a password", "打开密码")


def good() -> bytes:
    return xlsx(tables.money())


def _central(data: bytes) -> int:
    return data.index(b"PK\x01\x02")


def _named(name: str) -> bytes:
    """A good workbook with one more part of this name."""
    return xlsx_with(tables.money(), {name: "x"})


def _patched(data: bytes, signature: bytes, at: int, value: bytes) -> bytes:
    """All headers of one kind with bytes replaced at an offset."""
    out = bytearray(data)
    place = data.find(signature)
    while place >= 0:
        out[place + at : place + at + len(value)] = value
        place = data.find(signature, place + 4)
    return bytes(out)


def _with_size(data: bytes, part: str, size: int) -> bytes:
    """A workbook one part of which declares another unpacked size, in its own header and in the directory."""
    out = bytearray(data)
    for info in zipfile.ZipFile(io.BytesIO(data)).infolist():
        if info.filename == part:
            out[info.header_offset + 22 : info.header_offset + 26] = struct.pack("<I", size)
            entry = data.index(part.encode(), _central(data)) - 46
            out[entry + 24 : entry + 28] = struct.pack("<I", size)
    return bytes(out)


def zeros(mega: int) -> bytes:
    """A deflate stream of so many MB of zero bytes, at a thousandth of that size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mega)) + packer.flush()


def overlapping(count: int = 60) -> bytes:
    """A directory whose entries all lie over one packed kernel."""
    packed = zeros(2)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 33, 0, len(packed), 2 << 20, 1, 0) + b"x"
    entries = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, 0, len(packed), 2 << 20, len(n), 0, 0, 0,
                    0, 0, 0) + n
        for n in (f"xl/worksheets/sheet{i}.xml".encode() for i in range(count))
    )  # fmt: skip
    body = local + packed
    return body + entries + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(entries), len(body), 0)


def register(r: Register) -> None:
    r.refuse_all(*DAMAGED, {
        "cut_at_a_tenth.xlsx": lambda: good()[: len(good()) // 10],
        "cut_in_half.xlsx": lambda: good()[: len(good()) // 2],
        "cut_before_the_directory.xlsx": lambda: good()[: _central(good())],
        "cut_by_one_byte.xlsx": lambda: good()[:-1],
        "only_the_signature.xlsx": lambda: b"PK\x03\x04",
        "directory_points_nowhere.xlsx": lambda: _patched(good(), b"PK\x05\x06", 16, b"\xff\xff\xff\x7f"),
        "check_sums_wrong.xlsx": lambda: _patched(good(), b"PK\x01\x02", 16, b"\x00\x00\x00\x01"),
        "part_without_a_name.xlsx": lambda: _named("zz").replace(b"zz", b"\x00z"),
        "unknown_compression.xlsx": lambda: _patched(good(), b"PK\x01\x02", 10, b"\x63\x00"),
        "stream_overwritten.xlsx": lambda: good()[:60] + b"\xff" * 200 + good()[260:],
        "sheet_larger_than_declared.xlsx": lambda: _with_size(good(), "xl/worksheets/sheet1.xml", 100),
        "headers_differ_from_directory.xlsx": lambda: _patched(good(), b"PK\x03\x04", 30, b"zzzz"),
        "no_workbook_part.xlsx": lambda: pack({k: v for k, v in parts_of({"a": sheet_xml(tables.money())}).items()
                                               if k != "xl/workbook.xml"}),
        "no_sheet_part.xlsx": lambda: pack({k: v for k, v in parts_of({"a": sheet_xml(tables.money())}).items()
                                            if "sheet1" not in k}),
        "no_relations.xlsx": lambda: pack({k: v for k, v in parts_of({"a": sheet_xml(tables.money())}).items()
                                           if "workbook.xml.rels" not in k}),
    })  # fmt: skip
    r.refuse_all(*BOMB, {
        "bomb_in_the_sheet.xlsx": lambda: (
            pack({**parts_of({"a": sheet_xml(tables.money(), tail=" " * (40 << 20))})}, level=9)
        ),
        "bomb_in_a_picture.xlsx": lambda: xlsx_with(tables.money(), {"xl/media/image1.png": bytes(40 << 20)}),
        "bomb_in_strings.xlsx": lambda: (
            xlsx_with(tables.money(), {"xl/sharedStrings.xml": "<sst>" + "<si/>" * (8 << 20)})
        ),
        "declares_four_gigabytes.xlsx": lambda: _with_size(good(), "xl/worksheets/sheet1.xml", 0xFFFFFFF0),
        "many_large_parts.xlsx": _many_large_parts,
    })  # fmt: skip
    r.refuse_all(*TWICE, {
        "overlapping_parts.xlsx": overlapping,
        "sheet_twice.xlsx": _sheet_twice,
        "sheet_twice_in_capitals.xlsx": lambda: xlsx_with(tables.money(), {"XL/WORKSHEETS/SHEET1.XML": "<x/>"}),
    })  # fmt: skip
    r.refuse_all(*OUTSIDE, {
        "path_up.xlsx": lambda: _named("../../../../etc/cron.d/x"),
        "path_up_inside.xlsx": lambda: _named("xl/../../outside.xml"),
        "path_up_with_backslashes.xlsx": lambda: _named("..\\..\\outside.exe"),
        "path_from_the_root.xlsx": lambda: _named("/etc/passwd"),
        "path_of_a_drive.xlsx": lambda: _named("C:\\Windows\\x.dll"),
        "zero_byte_in_a_name.xlsx": lambda: (
            _named("xl/media/image1.png0x").replace(b"image1.png0x", b"image1.png\x00x")
        ),
    })  # fmt: skip
    r.refuse_all(*LOCKED, {"zip_password.xlsx": lambda: _patched(good(), b"PK\x01\x02", 8, b"\x01\x00")})
    r.refuse_all("parts, more than", "个部件", {
        "seventy_thousand_parts.xlsx": lambda: _empty_parts(65_000),
        "five_thousand_parts.xlsx": lambda: xlsx_with(tables.money(), {f"xl/media/{i}.bin": b"" for i in range(5000)}),
    })  # fmt: skip

    @r.load("1 rows accepted", "接收1行")
    def junk_after_the_package() -> bytes:
        return good() + b"\r\n" * 20

    @r.load("1 rows accepted", "接收1行")
    def stored_without_compression() -> bytes:
        return pack(parts_of({"a": sheet_xml(tables.money())}), level=0)

    @r.load("1 rows accepted", "接收1行", ".xls")
    def workbook_of_today_as_xls() -> bytes:
        return good()

    @r.load("1 rows accepted", "接收1行", ".csv")
    def workbook_as_csv() -> bytes:
        return good()

    @r.load("other files are embedded", "嵌有其他文件")
    def embedded_workbook() -> bytes:
        return xlsx_with(tables.money(), {"xl/embeddings/Microsoft_Excel_Sheet1.xlsx": good()})

    @r.load("macros", "宏", ".xlsm")
    def macros() -> bytes:
        return xlsx_with(tables.money(), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(2000)})

    @r.load("refers to other files", "引用了其他文件")
    def linked_workbook() -> bytes:
        return xlsx_with(tables.money(), {"xl/externalLinks/externalLink1.xml": "<externalLink/>"})


def _sheet_twice() -> bytes:
    out = io.BytesIO(good())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr("xl/worksheets/sheet1.xml", sheet_xml([["另一张", "表"]]))
    return out.getvalue()


def _many_large_parts() -> bytes:
    """Nine parts that declare 256 MB each."""
    data = xlsx_with(tables.money(), {f"xl/media/{i}.png": "x" for i in range(9)})
    return _patched(data, b"PK\x01\x02", 24, struct.pack("<I", 0x0FFFFFFF))


def _empty_parts(count: int) -> bytes:
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"x"
    size = len(entry) * count
    return local + entry * count + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, size, len(local), 0)
