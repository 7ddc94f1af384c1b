"""Nothing of the documents is passed over: every item has an answer or a reason, and a gap is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import typer

from tests.cli.test_commands import call
from tests.conftest import COUNTY, Home
from warehouse.accounted import Edition, read_editions

YEAR = "2024-2025"
TOTALS = {"indicator": 266, "target": 361, "rule": 74, "milestone": 80, "budget_fact": 43, "arithmetic_check": 43}


@pytest.fixture
def warehouse(county_home: Home, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the county's warehouse, to spoil."""
    copy = tmp_path / "warehouse.duckdb"
    shutil.copyfile(county_home.build.path, copy)
    with duckdb.connect(str(copy)) as con:
        yield con


def _edition(con: duckdb.DuckDBPyConnection) -> Edition:
    (found,) = read_editions(con, COUNTY, YEAR)
    return found


def _gaps(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return {(i.kind, i.item_id) for i in _edition(con).unaccounted}


def test_all_of_every_document_is_accounted_for(warehouse: duckdb.DuckDBPyConnection) -> None:
    editions = read_editions(warehouse, None, None)
    assert {e.school_year for e in editions} >= {"2023-2024", YEAR}
    for e in editions:
        summary = e.summary()
        assert {k: summary[k]["total"] for k in TOTALS} == TOTALS
        assert e.unaccounted == []
        assert all(sum(s["by_status"].values()) == s["total"] for s in summary.values())
        assert all(i.reason_zh and i.reason_zh != i.reason for i in e.unanswered)


def test_ids_are_those_of_the_documents(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Counted once each, whatever the facts hold several rows of."""
    edition = _edition(warehouse)
    for kind in TOTALS:
        ids = [i.item_id for i in edition.items if i.kind == kind]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("kind", "item", "change"),
    [
        ("indicator", "res_cv_teaching_area", "delete from fct_indicator_value where indicator_code = ?"),
        ("indicator", "res_cv_teaching_area", "update fct_indicator_value set value = null where indicator_code = ?"),
        ("target", "TNAT-001", "delete from fct_target_tracking where target_id = ?"),
        (
            "rule",
            "R001-05",
            "update fct_rule_evaluation set reason_code = null, outcome = 'undecided' where rule_id = ?",
        ),
        ("rule", "R001-05", "delete from fct_rule_evaluation where rule_id = ?"),
        ("budget_fact", "B001-01", "delete from fct_budget_line where budget_line_id = ?"),
        ("arithmetic_check", "C20", "delete from fct_arithmetic_check where check_id = ?"),
    ],
)
def test_a_gap_is_named(warehouse: duckdb.DuckDBPyConnection, kind: str, item: str, change: str) -> None:
    assert _gaps(warehouse) == set()
    warehouse.execute(change, [item])
    assert _gaps(warehouse) == {(kind, item)}


def test_a_reason_is_no_answer(warehouse: duckdb.DuckDBPyConnection) -> None:
    code = "res_teaching_area_per_student"
    assert code not in {i.item_id for i in _edition(warehouse).unanswered}
    warehouse.execute(
        "update fct_indicator_value set value = null, status = 'not_reported' where indicator_code = ?", [code]
    )
    (lacking,) = [i for i in _edition(warehouse).unanswered if i.item_id == code]
    assert (lacking.status, lacking.reason_zh) == ("not_reported", "所需数据来源尚未报送")


def test_what_binds_nobody_says_so(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A document that was not yet in force binds nobody in an early edition."""
    year = "2022-2023"
    rows = warehouse.execute("select document_code from int_edition_document where school_year = ?", [year]).fetchall()
    bound = {code for (code,) in rows}
    documents = dict(warehouse.execute("select target_id, document_code from dim_target").fetchall())
    (edition,) = read_editions(warehouse, COUNTY, year)
    told = {i.item_id for i in edition.items if i.kind == "target" and i.reason == "not_bound"}
    assert told == {t for t, d in documents.items() if d not in bound}
    assert told


def test_the_command_says_all_is_accounted_for(county_home: Home) -> None:
    done = call(county_home, "coverage", "--year", YEAR, "--json")
    found = json.loads(done.stdout)
    (edition,) = found["editions"]
    assert done.returncode == 0
    assert found["complete"] is True
    assert edition["unaccounted"] == []
    assert edition["kinds"]["indicator"]["total"] == TOTALS["indicator"]
    assert found["build_id"] == county_home.build.build_id


def test_the_command_fails_with_a_gap(
    warehouse: duckdb.DuckDBPyConnection,
    county_home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import cli.answers
    import warehouse.accounted as module

    warehouse.execute("delete from fct_rule_evaluation where rule_id = 'R004-01'")
    warehouse.close()
    monkeypatch.setattr(module, "newest_build", lambda *_: {"path": tmp_path / "warehouse.duckdb", "build_id": "b"})
    monkeypatch.setenv("SCHOOLHOUSE_HOME", str(county_home.settings.home))
    with pytest.raises(typer.Exit) as stopped:
        cli.answers.coverage(year=YEAR, as_json=True)
    assert stopped.value.exit_code == 1
    (edition,) = json.loads(capsys.readouterr().out)["editions"]
    assert [i["item_id"] for i in edition["unaccounted"]] == ["R004-01"]


def test_an_edition_that_is_not_there(county_home: Home) -> None:
    done = call(county_home, "coverage", "--year", "1999-2000")
    assert done.returncode == 1
    assert "1999-2000" in done.stderr
    assert "Traceback" not in done.stderr
