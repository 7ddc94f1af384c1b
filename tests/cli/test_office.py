"""The office's desk by command: return sheets, the vault, retention. Each speaks to people and to machines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.cli.test_commands import answer, call
from tests.conftest import COUNTY, Home
from tests.support.canary_search import read_canaries
from tests.support.homes import copy_home
from warehouse.settings import PROJECT_ROOT, Settings


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, county_home: Home) -> Home:
    """A copy of the county's home that these tests may change."""
    home = tmp_path_factory.mktemp("desk") / "home"
    copy_home(county_home.settings.home, home, "build", "serving", "editions", "airflow")
    s = county_home.settings
    settings = Settings.load(
        {
            "SCHOOLHOUSE_HOME": str(home),
            "SCHOOLHOUSE_INBOX": str(tmp_path_factory.mktemp("desk_inbox")),
            "SCHOOLHOUSE_REGISTERS": os.pathsep.join(map(str, s.registers)),
        }
    )
    return Home(settings.prepare(), county_home.build)


def above_full_mark(desk: Home) -> dict:
    lines = answer(desk, "status", "--period", "2024-2025", "--missing", "--source", "exam_scores")["expected"]
    return next(line for line in lines if "高于满分" in line["reason_zh"])


def test_a_return_sheet_and_its_answer_by_command(desk: Home) -> None:
    line = above_full_mark(desk)
    partial = next(
        s
        for s in answer(desk, "return-sheet", "--all", "--region", COUNTY)["sheets"]
        if s["unit_code"] == line["unit_code"]
    )
    path = Path(partial["path"])
    assert path.parent == desk.settings.quarantine / "returns" and partial["faults"] == 1
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    (cell,) = [c for row in sheet.iter_rows() for c in row if str(c.fill.fgColor.rgb).endswith("FFFF66")]
    cell.value = float(cell.value) - 50
    total = next(c for c in sheet[2] if c.value == "总分").column
    sheet.cell(cell.row, total).value -= 50
    back = desk.settings.inbox / COUNTY / "改好.xlsx"
    back.parent.mkdir(parents=True)
    book.save(back)
    (told,) = answer(desk, "ingest", str(back))["files"]
    assert told["status"] == "accepted" and "已改正 1 处" in told["message_zh"], told["message_zh"]
    judged = answer(desk, "return-sheet", "--answer", partial["submission_id"])
    assert judged["counts"] == {"fixed": 1, "wrong": 0, "vanished": 0, "lost": 0, "changed": 0, "added": 0}
    shown = call(desk, "return-sheet", "--answer", partial["submission_id"])
    assert "已改正 1 处" in shown.stdout and shown.returncode == 0
    after = answer(desk, "status", "--period", "2024-2025", "--school", line["unit_code"])["expected"]
    # Where an edition of the year stands already, the correction came after it.
    told = {x["state"] for x in after if x["source"] == "exam_scores"}
    assert told and told <= {"accepted", "late_after_edition"}


def test_writing_return_sheets_elsewhere_warns(desk: Home, tmp_path: Path) -> None:
    done = call(desk, "return-sheet", "--all", "--out", str(tmp_path / "usb"))
    assert done.returncode == 0 and "身份信息" in done.stderr
    assert list((tmp_path / "usb").glob("退回_*.xlsx"))


def test_the_vault_by_command(desk: Home, county_files: Path) -> None:
    planted = read_canaries(county_files / "defects.csv")
    number = next(c.value for c in planted if c.kind == "number" and c.value.startswith(COUNTY))
    held = answer(desk, "vault", "keys")
    assert held["persons"] > 1000 and held["aliases"] >= held["persons"]
    turned = answer(desk, "vault", "rotate", "--reason", "年度轮换")
    assert (turned["aliases"], turned["persons"]) == (held["aliases"], held["persons"])
    assert turned["before"] == held["fingerprint"] != turned["after"]
    env = {**os.environ, "SCHOOLHOUSE_HOME": str(desk.settings.home)}
    command = [sys.executable, "-c", "from cli.main import run; run()", "vault", "lookup", "-", "--reason", "核查"]
    found = subprocess.run(
        command, input=f"G{number}\n", env=env, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120
    )
    key = found.stdout.strip()
    assert len(key) == 32, found.stderr
    assert {i["identifier"] for i in answer(desk, "vault", "lookup", key, "--reason", "核查")} >= {number}
    gone = answer(desk, "vault", "erase", key, "--reason", "监护人申请", "--yes")
    assert gone["aliases"] >= 1 and gone["files"]
    assert call(desk, "vault", "lookup", key, "--reason", "核查").returncode == 1
    log = answer(desk, "vault", "log")
    assert [e["action"] for e in log["entries"]] == ["keys", "rotate", "find", "lookup", "erase", "lookup"]
    assert log["faults"] == []


def test_a_forged_log_ends_with_an_error(desk: Home) -> None:
    answer(desk, "vault", "keys")
    path = desk.settings.vault / "custody.log"
    whole = path.read_text(encoding="utf-8")
    path.write_text("".join(whole.splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert call(desk, "vault", "log").returncode == 1
    path.write_text(whole, encoding="utf-8")
    assert call(desk, "vault", "log").returncode == 0


def test_retention_says_before_it_does(desk: Home) -> None:
    assert answer(desk, "retention")["erased"] == 0
    planned = answer(desk, "retention", "--as-of", "2040-01-01")
    assert {i["kind"] for i in planned["items"]} >= {"landing"}
    assert all(Path(i["path"]).exists() for i in planned["items"])
    assert "到期可删除" in call(desk, "retention", "--as-of", "2040-01-01").stdout
    assert call(desk, "retention", "--apply", "--as-of", "2040-01-01").returncode == 1, "nothing goes ahead of time"


@pytest.mark.parametrize(
    "words",
    [
        ("return-sheet",),
        ("return-sheet", "zzzz"),
        ("return-sheet", "--all", "--answer", "x"),
        ("return-sheet", "--answer", "zzzz"),
        ("vault", "lookup", "nobody", "--reason", "x"),
        ("vault", "lookup", "0" * 32, "--reason", "x"),
        ("vault", "rotate", "--reason", " "),
        ("retention", "--as-of", "soon"),
    ],
)
def test_a_mistake_ends_in_one_clear_line(desk: Home, words: tuple[str, ...]) -> None:
    done = call(desk, *words)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert 1 <= len((done.stderr + done.stdout).strip().splitlines()) <= 2
