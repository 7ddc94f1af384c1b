"""The bundle is what its spec says, reads what the warehouse holds, and shows nobody what is not theirs."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

import pytest

from tests.dashboards.house import Bundle, broken, empty_warehouse, generator, read_bundle, tables_read
from warehouse.bi.roles import COUNTY, RESEARCH, policies
from warehouse.settings import PROJECT_ROOT
from warehouse.star import read_tables

DASHBOARDS = ("overview", "balance", "exams", "budget")
# Reader of the warehouse -> its role in PostgreSQL.
ROLES = {"bi_county": COUNTY, "bi_research": RESEARCH}
# Labels of the columns that name a school.
SCHOOL_LABELS = {"学校", "学校（学段）", "分组"}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle()


def test_the_bundle_is_what_the_spec_makes() -> None:
    made, kept = generator().make_bundle(), generator().read_bundle()
    assert sorted(made) == sorted(kept)
    different = [path for path in made if made[path] != kept[path]]
    assert not different, "run python dashboards/generate.py"


def test_there_are_four_dashboards_and_nothing_lies_about(bundle: Bundle) -> None:
    assert set(bundle.dashboards) == set(DASHBOARDS)
    shown = [c["uuid"] for slug in DASHBOARDS for c in bundle.charts_of(slug)]
    assert sorted(shown) == sorted(bundle.charts)
    used = {d["uuid"] for slug in DASHBOARDS for d in bundle.data_sets_of(slug)}
    assert used == set(bundle.data_sets)


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_the_warehouse_holds_what_the_dashboard_reads(bundle: Bundle, slug: str) -> None:
    with empty_warehouse() as con:
        assert broken(bundle, slug, con) == []


@pytest.mark.parametrize(
    ("column", "slugs"),
    [
        (("fct_target_tracking", "gap"), {"overview"}),
        (("fct_balance_leg", "limit_value"), {"balance"}),
        (("fct_exam_group_stat", "n_pass"), {"exams"}),
        (("fct_project_progress", "physical_rate"), {"budget"}),
    ],
)
def test_a_column_that_goes_breaks_the_dashboard_by_name(
    bundle: Bundle, column: tuple[str, str], slugs: set[str]
) -> None:
    with empty_warehouse(without=column) as con:
        faults = [fault for slug in DASHBOARDS for fault in broken(bundle, slug, con)]
    assert {fault.split()[0] for fault in faults} == slugs
    assert all(bundle.dashboards[s]["dashboard_title"] in " ".join(faults) for s in slugs)


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_charts_and_filters_name_what_their_data_sets_have(bundle: Bundle, slug: str) -> None:
    for chart in bundle.charts_of(slug):
        data_set, params = bundle.data_sets[chart["dataset_uuid"]], chart["params"]
        columns = {c["column_name"] for c in data_set["columns"]}
        metrics = {m["metric_name"] for m in data_set["metrics"]}
        asked = {params.get("metric"), params.get("timeseries_limit_metric"), *params.get("metrics", ())} - {None}
        assert asked <= metrics, chart["slice_name"]
        named = {f["subject"] for f in params["adhoc_filters"]} | {params.get("x_axis")}
        for key in ("groupby", "columns", "all_columns", "groupbyRows", "groupbyColumns"):
            value = params.get(key, [])
            named |= {value} if isinstance(value, str) else set(value)
        assert named - {None} <= columns, chart["slice_name"]
    for told in bundle.dashboards[slug]["metadata"]["native_filter_configuration"]:
        (target,) = told["targets"]
        columns = {c["column_name"] for c in bundle.data_sets[target["datasetUuid"]]["columns"]}
        assert target["column"]["name"] in columns


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_filters_are_region_year_and_stage_and_all_is_in_chinese(bundle: Bundle, slug: str) -> None:
    dashboard = bundle.dashboards[slug]
    filters = {f["targets"][0]["column"]["name"] for f in dashboard["metadata"]["native_filter_configuration"]}
    assert {"region_name", "stage_name"} <= filters
    assert filters & {"school_year", "fiscal_year"}
    texts = [dashboard["dashboard_title"], *(c["slice_name"] for c in bundle.charts_of(slug))]
    for data_set in bundle.data_sets_of(slug):
        texts += [data_set["table_name"], *(x["verbose_name"] for x in data_set["columns"] + data_set["metrics"])]
    assert [t for t in texts if not _CHINESE.search(t)] == []


def test_nobody_is_shown_what_is_not_theirs(bundle: Bundle) -> None:
    """What a data set reads, its reader may read; exams are the research staff's alone; nothing of persons, no order of
    schools.
    """
    tables = read_tables()
    for data_set in bundle.data_sets.values():
        name, reader = data_set["table_name"], bundle.reader_of(data_set)
        read = {t for t in tables_read(data_set["sql"]) if t in tables}
        assert read, name
        for table in read:
            assert tables[table].zone == "internal" and not table.endswith("_person"), f"{name}: {table}"
            assert ROLES[reader] in policies("internal", table, [c.name for c in tables[table].columns]), name
        if any("exam" in t for t in read):
            assert reader == "bi_research", name
        said = " ".join(c["column_name"] + c["verbose_name"] for c in data_set["columns"])
        assert not re.search(r"_key|rank|名次|排名", said), name
    for slug in ("overview", "balance", "budget"):
        assert {bundle.reader_of(d) for d in bundle.data_sets_of(slug)} == {"bi_county"}, slug


def _schools_shown(chart: dict[str, Any], data_set: dict[str, Any]) -> set[str]:
    """Columns of a chart that name schools."""
    params = chart["params"]
    names = [params.get(key) or [] for key in ("groupby", "columns", "all_columns", "groupbyRows", "x_axis")]
    shown = {name for value in names for name in ([value] if isinstance(value, str) else value)}
    return shown & {c["column_name"] for c in data_set["columns"] if c["verbose_name"] in SCHOOL_LABELS}


def _ranked(chart: dict[str, Any], data_set: dict[str, Any]) -> str | None:
    """The figure that a chart orders its schools by; None where they stand by name."""
    params, kind, schools = chart["params"], chart["viz_type"], _schools_shown(chart, data_set)
    if not schools:
        return None
    if kind == "table" and params["query_mode"] == "aggregate":
        # Without a metric to sort by, Superset takes the first one of the table, the highest value first.
        by = params["timeseries_limit_metric"] or params["metrics"][0]
        (expression,) = [m["expression"] for m in data_set["metrics"] if m["metric_name"] == by]
        named = expression.startswith(tuple(f"min({column}" for column in schools))
        return None if named and not params["order_desc"] else by
    if kind == "table":
        first, ascending = json.loads(params["order_by_cols"][0]) if params["order_by_cols"] else ("nothing", True)
        return None if first in schools and ascending else first
    if kind == "heatmap_v2":
        sorts = {params["sort_x_axis"], params["sort_y_axis"]}
        return None if sorts <= {"alpha_asc", "alpha_desc"} else " ".join(sorted(sorts))
    return params.get("x_axis_sort") or params.get("timeseries_limit_metric")


def test_schools_stand_by_name_and_never_by_a_figure(bundle: Bundle) -> None:
    forms = []
    for chart in bundle.charts.values():
        data_set = bundle.data_sets[chart["dataset_uuid"]]
        assert _ranked(chart, data_set) is None, chart["slice_name"]
        forms += [chart["viz_type"]] if _schools_shown(chart, data_set) else []
    assert sorted(forms) == ["box_plot", "heatmap_v2", "heatmap_v2", "table", "table"], "the charts that show schools"


def test_an_order_by_a_figure_is_found(bundle: Bundle) -> None:
    (chart,) = [c for c in bundle.charts_of("exams") if c["viz_type"] == "table"]
    data_set = bundle.data_sets[chart["dataset_uuid"]]
    for change in ({"timeseries_limit_metric": None}, {"timeseries_limit_metric": "absence"}, {"order_desc": True}):
        assert _ranked({**chart, "params": chart["params"] | change}, data_set), change


def test_every_unit_has_a_word() -> None:
    words = generator().read_words()
    with (PROJECT_ROOT / "dbt_project/seeds/plans/policy_targets.csv").open(encoding="utf-8", newline="") as rows:
        codes = {row["unit_code"] for row in csv.DictReader(rows)} - {""}
    assert len(codes) > 20 and codes <= set(words["target_unit"])
    for group in ("unit", "target_unit"):
        assert [word for word in words[group].values() if re.search("[a-z_]{3,}", word)] == []


def test_a_target_without_an_end_reads_so(bundle: Bundle) -> None:
    (targets,) = [d for d in bundle.data_sets.values() if d["table_name"] == "规划目标"]
    with empty_warehouse() as con:
        con.execute(
            "insert into internal.fct_target_tracking (target_id, due_date)"
            " values ('a', date '2025-08-31'), ('b', date '2099-12-31'), ('c', null)"
        )
        found = con.execute(f"select target_id, due_name from ({targets['sql']}) as t order by 1").fetchall()
    assert found == [("a", "2025-08-31"), ("b", "长期"), ("c", "")]


def test_connections_hold_no_place_and_no_password(bundle: Bundle) -> None:
    for connection in bundle.connections.values():
        assert re.fullmatch(r"postgresql\+psycopg2://bi_\w+@warehouse/schoolhouse", connection["sqlalchemy_uri"])
        assert not connection["allow_dml"] and not connection["allow_csv_upload"]
        assert not connection["expose_in_sqllab"]
