"""Every DAG can be read, is quick to read, is owned, explained and listed, and holds wiring only."""

from __future__ import annotations

import ast
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "dags"
FILES = sorted(p for p in FOLDER.glob("*.py") if p.stem not in ("__init__", "wiring"))
EXPECTED = {
    "ingest_reference",
    "ingest_school_reports",
    "ingest_people",
    "ingest_exam_scores",
    "ingest_finance",
    "ingest_registers",
    "build_warehouse",
    "publish_annual_snapshot",
    "release_editions",
    "serve_postgres",
}
HEAVY = ("pandas", "duckdb", "pyarrow", "great_expectations", "dbt", "ingest", "expectations", "publication")
USUAL = {"ingest_exam_scores", "build_warehouse", "publish_annual_snapshot"}
PARSE_SECONDS = 2.0
PROBE = """
import json, sys, time
import airflow.sdk, airflow.timetables.trigger, airflow.providers.standard.operators.hitl
started, before = time.perf_counter(), set(sys.modules)
import importlib.util
spec = importlib.util.spec_from_file_location("probed", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
seconds = time.perf_counter() - started
roots = sorted({name.partition(".")[0] for name in set(sys.modules) - before})
print("PROBE" + json.dumps({"seconds": seconds, "roots": roots}))
"""


@pytest.fixture(scope="module")
def bag(airflow_database: Path):
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(FOLDER))


def test_all_dags_and_no_others(bag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == EXPECTED
    assert {p.stem for p in FILES} == EXPECTED, "one file per DAG, of its name"


def test_every_task_tells_its_failure(bag) -> None:
    from dags.operators.alerts import tell_failure

    tasks = [t for dag in bag.dags.values() for t in dag.tasks]
    assert len(tasks) > len(EXPECTED)
    assert [t.task_id for t in tasks if tell_failure not in (t.on_failure_callback or [])] == []


def test_each_is_owned_tagged_explained_and_retried(bag) -> None:
    for dag in bag.dags.values():
        assert dag.tags and (dag.doc_md or "").strip(), dag.dag_id
        assert dag.catchup is False
        for task in dag.tasks:
            assert task.owner == "statistics-office", task.task_id
            assert task.queue == "warehouse", f"{task.task_id}: the general worker has no house"
            assert task.retries >= 1, f"{task.task_id}: Airflow's own races need one retry"


def test_no_cycles_and_the_way_to_an_edition(bag) -> None:
    from airflow.sdk.definitions._internal.abstractoperator import AbstractOperator

    for dag in bag.dags.values():
        dag.check_cycle()
    publish = bag.dags["publish_annual_snapshot"]
    order = ["list_editions", "gate", "approve_statistics_officer", "approve_bureau_leader", "publish"]
    chain = [t for name in order for t in publish.tasks if t.task_id.split(".")[-1] == name]
    assert len(chain) == len(order) == len(publish.tasks)
    for first, second in itertools.pairwise(chain):
        assert isinstance(first, AbstractOperator)
        assert second.task_id in first.downstream_task_ids, (first.task_id, second.task_id)


def test_the_form_of_an_approval_asks_for_name_and_comment_only(bag) -> None:
    forms = [t.serialized_params for t in bag.dags["publish_annual_snapshot"].tasks if "approve_" in t.task_id]
    assert [set(form) for form in forms] == [{"signer", "comment"}] * 2


def test_the_build_follows_every_raw_asset_one_at_a_time(bag) -> None:
    build = bag.dags["build_warehouse"]
    assert build.max_active_runs == 1
    assert {t.pool for t in build.tasks} == {"warehouse_writer"}
    uris = {asset.uri for asset in build.timetable.asset_condition.objects}
    groups = {dag.removeprefix("ingest_") for dag in EXPECTED if dag.startswith("ingest_")}
    assert uris == {f"schoolhouse://raw/{group}" for group in groups}
    assert type(build.timetable.asset_condition).__name__ == "AssetAny"


def test_every_source_is_read_by_exactly_one_dag() -> None:
    read: list[str] = []
    for path in FILES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SOURCES":
                read += ast.literal_eval(node.value)
    folders = sorted(p.parent.name for p in (PROJECT_ROOT / "ingest" / "sources").glob("*/contract.yaml"))
    assert sorted(read) == folders


def test_the_readme_lists_every_dag() -> None:
    table = (FOLDER / "README.md").read_text().partition("## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", table, flags=re.M)
    assert sorted(rows) == sorted(EXPECTED)


# The ingest DAGs are wired alike: one of them stands for all in the usual run.
@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=p.stem, marks=[pytest.mark.slow] if p.stem in EXPECTED - USUAL else []) for p in FILES],
)
def test_a_file_is_light_to_read(path: Path, airflow_database: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)], env=env, capture_output=True, text=True, check=True, cwd="/"
    )
    probe = json.loads(done.stdout.rsplit("PROBE", 1)[1])
    assert probe["seconds"] < PARSE_SECONDS
    assert not set(HEAVY) & set(probe["roots"]), "import house functions inside the tasks"


def test_dags_hold_wiring_only() -> None:
    """No comprehension over data, no SQL, no function outside the DAG function: those belong to the rooms below."""
    for path in FILES:
        tree = ast.parse(path.read_text())
        top = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        assert top == [path.stem], path.name
        assert "select " not in path.read_text().lower(), path.name
        assert len(path.read_text().splitlines()) <= 110, path.name
