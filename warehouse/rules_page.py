"""The table of the monitoring rules in `docs/rules.md`, made from the seeds.

`python -m warehouse.rules_page --write` puts it between the two marks of the page; without `--write` it says whether
the page is current.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from warehouse.rules import RuleSeeds, faults
from warehouse.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "rules.md"
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
_SYMBOLS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "<>": "≠"}
_ENTITIES = {
    "county": "region", "school": "school", "section": "section", "class": "class", "teacher": "teacher",
    "fund": "fund", "project": "project", "check": "printed sum",
}  # fmt: skip
_SOURCES = {
    "indicator": "indicator", "relative": "indicator", "class": "classes of", "judged": "schools of",
    "attestation": "attestation", "rule": "rule", "classes": "fact", "exam": "fact", "money": "fact",
    "people": "fact", "process": "fact", "register": "fact", "teaching": "fact",
}  # fmt: skip
Row = Mapping[str, str]


def threshold_text(seeds: RuleSeeds, leg: Row) -> str:
    """The number a leg is compared with, and where it stands."""
    kind, reference = leg["threshold_kind"], leg["threshold"]
    if kind == "target":
        return f"{_plain(seeds.targets[reference]['value_num'])} ({reference})"
    if kind in ("parameter", "plan_parameter"):
        return f"`{reference}`"
    return _plain(reference)


def example(seeds: RuleSeeds, leg: Row) -> str:
    """What a figure on the threshold and one beside it come to."""
    kind, reference = leg["threshold_kind"], leg["threshold"]
    if kind in ("parameter", "plan_parameter"):
        return "the parameter itself: " + ("hit" if leg["operator"] in ("<=", ">=") else "clear")
    number = float(seeds.targets[reference]["value_num"] if kind == "target" else reference)
    step = 1 if number == int(number) and abs(number) not in (85, 95, 100) else 0.1
    step = 0.01 if 0 < abs(number) < 1 else step
    beside = number - step if leg["operator"] in ("<", ">=") else number + step
    on_it, next_to_it = ("hit", "clear") if leg["operator"] in ("<=", ">=") else ("clear", "hit")
    return f"{_plain(str(number))} {on_it}, {_plain(str(round(beside, 4)))} {next_to_it}"


def _plain(text: str) -> str:
    value = float(text)
    return f"{value:g}" if abs(value) < 1e6 else str(int(value))


def leg_text(seeds: RuleSeeds, leg: Row) -> str:
    """A comparison in a few words."""
    where = [
        leg[c] for c in ("stage", "urban_rural", "grade", "subject", "group_code") if leg[c] not in ("", "*", "all")
    ]
    years = "-".join(sorted({leg["from_year"], leg["to_year"]} - {""}))
    before = "the year before" if leg["year_offset"] == "-1" else ""
    said = [w for w in (*where, years, before) if w]
    scope = f" ({', '.join(said)})" if said else ""
    sign = " signed" if leg["is_declared"] == "yes" else ""
    source = f"{_SOURCES[leg['source']]} `{leg['figure_code']}`"
    return f"{source}{scope} {_SYMBOLS[leg['operator']]} {threshold_text(seeds, leg)}{sign}"


def table(seeds: RuleSeeds) -> list[str]:
    """One line a rule."""
    legs: dict[str, list[Row]] = {}
    for leg in seeds.legs:
        legs.setdefault(leg["rule_id"], []).append(leg)
    lines = [
        "| rule | what it is about | asked of | hits when | zone | example | remark |",
        "|---|---|---|---|---|---|---|",
    ]
    for rule, row in seeds.rules.items():
        form, of = seeds.forms[rule], legs[rule]
        entity = "; ".join(_ENTITIES[e] for e in form["entity_type"].split(";"))
        scope = f" x {form['scope_by'].replace(';', ' x ')}" if form["scope_by"] else ""
        word = " **and** " if form["combine"] == "all" else " **or** "
        texts = list(dict.fromkeys(leg_text(seeds, leg) for leg in of))
        cells = [
            rule, row["name_zh"], entity + scope, word.join(texts), form["zone"], example(seeds, of[0]), form["remark"],
        ]  # fmt: skip
        lines.append("| " + " | ".join(c.replace("|", "/") for c in cells) + " |")
    return lines


def page(text: str, seeds: RuleSeeds) -> str:
    """The page with its table made anew."""
    head, rest = text.split(BEGIN)
    return head + BEGIN + "\n" + "\n".join(table(seeds)) + "\n" + END + rest.split(END)[1]


def main(arguments: Sequence[str]) -> int:
    seeds = RuleSeeds.read()
    if found := faults(seeds):
        print("\n".join(found))
        return 1
    before = PAGE.read_text(encoding="utf-8")
    after = page(before, seeds)
    if "--write" in arguments:
        PAGE.write_text(after, encoding="utf-8", newline="\n")
    elif before != after:
        print("not current: docs/rules.md")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
