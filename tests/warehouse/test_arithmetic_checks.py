"""The 43 checks of the plans' own figures: computed from loaded facts, each one flipped by changing one input."""

from __future__ import annotations

import copy

import duckdb
import pytest

from tests.warehouse.rendered import load_seeds, load_table, read, run, seed_rows

SEEDS = (
    "arithmetic_check",
    "arithmetic_check_term",
    "budget_facts",
    "document_quantity",
    "plan_parameter",
    "policy_targets",
    "target_duplicate",
    "target_judge",
    "target_subgroup",
)
EMPTY_FILE_LINES = """
    create table int_budget_file_line (
        region_code varchar, fiscal_year integer, unit_code varchar, unit_name varchar, project_name varchar,
        project_category varchar, function_code varchar, economic_code varchar, fund_source varchar, stage varchar,
        line_source varchar, version_text varchar, amount_yuan decimal(18, 2), submission_id varchar,
        sheet_name varchar, row_number integer, fund_source_code varchar, is_leaf boolean
    )
"""
MODELS = ("dim_target", "fct_budget_line", "fct_quota", "bridge_budget_mention", "int_document_figure")

# Left, right and outcome as the review of the documents printed them, typed here and not taken from the model.
EXPECTED = {
    "C01": (50, 50), "C02": (200, 200), "C03": (1000, 1000), "C04": (500, 500), "C06": (14, 14), "C08": (8, 8),
    "C09": (15, 15), "C10": (12, 12), "C11": (4, 4), "C12": (4, 4), "C13": (4, 4), "C14": (2, 2), "C15": (3, 3),
    "C16": (3, 3), "C17": (3, 3), "C18": (2, 7), "C20": (6400, 6400), "C21-T": (11700, 11700),
    "C21-N": (5300, 5300), "C21-O": (6400, 6400), "C22-BLD": (6700, 6700), "C22-SPT": (1800, 1800),
    "C22-EQP": (1900, 1900), "C22-FEN": (850, 850), "C22-CUL": (450, 450), "C22-SUM": (11700, 11700),
    "C23-A": (2.23, 2.23), "C23-B": (4.5, 4.5), "C24": (5300, 5300), "C25": (6400, 6400), "C26-BLD": (3100, 3100),
    "C26-SPT": (1200, 1200), "C26-EQP": (1100, 1100), "C26-CUL": (400, 400), "C26-FEN": (600, 600),
    "C27": (11700, 11700), "C28": (400, 450), "C29": (2400, 2000), "C30": (6.25, 7.5), "C31": (5, 4.5),
    "C34": (3333.33, 2000), "C32": (400, 400), "C33": (3000, 3009.71),
}  # fmt: skip
FAILING = {"C18": "open_list", "C28": "conflict", "C29": "conflict", "C30": "conflict", "C33": "rounding"}
SOURCE = {
    "fact": ("budget_facts", "fact_id", "amount_yuan"),
    "target": ("policy_targets", "target_id", "value_num"),
    "quantity": ("document_quantity", "quantity_id", "value_num"),
}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    load_seeds(connection, SEEDS)
    connection.execute(EMPTY_FILE_LINES)
    return connection


def _evaluate(con: duckdb.DuckDBPyConnection) -> dict[str, dict]:
    run(con, (*MODELS, "fct_arithmetic_check"))
    return {str(r["check_id"]): r for r in read(con, "select * from fct_arithmetic_check")}


def test_values_and_outcomes_of_all_checks(con: duckdb.DuckDBPyConnection) -> None:
    found = _evaluate(con)
    assert set(found) == set(EXPECTED)
    for check, (left, right) in EXPECTED.items():
        assert found[check]["left_value"] == pytest.approx(left, abs=0.005), check
        assert found[check]["right_value"] == pytest.approx(right, abs=0.005), check
        assert found[check]["outcome"] == FAILING.get(check, "holds"), check
    assert sum(r["outcome"] == "holds" for r in found.values()) == 38


@pytest.mark.parametrize("check", sorted(EXPECTED))
def test_one_changed_input_flips_its_check(con: duckdb.DuckDBPyConnection, check: str) -> None:
    before = _evaluate(con)[check]
    table, key, column, ref, value = _changed(before, check)
    rows = copy.deepcopy(seed_rows(table))
    changed = [r for r in rows if r[key] == ref]
    assert len(changed) == 1, ref
    changed[0][column] = value
    try:
        load_table(con, table, rows)
        after = _evaluate(con)[check]
    finally:
        load_seeds(con, (table,))
    if check in FAILING:
        assert after["outcome"] == "holds", (before, after)
    else:
        assert after["outcome"] not in ("holds", "not_evaluated"), (before, after)


def _changed(before: dict, check: str) -> tuple[str, str, str, str, str]:
    """A term of one side only, and the value that makes a holding check fail or a failing one hold."""
    terms = [t for t in seed_rows("arithmetic_check_term") if t["check_id"] == check]
    both = {t["term_ref"] for t in terms if t["side"] == "left"} & {
        t["term_ref"] for t in terms if t["side"] == "right"
    }
    term = next(t for t in terms if t["term_ref"] not in both and t["op"] in "+*")
    left, right = float(before["left_value"]), float(before["right_value"])
    wanted = right - left
    if check not in FAILING:
        wanted += {"=": 1, "<=": 1, ">=": -1}[before["operator"]]
    if term["side"] == "right":
        wanted = -wanted
    table, key, column = SOURCE[term["term_kind"]]
    value = float(next(r for r in seed_rows(table) if r[key] == term["term_ref"])[column])
    others = [t for t in terms if t["side"] == term["side"] and t["op"] == "/"]
    slope = float(term["coefficient"])
    if term["op"] == "*":
        slope = (left if term["side"] == "left" else right) / value
    for other in others:
        source = SOURCE[other["term_kind"]]
        divisor = float(next(r for r in seed_rows(source[0]) if r[source[1]] == other["term_ref"])[source[2]])
        slope /= divisor * float(other["coefficient"])
    return table, key, column, term["term_ref"], f"{value + wanted / slope:.6f}"


def test_leaf_lines_alone_give_the_total_of_the_annex(con: duckdb.DuckDBPyConnection) -> None:
    run(con, (*MODELS, "int_budget_leaf_total"))
    totals = {
        (r["document_code"], r["fact_kind"]): float(str(r["amount_yuan"]))
        for r in read(con, "select * from int_budget_leaf_total")
    }
    # 11700 万元 once: neither with its parents and column totals nor with the body's second mentions.
    assert totals["004", "plan_table"] == 117_000_000
    # 800 + 150 + 21.04 + 16.57 + 12.39 万元
    assert totals["000", "budget"] == 10_000_000


def test_every_money_fact_is_loaded_once(con: duckdb.DuckDBPyConnection) -> None:
    run(con, MODELS)
    loaded = read(con, "select term_ref from int_document_figure where term_kind = 'fact'")
    assert len(loaded) == len({r["term_ref"] for r in loaded}) == 43
    counts = [len(read(con, f"select 1 from {t}")) for t in ("fct_budget_line", "fct_quota", "bridge_budget_mention")]
    assert counts == [31, 4, 8]
