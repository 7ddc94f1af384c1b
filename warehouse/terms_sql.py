"""Compiled terms as text: the seeds the models join with, and one SQL statement per source fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from warehouse.terms import Clause, Row, Term, condition_term, named_measures, operand_terms, term_code, to_csv
from warehouse.terms_condition import operand_rows
from warehouse.terms_form import Form

_HEADER = (
    "{{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}}\n"
)
_DIMENSIONS = ("region_code", "entity_type", "school_code", "entity_id", "period_type", "period_id", "stage")
_WIDTH = 120
# Facts whose rows carry a level of detail of their own up to the county: the term of an exam.
_OWN_GROUPS = ("exam_plan",)
_MORE = ("urban_rural", "grade", "subject", "exam_id", "group_code", "submission_id")
Aliases = Mapping[tuple[str, str], Sequence[str]]


def compile_model(fact: str, terms: Sequence[Term], aliases: Aliases) -> str:
    """One statement for all terms of a fact: rows of `int_measure_base__<fact>` by entity, thing and term.

    A missing value is counted in `missing_rows`, so that a sum over it is never taken for complete.
    """
    is_long = any(t.binding and t.binding.is_long for t in terms)
    values, matches, groups = [], [], []
    for t, binding in [(t, t.binding) for t in terms if t.binding]:
        if not is_long:
            values.append(f"            when '{t.term_code}' then cast(b.{binding.value_column} as decimal(28, 10))")
        if clauses := _filter_clauses(t, aliases):
            matches.append(_branch(t.term_code, clauses))
        if t.group_column:
            column = t.group_column.replace("{b}", "b")
            groups.append(f"            when '{t.term_code}'\n                then cast(b.{column} as varchar)")
    # `case` without a branch is no SQL: a fact whose terms have no filter takes every row.
    matched = _case(matches, "true", "is_match")
    value = "        b.value as term_value" if is_long else _case(values, "", "term_value")
    group = _case(groups, "'_all'", "group_code") if fact not in _OWN_GROUPS else "        b.group_code"
    join = "inner join terms as t on b.measure_code = t.measure_code" if is_long else "cross join terms as t"
    kept = [c for c in (*_DIMENSIONS, *_MORE) if c != "group_code"]
    grain = ",\n    ".join(("term_code", "measure_code", *kept, "group_code"))
    columns = ",\n        ".join(f"b.{c}" for c in kept)
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
{group},
{value},
{matched}
    from {{{{ ref('int_measure_base__{fact}') }}}} as b
    {join}
)

select
    {grain},
    cast(coalesce(sum(case when is_match then term_value end), 0) as decimal(28, 10)) as term_value,
    cast(sum(case when is_match and term_value is null then 1 else 0 end) as bigint) as missing_rows
from picked
group by
    {grain},
    keeps_zero
having keeps_zero = 'yes' or sum(case when is_match then 1 else 0 end) > 0
"""
    )


def _case(branches: Sequence[str], default: str, name: str) -> str:
    """`case t.term_code ... end as name`, or the default where there is no branch."""
    if not branches:
        return f"        {default} as {name}"
    otherwise = f"            else {default}\n" if default else ""
    return "        case t.term_code\n" + "\n".join(branches) + f"\n{otherwise}        end as {name}"


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
    parts = [
        _clause(c, {**binding.columns, **binding.inner}[c.dimension], aliases, c.dimension in binding.inner)
        for c in term.clauses
    ]
    # A default such as "the current version" holds unless the filter names that dimension itself.
    for default in filter(None, binding.default_filter.split(";")):
        unless, clause = default.split("|")
        if unless not in {c.dimension for c in term.clauses}:
            name, value = clause.split("=")
            parts.append(_clause(Clause(name, (value,)), binding.columns[name], aliases))
    return parts


def _clause(clause: Clause, column: str, aliases: Aliases, is_inner: bool = False) -> str:
    stored = [s for v in clause.values for s in aliases.get((clause.dimension, v), (v,))]
    # An entity whose things nobody listed has one row that could be any of them: its figure is unknown, not zero.
    stored += ["_unknown"] if is_inner else []
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
