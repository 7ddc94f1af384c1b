"""The machine forms of the monitoring rules, held against the plans: what is wrong with them, in one list.

`python -m warehouse.rules` prints the faults of the seeds `rule_form` and `rule_leg` and returns 1 where there is one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from warehouse.terms import read_seed

Row = Mapping[str, str]

OPERATORS = ("<", "<=", ">", ">=", "<>")
# Which operators say that a target is missed.
MISSES = {
    "at_least": ("<", "<>"),
    "all_entities": ("<",),
    "exact": ("<", ">", "<>"),
    "at_most": (">", ">="),
    "change_positive": ("<=",),
    "change_non_negative": ("<",),
    "change_negative": (">=",),
    # The upper bound of a habit: the share from which on a teacher is looked at.
    "informative": (">=",),
}
ENTITIES = ("county", "school", "section", "class", "teacher", "fund", "project", "check")
PERSONS = ("teacher",)
SCOPES = ("stage", "urban_rural", "grade", "subject", "group")
POPULATIONS = ("region", "section", "school", "teacher", "examined", "figures")
OF_INDICATORS = ("indicator", "relative", "class", "judged")
FIGURES: Mapping[str, tuple[str, ...]] = {
    "classes": ("class_spread",),
    "exam": (
        "school_standard_change",
        "exams_of_term",
        "county_exams_of_term",
        "focus_standard_score",
        "planned_test_held",
        "national_level",
        "national_difference_rate",
    ),
    "money": (
        "diversion_finding_count",
        "longest_disbursement_days",
        "project_paid_share",
        "parent_less_parts",
        "document_difference",
    ),
    "people": ("dropouts_of_month",),
    "process": ("overdue_milestones", "evaluation_records", "published_ranks"),
    "register": ("proven_cases", "inspection_coverage"),
    "teaching": ("bottom_metrics", "leader_class_gap", "leader_review_passed", "schools_outside_band"),
}


@dataclass(frozen=True)
class RuleSeeds:
    """The rows a check needs, by their keys."""

    rules: Mapping[str, Row]
    forms: Mapping[str, Row]
    legs: Sequence[Row]
    indicators: Mapping[str, Row]
    targets: Mapping[str, Row]
    parameters: frozenset[str]
    plan_parameters: frozenset[str]
    stages: frozenset[str]
    duplicates: list[str] = field(default_factory=list)

    @classmethod
    def read(cls) -> RuleSeeds:
        def keyed(name: str, key: str) -> dict[str, Row]:
            return {r[key]: r for r in read_seed(name)}

        forms, legs = read_seed("rule_form"), read_seed("rule_leg")
        keys = [f["rule_id"] for f in forms] + [f"{leg['rule_id']}/{leg['leg_no']}" for leg in legs]
        return cls(
            keyed("monitoring_rules", "rule_id"),
            {f["rule_id"]: f for f in forms},
            legs,
            keyed("indicator_catalogue", "indicator_code") | keyed("indicator_supplement", "indicator_code"),
            keyed("policy_targets", "target_id"),
            frozenset(_core_parameters()),
            frozenset(r["parameter"] for r in read_seed("plan_parameter")),
            frozenset(r["stage_scope"] for r in read_seed("stage_scope")),
            sorted(k for k, n in Counter(keys).items() if n > 1),
        )


def _core_parameters() -> Iterable[str]:
    import csv

    from warehouse.terms import SEEDS

    with (SEEDS.parent / "core" / "parameter.csv").open(encoding="utf-8", newline="") as handle:
        return [r["parameter_code"] for r in csv.DictReader(handle)]


def faults(seeds: RuleSeeds) -> list[str]:
    """What is wrong, one line a fault; an empty list where the forms say what the rules say."""
    found = [f"{key}: twice" for key in seeds.duplicates]
    asked = {leg["rule_id"] for leg in seeds.legs}
    for rule in seeds.rules:
        found += [f"{rule}: no form"] * (rule not in seeds.forms) + [f"{rule}: no leg"] * (rule not in asked)
    found += [f"{rule}: not a rule" for rule in sorted((set(seeds.forms) | asked) - set(seeds.rules))]
    for rule, form in seeds.forms.items():
        found += [f"{rule}: {fault}" for fault in _form_faults(form)]
        if rule in seeds.rules:
            found += [f"{rule}: {fault}" for fault in _zone_faults(seeds, rule, form)]
            if (seeds.rules[rule]["rule_type"] == "accountability") != bool(form["reviewer"]):
                found.append(f"{rule}: a rule of accountability has a reviewer, and no other")
    for leg in seeds.legs:
        where = f"{leg['rule_id']}/{leg['leg_no']}"
        found += [f"{where}: {fault}" for fault in _leg_faults(seeds, leg)]
    return found


def _form_faults(form: Row) -> Iterable[str]:
    if not set(form["entity_type"].split(";")) <= set(ENTITIES):
        yield f"unknown entity {form['entity_type']}"
    if not set(filter(None, form["scope_by"].split(";"))) <= set(SCOPES):
        yield f"unknown scope {form['scope_by']}"
    if form["combine"] not in ("any", "all"):
        yield f"legs are combined by any or all, not {form['combine']}"
    if form["population"] not in POPULATIONS:
        yield f"unknown population {form['population']}"
    if form["population"] in ("section", "school") and not form["population_stage"]:
        yield "a listed population wants its stages"


def _zone_faults(seeds: RuleSeeds, rule: str, form: Row) -> Iterable[str]:
    """Accountability, persons and what rests on a restricted indicator stay in the restricted zone."""
    codes = set(filter(None, seeds.rules[rule]["indicator_codes"].split(";")))
    codes |= {leg["figure_code"] for leg in seeds.legs if leg["rule_id"] == rule}
    is_restricted = (
        seeds.rules[rule]["is_published"] == "no"
        or seeds.rules[rule]["rule_type"] == "accountability"
        or bool(set(form["entity_type"].split(";")) & set(PERSONS))
        or any(seeds.indicators[c]["zone"] == "restricted" for c in codes if c in seeds.indicators)
    )
    wanted = "restricted" if is_restricted else "internal"
    if form["zone"] != wanted:
        yield f"the zone must be {wanted}, not {form['zone']}"


def _leg_faults(seeds: RuleSeeds, leg: Row) -> Iterable[str]:
    if leg["operator"] not in OPERATORS:
        yield f"unknown operator {leg['operator']}"
    yield from _source_faults(seeds, leg)
    yield from _threshold_faults(seeds, leg)
    if leg["stage"] not in ("", "*") and leg["stage"] not in seeds.stages:
        yield f"unknown stages {leg['stage']}"
    if leg["absent"] == "zero" and not leg["covered_by"]:
        yield "nought for what is absent wants the source that would have told"
    if leg["from_year"] and leg["to_year"] and leg["from_year"] > leg["to_year"]:
        yield "ends before it begins"


def _source_faults(seeds: RuleSeeds, leg: Row) -> Iterable[str]:
    source, code = leg["source"], leg["figure_code"]
    if source in OF_INDICATORS:
        if code not in seeds.indicators:
            yield f"unknown indicator {code}"
        elif seeds.indicators[code]["clock"] != leg["clock"]:
            yield f"{code} is on the clock {seeds.indicators[code]['clock']}, not {leg['clock']}"
        elif leg["rule_id"] in seeds.rules and not _belongs(seeds, leg["rule_id"], code):
            yield f"{code} is no indicator of the rule"
    elif source == "rule":
        if code not in seeds.rules or code == leg["rule_id"]:
            yield f"unknown rule {code}"
        elif any(o["source"] == "rule" for o in seeds.legs if o["rule_id"] == code):
            yield f"{code} asks rules itself"
    elif source == "attestation":
        # Evidence is registered under the code of an indicator of the rule.
        if leg["rule_id"] in seeds.rules and code not in seeds.rules[leg["rule_id"]]["indicator_codes"].split(";"):
            yield f"{code} is no indicator of the rule"
    elif code not in FIGURES.get(source, ()):
        yield f"unknown figure {source}.{code}"


def _belongs(seeds: RuleSeeds, rule: str, code: str) -> bool:
    """Whether the rule names the indicator, the one it is made from, or one that is made from it."""
    named = set(seeds.rules[rule]["indicator_codes"].split(";"))
    bases = {seeds.indicators[c]["base_indicator"] for c in named if c in seeds.indicators}
    return code in named | bases or seeds.indicators[code]["base_indicator"] in named


def _threshold_faults(seeds: RuleSeeds, leg: Row) -> Iterable[str]:
    kind, reference = leg["threshold_kind"], leg["threshold"]
    if kind == "number":
        try:
            float(reference)
        except ValueError:
            yield f"{reference!r} is no number"
    elif kind in ("parameter", "plan_parameter"):
        if reference not in (seeds.parameters if kind == "parameter" else seeds.plan_parameters):
            yield f"unknown parameter {reference}"
    elif kind == "target":
        target = seeds.targets.get(reference)
        if target is None:
            yield f"unknown target {reference}"
            return
        if leg["rule_id"] in seeds.rules and target["document_code"] != seeds.rules[leg["rule_id"]]["document_code"]:
            yield f"{reference} is of another document"
        if leg["source"] in OF_INDICATORS and target["indicator_code"] != leg["figure_code"]:
            yield f"{reference} is about {target['indicator_code']}"
        if leg["operator"] not in MISSES.get(target["judge"], ()):
            yield f"{leg['operator']} is not how {reference} ({target['judge']}) is missed"
    else:
        yield f"unknown kind of threshold {kind}"


def main() -> int:
    found = faults(RuleSeeds.read())
    for line in found:
        print(line)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
