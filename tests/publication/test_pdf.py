"""The PDF of the report: tagged, its Chinese fonts inside, the same bytes for the same report."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from publication import EditionResult, pdf, verify
from tests.publication.house import House


def _made(html: str) -> bytes:
    try:
        return pdf.pdf(html)
    except pdf.Unavailable as fault:
        pytest.skip(fault.en)


@pytest.fixture(scope="module")
def content(published: EditionResult) -> bytes:
    return _made(published.report.read_text(encoding="utf-8"))


def _streams(content: bytes) -> bytes:
    """Every stream of a PDF that is deflated, inflated, and those that are not."""
    found = []
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S):
        try:
            found.append(zlib.decompress(match[1]))
        except zlib.error:
            found.append(match[1])
    return b"\n".join(found)


def test_it_is_tagged_titled_and_in_a_language(content: bytes) -> None:
    text = pdf.objects(content)
    assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", text)
    assert b"/StructTreeRoot" in text
    assert b"/Lang" in text
    assert re.search(rb"pdfuaid:part(>|=\")1", _streams(content))
    for tag in (b"/H1", b"/H2", b"/Table", b"/TH", b"/TD", b"/P"):
        assert re.search(rb"/S\s*" + tag + rb"\b", text), tag


def test_an_edition_has_it_where_it_is_wanted(
    content: bytes, published: EditionResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edition that all other tests copy was made with it left out, and says so."""
    assert not (published.path / "report.pdf").exists()
    assert [n["en"] for n in published.notices] == ["no PDF was made: SCHOOLHOUSE_PDF is no"]
    monkeypatch.setenv("SCHOOLHOUSE_PDF", "yes")
    edition = House(tmp_path / "home").publish()
    assert not edition.notices
    assert (edition.path / "report.pdf").read_bytes() == content
    assert verify(edition.path).ok


def test_chinese_fonts_are_inside(content: bytes) -> None:
    assert "CJK" in pdf.fonts(content) or "SC" in pdf.fonts(content)
    assert b"/FontFile" in pdf.objects(content)


def test_another_process_gives_the_same_bytes(content: bytes, published: EditionResult, tmp_path: Path) -> None:
    out = tmp_path / "again.pdf"
    code = (
        "import sys, pathlib; from publication import pdf;"
        "pathlib.Path(sys.argv[2]).write_bytes(pdf.pdf(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8')))"
    )
    subprocess.run([sys.executable, "-c", code, str(published.report), str(out)], check=True, timeout=300)
    assert out.read_bytes() == content


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils are not here")
def test_the_text_can_be_read_out(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True, text=True).stdout
    for said in ("云溪县", "不低于 7.50", "重复的一行，已核实"):
        assert said in text.replace("\n", "")


def test_without_a_chinese_font_there_is_no_pdf(published: EditionResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "fonts", lambda _: "DejaVu-Sans")
    with pytest.raises(pdf.Unavailable, match="Chinese font"):
        pdf.pdf(published.report.read_text(encoding="utf-8"))


def test_what_only_narrow_screens_need_is_not_printed(published: EditionResult) -> None:
    printed = pdf.for_print(published.report.read_text(encoding="utf-8"))
    assert 'class="narrow"' not in printed
    assert 'class="wide"' in printed
    assert ":has(" not in printed
    assert "max-width:720px" not in printed
    assert "@media print" in printed
