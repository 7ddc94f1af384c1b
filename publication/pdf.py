"""The report as a tagged PDF (PDF/UA-1) with its Chinese fonts inside. Same HTML, same fonts: same bytes."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import zlib
from dataclasses import dataclass

_LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
# A face that has the glyphs; without one the pages would be boxes.
_CHINESE = re.compile(r"CJK|Noto-?S(ans|erif)-?SC|SourceHan|WenQuanYi|PingFang|YaHei|Sim(Sun|Hei)|Song|Hei|Kai", re.I)
_NARROW = re.compile(r'<div class="narrow">.*?</svg></div>\n?', re.S)
# Rules with :has(), and everything between the first rule for narrow screens and the rules for print.
_SLOW = re.compile(r"[^{}\n]*:has\([^{}]*\{[^{}]*\}")
_WIDE = "@media (min-width:721px), print"
_SCREEN = re.compile(r"@media screen and \(max-width.*?(?=@media print)", re.S)


@dataclass(frozen=True)
class Unavailable(Exception):
    """Why this machine makes no PDF: English and Chinese."""

    en: str
    zh: str


def of_edition(html: str) -> bytes:
    """The PDF that goes into an edition. Raises Unavailable where `SCHOOLHOUSE_PDF=no` leaves it out, as `pdf` does
    where it cannot be made.
    """
    if os.environ.get("SCHOOLHOUSE_PDF", "yes") == "no":
        raise Unavailable("no PDF was made: SCHOOLHOUSE_PDF is no", "未生成 PDF：SCHOOLHOUSE_PDF 为 no")
    return pdf(html)


def pdf(html: str) -> bytes:
    """The bytes of the PDF. Raises Unavailable where the libraries or the fonts are not installed."""
    try:
        import weasyprint
    except OSError as fault:
        raise Unavailable(
            f"no PDF was made: libpango is not installed (apt-get install {_LIBRARIES})",
            f"未生成 PDF：缺少 libpango（apt-get install {_LIBRARIES}）",
        ) from fault
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    text = for_print(html)
    document = weasyprint.HTML(string=text).render(pdf_variant="pdf/ua-1")
    content = document.write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=hashlib.sha256(text.encode()).digest()[:16], pdf_tags=True
    )
    if re.search(r"[\u4e00-\u9fff]", text) and not _CHINESE.search(fonts(content)):
        raise Unavailable(
            "no PDF was made: no Chinese font is installed (apt-get install fonts-noto-cjk)",
            "未生成 PDF：缺少中文字体（apt-get install fonts-noto-cjk）",
        )
    return content or b""


def for_print(html: str) -> str:
    """Without the drawings and rules for narrow screens, and without selectors that only a browser is quick at."""
    text = _NARROW.sub("", html)
    head, style, rest = text.partition("</style>")
    # The typesetter skips a list of media queries as soon as one of them has a condition.
    return _SCREEN.sub("", _SLOW.sub("", head)).replace(_WIDE, "@media print") + style + rest


def fonts(content: bytes | None) -> str:
    """Names of the fonts embedded in a PDF, in one text."""
    return " ".join(m.decode("latin-1") for m in re.findall(rb"/(?:BaseFont|FontName) ?/([^\s/>]+)", objects(content)))


def objects(content: bytes | None) -> bytes:
    """A PDF's objects as text: those that lie open and those in compressed object streams."""
    found = [content or b""]
    for match in re.finditer(rb"/Type ?/ObjStm.*?stream\r?\n", content or b"", re.S):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj().decompress((content or b"")[match.end() :]))
    return b"\n".join(found)
