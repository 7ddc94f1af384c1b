"""The files that serve a zone: pinned form, a Parquet catalogue, and readers that go on while builds are flipped."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import duckdb
import pytest

from tests.conftest import settings_in
from warehouse import serving
from warehouse.settings import Settings

ZONES = {"fct_a": "internal", "dim_b": "internal", "fct_c_person": "restricted", "int_step": "internal"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "home", tmp_path / "inbox")


def build(settings: Settings, number: int) -> str:
    """A finished build of four tables that all hold its number."""
    folder = settings.build / f"b{number}"
    folder.mkdir(parents=True)
    with duckdb.connect(folder / "warehouse.duckdb") as con:
        for table in ZONES:
            con.execute(
                f"create table {table} as select range as id, {number} as build_no, '甲' as note from range(2000)"
            )
    nodes = {
        f"model.s.{table}": {
            "resource_type": "model", "name": table, "fqn": ["s", "marts", table], "description": f"关于 {table}",
            "config": {"meta": {"zone": zone}},
        }
        for table, zone in ZONES.items()
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps({"nodes": nodes, "parent_map": {}}))
    serving.write_zones(settings, folder.name, folder)
    return folder.name


def test_every_zone_is_of_the_pinned_form(settings: Settings) -> None:
    build(settings, 1)
    for zone in ("internal", "restricted"):
        with duckdb.connect(serving.zone_path(settings, zone).resolve(), read_only=True) as con:
            told = con.execute("select tags['storage_version'] from duckdb_databases() where not internal").fetchall()
        assert told == [(f"{serving.STORAGE_VERSION}+",)]


def test_the_catalogue_holds_the_zones_tables_and_no_others(settings: Settings) -> None:
    build(settings, 1)
    folder = settings.serving / "internal" / "parquet"
    told = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
    assert {t["table"]: (t["rows"], t["about"]) for t in told["tables"]} == {
        "fct_a": (2000, "关于 fct_a"),
        "dim_b": (2000, "关于 dim_b"),
    }
    assert sorted(p.name for p in folder.iterdir()) == ["catalogue.json", "dim_b.parquet", "fct_a.parquet"]
    with duckdb.connect(serving.zone_path(settings, "internal").resolve(), read_only=True) as con:
        for entry in told["tables"]:
            rows = con.execute(f"select * from '{folder / entry['file']}' except select * from {entry['table']}")
            assert rows.fetchall() == []
            assert list(entry["columns"]) == ["id", "build_no", "note"]
        assert con.execute("select table_name from duckdb_tables() order by 1").fetchall() == [("dim_b",), ("fct_a",)]
    people = json.loads((settings.serving / "restricted" / "parquet" / "catalogue.json").read_text(encoding="utf-8"))
    assert {t["table"] for t in people["tables"]} == {"fct_a", "dim_b", "fct_c_person"}
    # What both zones have is one file.
    theirs = settings.serving / "restricted" / "parquet"
    for file in ("fct_a.parquet", "dim_b.parquet"):
        assert (theirs / file).samefile(folder / file)


def test_readers_in_a_loop_survive_ten_builds(settings: Settings) -> None:
    build(settings, 0)
    stop, seen, faults = threading.Event(), set(), []

    def read(path: Path, sql: str) -> None:
        while not stop.is_set():
            try:
                at = path.resolve()
                with duckdb.connect(at, read_only=True) if at.suffix == ".duckdb" else duckdb.connect() as con:
                    seen.update(con.execute(sql.format(at)).fetchall())
            except (duckdb.Error, OSError) as fault:
                faults.append(fault)

    zone = settings.serving / "internal"
    query = "select count(*), min(a.build_no), max(a.build_no), max(b.build_no) from {} as a join {} as b using (id)"
    readers = [
        threading.Thread(target=read, args=(zone / "current.duckdb", query.format("fct_a", "dim_b"))),
        threading.Thread(
            target=read, args=(zone / "parquet", query.format("'{0}/fct_a.parquet'", "'{0}/dim_b.parquet'"))
        ),
    ]
    for reader in readers:
        reader.start()
    for number in range(1, 11):
        build(settings, number)
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert {(rows, low == high == other) for rows, low, high, other in seen} == {(2000, True)}
    assert len({low for _, low, _, _ in seen}) > 2
    # The current one and the one before it: no more is kept.
    assert len([p for p in zone.glob("*.duckdb") if not p.is_symlink()]) == 2
    assert len(list(zone.glob("*.tables"))) == 2


def test_an_earlier_build_is_served_again_whole(settings: Settings) -> None:
    first, second = build(settings, 1), build(settings, 2)
    serving.flip(settings, first, settings.build / first / "warehouse.duckdb")
    for place in ("current.duckdb", "parquet"):
        assert (settings.serving / "internal" / place).resolve().name.startswith(f"{first}.")
    serving.flip(settings, second, settings.build / second / "warehouse.duckdb")
    assert json.loads((settings.serving / "internal" / "parquet" / "catalogue.json").read_text())["content"] == second
