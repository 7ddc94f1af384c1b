"""Compound files (.xls, .et): locked, cut, with records and chains that lead astray."""

from __future__ import annotations

import struct

from tests.hostile import tables
from tests.hostile.builders import biff, compound, record, xls, xlsx
from tests.hostile.case import Register
from tests.hostile.strangers import noise
from tests.hostile.zips import DAMAGED, LOCKED

_SECTOR = 512


def good() -> bytes:
    return xls(tables.money())


def _chain(data: bytes, value: int) -> bytes:
    """A compound file whose table of sectors says `value` everywhere."""
    out = bytearray(data)
    table = (struct.unpack_from("<I", data, 76)[0] + 1) * _SECTOR
    for at in range(table, min(table + _SECTOR, len(out) - 3), 4):
        struct.pack_into("<I", out, at, value)
    return bytes(out)


def _header(at: int, value: bytes) -> bytes:
    data = bytearray(good())
    data[at : at + len(value)] = value
    return bytes(data)


def _stream(**changes: object) -> bytes:
    return biff(tables.money(), **changes)  # type: ignore[arg-type]


def register(r: Register) -> None:
    locked = record(0x002F, struct.pack("<HHH", 1, 1, 1) + noise(48))
    r.refuse_all(*LOCKED, {
        "password_of_today.xlsx": lambda: compound({"EncryptionInfo": noise(4100), "EncryptedPackage": noise(9000)}),
        "password_of_97.xls": lambda: compound({"Workbook": _stream(globals_extra=locked)}),
        "password_of_95.xls": lambda: (
            compound({"Workbook": _stream(globals_extra=record(0x002F, b"\x01\x02\x03\x04"))})
        ),
    })  # fmt: skip
    r.refuse_all(*DAMAGED, {
        "compound_header_only.xls": lambda: good()[:_SECTOR],
        "compound_cut.xls": lambda: good()[: len(good()) // 2],
        "compound_signature_only.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "compound_of_something_else.xls": lambda: compound({"Contents": noise(5000)}),
        "sectors_of_no_size.xls": lambda: _header(30, b"\x00\x00"),
        "sectors_of_vast_size.xls": lambda: _header(30, b"\x1f\x00"),
        "directory_nowhere.xls": lambda: _header(48, b"\xf0\xff\xff\x7f"),
        "chain_beyond_the_end.xls": lambda: _chain(good(), 0x00FFFFFF),
        "stream_of_noise.xls": lambda: compound({"Workbook": noise(9000)}),
        # What cannot be read is not made up for by another workbook that lies in it or behind it.
        "package_in_a_broken_workbook.xls": lambda: compound({"Workbook": noise(9000), "Package": _package()}),
        "package_behind_a_broken_workbook.xls": lambda: compound({"Workbook": noise(9000)}) + _package(),
        "sheet_beyond_the_stream.xls": lambda: compound({"Workbook": _stream().replace(
            record(0x0085, struct.pack("<IBBBB", 0, 0, 0, 6, 0) + b"Sheet1")[:4], struct.pack("<HH", 0x85, 14), 1)
            .replace(_offset(), b"\xff\xff\xff\x7f", 1)}),
        "wps_own_format.et": lambda: compound({"ETExtData": noise(5000)}),
    })  # fmt: skip
    r.refuse_all(*DAMAGED, {"chain_without_end.xls": lambda: _chain(good(), 0)})
    broken = struct.pack("<HH", 0x85, 0x2000)
    r.refuse_all("needs more than", "内存超过", {
        # In the range between the first cell and this one the parser makes four thousand million cells.
        "cell_in_the_far_corner.xls": lambda: good().replace(_number(3, 4), _number(0xFFFF, 0xFFFF)),
    })  # fmt: skip
    r.refuse_all("has no worksheet", "没有数据工作表", {
        "record_longer_than_the_stream.xls": lambda: compound({"Workbook": _stream()[:40] + broken}),
    })  # fmt: skip

    @r.load("1 rows accepted", "接收1行", ".xls")
    def table_of_vast_size() -> bytes:
        return _header(44, b"\xff\xff\xff\x7f")

    @r.load("1 rows accepted", "接收1行", ".xls")
    def declares_all_rows_xls() -> bytes:
        return xls(tables.money(), last=(65536, 256))

    @r.load("1 rows accepted", "接收1行", ".et")
    def wps_workbook() -> bytes:
        return good()

    @r.load("1 rows accepted", "接收1行")
    def old_workbook_as_xlsx() -> bytes:
        return good()

    @r.load("macros", "宏", ".xls")
    def macros_xls() -> bytes:
        return compound({"Workbook": _stream(), "_VBA_PROJECT_CUR": noise(4096)})

    # The package holds two rows: it is not the workbook that was sent.
    @r.load("1 rows accepted", "接收1行", ".xls")
    def package_embedded_xls() -> bytes:
        return compound({"Workbook": _stream(), "Package": _package()})

    @r.load("1 rows accepted", "接收1行", ".xls")
    def package_appended_xls() -> bytes:
        return good() + _package()

    @r.refuse("only in hidden sheets", "隐藏的工作表", ".xls")
    def hidden_sheet_xls() -> bytes:
        return xls(tables.money(), hidden=1)


def _package() -> bytes:
    rows = (["301001", "教育局", name, "执行", 77.5] for name in ("操场", "食堂"))
    return xlsx(tables.money(*rows))


def _number(row: int, column: int) -> bytes:
    """The start of a record of a number at a place (rows and columns from 0)."""
    return struct.pack("<HHHHH", 0x0203, 14, row, column, 0)


def _offset() -> bytes:
    """Where the sheet of the good workbook begins, as its own directory says it."""
    stream = _stream()
    at = stream.index(struct.pack("<HH", 0x85, 14))
    return stream[at + 4 : at + 8]
