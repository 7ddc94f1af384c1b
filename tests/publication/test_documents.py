"""The pages beside the figures are made from the model; movement, trends and projects say what the rows say."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import publication
from publication import EditionResult, language
from tests.publication.house import REGION, House
from tests.publication.test_report import Page

ROOM = Path(publication.__file__).parent

EARLIER = (
    "insert into pub_indicator_value select * replace ('2023-2024' as school_year, '2023-2024' as period_id,"
    " case when stage = 'junior' then 12.0 when stage = 'primary' then 7.0 end as value) from pub_indicator_value",
    "insert into pub_resource_dispersion select * replace ('2023-2024' as school_year, 0.6 as cv_value)"
    " from pub_resource_dispersion",
    "alter table pub_indicator_value add column definition_version varchar default '1'",
    "alter table pub_indicator_value add column reason varchar",
    "update pub_indicator_value set reason = 'not_reported' where indicator_code = 'sat_public'",
    "alter table pub_target_tracking add column reason varchar",
    "update pub_target_tracking set reason = 'not_reported' where target_id = 'T3'",
    "alter table pub_indicator_definition add column direction varchar default 'higher'",
    """create table pub_project as select * from (values
        ('990301', '2024-2025', 'P1', '校舍', '新建', '在建', true, 2000000.00, 1500000.00, 900000.00, 'A'),
        ('990301', '2024-2025', 'P2', '校舍', '新建', '完工', true, 1000000.00, 1000000.00, 1000000.00, 'A'),
        ('990301', '2024-2025', 'P0', '校舍', '新建', '在建', false, 3000000.00, null, null, 'A')
    ) t(region_code, school_year, project_code, project_category, project_type, status, is_leaf, planned_yuan,
        completed_yuan, paid_yuan, obs_status)""",
    """create table pub_project_target as select * from (values
        ('990301', '2024-2025', '装备', '产出指标', '数量指标', '受益学校数', '>=', 10.0, 8.0, '所', '', false, 'A'),
        ('990301', '2024-2025', '装备', '产出指标', '质量指标', '合格率', '=', 100.0, 100.0, '%', '', true, 'A')
    ) t(region_code, school_year, project_name, level1, level2, level3, comparator, target_value, actual_value,
        measure_unit, content, is_met, obs_status)""",
    """create table pub_milestone_status as select * from (values
        ('990301', '2024-2025', '教师招聘', date '2024-10-01', 'S1', '人事科', null::date, 40, 'overdue', 'A'),
        ('990301', '2024-2025', '监测', date '2024-09-20', 'S2', '教研室', date '2024-09-19', -1, 'done', 'A')
    ) t(region_code, school_year, milestone_name, planned_on, schedule_id, responsible, actual_on, delay_day_count,
        status, obs_status)""",
)


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> EditionResult:
    """An edition with an earlier year, projects, performance targets and milestones."""
    return House(tmp_path_factory.mktemp("documents") / "home").publish(*EARLIER)


def page(edition: EditionResult, name: str) -> str:
    return (edition.path / name).read_text(encoding="utf-8")


PAGES = [f"docs/{p}{n}.html" for p in ("", "en/") for n in ("dictionary", "methodology", "quality", "revisions")]


@pytest.mark.parametrize("name", ["report.html", "report.en.html", *PAGES])
def test_every_page_stands_alone_and_is_well_formed(edition: EditionResult, name: str) -> None:
    text = page(edition, name)
    parsed = Page(text)
    assert not parsed.open
    assert not {t for t, _ in parsed.tags} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"https?:|//[a-z]|url\(|@import|javascript:", text)
    assert f'lang="{"en" if "en" in name.split(".html")[0].replace("/", ".").split(".") else "zh-CN"}"' in text
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert sum(t == "table" for t, _ in parsed.tags) == sum(t == "caption" for t, _ in parsed.tags)
    headings = [int(t[1]) for t, _ in parsed.tags if re.fullmatch("h[1-6]", t)]
    assert headings[0] == 1
    assert headings.count(1) == 1


def test_movement_is_told_by_the_direction_of_the_indicator(edition: EditionResult) -> None:
    text = page(edition, "report.html")
    first = text[: text.index("<nav")]
    assert "与 2023-2024 学年可比的指标 2 项：向好 1 项，转弱 1 项" in first
    better, worse = first[first.index("<h4>向好") : first.index("<h4>转弱")], first[first.index("<h4>转弱") :]
    assert "7.00 平方米/生 → <b>7.32 平方米/生</b>" in better.replace("7 平方米/生 →", "7.00 平方米/生 →")
    assert "12 平方米/生 → <b>10 平方米/生</b>" in worse
    trend = text[text.index('id="trends"') : text.index('id="targets"')]
    assert "0.600 → 0.515" in trend
    assert trend.index("2023-2024") < trend.index("2024-2025")


def test_projects_performance_targets_and_milestones_are_told(edition: EditionResult) -> None:
    text = page(edition, "report.html")
    projects = text[text.index('id="projects"') : text.index('id="milestones"')]
    # Leaf projects only: 200 + 100 planned, 150 + 100 completed.
    for said in ("共 2 个项目", "300.00", "250.00", "83.3%", "190.00", "受益学校数", "≥ 10 所", "8 所"):
        assert said in projects, said
    assert "合格率" not in projects
    milestones = text[text.index('id="milestones"') : text.index('id="remarks"')]
    assert milestones.index("教师招聘") < milestones.index("监测")
    assert "逾期未完成" in milestones
    assert "40 天" in milestones


def test_the_dictionary_has_every_column_and_the_quality_statement_every_check(edition: EditionResult) -> None:
    from expectations.catalogue import load_checks

    text = page(edition, "docs/dictionary.html")
    for path in (edition.path / "data").glob("*.csv"):
        part = text[text.index(f'id="{path.stem}"') :]
        for column in path.read_text(encoding="utf-8").split("\n")[0].split(","):
            assert f"<code>{column}</code>" in part
    quality = page(edition, "docs/quality.html")
    assert all(c.check_id in quality for c in load_checks())
    assert "重复的一行，已核实" in quality
    assert "审签人甲" not in quality
    assert "res_sports_area_per_student" in page(edition, "docs/methodology.html")


def test_every_source_of_the_house_has_a_name_in_both_languages() -> None:
    from publication import dictionary
    from publication.language import english
    from warehouse.settings import PROJECT_ROOT

    sources = {p.parent.name for p in (PROJECT_ROOT / "ingest" / "sources").glob("*/contract.yaml")}
    assert len(sources) > 60
    assert not sources - set(dictionary.load()["codes"]["source"])
    assert not sources - set(english()["codes"]["source"])


def test_lineage_leads_from_a_data_set_to_files(edition: EditionResult) -> None:
    said = json.loads(page(edition, "lineage.json"))
    values = said["datasets"]["pub_indicator_value"]
    assert values["models"] == ["fct_measure", "pub_indicator_value", "stg_school_report__section"]
    assert (values["seeds"], values["sources"]) == (["measures"], ["school_report"])
    assert said["datasets"]["indicator_trend"]["sources"] == ["school_report"]
    assert said["files"]["school_report"] == [{"file": f"{REGION}.xlsx", "sha256": REGION.rjust(64, "0")}]


def test_a_correction_says_so_loudly_and_the_page_of_revisions_keeps_all(tmp_path: Path) -> None:
    house = House(tmp_path / "home")
    house.publish()
    second = house.publish("update pub_indicator_value set value = value + 0.5 where stage = 'junior'")
    first_page = page(second, "report.html")
    first_page = first_page[: first_page.index("<nav")]
    assert "与 v1.0.0 相比 · 数据修订" in first_page
    assert "指标值：数值变更 1 行" in first_page
    revisions = page(second, "docs/revisions.html")
    assert revisions.index("v1.1.0 (R)") < revisions.index("<h2>v1.0.0")


# ---------------------------------------------------------------- English
def sentences() -> set[str]:
    """Every sentence of ours: what code and templates ask to be said."""
    found = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                found |= {n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)}
    for path in (ROOM / "templates").rglob("*.html"):
        found |= set(re.findall(r"\b_\('([^']+)'", path.read_text(encoding="utf-8")))
    return {s for s in found if isinstance(s, str)}


def test_every_sentence_has_its_english_with_the_same_blanks() -> None:
    english = language.english()["text"]
    asked = sentences()
    assert len(asked) > 150
    assert not sorted(asked - set(english))
    for zh, en in english.items():
        assert set(re.findall(r"\{\w+\}", zh)) >= set(re.findall(r"\{\w+\}", en)), zh
        assert not re.search(r"[\u4e00-\u9fff]", en), zh


def test_no_chinese_is_written_into_a_template_past_the_catalogue() -> None:
    for path in (ROOM / "templates").rglob("*.html"):
        text = re.sub(r"\b_\('[^']+'", "", path.read_text(encoding="utf-8"))
        text = re.sub(r"'：' if spoken\(\) == 'zh'", "", text)
        assert not re.search(r"[\u4e00-\u9fff]", text), path.name


def test_the_english_report_speaks_english_but_for_names(edition: EditionResult) -> None:
    text = re.sub(r"<style>.*?</style>", "", page(edition, "report.en.html"), flags=re.S)
    ours = re.sub(r"云溪县|义务教育&lt;提升&gt;计划|生均体育运动场馆面积|社会认可度", "", text)
    left = set(re.findall(r"[\u4e00-\u9fff]{2,}", ours))
    # Names of projects, milestones and offices, and the register's own words, come with the data.
    data = "校舍 装备 受益学校数 产出指标 数量指标 教师招聘 监测 人事科 教研室 重复的一行 已核实"
    # The plan's name is markup in one place and an attribute in another, so it falls into words.
    assert left <= {*data.split(), "义务教育", "提升", "计划"}
    assert "at least 7.50 m²/pupil" in text
    assert "the source of a measure was not reported" in text
