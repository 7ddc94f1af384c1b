"""Person keys: one per person, the same after rotation, and no identifier readable in the vault's files."""

from __future__ import annotations

import hmac
import sqlite3

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.vault import Vault, canonical, canonicals, rotate
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


def canonical_people(*numbers: str) -> pa.Array:
    return canonicals("student", "", pa.array(numbers))


def test_people_entered_while_others_work_are_there_once_it_is_settled(settings):
    vault, numbers = Vault.open(settings), [f"9901012013010{n:05d}" for n in range(1000)]
    people = [canonical("student", "", n) for n in numbers]
    # In two slices; the first of the second slice is the last of the first, written another way.
    crowd = vault.crowd()
    keys = [*crowd.keys(canonical_people(*numbers[:600])).to_pylist(),
            *crowd.keys(canonical_people(f"g{numbers[599]}", *numbers[600:])).to_pylist()]  # fmt: skip
    assert keys.pop(600) == keys[599]
    vault.begin()
    vault.settle()
    assert Vault.open(settings).find(people) == dict(zip(people, keys, strict=True))
    assert Vault.open(settings).keys(people) == keys
    again = vault.crowd().keys(canonical_people(*numbers[::-1], "NEW")).to_pylist()
    assert again[:-1] == keys[::-1]
    assert vault.find(["student||NEW"]) == {"student||NEW": again[-1]}, "whoever asks waits for what is being entered"


def test_a_crowd_knows_who_has_a_further_identifier(settings):
    vault = Vault.open(settings)
    (key,) = vault.keys(["student||A"], [("student||A", "student||B")])
    assert vault.crowd().keys(canonical_people("C", "B", "A")).to_pylist()[1:] == [key, key]
    vault.settle()
    assert vault.keys(["student||B", "student||A"]) == [key, key]


def test_what_keeps_people_from_being_entered_is_raised(settings, monkeypatch):
    vault = Vault.open(settings)
    monkeypatch.setattr(vault, "_sealed", lambda rows: (r for r in [(None, None, None)]))
    vault.crowd().keys(canonical_people("X"))
    with pytest.raises(sqlite3.IntegrityError):
        vault.settle()
    assert Vault.open(settings).find(["student||X"]) == {}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=8))
@example(["G" + IDENT, "j" + IDENT.upper(), " " + IDENT, "", "GＧ" + IDENT, "ß12"])
def test_one_and_many_are_written_alike(texts):
    for kind, scope in (("student", ""), ("teacher", "990101")):
        together = canonicals(kind, pa.array([scope] * len(texts), pa.string()), pa.array(texts, pa.string()))
        assert [t.decode() for t in together.to_pylist()] == [canonical(kind, scope, t) for t in texts]
        assert [written(kind, scope, t) for t in texts] == [canonical(kind, scope, t) for t in texts]


def written(kind, scope, text):
    """The rule once more, a letter at a time."""
    text = "".join(text.split()).upper()
    return f"{kind}|{scope}|{text[1:] if kind == 'student' and len(text) == 19 and text[0] in 'GJ' else text}"


def test_the_alias_is_the_standards_hmac(settings):
    vault = Vault.open(settings)
    key = (settings.vault / "hmac.key").read_bytes()
    expected = hmac.new(key, f"student||{IDENT.upper()}".encode(), "sha256").hexdigest()
    assert vault.keys([f"student||{IDENT.upper()}"]) == [expected[:32]]
    assert vault.crowd().keys(canonical_people(IDENT)).to_pylist() == [expected[:32]]
