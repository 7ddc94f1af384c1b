"""Return sheets: for a submission with rejects, the sender's own file with what is to be corrected, made from landing.

They hold what the sender wrote, people's identifiers too: they belong to the identity zone.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine
import sqlalchemy as sa

from ingest import return_sheets
from ingest.containers import one_book
from ingest.delimited import decode, rows_of
from ingest.documents import Document
from ingest.limits import Limits
from ingest.readers import CONTAINERS
from ingest.return_files import landed_path, open_landed
from ingest.return_marks import receipt
from ingest.return_sheets import Note, Page
from ingest.return_texts import Fault, describe
from ingest.texts import mask
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_path
from warehouse.settings import Settings

OPEN = ("partial", "rejected")
# A sheet of more cells than this is written without the sender's colours and column widths.
STYLED_CELLS = 2_000_000
_STATUS = {"partial": "部分接收", "rejected": "退回", "superseded": "已被后来的版本取代", "waiting": "等待参照数据"}


@dataclass(frozen=True)
class ReturnSheet:
    """One file's return sheet. `path` lies in the identity zone unless the caller chose otherwise."""

    path: Path
    submission_id: str
    source: str
    region_code: str
    unit_code: str
    period: str
    file_name: str
    faults: int

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path)}


def folder(settings: Settings) -> Path:
    """`quarantine/returns`, readable by its owner only."""
    path = settings.quarantine / "returns"
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def open_submissions(ledger: l.Ledger, region: str | None = None, period: str | None = None) -> list[dict[str, Any]]:
    """Submissions that are partial or rejected now, one a file: the first of its claims."""
    s = l.submission.c
    query = sa.select(l.submission).where(s.status.in_(OPEN)).order_by(s.submission_id)
    if region:
        query = query.where(s.region_code.in_((region, "")))
    if period:
        query = query.where(s.period == period)
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for row in ledger.rows(query):
        first.setdefault((row["file_sha256"], row["region_code"]), row)
    return sorted(first.values(), key=lambda r: (r["region_code"], r["source"], r["period"], r["file_name"]))


def make_return_sheet(settings: Settings, submission: str, out: Path | None = None) -> ReturnSheet:
    """Write the return sheet of a submission's file (id, or its beginning); the faults of all its claims are in it.

    Raises SchoolhouseError for a submission that is unknown, has nothing to correct, or whose bytes are erased.
    """
    return _make(settings, l.Ledger.open(settings), submission, out)


def make_all(
    settings: Settings, submissions: Sequence[str], out: Path | None = None, *, strict: bool = False
) -> tuple[list[ReturnSheet], list[dict[str, str]]]:
    """(return sheets, why others were not made). `strict` raises the first fault instead."""
    made, failed = [], []
    for ident in submissions:
        try:
            made.append(make_return_sheet(settings, ident, out))
        except SchoolhouseError as e:
            if strict:
                raise
            failed.append(e.to_dict())
    return made, failed


def find_submission(ledger: l.Ledger, ident: str) -> dict[str, Any]:
    """A submission by its id or the beginning of it. Raises SchoolhouseError when none or several have it."""
    s = l.submission.c
    found = ledger.rows(sa.select(l.submission).where(s.submission_id.like(f"{ident}%")).limit(2)) if ident else []
    if len(found) != 1 or not ident.isalnum():
        several = len(found) > 1
        raise SchoolhouseError(
            "several submissions begin so" if several else "no such submission",
            "有多份材料的编号以此开头" if several else "没有这份材料",
            where=ident,
            fix_en="see `schoolhouse status --missing --json`",
            fix_zh="编号见 schoolhouse status --missing --json",
        )
    return found[0]


def file_rejects(ledger: l.Ledger, submission: dict[str, Any]) -> list[dict[str, Any]]:
    """Rejects of every claim of the submission's file in its region."""
    s, r = l.submission.c, l.reject.c
    claims = sa.select(s.submission_id).where(
        s.file_sha256 == submission["file_sha256"], s.region_code == submission["region_code"]
    )
    query = sa.select(l.reject).where(r.submission_id.in_(claims)).order_by(r.sheet, r.row, r.column, r.rule)
    return ledger.rows(query)


def _make(settings: Settings, ledger: l.Ledger, ident: str, out: Path | None) -> ReturnSheet:
    submission = find_submission(ledger, ident)
    rejects = file_rejects(ledger, submission)
    if not rejects and submission["status"] != "rejected":
        raise SchoolhouseError(
            f"nothing of it was rejected ({submission['status']})",
            f"这份材料没有退回的内容({_STATUS.get(submission['status'], '已接收')})",
            where=submission["file_name"],
        )
    sha = submission["file_sha256"]
    data = landed_path(settings, sha, submission["file_name"]).read_bytes()
    document = open_landed(settings, sha)
    faults = describe(document, rejects)
    styled = data if rejects and document and _keeps_looks(document, data) else None
    pages = _pages(document, data, faults, bare=styled is None) if document else []
    note = Note(_lines(submission, faults), faults, receipt(submission["submission_id"]))
    target = (out or folder(settings)) / _name(submission)
    with atomic_path(target) as aside:
        return_sheets.write(aside, note, pages, styled)
        aside.chmod(0o600)
    s = submission
    return ReturnSheet(
        target, s["submission_id"], s["source"], s["region_code"], s["unit_code"], s["period"], s["file_name"],
        len(faults),
    )  # fmt: skip


def _keeps_looks(document: Document, data: bytes) -> bool:
    """Whether the workbook itself can be marked: an xlsx of a size that fits in memory with its styles."""
    cells = sum(s.sheet.table.num_rows * s.sheet.table.num_columns for s in document.sheets)
    return data.startswith(b"PK\x03\x04") and b"xl/workbook" in data and cells <= STYLED_CELLS


def _pages(document: Document, data: bytes, faults: Sequence[Fault], *, bare: bool) -> list[Page]:
    raw = _raw_rows(data) if bare else {}
    pages = []
    for i, reading in enumerate(document.sheets):
        rows, merges = raw.get(i, (None, ()))
        if rows is not None and len(rows) > return_sheets.SHEET_ROWS:
            raise SchoolhouseError(
                "the file has more rows than a sheet holds",
                "文件的行数超过一张工作表的上限,不能生成退回表",
                where=document.arrival.shown,
                fix_en="correct it in the system it was exported from",
                fix_zh="请在导出它的系统中按退回明细更正后重新导出",
            )
        own = [f for f in faults if f.sheet == reading.name]
        header = reading.layout.start + 1 if reading.layout else None
        width = reading.sheet.table.num_columns
        pages.append(Page(reading.name, reading.sheet.hidden, width, header, own, rows, merges))
    return pages


Rows = Sequence[Sequence[Any]]
Merges = Sequence[tuple[int, int, int, int]]


def _raw_rows(data: bytes) -> dict[int, tuple[Rows, Merges]]:
    """Sheet number -> (cells as the sender wrote them, merged ranges)."""
    if not data.startswith(CONTAINERS):
        return {0: (_text_rows(data), ())}
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(one_book(data)))
    metas = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
    found: dict[int, tuple[Rows, Merges]] = {}
    for i, meta in enumerate(metas):
        sheet = book.get_sheet_by_name(meta.name)
        merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
        found[i] = (sheet.to_python(skip_empty_area=False), merged)
    return found


def _text_rows(data: bytes) -> Rows:
    return rows_of(decode(data), Limits.load())[0]


def _lines(submission: dict[str, Any], faults: Sequence[Fault]) -> list[str]:
    rows = len({(f.sheet, f.row) for f in faults})
    lines = [f"材料:{submission['file_name']}" + (f"({submission['period']})" if submission["period"] else "")]
    if faults:
        lines += [
            f"核验结果:{_STATUS.get(submission['status'], '')},有 {rows} 行 {len(faults)} 处需要更正,见下表;"
            "其余各行已经接收,不必改动。"
            if submission["status"] != "rejected"
            else f"核验结果:退回,有 {rows} 行 {len(faults)} 处需要更正,见下表。",
            "怎么改:在原来的工作表里只改标黄的单元格(点“行”里的数字可以跳到该行);批注和最后一列写有原因和改法。",
            "怎么报回:改好后保存,把整个文件放回收件夹或按原渠道报送,文件名不限;本表和最后一列不必删除,系统会自动忽略。",
            "请注意:报回的文件会整体取代原来的材料,请勿删去其他行,也不要改动没有标黄的内容;改动会在回执中逐项列出。",
        ]
    else:
        lines += [
            f"核验结果:退回。{submission['reason_zh']}",
            "怎么报回:按上面的说明处理后,把文件放回收件夹或按原渠道报送。",
        ]
    return lines


def _name(submission: dict[str, Any]) -> str:
    stem = mask(Path(submission["file_name"]).stem)
    return f"退回_{stem[:60]}_{submission['submission_id'][:8]}.xlsx"
