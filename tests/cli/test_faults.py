"""A full disk or a missing right ends in one line; a fault of the program does not."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import duckdb
import pytest

from cli import main
from cli.faults import of_the_machine


def full_file() -> None:
    Path("/dev/full").write_bytes(b"x")


def full_duckdb() -> None:
    duckdb.execute("copy (select i from range(1000000) t(i)) to '/dev/full' (format csv)")


def full_sqlite() -> None:
    with sqlite3.connect(":memory:") as con:
        con.execute("pragma max_page_count = 3")
        con.execute("create table t (a)")
        con.executemany("insert into t values (?)", [("x" * 1000,)] * 100)


def full_far_down() -> None:
    try:
        full_file()
    except OSError as e:
        raise RuntimeError("the batch was broken off") from e


@pytest.mark.parametrize("write", [full_file, full_duckdb, full_sqlite, full_far_down])
def test_a_full_disk_is_said_and_what_to_do(write) -> None:
    with pytest.raises(Exception) as caught:
        write()
    said = of_the_machine(caught.value)
    assert said is not None
    assert "磁盘空间已满" in said.line()
    assert "schoolhouse builds --apply" in said.line("en")


def test_a_missing_right_names_the_file() -> None:
    said = of_the_machine(PermissionError(errno.EACCES, "Permission denied", "/srv/schoolhouse/ledger"))
    assert said is not None
    assert said.line().startswith("/srv/schoolhouse/ledger:没有读写权限")


@pytest.mark.parametrize("fault", [ValueError("a row"), FileNotFoundError(errno.ENOENT, "x", "/a"), KeyError("k")])
def test_a_fault_of_the_program_stays_what_it_is(fault: Exception) -> None:
    assert of_the_machine(fault) is None


def test_the_command_ends_with_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(main, "app", full_far_down)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 1
    printed = capsys.readouterr().err
    assert "磁盘空间已满" in printed
    assert "Traceback" not in printed


def test_the_command_hides_no_other_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise KeyError("column")

    monkeypatch.setattr(main, "app", broken)
    with pytest.raises(KeyError):
        main.run()
