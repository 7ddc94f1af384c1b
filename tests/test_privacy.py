"""No identifier of a person leaves the identity zone: planted people are searched for in the whole home."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import pickle
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from ingest import persons, retention, returns
from tests.conftest import COUNTY, Home
from tests.support.canary_search import IDENTITY_ZONE, Canary, read_canaries, search_file, search_home
from tests.support.editions import publish_explained
from tests.support.homes import copy_home
from warehouse.ledger import Ledger
from warehouse.settings import Settings

YEAR = "2024-2025"
NUMBER, NAME = "99020120130221001X", "闻砚鸢"
PLANTED = (Canary("number", NUMBER), Canary("name", NAME))


@pytest.fixture(scope="module")
def canaries(county_files: Path) -> list[Canary]:
    """The planted pupil and teacher: the numbers and names of `defects.csv`, and what else their rows say of them."""
    listed = read_canaries(county_files / "defects.csv")
    names = {c.value for c in listed if c.kind == "name"}
    numbers = {c.value for c in listed if c.kind == "number"}
    for path in county_files.rglob("*.csv"):
        if path.name in ("truth.csv", "defects.csv"):
            continue
        text = path.read_bytes().decode("gb18030", errors="replace")
        rows = [r for r in csv.reader(io.StringIO(text)) if names & set(r)]
        # Staff numbers: letters, then digits. They name one person of the county as well as a card does.
        numbers |= {
            c for r in rows for c in r if c[:2].isalpha() and c[:2].isascii() and c[2:].isdigit() and len(c) > 8
        }
    assert any(n.startswith("JS") for n in numbers) and len(names) >= 2
    return [Canary("number", n.removeprefix("G")) for n in sorted(numbers)] + [Canary("name", n) for n in sorted(names)]


@pytest.fixture(scope="module")
def pupil(county_files: Path) -> Canary:
    with (county_files / "defects.csv").open(encoding="utf-8-sig", newline="") as handle:
        planted = [r for r in csv.DictReader(handle) if (r["check_id"], r["entity_type"]) == ("canary", "pupil")]
    return Canary("number", planted[0]["entity_id"].removeprefix("G"))


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory, county_home: Home, pupil: Canary) -> Settings:
    """A home after a year: built, gated, published; return sheets made, people looked up, files erased."""
    home = tmp_path_factory.mktemp("used") / "home"
    copy_home(county_home.settings.home, home)
    settings = Settings.load(
        {
            "SCHOOLHOUSE_HOME": str(home),
            "SCHOOLHOUSE_INBOX": str(county_home.settings.inbox),
            "SCHOOLHOUSE_REGISTERS": os.pathsep.join(map(str, county_home.settings.registers)),
        }
    )
    publish_explained(settings, COUNTY, YEAR)
    asked = [s["submission_id"] for s in returns.open_submissions(Ledger.open(settings))]
    assert returns.make_all(settings, asked)[0]
    key = persons.find_person(settings, "student", "", f"G{pupil.value}", f"核查 {pupil.value}")
    assert pupil.value in {i.identifier for i in persons.lookup(settings, key, f"核查 {pupil.value}")}
    retention.erase(settings, retention.plan(settings).items)
    return settings


def test_planted_people_are_found_nowhere_outside_the_identity_zone(
    used_home: Settings, canaries: list[Canary]
) -> None:
    home = used_home.home
    folders = {p.relative_to(home).parts[0] for p in home.rglob("*") if p.is_file()}
    assert folders >= {"raw", "build", "serving", "editions", "ledger", "landing", "quarantine", "vault"}
    assert search_home(home, canaries) == []


def test_the_same_search_finds_them_where_they_may_be(used_home: Settings, canaries: list[Canary]) -> None:
    elsewhere = frozenset(p.name for p in used_home.home.iterdir()) - IDENTITY_ZONE
    hits = search_home(used_home.home, canaries, allowed=elsewhere)
    assert {h.place.split("/")[0] for h in hits} >= {"landing", "vault"}
    assert {h.canary for h in hits} == set(canaries), "every canary was really planted"
    for folder in IDENTITY_ZONE - {"inbox"}:
        assert (used_home.home / folder).stat().st_mode & 0o077 == 0, folder


def test_the_vault_keeps_no_readable_number(used_home: Settings, pupil: Canary) -> None:
    """The reasons that custodians write stay in the vault's log; the aliases themselves are sealed."""
    found = {path.name for path in used_home.vault.iterdir() if search_file(path, (pupil,))}
    assert found == {"custody.log"}


# ------------------------------------------------------------------------------------------------ the search itself
def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


NUMBER_FORMS = {
    "bare": NUMBER,
    "with G": f"G{NUMBER}",
    "lower case": NUMBER.lower(),
    "full width": wide(NUMBER),
    "full width, lower case": wide(NUMBER.lower()),
    "in groups": f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
    "wide spaces": "\u3000".join((NUMBER[:6], NUMBER[6:14], NUMBER[14:])),
    "hyphens": f"{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}",
    "every digit apart": " ".join(NUMBER),
    "in a sentence": f"学号{NUMBER}的学生",
}
NAME_FORMS = {
    "plain": NAME,
    "json": json.dumps({"x": NAME}),
    "json in json": json.dumps(json.dumps(NAME)),
    "html": f"<b>{''.join(f'&#{ord(c)};' for c in NAME)}</b>",
    "url": "".join(f"%{b:02X}" for b in NAME.encode()),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", NUMBER_FORMS)
def test_a_number_is_found_in_every_written_form(tmp_path: Path, form: str, encoding: str) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(f"2024 前文 {NUMBER_FORMS[form]}\n后文".encode(encoding))
    assert {h.canary.value for h in search_file(path, PLANTED)} == {NUMBER}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", NAME_FORMS)
def test_a_name_is_found_in_every_written_form(tmp_path: Path, form: str, encoding: str) -> None:
    if form != "plain" and encoding.startswith("utf-16"):
        pytest.skip("escapes are written in ASCII")
    path = tmp_path / "log.txt"
    path.write_bytes(f"a{NAME_FORMS[form]}b".encode(encoding))
    assert {h.canary.value for h in search_file(path, PLANTED)} == {NAME}


def _plant_parquet(path: Path) -> None:
    nested = [{"who": [NAME, "x"]}]
    pq.write_table(pa.table({"id": [f"n:{NUMBER}"], "deep": nested}), path, compression="zstd")


def _plant_parquet_binary(path: Path) -> None:
    pq.write_table(pa.table({"b": pa.array([f"{NUMBER}{NAME}".encode("gb18030")], pa.binary())}), path)


def _plant_duckdb(path: Path) -> None:
    with duckdb.connect(path) as con:
        con.execute("CREATE SCHEMA other")
        con.execute("CREATE TABLE other.t AS SELECT range AS i, ? AS x, [?] AS y FROM range(5000)", [NUMBER, NAME])


def _plant_duckdb_view(path: Path) -> None:
    with duckdb.connect(path) as con:
        con.execute(f"CREATE VIEW v AS SELECT '{NUMBER}' AS x, '{NAME}' AS y")


def _plant_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE xcom (value BLOB, pickled BLOB)")
        db.execute("INSERT INTO xcom VALUES (?, ?)", (gzip.compress(NUMBER.encode()), pickle.dumps({"n": NAME})))


def _plant_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.compress(f"{NUMBER} {NAME}".encode("utf-16"))))


def _plant_zip(path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(f"{NAME}.txt", NUMBER)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("inner.zip", inner.getvalue())


def _plant_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = NUMBER, NAME  # type: ignore[index]
    book.save(path)


def _plant_arrow(path: Path) -> None:
    table = pa.table({"x": [NUMBER], "y": [NAME]})
    with pa.ipc.new_file(path, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write(table)


def _plant_packed(pack: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def plant(path: Path) -> None:
        path.write_bytes(pack(f"{NUMBER} {NAME}".encode()))

    return plant


FORMATS: dict[str, Callable[[Path], object]] = {
    "parquet": _plant_parquet,
    "parquet binary": _plant_parquet_binary,
    "duckdb": _plant_duckdb,
    "duckdb view": _plant_duckdb_view,
    "sqlite": _plant_sqlite,
    "gzip in gzip": _plant_gzip,
    "zip in zip": _plant_zip,
    "xlsx": _plant_xlsx,
    "arrow": _plant_arrow,
    "bzip2": _plant_packed(bz2.compress),
    "xz": _plant_packed(lzma.compress),
    "zstd": _plant_packed(lambda b: pa.compress(b, codec="zstd", asbytes=True)),
    "json": lambda p: p.write_text(json.dumps({"sample": [NUMBER, NAME]})),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_it_is_found_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "raw" / "planted"
    path.parent.mkdir()
    FORMATS[kind](path)
    hits = search_home(tmp_path, PLANTED)
    assert {h.canary.value for h in hits} == {NUMBER, NAME}, hits
    assert all(h.place.startswith("raw/planted") for h in hits)


def test_it_is_found_in_names_of_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "build" / f"成绩 {NUMBER.lower()}").mkdir(parents=True)
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / f"{NAME}.log").touch()
    assert {(h.canary.value, h.form) for h in search_home(tmp_path, PLANTED)} == {
        (NUMBER, "file name"),
        (NAME, "file name"),
    }


def test_a_broken_archive_ends_no_search(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    _plant_zip(tmp_path / "raw" / "a.zip")
    whole = (tmp_path / "raw" / "a.zip").read_bytes()
    (tmp_path / "raw" / "a.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "raw" / "b.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    (tmp_path / "raw" / "c.txt").write_text(NUMBER)
    assert {h.place for h in search_home(tmp_path, PLANTED)} == {"raw/c.txt"}


def test_strangers_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    other = NUMBER[:-4] + "0020"
    (tmp_path / "raw" / "x.txt").write_text(f"{other} 闻砚 {NUMBER[:-1]} {'0123456789abcdef' * 50}")
    (tmp_path / "raw" / "x.bin").write_bytes(os.urandom(1 << 20))
    assert search_home(tmp_path, PLANTED) == []
