"""Published numbers, drawn at random, are made anew from the cells that explain names.

The cells are read from the files in custody by openpyxl and csv, and put together by arithmetic of the test's own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import openpyxl
import pytest

from tests.conftest import Home
from tests.support.original_cells import Custody
from tests.support.recount import Recount
from tests.warehouse.rendered import seed_rows
from warehouse.explain import explain
from warehouse.explain_find import Asked

SEED = 20241130
FEW, MANY = 10, 200


def _draw(home: Home, count: int) -> list[dict[str, Any]]:
    """Published values of the newest and earlier editions: forms and levels as they come, no indicator more than twice
    as long as there are others.
    """
    with duckdb.connect(home.build.path, read_only=True) as con:
        result = con.execute(
            "select indicator_code, entity_id, period_id, stage, urban_rural, value from pub_indicator_value"
            " where value is not null order by all"
        )
        names = [d[0] for d in result.description or []]
        rows = [dict(zip(names, r, strict=True)) for r in result.fetchall()]
    by_code: dict[str, list[dict[str, Any]]] = {}
    for r in rows:
        by_code.setdefault(r["indicator_code"], []).append(r)
    chance = random.Random(SEED)  # noqa: S311
    drawn: list[dict[str, Any]] = []
    while len(drawn) < count:
        for code in chance.sample(sorted(by_code), len(by_code)):
            drawn.append(by_code[code].pop(chance.randrange(len(by_code[code]))))
            if not by_code[code]:
                del by_code[code]
    return drawn[:count]


def recount_of(home: Home) -> Recount:
    operands: dict[str, list[dict[str, str]]] = {}
    for r in seed_rows("condition_operand"):
        operands.setdefault(r["indicator_code"], []).append(r)
    return Recount(Custody(home.settings.landing), operands)


def _made(home: Home, recount: Recount, drawn: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], float | None]]:
    for d in drawn:
        asked = Asked(d["entity_id"], d["period_id"], d["stage"], d["urban_rural"])
        yield d, recount.value(explain(home.settings, d["indicator_code"], asked).to_dict())


def _check(home: Home, count: int) -> Recount:
    recount = recount_of(home)
    for d, made in _made(home, recount, _draw(home, count)):
        assert made == pytest.approx(d["value"], rel=1e-9, abs=1e-9), d
    return recount


def test_a_few_published_numbers_are_made_anew_from_their_cells(county_home: Home) -> None:
    recount = _check(county_home, FEW)
    assert recount.cells > FEW


@pytest.mark.slow
def test_two_hundred_published_numbers_are_made_anew_from_their_cells(county_home: Home) -> None:
    recount = _check(county_home, MANY)
    assert recount.cells > 20 * MANY
    # Rows whose figure rests on a parameter or another file are the exception.
    assert recount.given < recount.cells / 10


def test_a_file_that_says_otherwise_is_found_out(county_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recount reads the file: of a cell with one more pupil it says that it is not what was named."""
    from tests.support.original_cells import Original

    (drawn,) = [d for d in _draw(county_home, MANY) if d["indicator_code"] == "res_teaching_area_per_student"][:1]
    asked = Asked(drawn["entity_id"], drawn["period_id"], drawn["stage"], drawn["urban_rural"])
    explanation = explain(county_home.settings, drawn["indicator_code"], asked).to_dict()
    assert recount_of(county_home).value(explanation) == pytest.approx(drawn["value"], rel=1e-9)
    pupils = explanation["operands"][1]["rows"][0]
    place = (pupils["sheet"], pupils["row"], pupils["cells"][0]["column"])
    read = Original.cell
    monkeypatch.setattr(Original, "cell", lambda self, *at: read(self, *at) + 1 if at == place else read(self, *at))
    with pytest.raises(AssertionError, match=pupils["file_name"]):
        recount_of(county_home).value(explanation)


def test_an_explanation_that_leaves_a_row_out_is_found_out(county_home: Home) -> None:
    found = explain(county_home.settings, "res_teaching_area_per_student").to_dict()
    found["operands"][1]["rows"].pop()
    assert recount_of(county_home).value(found) != pytest.approx(found["value"]["value"], rel=1e-9)


def test_the_reader_is_not_the_house_s() -> None:
    import tests.support.original_cells as module

    assert module.openpyxl is openpyxl
    assert not [n for n in vars(module) if getattr(vars(module)[n], "__module__", "").startswith("ingest")]
