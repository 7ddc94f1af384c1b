"""Retention: what the policy lets go is erased for good, and the house works on without it."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

import ingest
from ingest import landing, retention, returns
from publication import publish, verify
from tests.conftest import COUNTY, Home
from tests.ingest.conftest import County
from tests.support.editions import publish_explained
from tests.support.homes import copy_home
from warehouse import ledger as l
from warehouse.build import build
from warehouse.errors import SchoolhouseError
from warehouse.explain import explain
from warehouse.explain_find import Asked
from warehouse.settings import Settings

EXAM = "2021-2022学年度第二学期期末检测成绩"
HEAD = "学籍号,学校标识码,学校,年级,班级,姓名,性别,语文,数学,总分"
LANDING, RETURNS = 365, 90
YEAR = "2024-2025"


def in_days(days: int) -> date:
    return datetime.now(UTC).date() + timedelta(days=days)


def scores(*maths: int, first: int = 1, school: str = "01") -> str:
    rows = [
        f"L99010120130101{n:04d},21990000{school},第{school}小学,三年级,1班,生{n},男,50,{m},{50 + m}"
        for n, m in enumerate(maths, first)
    ]
    return "\n".join([EXAM, HEAD, *rows])


@pytest.fixture
def house(county: County) -> County:
    """The reference files, one clean score file and one with an open reject."""
    county.put_reference()
    county.run()
    county.run(county.put("good.csv", scores(60, 61)), county.put("bad.csv", scores(70, 171, first=11, school="02")))
    return county


def landed(county: County) -> set[str]:
    return {p.name for p in county.settings.landing.glob("??/*") if p.suffix != ".json"}


def sha_of(county: County, name: str) -> str:
    rows = county.ledger().rows(sa.select(l.submission).where(l.submission.c.file_name == name))
    return rows[0]["file_sha256"]


def test_nothing_goes_before_its_day_and_accepted_bytes_go_on_it(house: County) -> None:
    young = retention.plan(house.settings, in_days(LANDING - 1))
    assert [i for i in young.items if i.kind == "landing"] == []
    due = retention.plan(house.settings, in_days(LANDING))
    assert {i.name for i in due.items if i.kind == "landing"} == landed(house) - {sha_of(house, "bad.csv")}
    assert due.kept[("landing", "open")] == 1
    assert len(landed(house)) == 5, "a plan erases nothing"


def test_open_and_waiting_files_are_kept_whatever_their_age(county: County) -> None:
    county.put_reference("regions", "school_report")
    county.run()
    assert county.run(county.put("w.csv", scores(60)))["w.csv"].status == "waiting"
    assert county.run(county.put("x.csv", b"PK\x03\x04" + b"x" * 99))["x.csv"].status == "rejected"
    found = retention.plan(county.settings, in_days(100_000))
    kept = {sha_of(county, "w.csv"), sha_of(county, "x.csv")}
    assert kept & {i.name for i in found.items} == set()
    assert found.kept == {("landing", "waiting"): 1, ("landing", "open"): 1}


def test_the_tombstone_knows_the_bytes_and_resent_they_are_nothing_new(house: County) -> None:
    sha, before = sha_of(house, "good.csv"), house.raw("exam_scores")
    size = landing.blob(house.settings, sha).stat().st_size
    erased = retention.erase(house.settings, retention.plan(house.settings, in_days(LANDING)).items)
    assert erased == 4
    assert landed(house) == {sha_of(house, "bad.csv")}
    note = json.loads((house.settings.landing / sha[:2] / f"{sha}.json").read_text())
    stone = note["erased"]
    assert (stone["sha256"], stone["size"], stone["policy"]) == (sha, size, "landing_days=365")
    entered = house.ledger().rows(sa.select(l.erasure).where(l.erasure.c.name == sha))
    assert [(e["kind"], e["sha256"], e["size"]) for e in entered] == [("landing", sha, size)]
    told = house.run()
    assert {r.status for n, r in told.items() if n != "bad.csv"} == {"unchanged"}
    assert not landing.blob(house.settings, sha).exists(), "bytes that were erased do not come back by themselves"
    assert house.raw("exam_scores") == before
    assert retention.plan(house.settings, in_days(LANDING)).items == ()


def test_a_corrected_file_lets_the_old_bytes_rows_and_sheet_go(house: County) -> None:
    (submission,) = returns.open_submissions(house.ledger())
    sheet = returns.make_return_sheet(house.settings, submission["submission_id"]).path
    quarantined = house.settings.quarantine / f"{submission['submission_id']}.parquet"
    assert quarantined.exists()
    assert [i.kind for i in retention.plan(house.settings, in_days(RETURNS - 1)).items] == []
    old = time.time() - (RETURNS + 1) * 86400
    house.run(house.put("better.csv", scores(70, 71, first=11, school="02")))
    today = retention.plan(house.settings, in_days(0))
    assert [(i.kind, i.policy) for i in today.items] == [("return", "answered")]
    os.utime(sheet, (old, old))
    later = retention.plan(house.settings, in_days(LANDING))
    assert {i.kind for i in later.items} == {"landing", "quarantine", "return"}
    retention.erase(house.settings, later.items)
    assert not quarantined.exists() and not sheet.exists() and landed(house) == set()


def test_a_return_sheet_of_an_open_file_ages(house: County) -> None:
    (submission,) = returns.open_submissions(house.ledger())
    returns.make_return_sheet(house.settings, submission["submission_id"])
    found = retention.plan(house.settings, in_days(RETURNS))
    assert [(i.kind, i.policy) for i in found.items] == [("return", "returns_days=90")]


def test_identity_numbers_in_names_do_not_outlive_the_bytes(county: County) -> None:
    number = "990101201301010011"
    county.put_reference()
    county.run()
    county.run(county.put(f"张三{number}.csv", scores(60)))
    retention.erase(county.settings, retention.plan(county.settings, in_days(LANDING)).items)
    texts = [p.read_text() for p in county.settings.landing.rglob("*.json")]
    assert len(texts) == 4 and not any(number in t for t in texts)


def test_the_houses_own_policy_replaces_the_days_it_names(house: County) -> None:
    path = house.settings.home / "retention.yaml"
    path.write_text("landing_days: 10\n")
    assert len(retention.plan(house.settings, in_days(10)).items) == 4
    path.write_text("landing_days: null\n")
    assert retention.plan(house.settings, in_days(100_000)).items == ()
    path.write_text("open_days: 20\n")
    assert len([i for i in retention.plan(house.settings, in_days(20)).items if i.kind == "landing"]) == 1
    for wrong in ("landing_days: soon\n", "landing_days: -1\n", "landing: 3\n", "[\n", "true\n"):
        path.write_text(wrong)
        with pytest.raises(SchoolhouseError, match="retention policy"):
            retention.plan(house.settings)


def test_an_erasure_that_was_killed_is_finished_by_the_next(house: County, monkeypatch: pytest.MonkeyPatch) -> None:
    items = retention.plan(house.settings, in_days(LANDING)).items
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            retention.erase(house.settings, items)
    assert len(landed(house)) == 5
    assert retention.erase(house.settings, retention.plan(house.settings, in_days(LANDING)).items) == 4
    assert len(house.ledger().rows(sa.select(l.erasure))) == 4


@pytest.mark.slow
def test_build_explain_gate_and_edition_need_no_bytes(tmp_path: Path, county_home: Home, county_files: Path) -> None:
    """The whole year on a home whose received files are gone: same build, same cells, same published bytes."""
    home = tmp_path / "home"
    copy_home(county_home.settings.home, home)
    settings = Settings.load(
        {
            "SCHOOLHOUSE_HOME": str(home),
            "SCHOOLHOUSE_INBOX": str(county_home.settings.inbox),
            "SCHOOLHOUSE_REGISTERS": os.pathsep.join(map(str, county_home.settings.registers)),
        }
    )
    question = ("res_sports_area_per_student", Asked(COUNTY, YEAR))
    told = explain(settings, *question).to_dict()
    before = publish_explained(settings, COUNTY, YEAR)
    (settings.home / "retention.yaml").write_text("open_days: 365\n")
    items = retention.plan(settings, in_days(LANDING)).items
    assert retention.erase(settings, items) == len(items) > 50
    assert not [p for p in settings.landing.glob("??/*") if p.suffix != ".json"]
    assert {f.status for f in ingest.run(settings, [county_files]).files} <= {
        "unchanged",
        "duplicate",
        "rejected",
        "skipped",
    }
    made = build(settings, full_refresh=True)
    assert made.status == "ok" and made.build_id == county_home.build.build_id
    again = explain(settings, *question).to_dict()
    assert again["operands"][0]["rows"] == told["operands"][0]["rows"] and again["operands"][0]["rows"]
    # The token of a gate is bound to the bytes of its build, and the database was written anew.
    with pytest.raises(SchoolhouseError, match="was changed after"):
        publish(settings, COUNTY, YEAR)
    after = publish_explained(settings, COUNTY, YEAR)
    assert (after.data_hash, after.changed) == (before.data_hash, False)
    assert verify(after.path).ok
