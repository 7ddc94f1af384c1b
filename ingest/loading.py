"""Loading the files of one source: resolve, type, claim, write raw, enter the ledger. Raw first, ledger after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from ingest import batches, messages, normalise, reference, remarks, resolve
from ingest.batches import Claim
from ingest.contracts import Contract
from ingest.documents import Document
from ingest.landing import Arrival
from ingest.messages import Reject, Text
from ingest.results import FileResult
from ingest.texts import letter
from ingest.totals import Mismatch, check_totals
from ingest.vault import Vault
from warehouse import ledger as tables
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_parquet
from warehouse.ledger import Ledger
from warehouse.ledger import submission as SUBMISSION
from warehouse.settings import Settings

# Scope of a claim that was turned away or waits before its rows were looked at.
UNRESOLVED = "unresolved"
# Sheet rows typed at once; bounds memory, not results.
CHUNK_ROWS = 400_000


@dataclass
class Loader:
    """Loads documents of one source after another into one home."""

    settings: Settings
    ledger: Ledger
    given: list[Arrival]

    def load(self, contract: Contract, documents: list[Document]) -> Iterator[FileResult]:
        """Results of the documents, in chunks. Documents that wait or fail before their rows are looked at
        come first.
        """
        if not documents:
            return
        ref = reference.load(self.settings, self.ledger, self.given)
        for chunk in _chunks(documents):
            good: list[Document] = []
            for d in chunk:
                try:
                    self._resolve(d, ref)
                    good.append(d)
                except SchoolhouseError as e:
                    yield self.turn_away(d.arrival, contract.source, e, d.region or "")
            if contract.of_exam:
                good, failed = self._resolve_exams(contract, good, ref)
                for d, e in failed:
                    yield self.turn_away(d.arrival, contract.source, e, d.region or "")
            if good:
                yield from self._load_rows(contract, good, ref)

    @staticmethod
    def _resolve(document: Document, ref: reference.Reference) -> None:
        contract = document.contract
        if not any(s.counts()["data"] for _, s, _ in document.loaded):
            raise SchoolhouseError(
                "the sheet has no data rows",
                "表中没有数据行",
                fix_en="fill it in and send it again",
                fix_zh="请填报后再报送",
            )
        document.region = resolve.place(document.arrival, ref) or None
        if "school_report" in contract.needs and not ref.schools:
            raise _waits_for_schools(document.region or "")
        document.region = resolve.resolve_region(document, ref)
        if "school_report" in contract.needs and not ref.has_schools(document.region):
            raise _waits_for_schools(document.region)
        resolve.resolve_periods(document)
        for _, reading, layout in document.loaded:
            for f in contract.read_fields:
                if (
                    f.required
                    and f.name not in layout.fields
                    and not reading.derived.get(f.name)
                    and "default" not in f.custom
                    and not (contract.of_exam and f.name == resolve.EXAM_NAME)
                    and not any(name in layout.fields for name in f.stand_ins)
                ):
                    raise SchoolhouseError(
                        f"the column {f.aliases[0]} is missing and the title does not say it",
                        f"缺少“{f.aliases[0]}”列,表题中也没有写明",
                        fix_en="add the column or say it in the title",
                        fix_zh="请补上这一列,或在表题中写明",
                    )

    @staticmethod
    def _resolve_exams(
        contract: Contract, documents: list[Document], ref: reference.Reference
    ) -> tuple[list[Document], list[tuple[Document, SchoolhouseError]]]:
        if not documents:
            return [], []
        with normalise.connect() as con:
            pairs = normalise.marked_pairs(con, contract, documents)
        good, failed = [], []
        for file_ix, d in enumerate(documents):
            try:
                for sheet_ix, reading, layout in d.loaded:
                    if reading.counts()["data"]:
                        resolve.resolve_exam(d, reading, layout, pairs.get((file_ix, sheet_ix), set()), ref)
                good.append(d)
            except SchoolhouseError as e:
                failed.append((d, e))
        return good, failed

    def turn_away(self, arrival: Arrival, source: str, error: SchoolhouseError, region: str) -> FileResult:
        """Enter a file that was not loaded, as waiting or rejected; whatever waited of it before is replaced."""
        status = "waiting" if isinstance(error, resolve.Waiting) else "rejected"
        ident = batches.submission_id(source, region, region, "", UNRESOLVED, arrival.sha256)
        text = Text(_one_line(error, "zh"), _one_line(error, "en"))
        entry = _entry(ident, source, region, region, "", UNRESOLVED, arrival, status, "", text, {}, 0, 0)
        before = self.ledger.rows(sa.select(SUBMISSION).where(SUBMISSION.c.file_sha256 == arrival.sha256))
        if not any(b["submission_id"] == ident and (b["status"], b["reason_en"]) == (status, text.en) for b in before):
            self.ledger.record([entry])
        self._sweep([arrival.sha256], {region, ""}, keep={ident})
        return FileResult(arrival.shown, arrival.sha256, source, status, region, region, "", 0, 0, text.zh, text.en)

    def _load_rows(self, contract: Contract, documents: list[Document], ref: reference.Reference) -> list[FileResult]:
        with normalise.connect(self.settings.quarantine) as con:
            vault = Vault.open(self.settings)
            normalise.type_rows(con, contract, documents, ref, vault.find)
            claims = batches.claim(con, contract, documents)
            batch_id = batches.write(self.settings, con, contract, documents, claims, vault)
            rejects = _rejects(con)
            notes: dict[int, list[Mismatch]] = {}
            normalise.open_summaries(con, contract, documents)
            for found in check_totals(con, contract):
                notes.setdefault(found.file_ix, []).append(found)
        extra = {
            i: messages.summary_notes(notes.get(i, [])) + messages.layout_notes(d) for i, d in enumerate(documents)
        }
        self._record(contract, documents, claims, batch_id, rejects, extra, notes)
        return self._results(contract, documents, claims, rejects, extra)

    def _record(
        self,
        contract: Contract,
        documents: list[Document],
        claims: list[Claim],
        batch_id: str,
        rejects: dict[int, list[Reject]],
        notes: dict[int, list[Text]],
        mismatches: dict[int, list[Mismatch]],
    ) -> None:
        entries, classes, cells = [], [], []
        for i, c in enumerate(claims):
            d, mine = documents[c.file_ix], rejects.get(i, [])
            text = messages.outcome_text(
                c.accepted, c.rejected, messages.rejects_text(contract, d, mine), notes[c.file_ix], 1
            )
            if c.rejected:
                self._quarantine(contract, d, c, mine)
            reason = text if c.rejected or notes[c.file_ix] else Text("", "")
            loaded = batch_id if c.accepted else ""
            entries.append(
                _entry(c.submission_id, contract.source, c.region, c.unit, c.period, c.scope, d.arrival,
                _status(c), loaded,
                       reason, d.column_map(), c.accepted, c.rejected)
            )  # fmt: skip
            cells += [_cell(contract, d, c, r) for r in mine]
        own = _by_file(claims)
        for file_ix, d in enumerate(documents):
            classes += _row_classes(d, [c for _, c in own[file_ix]])
        entries = self._changed(entries)
        new = {e["submission_id"] for e in entries}
        classes, cells = ([r for r in rows if r["submission_id"] in new] for rows in (classes, cells))
        unique = {(c["submission_id"], c["sheet"], c["row"], c["column"], c["rule"]): c for c in cells}
        conflicts = remarks.find_conflicts(self.settings, self.ledger, contract, entries)
        if conflicts:
            # Before the claims: a run that is killed in between leaves what the next one settles by.
            remarks.enter(self.ledger, {tables.claim_conflict: conflicts}, sorted(new))
        self.ledger.record(entries, classes, list(unique.values()))
        self._remark(contract, documents, claims, entries, mismatches, conflicts)
        regions = {"", *(c.region for c in claims)}
        self._sweep([d.arrival.sha256 for d in documents], regions, keep={c.submission_id for c in claims})

    def _remark(
        self,
        contract: Contract,
        documents: list[Document],
        claims: list[Claim],
        entries: list[dict[str, Any]],
        mismatches: dict[int, list[Mismatch]],
        conflicts: list[dict[str, Any]],
    ) -> None:
        """Enter what is remarked beside the claims; a file's totals stand with its first claim."""
        totals = []
        for file_ix, found in mismatches.items():
            first = next(c for c in claims if c.file_ix == file_ix)
            totals += remarks.mismatch_rows(first.submission_id, [s.name for s in documents[file_ix].sheets], found)
        rows = {
            tables.total_mismatch: totals,
            tables.claim_conflict: conflicts,
            tables.late_arrival: remarks.late_rows(self.ledger, contract, entries),
        }
        remarks.enter(self.ledger, rows, [e["submission_id"] for e in entries])

    def _sweep(self, hashes: list[str], regions: set[str], keep: set[str]) -> None:
        """Drop what was entered of these files before they could be resolved."""
        with self.ledger.transaction() as connection:
            for part in (hashes[i : i + 400] for i in range(0, len(hashes), 400)):
                stale = connection.execute(
                    sa.select(SUBMISSION.c.submission_id).where(
                        SUBMISSION.c.file_sha256.in_(part),
                        SUBMISSION.c.scope == UNRESOLVED,
                        SUBMISSION.c.region_code.in_(sorted(regions)),
                    )
                ).scalars()
                for ident in [s for s in stale if s not in keep]:
                    connection.execute(sa.delete(SUBMISSION).where(SUBMISSION.c.submission_id == ident))

    def _changed(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Claims that the ledger does not hold already: a rejected file sent again as it was changes nothing."""
        ids = [e["submission_id"] for e in entries if e["status"] == "rejected"]
        query = sa.select(SUBMISSION).where(SUBMISSION.c.submission_id.in_(ids))
        held = {r["submission_id"]: (r["status"], r["reason_en"]) for r in self.ledger.rows(query)} if ids else {}
        return [e for e in entries if held.get(e["submission_id"]) != (e["status"], e["reason_en"])]

    def _quarantine(self, contract: Contract, document: Document, claim: Claim, rejects: list[Reject]) -> None:
        """Keep the rejected rows as they were sent, with what is wrong in each."""
        reasons: dict[tuple[int, int], list[str]] = {}
        for r in rejects:
            reasons.setdefault((r.sheet, r.row), []).append(messages.reject_text(contract, document, r).zh)
        parts = []
        for sheet_ix in sorted({s for s, _ in reasons}):
            rows = sorted(row for s, row in reasons if s == sheet_ix)
            cells = document.sheets[sheet_ix].sheet.table.take([r - 1 for r in rows])
            origin = {
                "_sheet": pa.array([document.sheets[sheet_ix].sheet.name] * len(rows), pa.string()),
                "_row": pa.array(rows, pa.int32()),
                "_reasons": pa.array([";".join(reasons[(sheet_ix, r)]) for r in rows], pa.string()),
            }
            named = {letter(i): cells.column(i) for i in range(cells.num_columns)}
            parts.append(pa.table({**origin, **named}))
        if parts:
            table = pa.concat_tables(parts, promote_options="default")
            atomic_parquet(self.settings.quarantine / f"{claim.submission_id}.parquet", table)

    def _results(
        self,
        contract: Contract,
        documents: list[Document],
        claims: list[Claim],
        rejects: dict[int, list[Reject]],
        notes: dict[int, list[Text]],
    ) -> list[FileResult]:
        ids = [c.submission_id for c in claims]
        query = sa.select(SUBMISSION).where(SUBMISSION.c.submission_id.in_(ids))
        versions = {r["submission_id"]: r["version"] for r in self.ledger.rows(query)}
        results = []
        by_file = _by_file(claims)
        for file_ix, d in enumerate(documents):
            own = by_file[file_ix]
            bad = [r for i, _ in own for r in rejects.get(i, [])]
            accepted, rejected = sum(c.accepted for _, c in own), sum(c.rejected for _, c in own)
            version = max(versions.get(c.submission_id, 1) for _, c in own)
            text = messages.outcome_text(
                accepted, rejected, messages.rejects_text(contract, d, bad), notes[file_ix], version
            )
            status = "rejected" if not accepted else "partial" if rejected else "accepted"
            region, unit, period = (_joined(getattr(c, a) for _, c in own) for a in ("region", "unit", "period"))
            results.append(
                FileResult(d.arrival.shown, d.arrival.sha256, contract.source, status, region, unit, period,
                           accepted, rejected, text.zh, text.en)
            )  # fmt: skip
        return results


def _by_file(claims: list[Claim]) -> dict[int, list[tuple[int, Claim]]]:
    found: dict[int, list[tuple[int, Claim]]] = {}
    for i, c in enumerate(claims):
        found.setdefault(c.file_ix, []).append((i, c))
    return found


def _chunks(documents: list[Document]) -> Iterator[list[Document]]:
    chunk: list[Document] = []
    rows = 0
    for d in documents:
        chunk.append(d)
        rows += sum(s.sheet.table.num_rows for s in d.sheets)
        if rows >= CHUNK_ROWS:
            yield chunk
            chunk, rows = [], 0
    if chunk:
        yield chunk


def _waits_for_schools(region: str) -> resolve.Waiting:
    return resolve.Waiting(
        f"waits for the school report of {region or 'the region'}",
        f"等待{region or '本区划'}的学校基表",
        fix_en="send the school report; the file is then loaded by itself",
        fix_zh="请先报送学校基表,到达后本文件自动入库",
    )


def _one_line(error: SchoolhouseError, language: str) -> str:
    return " ".join(error.line(language).split())


def _joined(values: Iterator[str]) -> str:
    return "+".join(dict.fromkeys(values))


def _status(c: Claim) -> str:
    return "rejected" if not c.accepted else "partial" if c.rejected else "accepted"


def _rejects(con: duckdb.DuckDBPyConnection) -> dict[int, list[Reject]]:
    found: dict[int, list[Reject]] = {}
    for claim_ix, *cell in con.execute(
        "SELECT DISTINCT c.claim_ix, t.sheet_ix, t._row, r.letter, r.field, r.rule FROM rejected r "
        "JOIN typed t USING (rid) JOIN claimed c USING (rid) ORDER BY ALL"
    ).fetchall():
        found.setdefault(claim_ix, []).append(Reject(*cell))
    return found


def _cell(contract: Contract, document: Document, claim: Claim, r: Reject) -> dict[str, Any]:
    text = messages.reject_text(contract, document, r)
    return {
        "submission_id": claim.submission_id,
        "sheet": document.sheets[r.sheet].name,
        "row": r.row,
        "column": r.letter,
        "rule": r.rule,
        "message_zh": text.zh,
        "message_en": text.en,
    }


def _row_classes(document: Document, claims: list[Claim]) -> list[dict[str, Any]]:
    """Counts per submission, sheet and class. Rows that are no data count with the file's first claim."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for sheet_ix, reading in enumerate(document.sheets):
        seen = 0
        for cls, n in reading.counts().items():
            if cls != "data":
                counts[(claims[0].submission_id, reading.name, cls)] += n
                seen += n
        for c in claims:
            good, bad = c.sheets.get(sheet_ix, (0, 0))
            counts[(c.submission_id, reading.name, "data_accepted")] += good
            counts[(c.submission_id, reading.name, "data_rejected")] += bad
            seen += good + bad
        if seen != reading.sheet.table.num_rows:
            raise AssertionError(f"rows of a sheet do not add up: {seen} of {reading.sheet.table.num_rows}")
    return [
        {"submission_id": ident, "sheet": sheet, "row_class": cls, "row_count": n}
        for (ident, sheet, cls), n in sorted(counts.items())
        if n
    ]


def _entry(
    ident: str, source: str, region: str, unit: str, period: str, scope: str, arrival: Arrival, status: str,
    batch_id: str,
    reason: Text, column_map: dict[str, str], accepted: int, rejected: int,
) -> dict[str, Any]:  # fmt: skip
    return {
        "submission_id": ident,
        "region_code": region,
        "source": source,
        "unit_code": unit,
        "period": period,
        "scope": scope,
        "file_sha256": arrival.sha256,
        "file_name": arrival.shown,
        "status": status,
        "batch_id": batch_id,
        "reason_en": reason.en,
        "reason_zh": reason.zh,
        "column_map": column_map,
        "rows_accepted": accepted,
        "rows_rejected": rejected,
    }
