"""The corpus: every bad file by name. `python -m tests.hostile.corpus FOLDER` writes it out."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.hostile import compounds, markup, places, spoiled, strangers, texts, zips
from tests.hostile.case import Case, Register


def corpus() -> dict[str, Case]:
    """Name -> case, in a fixed order."""
    register = Register()
    for part in (strangers, zips, markup, compounds, texts, spoiled, places):
        part.register(register)
    return register.cases


def put(case: Case, folder: Path) -> Path:
    """Make the file in a folder."""
    path = folder / case.file
    if case.make:
        case.make(path)
    elif case.build:
        path.write_bytes(case.build())
    return path


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for each in corpus().values():
        put(each, target)
    print(f"{len(corpus())} files in {target}")
