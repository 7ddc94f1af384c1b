"""Person keys: one per person, the same after rotation, and no identifier readable in the vault's files."""

from __future__ import annotations

import sqlite3

import pytest

from ingest.vault import Vault, canonical, rotate
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

IDENT = "99010120130101001x"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.delenv("SCHOOLHOUSE_HMAC_KEY", raising=False)
    return Settings.load({"SCHOOLHOUSE_HOME": str(tmp_path)}).prepare()


def test_written_forms_of_one_person():
    forms = {canonical("student", "", t) for t in (IDENT, IDENT.upper(), f"G{IDENT}", f"j{IDENT}", f" G{IDENT} ")}
    assert len(forms) == 1
    assert canonical("student", "", "L990101201301010011") != canonical("student", "", "990101201301010011")
    assert canonical("teacher", "990101", "T1") != canonical("teacher", "990102", "T1")


def test_keys_survive_rotation(settings):
    people = [canonical("student", "", f"9901012013010{n:05d}") for n in range(50)]
    before = Vault.open(settings).keys(people)
    assert len(set(before)) == 50
    assert all(len(k) == 32 for k in before)
    assert rotate(settings, b"\x02" * 32) == 50
    assert (settings.vault / "hmac.key").read_bytes() == b"\x02" * 32
    assert Vault.open(settings).keys(people) == before
    assert rotate(settings, b"\x02" * 32) == 0
    assert (settings.vault / "hmac.key").stat().st_mode & 0o777 == 0o600


def test_second_identifier_finds_the_same_person(settings):
    vault = Vault.open(settings)
    (key,) = vault.keys(["teacher|990101|T1"], [("teacher|990101|T1", "teacher-card||C")])
    (moved,) = vault.keys(["teacher|990102|T9"], [("teacher|990102|T9", "teacher-card||C")])
    assert key == moved
    assert vault.keys(["teacher|990102|T9"]) == [key]


def test_wrong_key_is_one_clear_line(settings, monkeypatch):
    Vault.open(settings).keys(["student||X"])
    monkeypatch.setenv("SCHOOLHOUSE_HMAC_KEY", "33" * 32)
    with pytest.raises(SchoolhouseError, match="HMAC key"):
        Vault.open(settings)


def test_people_entered_while_others_work_are_there_once_it_is_settled(settings):
    vault, people = Vault.open(settings), [canonical("student", "", f"9901012013010{n:05d}") for n in range(1000)]
    keys = vault.keys(people, later=True)
    vault.settle()
    assert Vault.open(settings).find(people) == dict(zip(people, keys, strict=True))
    again = vault.keys([*people[::-1], "student||NEW"], later=True)
    assert again[:-1] == keys[::-1]
    assert vault.find(["student||NEW"]) == {"student||NEW": again[-1]}, "whoever asks waits for what is being entered"


def test_what_keeps_people_from_being_entered_is_raised(settings, monkeypatch):
    vault = Vault.open(settings)
    monkeypatch.setattr(vault, "_sealed", lambda rows: (r for r in [(None, None, None)]))
    vault.keys(["student||X"], later=True)
    with pytest.raises(sqlite3.IntegrityError):
        vault.settle()
    assert Vault.open(settings).find(["student||X"]) == {}
