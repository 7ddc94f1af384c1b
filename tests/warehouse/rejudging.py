"""Targets judged a second time, in pandas, from the published rules of the plans: nothing is shared with the SQL.

Read are the values (`fct_indicator_value` and its restricted sister), the count of schools, the editions and bindings,
and the seeds as files. What comes out is one row a region, edition and target.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import duckdb
import pandas as pd

from tests.warehouse.rendered import seed_rows

HIGHER, LOWER = ("at_least", "all_entities", "change_positive", "change_non_negative"), ("at_most", "change_negative")
KEYS = ["region_code", "school_year", "target_id"]
_PART = ["entity_type", "entity_id", "stage", "urban_rural", "grade", "subject", "group_code"]


def holds(judge: str, strict: bool, value: float, target: float) -> bool | None:
    """Whether a known value is good enough; None where nothing is asked."""
    match judge:
        case "at_least" | "all_entities":
            return value >= target
        case "at_most":
            return value < target if strict else value <= target
        case "exact":
            return value == target
        case "change_positive":
            return value > 0
        case "change_negative":
            return value < 0
        case "change_non_negative":
            return value >= 0
    return None


class Plans:
    """The seeds that say what a target asks."""

    def __init__(self) -> None:
        self.targets = seed_rows("policy_targets")
        self.catalogue = {r["indicator_code"]: r for n in ("indicator_catalogue", "indicator_supplement")
                          for r in seed_rows(n)}  # fmt: skip
        self.repeated = {r["target_id"] for r in seed_rows("target_duplicate")}
        self.groups = {(r["document_code"], r["subgroup"]): r for r in seed_rows("target_subgroup")}
        self.windows = {
            (r["document_code"], r["indicator_code"]): r["window_text"] for r in seed_rows("document_window")
        }
        self.closing = {r["indicator_code"] for r in seed_rows("closing_indicator")}
        self.stages, self.grades = defaultdict(set), defaultdict(set)
        for r in seed_rows("stage_scope"):
            self.stages[r["stage_scope"]].add(r["stage"])
        for r in seed_rows("grade_scope"):
            self.grades[r["grade_scope"]].add(r["grade"])
        self.periods = {(r["period_type"], int(r["start_year"])): r for r in seed_rows("period_calendar")}

    def containing(self, clock: str, day: str) -> int:
        """Start year of the period of a clock in which a day lies."""
        return next(y for (c, y), r in self.periods.items() if c == clock and r["starts_on"] <= day <= r["ends_on"])


class Figures:
    """The values by indicator, region and period, and over the years by what they are about."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        columns = "indicator_code, region_code, period_id, exam_id, value, status, " + ", ".join(_PART)
        frame = con.sql(
            f"select {columns} from fct_indicator_value where entity_type in ('county', 'section') union all "
            f"select {columns} from fct_indicator_value_person where entity_type in ('county', 'section')"
        ).df()
        self.at: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        self.over: dict[tuple[str, ...], float] = {}
        for row in frame.to_dict("records"):
            row["value"] = None if row["value"] is None or math.isnan(row["value"]) else row["value"]
            self.at[row["indicator_code"], row["region_code"], row["period_id"]].append(row)
            about = (row["indicator_code"], row["region_code"], row["period_id"], *(row[k] for k in _PART))
            if row["value"] is not None:
                self.over[(*about, row["exam_id"])] = row["value"]
                self.over[about] = max(row["value"], self.over.get(about, -math.inf))
        rows = con.sql(
            "select region_code, period_id, stage, value from fct_measure where term_code = 'school_count'"
            " and entity_type = 'county' and urban_rural = 'all'"
        ).fetchall()
        self.schools = {(r, p, s): float(v) for r, p, s, v in rows if v is not None}

    def same(self, row: dict[str, Any], period: str, any_exam: bool = False) -> float | None:
        """The value of the same thing in another period."""
        about = (row["indicator_code"], row["region_code"], period, *(row[k] for k in _PART))
        return self.over.get(about if any_exam else (*about, row["exam_id"]))


def rejudge(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    plans, figures = Plans(), Figures(con)
    editions = con.sql("select * from dim_edition").df().to_dict("records")
    bindings = con.sql("select * from dim_plan_binding").df().to_dict("records")
    out = []
    for edition in editions:
        bound = {
            b["document_code"] for b in bindings
            if b["region_code"] == edition["region_code"]
            and b["valid_from"] <= edition["as_of_date"] and b["valid_to"] >= edition["statistics_date"]
        }  # fmt: skip
        out += [_judge(t, edition, plans, figures) for t in plans.targets if t["document_code"] in bound]
    return pd.DataFrame(out)


def _judge(target: dict[str, str], edition: dict[str, Any], plans: Plans, figures: Figures) -> dict[str, Any]:
    indicator = plans.catalogue.get(target["indicator_code"])
    timing = _timing(target, edition, plans)
    row: dict[str, Any] = {k: edition[k] for k in KEYS[:2]} | {"target_id": target["target_id"]}
    goal, strict = float(target["value_num"]), target["comparator"] == "<" and target["judge"] == "at_most"
    start = _start(indicator["clock"], edition, target, plans) if indicator else None
    period = plans.periods[indicator["clock"], start]["period_id"] if indicator and start is not None else None
    group = plans.groups.get((target["document_code"], target["subgroup"]))
    whole = group is None or group["is_label"] == "yes"
    found = figures.at[target["indicator_code"], edition["region_code"], period] if period else []
    measured: list[tuple[dict[str, Any], float | None, str]] = []
    if indicator and whole:
        parts = _parts(target, indicator, group, found, plans)
        measured = [(p, *_measure(p, target, indicator, start, edition, plans, figures)) for p in parts]
    counted = [m for m in measured if not (m[1] is None and m[0]["status"] == "not_applicable")]
    known = [v for _, v, _ in counted if v is not None]
    verdicts = [(holds(target["judge"], strict, v, goal), v) for v in known]
    failing = [x for x in verdicts if x[0] is False]
    held: bool | None = False if failing else None
    if not failing and known and len(known) == len(counted) and target["judge"] != "informative":
        held = True
    shown = _shown(target, failing, verdicts, len(counted) - len(known), goal)
    row |= {"period_id": period, "part_count": len(counted), "known_count": len(known), "target_value": goal}
    row |= {"actual_value": shown, "gap": None if shown is None else shown - goal, "timing": timing}
    row["operand"] = measured[0][2] if measured else None
    row["status"], row["reason"] = _status(timing, held)
    level = target["measure_at"] in ("snapshot", "period_end") and row["operand"] == "value"
    if timing == "not_started" and held is False and level:
        row["status"] = "at_risk"
    if row["status"] == "no_data":
        row["reason"] = _lacking(target, indicator, whole, measured, found)
    return row


def _timing(target: dict[str, str], edition: dict[str, Any], plans: Plans) -> str:
    if target["judge"] == "informative":
        return "informative"
    if target["target_id"] in plans.repeated:
        return "counted_once"
    begins, ends, due = target["period_start"], target["period_end"], target["due_date"]
    if target["recurrence"] == "standing":
        day = str(edition["statistics_date"])[:10]
        return "due" if begins <= day <= ends else ("not_started" if day < begins else "period_over")
    clock = "school_year" if target["clock"] == "none" else target["clock"]
    window = plans.periods[clock, _own_start(clock, edition)]
    if target["recurrence"] == "once" or target["recurrence"].startswith("cycle_"):
        if window["starts_on"] <= due <= window["ends_on"]:
            return "due"
        if due < window["starts_on"]:
            return "period_over"
        return "not_started" if begins > window["ends_on"] else "running"
    last = window["ends_on"]
    return "due" if begins <= last <= ends else ("not_started" if last < begins else "period_over")


def _own_start(clock: str, edition: dict[str, Any]) -> int:
    """Start year of the period of a clock that an edition takes."""
    return int(edition["school_year"][:4]) if clock == "school_year" else int(edition[clock])


def _start(clock: str, edition: dict[str, Any], target: dict[str, str], plans: Plans) -> int:
    start = _own_start(clock, edition)
    late = target["indicator_code"] in plans.closing and target["clock"] not in ("school_year", "none")
    return start - 1 if late and clock == "school_year" else start


def _parts(
    target: dict[str, str], indicator: dict[str, str], group: dict[str, str] | None, found: list[dict[str, Any]],
    plans: Plans,
) -> list[dict[str, Any]]:  # fmt: skip
    """The values that are about the target: the whole scope where it has one, else each part of it."""
    area = (group and group["urban_rural"]) or target["urban_rural"]
    window = plans.windows.get((target["document_code"], target["indicator_code"]))
    sections = "county" not in indicator["aggregates_to"].split(";")
    fitting = []
    for r in found:
        if r["entity_type"] == "section" and not sections:
            continue
        if r["urban_rural"] != area and not (area == "all" and r["entity_type"] == "section"):
            continue
        if (window and r["group_code"] != f"window_{window}") or (not window and r["group_code"].startswith("window_")):
            continue
        if r["stage"] != target["stage"] and r["stage"] not in plans.stages[target["stage"]]:
            continue
        if target["grade"]:
            if r["grade"] not in plans.grades[target["grade"]]:
                continue
        elif r["grade"] != "_all" and r["exam_id"] == "_all":
            continue
        fitting.append(r)
    of_sections = [r for r in fitting if r["entity_type"] == "section"]
    if sections and of_sections:
        fitting = of_sections
    joined = [r for r in fitting if r["exam_id"] == "_all" and r["subject"] == "_all"]
    exact = [r for r in fitting if r["stage"] == target["stage"]]
    both = [r for r in joined if r["stage"] == target["stage"]]
    return fitting if sections and of_sections else both or joined or exact or fitting


def _measure(
    part: dict[str, Any], target: dict[str, str], indicator: dict[str, str], start: int | None, edition: dict[str, Any],
    plans: Plans, figures: Figures,
) -> tuple[float | None, str]:  # fmt: skip
    """What is held against the target, and what it is."""
    value, clock = part["value"], indicator["clock"]
    assert start is not None
    if target["judge"].startswith("change_") and not target["unit_code"].endswith("_change"):
        before = figures.same(part, plans.periods[clock, start - 1]["period_id"], any_exam=True)
        return (None if value is None or before is None else value - before), "change"
    if target["measure_at"] == "cumulative_from_start" and indicator["kind"] == "total":
        span = range(plans.containing(clock, target["period_start"]), start + 1)
        years = [figures.same(part, plans.periods[clock, y]["period_id"]) for y in span]
        whole = [y for y in years if y is not None]
        return (sum(whole) if years and len(whole) == len(years) else None), "sum_of_years"
    if target["judge"] == "all_entities" and indicator["kind"] == "total":
        period = part["period_id"] if clock == "school_year" else edition["school_year"]
        schools = figures.schools.get((part["region_code"], period, part["stage"]))
        return (None if value is None or not schools else value * 100.0 / schools), "share_of_schools"
    return value, "value"


def _shown(target: dict[str, str], failing: list[Any], verdicts: list[Any], unknown: int, goal: float) -> float | None:
    """The value that decides: the worst that fails; nothing where one is unknown; else the one closest to failing."""
    judge = target["judge"]
    pool = failing or ([] if unknown and judge != "informative" else verdicts)
    if not pool:
        return None
    values = [v for _, v in pool]
    if judge in LOWER:
        return max(values)
    return max(values, key=lambda v: abs(v - goal)) if judge == "exact" else min(values)


def _status(timing: str, held: bool | None) -> tuple[str, str | None]:
    match timing:
        case "informative":
            return "informative", None
        case "counted_once":
            return "informative", "counted_once"
        case "not_started" | "period_over":
            return "not_due", timing
        case "running":
            return (
                ("not_due", "running")
                if held is None
                else (("not_due", "on_track") if held else ("at_risk", "off_track"))
            )
    return ("no_data", None) if held is None else (("met", None) if held else ("missed", None))


def _lacking(
    target: dict[str, str],
    indicator: dict[str, str] | None,
    whole: bool,
    measured: list[Any],
    found: list[dict[str, Any]],
) -> str:
    if indicator is None:
        return "no_indicator"
    if measured:
        missing = [p["status"] for p, v, _ in measured if v is None]
        told = [s for s in missing if s != "not_applicable"] or missing
        return "not_reported" if told[0] == "ok" else told[0]
    if not whole:
        return "subgroup_not_reported"
    valued = [r for r in found if r["value"] is not None]
    if target["grade"] and valued and all(r["grade"] == "_all" for r in valued):
        return "grade_not_reported"
    return "scope_not_reported" if valued else "not_reported"
