"""The report: one HTML file for people, without scripts and without a network, made from data sets and gate alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import jinja2

from expectations.catalogue import load_checks
from publication import charts, dictionary, facts, figures
from publication import manifest as m
from publication.clearance import Clearance
from publication.draft import Draft

_TEMPLATES = Path(__file__).with_name("templates")
# Messages of one kind that are spelled out; all of them are in the footnotes' data file.
_MESSAGES_SHOWN = 6


def render(draft: Draft, version: str, changes: dict[str, Any]) -> str:
    """The whole report as HTML text. Same arguments, same text: it knows no clock, host, build or signer."""
    region, names, school_year, sets = draft.region, draft.names, draft.school_year, draft.sets
    clearance, inputs = draft.clearance, draft.inputs
    known = facts.definitions(sets)
    targets = facts.rows_of(sets, "target_tracking")
    plans = facts.documents(targets, known, names.documents)
    domains = facts.domains(facts.rows_of(sets, "indicator_value"), targets, known)
    stages = facts.balance(facts.rows_of(sets, "resource_dispersion"), targets, known)
    budget = _budget(facts.rows_of(sets, "budget_summary"))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"word": dictionary.word, "fig": figures, "fill": charts.STATUS_FILL}
    return environment.get_template("report.html").render(
        region=region,
        region_name=names.region,
        school_year=school_year,
        version=version,
        verdict=clearance.outcome,
        edition_id=m.edition_id(region, school_year, version),
        totals=_totals(plans),
        plans=plans,
        plan_chart=_plan_chart(plans),
        domains=domains,
        domain_chart=_domain_chart(domains),
        stages=[{**s, **_stage_charts(s)} for s in stages],
        budget=budget,
        budget_chart=_budget_chart(budget),
        plan_money=_plan_money(facts.rows_of(sets, "budget_summary"), names.documents),
        remarks=_remarks(facts.rows_of(sets, "document_remark"), names.documents),
        milestones=_milestones(facts.rows_of(sets, "milestone")),
        gate=_gate(clearance),
        overrides=m.overrides(clearance),
        methods=_methods(known, domains, names.measures),
        sources=_sources(inputs),
        sets=[{"name": s.name, "title": dictionary.title(s.name)[0], "rows": s.rows} for s in sets],
        changes=_changes(changes),
    )


def _totals(plans: list[dict[str, Any]]) -> dict[str, int]:
    return {s: sum(p["counts"][s] for p in plans) for s in facts.STATUSES}


def _segments(counts: dict[str, int], order: tuple[str, ...]) -> list[tuple[str, int, str]]:
    return [(s, counts[s], f"{dictionary.word('symbol', s)} {counts[s]}") for s in order]


def _plan_chart(plans: list[dict[str, Any]]) -> charts.Chart | None:
    order = ("met", "at_risk", "missed", "no_data", "not_due", "informative")
    said = "；".join(
        f"{p['name']}："
        + "、".join(f"{dictionary.word('status', s)} {p['counts'][s]} 项" for s in order if p["counts"][s])
        for p in plans
    )
    rows = [(f"{p['name']}（{p['total']} 项）", _segments(p["counts"], order)) for p in plans]
    return charts.stacked(rows, f"各规划目标的达标情况。{said}。")


def _domain_chart(domains: list[dict[str, Any]]) -> charts.Chart | None:
    rows = []
    for d in domains:
        have, lack = d["valued_indicators"], d["missing_indicators"]
        rows.append(
            (f"{d['name']}（{have + lack} 项）", [("valued", have, f"有值 {have}"), ("no_data", lack, f"暂缺 {lack}")])
        )
    said = "；".join(f"{d['name']}有值 {d['valued_indicators']} 项、暂缺 {d['missing_indicators']} 项" for d in domains)
    return charts.stacked(rows, f"各领域指标的数据完备情况。{said}。")


def _stage_charts(stage: dict[str, Any]) -> dict[str, Any]:
    cvs = [i for i in stage["items"] if i["cv"] is not None]
    # Items of the region's own choice have no limit; beside those that have one they would only blur the picture.
    cvs = [i for i in cvs if i["limit"] is not None] or cvs
    limit = next((i["limit"] for i in cvs if i["limit"] is not None), None)
    over = [i["short"] for i in cvs if i["holds"] is False]
    text = "均未超过上限" if not over else f"{'、'.join(over)}超过上限"
    cv_chart = charts.limits(
        [(i["short"], float(i["cv"]), i["cv_text"], i["holds"]) for i in cvs],
        None if limit is None else float(limit),
        f"上限 {figures.number(limit)}",
        f"{stage['name']}资源配置的校际差异系数"
        + (f"（上限 {figures.number(limit)}）：{text}。" if limit is not None else "。"),
    )
    ratios = [i for i in stage["items"] if i["mean"] is not None and i["threshold"]]
    below = [i["short"] for i in ratios if not i["reaches"]]
    ratio_chart = charts.limits(
        [
            (
                i["short"],
                float(i["mean"]) / float(i["threshold"]),
                figures.percent(i["mean"], i["threshold"]),
                i["reaches"],
            )
            for i in ratios
        ],
        1.0,
        "达标线",
        f"{stage['name']}资源配置的县域均值相当于达标线的百分比："
        + (f"{'、'.join(below)}低于达标线。" if below else "均不低于达标线。"),
    )
    return {"cv_chart": cv_chart, "ratio_chart": ratio_chart}


def _budget(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The region's own budget by category, the largest first: initial, latest version, executed, in yuan and 万元."""
    found = []
    for r in rows:
        if r.get("document_code"):
            continue
        planned = facts.pick(r, "adjusted_budget_yuan", "initial_budget_yuan")
        spent = facts.pick(r, "final_yuan", "executed_yuan")
        found.append(
            {
                "label": str(r.get("project_category") or "未分类"),
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


def _plan_money(rows: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
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


def _budget_chart(budget: list[dict[str, Any]]) -> charts.Chart | None:
    rows = [b for b in budget if b["planned"] is not None and b["spent"] is not None][:16]
    if not rows:
        return None
    said = "；".join(f"{b['label']}预算 {b['planned_text']} 万元，执行 {b['spent_text']} 万元" for b in rows)
    return charts.pairs(
        [
            (b["label"], float(b["planned"]), float(b["spent"]), f"{b['spent_text']} / {b['planned_text']} 万元")
            for b in rows
        ],
        f"预算与执行（万元）。{said}。",
    )


def _remarks(rows: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
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


def _milestones(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
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


def _gate(clearance: Clearance) -> dict[str, Any]:
    """Findings by check and explanation, the heaviest first: one entry for what was found and explained alike."""
    private, weight = dictionary.private_entities(), dictionary.order("severity")
    texts = {k: e["text_zh"] for k, e in clearance.explanations.items()}
    groups: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    for f in clearance.findings:
        place = weight.index(f["severity"]) if f["severity"] in weight else len(weight)
        groups.setdefault((place, f["check_id"], texts.get(f["explanation_id"] or "", "")), []).append(f)
    checks = {c.check_id: c for c in load_checks()}
    rows = []
    for (_, check_id, text), found in sorted(groups.items()):
        found.sort(key=lambda f: (f["entity_type"], f["entity_id"]))
        shown = [f["message_zh"] for f in found if f["entity_type"] not in private][:_MESSAGES_SHOWN]
        rows.append(
            {
                "severity": found[0]["severity"],
                "check": checks[check_id].title_zh if check_id in checks else check_id,
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


def _methods(
    known: dict[str, dict[str, Any]], domains: list[dict[str, Any]], measures: dict[str, str]
) -> list[dict[str, Any]]:
    """How each indicator with a value is computed, in words of its own catalogue row."""
    used = {r["code"] for d in domains for r in d["rows"]}
    return [
        {
            "code": code,
            "name": facts.indicator_name(code, known),
            "unit": dictionary.word("unit", known[code].get("unit")) or "比值",
            "formula": _formula(known[code], measures),
            "version": known[code].get("definition_version") or "",
        }
        for code in sorted(used)
        if code in known
    ]


def _formula(definition: dict[str, Any], measures: dict[str, str]) -> str:
    """Numerator over denominator by their Chinese names; the catalogue's own formula where it is of another shape."""
    top, bottom = (
        _operand(definition, measures, "numerator"),
        _operand(definition, measures, "denominator"),
    )
    if definition.get("kind") == "ratio" and top and bottom:
        scale = figures.decimal(definition.get("scale"))
        return f"{top} ÷ {bottom}" + (f" × {figures.number(scale)}" if scale not in (None, 1) else "")
    if definition.get("kind") == "total" and top:
        return f"{top}合计"
    return str(definition.get("formula") or "")


def _operand(definition: dict[str, Any], measures: dict[str, str], which: str) -> str:
    name = measures.get(str(definition.get(f"{which}_measure") or ""), "")
    narrowed = definition.get(f"{which}_filter")
    return f"{name}（{narrowed}）" if name and narrowed else name


def _sources(inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    files = Counter((i["source"], i["period"]) for i in inputs)
    order = dictionary.order("source")
    return [
        {
            "source": dictionary.word("source", source),
            "period": period or "长期",
            "files": count,
            "accepted": sum(i["rows_accepted"] for i in inputs if (i["source"], i["period"]) == (source, period)),
            "rejected": sum(i["rows_rejected"] for i in inputs if (i["source"], i["period"]) == (source, period)),
        }
        for (source, period), count in sorted(
            files.items(), key=lambda kv: (order.index(kv[0][0]) if kv[0][0] in order else 99, kv[0])
        )
    ]


def _changes(changes: dict[str, Any]) -> dict[str, Any]:
    words = {"rows_added": "新增", "rows_removed": "删除", "rows_changed": "数值变更", "rows_reworded": "文字变更"}
    lines = []
    for e in changes["datasets"]:
        parts = [f"{zh} {e[k]} 行" for k, zh in words.items() if e.get(k)]
        parts += [
            f"{zh}列 {'、'.join(e[k])}"
            for k, zh in (("columns_added", "新增"), ("columns_removed", "删除"))
            if e.get(k)
        ]
        parts += [zh for k, zh in (("added", "新增数据集"), ("removed", "删除数据集")) if e.get(k)]
        lines.append({"title": dictionary.title(e["dataset"])[0], "text": "，".join(parts)})
    return {**changes, "lines": lines}
