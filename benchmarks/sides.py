"""What benchmarks share: a side in a process of its own, its clock, and the words of a result."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def spent() -> float:
    """Processor seconds of this process and of those it has waited for."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in both)


def measured(work: Callable[[], Any]) -> dict[str, Any]:
    """Seconds, processor seconds and peak memory (MiB, of the whole process) of `work`; a dict it returns is added."""
    wall, cpu = time.monotonic(), spent()
    told = work()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    figures = {
        "seconds": round(time.monotonic() - wall, 2),
        "cpu_seconds": round(spent() - cpu, 2),
        "peak_mib": max(own, children) // 1024,
    }
    return {**figures, **(told if isinstance(told, dict) else {})}


def resident_kib(pid: int) -> int:
    """Resident KiB of a process and everything below it; a process that has just ended counts nothing."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
        children = " ".join(p.read_text() for p in Path(f"/proc/{pid}/task").glob("*/children"))
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return own + sum(resident_kib(int(child)) for child in children.split())


def run_side(
    module: str, *arguments: str | Path, env: Mapping[str, str] | None = None, timeout: float = 7200
) -> dict[str, Any]:
    """The last line that `python -m module --side …` prints, as JSON. Raises RuntimeError when the side fails."""
    command = [sys.executable, "-m", module, "--side", *map(str, arguments)]
    ran = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        text=True,
        timeout=timeout,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"{module} {' '.join(map(str, arguments))} failed with {ran.returncode}")
    return json.loads(ran.stdout.splitlines()[-1])


def net(whole: Mapping[str, Any], empty: Mapping[str, Any], key: str = "seconds") -> float | None:
    """A figure of a side without what the empty side takes; None where the empty side took as long.

    That happens at small sizes on a machine with other guests: there is no ratio then.
    """
    return whole[key] - empty[key] if whole[key] > empty[key] else None


def over(left: float | None, right: float | None, digits: int = 2) -> float | None:
    """A ratio, None where a side has none."""
    return round(left / right, digits) if left is not None and right else None


def tell(figures: dict[str, Any], as_json: bool) -> None:
    """Print figures as one JSON document, or as lines."""
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{k:<32} {v}\n" for k, v in figures.items()))
