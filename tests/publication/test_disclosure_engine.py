"""A second opinion: the audit of τ-ARGUS (pytauargus), another solver by other people, on the tables that we hide.

The engine is a developer's package; where it is not installed these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from publication import protection
from publication.disclosure import Table, scope_sums
from tests.conftest import COUNTY, Home
from tests.publication.house import YEAR
from tests.publication.test_disclosure import THRESHOLD, county

audit_jj = pytest.importorskip("pytauargus.engine").audit_jj


def audited(table: Table, path: Path) -> dict[tuple[str, ...], tuple[float, float]]:
    """The bounds that the engine finds for every hidden cell, from the table in its own JJ format."""
    keys = sorted(table.counts)
    place = {k: i for i, k in enumerate(keys)}
    # The engine wants an upper bound that everybody knows; nobody knows one, so it is far from every count.
    highest = 2 * int(max(table.counts.values())) + 10 * int(THRESHOLD)
    lines = ["0", str(len(keys))]
    for k in keys:
        status = "u" if k in table.secret else "m" if k in table.hidden else "s"
        lines.append(f"{place[k]} {table.counts[k]:g} 1 {status} 0 {highest} 0 0 0")
    # What a whole is more than its known parts is a cell of its own that nobody sees.
    open_sums = [s for s in table.sums if not s.exact]
    lines[1] = str(len(keys) + len(open_sums))
    for i, s in enumerate(open_sums, start=len(keys)):
        rest = table.counts[s.whole] - sum(table.counts[p] for p in s.parts)
        lines.append(f"{i} {rest:g} 1 m 0 {highest} 0 0 0")
    lines.append(str(len(table.sums)))
    rests = iter(range(len(keys), len(keys) + len(open_sums)))
    for s in table.sums:
        parts = [f"{place[p]} (1)" for p in s.parts] + ([] if s.exact else [f"{next(rests)} (1)"])
        lines.append(f"0 {len(parts) + 1} : {place[s.whole]} (-1) {' '.join(parts)}")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return {keys[r["cell"]]: (r["min"], r["max"]) for r in audit_jj(str(path)) if r["cell"] < len(keys)}


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


@pytest.mark.slow
def test_the_engine_finds_a_built_countys_edition_safe(county_home: Home, tmp_path: Path) -> None:
    """All county figures of a real build, as publication hides them: no small count of persons can be told."""
    database = county_home.build.path
    audits = audit_build(database, COUNTY, YEAR, tmp_path)
    assert audits >= 10


def audit_build(database: Path, region: str, year: str, folder: Path) -> int:
    """Number of secret counts that the engine cannot tell; fails at the first it can."""
    with duckdb.connect(str(database), read_only=True) as connection:
        truth = protection._truth(connection, region, year)
        persons = protection._persons(connection)
        definitions = connection.sql("select * from pub_indicator_definition").to_arrow_table().to_pylist()
    assert truth
    known = {r["indicator_code"]: r for r in definitions if r["region_code"] == region}
    hidden, left = protection.hide(
        truth, known, persons, THRESHOLD, {protection.cell_of(r) for r in truth if r["is_hidden"]}
    )
    assert not left
    counts, carriers = protection._counts(truth, known)
    audits = 0
    for number, (keys, sums) in enumerate(protection._systems(counts, truth, known, persons)):
        blank = {k for k in keys if carriers[k] <= hidden}
        secret = {k for k in blank if k[0].split("|")[0] in persons and 0 < counts[k] < THRESHOLD}
        if not secret:
            continue
        table = Table({k: counts[k] for k in keys}, sums, frozenset(secret), blank, THRESHOLD)
        found = audited(table, folder / f"{number}.jj")
        for cell in secret:
            least, most = found[cell]
            assert most - least >= THRESHOLD - 1e-6, (cell, least, most)
            audits += 1
    return audits
