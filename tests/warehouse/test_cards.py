"""The cards say what the seeds say, one for each indicator, and drift is found."""

from __future__ import annotations

from pathlib import Path

import pytest

import warehouse.cards as cards
from tests.warehouse.rendered import seed_rows
from warehouse.cards import Seeds


def test_the_cards_are_current() -> None:
    """`schoolhouse cards` brings them up to date after a change of the seeds."""
    assert cards.stale() == []


def test_one_card_for_each_indicator() -> None:
    codes = [r["indicator_code"] for name in ("indicator_catalogue", "indicator_supplement") for r in seed_rows(name)]
    assert len(codes) == len(set(codes))
    assert {p.stem for p in cards.FOLDER.glob("*.md")} == {*codes, "README"}
    index = (cards.FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(index.count(f"({c}.md)") == 1 for c in codes)


def test_drift_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "FOLDER", tmp_path)
    assert len(cards.write()) == len(Seeds().indicators) + 1
    assert cards.stale() == []
    changed, gone, strange = (tmp_path / f"{n}.md" for n in ("res_cv_composite", "gua_max_class_size", "no_such"))
    changed.write_text(changed.read_text(encoding="utf-8").replace("平均", "合计"), encoding="utf-8")
    gone.unlink()
    strange.write_text("?", encoding="utf-8")
    assert cards.stale() == sorted([changed, gone, strange])
    cards.write()
    assert cards.stale() == []
    assert not strange.exists()


EQUIPMENT = "res_equipment_value_per_student"


@pytest.mark.parametrize(
    ("seed", "where", "to"),
    [
        ("national_standard", {"indicator_code": EQUIPMENT, "stage": "primary"}, {"standard_value": "2001"}),
        ("policy_targets", {"indicator_code": EQUIPMENT}, {"value_num": "2001"}),
        ("measures", {"measure_code": "equipment_value_yuan"}, {"name_zh": "设备"}),
        ("indicator_catalogue", {"indicator_code": EQUIPMENT}, {"disclosure": "pupils"}),
        ("monitoring_rules", {"rule_id": "R004-01"}, {"name_zh": "另一条"}),
    ],
)
def test_a_changed_seed_makes_its_card_stale(
    seed: str, where: dict[str, str], to: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A standard, a target, a measure's name, a rule and an indicator's own row each stand on the card."""
    read = cards.read_seed

    def changed(name: str) -> list[dict[str, str]]:
        rows = read(name)
        return [{**r, **to} if name == seed and where.items() <= r.items() else r for r in rows]

    monkeypatch.setattr(cards, "read_seed", changed)
    seeds = Seeds()
    (own,) = [i for i in seeds.indicators if i["indicator_code"] == EQUIPMENT]
    page = cards.FOLDER / f"{EQUIPMENT}.md"
    assert cards.render_card(own, seeds) != page.read_text(encoding="utf-8")


def test_every_standard_and_target_stands_on_a_card() -> None:
    texts = {p.stem: p.read_text(encoding="utf-8") for p in cards.FOLDER.glob("*.md")}
    for t in seed_rows("policy_targets"):
        assert t["target_id"] in texts[t["indicator_code"]]
    for n in seed_rows("national_standard"):
        assert n["legal_basis"] in texts[n["indicator_code"]]
    for r in seed_rows("monitoring_rules"):
        for code in filter(None, r["indicator_codes"].split(";")):
            assert r["rule_id"] in texts[code.strip()]


def test_no_word_is_left_open() -> None:
    seeds = Seeds()
    for i in seeds.indicators:
        sentence = cards.render_card(i, seeds).partition("## 口径")[2].partition("|")[0]
        assert len(sentence.strip()) > 3
        assert "{" not in sentence
        assert "÷ ×" not in sentence
