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

from ingest.cells import filled_extent, schema
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
            _answer(frames, task["files"], handles[0], limits, used)
            used = True
            os.close(handles[0])
            grown = _resident() > _RETIRE_BYTES
            frames.send({"done": len(task["files"]), "retires": grown})
            if grown:
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


def _answer(frames: Frames, files: list[dict[str, Any]], output: int, limits: Limits, used: bool) -> None:
    with os.fdopen(output, "wb", closefd=False) as out:
        for i, given in enumerate(files):
            frames.send({"begin": i})
            start = out.tell()
            try:
                answer = _read(given, out, limits)
            except Refusal as e:
                answer = {"refused": e.code, "values": e.values}
            except (MemoryError, pa.ArrowMemoryError):
                answer = {"refused": "memory", "values": {"limit": limits.memory_for(int(given["size"]))}}
            except OSError as e:
                answer = {"refused": "unreadable", "values": {"reason": os.strerror(e.errno or 5)}}
            except Exception:
                # The parsers meet files that nobody has thought of. The file is refused, the next one is read.
                answer = {"refused": "damaged", "values": {}}
            if answer.get("refused") == "memory" and (used or i):
                # What earlier files left counts against this one: a new process says whether it alone is too much.
                raise Gone
            if "refused" in answer:
                out.seek(start)
                out.truncate()
            out.flush()
            frames.send({"end": i, **answer})
            if answer.get("refused") == "memory":
                raise Gone


def _read(given: dict[str, Any], out: Any, limits: Limits) -> dict[str, Any]:
    data = _bytes(given["path"], limits)
    if given["sha256"] and hashlib.sha256(data).hexdigest() != given["sha256"]:
        raise Refusal("changed")
    _allow(limits.time_for(len(data)), limits.memory_for(len(data)) << 20)
    found, notes = sheets_of(data, limits)
    sheets = []
    for raw in found:
        start = out.tell()
        rows = columns = seen = 0
        with pa.ipc.new_stream(out, schema(raw.width)) as stream:
            for batch in raw.batches:
                last, wide = filled_extent([batch])
                rows, columns = (seen + last if last else rows), max(columns, wide)
                seen += batch.num_rows
                stream.write_batch(batch)
        place = {"start": start, "size": out.tell() - start, "rows": rows, "columns": columns}
        sheets.append({"name": raw.name, "hidden": raw.hidden, **place})
    return {"sheets": sheets, "notes": notes}


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
