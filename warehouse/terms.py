"""Terms of the indicator catalogue: measures with filters, parsed from rows and bound to the facts that give them.

A term is a measure and its filter. `python -m warehouse.terms --write` compiles the catalogue into the seeds `term`,
`indicator_form`, `indicator_member`, `indicator_requirement` and the models `int_measure__<fact>`; `--check` says
whether they are current.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from warehouse.errors import SchoolhouseError
from warehouse.settings import PROJECT_ROOT
from warehouse.terms_condition import Operand, compile_condition_model
from warehouse.terms_form import Form, read_form

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "plans"
Row = Mapping[str, str]
_CLAUSE = re.compile(r"^\s*(\w+)\s*(?:=\s*(\S.*?)|in\s*\((.+)\))\s*$")


@dataclass(frozen=True)
class Clause:
    """`dimension` is one of `values`."""

    dimension: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Binding:
    """Where a measure is counted: `value_column` of base model `source_fact`, with the columns of its dimensions.

    `inner` dimensions are finer than the entity (a teacher's subject within a school): an entity without a matching
    row counts zero. The other dimensions describe the entity: one that does not match has no row. A long base has one
    row per measure and thing (`is_long`). `groups` are the things a measure can be taken by (a class, a teacher, a
    month). `ledger_sources` and `coverage` say which submissions make a period known: `period` (the file of that year),
    `dated` (the files of every school year the period touches), `whole` (a register sent whole), `rows` (where a row
    is). `absent` is what a thing without a row has: zero, or a figure nobody knows.
    """

    measure_code: str
    source_fact: str
    value_column: str
    rollup: str
    default_filter: str
    columns: Mapping[str, str]
    inner: Mapping[str, str]
    pools_exams: bool
    is_long: bool = False
    groups: Mapping[str, str] = field(default_factory=dict)
    ledger_sources: str = ""
    coverage: str = "rows"
    absent: str = "unknown"


@dataclass(frozen=True)
class Term:
    """One measure with its filter. `binding` is None where no fact of this build gives it."""

    term_code: str
    measure_code: str
    filter_text: str
    clauses: tuple[Clause, ...]
    binding: Binding | None
    by: str = ""
    period_types: tuple[str, ...] = ()

    @property
    def keeps_zero(self) -> bool:
        return self.binding is not None and any(c.dimension in self.binding.inner for c in self.clauses)

    @property
    def pools_exams(self) -> bool:
        """Whether sums over exams mean something: scores of one named subject add up, scores of several do not."""
        return self.binding is not None and (
            self.binding.pools_exams or any(c.dimension == "subject" for c in self.clauses)
        )

    @property
    def group_column(self) -> str:
        """The column of the base that tells the term's things apart; '' where there is no need to."""
        groups = self.binding.groups if self.binding else {}
        return groups.get(self.by) or groups.get("item", "")

    @property
    def rollup(self) -> str:
        """How the term goes up: things counted apart by anything but themselves are summed."""
        if self.binding is None:
            return ""
        is_apart = self.group_column != self.binding.groups.get("item", "")
        return "sum" if is_apart and self.binding.rollup == "distinct" else self.binding.rollup


def read_seed(name: str) -> list[dict[str, str]]:
    """Rows of a seed of the plans as text; an absent value is ''."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def parse_filter(text: str) -> tuple[Clause, ...]:
    """`a=x & b in (y|z)` as clauses. Raises SchoolhouseError for anything else."""
    clauses = []
    for part in filter(None, (p.strip() for p in text.split("&"))):
        found = _CLAUSE.match(part)
        if not found:
            raise SchoolhouseError(
                f"cannot read the filter clause {part!r}",
                f"无法识别的筛选条件 {part!r}",
                where=f"indicator catalogue, filter {text!r}",
                fix_en="write dimension=value or dimension in (a|b), joined by &",
                fix_zh="请写成 维度=值 或 维度 in (甲|乙),以 & 连接",
            )
        values = (found[2],) if found[2] else tuple(v.strip() for v in found[3].split("|"))
        clauses.append(Clause(found[1], values))
    return tuple(clauses)


def term_code(measure: str, filter_text: str) -> str:
    """The measure's own code without a filter; with one, eight hex digits of the filter are added."""
    if not filter_text:
        return measure
    return f"{measure}__{hashlib.md5(filter_text.encode(), usedforsecurity=False).hexdigest()[:8]}"


def read_bindings(rows: Iterable[Row]) -> list[Binding]:
    """Binding rows in their order: the first that has every dimension of a filter wins."""

    def columns(text: str) -> dict[str, str]:
        return dict(pair.split(":", 1) for pair in text.split(";") if pair)

    return [
        Binding(
            r["measure_code"],
            r["source_fact"],
            r["value_column"],
            r["rollup"],
            r["default_filter"],
            columns(r["dimensions"]),
            columns(r["inner_dimensions"]),
            r["pools_exams"] == "yes",
            r["layout"] == "long",
            columns(r["groups"]),
            r["ledger_sources"],
            r["coverage"],
            r["absent"],
        )
        for r in rows
    ]


def build_terms(indicators: Sequence[Row], bindings: Sequence[Binding], measures: Iterable[str]) -> list[Term]:
    """Every distinct (measure, filter) of the catalogue, and every bound or named measure bare, sorted by code.

    Raises SchoolhouseError when a row names a measure that `measures` does not have.
    """
    known = set(measures)
    pairs = {(b.measure_code, "") for b in bindings}
    for row in indicators:
        for operand in ("numerator", "denominator"):
            measure = row[f"{operand}_measure"]
            if measure:
                pairs.add((measure, row[f"{operand}_filter"]))
        filtered = {row["numerator_measure"], row["denominator_measure"]} - {""}
        pairs |= {(m, "") for m in named_measures(row["condition"], known) if m not in filtered}
        # A share of the whole needs the whole.
        pairs |= {(m, "") for m in filtered if f"share({m}" in row["condition"]}
        pairs |= {(m, row["numerator_filter"]) for m in filtered_peers(row)}
    if unknown := sorted({m for m, _ in pairs} - known):
        raise SchoolhouseError(
            f"the catalogue names measures that do not exist: {', '.join(unknown)}",
            f"指标目录引用了不存在的度量:{'、'.join(unknown)}",
            where="indicator catalogue",
            fix_en="add the measure to the measures or correct the row",
            fix_zh="请在度量表中补充,或改正该行",
        )
    return sorted(
        (bind(measure, text, bindings) for measure, text in pairs),
        key=lambda t: t.term_code,
    )


def bind(measure: str, text: str, bindings: Sequence[Binding]) -> Term:
    """The term of a measure and a filter, on the first binding that has every dimension of the filter."""
    clauses = parse_filter(text)
    for b in bindings:
        if b.measure_code == measure and all(c.dimension in b.columns or c.dimension in b.inner for c in clauses):
            return Term(term_code(measure, text), measure, text, clauses, b)
    return Term(term_code(measure, text), measure, text, clauses, None)


def filtered_peers(row: Row) -> list[str]:
    """Measures of other counties that a gap compares with, under the indicator's own filter."""
    return re.findall(r"peer_\w+", row["condition"]) if row.get("kind") == "gap" else []


def named_measures(condition: str, known: Iterable[str]) -> list[str]:
    """Measures that a condition names, in order of their names."""
    return sorted(set(re.findall(r"\w+", condition)) & set(known))


def group_terms(
    indicators: Sequence[Row], terms: Sequence[Term], forms: Sequence[Form], bridges: Sequence[Row]
) -> list[Term]:
    """The terms with the thing each is taken by and the calendars it is asked for; terms of a condition's own things
    (`measure@thing`) are added.
    """
    found = {t.term_code: t for t in terms}
    of_form = {f.indicator_code: f for f in forms}
    by: dict[str, str] = {}
    periods: dict[str, set[str]] = {}
    for row in indicators:
        form = of_form[row["indicator_code"]]
        named = operand_terms(row, form)
        for code, grouped in named:
            if grouped:
                by.setdefault(code, grouped)
        for operand in ("numerator", "denominator"):
            measure = row[f"{operand}_measure"]
            bridged = [b["period_type"] for b in bridges if (b["bridge"], b["operand"]) == (row["bridge"], operand)]
            wanted = set(bridged or [row["clock"]])
            own = {term_code(measure, row[f"{operand}_filter"])} if measure else set()
            rest = {c for c, _ in named if c.split("@")[0].split("__")[0] != row["denominator_measure"]}
            for code in own | (rest if operand == "numerator" else set()):
                periods.setdefault(code, set()).update(wanted)
    for code in by.keys() - found.keys():
        bare, _, thing = code.partition("@")
        of = found[bare]
        found[code] = replace(of, term_code=code, filter_text=f"{of.filter_text}@{thing}")
        periods.setdefault(code, set()).update(periods.get(bare, ()))
    return sorted(
        (replace(t, by=by.get(c, ""), period_types=tuple(sorted(periods.get(c, ())))) for c, t in found.items()),
        key=lambda t: t.term_code,
    )


def operand_terms(row: Row, form: Form) -> list[tuple[str, str]]:
    """Terms an indicator's form takes by a thing: (term code, thing or '')."""
    own = term_code(row["numerator_measure"], row["numerator_filter"]) if row["numerator_measure"] else ""
    whole = term_code(row["denominator_measure"], row["denominator_filter"]) if row["denominator_measure"] else ""
    if form.form == "extreme":
        return [(own, "" if form.by_entity in ("grade", "grade_term") else form.by_entity)]
    if form.form in ("rank_county", "rank_school", "school_bottom_streak"):
        thing = "county" if form.form == "rank_county" else form.by_entity
        return [(code, thing) for code in (own, whole) if code]
    if form.form == "peer_gap":
        return [(peer_term(row, m), "county") for m in (form.subject, form.threshold)]
    if form.condition is None:
        return []
    things = [(whole, form.by_entity)] if form.form == "condition_share" else []
    for o in form.condition.operands:
        if o.function in ("param", "target"):
            continue
        for measure in filter(None, (o.name, o.other)):
            code = condition_term(row, measure, o)
            things.append((code, o.by if "@" in code else form.by_entity if form.form == "condition_share" else ""))
            if o.function == "share":
                things.append((measure, ""))
    return things


def condition_term(row: Row, measure: str, operand: Operand) -> str:
    """The term a condition means by a measure: with the own filter of the indicator whose operand it is, and with
    `@thing` where the condition looks at the things one by one.
    """
    code = measure
    for side in ("numerator", "denominator"):
        if row[f"{side}_measure"] == measure:
            code = term_code(measure, row[f"{side}_filter"])
            break
    looks_inside = operand.function in ("max", "min", "min_difference", "shortfall")
    return f"{code}@{operand.by}" if looks_inside else code


def peer_term(row: Row, measure: str) -> str:
    """Other counties' term with the filter of the indicator's own."""
    return term_code(measure, row["numerator_filter"])


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV text with LF line ends."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def read_aliases() -> dict[tuple[str, str], list[str]]:
    """(dimension, value as a document prints it) -> the stored values it stands for."""
    aliases: dict[tuple[str, str], list[str]] = {}
    for a in read_seed("dimension_alias"):
        aliases.setdefault((a["dimension"], a["printed_value"]), []).append(a["stored_value"])
    return aliases


def compile_all() -> dict[Path, str]:
    """Every compiled file and its text, from the seeds as they stand."""
    from warehouse.terms_model import compile_models
    from warehouse.terms_sql import compile_seeds

    indicators = read_seed("indicator_catalogue") + read_seed("indicator_supplement")
    measures = read_seed("measures") + read_seed("measure_supplement")
    codes = [m["measure_code"] for m in measures]
    terms = build_terms(indicators, read_bindings(read_seed("measure_binding")), codes)
    aliases = read_aliases()
    names = [i["indicator_code"] for i in indicators]
    forms = [read_form(r, names, {m["measure_code"]: m["grain"] for m in measures}) for r in indicators]
    terms = group_terms(indicators, terms, forms, read_seed("clock_bridge"))
    files = {SEEDS / f"{name}.csv": text for name, text in compile_seeds(indicators, terms, forms, codes).items()}
    folder = PROJECT_ROOT / "dbt_project" / "models" / "indicators" / "generated"
    conditions = {f.indicator_code: f.condition for f in forms if f.condition}
    files[folder / "int_indicator_judged.sql"] = compile_condition_model(conditions)
    for fact in sorted({t.binding.source_fact for t in terms if t.binding}):
        of_fact = [t for t in terms if t.binding and t.binding.source_fact == fact]
        files |= {folder / name: text for name, text in compile_models(fact, of_fact, aliases).items()}
    return files


def main(arguments: Sequence[str]) -> int:
    """`--write` writes the compiled files, `--check` (the default) lists those that differ and returns 1."""
    files = compile_all()
    stale = [p for p, text in files.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if "--write" in arguments:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8", newline="\n")
    for path in stale:
        print(("written: " if "--write" in arguments else "not current: ") + str(path.relative_to(PROJECT_ROOT)))
    return 0 if "--write" in arguments else int(bool(stale))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
