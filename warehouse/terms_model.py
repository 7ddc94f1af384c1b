"""Compiled terms as models: the statements that count every term of a fact in one reading of its base.

A fact whose statement would be longer than a model may be is counted in parts, one for each of its measures with the
most filters and one for the others; `int_measure__<fact>` then puts the parts together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from warehouse.errors import SchoolhouseError
from warehouse.terms import Clause, Term

LINES = 150  # a model has fewer
_HEADER = (
    "{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}\n"
)
_WIDTH = 120
# Facts whose rows carry a level of detail of their own up to the county: the term of an exam.
_OWN_GROUPS = ("exam_plan",)
_GRAIN = (
    ("region_code", "entity_type", "school_code", "entity_id", "period_type", "period_id", "stage", "urban_rural"),
    ("grade", "subject", "exam_id", "submission_id"),
)
_COLUMNS = {"term_value": "decimal(28, 10)", "missing_rows": "bigint"}
Aliases = Mapping[tuple[str, str], Sequence[str]]


def compile_models(fact: str, terms: Sequence[Term], aliases: Aliases) -> dict[str, str]:
    """File name -> text of a fact's models and of their properties.

    Raises SchoolhouseError where one measure alone has more filters than a model can hold.
    """
    name = f"int_measure__{fact}"
    parts = split_terms(fact, terms, aliases)
    files: dict[str, str] = {}
    for part, of_part in parts.items():
        measures = () if len(parts) == 1 else tuple(dict.fromkeys(t.measure_code for t in of_part))
        model = f"{name}__{part}" if part else name
        files[f"{model}.sql"] = compile_model(fact, of_part, aliases, measures)
        files[f"{model}.yml"] = _properties(model, f"Terms of the fact {fact} by entity and thing{_named(part)}.")
    if len(parts) > 1:
        files[f"{name}.sql"] = _union([f"{name}__{part}" for part in parts])
        files[f"{name}.yml"] = _properties(name, f"Terms of the fact {fact} by entity and thing: its parts together.")
    return files


def split_terms(fact: str, terms: Sequence[Term], aliases: Aliases) -> dict[str, list[Term]]:
    """The terms of a fact by part: `{'': all}` where one model holds them, else by measure, the rest as `other`."""

    def length(of_part: Sequence[Term]) -> int:
        measures = tuple(dict.fromkeys(t.measure_code for t in of_part))
        return compile_model(fact, of_part, aliases, measures if apart else ()).count("\n")

    apart: dict[str, list[Term]] = {}
    rest = list(terms)
    while rest and length(rest) >= LINES:
        sizes = Counter(t.measure_code for t in rest for _ in range(1 + len(_filter_clauses(t, aliases))))
        # The most filters first; of two with as many, the first by name, so that the same rows give the same files.
        largest = min(sizes, key=lambda m: (-sizes[m], m))
        apart[largest] = [t for t in rest if t.measure_code == largest]
        rest = [t for t in rest if t.measure_code != largest]
        if length(apart[largest]) >= LINES:
            raise SchoolhouseError(
                f"the measure {largest} has more filters than one model can hold",
                f"度量 {largest} 的筛选条件过多,无法写入一个模型",
                where="indicator catalogue",
                fix_en="give some of its indicators a measure of their own",
                fix_zh="请为其中部分指标另设度量",
            )
    if not apart:
        return {"": rest}
    return {**dict(sorted(apart.items())), **({"other": rest} if rest else {})}


def compile_model(fact: str, terms: Sequence[Term], aliases: Aliases, measures: Sequence[str] = ()) -> str:
    """One statement for terms of a fact: rows of `int_measure_base__<fact>` by entity, thing and term. `measures` names
    those of a part; without it the statement takes all of the fact.

    A missing value is counted in `missing_rows`, so that a sum over it is never taken for complete.
    """
    is_long = any(t.binding and t.binding.is_long for t in terms)
    values, matches = [], []
    for t, binding in [(t, t.binding) for t in terms if t.binding]:
        if not is_long:
            values.append(f"            when '{t.term_code}' then cast(b.{binding.value_column} as decimal(28, 10))")
        if clauses := _filter_clauses(t, aliases):
            matches.append(_branch(t.term_code, clauses))
    # `case` without a branch is no SQL: a fact whose terms have no filter takes every row.
    matched = _case(matches, "true", "is_match")
    value = "        b.value as term_value" if is_long else _case(values, "", "term_value")
    group = "        b.group_code" if fact in _OWN_GROUPS else _group(terms)
    join = "inner join terms as t on b.measure_code = t.measure_code" if is_long else "cross join terms as t"
    grain = ",\n    ".join(("term_code, measure_code", *(", ".join(line) for line in _GRAIN), "group_code"))
    columns = ",\n        ".join(", ".join(f"b.{c}" for c in line) for line in _GRAIN)
    return f"""{_HEADER}{{{{ config(meta={{'zone': 'restricted'}}) }}}}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{{{ ref('term') }}}}
    where{_of_measures(fact, measures)}
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        {columns},
{group},
{value},
{matched}
    from {{{{ ref('int_measure_base__{fact}') }}}} as b
    {join}
)

-- A row that is no term's is dropped before the grouping: of a register taken by person it is nearly all of them.
select
    {grain},
    cast(coalesce(sum(case when is_match then term_value end), 0) as decimal(28, 10)) as term_value,
    cast(sum(case when is_match and term_value is null then 1 else 0 end) as bigint) as missing_rows
from picked
where is_match or keeps_zero = 'yes'
group by
    {grain}
"""


def filter_condition(term: Term, aliases: Aliases) -> str:
    """A bound term's filter, with its binding's defaults, as SQL on the columns of `b`; '' where every row matches."""
    return " and ".join(_filter_clauses(term, aliases))


def _named(part: str) -> str:
    if not part:
        return ""
    return ": measures that have no part of their own" if part == "other" else f": the measure {part}"


def _of_measures(fact: str, measures: Sequence[str]) -> str:
    of_fact = f"source_fact = '{fact}'"
    if len(measures) < 2:
        return f" {of_fact}" + (f" and measure_code = '{measures[0]}'" if measures else "")
    listed = ",\n".join(f"            '{m}'" for m in measures)
    return f"\n        {of_fact}\n        and measure_code in (\n{listed}\n        )"


def _group(terms: Sequence[Term]) -> str:
    """The column each term tells its things apart by. The one that most use is the default, the others are named."""
    of_term = {t.term_code: t.group_column for t in terms if t.binding}

    def expression(column: str) -> str:
        return f"cast(b.{column.replace('{b}', 'b')} as varchar)" if column else "'_all'"

    most = min(Counter(of_term.values()).items(), key=lambda c: (-c[1], c[0]))[0]
    branches = [_branch(code, [expression(column)]) for code, column in of_term.items() if column != most]
    return _case(branches, expression(most), "group_code")


def _case(branches: Sequence[str], default: str, name: str) -> str:
    """`case t.term_code ... end as name`, or the default where there is no branch."""
    if not branches:
        return f"        {default} as {name}"
    otherwise = f"            else {default}\n" if default else ""
    return "        case t.term_code\n" + "\n".join(branches) + f"\n{otherwise}        end as {name}"


def _branch(code: str, clauses: Sequence[str]) -> str:
    """A branch of the case, on as few lines as hold it."""
    line = f"            when '{code}' then {' and '.join(clauses)}"
    if len(line) <= _WIDTH:
        return line
    line = f"                then {' and '.join(clauses)}"
    if len(line) <= _WIDTH:
        return f"            when '{code}'\n{line}"
    return f"            when '{code}'\n                then\n" + "\n".join(
        "                    " + ("and " if n else "") + clause for n, clause in enumerate(clauses)
    )


def _filter_clauses(term: Term, aliases: Aliases) -> list[str]:
    binding = term.binding
    if binding is None:
        raise ValueError(f"{term.term_code} is bound to no fact")

    def clause(of: Clause, column: str, is_inner: bool = False) -> str:
        stored = [s for v in of.values for s in aliases.get((of.dimension, v), (v,))]
        # An entity whose things nobody listed has one row that could be any of them: its figure is unknown, not zero.
        stored += ["_unknown"] if is_inner else []
        listed = ", ".join("'" + s.replace("'", "''") + "'" for s in stored)
        # The dimensions of a long base are texts; those of a wide one may be flags and numbers. A dimension that is
        # NULL matches no clause.
        text = f"b.{column}" if binding.is_long else f"cast(b.{column} as varchar)"
        return f"{text} = {listed}" if len(stored) == 1 else f"{text} in ({listed})"

    parts = [
        clause(c, {**binding.columns, **binding.inner}[c.dimension], c.dimension in binding.inner) for c in term.clauses
    ]
    # A default such as "the current version" holds unless the filter names that dimension itself.
    for default in filter(None, binding.default_filter.split(";")):
        unless, told = default.split("|")
        if unless not in {c.dimension for c in term.clauses}:
            name, value = told.split("=")
            parts.append(clause(Clause(name, (value,)), binding.columns[name]))
    return parts


def _union(models: Sequence[str]) -> str:
    columns = ",\n    ".join(
        ("term_code, measure_code", *(", ".join(line) for line in _GRAIN), "group_code, term_value, missing_rows")
    )
    selects = "\nunion all\n".join(f"select\n    {columns}\nfrom {{{{ ref('{m}') }}}}" for m in models)
    return f"{_HEADER}{{{{ config(materialized='view', meta={{'zone': 'restricted'}}) }}}}\n{selects}\n"


def _properties(model: str, what: str) -> str:
    names = ("term_code", "measure_code", *(c for line in _GRAIN for c in line), "group_code", *_COLUMNS)
    columns = "".join(f"      - name: {c}\n        data_type: {_COLUMNS.get(c, 'varchar')}\n" for c in names)
    return f"""version: 2

models:
  - name: {model}
    description: |
      {what} Compiled from the indicator catalogue.
    config:
      contract: {{enforced: true}}
    columns:
{columns}"""
