"""Files that are no tables at all, under a table's name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct

from tests.hostile import tables
from tests.hostile.builders import HEAD, compound, pack, xlsx
from tests.hostile.case import Register

NOISE = random.Random(20260101)  # noqa: S311


def noise(count: int) -> bytes:
    return NOISE.randbytes(count)


def register(r: Register) -> None:
    good = lambda: xlsx(tables.money())  # noqa: E731
    r.refuse_all("empty", "空的", {
        "no_bytes.xlsx": lambda: b"",
        "only_spaces.csv": lambda: b" \t \r\n",
        "only_line_ends.csv": lambda: b"\r\n" * 4000,
        "only_a_mark.csv": lambda: b"\xef\xbb\xbf",
        "only_a_utf16_mark.csv": lambda: b"\xff\xfe",
        "only_zero_bytes.xlsx": lambda: b"\x00" * 8192,
        "only_zero_bytes_xls.xls": lambda: b"\x00" * 131072,
    })  # fmt: skip
    r.refuse_all("nothing is written", "没有任何内容", {
        "only_commas.csv": lambda: b",,,,\r\n" * 200,
        "only_dashes.csv": lambda: "—,—,/\r\n".encode() * 20,
        "empty_sheet.xlsx": lambda: xlsx([]),
        "empty_archive.xlsx": lambda: b"PK\x05\x06" + b"\x00" * 18,
    })  # fmt: skip
    r.refuse_all(
        "PDF", "PDF", {"pdf.xlsx": lambda: b"%PDF-1.7\n" + noise(3000), "pdf_as_csv.csv": lambda: b"%PDF-1.4\n1 0 obj"}
    )
    r.refuse_all("picture", "图片", {
        "png.xlsx": lambda: b"\x89PNG\r\n\x1a\n" + noise(2000),
        "jpeg.xls": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + noise(2000),
        "gif.csv": lambda: b"GIF89a" + noise(500),
        "bitmap.xls": lambda: b"BM" + struct.pack("<I", 1026) + noise(1020),
        "tiff.xlsx": lambda: b"II*\x00" + noise(500),
    })  # fmt: skip
    packed = lambda: tables.csv(tables.money())  # noqa: E731
    r.refuse_all("archive", "压缩包", {
        "rar.xlsx": lambda: b"Rar!\x1a\x07\x01\x00" + noise(900),
        "seven_zip.xls": lambda: b"7z\xbc\xaf\x27\x1c" + noise(900),
        "gzip.csv": lambda: gzip.compress(packed(), mtime=0),
        "bzip2.csv": lambda: bz2.compress(packed()),
        "xz.csv": lambda: lzma.compress(packed()),
        "zip_of_workbooks.xlsx": lambda: pack({"一小.xlsx": good(), "二小.xlsx": good()}),
        "zip_of_texts.csv": lambda: pack({"一小.csv": packed(), "二小.csv": packed()}),
        "zip_in_zip_in_zip.xlsx": lambda: pack({"a.zip": pack({"b.zip": pack({"c.xlsx": good()})})}),
        "spanned_zip.xlsx": lambda: b"PK\x07\x08" + good(),
    })  # fmt: skip
    r.refuse_all("word-processor", "文字文档", {
        "rich_text.xls": lambda: b"{\\rtf1\\ansi " + "表格".encode("gb18030") + b"}",
        "word_97.xls": lambda: compound({"WordDocument": noise(5000), "1Table": noise(5000)}),
        "word.xlsx": lambda: pack({"[Content_Types].xml": HEAD + "<Types/>", "word/document.xml": HEAD + "<w/>"}),
        "text_document.ods": lambda: (
            pack({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": HEAD + "<a/>"})
        ),
    })  # fmt: skip
    r.refuse_all("slide show", "演示文稿", {
        "slides_97.xls": lambda: compound({"PowerPoint Document": noise(5000)}),
        "slides.xlsx": lambda: pack({"[Content_Types].xml": HEAD + "<Types/>", "ppt/presentation.xml": HEAD + "<p/>"}),
        "open_slides.ods": lambda: (
            pack({"mimetype": "application/vnd.oasis.opendocument.presentation", "content.xml": HEAD + "<a/>"})
        ),
    })  # fmt: skip
    r.refuse_all("program", "程序", {
        "elf.xlsx": lambda: b"\x7fELF" + noise(900),
        "exe.xls": lambda: b"MZ\x90\x00" + noise(900),
        "sqlite.xls": lambda: b"SQLite format 3\x00" + noise(900),
        "parquet.csv": lambda: b"PAR1" + noise(900) + b"PAR1",
    })  # fmt: skip
    table = "<table><tr><td>预算单位代码</td><td>执行金额</td></tr></table>"
    r.refuse_all("web page", "网页", {
        "web_page.xls": lambda: (
            f"<html><head><meta charset=gb2312></head><body>{table}</body></html>".encode("gb18030")
        ),
        "web_page_with_mark.xls": lambda: b"\xef\xbb\xbf" + f"<!DOCTYPE html>\n<html>{table}</html>".encode(),
        "bare_table.xls": lambda: f"\r\n  {table}".encode("gb18030"),
        "xhtml.xls": lambda: f'{HEAD}<html xmlns="http://www.w3.org/1999/xhtml">{table}</html>'.encode(),
        "web_archive.xls": lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n" + table.encode(),
    })  # fmt: skip
    r.refuse_all("XML file", "XML", {
        "spreadsheet_2003.xls": lambda: (
            f'{HEAD}<?mso-application progid="Excel.Sheet"?><Workbook '
            'xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table/></Worksheet></Workbook>'
        ).encode(),
        "some_xml.xlsx": lambda: f"{HEAD}<data><row a='1'/></data>".encode(),
    })  # fmt: skip
    r.refuse_all("no text and no spreadsheet", "既不是可识别的文本", {
        "noise.csv": lambda: bytes(b or 1 for b in noise(20_000)),
        "noise_as_workbook.xlsx": lambda: bytes(b or 1 for b in noise(9_000)),
        "control_characters.csv": lambda: bytes(range(1, 9)) * 500,
    })  # fmt: skip
    r.refuse_all("fit no known template", "模板都不符", {
        "prose.csv": lambda: "关于报送数据的通知\r\n各学校:\r\n请于月底前报送。\r\n".encode("gb18030"),
        "json.csv": lambda: b'{"a": [1, 2, 3], "b": {"c": null}}',
        "script.csv": lambda: b"#!/bin/sh\nrm -rf / --no-preserve-root\n",
        "foreign_form.xlsx": lambda: xlsx([["甲", "乙", "丙"], ["一", "二", "三"]]),
    })  # fmt: skip
