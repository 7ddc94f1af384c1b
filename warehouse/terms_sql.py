"""Compiled terms as text: the seeds the models join with, and one SQL statement per source fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from warehouse.terms import Clause, Form, Row, Term, named_measures, term_code, to_csv

_HEADER = (
    "{{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}}\n"
)
_DIMENSIONS = ("region_code", "entity_type", "school_code", "entity_id", "period_type", "period_id", "stage")
_WIDTH = 120
_MORE = ("urban_rural", "grade", "subject", "exam_id", "group_code", "submission_id")
Aliases = Mapping[tuple[str, str], Sequence[str]]


def compile_model(fact: str, terms: Sequence[Term], aliases: Aliases) -> str:
    """One statement for all terms of a fact: rows of `int_measure_base__<fact>` by entity and term.

    A missing value is counted in `missing_rows`, so that a sum over it is never taken for complete.
    """
    values, matches = [], []
    for t, binding in [(t, t.binding) for t in terms if t.binding]:
        values.append(f"            when '{t.term_code}' then cast(b.{binding.value_column} as decimal(24, 6))")
        if clauses := _filter_clauses(t, aliases):
            matches.append(_branch(t.term_code, clauses))
    # `case` without a branch is no SQL: a fact whose terms have no filter takes every row.
    matched = (
        "        case t.term_code\n" + "\n".join(matches) + "\n            else true\n        end as is_match"
        if matches
        else "        true as is_match"
    )
    grain = ",\n    ".join(("term_code", "measure_code", *_DIMENSIONS, *_MORE))
    columns = ",\n        ".join(f"b.{c}" for c in (*_DIMENSIONS, *_MORE))
    return (
        _HEADER.format()
        + "{{ config(meta={'zone': 'restricted'}) }}\n"
        + f"""with terms as (
    select
        term_code,
        measure_code,
        keeps_zero
    from {{{{ ref('term') }}}}
    where source_fact = '{fact}'
),

picked as (
    select
        t.term_code,
        t.measure_code,
        t.keeps_zero,
        {columns},
        case t.term_code
{chr(10).join(values)}
        end as term_value,
{matched}
    from {{{{ ref('int_measure_base__{fact}') }}}} as b
    cross join terms as t
)

select
    {grain},
    cast(coalesce(sum(case when is_match then term_value end), 0) as decimal(24, 6)) as term_value,
    cast(sum(case when is_match and term_value is null then 1 else 0 end) as bigint) as missing_rows
from picked
group by
    {grain},
    keeps_zero
having keeps_zero = 'yes' or sum(case when is_match then 1 else 0 end) > 0
"""
    )


def _branch(code: str, clauses: Sequence[str]) -> str:
    """A branch of the case, on one line where it fits."""
    line = f"            when '{code}' then {' and '.join(clauses)}"
    if len(line) <= _WIDTH:
        return line
    return f"            when '{code}'\n                then\n" + "\n".join(
        "                    " + ("and " if n else "") + clause for n, clause in enumerate(clauses)
    )


def filter_condition(term: Term, aliases: Aliases) -> str:
    """A bound term's filter, with its binding's defaults, as SQL on the columns of `b`; '' where every row matches."""
    return " and ".join(_filter_clauses(term, aliases))


def _filter_clauses(term: Term, aliases: Aliases) -> list[str]:
    binding = term.binding
    if binding is None:
        raise ValueError(f"{term.term_code} is bound to no fact")
    parts = [_clause(c, {**binding.columns, **binding.inner}[c.dimension], aliases) for c in term.clauses]
    # A default such as "the current version" holds unless the filter names that dimension itself.
    for default in filter(None, binding.default_filter.split(";")):
        unless, clause = default.split("|")
        if unless not in {c.dimension for c in term.clauses}:
            name, value = clause.split("=")
            parts.append(_clause(Clause(name, (value,)), binding.columns[name], aliases))
    return parts


def _clause(clause: Clause, column: str, aliases: Aliases) -> str:
    stored = [s for v in clause.values for s in aliases.get((clause.dimension, v), (v,))]
    listed = ", ".join("'" + s.replace("'", "''") + "'" for s in stored)
    # NULL matches no clause; three-valued logic would drop the row from the count of matches all the same.
    return f"coalesce(cast(b.{column} as varchar), '') in ({listed})"


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
            t.binding.rollup if t.binding else "",
            "yes" if t.keeps_zero else "no",
            "yes" if t.binding and t.binding.pools_exams else "no",
        )
        for t in terms
    ]
    needed = _requirements(indicators, forms, known)
    return {
        "term": to_csv(
            ("term_code", "measure_code", "filter_text", "source_fact", "rollup", "keeps_zero", "pools_exams"),
            term_rows,
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


def _requirements(indicators: Sequence[Row], forms: Sequence[Form], known: Sequence[str]) -> dict[str, set[str]]:
    """Terms without which an indicator has no value: its own, those its condition names, and its members'."""
    needed: dict[str, set[str]] = {}
    for row in indicators:
        own = {
            term_code(row[f"{operand}_measure"], row[f"{operand}_filter"])
            for operand in ("numerator", "denominator")
            if row[f"{operand}_measure"]
        }
        filtered = {row["numerator_measure"], row["denominator_measure"]}
        own |= {m for m in named_measures(row["condition"], known) if m not in filtered}
        needed[row["indicator_code"]] = own
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
