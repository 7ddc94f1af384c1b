"""Seeds of the fuzzer: the sources' own fixtures and the smaller files of the hostile corpus, one file each.

`python -m tests.fuzz.seeds FOLDER`
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.hostile.corpus import corpus

ROOT = Path(__file__).resolve().parents[2]
# A seed that is larger slows every mutation of it.
LARGEST = 20_000


def write(folder: Path) -> int:
    """Write the seeds, named by their bytes; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [p.read_bytes() for p in sorted((ROOT / "ingest" / "sources").glob("*/fixtures/*"))]
    files += [case.build() for case in corpus().values() if case.build]
    small = {hashlib.sha256(data).hexdigest()[:16]: data for data in files if len(data) <= LARGEST}
    for name, data in small.items():
        (folder / name).write_bytes(data)
    return len(small)


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]))} seeds")
