"""Publication is all or nothing, one at a time; a withdrawal leaves a tombstone; a difference has its cause told."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

import publication.edition
from publication import difference, publish, verify, withdraw
from publication.versions import unused
from tests.publication.house import REGION, YEAR, House
from warehouse import ledger as tables
from warehouse.errors import SchoolhouseError

VALUE = "update pub_indicator_value set value = value + 0.5 where stage = 'junior'"


def shelf(house: House) -> Path:
    return house.settings.editions / REGION / YEAR


# ---------------------------------------------------------------- disk
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_cannot_be_written_is_one_line_and_the_old_edition_stays(
    house: House, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    first = house.publish()
    before = {p: p.read_bytes() for p in first.path.rglob("*") if p.is_file()}
    real, count = publication.edition._put, 0

    def full(path: Path, content: bytes) -> None:
        nonlocal count
        count += 1
        if count == 7:
            raise OSError(code, os.strerror(code))
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(publication.edition, "_put", full)
        with pytest.raises(SchoolhouseError, match=os.strerror(code)) as caught:
            house.publish(VALUE)
    assert "\n" not in caught.value.line("zh")
    assert {p: p.read_bytes() for p in first.path.rglob("*") if p.is_file()} == before
    assert sorted(p.name for p in shelf(house).iterdir()) == [".lock", "latest", "v1.0.0"]
    again = publish(house.settings, REGION, YEAR)
    assert (again.version, verify(again.path).ok) == ("v1.1.0", True)


# ---------------------------------------------------------------- lock
def _publish(home: str) -> None:
    from warehouse.settings import Settings

    publish(Settings.load({"SCHOOLHOUSE_HOME": home, "SCHOOLHOUSE_REGISTERS": ""}), REGION, YEAR)


def test_two_publications_at_once_make_one_edition(house: House) -> None:
    house.gate(house.build())
    house.approve_both()
    fork = multiprocessing.get_context("fork")
    both = [fork.Process(target=_publish, args=(str(house.settings.home),)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(300)
    assert [p.exitcode for p in both] == [0, 0]
    assert sorted(p.name for p in shelf(house).iterdir()) == [".lock", "latest", "v1.0.0"]
    assert [e["version"] for e in house.ledger.rows(sa.select(tables.edition))] == ["v1.0.0"]


# ---------------------------------------------------------------- SIGKILL
_KILLED = """
import os, signal, sys
import publication.edition as edition
import warehouse.catalogue, warehouse.files, warehouse.serving
from publication import pdf, shelf
from tests.publication.house import REGION, YEAR
from warehouse.settings import Settings
def no_pdf(_): raise pdf.Unavailable("not here", "")
pdf.pdf = no_pdf
left = int(sys.argv[2])
def watched(module, name):
    real = getattr(module, name)
    def step(*a, **k):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*a, **k)
    setattr(module, name, step)
for module, names in [
    (edition, ("_put", "sync_folder")),
    (shelf, ("flip_link",)),
    (warehouse.serving, ("flip_link", "publish_zone")),
    (warehouse.catalogue, ("flip_link", "sync_folder")),
    (warehouse.files, ("sync_folder",)),
]:
    for name in names:
        watched(module, name)
edition.publish(Settings.load({"SCHOOLHOUSE_HOME": sys.argv[1], "SCHOOLHOUSE_REGISTERS": ""}), REGION, YEAR)
print("left", left)
"""


@pytest.mark.slow
def test_killed_at_twenty_points_there_is_the_old_or_the_new_edition(house: House) -> None:
    first = house.publish()
    before = {p: p.read_bytes() for p in first.path.rglob("*") if p.is_file()}
    house.gate(house.build(VALUE))
    home = str(house.settings.home)
    root = Path(__file__).resolve().parents[2]
    killed, step, seen = 0, 0, set()
    steps = [0, 1, 2, 4, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58]
    for step in steps:
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, home, str(step)], cwd=root, capture_output=True, text=True, check=False
        )
        versions = sorted(p.name for p in shelf(house).iterdir() if p.name.startswith("v"))
        assert versions in (["v1.0.0"], ["v1.0.0", "v1.1.0"])
        seen.add(len(versions))
        for name in versions:
            assert verify(shelf(house) / name).ok, (step, name)
        assert (shelf(house) / "latest").resolve().name in versions
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        killed += 1
    assert killed >= 20
    final = publish(house.settings, REGION, YEAR)
    assert (final.version, verify(final.path).ok) == ("v1.1.0", True)
    assert [e["version"] for e in house.ledger.rows(sa.select(tables.edition))] == ["v1.0.0", "v1.1.0"]
    assert (shelf(house) / "latest").resolve() == final.path
    assert {p: p.read_bytes() for p in first.path.rglob("*") if p.is_file()} == before
    assert not [p for p in shelf(house).iterdir() if p.name.endswith(".tmp")]


# ---------------------------------------------------------------- withdrawal
def test_a_withdrawn_version_leaves_a_signed_tombstone_and_its_number_is_gone(house: House) -> None:
    from publication.sshsig import check

    house.publish()
    second = house.publish(VALUE)
    stone = withdraw(house.settings, REGION, YEAR, "v1.1.0", reason="涉及个人", person="统计员乙")
    told = json.loads(stone.read_text(encoding="utf-8"))
    assert (told["version"], told["reason"], told["data_hash"]) == ("v1.1.0", "涉及个人", second.data_hash)
    check(stone.with_suffix(".json.sig").read_text(encoding="ascii"), stone.read_bytes())
    assert not second.path.exists()
    assert (shelf(house) / "latest").resolve().name == "v1.0.0"
    rows = house.ledger.rows(sa.select(tables.edition).order_by(tables.edition.c.version))
    assert [(r["version"], r["verdict"]) for r in rows] == [
        ("v1.0.0", "published with explanations"),
        ("v1.1.0", "withdrawn"),
    ]
    again = publish(house.settings, REGION, YEAR)
    assert (again.version, again.changed) == ("v1.2.0", True)


def test_the_only_version_withdrawn_leaves_nothing_that_is_latest(house: House) -> None:
    house.publish()
    withdraw(house.settings, REGION, YEAR, "v1.0.0", reason="误发", person="统计员乙")
    assert sorted(p.name for p in shelf(house).iterdir()) == [
        ".lock",
        "v1.0.0.withdrawn.json",
        "v1.0.0.withdrawn.json.sig",
    ]
    assert unused(shelf(house), None, "first") != "v1.0.0"


@pytest.mark.parametrize(("version", "reason"), [("v9.9.9", "误发"), ("latest", "误发"), ("v1.0.0", " ")])
def test_what_cannot_be_withdrawn_is_one_clear_line(house: House, version: str, reason: str) -> None:
    edition = house.publish()
    with pytest.raises(SchoolhouseError, match="no version"):
        withdraw(house.settings, REGION, YEAR, version, reason=reason, person="统计员乙")
    assert verify(edition.path).ok


# ---------------------------------------------------------------- difference
def test_a_changed_figure_is_told_with_its_cause(house: House) -> None:
    first = house.publish()
    second = house.publish(VALUE, "update pub_target_tracking set target_value = 9.9 where target_id = 'T2'")
    told = difference(first.path, second.path)
    assert (told.level, told.inputs) == ("minor", {})
    by_column = {(c.dataset, c.column): c for c in told.changes}
    value = by_column["pub_indicator_value", "value"]
    assert (value.before, value.after, value.causes) == ("10.0", "10.5", ())
    assert by_column["pub_target_tracking", "target_value"].causes == ("target",)
    assert told.by_cause() == {"target": 1, "unexplained": 1}
    assert "unexplained" in "\n".join(told.lines("en"))


def test_a_revised_file_and_other_code_are_told_apart(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first = house.publish()
    with monkeypatch.context() as patch:
        patch.setattr(publication.manifest, "code_hash", lambda: "0" * 64)
        coded = house.publish(VALUE)
    assert {c.causes for c in difference(first.path, coded.path).changes} == {("code",)}
    real = House._submission

    def revised(self: House, region: str, number: int) -> dict[str, str | int]:
        return {**real(self, region, number), "file_sha256": "a" * 64}

    monkeypatch.setattr(House, "_submission", revised)
    sent = house.publish()
    told = difference(coded.path, sent.path)
    assert told.inputs == {"school_report": "source_revision"}
    assert {c.causes for c in told.changes} == {("source_revision",)}


def test_editions_of_different_years_are_not_compared(house: House, copy: Path) -> None:
    path = copy / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "school_year": "2023-2024"}), encoding="utf-8")
    with pytest.raises(SchoolhouseError, match="different"):
        difference(house.publish().path, copy)
