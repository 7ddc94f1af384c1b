"""One county's files, received and built twice: another day, another thread count, another key of the pseudonyms."""

from __future__ import annotations

from pathlib import Path

import pytest

import publication.edition
from publication import EditionResult, publish
from tests.conftest import COUNTY, SAMPLES, settings_in
from tests.publication.house import YEAR
from warehouse.settings import Settings


def _edition(folder: Path, files: Path, day: str, threads: str, monkeypatch: pytest.MonkeyPatch) -> EditionResult:
    import ingest
    from expectations import run_gate
    from warehouse.build import build
    from warehouse.registers import load_registers

    monkeypatch.setenv("SCHOOLHOUSE_THREADS", threads)
    monkeypatch.setenv("SCHOOLHOUSE_PDF", "yes")
    monkeypatch.setattr(publication.edition, "now", lambda: day)
    # A home of its own makes a key of its own.
    settings = settings_in(folder / "home", files, files, SAMPLES)
    ingest.run(settings, [files])
    made = build(settings)
    assert made.status == "ok"
    load_registers(settings)
    run_gate(settings, COUNTY, YEAR, made.build_id)
    return publish(settings, COUNTY, YEAR)


def _key(edition: EditionResult) -> bytes:
    home = next(p for p in edition.path.parents if (p / "vault").is_dir())
    return (Settings.load({"SCHOOLHOUSE_HOME": str(home)}).vault / "hmac.key").read_bytes()


@pytest.mark.slow
def test_another_day_thread_count_and_key_give_the_same_bytes(
    county_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = _edition(tmp_path / "one", county_files, "2025-11-20T08:00:00Z", "1", monkeypatch)
    two = _edition(tmp_path / "two", county_files, "2031-02-03T04:05:06Z", "4", monkeypatch)
    assert _key(one) != _key(two)

    def promised(edition: EditionResult) -> dict[str, bytes]:
        found = {p.relative_to(edition.path).as_posix(): p for p in edition.path.rglob("*") if p.is_file()}
        return {n: p.read_bytes() for n, p in sorted(found.items()) if not n.startswith("attestation/")}

    first, second = promised(one), promised(two)
    assert sorted(first) == sorted(second)
    assert len([n for n in first if n.startswith("data/")]) > 20
    assert not [n for n in first if first[n] != second[n]]
    assert one.data_hash == two.data_hash
