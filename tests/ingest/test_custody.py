"""The vault's uses: only custodians, each with its reason in a log that shows when it was tampered with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from ingest import custody, persons
from ingest.vault import Vault, canonical
from tests.ingest.conftest import County
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

NUMBER = "990101201301010011"
PUPIL = canonical("student", "", NUMBER)
OTHERS = [canonical("student", "", f"9901012013020{n:05d}") for n in range(40)]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("SCHOOLHOUSE_HMAC_KEY", raising=False)
    return Settings.load({"SCHOOLHOUSE_HOME": str(tmp_path)}).prepare()


@pytest.fixture
def key(settings: Settings) -> str:
    return Vault.open(settings).keys([PUPIL, *OTHERS])[0]


def log_text(settings: Settings) -> str:
    return (settings.vault / "custody.log").read_text(encoding="utf-8")


def ledger_text(settings: Settings) -> str:
    return json.dumps(l.Ledger.open(settings).rows(sa.select(l.vault_use)), ensure_ascii=False)


def test_a_lookup_is_logged_before_it_answers(settings: Settings, key: str) -> None:
    (found,) = persons.lookup(settings, key, "学籍核查第3号")
    assert (found.kind, found.scope, found.identifier) == ("student", "", NUMBER)
    entries, faults = custody.read_log(settings)
    assert not faults
    assert [(e.action, e.subject, e.reason, e.outcome) for e in entries] == [
        ("lookup", key, "学籍核查第3号", "granted")
    ]
    assert NUMBER not in log_text(settings)
    assert (settings.vault / "custody.log").stat().st_mode & 0o777 == 0o600


def test_the_ledgers_line_names_nobody(settings: Settings, key: str) -> None:
    persons.lookup(settings, key, f"查 {NUMBER}")
    line = ledger_text(settings)
    assert '"lookup"' in line and '"granted"' in line
    assert key not in line and NUMBER not in line and "查" not in line


def test_without_a_reason_nothing_is_shown(settings: Settings, key: str) -> None:
    with pytest.raises(SchoolhouseError, match="reason"):
        persons.lookup(settings, key, "  ")


def test_only_custodians_and_the_attempt_is_logged(settings: Settings, key: str) -> None:
    (settings.vault / custody.CUSTODIANS).write_text("somebody_else  # 统计股\n", encoding="utf-8")
    for use in (
        lambda: persons.lookup(settings, key, "好奇"),
        lambda: persons.find_person(settings, "student", "", NUMBER, "好奇"),
        lambda: persons.rotate_key(settings, "好奇"),
        lambda: persons.erase_person(settings, key, "好奇"),
        lambda: persons.count_holdings(settings),
    ):
        with pytest.raises(SchoolhouseError, match="may not use the vault"):
            use()
    entries, faults = custody.read_log(settings)
    assert [e.outcome for e in entries] == ["refused"] * 5 and not faults
    assert Vault.open(settings).keys([PUPIL]) == [key]


def test_a_number_leads_to_its_key_in_any_written_form(settings: Settings, key: str) -> None:
    for form in (NUMBER, f"G{NUMBER}", f" {NUMBER[:6]} {NUMBER[6:]} "):
        assert persons.find_person(settings, "student", "", form, "转学核对") == key
    with pytest.raises(SchoolhouseError, match="no such person"):
        persons.find_person(settings, "student", "", "990101201301019999", "转学核对")


def _change_reason(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace("二", "零"), *lines[2:]]


def _rehash(lines: list[str]) -> list[str]:
    """A forger who can compute hashes: the entry and all after it are written anew."""
    entries = [json.loads(line) for line in lines]
    entries[1]["reason"] = "零"
    for n in range(1, len(entries)):
        entries[n]["previous"] = entries[n - 1]["hash"]
        entries[n]["hash"] = custody.Entry(**entries[n]).computed()
    return [json.dumps(e, ensure_ascii=False) for e in entries]


@pytest.mark.parametrize(
    "forge",
    [_change_reason, lambda x: [x[0], *x[2:]], lambda x: x[:-1], lambda x: [], lambda x: [x[1], x[0], x[2]], _rehash],
)
def test_a_changed_log_is_seen(settings: Settings, key: str, forge: Any) -> None:
    for reason in ("一", "二", "三"):
        persons.lookup(settings, key, reason)
    assert custody.read_log(settings)[1] == []
    lines = forge(log_text(settings).splitlines())
    (settings.vault / "custody.log").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert custody.read_log(settings)[1]


def test_rotation_changes_the_key_and_nobodys(settings: Settings, key: str) -> None:
    before = Vault.open(settings).keys([PUPIL, *OTHERS])
    old = (settings.vault / "hmac.key").read_bytes()
    done = persons.rotate_key(settings, "年度轮换")
    assert (done.aliases, done.persons) == (41, 41)
    assert done.before != done.after
    assert (settings.vault / "hmac.key").read_bytes() != old
    assert Vault.open(settings).keys([PUPIL, *OTHERS]) == before
    assert not (settings.vault / "hmac.key.next").exists()


def test_a_killed_rotation_is_finished_by_the_next(
    settings: Settings, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # After the aliases were keyed anew, before the new key is in its place.
        patch.setattr("ingest.vault._write_key", killed)
        with pytest.raises(KeyboardInterrupt):
            persons.rotate_key(settings, "轮换")
    with pytest.raises(SchoolhouseError):
        Vault.open(settings)
    persons.rotate_key(settings, "续")
    assert Vault.open(settings).keys([PUPIL]) == [key]


def test_a_key_from_outside_is_rotated_by_a_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLHOUSE_HMAC_KEY", "11" * 32)
    (key,) = Vault.open(settings).keys([PUPIL])
    with pytest.raises(SchoolhouseError, match="SCHOOLHOUSE_HMAC_KEY"):
        persons.rotate_key(settings, "轮换")
    path = tmp_path / "new.key"
    path.write_text("short")
    with pytest.raises(SchoolhouseError, match="64 hex digits"):
        persons.rotate_key(settings, "轮换", path)
    path.write_text("22" * 32 + "\n")
    persons.rotate_key(settings, "轮换", path)
    monkeypatch.setenv("SCHOOLHOUSE_HMAC_KEY", "22" * 32)
    assert Vault.open(settings).keys([PUPIL]) == [key]


def test_an_erased_person_cannot_be_found_again(settings: Settings, key: str) -> None:
    old_key = (settings.vault / "hmac.key").read_bytes()
    others = Vault.open(settings).keys(OTHERS)
    done = persons.erase_person(settings, key, "监护人申请")
    assert done.aliases == 1
    with pytest.raises(SchoolhouseError, match="no such person"):
        persons.lookup(settings, key, "查")
    with pytest.raises(SchoolhouseError, match="no such person"):
        persons.find_person(settings, "student", "", NUMBER, "查")
    assert (settings.vault / "hmac.key").read_bytes() != old_key, "the old key would give the person key back"
    assert Vault.open(settings).keys(OTHERS) == others
    assert Vault.open(settings).keys([PUPIL]) != [key], "the same number later is somebody new"


def test_erasing_names_the_files_that_still_hold_the_person(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    county.put_reference()
    head = "学籍号,学校标识码,学校,年级,班级,姓名,性别,语文,数学,总分"
    row = "L99010120130101{n:04d},2199000001,第01小学,三年级,1班,甲,男,{m},{m},{t}"
    title = "2021-2022学年度第二学期期末检测成绩"
    county.run()
    lines = [row.format(n=1, m=90, t=180), row.format(n=2, m=90, t=180)]
    mine = county.run(county.put("a.csv", "\n".join([title, head, *lines])))["a.csv"]
    assert mine.status == "accepted", mine.message_zh
    files = county.settings.raw / "exam_scores" / "**" / "*.parquet"
    (key,) = duckdb.execute(
        f"SELECT DISTINCT student_key FROM read_parquet('{files}', hive_partitioning = false) WHERE _row = 3"
    ).fetchone()
    new_key = tmp_path / "key"
    new_key.write_text("22" * 32)
    done = persons.erase_person(county.settings, key, "申请", new_key)
    assert done.files == (mine.file_sha256,)
    monkeypatch.setenv("SCHOOLHOUSE_HMAC_KEY", "22" * 32)
    assert len(county.raw("exam_scores", "DISTINCT student_key")) == 2, "raw keeps the figures"
