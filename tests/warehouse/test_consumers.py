"""A contract that breaks what a consumer relies on is told with the consumer's name, the table and the column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from warehouse import consumers
from warehouse.consumers import Broken, Consumer, find_broken, keep_broken, read_consumers, rely_on
from warehouse.star import Column, Table, read_tables

Change = Callable[[Table], Table]


def drop(column: str) -> Change:
    return lambda t: replace(t, columns=tuple(c for c in t.columns if c.name != column))


def retype(column: str, kind: str) -> Change:
    return lambda t: replace(
        t, columns=tuple(Column(c.name, kind if c.name == column else c.data_type, c.label_zh) for c in t.columns)
    )


def rename(column: str, to: str) -> Change:
    return lambda t: replace(
        t, columns=tuple(Column(to if c.name == column else c.name, c.data_type, c.label_zh) for c in t.columns)
    )


def regrain(*key: str) -> Change:
    return lambda t: replace(t, key=key)


def changed(table: str, change: Change) -> dict[str, Table]:
    tables = dict(read_tables())
    return {**tables, table: change(tables[table])}


def test_every_contract_keeps_what_consumers_rely_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert consumers.main([]) == 0, capsys.readouterr().out
    recorded = consumers.read_record()
    assert set(recorded) == {c.name for c in read_consumers()}
    assert sum(len(p.columns) for tables in recorded.values() for p in tables.values()) > 1000
    # A statement that names a column is a promise of it.
    assert recorded["postgres_serving"]["fct_balance_school_item"].columns["gap_cost_yuan"] == "decimal(18,2)"
    assert recorded["edition_data_sets"]["pub_indicator_value"].columns.keys() == {
        c.name for c in read_tables()["pub_indicator_value"].columns
    }


@pytest.mark.parametrize(
    ("table", "change", "consumer", "column", "words"),
    [
        ("fct_budget_execution", drop("amount_yuan"), "postgres_serving", "amount_yuan", "is gone"),
        ("fct_indicator_value", rename("numerator", "top"), "explain", "numerator", "is gone"),
        (
            "fct_target_tracking",
            retype("actual_value", "varchar"),
            "plans",
            "actual_value",
            "is varchar in place of double",
        ),
        ("pub_indicator_value", drop("obs_status"), "edition_data_sets", "obs_status", "is gone"),
        (
            "fct_early_warning",
            regrain("region_code", "exam_id"),
            "early_warnings",
            "",
            "has another grain: (region_code, exam_id) in place of (",
        ),
    ],
)  # fmt: skip
def test_a_broken_promise_names_its_consumer(
    table: str, change: Change, consumer: str, column: str, words: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(consumers, "read_tables", lambda: changed(table, change))
    assert consumers.main(["--check"]) == 1
    owner = next(c.owner for c in read_consumers() if c.name == consumer)
    thing = f"{table}.{column}" if column else table
    assert f"{consumer} ({owner}): {thing} {words}" in capsys.readouterr().out


def test_a_table_that_is_gone_breaks_all_who_read_it() -> None:
    tables = {n: t for n, t in read_tables().items() if n != "fct_quota"}
    broken = find_broken(consumers.read_record(), read_consumers(), tables)
    assert {(b.consumer, b.table, b.what) for b in broken} == {
        (name, "fct_quota", "is gone") for name in ("explain", "coverage")
    }


def reader(*words: str, whole: str = "") -> Consumer:
    return Consumer("page", "A page", "统计", ("fct_a",), frozenset(words), whole)


def table(*columns: tuple[str, str], key: tuple[str, ...] = ("k",)) -> Table:
    return Table("fct_a", "core", "internal", "某", {}, tuple(Column(n, t, "") for n, t in columns), key, ())


def test_a_new_column_and_one_that_nobody_names_break_nothing() -> None:
    before = {"fct_a": table(("k", "varchar"), ("v", "decimal(18, 2)"), ("unread", "date"))}
    recorded = rely_on([reader("v", "other")], before)
    assert recorded["page"]["fct_a"].columns == {"k": "varchar", "v": "decimal(18,2)"}
    after = {"fct_a": table(("k", "varchar"), ("v", "DECIMAL(18,2)"), ("new", "date"))}
    assert find_broken(recorded, [reader("v")], after) == []


def test_a_consumer_that_no_longer_names_a_column_lets_it_go() -> None:
    recorded = rely_on([reader("v")], {"fct_a": table(("k", "varchar"), ("v", "integer"))})
    gone = {"fct_a": table(("k", "varchar"))}
    assert find_broken(recorded, [reader()], gone) == []
    assert find_broken(recorded, [reader("v")], gone) == [Broken("page", "统计", "fct_a", "v", "is gone")]
    whole = rely_on([reader(whole="fct_")], {"fct_a": table(("k", "varchar"), ("v", "integer"))})
    assert find_broken(whole, [reader(whole="fct_")], gone) == [Broken("page", "统计", "fct_a", "v", "is gone")]


def test_a_broken_promise_stays_until_the_consumer_agrees() -> None:
    who = [reader("v")]
    recorded = rely_on(who, {"fct_a": table(("k", "varchar"), ("v", "integer"))})
    after = {"fct_a": table(("k", "varchar"), ("v", "varchar"), key=("k", "v"))}
    broken = find_broken(recorded, who, after)
    assert {b.column for b in broken} == {"", "v"}
    assert keep_broken(rely_on(who, after), recorded, broken, []) == recorded
    assert keep_broken(rely_on(who, after), recorded, broken, ["page"]) == rely_on(who, after)


def test_the_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    promises = rely_on(read_consumers(), read_tables())
    path = tmp_path / "record.yaml"
    path.write_text(consumers.write_record(promises), encoding="utf-8")
    assert consumers.read_record(path) == promises
