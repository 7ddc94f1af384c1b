"""A build with a declared correction: the figure changes where the cell is used, and raw does not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.conftest import COUNTY, Home, copied
from warehouse import corrections
from warehouse.build import build, is_current

pytestmark = pytest.mark.slow
_YEAR = "2024-2025"
_CELL = (
    "select sheet_row.school_code, sheet_row.stage, sheet_row.classroom_count from read_parquet('{raw}/**/*.parquet',"
    " union_by_name = true) as sheet_row where region_code = '{region}' and period = '{year}' and classroom_count > 0"
    " order by all limit 1"
)


def test_a_corrected_cell_reaches_the_marts(county_home: Home, county_received, county_files: Path, tmp_path: Path):
    registers = tmp_path / "registers"
    registers.mkdir()
    settings = copied(county_received.home, tmp_path / "home", county_files, registers)
    with duckdb.connect() as con:
        query = _CELL.format(raw=settings.raw / "school_report", region=COUNTY, year=_YEAR)
        school, stage, count = con.execute(query).fetchall()[0]
    row = [COUNTY, "school_report", _YEAR, f"school_code={school};stage={stage}", "classroom_count", str(count),
           str(count + 1000), "漏写", "装备中心", "2025-10-08", "2999-12-31"]  # fmt: skip
    lines = [",".join(corrections.FIELDS), ",".join(row)]
    (registers / corrections.FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert corrections.load(settings) == 1
    assert not is_current(settings)
    made = build(settings)
    assert made.build_id != county_home.build.build_id
    assert is_current(settings)
    total = (
        "select sum(classroom_count) from fct_school_resource_snapshot"
        " where region_code = $region and school_year = $year"
    )
    given = {"region": COUNTY, "year": _YEAR}
    sums = []
    for path in (county_home.build.path, made.path):
        with duckdb.connect(str(path), read_only=True) as con:
            sums.append(con.execute(total, given).fetchall()[0][0])
    assert sums[1] == sums[0] + 1000
    with duckdb.connect(str(made.path), read_only=True) as con:
        assert con.execute("select outcome, found_value from input_correction").fetchall() == [("applied", str(count))]
    again = build(settings, pin=made.path.parent / "pin.json")
    assert again.build_id == made.build_id
