"""Conditions of the indicator catalogue, read as expressions and compiled to SQL over numbered operands.

A condition such as `student_count >= param(floor) or max(days, by='payment') <= param(limit)` is a small Python
expression. Its measures become operands (`condition_operand` rows: what to take, how, by which entity), the rest one
SQL branch per indicator on the columns `o1`, `o2` ...
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from warehouse.errors import SchoolhouseError

MAX_OPERANDS = 4
_COMPARE = {ast.GtE: ">=", ast.LtE: "<=", ast.Gt: ">", ast.Lt: "<", ast.Eq: "=", ast.NotEq: "<>"}
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True)
class Operand:
    """One figure of a condition.

    `function` is value, cycle, max, min, count, share, min_difference, shortfall, param or target. `name` is a measure
    (for param a parameter, for target an indicator); `other` the second measure of a difference; `by` the entity.
    """

    function: str
    name: str
    other: str = ""
    by: str = ""


@dataclass(frozen=True)
class Condition:
    """A condition as SQL over `o1` .. `on`; `is_boolean` says whether it is true or false rather than a number."""

    operands: tuple[Operand, ...]
    sql: str
    is_boolean: bool

    @property
    def measures(self) -> set[str]:
        of_measures = [o for o in self.operands if o.function not in ("param", "target")]
        return {m for o in of_measures for m in (o.name, o.other) if m}


class _Reader:
    def __init__(self, text: str, measures: frozenset[str]) -> None:
        self.text, self.measures = text, measures
        self.operands: list[Operand] = []

    def operand(self, *parts: str) -> str:
        found = Operand(*parts)
        if found not in self.operands:
            self.operands.append(found)
        return f"o{self.operands.index(found) + 1}"

    def refuse(self) -> SchoolhouseError:
        return SchoolhouseError(
            f"cannot read the condition {self.text!r}",
            f"无法识别的条件 {self.text!r}",
            where="indicator catalogue",
            fix_en="compare measures, parameters and numbers with and, or, >=, <=, ==, + - * /",
            fix_zh="请用 and、or、>=、<=、==、四则运算比较度量、参数和数字",
        )

    def measure(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in self.measures:
            return node.id
        raise self.refuse()

    def read(self, node: ast.expr) -> tuple[str, bool]:
        if isinstance(node, ast.BoolOp):
            word = " and " if isinstance(node.op, ast.And) else " or "
            return "(" + word.join(self.read(v)[0] for v in node.values) + ")", True
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
            sides = self.read(node.left)[0], self.read(node.comparators[0])[0]
            return f"{sides[0]} {_COMPARE[type(node.ops[0])]} {sides[1]}", True
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            left, right = self.read(node.left)[0], self.read(node.right)[0]
            right = f"nullif({right}, 0)" if isinstance(node.op, ast.Div) else right
            return f"({left} {_ARITHMETIC[type(node.op)]} {right})", False
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return str(node.value), False
        if isinstance(node, ast.Name):
            return self.operand("value", self.measure(node)), False
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            return self.call(node.func.id, node), False
        raise self.refuse()

    def call(self, name: str, node: ast.Call) -> str:
        of = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
        by, first = str(of.get("by", of.get("of", ""))), node.args[0]
        if name in ("param", "target") and isinstance(first, ast.Name):
            return self.operand(name, first.id)
        if name == "cycle_sum":
            return self.operand("cycle", self.measure(first))
        if name == "sum" and isinstance(first, ast.Name):
            return self.operand("value", self.measure(first))
        if name == "sum" and isinstance(first, ast.Call) and isinstance(first.args[0], ast.BinOp):
            pair = first.args[0]
            return self.operand("shortfall", self.measure(pair.left), self.measure(pair.right), by)
        if name == "min" and isinstance(first, ast.BinOp) and isinstance(first.op, ast.Sub):
            return self.operand("min_difference", self.measure(first.left), self.measure(first.right), by)
        if name in ("max", "min", "count", "share"):
            return self.operand(name, self.measure(first), "", by)
        raise self.refuse()


def read_condition(text: str, measures: frozenset[str]) -> Condition | None:
    """The condition as SQL, or None where it is more than a comparison of figures (ranks, levels, members)."""
    try:
        tree = ast.parse(text, mode="eval").body
        reader = _Reader(text, measures)
        sql, is_boolean = reader.read(tree)
    except (SyntaxError, SchoolhouseError):
        return None
    if len(reader.operands) > MAX_OPERANDS:
        return None
    return Condition(tuple(reader.operands), sql, is_boolean)


def compile_condition_model(conditions: Mapping[str, Condition]) -> str:
    """`int_indicator_judged`: every condition on its operands; 1 or 0, or the figure where it is one."""
    branches = []
    for code, c in sorted(conditions.items()):
        sql = f"case when {c.sql} then 1.0 when not ({c.sql}) then 0.0 end" if c.is_boolean else c.sql
        branches.append(f"        when '{code}'\n            then {sql}")
    columns = ",\n    ".join(f"o{n}" for n in range(1, MAX_OPERANDS + 1))
    return (
        "{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}\n"
        "{{ config(meta={'zone': 'restricted'}) }}\n"
        "select\n    indicator_code,\n    region_code,\n    period_type,\n    period_id,\n    stage_scope,\n"
        "    entity_type,\n    entity_id,\n"
        f"    {columns},\n    operand_count,\n    known_count,\n    case indicator_code\n"
        + "\n".join(branches)
        + "\n    end as verdict\nfrom {{ ref('int_condition_entity') }}\n"
    )


def operand_rows(code: str, condition: Condition, term_of: Callable[[str, Operand], str]) -> list[tuple[str, ...]]:
    """Rows of the seed `condition_operand`; `term_of(measure, operand)` gives the term the condition means by it."""
    rows = []
    for n, o in enumerate(condition.operands, 1):
        is_scalar = o.function in ("param", "target")
        name = o.name if is_scalar else term_of(o.name, o)
        rows.append((code, str(n), o.function, name, term_of(o.other, o) if o.other else "", o.by))
    return rows
