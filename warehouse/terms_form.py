"""The form of an indicator: how its kind and condition are computed, in words that the SQL of its kind reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from warehouse.terms_condition import Condition, read_condition

Row = Mapping[str, str]
_CALL = re.compile(r"^(max|min|minmax)\((\w+), by='(\w+)'\)$")
_COMPARE = re.compile(r"^(\w+) (>|>=|<|<=|==) (\d+(?:\.\d+)?|param\(\w+\))$")
_BOTTOM = re.compile(r"^rank_from_worst\((\w+), by='school', within='(\w+)'\) <= param\((\w+)\)$")
_TEACHER_BOTTOM = re.compile(r"rank_from_worst\((\w+), by='teacher', within='grade_subject'\) <= param\((\w+)\)")
_TIMES = re.compile(r"^(\w+) == param\((\w+)\)$")
_RANK = re.compile(r"^rank_desc\((\w+)(?: / (\w+))?, by='(\w+)', within='(\w+)'\)$")
_PEERS = re.compile(r"^(max\()?(\w+) / (\w+)(?:, by='county'\))? - level\((\w+), 'county'\)$")


@dataclass(frozen=True)
class Form:
    """How an indicator is computed. `condition` holds the operands of a compiled condition."""

    indicator_code: str
    form: str
    function: str = ""
    by_entity: str = ""
    subject: str = ""
    operator: str = ""
    threshold: str = ""
    members: tuple[str, ...] = ()
    condition: Condition | None = None


def read_form(row: Row, indicators: Iterable[str], grains: Mapping[str, str]) -> Form:
    """The form of one catalogue row; `grains` gives each measure's grain.

    A condition that no form fits is `unsupported`: shown as not computed.
    """
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
        if row["window"] == "principal_term":
            return Form(code, "term_change", members=members)
        form = {"now - prior": "difference", "(now - prior) / prior": "relative"}.get(condition)
        return Form(code, form) if form and row["window"] in ("1y", "since_baseline") else unsupported
    if kind == "gap" and row["group_by"] == "urban_rural":
        other = "rural" if "group('rural')" in condition else "all"
        return Form(code, "gap", by_entity=row["grain"], subject=other)
    if kind == "gap" and (peers := _PEERS.match(condition)):
        return Form(code, "peer_gap", "max" if peers[1] else "mean", subject=peers[2], threshold=peers[3])
    if kind == "rank" and (rank := _RANK.match(condition)):
        form = "rank_county" if rank[3] == "county" else "rank_school"
        return Form(code, form, by_entity=rank[4], subject=rank[1], threshold=rank[2] or "")
    if kind == "streak":
        return _read_streak(row, members) or unsupported
    if kind == "cycle" and not condition:
        return Form(code, "cycle_sum")
    if kind == "cycle" and condition.startswith("level("):
        return Form(code, "below_parallel_share", members=members)
    if kind == "composite" and (form := _read_composite(code, condition, members)):
        return form
    if kind in ("share_of_entities", "cycle", "composite"):
        return _read_condition(row, members, grains) or unsupported
    return unsupported


def _read_streak(row: Row, members: tuple[str, ...]) -> Form | None:
    code, condition = row["indicator_code"], row["condition"]
    if condition == "now < prior" and row["window"] == "consecutive_exams":
        return Form(code, "decline_streak")
    if bottom := _BOTTOM.match(condition):
        return Form(code, "school_bottom_streak", by_entity=bottom[2], subject=bottom[1], threshold=bottom[3])
    if (times := _TIMES.match(condition)) and times[1] in members:
        return Form(code, "teacher_bottom_streak", subject=times[1], threshold=times[2], members=members)
    return None


def _read_condition(row: Row, members: tuple[str, ...], grains: Mapping[str, str]) -> Form | None:
    code, kind = row["indicator_code"], row["kind"]
    compare = _COMPARE.match(row["condition"])
    if compare and compare[1] in members:
        operator = "=" if compare[2] == "==" else compare[2]
        return Form(code, "entity_indicator", subject=compare[1], operator=operator, threshold=compare[3])
    condition = read_condition(row["condition"], frozenset(grains))
    if condition is None:
        return None
    if kind == "composite":
        form = "condition_flag" if condition.is_boolean else "condition_number"
        return Form(code, form, by_entity="school;county", condition=condition)
    entity = grains.get(row["denominator_measure"], "").split()
    if condition.is_boolean and entity and entity[0] in ("school", "section", "class", "teacher"):
        return Form(code, "condition_share", by_entity=entity[0], members=members, condition=condition)
    return None


def _read_composite(code: str, condition: str, members: tuple[str, ...]) -> Form | None:
    listed = ", ".join(f"meets({m})" for m in members)
    if condition == f"mean({', '.join(members)})":
        return Form(code, "mean", members=members)
    if condition == f"count_true({listed})":
        return Form(code, "count_met", members=members)
    if condition == f"count_true({listed}) / count_with_target({', '.join(members)})":
        return Form(code, "met_share", members=members)
    if condition == " and ".join(f"meets({m})" for m in members):
        return Form(code, "all_met", members=members)
    floor = re.match(r"^(\w+) >= target\(\1\) and min\(attainment\((.+)\)\) >= param\((\w+)\)$", condition)
    if floor:
        return Form(code, "count_and_floor", subject=floor[1], threshold=floor[3], members=tuple(floor[2].split(", ")))
    if condition.startswith("count_true(rank_from_worst(") and (ranks := _TEACHER_BOTTOM.findall(condition)):
        return Form(code, "teacher_bottom", threshold=ranks[0][1], members=tuple(m for m, _ in ranks))
    return None
