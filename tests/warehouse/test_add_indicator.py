"""An indicator is a row: the one that the guide shows, added to a copy of the project, has its value after a build."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import COUNTY, Home
from tests.warehouse.rendered import load_table, run, seed_rows
from warehouse.settings import PROJECT_ROOT

GUIDE = PROJECT_ROOT / "docs" / "add-an-indicator.md"
SUPPLEMENT = Path("dbt_project/seeds/plans/indicator_supplement.csv")
YEAR = "2024-2025"


def _shown() -> str:
    """The row as the guide has it."""
    found = re.findall(r"```csv\n(.+?)\n```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return found[0]


def _row() -> dict[str, str]:
    header = (PROJECT_ROOT / SUPPLEMENT).read_text(encoding="utf-8").partition("\n")[0]
    (row,) = csv.DictReader(io.StringIO(f"{header}\n{_shown()}\n"))
    assert None not in row
    assert None not in row.values()
    return row


def _expected(con: duckdb.DuckDBPyConnection, level: str) -> dict[str, float]:
    """Music teachers and pupils of the year counted in the staged rows, without terms or measures."""
    entity = {"county": "s.region_code", "school": "s.school_code"}[level]
    rows = con.execute(
        f"""
        with teachers as (
            select school_code, stage, count(distinct teacher_key) as n from fct_teacher_snapshot_person
            where school_year = ? and is_full_time_teacher and main_subject = '音乐' group by all
        )
        select {entity}, coalesce(sum(t.n), 0) * 100.0 / sum(s.student_count)
        from stg_school_report__section as s left join teachers as t using (school_code, stage)
        where s.school_year = ? and s.stage in ('primary', 'junior') and s.region_code = ? group by 1
        """,
        [YEAR, YEAR, COUNTY],
    ).fetchall()
    return dict(rows)


def _check(con: duckdb.DuckDBPyConnection, fact: str) -> None:
    for level in ("county", "school"):
        expected = _expected(con, level)
        assert any(expected.values())
        found = con.execute(
            f"select entity_id, value from {fact} where indicator_code = ? and entity_type = ? and period_id = ?"
            " and stage = 'primary;junior' and urban_rural = 'all'",
            [_row()["indicator_code"], level, YEAR],
        ).fetchall()
        assert dict(found) == pytest.approx(expected, rel=1e-9)


def test_the_guide_shows_a_whole_row_of_a_new_indicator() -> None:
    row = _row()
    known = {r["indicator_code"] for name in ("indicator_catalogue", "indicator_supplement") for r in seed_rows(name)}
    assert row["indicator_code"] not in known
    assert all(row[c] for c in ("kind", "numerator_measure", "clock", "zone", "disclosure"))


def test_a_row_is_enough_for_the_models_of_its_kind(
    county_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row without its filter, whose terms the county's measures have already: its values, and nobody else's."""
    copy = tmp_path / "warehouse.duckdb"
    shutil.copyfile(county_home.build.path, copy)
    row = {**_row(), "numerator_filter": ""}
    catalogue = [dict.fromkeys(seed_rows("indicator_catalogue")[0], "")]
    with duckdb.connect(str(copy)) as con:
        for name in ("dim_indicator", "indicator_form", "indicator_catalogue", "indicator_supplement"):
            con.execute(f"drop table {name}")
        for name in ("int_indicator_scope", "int_indicator_operand", "int_indicator_paired", "int_indicator__ratio"):
            kind = con.execute("select table_type from information_schema.tables where table_name = ?", [name])
            ((table_type,),) = kind.fetchall()
            con.execute(f"drop {'view' if table_type == 'VIEW' else 'table'} {name}")
        load_table(con, "indicator_catalogue", catalogue)
        con.execute("delete from indicator_catalogue")
        load_table(con, "indicator_supplement", [row])
        form = {"form": "ratio", "function_name": "", "by_entity": "", "subject": "", "operator": "", "threshold": ""}
        load_table(con, "indicator_form", [{"indicator_code": row["indicator_code"], **form}])
        models = ("dim_indicator", "int_indicator_scope", "int_indicator_operand", "int_indicator_paired")
        run(con, (*models, "int_indicator__ratio"))
        found = con.execute(
            "select distinct indicator_code from int_indicator__ratio where value is not null"
        ).fetchall()
        assert found == [(row["indicator_code"],)]
        ((value, teachers, pupils),) = con.execute(
            "select value, numerator, denominator from int_indicator__ratio where entity_type = 'county'"
            " and period_id = ? and stage = 'primary;junior' and urban_rural = 'all'",
            [YEAR],
        ).fetchall()
    assert value == pytest.approx(teachers * 100 / pupils)


@pytest.mark.slow
def test_the_row_of_the_guide_has_its_value_after_a_build(county_home: Home, tmp_path: Path) -> None:
    """Terms compiled and the models behind it built, by the copy's own code, in a copy of the county's warehouse."""
    project = tmp_path / "project"
    for part in ("warehouse", "dbt_project"):
        shutil.copytree(PROJECT_ROOT / part, project / part, ignore=shutil.ignore_patterns("__pycache__", "target"))
    with (project / SUPPLEMENT).open("a", encoding="utf-8") as handle:
        handle.write(_shown() + "\n")

    def in_copy(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=project, capture_output=True, text=True, timeout=1800,
            env={"PYTHONPATH": str(project), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    written = in_copy("-m", "warehouse.terms", "--write")
    changed = [Path(line.partition(": ")[2]).stem for line in written.splitlines()]
    assert {"term", "indicator_form", "indicator_requirement"} <= set(changed)
    database = tmp_path / "warehouse.duckdb"
    shutil.copyfile(county_home.build.path, database)
    selected = [f"{name}+,+fct_indicator_value" for name in (SUPPLEMENT.stem, *changed)]
    command = [
        "build",
        "--exclude-resource-type",
        "test",
        "--exclude-resource-type",
        "unit_test",
        "--select",
        *selected,
    ]
    code = (
        "from pathlib import Path; from warehouse.dbt import run_dbt\n"
        f"done = run_dbt({command!r}, database=Path({str(database)!r}), target=Path({str(tmp_path / 'target')!r}),"
        f" logs=Path({str(tmp_path)!r}), variables={{'raw_dir': {str(county_home.settings.raw)!r}}})\n"
        "assert not done.having('error', 'fail', 'skipped'), done.messages\n"
        "print(len(done.statuses))"
    )
    assert int(in_copy("-c", code)) > 10
    with duckdb.connect(str(database), read_only=True) as con:
        _check(con, "fct_indicator_value")
        # Nothing else has changed.
        con.execute(f"attach '{county_home.build.path}' as before (read_only)")
        ((changed_values,),) = con.execute(
            "select count(*) from (select * from fct_indicator_value where indicator_code <> ?"
            " except select * from before.main.fct_indicator_value)",
            [_row()["indicator_code"]],
        ).fetchall()
    assert changed_values == 0
