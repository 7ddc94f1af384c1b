"""Every bad file ends in one clear line and an entry in the ledger, in bounded time and memory; the good file beside
them loads.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest import sandbox
from ingest.landing import Arrival
from tests.hostile import tables
from tests.hostile.builders import xlsx
from tests.hostile.case import Case
from tests.hostile.corpus import corpus, put
from tests.ingest.conftest import HMAC_KEY, County
from warehouse import ledger

CASES = corpus()
FOLDER = "990101/2021-2022/信箱"
# Bounds that the machine of a county has, and so CI: a file that needs more is refused, not the others.
SECONDS, MEMORY_MIB = 10.0, 1024
GOOD = f"{FOLDER}/好文件.xlsx"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory):
    """All files in one inbox, ingested once: (county, shown path -> result, seconds)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCHOOLHOUSE_HMAC_KEY", HMAC_KEY)
        patch.setenv("SCHOOLHOUSE_READ_SECONDS", str(int(SECONDS)))
        county = County(tmp_path_factory.mktemp("hostile"))
        county.put_reference()
        with tables.own_year(0):
            county.put(GOOD, xlsx(tables.money()))
        for case in CASES.values():
            put(case, county.inbox / FOLDER)
        started = time.monotonic()
        with Peak() as peak:
            results = county.run()
        yield county, results, time.monotonic() - started, peak.kib
    sandbox.close()


class Peak:
    """The most memory that any reading process had, by looking again and again at all of them."""

    def __enter__(self) -> Peak:
        self.kib, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.01):
            for process in [w.process for p in list(sandbox._POOLS.values()) for w in list(p.workers)]:
                try:
                    status = Path(f"/proc/{process.pid}/status").read_text()
                except OSError:
                    continue
                lines = (line.split() for line in status.splitlines() if line.startswith("VmHWM:"))
                self.kib = max([self.kib, *(int(words[1]) for words in lines)])


def shown(case: Case) -> str:
    name = f"{FOLDER}/{case.file}"
    return Arrival(Path(name), name, name, ()).shown


def test_there_are_enough_of_them():
    assert len(CASES) >= 120


def test_the_good_file_loads(home):
    assert home[1][GOOD].status == "accepted"
    assert home[0].raw("budget_execution", "amount_yuan", f"_file_sha256 = '{home[1][GOOD].file_sha256}'")


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_file_ends_in_one_line_and_an_entry(home, case: Case):
    county, results = home[:2]
    result = results[shown(case)]
    lines = (result.message_en, result.message_zh)
    assert result.status == case.status, lines
    assert case.en in result.message_en
    assert case.zh in result.message_zh
    for line in (*lines, result.path):
        assert line and line.isprintable() and len(line) < 1200
        assert "Traceback" not in line and "/proc/" not in line and str(county.settings.home) not in line
    entry = sa.select(ledger.submission).where(ledger.submission.c.file_sha256 == result.file_sha256)
    entries = county.ledger().rows(entry)
    assert [e["status"] for e in entries] == [case.status]
    arrivals = county.ledger().rows(sa.select(ledger.arrival).where(ledger.arrival.c.path == result.path))
    assert len(arrivals) == 1
    if case.rule:
        ident = entries[0]["submission_id"]
        rejects = county.ledger().rows(sa.select(ledger.reject).where(ledger.reject.c.submission_id == ident))
        assert {r["rule"] for r in rejects} == {case.rule}


def test_all_of_them_again_change_nothing(home):
    county, before = home[:2]
    entries = county.ledger().rows(sa.select(ledger.submission))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCHOOLHOUSE_HMAC_KEY", HMAC_KEY)
        again = county.run()
    assert {p: r.status for p, r in again.items() if r.status == "rejected"} == {
        p: r.status for p, r in before.items() if r.status == "rejected"
    }
    assert county.ledger().rows(sa.select(ledger.submission)) == entries


def test_time_and_memory_are_bounded(home):
    # Files whose reader is stopped by the clock would show here: each may take SECONDS.
    assert home[2] < 60
    assert 20 < home[3] >> 10 < MEMORY_MIB
