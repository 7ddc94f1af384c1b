"""The report stands alone, says what the data say, and can be read without seeing colours or pictures."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from publication import EditionResult, dictionary, figures
from tests.publication.house import House

_VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Tags with their attributes, and the tags left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag


@pytest.fixture(scope="module")
def text(published: EditionResult) -> str:
    return published.report.read_text(encoding="utf-8")


def test_it_loads_nothing_and_runs_nothing(text: str) -> None:
    page = Page(text)
    assert not page.open
    assert not {t for t, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"https?:|//[a-z]|url\(|@import|javascript:", text)
    for _, attributes in page.tags:
        assert not [k for k in attributes if k.startswith("on")]
        assert attributes.get("href", "#").startswith("#")
    anchors = {a["id"] for _, a in page.tags if "id" in a}
    assert {a["href"][1:] for t, a in page.tags if t == "a"} <= anchors


def test_every_chart_has_words_and_every_table_a_caption(text: str) -> None:
    tags = Page(text).tags
    # The line beside figures that say the same is hidden from readers; every other drawing has words.
    charts = [a for t, a in tags if t == "svg" and a.get("aria-hidden") != "true"]
    assert len(charts) >= 6
    assert all(c["role"] == "img" and len(c["aria-label"]) > 10 for c in charts)
    assert sum(t == "table" for t, _ in tags) == sum(t == "caption" for t, _ in tags)
    assert "Noto Sans CJK SC" in text
    assert "<text" in text


def test_it_says_what_the_data_say(text: str) -> None:
    assert "<h1>云溪县</h1>" in text
    assert "附说明发布" in text
    # 0.515257 > 0.50 has no limit here (the fixture binds no national method), so it is shown and not judged.
    assert "0.515" in text
    assert "不低于 7.50 平方米/生" in text
    assert "7.32 平方米/生" in text
    assert "−0.18" in text
    assert "所需数据来源尚未报送" in text
    assert "重复的一行，已核实" in text
    for status, count in (("met", 1), ("missed", 1), ("no_data", 1), ("at_risk", 0)):
        assert f'<div class="{status}"><b>{count}</b>' in text


def test_names_from_documents_are_escaped(text: str) -> None:
    assert "义务教育&lt;提升&gt;计划" in text
    assert "义务教育<提升>" not in text


def test_a_critical_finding_let_through_stands_on_the_first_screen(house: House) -> None:
    gate_id = house.gate(house.build(), verdict="passed_with_overrides")
    house.override(gate_id, reason="原始凭证遗失")
    house.approve_both()
    from publication import publish

    edition = publish(house.settings, "990301", "2024-2025")
    top = edition.report.read_text(encoding="utf-8").split("<nav")[0]
    assert "有 1 项严重问题经两人签字放行" in top
    assert "一行被退回" in top
    assert "原始凭证遗失" in top
    assert "统计负责人甲" not in top
    assert edition.verdict == "published with overrides"


def test_a_region_without_plans_says_so(house: House) -> None:
    text = house.publish("delete from pub_target_tracking").report.read_text(encoding="utf-8")
    assert "本区域未绑定任何规划" in text


@pytest.mark.parametrize(
    ("value", "places", "printed"),
    [(2.675, 2, "2.68"), (0.125, 2, "0.13"), (1234567.0, 2, "1,234,567"), (-0.004, 2, "0.00"), (None, 2, "—")],
)
def test_figures_are_rounded_half_up_on_their_shortest_text(value: float, places: int, printed: str) -> None:
    assert figures.number(value, places) == printed


def test_amounts_are_exact() -> None:
    assert figures.wan("123456789.05") == "12,345.68"
    assert figures.percent("333", "1000") == "33.3%"
    assert figures.percent("1", "0") == "—"


def test_every_column_that_the_models_publish_is_in_the_dictionary() -> None:
    models = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "published"
    known = dictionary.load()["columns"]
    missing = [
        (model["name"], column["name"])
        for path in sorted(models.glob("*.yml"))
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
        if model["name"].startswith("pub_")
        for column in model.get("columns", [])
        if column["name"] not in known
    ]
    assert not missing
