"""Old builds: which go, which stay and why, and that what they were made of is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.conftest import settings_in
from warehouse import ledger as l
from warehouse.build import DATABASE, newest_build
from warehouse.errors import SchoolhouseError
from warehouse.files import flip_link
from warehouse.old_builds import look, remove
from warehouse.settings import Settings


def _build(settings: Settings, build_id: str, day: int, status: str = "ok") -> None:
    folder = settings.build / build_id
    folder.mkdir(parents=True)
    (folder / DATABASE).write_bytes(b"x" * 100 * day)
    (folder / "pin.json").write_text("{}")
    row = {"build_id": build_id, "target": "duckdb", "status": status, "pin_sha256": "p", "code_sha256": "c",
           "started_at": "", "finished_at": f"2026-09-{day:02}T09:00:00Z", "detail": "{}"}  # fmt: skip
    l.Ledger.open(settings).insert(l.build, [row])


def _gate(settings: Settings, gate_id: str, build_id: str, ran_at: str, region: str = "510199") -> None:
    run = {"gate_id": gate_id, "build_id": build_id, "region_code": region, "school_year": "2025-2026",
           "verdict": "pass", "ran_at": ran_at, "content_sha256": "", "token": ""}  # fmt: skip
    l.Ledger.open(settings).insert(l.gate_run, [run])


@pytest.fixture
def house(tmp_path: Path) -> Settings:
    """Seven builds of two regions, one of each reason to stay, and one that a kill left."""
    settings = settings_in(tmp_path / "home", tmp_path / "inbox").prepare()
    for day, name in enumerate(("b_edition", "b_old_gate", "b_gate", "b_other_gate", "b_served", "b_older"), start=1):
        _build(settings, name, day)
    _build(settings, "b_failed", 7, "failed")
    _build(settings, "b_last_but_one", 8, "tests_failed")
    _build(settings, "b_last", 9)
    killed = settings.build / "b_killed"
    killed.mkdir()
    (killed / DATABASE).write_bytes(b"")
    (killed / f"{DATABASE}.wal").write_bytes(b"xyz")
    _gate(settings, "g1", "b_old_gate", "2026-09-02T10:00:00Z")
    _gate(settings, "g2", "b_gate", "2026-09-03T10:00:00Z")
    _gate(settings, "g3", "b_other_gate", "2026-09-01T10:00:00Z", region="510198")
    edition = {"region_code": "510199", "school_year": "2024-2025", "version": "v1.0.0", "path": "e", "verdict": "pass",
               "data_sha256": "d", "gate_id": "g0", "build_id": "b_edition", "published_at": "2026-09-01"}  # fmt: skip
    l.Ledger.open(settings).insert(l.edition, [edition])
    for zone in ("internal", "restricted"):
        served = settings.serving / zone / "b_served.duckdb"
        served.parent.mkdir(parents=True, exist_ok=True)
        served.write_bytes(b"")
        flip_link(served.with_name("current.duckdb"), served)
    return settings


def test_every_build_is_told_with_the_reason_it_stays(house: Settings) -> None:
    assert {b.build_id: b.kept for b in look(house, keep=2)} == {
        "b_edition": "edition",
        "b_old_gate": "",
        "b_gate": "gate",
        "b_other_gate": "gate",
        "b_served": "served",
        "b_older": "",
        "b_failed": "",
        "b_last_but_one": "newest",
        "b_last": "newest",
        "b_killed": "",
    }
    assert [b.build_id for b in look(house, keep=3) if b.kept == "newest"] == ["b_last", "b_last_but_one", "b_older"]


def test_databases_go_and_what_they_were_made_of_stays(house: Settings) -> None:
    gone = remove(house, keep=2)
    assert {b.build_id: b.size for b in gone} == {"b_old_gate": 200, "b_older": 600, "b_failed": 700, "b_killed": 3}
    assert all(b.kept for b in look(house, keep=2))
    assert not list((house.build / "b_killed").iterdir())
    assert {p.parent.name for p in house.build.glob("*/pin.json")} >= {"b_old_gate", "b_older", "b_failed"}
    assert newest_build(house)["build_id"] == "b_last"
    with pytest.raises(SchoolhouseError, match="no build b_older"):
        newest_build(house, "b_older")


def test_one_build_at_least_is_kept(house: Settings) -> None:
    with pytest.raises(SchoolhouseError, match="newest build"):
        remove(house, keep=0)


def test_the_command_says_before_it_does(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLHOUSE_HOME", str(house.home))
    run = CliRunner()
    said = run.invoke(app, ["builds", "--keep", "2"])
    assert said.exit_code == 0
    assert "可删除 4 个" in said.stdout
    assert len(look(house, keep=2)) == 10
    done = json.loads(run.invoke(app, ["builds", "--keep", "2", "--apply", "--json"]).stdout)
    assert len(done["removed"]) == 4
    assert len(done["builds"]) == 6
