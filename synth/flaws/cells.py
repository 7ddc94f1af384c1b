"""Flaws of single cells, as the rows of one list: what is written into which column of which file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from synth.flaws.bench import Bench, Spot
from synth.flaws.registry import Flaw, register


def _wrong_check_digit(value: object) -> object:
    """The number with another, wrong last character."""
    text = str(value)
    return text[:-1] + ("1" if text[-1] != "1" else "2")


def _old_card(value: object) -> object:
    """The fifteen-digit form of a card number."""
    text = str(value).removeprefix("G")
    return text[:6] + text[8:17]


# How a cell is spoiled: words in the list beginning with `=` name one of these, all others are written as they stand.
SPOILED: dict[str, Callable[[object], object]] = {
    "=blank": lambda _: "",
    "=scientific": lambda value: f"{float(str(value).removeprefix('G')[:17]):.2E}",
    "=check_digit": _wrong_check_digit,
    "=old_card": _old_card,
    "=lower_case": lambda value: str(value).lower(),
    "=full_width": lambda value: "".join(chr(ord(c) + 0xFEE0) if "0" <= c <= "9" else c for c in str(value)),
    "=spaced": lambda value: f" {value} ",
    "=narrow_space": lambda value: f"{str(value)[:2]}\u00a0{str(value)[2:]}",
    "=zero_width": lambda value: f"{value}\u200b",
    "=apostrophe": lambda value: f"'{value}",
    "=points": lambda value: f"{value}分",
    "=chinese_date": lambda value: "{}年{}月{}日".format(*(int(x) for x in str(value).split("-"))),
    "=slashed_date": lambda value: str(value).replace("-", "/"),
    "=dotted_date": lambda value: str(value).replace("-", "."),
    "=negative": lambda value: -abs(float(str(value) or 1)),
    "=decimal": lambda value: f"{value}.5",
}


def _plant(flaw_id: str, file: str, column: str, value: str, where: str) -> Callable[[Bench], Spot]:
    spoil = SPOILED.get(value, lambda _: value)

    def fits(cells: dict[str, object]) -> bool:
        if cells[column] in ("", None):
            return False
        if not where:
            return True
        name, wanted = where.split("=")
        return str(cells[name]).startswith(wanted)

    def plant(bench: Bench) -> Spot:
        table = bench.table(file)
        row = bench.pick(table, flaw_id, fits)
        return table.put(row, column, spoil(table.cell(row, column)))

    return plant


def _load() -> None:
    """Reads the list (`cells.csv`): flaw_id, what, outcome, check, rule, file, column, value, where (column=prefix)."""
    with (Path(__file__).parent / "cells.csv").open(encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            plant = _plant(r["flaw_id"], r["file"], r["column"], r["value"], r["where"])
            register(Flaw(r["flaw_id"], r["what"], r["outcome"], r["check"], r["rule"], plant))


_load()
