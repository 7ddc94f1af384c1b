"""A process that opens files under limits and hands back Arrow: `python -m ingest.reading_worker SOCKET`.

It is given paths, one batch at a time, with an anonymous memory file for the answers. It has no vault key and no home.
Whatever a file does to it, only that file is lost: the parent knows which file was begun and not ended.
"""

from __future__ import annotations

import hashlib
import os
import resource
import socket
import stat
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.answers import Answers
from ingest.frames import Frames, Gone
from ingest.limits import Limits
from ingest.readers import sheets_of
from ingest.refusals import Refusal

# A process that still holds more than this after a call is replaced: memory that a big file needed is given back.
_RETIRE_BYTES = 384 << 20


def main() -> None:
    frames = Frames(socket.socket(fileno=int(sys.argv[1])))
    limits: Limits | None = None
    used = False
    try:
        while True:
            task, handles = frames.receive()
            if limits is None:
                limits = Limits(**task["limits"])
                _confine(limits)
            answers, full = _answer(frames, task["files"], handles[0], limits, used)
            used = True
            os.close(handles[0])
            retires = full or _resident() > _RETIRE_BYTES
            frames.send({"done": len(answers), "answers": answers, "retires": retires})
            if retires:
                return
    except Gone:
        return


def _resident() -> int:
    """Bytes of this process in memory now. The peak that the kernel counts begins with that of the parent."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _confine(limits: Limits) -> None:
    """Bounds of this process, for good: address space, no core file, no growth of the answer without end."""
    space = limits.memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (space, space))
    pa.set_cpu_count(1)


def _answer(
    frames: Frames, files: list[dict[str, Any]], output: int, limits: Limits, used: bool
) -> tuple[list[dict[str, Any]], bool]:
    """(answers to the files, or to the first of them; whether memory ran out)."""
    with os.fdopen(output, "wb", closefd=False) as out:
        answers, limit = Answers(out, limits.cell_chars), 0
        for i, given in enumerate(files):
            frames.send({"begin": i})
            start, limit = out.tell(), limits.memory_for(int(given["size"]))
            try:
                _read(given, answers, limits)
            except Refusal as e:
                answers.refuse(e, start)
            except (MemoryError, pa.ArrowMemoryError):
                if used or i:
                    # What earlier files left counts against this one: a new process says whether it alone is too much.
                    return _finished(answers, limit), True
                answers.refuse(Refusal("memory", limit=limit), start)
                return answers.finish(), True
            except OSError as e:
                answers.refuse(Refusal("unreadable", reason=os.strerror(e.errno or 5)), start)
            except Exception:
                # The parsers meet files that nobody has thought of. The file is refused, the next one is read.
                answers.refuse(Refusal("damaged"), start)
        return _finished(answers, limit), False


def _finished(answers: Answers, limit: int) -> list[dict[str, Any]]:
    try:
        return answers.finish()
    except (MemoryError, pa.ArrowMemoryError) as e:
        if len(answers.found) > 1:
            # Nothing was answered: the parent asks again, for fewer files at once.
            raise Gone from e
        answers.found.clear()
        answers.refuse(Refusal("memory", limit=limit), 0)
        return answers.found


def _read(given: dict[str, Any], answers: Answers, limits: Limits) -> None:
    data = _bytes(given["path"], limits)
    if given["sha256"] and hashlib.sha256(data).hexdigest() != given["sha256"]:
        raise Refusal("changed")
    _allow(limits.time_for(len(data)), limits.memory_for(len(data)) << 20)
    answers.add(*sheets_of(data, limits))


def _bytes(path: str, limits: Limits) -> bytes:
    """All bytes of a plain file; a pipe or a device would keep the reader waiting."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as f:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Refusal("not_a_file")
        if status.st_size > limits.file_mb << 20:
            raise Refusal("too_big", size=status.st_size >> 20, limit=limits.file_mb)
        return f.read((limits.file_mb << 20) + 1)


def _allow(seconds: int, space: int) -> None:
    """So much more processor time from now on, so much memory; the kernel ends the process after it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (space, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    main()
