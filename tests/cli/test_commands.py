"""Every command speaks to people and to machines, and says what is wrong in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import COUNTY, Home
from warehouse.settings import PROJECT_ROOT

YEAR = "2024-2025"


def call(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as the office runs it."""
    s = home.settings
    env = {
        **os.environ,
        "SCHOOLHOUSE_HOME": str(s.home),
        "SCHOOLHOUSE_INBOX": str(s.inbox),
        "SCHOOLHOUSE_REGISTERS": os.pathsep.join(map(str, s.registers)),
    }
    command = [sys.executable, "-c", "from cli.main import run; run()", *words]
    return subprocess.run(command, cwd=PROJECT_ROOT, env=env, capture_output=True, text=True, timeout=300)


def answer(home: Home, *words: str) -> Any:
    done = call(home, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_year_by_command(county_home: Home, county_files: Path) -> None:
    """ingest, build, gate, publish, verify: each on the state that the one before left, each as JSON."""
    ingested = answer(county_home, "ingest", str(county_files))
    assert ingested["accepted_new"] == 0, "the home has these files already"
    assert answer(county_home, "build")["reused"] is True
    assert answer(county_home, "gate", "--year", YEAR)["verdict"] == "passed_with_explanations"
    edition = answer(county_home, "publish", "--year", YEAR)
    assert Path(edition["report"]).is_file()
    assert answer(county_home, "verify", edition["path"])["ok"] is True
    status = answer(county_home, "status")
    assert {e["school_year"] for e in status["editions"]} >= {YEAR}
    assert {a["status"] for a in status["attention"]} >= {"rejected", "partial"}
    explained = answer(county_home, "explain", "res_sports_area_per_student", "--entity", COUNTY, "--period", YEAR)
    assert all(o["agrees"] for o in explained["operands"])


def test_a_query_in_three_forms(county_home: Home) -> None:
    sql = "select region_code, count(*) as n from dim_school group by region_code"
    raw = county_home.settings.raw / "school_report" / "*.parquet"
    schools = f"select count(distinct school_code || period) from read_parquet('{raw}')"
    (n,) = duckdb.sql(schools).fetchall()[0]
    assert answer(county_home, "query", sql) == [{"region_code": COUNTY, "n": n}]
    assert call(county_home, "query", sql, "--format", "csv").stdout == f"region_code,n\n{COUNTY},{n}\n"
    assert COUNTY in call(county_home, "query", sql).stdout


def test_synth_by_command(tmp_path: Path, county_home: Home) -> None:
    summary = answer(county_home, "synth", "--out", str(tmp_path / "county"), "--schools", "4", "--years", "1")
    assert summary["schools"] == 4
    assert (tmp_path / "county" / "truth.csv").is_file()


@pytest.mark.parametrize(
    "words",
    [
        ("ingest", "no-such-folder"),
        ("query", "select nothing"),
        ("publish", "--year", "1999-2000"),
        ("verify", "no-such-edition"),
        ("explain", "no_such_indicator", "--entity", COUNTY, "--period", YEAR),
        ("build", "--target", "oracle"),
        ("approve", "--year", YEAR, "--role", "janitor", "--approver", "某人"),
    ],
)
def test_a_mistake_ends_in_one_clear_line(county_home: Home, words: tuple[str, ...]) -> None:
    done = call(county_home, *words)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    said = (done.stderr + done.stdout).strip().splitlines()
    assert 1 <= len(said) <= 2, "one line in Chinese, with the English beneath"
