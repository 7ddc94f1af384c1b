"""The term compiler: filters to SQL, and compiled files that match the rows they come from."""

from __future__ import annotations

import duckdb
import pytest

from tests.warehouse.rendered import load_table, read, render
from warehouse import terms as t
from warehouse import terms_model
from warehouse.errors import SchoolhouseError
from warehouse.terms_condition import read_condition


def test_compiled_files_match_the_rows() -> None:
    stale = [p.name for p, text in t.compile_all().items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    assert not stale, f"run `python -m warehouse.terms --write`: {stale}"


def test_no_compiled_model_without_a_row() -> None:
    compiled = {p for p in t.compile_all() if p.suffix == ".sql"}
    folder = next(iter(compiled)).parent
    assert set(folder.glob("*.sql")) == compiled


def test_filter_clauses() -> None:
    assert t.parse_filter("stage=preschool & urban_rural in (城区|镇区)") == (
        t.Clause("stage", ("preschool",)),
        t.Clause("urban_rural", ("城区", "镇区")),
    )
    assert t.parse_filter("") == ()


@pytest.mark.parametrize("text", ["stage>primary", "stage in primary", "stage="])
def test_a_filter_that_cannot_be_read_names_itself(text: str) -> None:
    with pytest.raises(SchoolhouseError, match="cannot read the filter clause"):
        t.parse_filter(text)


def test_an_unknown_measure_is_refused() -> None:
    row = dict.fromkeys(("numerator_measure", "denominator_measure", "numerator_filter", "denominator_filter"), "")
    with pytest.raises(SchoolhouseError, match="pupil_happiness"):
        t.build_terms([{**row, "numerator_measure": "pupil_happiness", "condition": ""}], [], ["student_count"])


def test_every_filter_of_the_catalogue_can_be_read() -> None:
    rows = t.read_seed("indicator_catalogue")
    filters = {r[f"{o}_filter"] for r in rows for o in ("numerator", "denominator")} - {""}
    assert len(filters) > 150
    assert all(t.parse_filter(f) for f in filters)


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("res_cv_composite", "mean"),
        ("res_items_met_count", "count_met"),
        ("res_school_pass_6of7", "count_and_floor"),
        ("res_school_pass_share", "entity_indicator"),
        ("tch_rotation_national_compliance", "all_met"),
        ("gua_school_size", "extreme"),
        ("fin_edu_exp_growth", "difference"),
        ("saf_incident_yoy", "relative"),
        ("qua_score_decline_streak", "decline_streak"),
        ("vet_key_school", "condition_flag"),
        ("gua_teacher_salary_ratio", "condition_number"),
        ("tch_training_360h_completion", "condition_share"),
        ("exm_subject_gap_top_county", "peer_gap"),
        ("gua_school_assessment_rank", "rank_school"),
        ("exm_teacher_bottom3_metrics", "teacher_bottom"),
    ],
)
def test_forms_of_the_catalogue(code: str, form: str) -> None:
    assert next(r for r in t.read_seed("indicator_form") if r["indicator_code"] == code)["form"] == form


def test_no_indicator_is_left_without_a_form() -> None:
    assert not [r["indicator_code"] for r in t.read_seed("indicator_form") if r["form"] == "unsupported"]


MEASURES = frozenset(("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("text", "sql", "functions"),
    [
        ("a >= param(x) or b >= param(x) * c", "(o1 >= o2 or o3 >= (o2 * o4))", ["value", "param", "value", "value"]),
        ("a == 0 and max(b, by='payment') <= param(x)", "(o1 = 0 and o2 <= o3)", ["value", "max", "param"]),
        ("(a / b) / (c / d)", "((o1 / nullif(o2, 0)) / nullif((o3 / nullif(o4, 0)), 0))", ["value"] * 4),
        ("sum(max(a - b, 0), by='thing')", "o1", ["shortfall"]),
        ("cycle_sum(a) >= 360", "o1 >= 360", ["cycle"]),
    ],
)
def test_conditions_become_sql(text: str, sql: str, functions: list[str]) -> None:
    found = read_condition(text, MEASURES)
    assert found is not None
    assert found.sql == sql
    assert [o.function for o in found.operands] == functions


@pytest.mark.parametrize("text", ["rank_from_worst(a, by='school') <= 3", "e > 0", "a >", "lambda: a", "a.b > 1"])
def test_what_is_no_comparison_of_figures_is_not_read_as_one(text: str) -> None:
    assert read_condition(text, MEASURES) is None


def _subject_terms() -> list[t.Term]:
    binding = t.Binding(
        "teachers", "toy", "n", "sum", "", {"stage": "stage", "area": "area"}, {"subject": "main_subject"}, True
    )
    rows = [("teachers", ""), ("teachers", "subject=音乐"), ("teachers", "area=农村")]
    return [t.bind(measure, text, [binding]) for measure, text in rows]


def test_compiled_sql_counts_zero_missing_and_absent_apart() -> None:
    """Two schools: one has no music teacher (0), the other did not say how many (unknown); one is in town (no row)."""
    all_terms = _subject_terms()
    aliases = {("area", "农村"): ["镇区", "乡村"]}
    sql = terms_model.compile_model("toy", all_terms, aliases)
    con = duckdb.connect()
    names = ["region_code", "entity_type", "school_code", "period_type", "period_id", "urban_rural", "grade", "subject"]
    names += ["exam_id", "group_code", "submission_id"]
    base = dict.fromkeys(names, "x")
    rows = [
        {**base, "entity_id": "a", "stage": "primary", "area": "城区", "main_subject": "语文", "n": 4},
        {**base, "entity_id": "b", "stage": "primary", "area": "乡村", "main_subject": "音乐", "n": None},
        {**base, "entity_id": "b", "stage": "primary", "area": "乡村", "main_subject": "语文", "n": 7},
    ]
    load_table(con, "int_measure_base__toy", rows)
    load_table(
        con,
        "term",
        [
            {
                "term_code": x.term_code,
                "measure_code": x.measure_code,
                "source_fact": "toy",
                "keeps_zero": "yes" if x.keeps_zero else "no",
            }
            for x in all_terms
        ],
    )
    body = sql.split("}}\n", 1)[1].replace("{{ ref('", '"').replace("') }}", '"')
    found = {(r["term_code"], r["entity_id"]): (r["term_value"], r["missing_rows"]) for r in read(con, body)}
    bare, music, village = (x.term_code for x in all_terms)
    assert found == {
        (bare, "a"): (4, 0),
        (bare, "b"): (7, 1),
        (music, "a"): (0, 0),
        (music, "b"): (0, 1),
        (village, "b"): (7, 1),
    }


def test_the_default_of_a_budget_gives_way_to_the_filter() -> None:
    sql = render("int_measure__budget")
    scholarship = t.term_code("budget_yuan", "project_category=奖学金 & is_leaf=Y")
    adjusted = t.term_code("budget_yuan", "budget_version=调整预算 & is_leaf=Y")
    matched = sql.split("end as term_value", 1)[1]
    branch = {code: rest for code, _, rest in (b.partition("'") for b in matched.split("when '"))}
    assert "is_current_version" in branch[scholarship]
    assert "is_current_version" not in branch[adjusted]


def test_every_measure_is_written_by_the_base_it_is_bound_to() -> None:
    """A long base names its measures: one that its binding looks for elsewhere would never be found."""
    for row in t.read_seed("measure_binding"):
        if row["layout"] == "long":
            sql = render(f"int_measure_base__{row['source_fact']}")
            assert f"'{row['measure_code']}' as measure_code" in sql, row["measure_code"]


def _many_terms(measure: str, number: int) -> list[t.Term]:
    binding = t.Binding(measure, "toy", "value", "sum", "", {"kind": "kind_code"}, {}, True, True)
    return [t.bind(measure, f"kind={measure} {n}", [binding]) for n in range(number)]


def test_a_fact_with_many_filters_is_counted_in_parts_that_hold_every_term_once() -> None:
    terms = [*_many_terms("many", 90), *_many_terms("few", 30), *_many_terms("one", 1)]
    files = terms_model.compile_models("toy", terms, {})
    counted = {n: text for n, text in files.items() if "__" in n.removeprefix("int_measure__") and n.endswith(".sql")}
    assert set(counted) == {"int_measure__toy__many.sql", "int_measure__toy__other.sql"}
    assert all(text.count("\n") < terms_model.LINES for text in files.values())
    for term in terms:
        assert sum(f"'{term.term_code}'" in text for text in counted.values()) == 1
    together = files["int_measure__toy.sql"]
    assert all(f"ref('{n.removesuffix('.sql')}')" in together for n in counted)
    # A part takes no row of a measure that another part counts.
    assert "measure_code = 'many'" in counted["int_measure__toy__many.sql"]
    assert "'few'" in counted["int_measure__toy__other.sql"]
    assert "'many'" not in counted["int_measure__toy__other.sql"]


def test_a_measure_with_more_filters_than_a_model_holds_is_refused() -> None:
    with pytest.raises(SchoolhouseError, match="many"):
        terms_model.compile_models("toy", _many_terms("many", 200), {})


def test_the_compiled_models_are_no_longer_than_a_model_may_be() -> None:
    long = {p.name: n for p, text in t.compile_all().items() if p.suffix == ".sql" and (n := text.count("\n")) >= 150}
    assert not long
