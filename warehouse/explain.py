"""From a number back to the cells it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse import explain_context as context
from warehouse.build import newest_build
from warehouse.errors import SchoolhouseError
from warehouse.explain_editions import read_last_edition
from warehouse.explain_find import Asked, find_definition, find_limits, find_targets, find_value
from warehouse.explain_parts import PERSONS, attested_value, make_value, read_parts, refold, rows_of_part
from warehouse.explain_split import read_splits
from warehouse.explain_steps import OF_MEMBERS, Step, steps
from warehouse.explain_trace import bind_term, trace
from warehouse.ledger import Ledger
from warehouse.settings import Settings

TOLERANCE = 1e-9


@dataclass
class Operand:
    """A figure of the formula: the term, its rows with their cells, and the figure computed anew from them.

    A row names file, sheet, row (1-based), what it adds (`figure`), the thing it is counted as, and its cells (field,
    column letter, value; of a person's number the cell alone). `recomputed` is None for a level that does not add up;
    `agrees` is None where there is nothing to compare; `is_traced` says whether the measure has rows of its own.
    `splits` are the combined schools whose common stock it rests on (`warehouse/explain_split.py`).
    """

    role: str
    term_code: str
    measure_code: str
    name_zh: str
    unit: str
    filter: str
    period_ids: list[str]
    stage: str
    urban_rural: str
    value: float | None
    recomputed: float | None
    agrees: bool | None
    is_traced: bool
    rollup: str
    combine: str
    formula: str
    schools: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    splits: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Explanation:
    """Everything that answers for one value of an indicator. `members` explain the indicators it is made of, `parts`
    are the things it looks at one by one; `corrections` are files that others replaced, `declared` cells that the build
    reads as another value because somebody answers for it; `last_edition` is what the one before this build
    showed.
    """

    indicator: dict[str, Any]
    form: dict[str, Any]
    value: dict[str, Any]
    recomputed: float | None
    agrees: bool | None
    operands: list[Operand]
    parts: list[dict[str, Any]]
    limits: list[dict[str, Any]]
    members: list[Explanation]
    targets: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    declared: list[dict[str, Any]]
    attestations: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    build_id: str
    last_edition: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """The explanation for a terminal, in Chinese; long lists are cut, `--json` has them all."""
        from warehouse.explain_text import lines

        return lines(self)

    def rows(self) -> list[dict[str, Any]]:
        """Every row that is named, members' too."""
        return [r for o in self.operands for r in o.rows] + [r for m in self.members for r in m.rows()]

    def submissions(self) -> set[str]:
        """Submissions of every row that is named."""
        return {r["submission_id"] for r in self.rows() if r["submission_id"]}


class _Persons:
    """People get a number within one explanation: rows of the same person can be told, the person cannot."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}

    def label(self, key: str | None) -> str | None:
        return None if key is None else self._numbers.setdefault(key, f"person {len(self._numbers) + 1}")


@dataclass
class _Reader:
    """An open warehouse with the folder of raw rows."""

    con: duckdb.DuckDBPyConnection
    raw: Path
    build_id: str
    persons: _Persons

    def explain(self, definition: Mapping[str, Any], value: dict[str, Any]) -> Explanation:
        form = self._form(definition["indicator_code"])
        operands = [self._operand(definition, value, s) for s in steps(self.con, definition, form, value)]
        parts = read_parts(self.con, definition, form, value)
        self._answer_parts(form, operands, parts)
        members = self._members(form, value) if form["form"] in OF_MEMBERS else []
        limits = find_limits(self.con, form, value) if form["form"] in OF_MEMBERS else []
        made = make_value(
            form, definition, {o.role: o.recomputed for o in operands}, parts, members, limits, value["group_code"]
        )
        if form["form"] == "attested" and operands:
            made = attested_value(operands[0].rows)
        self._hide_persons(form, operands, parts)
        return Explanation(
            dict(definition),
            form,
            value,
            made,
            _agree(made, value["value"]),
            operands,
            parts,
            limits,
            members,
            find_targets(self.con, value),
            [],
            [],
            context.read_declared(self.con, (r for o in operands for r in o.rows)),
            context.read_attestations(self.con, value["indicator_code"], value["region_code"], value["period_id"]),
            [],
            self.build_id,
        )

    def _form(self, indicator: str) -> dict[str, Any]:
        result = self.con.execute("select * from indicator_form where indicator_code = ?", [indicator])
        names = [d[0] for d in result.description or []]
        return {k: v or "" for k, v in zip(names, result.fetchall()[0], strict=True)}

    def _operand(self, definition: Mapping[str, Any], value: Mapping[str, Any], step: Step) -> Operand:
        ((measure, filter_text, by),) = self.con.execute(
            "select measure_code, coalesce(filter_text, ''), coalesce(grouped_by, '') from term where term_code = ?",
            [step.term_code],
        ).fetchall()
        named = self.con.execute(
            "select name_zh, unit from dim_measure where measure_code = ?", [measure]
        ).fetchall() or [(measure, "")]
        found = trace(self.con, self.raw, bind_term(step.term_code, measure, filter_text, by), step.scope, step.more)
        known = self._known(step)
        form = self._form(definition["indicator_code"])["form"]
        if known is None and step.role == "numerator" and form in ("cycle_sum", "attested"):
            known = value[step.role] if value[step.role] is not None else value["value"]
        schools: dict[str, list[dict[str, Any]]] = {}
        for r in found.rows:
            if r["school_code"]:
                schools.setdefault(r["school_code"], []).append(r)
        return Operand(
            step.role,
            step.term_code,
            measure,
            named[0][0],
            named[0][1],
            filter_text.partition("@")[0],
            list(step.scope.period_ids),
            step.scope.stage,
            step.scope.urban_rural,
            known,
            found.recomputed,
            _agree(found.recomputed, known),
            found.is_traced,
            found.rollup,
            found.combine,
            found.formula,
            [{"school_code": s, "value": refold(r, found.rollup, found.combine)} for s, r in sorted(schools.items())],
            found.rows,
            read_splits(self.con, found.rows),
        )

    def _known(self, step: Step) -> float | None:
        """The figure as fct_measure has it; None where it has none (a level, a cycle, a thing's own)."""
        s = step.scope
        if len(s.period_ids) != 1:
            return None
        rows = self.con.execute(
            "select cast(value as double) from fct_measure where term_code = ? and region_code = ? and period_type = ?"
            " and period_id = ? and entity_type = ? and entity_id = ? and stage = ? and urban_rural = ? and grade = ?"
            " and subject = ? and exam_id = ? order by group_code <> '_all' limit 1",
            [
                step.term_code.partition("@")[0],
                s.region_code,
                s.period_type,
                s.period_ids[0],
                s.entity_type,
                s.entity_id,
                s.stage,
                s.urban_rural,
                s.grade,
                s.subject,
                s.exam_id,
            ],
        ).fetchall()
        return rows[0][0] if rows else None

    def _answer_parts(
        self, form: Mapping[str, Any], operands: Sequence[Operand], parts: Sequence[dict[str, Any]]
    ) -> None:
        """Make each part's figures anew from its rows, where an operand has rows of things."""
        by = "section" if form["form"] == "cv_weighted" else form["by_entity"]
        for part in parts:
            part["recomputed"] = {}
            for o in operands:
                if o.role in part["figures"] and form["form"] in ("cv_weighted", "condition_share", "extreme"):
                    own = rows_of_part(o.rows, str(part["entity"]), by)
                    part["recomputed"][o.role] = refold(own, o.rollup, o.combine) if own else None

    def _members(self, form: Mapping[str, Any], value: Mapping[str, Any]) -> list[Explanation]:
        codes = [form["indicator_code"]]
        if form["form"] == "entity_indicator":
            codes = [form["subject"]]
        listed = self.con.execute(
            "select member_code from indicator_member where indicator_code = ? order by cast(position as integer)",
            codes,
        ).fetchall()
        found = []
        for (code,) in listed:
            asked = Asked(
                value["entity_id"], value["period_id"], value["stage"], region=value["region_code"], zone="restricted"
            )
            definition = find_definition(self.con, code)
            try:
                own = find_value(self.con, definition, asked)
            except SchoolhouseError:
                continue
            found.append(self.explain(definition, own))
        return found

    def _hide_persons(
        self, form: Mapping[str, Any], operands: Sequence[Operand], parts: Sequence[dict[str, Any]]
    ) -> None:
        of_persons = form["by_entity"] in PERSONS
        for o in operands:
            for r in o.rows:
                if any(c["field"] == "person" for c in r["cells"]):
                    r["thing"] = self.persons.label(r["thing"])
                if of_persons:
                    r["by_thing"] = self.persons.label(r["by_thing"])
        if of_persons:
            for p in parts:
                p["entity"] = self.persons.label(p["entity"])


def explain(
    settings: Settings,
    indicator: str,
    asked: Asked | None = None,
    *,
    build_id: str | None = None,
) -> Explanation:
    """Walk from an indicator's value, or from the value a target judges, to its operands, their cells and its targets.

    The newest good build answers, or the one named. Raises SchoolhouseError when there is no such value.
    """
    row = newest_build(settings, build_id)
    ledger = Ledger.open(settings)
    with duckdb.connect(row["path"], read_only=True) as con:
        reader = _Reader(con, settings.raw, row["build_id"], _Persons())
        asked = (asked or Asked()).settled(con, indicator)
        definition = find_definition(con, asked.indicator or indicator)
        found = reader.explain(definition, find_value(con, definition, asked))
        submissions = found.submissions()
        found.rejects = context.read_rejects(con, submissions)
    found.corrections = context.read_corrections(ledger, submissions)
    schools = {r["school_code"] for o in found.operands for r in o.rows if r["school_code"]}
    words = [definition["indicator_code"], *submissions]
    region = found.value["region_code"]
    found.findings = context.read_findings(ledger, found.build_id, region, schools, words)
    found.last_edition = read_last_edition(settings, found.value, found.build_id, found.rows(), found.declared)
    return found


def _agree(made: float | None, known: Any) -> bool | None:
    if made is None or known is None:
        return None
    return abs(float(made) - float(known)) <= max(TOLERANCE, abs(float(known)) * TOLERANCE)


def build_of(edition: Path) -> str:
    """The build that an edition was published from."""
    try:
        return json.loads((edition / "attestation" / "run.json").read_text())["build_id"]
    except (OSError, ValueError, KeyError) as e:
        raise SchoolhouseError("this is not an edition", "这不是一个版本目录", where=str(edition)) from e
