"""A second opinion: the audit of τ-ARGUS (pytauargus), another solver by other people, on the tables that we hide.

The engine is a developer's package; where it is not installed these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from publication.disclosure import Table, scope_sums
from tests.publication.test_disclosure import THRESHOLD, county

audit_jj = pytest.importorskip("pytauargus.engine").audit_jj


def audited(table: Table, path: Path) -> dict[tuple[str, ...], tuple[float, float]]:
    """The bounds that the engine finds for every hidden cell, from the table in its own JJ format."""
    keys = sorted(table.counts)
    place = {k: i for i, k in enumerate(keys)}
    highest = 2 * int(max(table.counts.values())) + 1
    lines = ["0", str(len(keys))]
    for k in keys:
        status = "u" if k in table.secret else "m" if k in table.hidden else "s"
        lines.append(f"{place[k]} {table.counts[k]:g} 1 {status} 0 {highest} 0 0 0")
    exact = [s for s in table.sums if s.exact]
    lines.append(str(len(exact)))
    for s in exact:
        parts = " ".join(f"{place[p]} (1)" for p in s.parts)
        lines.append(f"0 {len(s.parts) + 1} : {place[s.whole]} (-1) {parts}")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return {keys[r["cell"]]: (r["min"], r["max"]) for r in audit_jj(str(path))}


def _table(seed: int) -> Table:
    counts = county(seed, 0.25)
    secret = {k for k, v in counts.items() if 0 < v < THRESHOLD}
    return Table(counts, scope_sums(counts, counts), frozenset(secret), set(secret), THRESHOLD)


def test_the_engine_finds_what_we_hide_safe(tmp_path: Path) -> None:
    audits = 0
    for seed in range(40):
        table = _table(seed)
        table.protect()
        if not table.secret:
            continue
        found = audited(table, tmp_path / f"{seed}.jj")
        assert set(found) == table.hidden
        for cell in table.secret:
            least, most = found[cell]
            assert most - least >= THRESHOLD - 1e-6, (seed, cell, least, most)
            audits += 1
    assert audits > 50


def test_the_engine_sees_what_is_open_without_companions(tmp_path: Path) -> None:
    told = 0
    for seed in range(40):
        table = _table(seed)
        if table.secret:
            found = audited(table, tmp_path / f"{seed}.jj")
            told += sum(most - least < 1e-6 for least, most in found.values())
    assert told > 40
