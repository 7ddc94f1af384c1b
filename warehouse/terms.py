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
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import SchoolhouseError
from warehouse.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "plans"
Row = Mapping[str, str]
_CLAUSE = re.compile(r"^\s*(\w+)\s*(?:=\s*(\S.*?)|in\s*\((.+)\))\s*$")
_CALL = re.compile(r"^(max|min)\((\w+), by='(\w+)'\)$")
_COMPARE = re.compile(r"^(\w+) (>|>=|<|<=|==) (\d+(?:\.\d+)?|param\(\w+\))$")


@dataclass(frozen=True)
class Clause:
    """`dimension` is one of `values`."""

    dimension: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Binding:
    """Where a measure is counted: `value_column` of base model `source_fact`, with the columns of its dimensions.

    `inner` dimensions are finer than the entity (a teacher's subject within a school): an entity without a matching
    row counts zero. The other dimensions describe the entity: one that does not match has no row.
    """

    measure_code: str
    source_fact: str
    value_column: str
    rollup: str
    default_filter: str
    columns: Mapping[str, str]
    inner: Mapping[str, str]
    pools_exams: bool


@dataclass(frozen=True)
class Term:
    """One measure with its filter. `binding` is None where no fact of this build gives it."""

    term_code: str
    measure_code: str
    filter_text: str
    clauses: tuple[Clause, ...]
    binding: Binding | None

    @property
    def keeps_zero(self) -> bool:
        return self.binding is not None and any(c.dimension in self.binding.inner for c in self.clauses)


@dataclass(frozen=True)
class Form:
    """How an indicator's condition is computed, in words that the SQL of its kind reads from a row."""

    indicator_code: str
    form: str
    function: str = ""
    by_entity: str = ""
    subject: str = ""
    operator: str = ""
    threshold: str = ""
    members: tuple[str, ...] = ()


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
        return dict(pair.split(":") for pair in text.split(";") if pair)

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
        pairs |= {(m, "") for m in named_measures(row["condition"], known)}
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


def named_measures(condition: str, known: Iterable[str]) -> list[str]:
    """Measures that a condition names, in order of their names."""
    return sorted(set(re.findall(r"\w+", condition)) & set(known))


def read_form(row: Row, indicators: Iterable[str], measures: Iterable[str]) -> Form:
    """The form of one catalogue row. A condition that no form fits is `unsupported`: shown as not computed."""
    code, kind, condition = row["indicator_code"], row["kind"], row["condition"]
    known = frozenset(indicators)
    members = tuple(dict.fromkeys(w for w in re.findall(r"\w+", condition) if w in known))
    unsupported = Form(code, "unsupported", members=members)
    if kind in ("ratio", "total", "attested"):
        return Form(code, kind)
    if kind == "dispersion":
        return Form(code, condition.split("(")[0])
    if kind == "extreme" and (call := _CALL.match(condition)):
        return Form(code, "extreme", call[1], call[3], call[2])
    if kind == "change":
        form = {"now - prior": "difference", "(now - prior) / prior": "relative"}.get(condition)
        return Form(code, form) if form and row["window"] in ("1y", "since_baseline") else unsupported
    if kind == "gap" and row["group_by"] == "urban_rural":
        other = "rural" if "group('rural')" in condition else "all"
        return Form(code, "gap", by_entity=row["grain"], subject=other)
    if kind == "cycle" and not condition:
        return Form(code, "cycle_sum")
    if kind == "streak" and condition == "now < prior" and row["window"] == "consecutive_exams":
        return Form(code, "decline_streak")
    if kind == "share_of_entities":
        compare = _COMPARE.match(condition)
        if compare and not compare[3].startswith("param"):
            operator = "=" if compare[2] == "==" else compare[2]
            form = "entity_indicator" if compare[1] in members else "entity_measure"
            return Form(code, form, subject=compare[1], operator=operator, threshold=compare[3])
    if kind == "composite":
        return _read_composite(code, condition, members, set(measures)) or unsupported
    return unsupported


def _read_composite(code: str, condition: str, members: tuple[str, ...], measures: set[str]) -> Form | None:
    listed = ", ".join(f"meets({m})" for m in members)
    if condition == f"mean({', '.join(members)})":
        return Form(code, "mean", members=members)
    if condition == f"count_true({listed})":
        return Form(code, "count_met", members=members)
    if condition == " and ".join(f"meets({m})" for m in members):
        return Form(code, "all_met", members=members)
    floor = re.match(r"^(\w+) >= target\(\1\) and min\(attainment\((.+)\)\) >= param\((\w+)\)$", condition)
    if floor:
        return Form(code, "count_and_floor", subject=floor[1], threshold=floor[3], members=tuple(floor[2].split(", ")))
    compare = _COMPARE.match(condition)
    if compare and compare[1] in measures and compare[2] == ">":
        return Form(code, "measure_exceeds", operator=compare[2], threshold=compare[3])
    return None


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
    from warehouse.terms_sql import compile_model, compile_seeds

    indicators = read_seed("indicator_catalogue") + read_seed("indicator_supplement")
    measures = read_seed("measures") + read_seed("measure_supplement")
    codes = [m["measure_code"] for m in measures]
    terms = build_terms(indicators, read_bindings(read_seed("measure_binding")), codes)
    aliases = read_aliases()
    names = [i["indicator_code"] for i in indicators]
    forms = [read_form(r, names, codes) for r in indicators]
    files = {SEEDS / f"{name}.csv": text for name, text in compile_seeds(indicators, terms, forms, codes).items()}
    folder = PROJECT_ROOT / "dbt_project" / "models" / "indicators" / "generated"
    for fact in sorted({t.binding.source_fact for t in terms if t.binding}):
        of_fact = [t for t in terms if t.binding and t.binding.source_fact == fact]
        files[folder / f"int_measure__{fact}.sql"] = compile_model(fact, of_fact, aliases)
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
