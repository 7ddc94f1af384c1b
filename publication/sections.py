"""Parts of the report made from one data set each: money, projects, milestones, remarks, findings, methods, sources."""

from __future__ import annotations

from collections import Counter
from typing import Any

from publication import charts, dictionary, facts, figures
from publication import manifest as m
from publication.clearance import Clearance
from publication.language import joined, say, spoken

# Messages of one kind that are spelled out; all of them are in the footnotes' data file.
_MESSAGES_SHOWN = 6
_TARGETS_SHOWN = 40
_SIGNS = {">=": "≥", "<=": "≤"}
_OVERDUE_FIRST = ("overdue", "done_late", "not_due", "done")


def budget(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The region's own budget by category, the largest first: initial, latest version, executed, in yuan and 万元."""
    found = []
    for r in rows:
        if r.get("document_code"):
            continue
        planned = facts.pick(r, "adjusted_budget_yuan", "initial_budget_yuan")
        spent = facts.pick(r, "final_yuan", "executed_yuan")
        found.append(
            {
                "label": str(r.get("project_category") or say("未分类")),
                "fiscal_year": r.get("fiscal_year") or "",
                "initial": figures.wan(r.get("initial_budget_yuan")),
                "planned": planned,
                "planned_text": figures.wan(planned),
                "spent": spent,
                "spent_text": figures.wan(spent),
                "rate": figures.percent(spent, planned),
            }
        )
    return sorted(found, key=lambda b: (-(b["planned"] or 0), b["label"]))


def plan_money(rows: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    """What the plans that bind the region set aside, by plan and kind of amount."""
    found = [
        {
            "document": names.get(str(r["document_code"]), str(r["document_code"])),
            "kind": dictionary.word("fact_kind", r.get("fact_kind")),
            "fiscal_year": r.get("fiscal_year") or "",
            "amount": figures.wan(r.get("plan_yuan")),
            "place": (str(r["document_code"]), str(r.get("fact_kind") or "")),
        }
        for r in rows
        if r.get("document_code")
    ]
    return sorted(found, key=lambda r: r["place"])


def budget_chart(budget: list[dict[str, Any]]) -> charts.Chart | None:
    rows = [b for b in budget if b["planned"] is not None and b["spent"] is not None][:16]
    if not rows:
        return None
    wan = dictionary.word("unit", "10k yuan")
    said = joined(
        [say("{name}预算 {a}，执行 {b}", name=b["label"], a=b["planned_text"], b=b["spent_text"]) for b in rows],
        "clause",
    )
    return charts.pairs(
        [
            (b["label"], float(b["planned"]), float(b["spent"]), f"{b['spent_text']} / {b['planned_text']} {wan}")
            for b in rows
        ],
        say("预算与执行（万元）。{said}。", said=said),
    )


def remarks(rows: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for r in rows:
        outcome = str(facts.pick(r, "outcome", "result", "status") or "")
        if outcome != "holds":
            code = str(r.get("document_code") or "")
            found.append(
                {
                    "id": facts.pick(r, "check_id", "remark_id") or "",
                    "document": str(facts.pick(r, "document_name") or names.get(code) or code),
                    "text": facts.pick(r, "remark_zh", "description_zh", "description") or "",
                    "outcome": outcome,
                    "difference": figures.number(r.get("difference")),
                }
            )
    return found


def milestones(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [
        {
            "id": facts.pick(r, "schedule_id", "milestone_id") or "",
            "task": facts.pick(r, "task", "task_zh", "name_zh") or "",
            "responsible": r.get("responsible") or "",
            "start": str(facts.pick(r, "starts_on", "start_date", "planned_start") or ""),
            "end": str(facts.pick(r, "ends_on", "end_date", "planned_end") or ""),
            "recurrence": dictionary.word("recurrence", r.get("recurrence")),
        }
        for r in rows
    ]
    return sorted(found, key=lambda r: (r["end"] or "9", r["start"], r["id"]))


def gate(clearance: Clearance) -> dict[str, Any]:
    """Findings by check and explanation, the heaviest first: one entry for what was found and explained alike."""
    private, weight = dictionary.private_entities(), dictionary.order("severity")
    texts = {k: e["text_zh"] for k, e in clearance.explanations.items()}
    groups: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    for f in clearance.findings:
        place = weight.index(f["severity"]) if f["severity"] in weight else len(weight)
        groups.setdefault((place, f["check_id"], texts.get(f["explanation_id"] or "", "")), []).append(f)
    checks = {c.check_id: c for c in m.checks()}
    rows = []
    for (_, check_id, text), found in sorted(groups.items()):
        found.sort(key=lambda f: (f["entity_type"], f["entity_id"]))
        shown = [
            f["message_zh" if spoken() == "zh" else "message_en"] for f in found if f["entity_type"] not in private
        ][:_MESSAGES_SHOWN]
        rows.append(
            {
                "severity": found[0]["severity"],
                "check": _title(checks.get(check_id), check_id),
                "count": len(found),
                "messages": shown,
                "left_out": len(found) - len(shown),
                "text": text,
            }
        )
    return {
        "groups": rows,
        "findings": len(clearance.findings),
        "checks": len(checks),
        "by_severity": {s: sum(f["severity"] == s for f in clearance.findings) for s in weight},
        "explained": sum((f["explanation_id"] or "") in texts for f in clearance.findings),
    }


def _title(check: Any, check_id: str) -> str:
    return check_id if check is None else check.title_zh if spoken() == "zh" else check.title_en


def methods(
    known: dict[str, dict[str, Any]], domains: list[dict[str, Any]], measures: dict[str, str]
) -> list[dict[str, Any]]:
    """How each indicator with a value is computed, in words of its own catalogue row."""
    used = {r["code"] for d in domains for r in d["rows"]}
    return [
        {
            "code": code,
            "name": facts.indicator_name(code, known),
            "unit": dictionary.word("unit", known[code].get("unit")) or say("比值"),
            "formula": formula(known[code], measures),
            "version": known[code].get("definition_version") or "",
        }
        for code in sorted(used)
        if code in known
    ]


def formula(definition: dict[str, Any], measures: dict[str, str]) -> str:
    """Numerator over denominator by their Chinese names; the catalogue's own formula where it is of another shape."""
    top, bottom = (
        _operand(definition, measures, "numerator"),
        _operand(definition, measures, "denominator"),
    )
    if definition.get("kind") == "ratio" and top and bottom:
        scale = figures.decimal(definition.get("scale"))
        return f"{top} ÷ {bottom}" + (f" × {figures.number(scale)}" if scale not in (None, 1) else "")
    if definition.get("kind") == "total" and top:
        return say("{name}合计", name=top)
    return str(definition.get("formula") or "")


def _operand(definition: dict[str, Any], measures: dict[str, str], which: str) -> str:
    name = measures.get(str(definition.get(f"{which}_measure") or ""), "")
    narrowed = definition.get(f"{which}_filter")
    return f"{name} ({narrowed})" if name and narrowed else name


def sources(inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a source: its periods from first to last, files, rows accepted and rejected."""
    order = dictionary.order("source")
    found: dict[str, list[dict[str, Any]]] = {}
    for i in inputs:
        found.setdefault(str(i["source"]), []).append(i)
    return [
        {
            "source": dictionary.word("source", source),
            "period": _periods({str(i["period"] or "") for i in found[source]}),
            "files": len(found[source]),
            "accepted": sum(i["rows_accepted"] for i in found[source]),
            "rejected": sum(i["rows_rejected"] for i in found[source]),
        }
        for source in sorted(found, key=lambda s: (order.index(s) if s in order else len(order), s))
    ]


def _periods(periods: set[str]) -> str:
    named = sorted(p for p in periods if p)
    if not named:
        return say("长期")
    return named[0] if len(named) == 1 else say("{a} 至 {b}", a=named[0], b=named[-1])


def changes(content: dict[str, Any]) -> dict[str, Any]:
    """The differences to the version before, a line a data set."""
    counted = {
        "rows_added": "新增 {n} 行",
        "rows_removed": "删除 {n} 行",
        "rows_changed": "数值变更 {n} 行",
        "rows_reworded": "文字变更 {n} 行",
    }
    lines = []
    for e in content["datasets"]:
        parts = [say(text, n=e[k]) for k, text in counted.items() if e.get(k)]
        parts += [
            say(text, names=joined(e[k]))
            for k, text in (("columns_added", "新增列 {names}"), ("columns_removed", "删除列 {names}"))
            if e.get(k)
        ]
        parts += [say(text) for k, text in (("added", "新增数据集"), ("removed", "删除数据集")) if e.get(k)]
        lines.append({"title": dictionary.name(e["dataset"]), "text": joined(parts, "clause")})
    causes = [(source, cause) for source, cause in content.get("inputs", {}).items()]
    causes += [(source, "correction") for source in content.get("corrected", [])]
    told = [{"source": dictionary.word("source", s), "cause": dictionary.word("cause", c)} for s, c in causes]
    return {**content, "lines": lines, "causes": told}


def projects(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Leaf projects by category: how many, how many are completed, planned and completed investment, payments."""
    groups: dict[str, dict[str, Any]] = {}
    for r in rows:
        if not r.get("is_leaf"):
            continue
        label = str(r.get("project_category") or r.get("project_type") or say("未分类"))
        entry = groups.setdefault(
            label, {"label": label, "count": 0, "done": 0, "planned": 0, "completed": 0, "paid": 0}
        )
        entry["count"] += 1
        entry["done"] += r.get("status") == "完工"
        for name in ("planned", "completed", "paid"):
            entry[name] += r.get(f"{name}_yuan") or 0
    found = sorted(groups.values(), key=lambda g: (-g["planned"], g["label"]))
    for g in found:
        g["rate"] = figures.percent(g["completed"], g["planned"])
        g |= {f"{name}_text": figures.wan(g[name]) for name in ("planned", "completed", "paid")}
    said = joined(
        [say("{name}计划 {a}，完成 {b}", name=g["label"], a=g["planned_text"], b=g["completed_text"]) for g in found],
        "clause",
    )
    drawn = [
        (g["label"], float(g["planned"]), float(g["completed"]), f"{g['completed_text']} / {g['planned_text']}")
        for g in found
    ]
    chart = charts.pairs(drawn, say("项目计划投资与完成投资（万元）。{said}。", said=said)) if drawn else None
    return {"groups": found, "chart": chart, "count": sum(g["count"] for g in found)}


def performance(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Performance targets: counts by outcome, and those that were not met."""
    outcomes = {True: "met", False: "missed", None: "no_data"}
    counts = Counter(outcomes[r.get("is_met")] for r in rows)
    order = ("project_name", "level1", "level2", "level3")
    missed = [
        {
            "project": r["project_name"],
            "name": r.get("level3") or "",
            "group": " · ".join(str(r[k]) for k in ("level1", "level2") if r.get(k)),
            "goal": _goal(r),
            "actual": _measured(r.get("actual_value"), r),
        }
        for r in sorted(rows, key=lambda r: tuple(str(r.get(k) or "") for k in order))
        if r.get("is_met") is False
    ]
    return {
        "total": len(rows),
        "counts": dict(counts),
        "missed": missed[:_TARGETS_SHOWN],
        "left_out": max(len(missed) - _TARGETS_SHOWN, 0),
    }


def _goal(row: dict[str, Any]) -> str:
    if row.get("target_value") is None:
        return str(row.get("content") or "")
    sign = str(row.get("comparator") or "")
    return f"{_SIGNS.get(sign, sign)} {_measured(row['target_value'], row)}".strip()


def _measured(value: Any, row: dict[str, Any]) -> str:
    unit = str(row.get("measure_unit") or "")
    text = figures.number(value)
    return text if value is None or not unit else f"{text}{unit}" if unit == "%" else f"{text} {unit}"


def reported_milestones(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Milestones that fell due, the overdue first."""
    found = [
        {
            "name": r["milestone_name"],
            "id": r.get("schedule_id") or "",
            "responsible": r.get("responsible") or "",
            "planned": str(r.get("planned_on") or ""),
            "actual": str(r.get("actual_on") or figures.NONE),
            "delay": figures.number(r["delay_day_count"], 0) if (r.get("delay_day_count") or 0) > 0 else "",
            "status": str(r.get("status") or ""),
        }
        for r in rows
    ]
    found.sort(
        key=lambda r: (
            _OVERDUE_FIRST.index(r["status"]) if r["status"] in _OVERDUE_FIRST else 9,
            r["planned"],
            r["name"],
        )
    )
    return {"rows": found, "counts": Counter(r["status"] for r in found)}
