"""The table of legs in docs/assessment.md, made from the seeds: `python -m warehouse.balance_page --write`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable

from warehouse.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "assessment.md"
BEGIN, END = "<!-- legs: begin -->", "<!-- legs: end -->"
_SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
_SIGNS = {"at_least": "≥", "at_most": "≤", "below": "<"}
_WHAT = {
    "county": "the county",
    "school": "each school",
    "section": "each section",
    "data": "each section",
    "monitoring": "each subject of the report",
}


def render_legs() -> str:
    """A Markdown table, one row a leg: what is judged, on which indicator, against which limit, and where it stands."""
    limits: dict[tuple[str, str], tuple[str, str]] = {}
    for r in _rows("plans/policy_targets.csv"):
        if r["document_code"] == "national" and r["judge"] in ("at_least", "at_most", "all_entities"):
            for stage in r["stage"].split(";"):
                limits[r["indicator_code"], stage] = _plain(r["value_num"]), r["target_id"]
    for r in _rows("plans/national_standard.csv"):
        limits[r["indicator_code"], r["stage"]] = _plain(r["standard_value"]), "standard"
    lines = ["| leg | asks | indicator | judged on | limit | limit stands in |", "|---|---|---|---|---|---|"]
    for leg in _rows("balance/balance_leg.csv"):
        stages = ["_all"] if leg["stage_scope"] == "all" else leg["stage_scope"].split(";")
        found = [limits[leg["indicator_code"], s] for s in stages if (leg["indicator_code"], s) in limits]
        numbers = list(dict.fromkeys(n for n, _ in found))
        sign = _SIGNS[leg["comparison"]]
        limit = f"{sign} {' / '.join(numbers)}" if numbers else "none in the text"
        sources = ", ".join(dict.fromkeys("`national_standard`" if s == "standard" else s for _, s in found)) or "—"
        what = _WHAT[leg["level"]] + (", by stage" if leg["is_by_stage"] == "yes" else "")
        what += f" ({leg['ownership']})" if leg["ownership"] else ""
        name = f"{leg['name_en']} {leg['name_zh']}"
        cells = (leg["leg_id"], name, f"`{leg['indicator_code']}`", what, limit, sources)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def refresh(text: str) -> str:
    """The page with its table made anew."""
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{render_legs()}{END}{rest.split(END, 1)[1]}"


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (_SEEDS / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _plain(number: str) -> str:
    return f"{float(number):g}"


def main() -> int:
    text = PAGE.read_text(encoding="utf-8")
    fresh = refresh(text)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(fresh, encoding="utf-8")
        return 0
    return int(text != fresh)


if __name__ == "__main__":
    sys.exit(main())
