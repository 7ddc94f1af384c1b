"""A published number made anew from the cells that its explanation names: arithmetic of its own, on the original files.

The input is the JSON of `schoolhouse explain`. What a row adds is worked out from its cells by the formula it names;
rows, things and forms are put together here and nowhere of the house.
"""

from __future__ import annotations

import ast
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from tests.support.original_cells import Custody, plain, to_date, to_number

Json = Mapping[str, Any]


class Recount:
    """Reads cells and folds them. `given` counts rows whose figure no formula over their cells gives."""

    def __init__(self, custody: Custody, operands: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        self.custody, self.operands_of = custody, operands
        self.words: dict[tuple[str, str, str], Any] = {}
        self.cells = self.given = 0

    # Rows

    def figure(self, row: Json, formula: str) -> float | None:
        """What the row adds, from its cells as the file has them, or as a declared correction reads them. Every named
        cell must hold the named value.
        """
        names = {c["field"]: self._read(row, c) for c in row["cells"]}
        corrected = {c["field"]: c["corrected_to"] for c in row["cells"] if "corrected_to" in c}
        for name, text in corrected.items():
            number = to_number(text)
            names[name] = text if number is None else number
        if not formula:
            self.given += 1
            return row["figure"]
        made = _evaluate(formula, names)
        assert _same(made, row["figure"]), (formula, names, row)
        return made

    def _read(self, row: Json, cell: Json) -> Any:
        if cell["column"] is None or cell["field"] == "person":
            return cell["value"]
        original, known = self.custody[row["file_sha256"]], cell["value"]
        place = (row["sheet"], row["row"], cell["column"])
        found = original.cell(*place)
        self.cells += 1
        if known is None:
            return None
        if isinstance(known, date):
            assert to_date(found) == known, (found, cell, row)
            return known
        if isinstance(known, str) or (number := to_number(found)) is None:
            if plain(found) != plain(known):
                # A code for a word, as of grades and levels: one word has one code.
                assert plain(found), (found, cell, row)
                code = self.words.setdefault((row["source"], cell["field"], plain(found)), known)
                assert code == known, (found, cell, row)
            return known if isinstance(known, str) else float(known)
        factor = original.unit_factor(*place) if "yuan" in cell["field"] else 1.0
        assert _same(number * factor, float(known)), (found, factor, cell, row)
        return number * factor

    def thing(self, row: Json) -> Any:
        """Which thing the row is about: what the file has in the cells that tell things apart."""
        own = [c for c in row["cells"] if c["tells_apart"] and c["column"]]
        if own:
            original = self.custody[row["file_sha256"]]
            return tuple(plain(original.cell(row["sheet"], row["row"], c["column"])) for c in own)
        return row["thing"] or (row["submission_id"], row["sheet"], row["row"], row["cells"][0]["column"])

    # Operands

    def operand(self, o: Json, rows: Sequence[Json] | None = None) -> float | None:
        """An operand over its rows, or over some of them."""
        chosen: Sequence[Json] = o["rows"] if rows is None else rows
        figures = [(r, self.figure(r, o["formula"])) for r in chosen]
        if o["rollup"] == "none":
            known = [f for _, f in figures if f is not None]
            return max(known) if known else None
        if o["rollup"] == "distinct":
            return float(len({self.thing(r) for r, f in figures if f}))
        if o["rollup"] == "max_within_school":
            return _sum_of_best((r["school_code"], f) for r, f in figures)
        if o["combine"] == "max":
            return _sum_of_best(((r["entity_id"], self.thing(r)), f) for r, f in figures)
        if o["combine"] == "per_12":
            sections: dict[str, int] = defaultdict(int)
            for r, _ in figures:
                sections[r["entity_id"]] += 1
            return float(sum(-(-n // 12) for n in sections.values()))
        return math.fsum(f for _, f in figures if f is not None)

    # Values

    def value(self, e: Json) -> float | None:
        """The value of an explanation; None where its form is none that can be made from cells."""
        make: Callable[[Json], float | None] | None = getattr(self, f"_{e['form']['form']}", None)
        return make(e) if make else None

    def _role(self, e: Json, role: str) -> Json | None:
        return next((o for o in e["operands"] if o["role"] == role), None)

    def _paired(self, e: Json, prefix: str = "") -> float:
        n, d = self._role(e, f"{prefix}numerator"), self._role(e, f"{prefix}denominator")
        assert n is not None
        over, scale = self.operand(n), float(e["indicator"]["scale"])
        assert over is not None
        if d is None:
            return over * scale
        under = self.operand(d)
        assert under
        return over / under * scale

    _ratio = _total = _cycle_sum = _paired

    def _attested(self, e: Json) -> float | None:
        """The last conclusion that was filed; without any, the lowest level."""
        (o,) = e["operands"]
        figures = [(r, self.figure(r, o["formula"])) for r in o["rows"]]
        filed = [
            (str(cells["attested_on"]), str(cells["evidence_no"]), f)
            for r, f in figures
            if "attested_on" in (cells := {c["field"]: c["value"] for c in r["cells"]})
        ]
        return max(filed)[2] if filed else min(f for _, f in figures if f is not None)

    def _difference(self, e: Json) -> float:
        return self._paired(e, "now_") - self._paired(e, "prior_")

    def _relative(self, e: Json) -> float:
        now, before = self._paired(e, "now_"), self._paired(e, "prior_")
        return (now - before) / abs(before) * float(e["indicator"]["scale"])

    def _gap(self, e: Json) -> float:
        return self._paired(e, "urban_") - self._paired(e, "other_")

    def _cv_weighted(self, e: Json) -> float:
        n, d = self._role(e, "numerator"), self._role(e, "denominator")
        assert n is not None
        assert d is not None
        pairs = []
        for p in e["parts"]:
            x, w = (self.operand(o, [r for r in o["rows"] if r["entity_id"] == p["entity"]]) for o in (n, d))
            assert x is not None
            assert w
            pairs.append((x, w))
        whole = math.fsum(w for _, w in pairs)
        mean = math.fsum(x for x, _ in pairs) / whole
        return math.sqrt(math.fsum(w * (x / w - mean) ** 2 for x, w in pairs) / whole) / mean

    def _extreme(self, e: Json) -> float | None:
        form, scale = e["form"], float(e["indicator"]["scale"])
        pick = max if form["function_name"] == "max" or e["value"]["group_code"] == "max" else min
        (o,) = e["operands"]
        if form["by_entity"] in ("grade", "grade_term"):
            return pick(p["figures"]["numerator"] for p in e["parts"]) if self.operand(o) is not None else None
        figures = []
        for p in e["parts"]:
            rows = _rows_of(o["rows"], p["entity"], form["by_entity"])
            figures.append(self.operand(o, rows) if rows else 0.0)
            assert _same(figures[-1], p["figures"]["numerator"]), p
        return pick(figures) * scale

    def _condition_share(self, e: Json) -> float:
        wanted = self.operands_of[e["indicator"]["indicator_code"]]
        members = self._role(e, "members")
        assert members is not None
        true = 0
        for p in e["parts"]:
            assert _rows_of(members["rows"], p["entity"], e["form"]["by_entity"]), p
            figures = {}
            for w in wanted:
                role = f"o{w['operand_no']}"
                figures[role] = p["figures"][role]
                if w["function_name"] not in ("param", "target"):
                    o = self._role(e, role)
                    assert o is not None
                    rows = _rows_of(o["rows"], p["entity"], e["form"]["by_entity"])
                    figures[role] = self.operand(o, rows) if rows else 0.0
                    assert _same(figures[role], p["figures"][role]), (role, p)
            true += bool(_judge(e["indicator"]["condition"], wanted, figures))
        return true * float(e["indicator"]["scale"]) / len(e["parts"])

    def _condition_number(self, e: Json) -> float:
        figures = self._figures(e, {})
        return float(_judge(e["indicator"]["condition"], self._wanted(e), figures)) * float(e["indicator"]["scale"])

    def _condition_flag(self, e: Json) -> float:
        """Of the whole; of each stage where the rule is one of each; of each school where a level does not add up."""
        county = e["value"]["entity_type"] == "county"
        levels = {
            o["role"] for o in e["operands"] for w in self._wanted(e)
            if o["role"] == f"o{w['operand_no']}" and w["function_name"] == "value" and o["rollup"] == "none"
        }  # fmt: skip
        key = "school_code" if levels and county else "stage" if e["indicator"]["group_by"] == "stage" else None
        groups = sorted({r[key] for o in e["operands"] for r in o["rows"]}) if key else [None]
        verdicts = []
        for g in groups:
            figures = self._figures(e, {key: g} if key else {})
            if None not in figures.values():
                verdicts.append(bool(_judge(e["indicator"]["condition"], self._wanted(e), figures)))
        return float(all(verdicts))

    def _wanted(self, e: Json) -> Sequence[Mapping[str, str]]:
        return self.operands_of[e["indicator"]["indicator_code"]]

    def _figures(self, e: Json, only: Mapping[str, Any]) -> dict[str, float | None]:
        """The operands of a condition by role, over the rows that `only` keeps."""
        figures: dict[str, float | None] = {}
        for w in self._wanted(e):
            role, function = f"o{w['operand_no']}", w["function_name"]
            own = [o for o in e["operands"] if o["role"] == role]
            if not own:
                figures[role] = e["parts"][0]["figures"][role]
                continue
            rows = [[r for r in o["rows"] if all(r[k] == v for k, v in only.items())] for o in own]
            if function == "count":
                figures[role] = float(len({r["school_code"] for r in rows[0]}))
            elif function in ("max", "min"):
                pick = max if function == "max" else min
                by_thing = _by(rows[0], "by_thing")
                figures[role] = pick((self.operand(own[0], r) or 0.0 for r in by_thing.values()), default=None)
            elif function in ("shortfall", "min_difference"):
                sides = [
                    {t: self.operand(o, r) or 0.0 for t, r in _by(x, "by_thing").items()}
                    for o, x in zip(own, rows, strict=True)
                ]
                if function == "shortfall":
                    figures[role] = math.fsum(max(v - sides[1].get(t, 0.0), 0.0) for t, v in sides[0].items())
                else:
                    figures[role] = min(sides[0].get(t, 0.0) - v for t, v in sides[1].items())
            else:
                figures[role] = self.operand(own[0], rows[0]) if rows[0] or not only else None
        return figures

    # Of other indicators

    def _member_values(self, e: Json) -> dict[str, float]:
        found = {}
        for m in e["members"]:
            made = self.value(m)
            assert _same(made, m["value"]["value"]), m["indicator"]["indicator_code"]
            found[m["indicator"]["indicator_code"]] = m["value"]["value"]
        return found

    def _mean(self, e: Json) -> float:
        values = self._member_values(e)
        return math.fsum(values.values()) / len(values)

    def _met(self, e: Json, skip: str = "") -> tuple[list[bool], list[float]]:
        limits = {x["member_code"]: x for x in e["limits"]}
        met, reached = [], []
        for code, value in self._member_values(e).items():
            if code != skip:
                limit = float(limits[code]["threshold_value"])
                met.append(value <= limit if limits[code]["judge"] == "at_most" else value >= limit)
                reached.append(value / limit)
        return met, reached

    def _count_met(self, e: Json) -> float:
        return float(sum(self._met(e)[0]))

    def _all_met(self, e: Json) -> float:
        return float(all(self._met(e)[0]))

    def _count_and_floor(self, e: Json) -> float:
        counted = e["form"]["subject"]
        met, reached = self._met(e, counted)
        limits = {x["member_code"]: float(x["threshold_value"]) for x in e["limits"]}
        (floor,) = (float(x["threshold_value"]) for x in e["limits"] if x["judge"] == "floor")
        return float(sum(met) >= limits[counted] and min(reached) >= floor)

    def _entity_indicator(self, e: Json) -> float:
        """The sections' verdicts are explained one by one elsewhere; the members' cells are counted here."""
        self._member_values(e)
        known = [p["verdict"] for p in e["parts"]]
        return sum(known) * float(e["indicator"]["scale"]) / len(known)


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b or (a or 0) == (b or 0) == 0
    return math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-9)


def _sum_of_best(pairs: Any) -> float:
    best: dict[Any, float] = {}
    for key, figure in pairs:
        best[key] = max(best.get(key, 0.0), figure or 0.0)
    return math.fsum(best.values())


def _by(rows: Sequence[Json], column: str) -> dict[Any, list[Json]]:
    found: dict[Any, list[Json]] = {}
    for r in rows:
        found.setdefault(r[column] if r[column] is not None else r["entity_id"], []).append(r)
    return found


def _rows_of(rows: Sequence[Json], entity: str, by: str) -> list[Json]:
    if by == "school":
        school, _, term = entity.partition("#")
        return [r for r in rows if r["school_code"] == school and (not term or str(r["thing"]).split("/")[0] == term)]
    return [r for r in rows if r["entity_id" if by == "section" else "by_thing"] == entity]


def _evaluate(formula: str, names: Mapping[str, Any]) -> float | None:
    functions = {
        "yes": lambda x: 1.0 if x == "是" else 0.0 if x == "否" else None,
        "is_one_of": lambda x, *words: float(x in words),
        "or_zero": lambda x: x or 0.0,
        "filled": lambda x: float(x is not None),
        "days": lambda a, b: float((b - a).days),
        "attested": lambda x, word: x if x is not None else float(word == "是"),
    }
    try:
        made = eval(compile(formula, "formula", "eval"), {"__builtins__": {}}, {**names, **functions})  # noqa: S307
    except TypeError:
        return None  # A cell that is empty makes the figure unknown.
    return None if made is None else float(made)


def _judge(condition: str, wanted: Sequence[Mapping[str, str]], figures: Mapping[str, Any]) -> Any:
    """The catalogue's condition over the figures of its operands, read as what it says."""
    numbers = {}
    for w in wanted:
        measure = w["operand_code"].split("@")[0].split("__")[0]
        numbers[w["function_name"], measure] = figures[f"o{w['operand_no']}"]

    def read(node: ast.expr) -> Any:
        match node:
            case ast.BoolOp(op=ast.And()):
                return all(read(v) for v in node.values)
            case ast.BoolOp(op=ast.Or()):
                return any(read(v) for v in node.values)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                a, b = read(left), read(right)
                kinds = {ast.GtE: a >= b, ast.LtE: a <= b, ast.Gt: a > b, ast.Lt: a < b, ast.Eq: a == b}
                return kinds[type(op)]
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return read(left) / read(right)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return read(left) * read(right)
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return numbers["value", name]
            case ast.Call(func=ast.Name(id="sum"), args=[ast.Call(args=[ast.BinOp(left=ast.Name(id=name)), *_])]):
                return numbers["shortfall", name]
            case ast.Call(func=ast.Name(id="min"), args=[ast.BinOp(left=ast.Name(id=name))]):
                return numbers["min_difference", name]
            case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name), *_]):
                return numbers[{"cycle_sum": "cycle", "sum": "value"}.get(function, function), name]
        raise AssertionError(ast.dump(node))

    return read(ast.parse(condition, mode="eval").body)
