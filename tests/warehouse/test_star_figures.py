"""The marts agree with figures that were computed in R from the same pupils, by code that shares nothing with ours."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.star_figures import SHEETS, STAR, differences, read_built, read_expected

pytestmark = pytest.mark.star


@pytest.mark.parametrize("name", SHEETS)
def test_built_figures_agree_with_the_expected_file(name: str, star_home, star_pack: Path) -> None:
    expected, built = read_expected(star_pack / "expected", name), read_built(star_home.build.path, name)
    assert expected
    assert differences(expected, built) == []


@pytest.mark.parametrize("name", SHEETS)
def test_one_changed_value_of_the_expected_file_is_noticed(
    name: str, star_home, star_pack: Path, tmp_path: Path
) -> None:
    """The comparison above is worth something: a last figure moved by a millionth part makes it fail."""
    shutil.copy(star_pack / "expected" / f"{name}.csv", tmp_path)
    _move_last_figure(tmp_path / f"{name}.csv", SHEETS[name].figures[-1])
    found = differences(read_expected(tmp_path, name), read_built(star_home.build.path, name))
    assert len(found) == 1
    assert SHEETS[name].figures[-1] in found[0]


@pytest.mark.parametrize("name", SHEETS)
def test_a_key_on_one_side_only_is_noticed(name: str, star_home, star_pack: Path) -> None:
    expected, built = read_expected(star_pack / "expected", name), read_built(star_home.build.path, name)
    key = next(iter(expected))
    without = {k: v for k, v in expected.items() if k != key}
    assert differences(without, built) == [f"not expected: {key}"]
    assert differences({**built, ("nowhere",): {}}, built) == ["not built: ('nowhere',)"]


def test_value_added_carries_the_flag_of_a_low_match(star_home, star_pack: Path) -> None:
    """63 percent of the pupils are matched, under the 85 percent line, so no row may pass as sound."""
    with duckdb.connect(star_home.build.path, read_only=True) as con:
        flags = con.execute(
            "select group_type, flag, count(*) from fct_value_added where region_code = $r group by all order by all",
            {"r": STAR},
        ).fetchall()
    assert flags == [("county", "match_rate_low", 2), ("school", "match_rate_low", 151)]


def test_report_and_roster_count_the_same_teachers(star_home, star_pack: Path) -> None:
    with duckdb.connect(star_home.build.path, read_only=True) as con:
        apart = con.execute(
            """
            select school_year, school_code from fct_school_resource_snapshot
            where region_code = $r and (
                ft_teacher_count is distinct from roster_ft_teacher_count
                or postgraduate_teacher_count is distinct from roster_postgraduate_count)
            """,
            {"r": STAR},
        ).fetchall()
    assert apart == []


def _move_last_figure(path: Path, figure: str) -> None:
    with path.open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    value = float(rows[-1][figure])
    rows[-1][figure] = repr(value + max(abs(value), 1.0) * 1e-6)
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
