"""Metrics of the semantic layer, made from the rows that define measures and indicators: nobody defines them twice.

    python -m warehouse.semantic --check       are the files of `semantic/` what the seeds say?
    python -m warehouse.semantic --write

Every measure that adds up is a metric of its own code, and so is every indicator that is a ratio or a total of such
measures. A metric is unknown where a part of it is. What no metric can say stands in `semantic/left_out.csv` with the
reason.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from warehouse.settings import PROJECT_ROOT
from warehouse.terms import read_seed, term_code, to_csv

LAYER = PROJECT_ROOT / "semantic"
METRICS = LAYER / "models" / "metrics"
WANTED = LAYER / "seeds" / "figure_wanted.csv"
LEFT_OUT = LAYER / "left_out.csv"
_MADE = "# Made by `python -m warehouse.semantic --write`. Do not edit.\n"
Row = Mapping[str, str]

# Forms of indicators that a metric cannot say, and why. Every form is here or is a ratio or a total.
REASONS = {
    "all_met": "a judgment: whether all of its members are met",
    "attested": "a statement that somebody signs, not a figure of rows",
    "below_parallel_share": "compares each class with the mean of its parallel classes",
    "condition_flag": "a judgment: whether a condition holds",
    "condition_number": "counts things that meet a condition on figures of their own",
    "condition_share": "a share of things that each meet a condition on figures of their own",
    "count_and_floor": "counts things and tests the least of them",
    "count_met": "counts the members that are met",
    "cv_weighted": "a coefficient of variation between schools",
    "cycle_sum": "a sum over the years of a cycle of its own, which starts when the plan says",
    "decline_streak": "a number of years in a row",
    "difference": "changes from a base year that the plan names",
    "entity_indicator": "an indicator of one named thing",
    "extreme": "the greatest or least of things, not a sum of them",
    "gap": "a distance between groups of schools",
    "icc_oneway": "a share of variance between schools",
    "mean": "a mean of other indicators",
    "met_share": "a share of schools that meet other indicators",
    "peer_gap": "a distance to other counties of the city",
    "rank_county": "a place in an order",
    "rank_school": "a place in an order",
    "relative": "a change in relation to a base year that the plan names",
    "school_bottom_streak": "a number of years in a row at the end of an order",
    "teacher_bottom": "a place of persons in an order",
    "teacher_bottom_streak": "a place of persons in an order",
    "term_change": "a change from one term to the next",
}
NO_SUM = "its figures do not add up (a rate, a rank or a limit that somebody set)"
RESTRICTED = "is about persons and stays in the restricted zone"


@dataclass(frozen=True)
class Part:
    """A figure in a formula: the term, the clock it is taken on, the scope of stages, years it lies back, and whether
    figures of several exams add up.
    """

    term_code: str
    period_type: str
    scope: str
    years_back: int = 0
    pools_exams: bool = True


@dataclass(frozen=True)
class Metric:
    """What a metric is: names, formula parts, and the factor it is multiplied with."""

    name: str
    label: str
    description: str
    numerator: Part
    denominator: Part | None = None
    scale: str = "1"
    meta: tuple[tuple[str, str], ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)


@dataclass(frozen=True)
class Layer:
    """Metrics by the file they stand in, and what is left out: (kind, code, name, reason)."""

    metrics: Mapping[str, tuple[Metric, ...]]
    left_out: tuple[tuple[str, str, str, str], ...]

    @property
    def all_metrics(self) -> list[Metric]:
        return [m for of_file in self.metrics.values() for m in of_file]


def read_layer() -> Layer:
    """The layer as the seeds define it."""
    terms = {t["term_code"]: t for t in read_seed("term")}
    clocks = _event_clocks(terms.values())
    left: list[tuple[str, str, str, str]] = []
    measures: list[Metric] = []
    for row in read_seed("measures") + read_seed("measure_supplement"):
        code = row["measure_code"]
        if reason := _why_no_sum(terms.get(code)):
            left.append(("measure", code, row["name_zh"], reason))
        else:
            clock = clocks[code] if row["clock"] == "event_date" else row["clock"]
            measures.append(_of_measure(row, _part(terms[code], clock, "all")))
    forms = {f["indicator_code"]: f["form"] for f in read_seed("indicator_form")}
    bridges = {(b["bridge"], b["operand"]): b for b in read_seed("clock_bridge")}
    indicators: dict[str, list[Metric]] = {}
    for row in read_seed("indicator_catalogue") + read_seed("indicator_supplement"):
        found = _of_indicator(row, forms[row["indicator_code"]], terms, bridges)
        if isinstance(found, str):
            left.append(("indicator", row["indicator_code"], row["name_zh"], found))
        else:
            indicators.setdefault(row["domain"], []).append(found)
    named = {m.label for found in indicators.values() for m in found}
    # Two metrics of one label could not be told apart in a list.
    measures = [replace(m, label=f"{m.label}(度量)") if m.label in named else m for m in measures]
    files = {"measures": tuple(measures)} | {domain: tuple(found) for domain, found in sorted(indicators.items())}
    return Layer(files, tuple(left))


def _event_clocks(terms: Iterable[Row]) -> dict[str, str]:
    """The clock that events of a measure are counted by: school years, unless indicators ask for another one only."""
    asked: dict[str, list[str]] = {}
    for term in terms:
        asked.setdefault(term["measure_code"], []).extend(filter(None, term["period_types"].split(";")))
    return {m: "school_year" if not found or "school_year" in found else found[0] for m, found in asked.items()}


def _why_no_sum(term: Row | None) -> str:
    if term is None or not term["source_fact"]:
        return "no source of this build gives it"
    return NO_SUM if term["rollup"] in ("", "none") else ""


def _part(term: Row, clock: str, scope: str, years_back: int = 0) -> Part:
    return Part(term["term_code"], clock, scope, years_back, term["pools_exams"] == "yes")


def _of_measure(row: Row, part: Part) -> Metric:
    return Metric(
        row["measure_code"],
        row["name_zh"],
        _told(
            f"{row['name_en']}.", row["derivation"] and f"{row['derivation']}.", f"Unit: {row['unit']}.", row["note"]
        ),
        part,
        meta=(("kind", "measure"), ("unit", row["unit"])),
    )


def _of_indicator(
    row: Row, form: str, terms: Mapping[str, Row], bridges: Mapping[tuple[str, str], Row]
) -> Metric | str:
    """The indicator's metric, or the reason why it has none."""
    if form not in ("ratio", "total"):
        return REASONS[form]
    if row["zone"] == "restricted":
        return RESTRICTED
    parts: list[Part] = []
    for operand in ("numerator", "denominator"):
        measure = row[f"{operand}_measure"]
        if not measure:
            continue
        bridge = bridges.get((row["bridge"], operand), {})
        clock = bridge.get("period_type") or row["clock"]
        code = term_code(measure, row[f"{operand}_filter"])
        if reason := _why_no_sum(terms.get(code)):
            return f"{measure}: {reason}"
        parts.append(_part(terms[code], clock, row["stage"], -int(bridge.get("year_offset") or 0)))
    return Metric(
        row["indicator_code"],
        row["name_zh"],
        _told(f"{row['name_en']}.", f"{row['formula']}.", f"Unit: {row['unit']}. Scope: {row['stage']}.", row["note"]),
        parts[0],
        parts[1] if len(parts) > 1 else None,
        row["scale"] or "1",
        (("kind", "indicator"), ("unit", row["unit"]), ("direction", row["direction"]),
         ("definition_version", row["definition_version"])),
    )  # fmt: skip


def _told(*sentences: str) -> str:
    # dbt reads descriptions as templates.
    text = " ".join(s.strip() for s in sentences if s.strip())
    return text.replace("{{", "{ {").replace("{%", "{ %").replace("{#", "{ #")


def compile_all() -> dict[Path, str]:
    """Every made file and its text, from the seeds as they stand."""
    layer = read_layer()
    files = {METRICS / f"{name}.yml": _yaml(found) for name, found in layer.metrics.items()}
    wanted = sorted({(p.term_code, p.period_type, p.scope) for m in layer.all_metrics for p in m.parts})
    files[WANTED] = to_csv(("term_code", "period_type", "scope"), wanted)
    files[LEFT_OUT] = to_csv(("kind", "code", "name_zh", "reason"), layer.left_out)
    return files


def _yaml(metrics: Iterable[Metric]) -> str:
    told = {"version": 2, "metrics": [_metric(m) for m in metrics]}
    return _MADE + yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=120)


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "label": metric.label,
        "description": metric.description,
        "type": "derived",
        "type_params": {"expr": _expression(metric), "metrics": list(_inputs(metric))},
        "config": {"meta": dict(metric.meta)},
    }


def _expression(metric: Metric) -> str:
    """As the warehouse computes it: scaled before it is divided, nothing where a part lacks or nothing is below.

    Scores of several subjects are never added: such a figure is there by exam, grade and subject only.
    """
    needs = [f"{alias}_lacking = 0" for alias, _ in _aliased(metric)]
    needs += [f"{alias}_exams = 1" for alias, part in _aliased(metric) if not part.pools_exams]
    if metric.denominator is None:
        value = "above" if float(metric.scale) == 1 else f"above * {metric.scale}"
    else:
        needs.append("below > 0")
        value = f"cast(above as double precision) * {metric.scale} / cast(below as double precision)"
    return f"case when {' and '.join(needs)} then {value} end"


def _aliased(metric: Metric) -> list[tuple[str, Part]]:
    return list(zip(("above", "below"), metric.parts, strict=False))


def _inputs(metric: Metric) -> Iterator[dict[str, str]]:
    for alias, part in _aliased(metric):
        chosen = " and ".join(
            f"{{{{ Dimension('figure__{column}') }}}} = '{value}'"
            for column, value in (
                ("term_code", part.term_code),
                ("period_type", part.period_type),
                ("scope", part.scope),
            )
        )
        back = {"offset_window": f"{part.years_back} year"} if part.years_back else {}
        yield {"name": "figure_total", "alias": alias, "filter": chosen} | back
        yield {"name": "figure_lacking", "alias": f"{alias}_lacking", "filter": chosen} | back
        if not part.pools_exams:
            yield {"name": "figure_exams", "alias": f"{alias}_exams", "filter": chosen} | back


def main(arguments: Sequence[str]) -> int:
    """`--write` writes the made files, `--check` (the default) lists those that differ and returns 1."""
    files = compile_all()
    stale = [p for p, text in files.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    gone = [p for p in METRICS.glob("*.yml") if p not in files]
    if "--write" in arguments:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8", newline="\n")
        for path in gone:
            path.unlink()
    for path in (*stale, *gone):
        print(("written: " if "--write" in arguments else "not current: ") + str(path.relative_to(PROJECT_ROOT)))
    return 0 if "--write" in arguments else int(bool(stale or gone))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
