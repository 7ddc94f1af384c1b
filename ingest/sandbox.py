"""Files are opened in other processes, with bounds on memory, processor and clock; what comes back is Arrow.

A process that dies, hangs or grows too much costs the one file it was at. Many small files share a call; the processes
start when they are first needed and end with the house's own.
"""

from __future__ import annotations

import atexit
import contextlib
import mmap
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.frames import Frames, Gone
from ingest.limits import PREFIX, Limits
from ingest.readers import Book, Sheet
from ingest.refusals import Refusal
from warehouse.errors import SchoolhouseError

# Files of one call: so many, or so many bytes. A bigger file has a call of its own.
_CALL_FILES, _CALL_BYTES = 64, 2 << 20
# Calls that may be finished and not yet asked for; bounds the memory of answers.
_AHEAD = 4
# Answers up to this size are copied, larger ones mapped.
_MAPPED = 16 << 20
# Starts of a process for one call before the house gives up.
_TRIES = 3
# The clock of the house gives way to the worker's own processor limit, which is exact.
_GRACE_SECONDS = 2.0
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Given:
    """A file to be read: where it lies and, where known, the SHA-256 that its bytes must have."""

    path: Path
    sha256: str = ""
    size: int = 0


Outcome = Book | Refusal


def read_files(files: Sequence[Given], limits: Limits | None = None) -> Iterator[Outcome]:
    """What each file holds, or why it was refused, in the order given. Never raises for a file."""
    limits = limits or Limits.load()
    pool = _pool(limits)
    if not pool.busy:
        yield from pool.read(files)
        return
    # Somebody is in the middle of reading with these processes.
    own = _Pool(limits)
    try:
        yield from own.read(files)
    finally:
        own.close()


def read_file(path: Path, limits: Limits | None = None) -> Book:
    """One file. Raises Refusal."""
    # To the end: a reading left in the middle costs its processes.
    (outcome,) = read_files([Given(path)], limits)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


@dataclass
class _Call:
    """Files that one process reads in one go, and what has come back."""

    first: int
    files: list[Given]
    output: int = -1
    answers: list[dict[str, Any]] = field(default_factory=list)
    begun: int = -1
    since: float = 0.0
    tries: int = 0

    @property
    def at(self) -> int:
        """The file that is to be answered next."""
        return len(self.answers)

    def refuse(self, code: str, **values: Any) -> None:
        """The file that was begun is refused; those before it had no answer yet and are asked for again without it."""
        if self.begun == 0:
            self.answers = [{"refused": code, "values": values}]

    @property
    def complete(self) -> bool:
        return self.at == len(self.files)


class _Worker:
    """One reading process."""

    def __init__(self, limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ingest.reading_worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                cwd=_ROOT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.frames, self.limits = Frames(ours), limits
        self.call: _Call | None = None

    def begin(self, call: _Call) -> None:
        call.output = _memory_file()
        call.since, call.tries = time.monotonic(), call.tries + 1
        files = [{"path": str(g.path), "sha256": g.sha256, "size": g.size} for g in call.files]
        self.call = call
        task = {"limits": asdict(self.limits), "files": files, "handles": 1}
        with contextlib.suppress(Gone):
            # Seen at the next look: its end of the socket is closed.
            self.frames.send(task, (call.output,))

    def end(self, patience: float = 0.0) -> int:
        """End the process, however it is; its return code. One that is ending by itself is given `patience` seconds."""
        self.frames.close()
        if patience:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.process.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        return self.process.wait()


class _Pool:
    def __init__(self, limits: Limits) -> None:
        self.limits, self.owner = limits, os.getpid()
        self.workers: list[_Worker] = []
        self.busy = False
        self.size = max(1, min(limits.workers, os.cpu_count() or 1))

    def read(self, files: Sequence[Given]) -> Iterator[Outcome]:
        waiting = deque(_calls(files))
        done: dict[int, list[Outcome]] = {}
        wanted = 0
        self.busy = True
        try:
            while wanted < len(files):
                while wanted not in done:
                    self._start(waiting, len(done))
                    for call in self._wait():
                        if call.answers:
                            done[call.first] = _outcomes(call)
                        waiting.extendleft(reversed(_rest(call)))
                outcomes = done.pop(wanted)
                wanted += len(outcomes)
                if wanted >= len(files):
                    # All is read: the processes are free, even if the last answers are never asked for.
                    self.busy = False
                yield from outcomes
        finally:
            if wanted < len(files):
                self.busy = False
                # Whoever stops asking leaves processes at work that nobody listens to.
                for worker in [w for w in self.workers if w.call]:
                    self._drop(worker)

    def _start(self, waiting: deque[_Call], finished: int) -> None:
        while waiting:
            idle = next((w for w in self.workers if not w.call), None)
            busy = sum(1 for w in self.workers if w.call)
            if busy and busy + finished >= self.size + _AHEAD:
                return
            if idle is None:
                if len(self.workers) >= self.size:
                    return
                idle = _Worker(self.limits)
                self.workers.append(idle)
            idle.begin(waiting.popleft())

    def _wait(self) -> list[_Call]:
        """Calls that have ended: done, or broken off with the file that was to blame among its answers."""
        ended: list[_Call] = []
        with selectors.DefaultSelector() as selector:
            for worker in self.workers:
                if worker.call:
                    selector.register(worker.frames.sock, selectors.EVENT_READ, worker)
            due = min(_deadline(w.call, self.limits) for w in self.workers if w.call)
            for key, _ in selector.select(max(0.0, due - time.monotonic())):
                worker: _Worker = key.data
                try:
                    worker.frames.fill()
                    finished = self._take(worker)
                except Gone:
                    finished = True
                    self._blame(worker)
                if finished and worker.call:
                    ended.append(worker.call)
                    worker.call = None
        now = time.monotonic()
        for worker in [w for w in self.workers if w.call and now > _deadline(w.call, self.limits)]:
            call, worker.call = worker.call, None
            self._drop(worker)
            if call:
                call.begun = max(call.begun, 0)
                call.refuse("time", limit=self._seconds(call))
                ended.append(call)
        return ended

    def _take(self, worker: _Worker) -> bool:
        """Take the messages of a process; whether its call is done."""
        call = worker.call
        while call and (message := worker.frames.next()) is not None:
            if "done" in message:
                call.answers = message["answers"]
                if message["retires"]:
                    self._drop(worker)
                return True
            call.begun, call.since = message["begin"], time.monotonic()
        return False

    def _blame(self, worker: _Worker) -> None:
        """A process ended by itself in the middle of a call: the file it had begun is to blame."""
        call, code = worker.call, worker.end(patience=_GRACE_SECONDS)
        self.workers.remove(worker)
        if call is None or call.complete:
            return
        if code == 0 and call.begun >= 0:
            # It went by itself to make room: what it has not answered is for a new one.
            return
        if call.begun < 0:
            # It ended before it had begun: no file is to blame for that.
            if call.tries >= _TRIES:
                raise SchoolhouseError(
                    f"the processes that open files do not start (exit code {code})",
                    f"读取文件的进程无法启动(退出码 {code})",
                    fix_en=f"check the installation and {PREFIX}MEMORY_MB",
                    fix_zh=f"请检查安装和 {PREFIX}MEMORY_MB 设置",
                )
            return
        if -code == signal.SIGXCPU:
            call.refuse("time", limit=self._seconds(call))
        elif -code in (signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS):
            # Out of address space the parser aborts; other than by that it has not been seen to.
            call.refuse("memory", limit=self.limits.memory_for(call.files[call.begun].size))
        else:
            call.refuse("crashed")

    def _seconds(self, call: _Call) -> int:
        return self.limits.time_for(call.files[max(call.begun, 0)].size)

    def _drop(self, worker: _Worker) -> None:
        worker.end()
        if worker in self.workers:
            self.workers.remove(worker)

    def close(self) -> None:
        for worker in list(self.workers):
            self._drop(worker)


def _rest(call: _Call) -> list[_Call]:
    """The files of a call that were not answered. The file at which it broke off begins a call of its own."""
    if call.complete:
        return []
    if call.answers:
        return [_Call(call.first + call.at, call.files[call.at :])]
    os.close(call.output)
    if call.begun <= 0:
        return [_Call(call.first, call.files, tries=call.tries if call.begun < 0 else 0)]
    cut = call.begun
    return [_Call(call.first, call.files[:cut]), _Call(call.first + cut, call.files[cut:])]


def _outcomes(call: _Call) -> list[Outcome]:
    """Books and refusals of the files that were answered, in order. The memory lives as long as its sheets."""
    size = os.fstat(call.output).st_size
    if size > _MAPPED:
        memory = pa.py_buffer(mmap.mmap(call.output, size, access=mmap.ACCESS_READ))
    else:
        # A map keeps the file open: thousands of small answers would be thousands of open files.
        memory = pa.py_buffer(os.pread(call.output, size, 0))
    os.close(call.output)
    tables: dict[int, pa.Table] = {}
    return [_outcome(a, memory, tables) for a in call.answers]


def _outcome(answer: dict[str, Any], memory: pa.Buffer, tables: dict[int, pa.Table]) -> Outcome:
    """A book or a refusal; `tables` are those that were read of this memory, by where they begin."""
    if "refused" in answer:
        return Refusal(answer["refused"], **answer["values"])
    sheets = []
    for s in answer["sheets"]:
        start, count = s["start"], s["columns"]
        if start not in tables:
            tables[start] = pa.ipc.open_stream(memory.slice(start, s["size"])).read_all().combine_chunks()
        table = tables[start]
        columns = table.columns[:count] if count < table.num_columns else table.columns
        cut = pa.Table.from_arrays(columns, names=table.column_names[:count]).slice(s["first"], s["rows"])
        sheets.append(Sheet(s["name"], s["hidden"], cut))
    return Book(sheets, [(code, values) for code, values in answer["notes"]])


def _deadline(call: _Call | None, limits: Limits) -> float:
    if call is None:
        return float("inf")
    size = call.files[min(max(call.begun, 0), len(call.files) - 1)].size
    return call.since + limits.time_for(size) + _GRACE_SECONDS


def _calls(files: Sequence[Given]) -> Iterator[_Call]:
    part: list[Given] = []
    first = size = 0
    for i, given in enumerate(files):
        sized = given if given.size else Given(given.path, given.sha256, _size(given.path))
        if part and (len(part) == _CALL_FILES or size + sized.size > _CALL_BYTES):
            yield _Call(first, part)
            part, first, size = [], i, 0
        part.append(sized)
        size += sized.size
    if part:
        yield _Call(first, part)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _memory_file() -> int:
    """An anonymous file in memory: it has no name, and goes when nobody has it open any more."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("sheets", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as f:
        return os.dup(f.fileno())


def _environment() -> dict[str, str]:
    """What a reading process needs to start, and no secret of the house."""
    kept = {k: os.environ[k] for k in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "HOME") if k in os.environ}
    # One arena and the plain allocator keep the address space near to what is used.
    return {**kept, "PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # fmt: skip


_POOLS: dict[Limits, _Pool] = {}


def _pool(limits: Limits) -> _Pool:
    """The processes of this process: a forked child starts its own."""
    pool = _POOLS.get(limits)
    if pool is None or pool.owner != os.getpid():
        pool = _POOLS[limits] = _Pool(limits)
    return pool


@atexit.register
def close() -> None:
    """End the reading processes of this process."""
    for pool in list(_POOLS.values()):
        if pool.owner == os.getpid():
            pool.close()
    _POOLS.clear()
