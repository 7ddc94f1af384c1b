"""Files that were sent back corrected: which submission they answer, and what became of each thing asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from ingest.contracts import load_yaml
from ingest.corrections import read_correction
from ingest.documents import Document
from ingest.results import LOADED, FileResult
from ingest.return_files import open_landed
from ingest.return_rows import compare_rows
from ingest.return_texts import column_index
from ingest.texts import letter
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

# Places that the ledger keeps of one answer; the counts are whole.
KEPT = 200
STATES = {"fixed": "已改正", "wrong": "仍不对", "vanished": "该行不见了"}


@dataclass(frozen=True)
class Asked:
    """One rejected cell of the old file. `row_now` is its row in the new file, None where it is gone."""

    sheet: str
    row: int
    column: str
    rule: str
    state: str
    row_now: int | None


@dataclass(frozen=True)
class Answer:
    """What a file did to the rejects of the file it answers. Places only: no cell's value is in it.

    `lost`, `changed`, `added`: (sheet, row, columns) of rows nobody asked to delete, change or add; rows of `added`
    are the new file's.
    """

    submission_id: str
    answers: str
    file_name: str
    asked: tuple[Asked, ...]
    lost: tuple[tuple[str, int, str], ...]
    changed: tuple[tuple[str, int, str], ...]
    added: tuple[tuple[str, int, str], ...]

    def count(self, state: str) -> int:
        return sum(a.state == state for a in self.asked)

    def text(self) -> tuple[str, str]:
        """One line in Chinese and one in English."""
        fixed, wrong, gone = (self.count(s) for s in STATES)
        zh = [f"要求更正的 {len(self.asked)} 处:已改正 {fixed} 处"]
        en = [f"{fixed} of {len(self.asked)} rejected cells fixed"]
        for n, word_zh, word_en in (
            (wrong, "仍不对 {} 处", "{} still wrong"),
            (gone, "{} 处所在的行不见了", "{} in rows that vanished"),
            (len(self.lost), "另少了 {} 行", "{} other rows are gone"),
            (len(self.changed), "未要求而改动 {} 行", "{} rows changed that were not asked for"),
            (len(self.added), "多出 {} 行", "{} rows added"),
        ):
            if n:
                zh.append(word_zh.format(n))
                en.append(word_en.format(n))
        return ",".join(zh), ", ".join(en)

    def to_dict(self) -> dict[str, Any]:
        rows = {k: [dict(zip(("sheet", "row", "columns"), r, strict=True)) for r in getattr(self, k)] for k in _ROWS}
        return {
            "submission_id": self.submission_id,
            "answers": self.answers,
            "file_name": self.file_name,
            "counts": {s: self.count(s) for s in STATES} | {k: len(v) for k, v in rows.items()},
            "asked": [a.__dict__ for a in self.asked],
            **rows,
        }


_ROWS = ("lost", "changed", "added")


def note_answers(settings: Settings, ledger: l.Ledger, results: Sequence[FileResult]) -> list[FileResult]:
    """Judge the files of a run that answer earlier rejects: enter each answer in the ledger, tell it in the result.

    A rejected file whose correction has loaded is superseded by it.
    """
    judged = [r for r in results if r.status in (*LOADED, "rejected")]
    asked = _with_rejects(ledger) if judged else {}
    if not asked:
        return list(results)
    claims = _claims_of(ledger, [r.file_sha256 for r in judged])
    told = []
    for r in results:
        mine = claims.get(r.file_sha256, []) if r.status in (*LOADED, "rejected") else []
        old_claims = _candidates(asked, mine, claims)
        found = _judge(settings, ledger, mine, old_claims, loaded=r.status in LOADED) if old_claims else None
        if found:
            zh, en = found.text()
            r = replace(r, message_zh=f"{r.message_zh};更正回执:{zh}", message_en=f"{r.message_en}; answer: {en}")
        told.append(r)
    return told


def read_answer(settings: Settings, ledger: l.Ledger, submission: dict[str, Any]) -> Answer:
    """The answer that a submission's file gives, or that was given to it, compared anew from landing.

    Raises SchoolhouseError where there is none, or the bytes are erased (the ledger keeps the counts).
    """
    a = l.answer.c
    sha = submission["file_sha256"]
    rows = ledger.rows(
        sa.select(l.answer).where(sa.or_(a.file_sha256 == sha, a.answers_sha256 == sha)).order_by(a.judged_at.desc())
    )
    link = read_correction(ledger, submission["submission_id"]) if not rows else None
    if link:
        raise SchoolhouseError(
            f"turned away whole and corrected by {link['by_file_name']}: there is no rejected cell to compare",
            f"整份退回,已由“{link['by_file_name']}”更正,没有可逐格比对的退回内容",
            where=submission["file_name"],
        )
    if not rows:
        raise SchoolhouseError(
            "this submission answers no return sheet and was not answered",
            "这份材料不是对退回表的更正,也还没有收到它的更正",
            where=submission["file_name"],
        )
    new, old = (_submission(ledger, rows[0][k]) for k in ("submission_id", "answers"))
    documents = [open_landed(settings, s["file_sha256"]) for s in (old, new)]
    if None in documents:
        detail = json.loads(rows[0]["detail"])
        asked = tuple(Asked(**x) for x in detail["asked"])
        lost, changed, added = (tuple(tuple(x) for x in detail[k]) for k in _ROWS)
        return Answer(rows[0]["submission_id"], rows[0]["answers"], new["file_name"], asked, lost, changed, added)
    return _compare(ledger, old, new, documents[0], documents[1])  # type: ignore[arg-type]


def _judge(
    settings: Settings,
    ledger: l.Ledger,
    claims: Sequence[dict[str, Any]],
    old_claims: Sequence[dict[str, Any]],
    *,
    loaded: bool,
) -> Answer | None:
    document = open_landed(settings, claims[0]["file_sha256"])
    if document is None:
        return None
    old = _chosen(old_claims, claims, document)
    before = open_landed(settings, old["file_sha256"]) if old else None
    if old is None or before is None or before.contract.source != document.contract.source:
        return None
    new = next((c for c in claims if _scope(c) == _scope(old)), claims[0])
    found = _compare(ledger, old, new, before, document)
    _enter(ledger, found, old, new, loaded=loaded)
    return found


Claims = dict[tuple[str, ...], list[dict[str, Any]]]


def _with_rejects(ledger: l.Ledger) -> Claims:
    """(region, source, unit) -> claims that have rejected cells."""
    query = sa.select(l.submission).where(l.submission.c.submission_id.in_(sa.select(l.reject.c.submission_id)))
    found: Claims = {}
    for row in ledger.rows(query):
        found.setdefault(tuple(row[k] for k in ("region_code", "source", "unit_code")), []).append(row)
    return found


def _claims_of(ledger: l.Ledger, hashes: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """sha256 -> its claims."""
    s = l.submission.c
    found: dict[str, list[dict[str, Any]]] = {}
    for part in (hashes[i : i + 500] for i in range(0, len(hashes), 500)):
        query = sa.select(l.submission).where(s.file_sha256.in_(part)).order_by(s.submission_id)
        for row in ledger.rows(query):
            found.setdefault(row["file_sha256"], []).append(row)
    return found


def _candidates(asked: Claims, claims: Sequence[dict[str, Any]], run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Claims with rejects that a file may answer, the newest first: of its source, its units or the region's own.

    A file that came in the same run has no return sheet yet: it is answered only where the scope is the same.
    """
    if not claims:
        return []
    first, scopes = claims[0], {_scope(c) for c in claims}
    units = {c["unit_code"] for c in claims} | {first["region_code"]}
    found = [o for u in sorted(units) for o in asked.get((first["region_code"], first["source"], u), [])]
    found = [
        o
        for o in found
        if o["file_sha256"] != first["file_sha256"] and (_scope(o) in scopes or o["file_sha256"] not in run)
    ]
    return sorted(found, key=lambda r: (r["received_at"], r["version"]), reverse=True)


def _chosen(
    old_claims: Sequence[dict[str, Any]], claims: Sequence[dict[str, Any]], document: Document
) -> dict[str, Any] | None:
    """The claim that is answered: the one on the receipt, else the version that this file has just replaced, else a
    claim of the same scope that was turned away and has had no accepted version since."""
    named = next((o for o in old_claims if o["submission_id"] == document.answers), None)
    if named:
        return named
    scopes = {_scope(c): c for c in claims}
    for o in old_claims:
        new = scopes.get(_scope(o))
        if new is None:
            continue
        if o["status"] == "superseded" and o["version"] and o["version"] == new["version"] - 1:
            return o
        if o["status"] in ("rejected", "partial"):
            return o
    return None


def _compare(ledger: l.Ledger, old: dict[str, Any], new: dict[str, Any], before: Document, after: Document) -> Answer:
    rejects = _rejects(ledger, old)
    again = {(r["sheet"], r["row"]) for r in _rejects(ledger, new)}
    fixes = load_yaml("fixes")
    own = {r.name for r in before.contract.rules}
    # A printed total follows the cell that was corrected.
    totals = {f.name for f in before.contract.fields if f.custom.get("role") == "total"}
    found = compare_rows(before, after, [(r["sheet"], r["row"]) for r in rejects])
    letters = {r.name: _names(r) for r in before.sheets}
    asked: list[Asked] = []
    allowed: dict[tuple[str, int], set[str] | None] = {}
    for r in rejects:
        place = (r["sheet"], r["row"])
        pair = found.pairs.get(place)
        now = found.same.get(place) or ((pair.new_sheet, pair.new_row) if pair and pair.new_row else None)
        gone = "fixed" if r["rule"] in fixes["removal"] else "vanished"
        state = gone if now is None else "wrong" if now in again else "fixed"
        asked.append(Asked(r["sheet"], r["row"], r["column"], r["rule"], state, now[1] if now else None))
        cell = letters.get(r["sheet"], {}).get(r["column"])
        whole = r["rule"] in fixes["row_wide"] or r["rule"] in own or cell is None
        known = allowed.setdefault(place, set(totals))
        if whole or known is None:
            allowed[place] = None
        elif cell:
            known.add(cell)
    lost = tuple((p.sheet, p.row, "") for k, p in found.pairs.items() if p.new_row is None and k not in allowed)
    changed = []
    for place, pair in found.pairs.items():
        may = allowed.get(place, set())
        extra = [c for c in pair.changed if may is not None and c not in may] if pair.new_row else []
        if extra:
            changed.append((pair.sheet, pair.row, "、".join(_shown(before, pair.sheet, c) for c in extra)))
    added = tuple((sheet, row, "") for sheet, row in found.added)
    return Answer(
        new["submission_id"], old["submission_id"], new["file_name"], tuple(asked), lost, tuple(changed), added
    )


def _names(reading: Any) -> dict[str, str]:
    """Column letter -> the name under which the comparison knows it."""
    if reading.layout is None:
        return {}
    own = {**reading.layout.fields, **reading.layout.spread}
    return {letter(i): name for name, i in own.items()} | {letter(i): f"+{h}" for h, i in reading.layout.extras.items()}


def _shown(document: Document, sheet: str, name: str) -> str:
    """A column's header as it was sent."""
    index = next(i for i, r in enumerate(document.sheets) if r.name == sheet)
    return name[1:] if name.startswith("+") else document.header(name, index)


def _enter(ledger: l.Ledger, found: Answer, old: dict[str, Any], new: dict[str, Any], *, loaded: bool) -> None:
    detail = {
        "asked": [a.__dict__ for a in found.asked[:KEPT]],
        **{k: [list(r) for r in getattr(found, k)[:KEPT]] for k in _ROWS},
    }
    row = {
        "submission_id": found.submission_id,
        "answers": found.answers,
        "file_sha256": new["file_sha256"],
        "answers_sha256": old["file_sha256"],
        **{f"cells_{s}": found.count(s) for s in STATES},
        **{f"rows_{k}": len(getattr(found, k)) for k in _ROWS},
        "detail": json.dumps(detail, ensure_ascii=False),
        "judged_at": l.now(),
    }
    s = l.submission.c
    with ledger.transaction() as connection:
        key = [l.answer.c[k] == row[k] for k in ("submission_id", "answers")]
        connection.execute(sa.delete(l.answer).where(*key))
        connection.execute(sa.insert(l.answer).values(row))
        if loaded:
            turned_away = (s.file_sha256 == old["file_sha256"], s.region_code == old["region_code"])
            connection.execute(
                sa.update(l.submission).where(*turned_away, s.status == "rejected").values(status="superseded")
            )


def _rejects(ledger: l.Ledger, submission: dict[str, Any]) -> list[dict[str, Any]]:
    """Rejects of all claims of a submission's file, each cell and rule once."""
    r = l.reject.c
    sha = submission["file_sha256"]
    claims = [c["submission_id"] for c in _claims_of(ledger, [sha])[sha]]
    query = sa.select(l.reject).where(r.submission_id.in_(claims)).order_by(r.sheet, r.row, r.column, r.rule)
    once = {(x["sheet"], x["row"], x["column"], x["rule"]): x for x in ledger.rows(query)}
    return sorted(once.values(), key=lambda x: (x["sheet"], x["row"], column_index(x["column"]), x["rule"]))


def _submission(ledger: l.Ledger, ident: str) -> dict[str, Any]:
    return ledger.rows(sa.select(l.submission).where(l.submission.c.submission_id == ident))[0]


def _scope(claim: dict[str, Any]) -> tuple[str, ...]:
    return tuple(claim[k] for k in ("unit_code", "period", "scope"))
