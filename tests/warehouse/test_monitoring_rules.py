"""The 74 monitoring rules: all present, each row evaluated a second time, each zone with what it may hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.conftest import COUNTY, STAR, Home
from tests.warehouse.rendered import load_table, read, render, run, seed_rows
from tests.warehouse.rule_check import CLEAR, HIT, OPEN, Seeds, differences, judged, verdict
from tests.warehouse.rule_marts import RECOUNTED, Marts
from warehouse.rules import FIGURES, RuleSeeds, faults
from warehouse.rules_page import PAGE, page
from warehouse.settings import PROJECT_ROOT

RULES = [r["rule_id"] for r in seed_rows("monitoring_rules")]
ACCOUNTABILITY = {r["rule_id"] for r in seed_rows("monitoring_rules") if r["rule_type"] == "accountability"}
RESTRICTED = {r["rule_id"] for r in seed_rows("rule_form") if r["zone"] == "restricted"}
LAST = "2024-2025"


@pytest.fixture(scope="module")
def built(county_home: Home) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(county_home.build.path), read_only=True)


@pytest.fixture(scope="module")
def evaluations(built: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return built.sql("select * from fct_rule_evaluation").df()


@pytest.fixture(scope="module")
def operands(built: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return built.sql("select * from fct_rule_operand").df()


def test_every_rule_stands_at_every_edition(evaluations: pd.DataFrame) -> None:
    assert len(RULES) == 74
    for (region, year), rows in evaluations.groupby(["region_code", "school_year"]):
        assert set(rows["rule_id"]) == set(RULES), (region, year)


def test_a_reason_stands_where_nothing_is_decided(evaluations: pd.DataFrame) -> None:
    """Each of the reasons an office can do something about is met in the county."""
    open_rows = evaluations[evaluations["outcome"] == OPEN]
    assert open_rows["reason_code"].notna().all()
    assert {"not_bound", "not_due", "no_source", "no_value", "awaiting_declaration", "awaiting_attestation"} <= set(
        open_rows["reason_code"]
    )
    assert evaluations.loc[evaluations["outcome"] != OPEN, "reason_code"].isna().all()


# ---- the seeds -----------------------------------------------------------------------------------------------------


def test_the_forms_say_what_the_rules_say() -> None:
    assert faults(RuleSeeds.read()) == []


@pytest.mark.parametrize(
    ("rule", "changed", "says"),
    [
        ("R004-14", {"operator": ">"}, "is not how T004-045"),
        ("R004-14", {"threshold": "T004-999"}, "unknown target"),
        ("R004-14", {"threshold": "T001-033"}, "is of another document"),
        ("R004-13", {"threshold": "T004-045"}, "is about sat_social_recognition"),
        ("R004-14", {"clock": "school_year"}, "is on the clock calendar_year"),
        ("R004-14", {"figure_code": "sat_social_recognitoin"}, "unknown indicator"),
        ("R001-15", {"threshold_kind": "parameter", "threshold": "days"}, "unknown parameter"),
        ("RNAT-03", {"source": "rule", "figure_code": "RNAT-03"}, "unknown rule"),
        ("R002-09", {"covered_by": ""}, "wants the source"),
    ],
)
def test_a_wrong_leg_is_found(rule: str, changed: dict[str, str], says: str) -> None:
    seeds = RuleSeeds.read()
    first = next(i for i, leg in enumerate(seeds.legs) if leg["rule_id"] == rule)
    legs = [{**leg, **changed} if i == first else leg for i, leg in enumerate(seeds.legs)]
    found = faults(dataclasses.replace(seeds, legs=legs))
    assert any(says in line for line in found), found


def test_a_rule_in_the_wrong_zone_is_found() -> None:
    seeds = RuleSeeds.read()
    forms = {**seeds.forms, "R001-03": {**seeds.forms["R001-03"], "zone": "internal"}}
    assert faults(dataclasses.replace(seeds, forms=forms)) == ["R001-03: the zone must be restricted, not internal"]


def test_a_candidate_without_a_reviewer_is_found() -> None:
    seeds = RuleSeeds.read()
    forms = {**seeds.forms, "R001-03": {**seeds.forms["R001-03"], "reviewer": ""}}
    assert faults(dataclasses.replace(seeds, forms=forms)) == [
        "R001-03: a rule of accountability has a reviewer, and no other"
    ]


def test_every_figure_that_a_form_may_name_is_made(built: duckdb.DuckDBPyConnection) -> None:
    """Leaders of the usual county teach no examined class: that figure is met in the county planted for it."""
    made = {(r[0], r[1]) for r in built.sql("select distinct source, figure_code from int_rule_figure").fetchall()}
    wanted = {(s, c) for s, codes in FIGURES.items() for c in codes}
    assert wanted - made <= {("teaching", "leader_class_gap")}
    folder = PROJECT_ROOT / "dbt_project" / "models" / "indicators" / "rules"
    told = {s: (folder / f"int_rule_figure__{s}.sql").read_text(encoding="utf-8") for s in FIGURES}
    assert not [(s, c) for s, c in wanted if f"'{c}'" not in told[s]]


# ---- a second evaluation -------------------------------------------------------------------------------------------


def test_every_row_evaluated_again_says_the_same(evaluations: pd.DataFrame, operands: pd.DataFrame) -> None:
    assert differences(Seeds(), evaluations, operands) == []
    assert (operands["outcome"] == HIT).sum() > 100 < (operands["outcome"] == CLEAR).sum()


def test_a_verdict_that_was_turned_is_found(evaluations: pd.DataFrame, operands: pd.DataFrame) -> None:
    turned = evaluations.copy()
    decided = turned.index[turned["outcome"] != OPEN][::97]
    turned.loc[decided, "outcome"] = turned.loc[decided, "outcome"].map({HIT: CLEAR, CLEAR: HIT})
    assert len(differences(Seeds(), turned, operands)) == len(decided) > 20


def test_a_leg_that_was_lost_is_found(evaluations: pd.DataFrame, operands: pd.DataFrame) -> None:
    lost = operands[~((operands["rule_id"] == "RNAT-01") & (operands["outcome"] == HIT))]
    assert differences(Seeds(), evaluations, lost)


def test_a_threshold_that_was_moved_is_found(evaluations: pd.DataFrame, operands: pd.DataFrame) -> None:
    """Every target that a decided leg stands on is moved past its figures, one after the other."""
    seeds, blind = Seeds(), []
    decided = operands[(operands["threshold_kind"] == "target") & (operands["outcome"] != OPEN)]
    for target, rows in decided.groupby("threshold_ref"):
        beyond = {1e12, -1e12}
        before, found = seeds.targets[str(target)], 0
        for moved in beyond:
            seeds.targets[str(target)] = moved
            found += len(differences(seeds, evaluations.head(0), rows)) > rows["entity_id"].nunique()
        seeds.targets[str(target)] = before
        blind += [target] * (found == 0)
    assert len(decided["threshold_ref"].unique()) > 40
    assert blind == []


_MUTANTS: list[tuple[str, str, str]] = [
    ("int_rule_operand_first", "then value < threshold_value", "then value <= threshold_value"),
    ("int_rule_operand_first", "then value <= threshold_value", "then value < threshold_value"),
    ("int_rule_operand_first", "then value > threshold_value", "then value >= threshold_value"),
    ("int_rule_operand_first", "then value >= threshold_value", "then value > threshold_value"),
    ("int_rule_operand_first", "when reason is not null then 'undecided'", "when false then 'undecided'"),
    ("int_rule_verdict_first", "combine = 'any' and max(is_hit) = 1", "combine = 'any' and min(is_hit) = 1"),
    ("int_rule_verdict_first", "combine = 'all' and min(is_hit) = 1", "combine = 'all' and max(is_hit) = 1"),
    ("int_rule_verdict_first", "is_hit = 0 and is_open = 1 then 1 else 0", "is_hit = 2 then 1 else 0"),
]


@pytest.mark.parametrize(("model", "right", "wrong"), _MUTANTS)
def test_wrong_sql_is_found(
    built: duckdb.DuckDBPyConnection, operands: pd.DataFrame, model: str, right: str, wrong: str
) -> None:
    """Figures are laid on their thresholds; then each comparison of the SQL is changed by one sign."""
    con = duckdb.connect()
    figures = built.sql("select * from int_rule_operand_figure").df()
    on_it = figures["threshold_value"].notna() & figures["value"].notna() & (figures.index % 2 == 0)
    figures.loc[on_it, "value"] = figures.loc[on_it, "threshold_value"]
    con.register("figures", figures)
    con.execute("create table int_rule_operand_figure as select * from figures")
    sql = render("int_rule_operand_first")
    assert model != "int_rule_operand_first" or right in sql
    con.execute("create table int_rule_operand_first as " + sql.replace(right, wrong))
    sql = render("int_rule_verdict_first")
    assert model != "int_rule_verdict_first" or right in sql
    verdicts = con.sql(sql.replace(right, wrong)).df().rename(
        columns={"scope_stage": "stage", "scope_urban_rural": "urban_rural", "scope_grade": "grade",
                 "scope_subject": "subject", "scope_group": "group_code"}
    )  # fmt: skip
    legs = con.sql("select * from int_rule_operand_first where coalesce(reason, '') <> 'not_asked'").df()
    assert differences(Seeds(), verdicts, legs.rename(columns={"reason": "reason_code"}))


def test_the_second_evaluation_itself() -> None:
    assert verdict("any", {1: [CLEAR], 2: [OPEN]}) == OPEN
    assert verdict("any", {1: [CLEAR, HIT], 2: [OPEN]}) == HIT
    assert verdict("all", {1: [HIT], 2: [OPEN]}) == OPEN
    assert verdict("all", {1: [CLEAR], 2: [OPEN]}) == CLEAR
    assert verdict("any", {}) == OPEN


# ---- counted from the marts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", sorted(RECOUNTED))
def test_a_rule_counted_from_the_marts(built: duckdb.DuckDBPyConnection, evaluations: pd.DataFrame, rule: str) -> None:
    wanted = RECOUNTED[rule](Marts(built, COUNTY, LAST))
    assert wanted
    assert judged(evaluations[evaluations["region_code"] == COUNTY], rule, LAST) == wanted


def test_the_counted_rules_reach_both_answers(built: duckdb.DuckDBPyConnection) -> None:
    """A count that says the same of everybody would agree with any rule that does."""
    m = Marts(built, COUNTY, LAST)
    both = [r for r, count in RECOUNTED.items() if set(count(m).values()) == {HIT, CLEAR}]
    assert len(both) >= 9, both


# ---- zones ---------------------------------------------------------------------------------------------------------


def _tables(path: Path) -> tuple[duckdb.DuckDBPyConnection, dict[str, set[str]]]:
    con = duckdb.connect(str(path), read_only=True)
    found: dict[str, set[str]] = {}
    for table, column in con.sql("select table_name, column_name from duckdb_columns() where not internal").fetchall():
        found.setdefault(table, set()).add(column)
    return con, found


def _holds_restricted(path: Path) -> dict[str, set[str]]:
    """Tables of a served file with rows of restricted rules; the list of rules itself has no outcome."""
    con, tables = _tables(path)
    found = {}
    for table, columns in tables.items():
        if "rule_id" in columns and columns & {"outcome", "value", "reason_code"}:
            rules = {r[0] for r in con.sql(f'select distinct rule_id from "{table}"').fetchall()}
            if rules & RESTRICTED:
                found[table] = rules & RESTRICTED
    return found


def test_accountability_and_persons_are_served_in_the_restricted_zone_alone(county_home: Home) -> None:
    assert ACCOUNTABILITY <= RESTRICTED
    serving = county_home.settings.serving
    assert _holds_restricted((serving / "internal" / "current.duckdb").resolve()) == {}
    kept = _holds_restricted((serving / "restricted" / "current.duckdb").resolve())
    assert kept["fct_rule_evaluation"] == RESTRICTED
    assert {"fct_rule_evaluation", "fct_rule_operand"} <= set(kept)
    assert not [t for t in kept if not t.startswith(("fct_rule_", "int_rule_"))]
    published = serving / "published" / "current.duckdb"
    if published.exists():
        assert not [t for t, columns in _tables(published.resolve())[1].items() if "rule_id" in columns]


def test_nothing_published_rests_on_a_rule() -> None:
    """No published model reads an evaluation, directly or by way of another."""
    folder = PROJECT_ROOT / "dbt_project" / "models"
    texts = {p.stem: p.read_text(encoding="utf-8") for p in folder.rglob("*.sql")}
    tainted = {n for n in texts if n.startswith(("fct_rule_", "int_rule_"))}
    assert len(tainted) > 10
    assert not [n for n in texts if n.startswith("pub_") and any(f"'{t}'" in texts[n] for t in tainted)]
    outside = {p.stem for p in folder.rglob("*.sql") if p.parent.name != "rules"} & {
        n for n, text in texts.items() if any(f"'{t}'" in text for t in tainted)
    }
    assert not outside


def test_a_hit_of_accountability_is_a_candidate_and_no_decision(evaluations: pd.DataFrame) -> None:
    hits = evaluations[evaluations["rule_id"].isin(ACCOUNTABILITY) & (evaluations["outcome"] == HIT)]
    assert len(hits) > 20
    assert hits["is_candidate"].all()
    assert (hits["appeal_status"] == "open").all()
    assert (hits["reviewer"] == "accountability_officer").all()
    assert set(hits["candidate_reason_code"]) <= {leg["figure_code"] for leg in seed_rows("rule_leg")}
    others = evaluations.drop(hits.index)
    assert not others["is_candidate"].any()
    assert others["appeal_status"].isna().all() and others["reviewer"].isna().all()


# ---- figures of their own ------------------------------------------------------------------------------------------


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_classes_of_a_grade_are_tested_for_chance(con: duckdb.DuckDBPyConnection) -> None:
    """Two classes of three: totals 1, 2, 3 and 3, 4, 5 give F = 6 with 1 and 4 degrees of freedom; a pupil who missed a
    subject is left out, and a grade with one class is not tested."""
    pupils = [("a", "1", 1), ("b", "1", 2), ("c", "1", 3), ("d", "2", 3), ("e", "2", 4), ("f", "2", 5)]
    pupils += [("g", "9", 1), ("h", "9", 2)]

    def score(key: str, room: str, total: float, subject: str) -> dict[str, object]:
        return {
            "region_code": "r", "school_year": LAST, "exam_id": "x", "student_key": key, "school_code": "s",
            "grade": 4 if room != "9" else 5, "class_name": room, "subject": subject, "score": total / 2,
            "score_status": "scored",
        }  # fmt: skip

    rows = [score(k, c, t, s) for k, c, t in pupils for s in ("语文", "数学")] + [score("half", "1", 90, "语文")]
    load_table(con, "fct_exam_score_person", rows)
    load_table(con, "dim_exam", [{"exam_id": "x", "school_year": LAST, "exam_date": "2025-06-20"}])
    load_table(con, "int_teacher_test", [
        {"region_code": "r", "school_year": LAST, "grade": g, "exam_date": "2025-06-20"} for g in (4, 5)
    ])  # fmt: skip
    load_table(con, "rule_f_critical", [
        {"class_freedom": "1", "pupil_freedom": d, "critical_value": v} for d, v in (("1", "8"), ("4", "3"), ("5", "1"))
    ])  # fmt: skip
    run(con, ("int_rule_figure__classes",))
    found = read(con, "select entity_id, grade, numerator, denominator, value from int_rule_figure__classes")
    assert found == [{"entity_id": "s", "grade": "4", "numerator": 6.0, "denominator": 3.0, "value": 2.0}]


def test_a_zero_wants_a_signature(evaluations: pd.DataFrame) -> None:
    """Of the vetoes of the last year nothing is proven, and nobody signed: open. The year before a case was: a hit."""
    of: Callable[[str], set[str]] = lambda year: {  # noqa: E731
        o for r in ("R004-15", "R004-16", "R004-17") for o in judged(evaluations, r, year).values()
    }
    assert of("2024-2025") == {OPEN}
    assert HIT in of("2023-2024")


def test_the_page_of_the_rules_is_current() -> None:
    seeds = RuleSeeds.read()
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, seeds) == text
    assert all(f"| {rule} |" in text for rule in RULES)


@pytest.mark.star
def test_a_second_region_changes_nothing(star_home: Home, evaluations: pd.DataFrame) -> None:
    """The other region sent scores alone: each rule stands there, and the county's answers are those it has alone."""
    with duckdb.connect(str(star_home.build.path), read_only=True) as con:
        both = con.sql("select * from fct_rule_evaluation").df()
    for _, rows in both[both["region_code"] == STAR].groupby("school_year"):
        assert set(rows["rule_id"]) == set(RULES)
        assert (rows["outcome"] == OPEN).mean() > 0.5
    columns = ["school_year", "rule_id", "entity_type", "entity_id", "stage", "urban_rural", "grade", "subject"]
    columns += ["group_code", "outcome", "reason_code", "inputs_hash"]
    alone, beside = (
        f[f["region_code"] == COUNTY][columns].fillna("").sort_values(columns) for f in (evaluations, both)
    )
    assert alone.to_numpy().tolist() == beside.to_numpy().tolist()
