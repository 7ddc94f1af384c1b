"""Compiled terms as text: the seeds the models join with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warehouse.terms import Row, Term, condition_term, named_measures, operand_terms, term_code, to_csv
from warehouse.terms_condition import operand_rows
from warehouse.terms_form import Form


def compile_seeds(
    indicators: Sequence[Row], terms: Sequence[Term], forms: Sequence[Form], measures: Iterable[str]
) -> dict[str, str]:
    """Texts of the seeds `term`, `indicator_form`, `indicator_member` and `indicator_requirement`."""
    known = list(measures)
    term_rows = [
        (
            t.term_code,
            t.measure_code,
            t.filter_text,
            t.binding.source_fact if t.binding else "",
            t.rollup,
            "yes" if t.keeps_zero else "no",
            "yes" if t.pools_exams else "no",
            t.by if t.group_column else "",
            t.binding.ledger_sources if t.binding else "",
            t.binding.coverage if t.binding else "",
            t.binding.absent if t.binding else "",
            ";".join(t.period_types),
        )
        for t in terms
    ]
    needed = _requirements(indicators, forms, known)
    return {
        "term": to_csv(
            (
                "term_code",
                "measure_code",
                "filter_text",
                "source_fact",
                "rollup",
                "keeps_zero",
                "pools_exams",
                "grouped_by",
                "ledger_source",
                "coverage",
                "absent",
                "period_types",
            ),
            term_rows,
        ),
        "condition_operand": to_csv(
            ("indicator_code", "operand_no", "function_name", "operand_code", "other_code", "by_entity"),
            _condition_operands(indicators, forms),
        ),
        "indicator_form": to_csv(
            ("indicator_code", "form", "function_name", "by_entity", "subject", "operator", "threshold"),
            [(f.indicator_code, f.form, f.function, f.by_entity, f.subject, f.operator, f.threshold) for f in forms],
        ),
        "indicator_member": to_csv(
            ("indicator_code", "position", "member_code"),
            [(f.indicator_code, str(n), m) for f in forms for n, m in enumerate(f.members, 1)],
        ),
        "indicator_requirement": to_csv(
            ("indicator_code", "term_code"), [(i, t) for i, found in needed.items() for t in sorted(found)]
        ),
    }


def _condition_operands(indicators: Sequence[Row], forms: Sequence[Form]) -> list[tuple[str, ...]]:
    of_code = {r["indicator_code"]: r for r in indicators}
    rows: list[tuple[str, ...]] = []
    for f in forms:
        if f.condition:
            row = of_code[f.indicator_code]
            rows += operand_rows(f.indicator_code, f.condition, lambda m, o, row=row: condition_term(row, m, o))
    return rows


def _requirements(indicators: Sequence[Row], forms: Sequence[Form], known: Sequence[str]) -> dict[str, set[str]]:
    """Terms without which an indicator has no value: its own, those its condition names, and its members'."""
    needed: dict[str, set[str]] = {}
    of_form = {f.indicator_code: f for f in forms}
    for row in indicators:
        own = {
            term_code(row[f"{operand}_measure"], row[f"{operand}_filter"])
            for operand in ("numerator", "denominator")
            if row[f"{operand}_measure"]
        }
        filtered = {row["numerator_measure"], row["denominator_measure"]}
        own |= {m for m in named_measures(row["condition"], known) if m not in filtered}
        needed[row["indicator_code"]] = own
        if row["kind"] == "gap" and "peer_" in row["condition"]:
            peers = operand_terms(row, of_form[row["indicator_code"]])
            needed[row["indicator_code"]] = {c for c in own if not c.startswith("peer_")} | {c for c, _ in peers}
    members = {f.indicator_code: {*f.members, f.subject} & needed.keys() for f in forms}
    # A member may be a composite itself; the catalogue nests two deep, and a fixed point needs no such promise.
    changed = True
    while changed:
        changed = False
        for code, of_code in members.items():
            more = set().union(*(needed[m] for m in of_code)) if of_code else set()
            if not more <= needed[code]:
                needed[code] |= more
                changed = True
    return needed
