"""A value follows the cells it is said to rest on: cells are changed in the offices' files, and what was named moves.

One figure of each of a seeded sample of indicators is lowered, or a row taken out where rows are counted; the changed
files come in as new versions and the warehouse is built anew.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.utils import column_index_from_string

from tests.conftest import COUNTY, Home, copied
from tests.support.original_cells import Original, to_number
from tests.warehouse.test_recount import SEED, recount_of
from warehouse.build import build
from warehouse.explain import explain
from warehouse.explain_find import Asked

SAMPLE = 24
# Forms that follow every figure. What looks at a largest, a limit or a verdict may stay as it is.
FOLLOWING = {"ratio", "total", "cycle_sum", "difference", "relative", "cv_weighted", "condition_number"}
KEYS = "indicator_code, entity_id, period_id, stage, urban_rural"


@dataclass
class Changed:
    """The county before and after: which cells were changed for which indicators, and the submissions they were in."""

    before: Home
    after: Home
    cells: dict[str, tuple[str, int]] = field(default_factory=dict)
    submissions: set[str] = field(default_factory=set)


def _values(home: Home) -> dict[tuple[str, ...], float]:
    with duckdb.connect(home.build.path, read_only=True) as con:
        rows = con.execute(
            f"select {KEYS}, value from pub_indicator_value where value is not null order by all"
        ).fetchall()
    return {r[:-1]: r[-1] for r in rows}


def _candidates(home: Home) -> list[tuple[str, dict[str, Any], str]]:
    """(indicator, row, field to lower or '' to take the row out) for a seeded sample of published indicators, a row and
    a file no more than once.
    """
    chance = random.Random(SEED)  # noqa: S311
    codes = sorted({k[0] for k in _values(home)})
    with duckdb.connect(home.build.path, read_only=True) as con:
        forms = dict(con.execute("select indicator_code, form from indicator_form").fetchall())
    found: list[tuple[str, dict[str, Any], str]] = []
    taken: set[tuple[str, int]] = set()
    for code in chance.sample(codes, len(codes)):
        if forms[code] not in FOLLOWING or len(found) == SAMPLE:
            continue
        # Of several rows of one thing the best may count alone: another of them moves nothing.
        for operand in [o for o in explain(home.settings, code).operands[:1] if not o.combine]:
            for row in chance.sample(operand.rows, min(len(operand.rows), 20)):
                what = _change_of(row, operand.formula, operand.rollup, [r["thing"] for r in operand.rows])
                if what is not None and (row["file_name"], row["row"]) not in taken:
                    taken.add((row["file_name"], row["row"]))
                    found.append((code, row, what))
                    break
    return found


def _change_of(row: dict[str, Any], formula: str, rollup: str, things: list[Any]) -> str | None:
    """A figure of more than one can be lowered; a row of a text file that alone makes its thing can be taken out."""
    fields = {c["field"]: c for c in row["cells"]}
    if rollup == "sum" and formula in fields and fields[formula]["column"]:
        value = fields[formula]["value"]
        return formula if value is not None and float(value) >= 2 else None
    if rollup == "distinct" and str(row["file_name"]).endswith(".csv") and things.count(row["thing"]) == 1:
        return ""
    return None


def _rewrite(path: Path, changes: list[tuple[dict[str, Any], str]]) -> None:
    """Lower the named cells by one and take the named rows out, leaving the rest of the file as it is."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for row, name in changes:
            (column,) = (c["column"] for c in row["cells"] if c["field"] == name)
            cell = book[row["sheet"]][f"{column}{row['row']}"]
            number = to_number(cell.value)
            assert number is not None
            cell.value = number - 1
        book.save(path)
        return
    lines = Original(path).rows("")
    for row, name in changes:
        if name:
            (column,) = (c["column"] for c in row["cells"] if c["field"] == name)
            at = column_index_from_string(column) - 1
            number = to_number(lines[row["row"] - 1][at])
            assert number is not None
            lines[row["row"] - 1][at] = str(int(number - 1)) if number.is_integer() else str(number - 1)
    gone = {row["row"] - 1 for row, name in changes if not name}
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(x for n, x in enumerate(lines) if n not in gone)
    path.write_bytes(out.getvalue().encode("gb18030" if _is_gb(path) else "utf-8-sig"))


def _is_gb(path: Path) -> bool:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


@pytest.fixture(scope="module")
def changed(
    county_home: Home, county_as_built: Path, county_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Changed]:
    import ingest

    folder = tmp_path_factory.mktemp("changed")
    files = folder / "files"
    shutil.copytree(county_files, files)
    by_file: dict[str, list[tuple[dict[str, Any], str]]] = {}
    cells: dict[str, tuple[str, int]] = {}
    submissions: set[str] = set()
    for code, row, name in _candidates(county_home):
        by_file.setdefault(row["file_name"], []).append((row, name))
        cells[code] = (row["file_name"], row["row"])
        submissions.add(row["submission_id"])
    for name, changes in by_file.items():
        _rewrite(files / name, changes)
    settings = copied(county_as_built, folder / "home", files, files)
    result = ingest.run(settings, [files])
    taken = {f.path: f.status for f in result.files if any(f.path.endswith(n) for n in by_file)}
    assert len(taken) == len(by_file)
    assert set(taken.values()) <= {"accepted", "partial"}, taken
    yield Changed(county_home, Home(settings, build(settings)), cells, submissions)


@pytest.mark.slow
def test_every_value_moves_with_its_cell(changed: Changed) -> None:
    before, after = _values(changed.before), _values(changed.after)
    assert len(changed.cells) == SAMPLE
    moved = {k[0] for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
    assert changed.cells.keys() <= moved


@pytest.mark.slow
def test_the_moved_value_is_that_of_the_changed_file(changed: Changed) -> None:
    recount = recount_of(changed.after)
    for code in changed.cells:
        found = explain(changed.after.settings, code).to_dict()
        assert recount.value(found) == pytest.approx(found["value"]["value"], rel=1e-9), code


@pytest.mark.slow
def test_what_moves_rests_on_a_changed_file(changed: Changed) -> None:
    """Nothing moves whose explanation names none of the changed files: no cell that counts is left unnamed."""
    before, after = _values(changed.before), _values(changed.after)
    moved = sorted(k for k in before.keys() & after.keys() if before[k] != after[k])
    chance = random.Random(SEED)  # noqa: S311
    for code, entity, period, stage, area in chance.sample(moved, min(len(moved), 3 * SAMPLE)):
        found = explain(changed.before.settings, code, Asked(entity, period, stage, area, region=COUNTY))
        assert found.submissions() & changed.submissions, (code, entity, period, stage, area)
