"""The semantic layer is made from the seeds, and its figures are those the warehouse computed by other statements."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import pytest
import yaml

from tests.conftest import Home
from warehouse import semantic
from warehouse.dbt import _release_database
from warehouse.semantic import LAYER, REASONS, Metric, read_layer
from warehouse.semantic_query import ask, environment, make_layer, program
from warehouse.terms import read_seed

YEAR, REGION = "metric_time__year", "figure__region_code"
STAGE, SCHOOL = "figure__stage", "figure__school_code"
EXAM = ("figure__grade", "figure__subject", "figure__exam_id", "figure__group_code")
LAYER_OF = read_layer()
MEASURES = LAYER_OF.metrics["measures"]
INDICATORS = [m for name, found in LAYER_OF.metrics.items() if name != "measures" for m in found]
Rows = dict[tuple[Any, ...], float | None]
Asked = Callable[[str, Sequence[str]], Rows]


def test_the_layer_is_what_the_seeds_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert semantic.main(["--check"]) == 0, capsys.readouterr().out


def test_every_indicator_and_measure_is_a_metric_or_left_out_for_a_reason() -> None:
    indicators = [i["indicator_code"] for n in ("indicator_catalogue", "indicator_supplement") for i in read_seed(n)]
    measures = [m["measure_code"] for n in ("measures", "measure_supplement") for m in read_seed(n)]
    left = {(kind, code): reason for kind, code, _, reason in LAYER_OF.left_out}
    for kind, codes, metrics in (("indicator", indicators, INDICATORS), ("measure", measures, MEASURES)):
        out = {code for k, code in left if k == kind}
        assert {m.name for m in metrics}.isdisjoint(out)
        assert {m.name for m in metrics} | out == set(codes)
        assert len(metrics) + len(out) == len(codes)
    assert all(left.values())
    forms = {f["indicator_code"]: f["form"] for f in read_seed("indicator_form")}
    assert set(forms.values()) == set(REASONS) | {"ratio", "total"}
    assert {m.name for m in INDICATORS} == {code for code, form in forms.items() if form in ("ratio", "total")}
    assert (len(INDICATORS), len(MEASURES), len(left)) == (141, 155, 145)


def test_metrics_have_chinese_labels_that_tell_them_apart() -> None:
    told = [
        m for path in (LAYER / "models").rglob("*.yml") for m in yaml.safe_load(path.read_text()).get("metrics", [])
    ]
    assert len({m["label"] for m in told}) == len({m["name"] for m in told}) == len(told)
    assert all(any("\u4e00" <= c <= "\u9fff" for c in m["label"]) and m["description"] for m in told)


@pytest.fixture(scope="module")
def asked(county_home: Home) -> Iterator[Asked]:
    """Values of a metric by the year and region and what else is asked for: `{(year, region, …): value}`."""
    folder = make_layer(county_home.settings)
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    def values(metric: str, by: Sequence[str]) -> Rows:
        request = MetricFlowQueryRequest.create(metric_names=[metric], group_by_names=[YEAR, REGION, *by])
        found = engine.mf.query(request).result_df
        assert found is not None
        rows = [dict(zip(found.column_names, row, strict=True)) for row in found.rows]
        return {(f"{r[YEAR]:%Y}", r[REGION], *(r[b] for b in by)): r[metric] for r in rows}

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(folder).items():
            patch.setenv(name, value)
        engine = CLIConfiguration()
        engine.setup(folder, folder, configure_file_logging=False)
        yield values
        _release_database()


@pytest.fixture(scope="module")
def con(county_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(county_home.build.path, read_only=True) as connection:
        yield connection


POOLED = "grade = '_all' and subject = '_all' and exam_id = '_all' and group_code = '_all'"


def computed(con: duckdb.DuckDBPyConnection, metric: Metric, columns: str, where: str) -> Rows:
    """What the warehouse has for an indicator."""
    rows = con.execute(
        f"select left(period_id, 4), region_code, {columns} value from fct_indicator_value"
        f" where indicator_code = '{metric.name}' and urban_rural = 'all' and {where}"
    ).fetchall()
    return {tuple(r[:-1]): r[-1] for r in rows}


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-12)


def differing(computed: Rows, found: Rows) -> list[Any]:
    return [(k, v, found.get(k)) for k, v in computed.items() if not same(v, found.get(k))]


def test_every_metric_of_an_indicator_is_its_value_by_region_and_year(
    asked: Asked, con: duckdb.DuckDBPyConnection
) -> None:
    wrong, valued, unknown = {}, 0, 0
    for metric in INDICATORS:
        where = f"entity_type = 'county' and stage = '{metric.numerator.scope}' and {POOLED}"
        expected, found = computed(con, metric, "", where), asked(metric.name, ())
        # Nothing more either: what the warehouse has no value of, the layer does not know.
        wrong[metric.name] = differing(expected | {k: expected.get(k) for k in found}, found)
        valued += sum(v is not None for v in expected.values())
        unknown += sum(v is None for v in expected.values())
    assert {name: rows for name, rows in wrong.items() if rows} == {}
    assert valued > 600
    assert unknown > 100


@pytest.mark.slow
def test_every_metric_of_an_indicator_is_its_value_by_stage(asked: Asked, con: duckdb.DuckDBPyConnection) -> None:
    wrong, valued = {}, 0
    for metric in INDICATORS:
        where = f"entity_type = 'county' and stage <> 'all' and stage not like '%;%' and {POOLED}"
        expected = computed(con, metric, "stage,", where)
        wrong[metric.name] = differing(expected, asked(metric.name, [STAGE]))
        valued += sum(v is not None for v in expected.values())
    assert {name: rows for name, rows in wrong.items() if rows} == {}
    assert valued > 1500


@pytest.mark.slow
def test_metrics_are_the_values_of_each_school(asked: Asked, con: duckdb.DuckDBPyConnection) -> None:
    wrong, compared = {}, []
    for metric in INDICATORS:
        where = f"entity_type = 'school' and stage = '{metric.numerator.scope}' and {POOLED}"
        if expected := computed(con, metric, "entity_id,", where):
            wrong[metric.name] = differing(expected, asked(metric.name, [SCHOOL]))
            compared.append(metric.name)
    assert {name: rows for name, rows in wrong.items() if rows} == {}
    assert len(compared) > 50


@pytest.mark.slow
def test_metrics_of_exams_are_the_values_of_each_exam(asked: Asked, con: duckdb.DuckDBPyConnection) -> None:
    wrong, compared = {}, []
    for metric in INDICATORS:
        where = f"entity_type = 'county' and stage = '{metric.numerator.scope}' and not ({POOLED})"
        if expected := computed(con, metric, "grade, subject, exam_id, group_code,", where):
            wrong[metric.name] = differing(expected, asked(metric.name, EXAM))
            compared.append(metric.name)
    assert {name: rows for name, rows in wrong.items() if rows} == {}
    assert "exm_mean_score" in compared
    # Scores of several subjects are not added up.
    assert set(asked("exm_mean_score", ()).values()) == {None}


@pytest.mark.slow
def test_every_metric_of_a_measure_is_its_figure(asked: Asked, con: duckdb.DuckDBPyConnection) -> None:
    wrong, silent = {}, []
    for metric in MEASURES:
        part = metric.numerator
        expected = con.execute(
            "select left(period_id, 4), region_code, value from fct_measure where term_code = ? and period_type = ?"
            f" and entity_type = 'county' and stage = 'all' and urban_rural = 'all' and {POOLED}",
            [part.term_code, part.period_type],
        ).fetchall()
        rows = {tuple(r[:-1]): r[-1] for r in expected}
        wrong[metric.name] = differing(rows, asked(metric.name, ()))
        if not rows:
            silent.append(metric.name)
    assert {name: rows for name, rows in wrong.items() if rows} == {}
    # Sums over exams of several subjects, and a count that nobody takes over the years of projects.
    assert silent == ["exam_score_sum", "exam_score_sumsq", "exam_event_count", "exam_subject_count"]


@pytest.mark.slow
def test_metrics_are_cut_by_what_a_school_is(asked: Asked, con: duckdb.DuckDBPyConnection) -> None:
    """Pupils by area and year, counted from the reports."""
    found = asked("student_count", ["school__urban_rural"])
    counted = con.execute(
        "select left(school_year, 4), region_code, urban_rural, sum(student_count)"
        " from fct_school_resource_snapshot group by all"
    ).fetchall()
    assert len(counted) > 5
    assert differing({tuple(r[:-1]): r[-1] for r in counted}, found) == []


@pytest.mark.slow
def test_a_metric_with_an_unknown_part_is_unknown(asked: Asked, con: duckdb.DuckDBPyConnection) -> None:
    names = ", ".join(f"'{m.name}'" for m in MEASURES)
    broken = con.execute(
        "select term_code, left(period_id, 4), region_code from fct_measure where status = 'incomplete'"
        f" and term_code in ({names}) and entity_type = 'county' and stage = 'all' and urban_rural = 'all'"
        f" and period_type = 'school_year' and {POOLED}"
    ).fetchall()
    assert broken
    for term, *key in broken:
        assert asked(term, ()).get(tuple(key)) is None, term


@pytest.mark.slow
def test_metricflow_finds_nothing_wrong_and_answers_from_the_shell(county_home: Home) -> None:
    folder = make_layer(county_home.settings)
    checked = subprocess.run(
        [program("mf"), "validate-configs"], cwd=folder, env=environment(folder), capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
    assert "ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0" in checked.stdout
    out = county_home.settings.home / "metrics" / "asked.csv"
    wanted = ["--metrics", "student_count", "--group-by", "metric_time__school_year,region__region_name"]
    assert ask(county_home.settings, [*wanted, "--csv", str(out)]) == 0
    assert (
        out.read_text(encoding="utf-8").splitlines()[0] == "metric_time__school_year,region__region_name,student_count"
    )
    assert make_layer(county_home.settings) == folder
