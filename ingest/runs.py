"""One ingest: find files, tell new from known, read, load source by source, try again what waited."""

from __future__ import annotations

import fcntl
import gc
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ingest import bulk, corrections, landing, reference, remarks, resolve, schema, unloaded
from ingest.contracts import contracts
from ingest.documents import Document, classify_all, open_document
from ingest.landing import Arrival
from ingest.loading import UNRESOLVED, Loader
from ingest.readers import Book
from ingest.refusals import Refusal
from ingest.results import LOADED, FileResult, IngestResult
from ingest.return_answers import note_answers
from ingest.sandbox import Given, read_files
from warehouse.errors import SchoolhouseError
from warehouse.files import together
from warehouse.ledger import Ledger, now
from warehouse.ledger import arrival as ARRIVAL
from warehouse.ledger import file_source as FILE_SOURCE
from warehouse.ledger import submission as SUBMISSION
from warehouse.settings import Settings

UNKNOWN = "unknown"
REGIONS = "regions"
# New objects after which Python looks for rings among them.
_OBJECTS = 200_000
# Claims after which the same bytes have nothing more to say.
SETTLED = frozenset({"accepted", "partial", "superseded"})

Progress = Callable[[int, int, str], None]


def run(
    settings: Settings,
    paths: Iterable[Path | str],
    *,
    sources: Collection[str] | None = None,
    region: str | None = None,
    period: str | None = None,
    progress: Progress | None = None,
) -> IngestResult:
    """Land, read, check and load files or folders; then try again the files that wait for reference data.

    `sources` restricts what is loaded; files of other sources are left for another call and are not in the
    result. `region` and
    `period` say what the files do not. `progress(done, total, path)` is called after each file. Safe to repeat
    and to kill: raw
    files are whole or absent, and rows count only once the ledger names their batch.

    Raises SchoolhouseError for a path or a source that does not exist; a fault of a file is its FileResult,
    not an exception.
    """
    wanted = _check_sources(sources)
    settings.prepare()
    files, control = landing.find(settings, paths)
    with _alone(settings), _few_collections():
        schema.write_schemas(settings)
        ledger = Ledger.open(settings)
        _remove_orphans(settings, ledger)
        remarks.settle(ledger)
        return _Run(settings, ledger, wanted, progress).go(files, control, region, period)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Rings of objects are looked for rarely: a run makes millions of objects at once and hardly a ring among them."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@dataclass(frozen=True)
class Repeat:
    """A file whose bytes were seen before: `settled` claims of earlier runs, or `first` of this run."""

    arrival: Arrival
    settled: list[dict[str, Any]]
    first: Arrival | None


class _Run:
    def __init__(self, settings: Settings, ledger: Ledger, wanted: Collection[str], progress: Progress | None) -> None:
        self.settings, self.ledger, self.wanted, self.progress = settings, ledger, wanted, progress
        self.results: list[FileResult] = []
        self.arrivals: list[dict[str, str]] = []
        self.total = 0
        # sha256 -> source of every file that was opened, of whatever source
        self.found: dict[str, str] = {}
        # sha256 -> row classes of files that were read and perhaps not loaded
        self.counts: dict[str, unloaded.Counts] = {}

    def go(self, files: list[Arrival], control: list[Arrival], region: str | None, period: str | None) -> IngestResult:
        turned_away = corrections.open_files(self.ledger)
        given = [replace(landing.hashed(a), region=region, period=period) for a in files]
        fresh, repeats, again = self._sort(given)
        self.total = len(given) + len(control) + len(again)
        for a in control:
            self._tell(_plain(a, "", "skipped", "控制文件或说明,不入库", "control file or readme, not loaded"))
        documents, unknown = self._open([*fresh, *again])
        loader = Loader(self.settings, self.ledger, given)
        # Region lists first: they say which repeated bytes are another county's claim.
        self._load(loader, {REGIONS: documents.pop(REGIONS, [])})
        elsewhere = self._tell_repeats(repeats, loader)
        for source, more in self._open(elsewhere)[0].items():
            documents.setdefault(source, []).extend(more)
        self._load(loader, documents)
        if unknown:
            ref = reference.load(self.settings, self.ledger, given)
            for a, error in unknown:
                self._tell(loader.turn_away(a, UNKNOWN, error, resolve.place(a, ref)))
        self._note_arrivals([*fresh, *elsewhere])
        self.ledger.insert(ARRIVAL, self.arrivals)
        again += self._look_again(loader)
        unloaded.keep_counts(self.ledger, self.counts, UNRESOLVED)
        new = sum(1 for r in self.results if r.status in LOADED)
        order = {a.shown: i for i, a in enumerate([*control, *given, *again])}
        results = sorted(self.results, key=lambda r: order.get(r.path, len(order)))
        results = note_answers(self.settings, self.ledger, results)
        return IngestResult(corrections.note_corrections(self.ledger, turned_away, results), new)

    def _look_again(self, loader: Loader) -> list[Arrival]:
        """Load once more what was returned in part for reference data (a school list, an exam's parameters, its
        registration) that has changed since; remember what each file was found to be and was looked at against.
        """
        state = remarks.reference_state(self.ledger)
        stale = {
            key: source for key, source in remarks.outdated(self.ledger, state).items()
            if source in self.wanted and key[0] not in self.found
        }  # fmt: skip
        arrivals = [
            a for sha in sorted({sha for sha, _ in stale}) for a in landing.recall(self.settings, sha)
            if (sha, a.shown) in stale
        ]  # fmt: skip
        documents, _ = self._open(arrivals)
        for document in (d for found in documents.values() for d in found):
            document.attempt = state
        self._load(loader, documents)
        remarks.remember(self.ledger, self.found, state)
        return arrivals

    def _load(self, loader: Loader, documents: dict[str, list[Document]]) -> None:
        for source, contract in contracts().items():
            mine = {d.arrival.sha256: d for d in documents.get(source, [])}
            for result in loader.load(contract, documents.get(source, [])):
                self._tell(result)
                if result.status not in LOADED and result.file_sha256 in mine:
                    self.counts[result.file_sha256] = unloaded.count_document(mine[result.file_sha256])

    def _sort(self, given: list[Arrival]) -> tuple[list[Arrival], list[Repeat], list[Arrival]]:
        """(files to read, files whose bytes were seen before, landed files that wait)."""
        known = self.ledger.known_files()
        sources = {r["file_sha256"]: r["source"] for r in self.ledger.rows(sa.select(FILE_SOURCE))}
        fresh: dict[str, Arrival] = {}
        repeats: list[Repeat] = []
        for a in given:
            settled = [c for c in known.get(a.sha256, []) if c["status"] in SETTLED]
            source = settled[0]["source"] if settled else sources.get(a.sha256)
            if source and source not in self.wanted:
                continue
            if settled or a.sha256 in fresh:
                repeats.append(Repeat(a, settled, fresh.get(a.sha256)))
            else:
                fresh[a.sha256] = a
        waiting = {
            (c["file_sha256"], c["file_name"])
            for claims in known.values()
            for c in claims
            if c["status"] == "waiting" and c["source"] in self.wanted and c["file_sha256"] not in fresh
        }
        landed = [a for sha in sorted({s for s, _ in waiting}) for a in landing.recall(self.settings, sha)]
        return list(fresh.values()), repeats, [a for a in landed if (a.sha256, a.shown) in waiting]

    def _tell_repeats(self, repeats: list[Repeat], loader: Loader) -> list[Arrival]:
        """Tell of the files that bring nothing new; return those that lie in another region's folder than before."""
        if not repeats:
            return []
        ref = reference.load(self.settings, self.ledger, loader.given)
        names = {(r["file_sha256"], r["path"]) for r in self.ledger.rows(sa.select(ARRIVAL))}
        elsewhere: list[Arrival] = []
        for r in repeats:
            a, regions = r.arrival, {c["region_code"] for c in r.settled}
            regions |= {
                resolve.place(b, ref) for b in (*([r.first] if r.first else []), *elsewhere) if b.sha256 == a.sha256
            }
            here = resolve.place(a, ref)
            listed = bool(r.settled) and r.settled[0]["source"] == REGIONS
            if here and not listed and regions - {""} and here not in regions:
                elsewhere.append(a)
                continue
            landed = r.settled and a.name in {b.name for b in landing.recall(self.settings, a.sha256)}
            self._tell(_repeat(r, same=bool(landed) or (a.sha256, a.shown) in names))
            self._arrived(a, "duplicate")
        return elsewhere

    def _open(
        self, arrivals: list[Arrival]
    ) -> tuple[dict[str, list[Document]], list[tuple[Arrival, SchoolhouseError]]]:
        documents: dict[str, list[Document]] = {}
        unknown: list[tuple[Arrival, SchoolhouseError]] = []
        ordered = sorted(arrivals, key=lambda a: a.absolute)
        unknown += [(a, a.fault) for a in ordered if a.fault]
        ordered = [a for a in ordered if not a.fault]
        long = {a for a in ordered if bulk.is_bulk(a.read_from)}
        outcomes = read_files([Given(a.read_from, a.sha256) for a in ordered if a not in long])
        # Files of one name each: their bytes and sidecars are made durable in one go.
        once = len({a.sha256 for a in ordered}) == len(ordered)
        with together() if once else nullcontext(), ThreadPoolExecutor(2 if once else 1) as hand:
            landed: list[tuple[Document, Book, Future[None]]] = []
            for a in ordered:
                outcome = None
                try:
                    outcome = bulk.read_book(a.read_from, self.settings.quarantine) if a in long else next(outcomes)
                    if isinstance(outcome, SchoolhouseError):
                        raise outcome
                    document = open_document(a, outcome, later=True)
                    self.found[a.sha256] = document.contract.source
                    if document.contract.source in self.wanted:
                        # Files are put away while the next ones are looked at.
                        landed.append((document, outcome, self._put_away(hand, a)))
                except SchoolhouseError as e:
                    with suppress(Refusal):
                        self._put_away(hand, a).result()
                    if isinstance(outcome, Book):
                        self.counts[a.sha256] = unloaded.count_book(outcome)
                    unknown.append((a, e))
            for document, book, done in landed:
                try:
                    done.result()
                    documents.setdefault(document.contract.source, []).append(document)
                except Refusal as e:
                    self.counts[document.arrival.sha256] = unloaded.count_book(book)
                    unknown.append((document.arrival, e))
        classify_all([d for more in documents.values() for d in more])
        return documents, unknown

    def _put_away(self, hand: ThreadPoolExecutor, arrival: Arrival) -> Future[None]:
        """Land a file in another thread, which sees the same `together`. What has several names wants a single one."""
        return hand.submit(copy_context().run, landing.land, self.settings, arrival)

    def _note_arrivals(self, fresh: list[Arrival]) -> None:
        status = {r.file_sha256: r.status for r in self.results if r.status not in ("duplicate", "unchanged")}
        for a in fresh:
            if a.sha256 in status:
                self._arrived(a, "rejected" if status[a.sha256] == "rejected" else "new")

    def _arrived(self, a: Arrival, outcome: str) -> None:
        self.arrivals.append({"file_sha256": a.sha256, "path": a.shown, "outcome": outcome, "received_at": now()})

    def _tell(self, result: FileResult) -> None:
        self.results.append(result)
        if self.progress:
            self.progress(len(self.results), self.total, result.path)


def _check_sources(sources: Collection[str] | None) -> Collection[str]:
    known = contracts()
    unknown = sorted(set(sources or ()) - known.keys())
    if unknown:
        names = ", ".join(known)
        raise SchoolhouseError(
            f"no such source: {', '.join(unknown)}",
            f"没有这种数据源:{'、'.join(unknown)}",
            fix_en=f"one of {names}",
            fix_zh=f"可用:{names}",
        )
    return frozenset(sources) if sources is not None else frozenset(known)


def _repeat(r: Repeat, *, same: bool) -> FileResult:
    claim = r.settled[0] if r.settled else {}
    if same:
        status, zh, en = "unchanged", "文件没有变化,已在库中", "unchanged, loaded before"
    else:
        other = claim.get("file_name") or (r.first.shown if r.first else "")
        status, zh, en = "duplicate", f"与“{other}”内容完全相同,不再入库", f"same bytes as {other}, not loaded again"
    region, unit, period = (claim.get(k, "") for k in ("region_code", "unit_code", "period"))
    a, source = r.arrival, claim.get("source", "")
    return FileResult(a.shown, a.sha256, source, status, region, unit, period, 0, 0, zh, en)


def _plain(a: Arrival, source: str, status: str, zh: str, en: str) -> FileResult:
    return FileResult(a.shown, a.sha256, source, status, "", "", "", 0, 0, zh, en)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One ingest at a time in a home; the lock falls with the process."""
    with (settings.home / "ledger" / "ingest.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _remove_orphans(settings: Settings, ledger: Ledger) -> None:
    """Remove raw files of a run that was killed before the ledger named them: their rows come again under
    another batch.
    """
    named = {r["batch_id"] for r in ledger.rows(sa.select(SUBMISSION.c.batch_id).distinct())}
    for source in contracts():
        for path in (settings.raw / source).rglob("*.parquet"):
            if path.stem != "_schema" and path.stem not in named:
                path.unlink()
