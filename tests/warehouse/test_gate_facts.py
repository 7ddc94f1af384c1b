"""The gate's own facts: what checks found and held, what was decided and said, and nobody by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from tests.expectations.house import NEIGHBOUR, REGION, YEAR, House
from tests.warehouse.rendered import load_table, read, run
from warehouse import ledger as l
from warehouse.registers import approve

INPUTS = (l.gate_run, l.gate_check, l.finding, l.explanation, l.approval, l.edition)
MODELS = [f"stg_ledger__{t.name}" for t in INPUTS]
_MISMATCH = (
    "update fct_school_resource_snapshot set roster_ft_teacher_count = 8 where school_code like '21990200%'"
    f" and stage = 'primary' and school_year = '{YEAR}'"
)
_OVERFULL = "update fct_exam_score_person set score = 101 where student_key = '2199020001-3'"


def facts_of(house: House, regions: tuple[str, ...] = (REGION, NEIGHBOUR)) -> duckdb.DuckDBPyConnection:
    """The two facts as a build would make them of the house's ledger now."""
    con = duckdb.connect()
    for table in INPUTS:
        columns = ", ".join(f'"{c.name}" {"integer" if isinstance(c.type, sa.Integer) else "varchar"}' for c in table.c)
        con.execute(f"create table input_{table.name} ({columns})")
        if rows := house.ledger.rows(sa.select(table)):
            load_table(con, "rows", [{k: "" if v is None else v for k, v in r.items()} for r in rows])
            con.execute(f"insert into input_{table.name} by name select * from rows")
            text = [c.name for c in table.c if not isinstance(c.type, sa.Integer)]
            blanks = ", ".join(f'"{c}" = coalesce("{c}", \'\')' for c in text)
            con.execute(f"update input_{table.name} set {blanks}")
    load_table(con, "dim_region", [{"region_code": r} for r in regions])
    load_table(con, "dim_school_year", [{"school_year": YEAR}])
    load_table(con, "dim_school", [{"school_code": f"219902000{i}"} for i in (1, 2, 3)])
    run(con, [*MODELS, "fct_gate_decision", "fct_dq_result"])
    return con


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield House(tmp_path / "home")


def test_every_check_and_every_finding_has_its_row(house: House) -> None:
    house.sql(_MISMATCH)
    house.explain("roster_vs_report", "section", "2199020002/primary", reason_code="seconded")
    gate = house.gate("roster_vs_report", "score_range", "value_added_match_rate")
    rows = read(facts_of(house), "select * from fct_dq_result order by check_id, entity_id")
    assert {(r["check_id"], r["entity_id"], r["outcome"], r["school_code"], r["reason_code"]) for r in rows} == {
        ("roster_vs_report", "2199020001/primary", "open", "2199020001", None),
        ("roster_vs_report", "2199020002/primary", "explained", "2199020002", "seconded"),
        ("roster_vs_report", "2199020003/primary", "open", "2199020003", None),
        ("score_range", "_all", "held", None, None),
        ("value_added_match_rate", "_all", "held", None, None),
    }
    looked = {c["check_id"]: (c["looked_at"], c["failed"]) for c in gate.checks}
    assert {r["check_id"]: (r["looked_at_count"], r["failed_count"]) for r in rows} == looked
    assert {(r["gate_id"], r["build_id"], r["stage"]) for r in rows if r["check_id"] == "score_range"} == {
        (gate.gate_id, gate.build_id, "raw")
    }


def test_a_decision_has_its_counts_and_what_each_role_said(house: House) -> None:
    house.sql(_MISMATCH)
    house.explain("roster_vs_report", "section", "2199020002/primary")
    part = house.gate("roster_vs_report")
    whole = house.gate()
    approve(house.settings, region_code=REGION, school_year=YEAR, role="statistics_officer", approver="统计员乙",
            decided_on="2024-10-09", mode="file")  # fmt: skip
    approve(house.settings, region_code=REGION, school_year=YEAR, role="bureau_leader", approver="局长丙",
            decided_on="2024-10-10", decision="reject", mode="airflow", gate_id=whole.gate_id)  # fmt: skip
    con = facts_of(house)
    rows = {r["gate_id"]: r for r in read(con, "select * from fct_gate_decision")}
    assert {i: r["is_decision"] for i, r in rows.items()} == {part.gate_id: False, whole.gate_id: True}
    mine = rows[whole.gate_id]
    assert (mine["unexplained_count"], mine["explained_count"], mine["blocking_count"]) == (2, 1, 0)
    assert mine["check_count"] == len(whole.checks)
    assert (mine["verdict"], mine["is_passed"]) == ("needs_explanation", False)
    assert (mine["officer_decision"], mine["leader_decision"], mine["is_unattended"]) == ("approve", "reject", False)
    assert (rows[part.gate_id]["leader_decision"], rows[part.gate_id]["is_unattended"]) == (None, True)
    told = str(read(con, "select * from fct_gate_decision")) + str(read(con, "select * from fct_dq_result"))
    assert not [name for name in ("统计员乙", "局长丙", "统计科") if name in told]


def test_a_check_that_could_not_run_is_told_so(house: House) -> None:
    house.sql("drop table fct_value_added")
    house.gate("value_added_match_rate")
    con = facts_of(house)
    assert read(con, "select outcome, severity from fct_dq_result") == [{"outcome": "not_run", "severity": "critical"}]
    assert read(con, "select blocking_count from fct_gate_decision") == [{"blocking_count": 1}]


def test_regions_do_not_touch_each_other_and_unknown_ones_break_nothing(house: House) -> None:
    house.sql(_OVERFULL)
    house.gate("score_range")
    house.gate("score_range", region=NEIGHBOUR)
    house.gate("score_range", region="990299")
    rows = read(facts_of(house), "select region_code, verdict from fct_gate_decision order by 1")
    assert rows == [
        {"region_code": REGION, "verdict": "blocked"},
        {"region_code": NEIGHBOUR, "verdict": "passed"},
    ]
