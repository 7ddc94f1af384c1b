"""A head's page knows its own school, the levels and what is lacking, and nothing of any other school."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from publication.schools import school_pages
from tests.publication.house import OTHER, REGION, YEAR, House
from tests.publication.test_report import Page
from warehouse.errors import SchoolhouseError

_ITEMS = """
create table dim_school as select * from (values ('S1', '2024-2025', '甲小学'), ('S2', '2024-2025', '乙学校'),
    ('S9', '2024-2025', '丁小学')) t(school_code, school_year, school_name);
create table fct_balance_school_item as select * from (values
    ('990301', 'S1', 'primary', '1.1', 'above_required_edu_teachers', true, 10.0, 300, 3.33, 4.2, 'not_met',
        'teachers', 3, null),
    ('990301', 'S1', 'primary', '1.5', 'sports_area', true, 2400.0, 300, 8.0, 7.5, 'met', 'm2', 0, null),
    ('990301', 'S2', 'primary', '1.7', 'multimedia_rooms', true, 4.0, 300, 1.33, 2.3, 'not_met',
        'rooms', 3, 240000.00),
    ('990301', 'S2', 'junior', '1.7', 'multimedia_rooms', false, null, 200, null, 2.4, 'undecided',
        'rooms', null, null),
    ('990302', 'S9', 'primary', '1.5', 'sports_area', true, 7777.0, 111, 70.0, 7.5, 'met', 'm2', 0, null)
) t(region_code, school_code, stage, national_item, item_code, is_eligible, amount, student_count, value,
    threshold_value, status, unit, gap_units, gap_cost_yuan);
alter table fct_balance_school_item add column school_year varchar default '2024-2025';
"""


@pytest.fixture
def pages(house: House) -> dict[str, str]:
    path = house.settings.serving / "internal" / "current.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(_ITEMS)
    written = school_pages(house.settings, REGION, YEAR)
    return {p.stem: p.read_text(encoding="utf-8") for p in written}


def test_a_page_per_school_of_the_region_alone(pages: dict[str, str]) -> None:
    assert set(pages) == {"S1", "S2"}
    for code, text in pages.items():
        other = {"S1": ("S2", "乙学校"), "S2": ("S1", "甲小学")}[code]
        assert not [w for w in (*other, "S9", "丁小学", "7,777", OTHER) if w in text]
        assert not re.search(r"https?:|排名|名次|第 ?\d+ ?名", text)
        assert not Page(text).open


def test_it_says_what_to_order(pages: dict[str, str]) -> None:
    first, second = pages["S1"], pages["S2"]
    for said in ("甲小学", "3.33", "4.20", "未达标", "<b>3 名教师</b>", "2,400 平方米"):
        assert said in first, said
    orders = second[second.index('id="orders"') : second.index("</section>")]
    assert "<b>3 间</b> · 约 24.00 万元" in orders
    assert orders.count("<li>") == 1
    assert "不纳入评估" in second


def test_the_pages_stay_inside(pages: dict[str, str], house: House) -> None:
    folder = house.settings.serving / "internal" / "schools" / REGION / YEAR
    assert {p.stem for p in folder.iterdir()} == set(pages)
    assert not list(house.settings.editions.rglob("S1.html"))
    assert folder.stat().st_mode & 0o007 == 0


def test_a_year_without_an_assessment_is_one_clear_line(house: House, tmp_path: Path) -> None:
    path = house.settings.serving / "internal" / "current.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(_ITEMS)
    with pytest.raises(SchoolhouseError, match="no school"):
        school_pages(house.settings, REGION, "2019-2020")
