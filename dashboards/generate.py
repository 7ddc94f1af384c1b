"""The bundle that Superset imports, written from the spec.

`spec/connections.yaml` names the readers, `spec/data_sets.yaml` with `spec/data_sets/*.sql` the data sets, labels and
metrics, `spec/<dashboard>.yaml` the dashboards. Words for codes come from the report's dictionary, so a code reads the
same here and in an edition. Every UUID follows from a name, so that an import replaces what is there.

    python dashboards/generate.py            writes dashboards/bundle
    python dashboards/generate.py --check    fails where the bundle differs
"""

from __future__ import annotations

import csv
import re
import sys
import uuid
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import charts  # noqa: E402

SPEC = HERE / "spec"
BUNDLE = HERE / "bundle"
TARGETS = HERE.parent / "dbt_project" / "seeds" / "plans" / "policy_targets.csv"
DICTIONARY = HERE.parent / "publication" / "dictionary.yaml"
DASHBOARDS = ("overview", "balance", "exams", "budget")
VERSION = "1.0.0"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "schoolhouse:dashboards")
_WORDS = re.compile(r"\{\{\s*(words|listed)\((\w+),\s*([\w.]+)\)\s*\}\}")
GRID_COLUMNS = 12
# What a metric without a format of its own is: a count, written out (Superset would say 1.06k).
WHOLE = ",d"

Spec = dict[str, Any]


def identify(kind: str, name: str) -> str:
    """The UUID of a thing of the bundle, the same on every machine."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{name}"))


def read_spec(name: str) -> Spec:
    return yaml.safe_load((SPEC / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def read_words() -> dict[str, dict[str, str]]:
    """Words by kind and code: the report's, and `target_unit` for the codes that targets have for their units."""
    codes = yaml.safe_load(DICTIONARY.read_text(encoding="utf-8"))["codes"]
    with TARGETS.open(encoding="utf-8", newline="") as rows:
        pairs = Counter((row["unit_code"], row["unit"]) for row in csv.DictReader(rows) if row["unit_code"])
    # Where a code goes with several units, the one it goes with most.
    units = dict(pair for pair, _ in sorted(pairs.items(), key=lambda p: (p[1], p[0])))
    return codes | {"target_unit": {code: codes["unit"].get(units[code], units[code]) for code in sorted(units)}}


def read_sql(name: str) -> str:
    """The statement of a data set, with codes put into words: `{{ words(status, t.status) }}` is a `case`,
    `{{ listed(stage, t.stage) }}` one that knows `primary;junior` too.

    Raises KeyError where the dictionary has no such list of codes.
    """
    codes = read_words()
    text = (SPEC / "data_sets" / f"{name}.sql").read_text(encoding="utf-8").strip()

    def spell(found: re.Match[str]) -> str:
        form, group, expression = found.groups()
        cases = " ".join(f"when '{code}' then '{word}'" for code, word in codes[group].items())
        rest = expression
        if form == "listed":
            for code, word in {";": "、", **codes[group]}.items():
                rest = f"replace({rest}, '{code}', '{word}')"
        return f"case {expression} {cases} else {rest} end"

    return _WORDS.sub(spell, text)


def connections() -> dict[str, Spec]:
    made = {}
    for name, told in read_spec("connections").items():
        made[f"databases/{name}.yaml"] = {
            "database_name": told["name"],
            # No host, no password: superset_config puts in those of this place.
            "sqlalchemy_uri": f"postgresql+psycopg2://{told['reader']}@warehouse/schoolhouse",
            "cache_timeout": None,
            "expose_in_sqllab": False,
            "allow_run_async": False,
            "allow_ctas": False,
            "allow_cvas": False,
            "allow_dml": False,
            "allow_csv_upload": False,
            "impersonate_user": False,
            "extra": {"metadata_params": {}, "engine_params": {}, "metadata_cache_timeout": {}},
            "uuid": identify("connection", name),
            "version": VERSION,
        }
    return made


def data_sets() -> dict[str, Spec]:
    made = {}
    for name, told in read_spec("data_sets").items():
        columns = [
            {
                "column_name": column,
                "verbose_name": label,
                "is_dttm": column.endswith(("_date", "_on")),
                "is_active": True,
                "type": _type(column),
                "groupby": True,
                "filterable": True,
                "expression": None,
                "description": None,
                "python_date_format": None,
                "extra": {},
            }
            for column, label in told["columns"].items()
        ]
        metrics = [
            {
                "metric_name": metric,
                "verbose_name": m["label"],
                "metric_type": None,
                "expression": m["sql"],
                "description": m.get("note"),
                "d3format": m.get("format", WHOLE),
                "extra": {},
                "warning_text": None,
            }
            for metric, m in told["metrics"].items()
        ]
        made[f"datasets/{told['connection']}/{name}.yaml"] = {
            "table_name": told["name"],
            "description": told["about"],
            "default_endpoint": None,
            "offset": 0,
            "cache_timeout": None,
            "schema": "internal",
            "sql": read_sql(name),
            "params": None,
            "template_params": None,
            "filter_select_enabled": True,
            "fetch_values_predicate": None,
            "extra": None,
            "main_dttm_col": None,
            "normalize_columns": False,
            "always_filter_main_dttm": False,
            "uuid": identify("data set", name),
            "metrics": metrics,
            "columns": columns,
            "version": VERSION,
            "database_uuid": identify("connection", told["connection"]),
        }
    return made


def _type(column: str) -> str:
    """The kind of a column, by its name: that decides how Superset offers it."""
    if column.endswith(("_date", "_on")):
        return "DATE"
    if column.startswith(("is_", "has_")):
        return "BOOLEAN"
    if column.endswith(("_value", "_rate", "_count", "_yuan", "_units", "gap", "attainment", "fiscal_year", "grade")):
        return "NUMERIC"
    return "VARCHAR"


def dashboard_charts(name: str, spec: Spec) -> dict[str, Spec]:
    made = {}
    for key, chart in spec["charts"].items():
        viz_type, params = charts.make(chart)
        made[f"charts/{name}/{key}.yaml"] = {
            "slice_name": chart["title"],
            "description": chart.get("about"),
            "certified_by": None,
            "certification_details": None,
            "viz_type": viz_type,
            "params": params,
            "query_context": None,
            "cache_timeout": None,
            "uuid": identify("chart", f"{name}/{key}"),
            "version": VERSION,
            "dataset_uuid": identify("data set", chart["data"]),
        }
    return made


def dashboard(name: str, spec: Spec) -> Spec:
    # Superset wants a number to start with; an import gives each chart its own.
    numbers = {key: n for n, key in enumerate(spec["charts"], start=1)}
    return {
        "dashboard_title": spec["title"],
        "description": spec["about"],
        "css": "",
        "slug": name,
        "certified_by": "",
        "certification_details": "",
        "published": True,
        "uuid": identify("dashboard", name),
        "position": _position(name, spec, numbers),
        "metadata": {
            "color_scheme": "schoolhouse",
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "expanded_slices": {},
            "label_colors": charts.WORD_COLOURS | spec.get("colours", {}),
            "shared_label_colors": [],
            "map_label_colors": {},
            "color_scheme_domain": [],
            "cross_filters_enabled": True,
            "chart_configuration": {},
            "global_chart_configuration": {
                "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
                "chartsInScope": [],
            },
            "native_filter_configuration": [_filter(name, key, f, numbers) for key, f in spec["filters"].items()],
            "default_filters": "{}",
            "filter_bar_orientation": "HORIZONTAL",
        },
        "version": VERSION,
    }


def _filter(name: str, column: str, told: Spec, numbers: dict[str, int]) -> Spec:
    """A filter over every chart that has the column; `first: newest|oldest` chooses one value from the start, `not_on`
    names charts that it leaves alone."""
    first = told.get("first")
    return {
        "id": f"NATIVE_FILTER-{identify('filter', f'{name}/{column}')[:12]}",
        "name": told["title"],
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"column": {"name": column}, "datasetUuid": identify("data set", told["data"])}],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [
            f"NATIVE_FILTER-{identify('filter', f'{name}/{parent}')[:12]}" for parent in told.get("after", [])
        ],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [numbers[key] for key in told.get("not_on", [])]},
        "controlValues": {
            "enableEmptyFilter": bool(first),
            "defaultToFirstItem": bool(first),
            "multiSelect": not first,
            "searchAllOptions": False,
            "inverseSelection": False,
            "sortAscending": first != "newest",
        },
        # Charts wait until the first value is chosen, and so ask once.
        "requiredFirst": bool(first),
        "description": told.get("about", ""),
        "chartsInScope": [],
        "tabsInScope": [],
    }


def _position(name: str, spec: Spec, numbers: dict[str, int]) -> Spec:
    """Rows of charts on Superset's grid of twelve columns. Raises ValueError where a row is wider than that."""
    rows = []
    cells: Spec = {}
    for n, row in enumerate(spec["rows"], start=1):
        row_id = f"ROW-{name}-{n}"
        parents = ["ROOT_ID", "GRID_ID"]
        children = []
        if sum(row["charts"].values() if "charts" in row else [GRID_COLUMNS]) > GRID_COLUMNS:
            raise ValueError(f"{name}: row {n} is wider than {GRID_COLUMNS} columns")
        metas: dict[tuple[str, str], Spec] = {}
        if "text" in row:
            metas["MARKDOWN", str(n)] = {"width": GRID_COLUMNS, "height": row["height"], "code": row["text"].strip()}
        for key, width in row.get("charts", {}).items():
            metas["CHART", key] = {
                "width": width,
                "height": row["height"],
                "chartId": numbers[key],
                "sliceName": spec["charts"][key]["title"],
                "uuid": identify("chart", f"{name}/{key}"),
            }
        for (kind, key), meta in metas.items():
            cell = f"{kind}-{name}-{key}"
            cells[cell] = {"type": kind, "id": cell, "children": [], "parents": [*parents, row_id], "meta": meta}
            children.append(cell)
        cells[row_id] = {
            "type": "ROW",
            "id": row_id,
            "children": children,
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        rows.append(row_id)
    return {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": spec["title"]}},
        **cells,
    }


def make_bundle() -> dict[str, str]:
    """Path in the bundle -> its text."""
    things: dict[str, Spec] = {
        "metadata.yaml": {"version": VERSION, "type": "assets", "timestamp": "2025-01-01T00:00:00+00:00"},
        **connections(),
        **data_sets(),
    }
    for name in DASHBOARDS:
        spec = read_spec(name)
        things |= dashboard_charts(name, spec)
        things[f"dashboards/{name}.yaml"] = dashboard(name, spec)
    return {
        path: yaml.safe_dump(thing, allow_unicode=True, sort_keys=False, width=110) for path, thing in things.items()
    }


def read_bundle() -> dict[str, str]:
    return {str(p.relative_to(BUNDLE)): p.read_text(encoding="utf-8") for p in sorted(BUNDLE.rglob("*.yaml"))}


def main() -> None:
    wanted = make_bundle()
    if "--check" in sys.argv:
        found = read_bundle()
        different = sorted(p for p in wanted.keys() | found.keys() if wanted.get(p) != found.get(p))
        if different:
            sys.exit(f"the bundle differs from the spec: {', '.join(different)}; run python dashboards/generate.py")
        return
    for old in BUNDLE.rglob("*.yaml"):
        old.unlink()
    for path, text in wanted.items():
        (BUNDLE / path).parent.mkdir(parents=True, exist_ok=True)
        (BUNDLE / path).write_text(text, encoding="utf-8")
    print(f"{len(wanted)} files in {BUNDLE}")


if __name__ == "__main__":
    main()
