"""What moved: the region's own figures of this year against the year before, and the years in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from publication import charts, dictionary, facts, figures
from publication.language import joined, say

Row = dict[str, Any]
_SHOWN = 6
_TREND_ROWS = 60
_KEY = ("indicator_code", "stage", "urban_rural")


def _series(rows: Sequence[Row]) -> dict[tuple[str, ...], dict[str, Row]]:
    """(indicator, stage, area) -> school year -> row with a value, whole areas only."""
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for r in rows:
        if r.get("value") is not None and r.get("urban_rural") in ("all", "_all"):
            found.setdefault(tuple(str(r[k]) for k in _KEY), {})[str(r["value_year"])] = r
    return found


def moved(rows: Sequence[Row], known: dict[str, Row], wanted: set[tuple[str, str]], year: str) -> dict[str, Any]:
    """The largest movements against the latest earlier year, those for the better and those for the worse.

    Of the indicators with a target (`wanted`: indicator, stage) those whose direction says what better is, in one
    wording of their definition. A share moves by points, anything else in proportion; a change of a change says too
    little.
    """
    better: list[Row] = []
    worse: list[Row] = []
    compared, before = 0, ""
    for (code, stage, _), by_year in sorted(_series(rows).items()):
        definition = known.get(code, {})
        earlier = [y for y in by_year if y < year]
        if (code, stage) not in wanted or year not in by_year or not earlier:
            continue
        if definition.get("unit") == "boolean" or definition.get("kind") == "change":
            continue
        now, then = by_year[year], by_year[max(earlier)]
        if now["definition_version"] != then["definition_version"] or now["period_id"] == then["period_id"]:
            continue
        direction = {"higher": 1, "up": 1, "lower": -1, "down": -1}.get(str(definition.get("direction")), 0)
        difference = figures.decimal(now["value"]) - figures.decimal(then["value"])  # type: ignore[operator]
        if not direction:
            continue
        compared += 1
        before = max(before, max(earlier))
        places, unit = facts.places(definition), str(definition.get("unit") or "")
        whole = 100.0 if unit == "%" else max(abs(float(then["value"])), abs(float(now["value"])))
        size = abs(float(difference)) / whole if whole else 0.0
        if size < 0.005:
            continue
        entry = {
            "code": code,
            "name": facts.indicator_name(code, known),
            "scope": figures.scope(now),
            "then": figures.value(then["value"], unit, places),
            "now": figures.value(now["value"], unit, places),
            "difference": figures.signed(difference, places),
            "size": size,
        }
        (better if (difference > 0) == (direction > 0) else worse).append(entry)
    for found in (better, worse):
        found.sort(key=lambda e: (-e["size"], e["code"], e["scope"]))
    return {
        "previous": before,
        "compared": compared,
        "better_count": len(better),
        "worse_count": len(worse),
        "better": _first(better),
        "worse": _first(worse),
    }


def _first(found: list[Row]) -> list[Row]:
    """The first rows, each indicator once."""
    return list({e["code"]: e for e in reversed(found)}.values())[::-1][:_SHOWN]


def trends(rows: Sequence[Row], known: dict[str, Row], wanted: set[tuple[str, str]], year: str) -> dict[str, Any]:
    """Years across, indicators with a target down: `wanted` are (indicator, stage) of the targets."""
    years = sorted({str(r["value_year"]) for r in rows if str(r["value_year"]) <= year})[-5:]
    order = dictionary.order("domain")
    found = []
    for (code, stage, area), by_year in _series(rows).items():
        definition = known.get(code, {})
        values = [by_year.get(y) for y in years]
        # Coefficients have drawings of their own.
        if (code, stage) not in wanted or definition.get("kind") == "dispersion":
            continue
        if sum(v is not None for v in values) < 2:
            continue
        places, unit = facts.places(definition), str(definition.get("unit") or "")
        domain = str(definition.get("domain") or "")
        found.append(
            {
                "name": facts.indicator_name(code, known),
                "scope": figures.scope({"stage": stage, "urban_rural": area}),
                "unit": dictionary.word("unit", unit),
                "values": [figures.number(v["value"], places) if v else figures.NONE for v in values],
                "line": charts.spark([float(v["value"]) if v else None for v in values]),
                "place": (
                    order.index(domain) if domain in order else len(order),
                    code,
                    facts.rank_of_stage(stage),
                    stage,
                ),
            }
        )
    found.sort(key=lambda r: r["place"])
    for before, row in zip([None, *found], found, strict=False):
        row["is_first"] = before is None or before["place"][:2] != row["place"][:2]
    return {"years": years, "rows": found[:_TREND_ROWS], "left_out": max(len(found) - _TREND_ROWS, 0)}


def coefficients(rows: Sequence[Row], limits: dict[tuple[str, str], Any], year: str) -> list[dict[str, Any]]:
    """Per stage a chart of the coefficients over the years.

    `limits`: (stage, item stem) -> limit; where any item of a stage has one, only those are drawn, with the limit.
    """
    years = sorted({str(r["value_year"]) for r in rows if str(r["value_year"]) <= year})
    stages: dict[str, dict[str, dict[str, float]]] = {}
    for r in rows:
        stem = facts.item_stem(str(r["item_code"]))
        judged = {s for g, s in limits if g == str(r["stage"])}
        if r.get("cv_value") is not None and (stem in judged or not judged):
            stages.setdefault(str(r["stage"]), {}).setdefault(stem, {})[str(r["value_year"])] = float(r["cv_value"])
    result = []
    order, items = dictionary.order("stage"), dictionary.order("resource_item")
    for stage in sorted(stages, key=lambda s: order.index(s) if s in order else len(order)):
        series = []
        for stem in sorted(stages[stage], key=lambda i: items.index(i) if i in items else len(items)):
            points = [(y, v) for y in years if (v := stages[stage][stem].get(y)) is not None]
            if len(points) > 1:
                series.append((dictionary.word("resource_item", stem), points))
        if not series:
            continue
        limit = max((v for (g, _), v in limits.items() if g == stage), default=None)
        said = joined([f"{n} " + " → ".join(figures.number(v, 3) for _, v in p) for n, p in series], "clause")
        caption = say(
            "{stage}各项差异系数，{first} 至 {last}：{said}。",
            stage=dictionary.word("stage", stage),
            first=years[0],
            last=years[-1],
            said=said,
        )
        if limit is not None:
            caption += say("虚线为上限 {limit}。", limit=figures.number(limit))
        drawn = charts.slopes(series, years, caption, None if limit is None else float(limit))
        result.append({"name": dictionary.word("stage", stage), "chart": drawn})
    return result
