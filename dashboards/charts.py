"""The forms of charts: from a few words of a spec to what Superset calls `params`.

Each function takes the chart of the spec and gives (viz_type, params). A chart names metrics and columns of its data
set; nothing is computed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Chart = dict[str, Any]
Made = tuple[str, dict[str, Any]]

RED, AMBER, GREEN, GREY = "#b5402d", "#d9a441", "#2c7a5a", "#c9cfd4"
# What a word means has one colour on all dashboards.
WORD_COLOURS = {
    "达标": GREEN,
    "未达标": RED,
    "存在风险": AMBER,
    "无数据": GREY,
    "未定": GREY,
    "本期不评判": "#dfe4e8",
    "仅供参考": "#8aa1ad",
}


def conditions(chart: Chart) -> list[dict[str, Any]]:
    """`where: {column: value, column: [values]}` as filters of the chart."""
    found = []
    for column, value in chart.get("where", {}).items():
        several = isinstance(value, list)
        found.append(
            {
                "clause": "WHERE",
                "expressionType": "SIMPLE",
                "subject": column,
                "operator": "IN" if several else "==",
                "operatorId": "IN" if several else "EQUALS",
                "comparator": value,
            }
        )
    return found


def number(chart: Chart) -> Made:
    """One figure: `metric`, `format`, `subtitle`."""
    return "big_number_total", {
        "metric": chart["metric"],
        "y_axis_format": chart.get("format", ",d"),
        "header_font_size": 0.4,
        "subtitle": chart.get("subtitle", ""),
        "subtitle_font_size": 0.15,
        "force_timestamp_formatting": False,
    }


def _axes(chart: Chart) -> dict[str, Any]:
    return {
        "x_axis": chart["x"],
        "metrics": chart["metrics"],
        "groupby": chart.get("by", []),
        "color_scheme": "schoolhouse",
        "rich_tooltip": True,
        "show_legend": chart.get("legend", True),
        "legendType": "scroll",
        "legendOrientation": "top",
        "y_axis_format": chart.get("format", ",d"),
        "x_axis_time_format": "%Y-%m-%d",
        "row_limit": chart.get("limit", 1000),
        "truncate_metric": True,
        "show_empty_columns": True,
        "x_axis_title": "",
        "y_axis_title": chart.get("y_title", ""),
        "y_axis_title_margin": 40 if chart.get("y_title") else 15,
        "y_axis_title_position": "Left",
        "x_axis_title_margin": 15,
        "xAxisForceCategorical": True,
        "order_desc": True,
        "y_axis_bounds": chart.get("bounds", [None, None]),
        "truncateYAxis": "bounds" in chart,
    }


def bar(chart: Chart) -> Made:
    """Bars over `x`, one series a metric and value of `by`; `across: true` lays them, `stack: true` piles them up."""
    params = _axes(chart) | {
        "orientation": "horizontal" if chart.get("across") else "vertical",
        "stack": "Stack" if chart.get("stack") else None,
        "show_value": chart.get("values", True),
        # A pile says its height, not that of each layer.
        "only_total": bool(chart.get("stack")),
        "x_axis_sort": chart.get("sort"),
        "x_axis_sort_asc": chart.get("ascending", True),
        "xAxisLabelRotation": chart.get("rotate", 0),
        "xAxisLabelInterval": "0",
        "annotation_layers": [],
    }
    return "echarts_timeseries_bar", params


def line(chart: Chart) -> Made:
    """Lines over `x` in the order of its values, one a metric and value of `by`."""
    params = _axes(chart) | {
        "markerEnabled": True,
        "markerSize": 6,
        "show_value": chart.get("values", False),
        "x_axis_sort_asc": True,
        "xAxisLabelInterval": "0",
        "annotation_layers": [],
    }
    return "echarts_timeseries_line", params


def heat(chart: Chart) -> Made:
    """A field of cells, `x` by `y`; a cell without a value stays white."""
    return "heatmap_v2", {
        "x_axis": chart["x"],
        "groupby": chart["y"],
        "metric": chart["metric"],
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "normalize_across": "heatmap",
        "linear_color_scheme": chart.get("colours", "schoolhouse_level"),
        "value_bounds": chart.get("bounds", [None, None]),
        "legend_type": "continuous",
        "show_legend": True,
        "show_percentage": False,
        "show_values": True,
        "border_color": {"r": 255, "g": 255, "b": 255, "a": 1},
        "border_width": 1,
        "y_axis_format": chart.get("format", ".2f"),
        "left_margin": chart.get("left", "auto"),
        "bottom_margin": chart.get("bottom", "auto"),
        "xscale_interval": 1,
        "yscale_interval": 1,
        "xAxisLabelRotation": 0,
        "row_limit": 10000,
    }


def _paint(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`paint: [{column, below|above|from|to, colour}]`: cells of a table by their figures."""
    made = []
    for rule in rules:
        colour = {"red": "#f0c4bb", "green": "#c8e3d3", "amber": "#f5e2bd", "grey": "#e6eaed"}[rule["colour"]]
        painted: dict[str, Any] = {"column": rule["column"], "colorScheme": colour, "useGradient": False}
        if "below" in rule:
            painted |= {"operator": "<", "targetValue": rule["below"]}
        else:
            painted |= {"operator": "≥", "targetValue": rule["from"]}
        made.append(painted)
    return made


def table(chart: Chart) -> Made:
    """Rows as they are: `columns`, `order: [[column, ascending]]`; with `metrics`, sums by `columns` in the order of
    the metric `sort`. Without one Superset orders by the first metric, the highest first."""
    config: dict[str, dict[str, Any]] = {c: {"d3NumberFormat": f} for c, f in chart.get("formats", {}).items()}
    for column, width in chart.get("widths", {}).items():
        config.setdefault(column, {})["columnWidth"] = width
    params: dict[str, Any] = {
        "row_limit": chart.get("limit", 500),
        "server_pagination": False,
        "page_length": chart.get("page", 0),
        "include_search": chart.get("search", False),
        "table_timestamp_format": "%Y-%m-%d",
        "show_cell_bars": False,
        "color_pn": False,
        "allow_rearrange_columns": False,
        "column_config": config,
        "conditional_formatting": _paint(chart.get("paint", [])),
    }
    if "metrics" in chart:
        params |= {
            "query_mode": "aggregate",
            "groupby": chart["columns"],
            "metrics": chart["metrics"],
            "percent_metrics": [],
            "timeseries_limit_metric": chart.get("sort"),
            "order_desc": not chart.get("ascending", False),
        }
    else:
        order = [json.dumps(pair) for pair in chart.get("order", [])]
        params |= {"query_mode": "raw", "all_columns": chart["columns"], "order_by_cols": order}
    return "table", params


def pivot(chart: Chart) -> Made:
    """A cross table: `rows`, `across`, `metrics`; a cell without a value stays empty."""
    return "pivot_table_v2", {
        "groupbyRows": chart["rows"],
        "groupbyColumns": chart["across"],
        # Superset looks here for the columns whose labels a dashboard needs.
        "groupby": [*chart["rows"], *chart["across"]],
        "metrics": chart["metrics"],
        "metricsLayout": "COLUMNS",
        "aggregateFunction": "Sum",
        "valueFormat": chart.get("format", ",.2f"),
        "rowOrder": "key_a_to_z",
        "colOrder": "key_a_to_z",
        "rowTotals": False,
        "colTotals": False,
        "conditional_formatting": _paint(chart.get("paint", [])),
        "row_limit": 5000,
        "date_format": "%Y-%m-%d",
    }


def box(chart: Chart) -> Made:
    """How `metrics` spread over the values of `over`, one box a value of `by`."""
    return "box_plot", {
        "columns": [chart["over"]],
        "groupby": chart["by"],
        "metrics": chart["metrics"],
        "whiskerOptions": "Min/max (no outliers)",
        "number_format": chart.get("format", ".1f"),
        "x_ticks_layout": "flat",
        "color_scheme": "schoolhouse",
        "row_limit": 5000,
    }


FORMS: dict[str, Callable[[Chart], Made]] = {
    "number": number,
    "bar": bar,
    "line": line,
    "heat": heat,
    "table": table,
    "pivot": pivot,
    "box": box,
}


def make(chart: Chart) -> Made:
    """(viz_type, params) of a chart. Raises KeyError where the spec lacks a word that the form needs."""
    viz_type, params = FORMS[chart["form"]](chart)
    return viz_type, params | {
        "viz_type": viz_type,
        "adhoc_filters": conditions(chart),
        "extra_form_data": {},
        "dashboards": [],
    }
