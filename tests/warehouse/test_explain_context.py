"""Who else answers for a number: corrections, findings as they were explained; each told, and no other's."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.conftest import COUNTY
from warehouse import ledger_tables as l
from warehouse.explain_context import read_corrections, read_declared, read_findings
from warehouse.ledger import Ledger
from warehouse.settings import Settings

YEAR = "2024-2025"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(Settings.load({"SCHOOLHOUSE_HOME": str(tmp_path)}).prepare())


def _submission(ledger: Ledger, name: str, version: int, status: str, unit: str = "s1") -> None:
    row = {c.name: "" for c in l.submission.columns} | {
        "submission_id": name, "region_code": COUNTY, "source": "school_report", "unit_code": unit, "period": YEAR,
        "version": version, "file_name": f"{name}.xlsx", "status": status, "rows_accepted": 1, "rows_rejected": 0,
    }  # fmt: skip
    with ledger.transaction() as connection:
        connection.execute(l.submission.insert(), row)


def _add(ledger: Ledger, table: str, **values: object) -> None:
    target = getattr(l, table)
    with ledger.transaction() as connection:
        connection.execute(target.insert(), {c.name: "" for c in target.columns} | values)


def test_the_file_that_was_replaced_is_told(ledger: Ledger) -> None:
    _submission(ledger, "old", 1, "superseded")
    _submission(ledger, "new", 2, "accepted")
    _submission(ledger, "other", 1, "accepted", unit="s2")
    _add(ledger, "correction", submission_id="bad", corrected_by="new", file_name="bad.csv", by_file_name="new.xlsx",
         basis="name")  # fmt: skip
    _add(ledger, "answer", submission_id="new", answers="old", cells_fixed=1, cells_wrong=0, cells_vanished=0,
         rows_lost=0, rows_changed=0, rows_added=0)  # fmt: skip
    told = {(c["file_name"], c["basis"]) for c in read_corrections(ledger, ["new"])}
    assert told == {("old.xlsx", "version"), ("bad.csv", "name"), ("old.xlsx", "return_sheet")}
    assert read_corrections(ledger, ["other"]) == []
    assert read_corrections(ledger, []) == []


def test_findings_of_the_newest_run_with_their_explanations(ledger: Ledger) -> None:
    for gate, build, at in (("g1", "b", "2025-01-01"), ("g2", "b", "2025-01-02"), ("g3", "another", "2025-01-03")):
        _add(ledger, "gate_run", gate_id=gate, build_id=build, region_code=COUNTY, school_year=YEAR, ran_at=at)
    _add(
        ledger,
        "explanation",
        explanation_id="e1",
        reason_code="moved",
        text_zh="搬迁",
        signer="王",
        signed_on="2025-01-02",
    )
    for gate, check, entity, told in (
        ("g1", "old", "s1", ""), ("g2", "roster_vs_report", "s1", "e1"), ("g2", "zero_or_empty_school", "s2", ""),
        ("g2", "enrolment_vs_report", "s1/primary", ""), ("g3", "foreign", "s1", ""),
    ):  # fmt: skip
        _add(ledger, "finding", gate_id=gate, check_id=check, entity_id=entity, explanation_id=told)
    found = {f["check_id"]: f["explanation"] for f in read_findings(ledger, "b", COUNTY, ["s1"], [])}
    assert found.keys() == {"roster_vs_report", "enrolment_vs_report"}
    assert found["enrolment_vs_report"] is None
    told = found["roster_vs_report"]
    assert told is not None
    assert (told["text_zh"], told["signer"]) == ("搬迁", "王")


def test_a_declared_correction_is_told_with_its_cell() -> None:
    con = duckdb.connect()
    row = {"submission_id": "a", "sheet": "", "row": 5, "file_name": "小学基表.xlsx"}
    cells = [{"field": "student_count", "column": "I", "value": 870}, {"field": "stage", "column": "C", "value": "x"}]
    rows = [{**row, "cells": [dict(c) for c in cells]}, {**row, "row": 6, "cells": [dict(c) for c in cells]}]
    assert read_declared(con, rows) == []
    con.execute(
        "create table input_correction as select 'c1' as correction_id, 'a' as submission_id, '' as sheet, 5 as row,"
        " 'student_count' as column_name, '870' as found_value, '871' as to_value, '漏报一人' as reason,"
        " '王' as provider, '2025-01-01' as provided_on, '2025-12-31' as expires_on, 'applied' as outcome"
    )
    (told,) = read_declared(con, rows)
    assert (told["column"], told["row"], told["to_value"], told["reason"]) == ("I", 5, "871", "漏报一人")
    assert rows[0]["cells"][0]["corrected_to"] == "871"
    assert [c for r in rows for c in r["cells"] if "corrected_to" in c] == [rows[0]["cells"][0]]
    con.execute("update input_correction set outcome = 'healed'")
    assert read_declared(con, rows) == []
