"""The catalogue of flaws: named once, planted where the list says and nowhere else, and what the house makes of it."""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from synth import generate
from synth.flaws import FLAWS

# Files that are flaws by not being there.
ABSENT = {"E011", "E012"}


@pytest.fixture(scope="module")
def folders(county_files, tmp_path_factory) -> tuple[Path, Path]:
    flawed = tmp_path_factory.mktemp("all")
    generate(flawed, defects="all")
    return county_files, flawed


def _list(root: Path) -> list[dict[str, str]]:
    with (root / "defects.csv").open(encoding="utf-8", newline="") as f:
        return [r for r in csv.DictReader(f) if r["check_id"] != "canary"]


def _hashes(root: Path) -> dict[str, str]:
    files = (p for p in root.rglob("*") if p.is_file() and p.parent != root)
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def _cell(path: Path, row: int, column: str) -> str:
    if path.read_bytes()[:2] == b"PK":
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    else:
        data = path.read_bytes()
        codec = {b"\xef\xbb": "utf-8-sig", b"\xff\xfe": "utf-16"}.get(data[:2], "gb18030")
        rows = list(csv.reader(data.decode(codec).splitlines()))
    at = 0
    for letter in column:
        at = at * 26 + ord(letter) - ord("A") + 1
    return str(rows[row - 1][at - 1]) if at <= len(rows[row - 1]) else ""


def test_a_hundred_flaws_of_every_outcome():
    assert len(FLAWS) >= 100
    assert set(Counter(f.outcome for f in FLAWS.values())) == {"reject_file", "reject_row", "block", "explain", "note"}
    assert all(f.check for f in FLAWS.values() if f.outcome != "note")
    assert all(f.rule for f in FLAWS.values() if f.outcome == "reject_row")
    assert len({f.what for f in FLAWS.values()}) == len(FLAWS)


def test_nothing_is_touched_but_what_the_list_names(folders):
    mild, flawed = folders
    before, after = _hashes(mild), _hashes(flawed)
    named = {d["file"] for d in _list(flawed)}
    changed = {p for p in after if after[p] != before.get(p)}
    assert changed <= named | {"990201/explanations.csv"}
    absent = {d["file"] for d in _list(flawed) if d["defect_id"].split("-")[1] in ABSENT}
    renamed = {"990201/2024-2025/优质高中招生计划表.csv"}  # its name now ends in .xlsx
    assert set(before) - set(after) == renamed | absent


def test_each_flaw_stands_in_its_cell(folders):
    mild, flawed = folders
    listed = [d for d in _list(flawed) if not d["defect_id"].startswith("990201-D")]
    assert {d["defect_id"].split("-")[1] for d in listed} == set(FLAWS)
    for d in listed:
        there = (flawed / d["file"]).is_file()
        assert there != (d["defect_id"].split("-")[1] in ABSENT), d["defect_id"]
        if d["row"] and d["column"] and (mild / d["file"]).is_file():
            now = _cell(flawed / d["file"], int(d["row"]), d["column"])
            try:
                then = _cell(mild / d["file"], int(d["row"]), d["column"])
            except IndexError:
                continue  # a row that was added
            assert now != then, d


@pytest.mark.slow
def test_the_same_flaws_give_the_same_bytes(folders, tmp_path):
    generate(tmp_path, defects="all")
    assert _hashes(tmp_path) == _hashes(folders[1])


def test_the_reading_returns_what_is_planted_and_accepts_what_is_only_odd(folders, tmp_path):
    import ingest
    from tests.conftest import settings_in

    flawed = folders[1]
    settings = settings_in(tmp_path / "home", flawed, flawed)
    ingest.run(settings, [flawed])
    con = sqlite3.connect(settings.home / "ledger" / "ledger.db")
    returned: dict[tuple[str, str], set[str]] = {}
    query = 'select s.file_sha256, r."row", r.rule from reject r join submission s using (submission_id)'
    for sha, row, rule in con.execute(query):
        returned.setdefault((sha, str(row)), set()).add(rule)
    outcomes = dict(con.execute("select file_sha256, outcome from arrival"))
    con.close()
    for d in _list(flawed):
        path = flawed / d["file"]
        if not d["file"] or not path.is_file():
            continue
        sha = hashlib.sha256(path.read_bytes()).hexdigest()
        rules = returned.get((sha, d["row"]), set())
        if d["expected"] == "reject_row":
            assert d["rule"] in rules or (rules and not d["rule"]), d
        elif d["expected"] == "reject_file":
            assert outcomes[sha] == "rejected", d
        elif d["expected"] == "note" and d["row"]:
            assert not rules, d
