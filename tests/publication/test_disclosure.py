"""Attacks on what is published: a solver tries to tell hidden counts from everything that is shown."""

from __future__ import annotations

import csv
import itertools
import random
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from scipy.optimize import linprog

from publication import dominance, protection
from publication.disclosure import Key, Sum, Table, measure_sums, scope_sums
from tests.publication.house import House

THRESHOLD = 10.0


def attack(counts: Mapping[Key, float], sums: Sequence[Sum], hidden: set[Key], target: Key) -> tuple[float, float]:
    """The least and the most that a hidden count can be, given all shown counts and all sums that hold."""
    unknown = sorted(hidden)
    place = {k: i for i, k in enumerate(unknown)}
    equal, equal_to, below, below_to = [], [], [], []
    for s in sums:
        row, right = [0.0] * len(unknown), 0.0
        for key, sign in [(s.whole, -1.0), *((p, 1.0) for p in s.parts)]:
            if key in place:
                row[place[key]] += sign
            else:
                right -= sign * counts[key]
        (equal if s.exact else below).append(row)
        (equal_to if s.exact else below_to).append(right)
    found = []
    for sign in (1.0, -1.0):
        cost = [0.0] * len(unknown)
        cost[place[target]] = sign
        solved = linprog(
            cost, A_ub=below or None, b_ub=below_to or None, A_eq=equal or None, b_eq=equal_to or None, bounds=(0, None)
        )
        # 3: without bound; 0: solved. Anything else means that the attacker's picture is not even consistent.
        assert solved.status in (0, 3), solved.message
        found.append(sign * solved.fun if solved.status == 0 else sign * float("-inf"))
    return found[0], found[1]


def county(seed: int, small: float) -> dict[Key, float]:
    """Counts by stage and area that add up over both, some of them very small: one operand of a made-up county."""
    draw = random.Random(seed)  # noqa: S311
    stages = ["preschool", "primary", "junior", "senior"][: draw.choice([2, 3, 4])]
    counts: dict[Key, float] = {}
    for stage, area in itertools.product(stages, ("urban", "rural")):
        few = draw.random() < small
        counts["m", "y", stage, area] = float(draw.randint(0, 9) if few else draw.randint(10, 400))
    for stage in stages:
        counts["m", "y", stage, "all"] = counts["m", "y", stage, "urban"] + counts["m", "y", stage, "rural"]
    for wide, inside in (("primary;junior", ["primary", "junior"]), ("all", stages)):
        if set(inside) <= set(stages):
            for area in ("urban", "rural", "all"):
                counts["m", "y", wide, area] = sum(counts["m", "y", s, area] for s in inside)
    return counts


@pytest.mark.parametrize("seed", range(40))
def test_a_solver_cannot_tell_a_small_count(seed: int) -> None:
    counts = county(seed, 0.25)
    sums = scope_sums(counts, counts)
    secret = {k for k, v in counts.items() if 0 < v < THRESHOLD}
    table = Table(counts, sums, frozenset(secret), set(secret), THRESHOLD)
    table.protect()
    assert not table.left
    for cell in secret:
        least, most = attack(counts, sums, table.hidden, cell)
        assert least - 1e-6 <= counts[cell] <= most + 1e-6
        assert most - least >= THRESHOLD - 1e-6, (cell, least, most)


def test_without_protection_the_same_attack_succeeds() -> None:
    told = 0
    for seed in range(40):
        counts = county(seed, 0.25)
        secret = {k for k, v in counts.items() if 0 < v < THRESHOLD}
        sums = scope_sums(counts, counts)
        told += sum(a == b for a, b in (map(round, attack(counts, sums, secret, c)) for c in secret))
    assert told > 40


def test_enough_is_left_to_read() -> None:
    """Of a county with a few small cells most figures stay, and more than with everything of a small stage gone."""
    shown = total = secrets = 0
    for seed in range(40):
        counts = county(seed, 0.1)
        secret = {k for k, v in counts.items() if 0 < v < THRESHOLD}
        table = Table(counts, scope_sums(counts, counts), frozenset(secret), set(secret), THRESHOLD)
        table.protect()
        shown, total, secrets = shown + len(counts) - len(table.hidden), total + len(counts), secrets + len(secret)
    assert secrets >= 30
    assert shown / total > 0.6, (shown, total, secrets)


# ---------------------------------------------------------------- rows of indicators
KNOWN = {
    "a": {"kind": "ratio", "unit": "%", "numerator_measure": "left", "denominator_measure": "pupils"},
    "b": {"kind": "total", "unit": "persons", "numerator_measure": "left", "denominator_measure": None},
    "rooms": {"kind": "total", "unit": "rooms", "numerator_measure": "rooms", "denominator_measure": None},
}


def row(code: str, stage: str, area: str, numerator: float, denominator: float | None = None) -> dict[str, Any]:
    at = {"indicator_code": code, "period_id": "2024-2025", "stage": stage, "urban_rural": area}
    return {**at, "numerator": numerator, "denominator": denominator}


def cells(hidden: set[protection.Cell]) -> set[tuple[str, str, str]]:
    return {(c, s, a) for c, _, s, a in hidden}


def test_a_count_hidden_in_one_indicator_is_not_shown_by_another() -> None:
    rows = [row("a", "primary", "all", 3, 800), row("b", "primary", "all", 3)]
    hidden, left = protection.hide(rows, KNOWN, {"left", "pupils"}, THRESHOLD, {protection.cell_of(rows[0])})
    assert cells(hidden) == {("a", "primary", "all"), ("b", "primary", "all")}
    assert not left


def test_a_companion_is_hidden_wherever_it_is_shown() -> None:
    rows = [
        row(code, "primary", area, n, d if code == "a" else None)
        for code in ("a", "b")
        for area, n, d in (("all", 60, 900), ("urban", 4, 400), ("rural", 56, 500))
    ]
    start = {protection.cell_of(r) for r in rows if r["urban_rural"] == "urban"}
    hidden, left = protection.hide(rows, KNOWN, {"left", "pupils"}, THRESHOLD, start)
    assert not left
    assert {("a", "primary", "rural"), ("b", "primary", "rural")} <= cells(hidden)
    assert ("a", "primary", "all") not in cells(hidden)


def test_posts_and_rooms_are_not_hidden_however_few() -> None:
    rows = [row("rooms", "primary", a, n) for a, n in (("all", 7), ("urban", 2), ("rural", 5))]
    assert protection.hide(rows, KNOWN, {"left", "pupils"}, THRESHOLD, set()) == (set(), [])


def test_overlapping_scopes_give_nothing_away() -> None:
    """A wider scope published beside its stages, one of them small."""
    rows = [
        row("b", s, "all", n)
        for s, n in (
            ("primary", 40),
            ("junior", 30),
            ("special", 5),
            ("primary;junior", 70),
            ("primary;junior;special", 75),
        )
    ]
    hidden, left = protection.hide(rows, KNOWN, {"left"}, THRESHOLD, {protection.cell_of(rows[2])})
    assert not left
    counts = {("left|", "2024-2025", r["stage"], "all"): r["numerator"] for r in rows}
    blank = {("left|", p, s, a) for _, p, s, a in hidden}
    sums = scope_sums(counts, counts)
    # The reader also knows that the widest scope is the narrower wide one and the rest.
    sums.append(
        Sum(
            ("left|", "2024-2025", "primary;junior;special", "all"),
            (("left|", "2024-2025", "primary;junior", "all"), ("left|", "2024-2025", "special", "all")),
        )
    )
    least, most = attack(counts, sums, blank, ("left|", "2024-2025", "special", "all"))
    assert most - least >= THRESHOLD, (least, most, blank)


def split(measure: str, few: dict[str, int]) -> list[dict[str, Any]]:
    """Boarders (`measure`), day pupils and pupils of four stages; boarders of the stages in `few` are so few."""
    rows = []
    for i, stage in enumerate(("preschool", "primary", "junior", "senior")):
        boarders = few.get(stage, 61 + 17 * i)
        for code, n in ((measure, boarders), ("day", 300 + 41 * i), ("both", boarders + 300 + 41 * i)):
            rows.append(row(code, stage, "all", n))
    return rows


def test_counts_that_make_up_another_do_not_tell_each_other() -> None:
    known = {c: {"kind": "total", "unit": "persons", "numerator_measure": c} for c in ("boarders", "day", "both")}
    rows = split("boarders", {"junior": 4})
    start = {protection.cell_of(r) for r in rows if r["numerator"] == 4}
    hidden, left = protection.hide(rows, known, set(known), THRESHOLD, start)
    assert not left and len(hidden) == 2
    counts = {(f"{r['indicator_code']}|", "2024-2025", r["stage"], "all"): float(r["numerator"]) for r in rows}
    blank = {(f"{c}|", p, s, a) for c, p, s, a in hidden}
    names = ("both|", "boarders|", "day|")
    here = [tuple((n, "2024-2025", s, "all") for n in names) for s in ("preschool", "primary", "junior", "senior")]
    sums = [Sum(whole, (a, b)) for whole, a, b in here]
    least, most = attack(counts, sums, blank, ("boarders|", "2024-2025", "junior", "all"))
    assert most - least >= THRESHOLD
    # Without the companion the same attacker has it exactly.
    alone = {("boarders|", "2024-2025", "junior", "all")}
    assert attack(counts, sums, alone, next(iter(alone))) == (4.0, 4.0)


def test_a_coincidence_in_one_scope_is_no_rule() -> None:
    rows = split("boarders", {})
    counts = {(r["indicator_code"], "y", r["stage"], "all"): float(r["numerator"]) for r in rows}
    assert len(measure_sums(counts)) == 4
    counts["both", "y", "senior", "all"] += 1
    assert measure_sums(counts) == []
    # Small numbers and scopes that follow from one another prove nothing, however many there are.
    few = {
        (n, str(y), "primary", a): float(v)
        for n, v in (("a", 1), ("b", 2), ("c", 3))
        for y in range(9)
        for a in ("all", "urban")
    }
    assert measure_sums(few) == []


# ---------------------------------------------------------------- money from outside the budget
LINES = (
    "create table pub_budget_line as select '990301' as region_code, '2024-2025' as school_year, l.*, 'A' as obs_status"
    " from (values {}) l(line_id, project_category, document_code, fund_source, fiscal_year, budget_version, fact_kind,"
    " is_leaf, amount_yuan)"
)


def money(seed: int) -> list[tuple[str, str, int]]:
    """(line, fund source, yuan) of one sum: a few gifts, one perhaps far larger than the others, and the budget's."""
    draw = random.Random(seed)  # noqa: S311
    gifts = [draw.randint(1_000, 9_000) * draw.choice([1, 1, 40]) for _ in range(draw.choice([1, 1, 2, 4]))]
    budget = [draw.randint(500, 400_000) for _ in range(draw.randint(0, 6))]
    return [(f"g{i}", "donation", a) for i, a in enumerate(gifts)] + [
        (f"b{i}", "county", a) for i, a in enumerate(budget)
    ]


@pytest.mark.parametrize("seed", range(40))
def test_the_second_giver_cannot_tell_the_largest_gift(seed: int) -> None:
    rows = money(seed)
    amounts = {i: Decimal(a) for i, (_, _, a) in enumerate(rows)}
    gifts = {i for i, (_, source, _) in enumerate(rows) if source == "donation"}
    added, shown = dominance.companions(amounts, gifts, 10.0)
    hidden = gifts | added
    if not shown:
        # Everything of the sum is hidden, and the sum with it: there is nothing to subtract from.
        assert hidden == set(amounts)
        return
    largest = max(gifts, key=lambda i: amounts[i])
    knows = max(gifts - {largest}, key=lambda i: amounts[i], default=None)
    counts: dict[Key, float] = {(str(i),): float(a) for i, a in amounts.items()}
    counts[("sum",)] = float(sum(amounts.values()))
    sums = [Sum(("sum",), tuple((str(i),) for i in amounts))]
    _, most = attack(counts, sums, {(str(i),) for i in hidden - {knows}}, (str(largest),))
    assert most >= 1.1 * float(amounts[largest]) - 1e-6


def test_no_gift_stands_in_an_edition_nor_follows_from_it(house: House) -> None:
    lines = [
        "('l1', '助学', null, 'donation', 2024, '年初预算', 'budget', true, 77123.00)",
        "('l2', '助学', null, 'county', 2024, '年初预算', 'budget', true, 9000.00)",
        "('l3', '助学', null, 'county', 2024, '年初预算', 'budget', true, 81000.00)",
        "('l4', '助学', null, 'county', 2024, '年初预算', 'budget', true, 99000.00)",
        "('l5', '奖教', null, 'donation', 2024, '年初预算', 'budget', true, 55321.00)",
        "('b1', '修缮', null, 'county', 2024, '年初预算', 'budget', true, 6000.00)",
    ]
    sums = (
        "create table pub_budget_summary as select '990301' as region_code, '2024-2025' as school_year, 2024 as"
        " fiscal_year, c as project_category, null::varchar as document_code, 'budget' as fact_kind, a as"
        " initial_budget_yuan, 'A' as obs_status from (values ('助学', 266123.00), ('奖教', 55321.00),"
        " ('修缮', 6000.00)) t(c, a)"
    )
    edition = house.publish(LINES.format(", ".join(lines)), sums)
    for path in edition.path.rglob("*"):
        if path.suffix in (".csv", ".html", ".json", ".xml"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"77,?123|55,?321|5\.53", text), path.name
    budget = {
        r["line_id"]: r for r in csv.DictReader((edition.path / "data" / "pub_budget_line.csv").open(encoding="utf-8"))
    }
    assert {i for i, r in budget.items() if r["obs_status"] == "c"} == {"l1", "l2", "l5", "b1"}
    told = csv.DictReader((edition.path / "data" / "pub_budget_summary.csv").open(encoding="utf-8"))
    # What is hidden beside the gift covers it: its sum is shown. The other sum is the gift itself; hidden alone it
    # would follow from the total of the year, so another sum is hidden with it.
    assert {r["project_category"]: r["initial_budget_yuan"] for r in told} == {
        "助学": "266123.00",
        "奖教": "",
        "修缮": "",
    }


# ---------------------------------------------------------------- whole editions
SMALL = (
    "alter table pub_indicator_definition add column numerator_measure varchar",
    """insert into pub_indicator_definition by name select * from (values
        ('990301', '2024-2025', 'left_count', '辍学人数', 'guarantee', 'persons', 'total', 0, 1, 'A', 'left'))
        t(region_code, school_year, indicator_code, name_zh, domain, unit, kind, precision_digits, definition_version,
          obs_status, numerator_measure)""",
    "create table person_unit as select 'persons' as unit",
    """create table dim_measure as select 'left' as measure_code, 'persons' as unit, 'pupils' as disclosure,
        'count' as value_type""",
    """create table int_published_value as select '990301' as region_code, y.school_year,
        'left_count' as indicator_code, 'county' as entity_type, y.school_year as period_id, c.stage,
        c.area as urban_rural, c.n as numerator,
        null::double as denominator, c.n as value, c.hidden as is_hidden
        from (values ('2023-2024'), ('2024-2025')) y(school_year), (values
            ('primary', 'all', 1061.0::double, false), ('primary', 'urban', 4.0, true),
            ('primary', 'rural', 1057.0, false)) c(stage, area, n, hidden)""",
    """insert into pub_indicator_value by name select region_code, school_year, indicator_code, entity_type,
        '990301' as entity_id, 'school_year' as period_type, period_id, stage, urban_rural,
        case when not is_hidden then numerator end as numerator, case when not is_hidden then value end as value,
        case when is_hidden then 'c' else 'A' end as obs_status from int_published_value""",
)


def test_what_is_hidden_is_in_no_file_of_the_edition(house: House) -> None:
    first = house.publish(*SMALL)
    for path in first.path.rglob("*"):
        if path.suffix in (".csv", ".html", ".json", ".xml", ".jsonld"):
            assert not re.search(r"\b1,?057\b", path.read_text(encoding="utf-8")), path.name
    book = openpyxl.load_workbook(first.path / "tables.xlsx")
    assert not [c for s in book for line in s.iter_rows(values_only=True) for c in line if c in (1057, 1057.0)]
    values = (first.path / "data" / "pub_indicator_value.csv").read_text(encoding="utf-8")
    shown = [line for line in values.split("\n") if "left_count" in line]
    assert sum('"c"' in line or ",c" in line for line in shown) == 2
    assert sum("1061" in line for line in shown) == 1


def test_a_later_version_does_not_show_what_an_earlier_one_hid(house: House) -> None:
    house.publish(*SMALL)
    # In the later build nothing is small any more for the model: shown, the old total would tell the old count.
    later = house.publish(
        *SMALL[:-1],
        "update int_published_value set is_hidden = false, numerator = numerator + 20, value = value + 20",
        SMALL[-1],
    )
    values = (later.path / "data" / "pub_indicator_value.csv").read_text(encoding="utf-8")
    shown = [line for line in values.split("\n") if "left_count" in line]
    assert sum(",c" in line or '"c"' in line for line in shown) >= 2
    assert not [line for line in shown if "1077" in line]
