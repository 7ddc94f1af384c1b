"""The report: one HTML file for people, without scripts and without a network, made from data sets and gate alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from publication import balance, charts, dictionary, facts, figures, movement, sections
from publication import manifest as m
from publication.draft import Draft
from publication.language import joined, say, speaking, spoken

_TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment() -> jinja2.Environment:
    """Templates with the words of the language spoken when they are rendered."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"word": dictionary.word, "fig": figures, "fill": charts.STATUS_FILL, "_": say, "joined": joined}
    made.globals |= {"spoken": spoken}
    return made


def render(draft: Draft, version: str, changes: dict[str, Any], language: str = "zh") -> str:
    """The whole report as HTML text. Same arguments, same text: it knows no clock, host, build or signer."""
    with speaking(language):
        return environment().get_template("report.html").render(_page(draft, version, changes))


def _page(draft: Draft, version: str, changes: dict[str, Any]) -> dict[str, Any]:
    sets, clearance = draft.sets, draft.clearance
    known = facts.definitions(sets)
    targets = facts.rows_of(sets, "target_tracking")
    plans = facts.documents(targets, known, draft.names.documents)
    domains = facts.domains(facts.rows_of(sets, "indicator_value"), targets, known)
    stages = facts.balance(facts.rows_of(sets, "resource_dispersion"), targets, known)
    budget = sections.budget(facts.rows_of(sets, "budget_summary"))
    trend = facts.rows_of(sets, "indicator_trend")
    wanted = {(str(t.get("indicator_code")), str(t.get("stage"))) for t in targets}
    limits = {(s["stage"], i["stem"]): i["limit"] for s in stages for i in s["items"] if i["limit"] is not None}
    return {
        "region": draft.region,
        "of_city": draft.set("county_figure") is not None,
        "region_name": draft.names.region,
        "school_year": draft.school_year,
        "version": version,
        "verdict": clearance.outcome,
        "edition_id": m.edition_id(draft.region, draft.school_year, version),
        "totals": _totals(plans),
        "plans": plans,
        "plan_chart": _plan_chart(plans),
        "moved": movement.moved(trend, known, wanted, draft.school_year),
        "assessment": balance.assessment(sets, known),
        "domains": domains,
        "domain_chart": _domain_chart(domains),
        "stages": [{**s, **_stage_charts(s)} for s in stages],
        "cv_trends": movement.coefficients(facts.rows_of(sets, "dispersion_trend"), limits, draft.school_year),
        "trends": movement.trends(trend, known, wanted, draft.school_year),
        "budget": budget,
        "budget_chart": sections.budget_chart(budget),
        "plan_money": sections.plan_money(facts.rows_of(sets, "budget_summary"), draft.names.documents),
        "projects": sections.projects(facts.rows_of(sets, "project")),
        "performance": sections.performance(facts.rows_of(sets, "project_target")),
        "remarks": sections.remarks(facts.rows_of(sets, "document_remark"), draft.names.documents),
        "milestones": sections.milestones(facts.rows_of(sets, "milestone")),
        "reported": sections.reported_milestones(facts.rows_of(sets, "milestone_status")),
        "gate": sections.gate(clearance),
        "overrides": m.overrides(clearance),
        "methods": sections.methods(known, domains, draft.names.measures),
        "sources": sections.sources(draft.inputs),
        "sets": [{"name": s.name, "title": dictionary.name(s.name), "rows": s.rows} for s in sets],
        "changes": sections.changes(changes),
    }


def _totals(plans: list[dict[str, Any]]) -> dict[str, int]:
    return {s: sum(p["counts"][s] for p in plans) for s in facts.STATUSES}


def _segments(counts: dict[str, int], order: tuple[str, ...]) -> list[tuple[str, int, str]]:
    return [(s, counts[s], f"{dictionary.word('symbol', s)} {counts[s]}") for s in order]


def _plan_chart(plans: list[dict[str, Any]]) -> charts.Chart | None:
    order = ("met", "at_risk", "missed", "no_data", "not_due", "informative")
    said = joined(
        [
            f"{p['name']}: "
            + joined([f"{dictionary.word('status', s)} {p['counts'][s]}" for s in order if p["counts"][s]])
            for p in plans
        ],
        "clause",
    )
    rows = [(f"{p['name']} ({p['total']})", _segments(p["counts"], order)) for p in plans]
    return charts.stacked(rows, say("各规划目标的达标情况。{said}。", said=said))


def _domain_chart(domains: list[dict[str, Any]]) -> charts.Chart | None:
    """Nothing where nothing is missing."""
    rows, said = [], []
    if not any(d["missing_indicators"] for d in domains):
        return None
    for d in domains:
        have, lack = d["valued_indicators"], d["missing_indicators"]
        segments = [("valued", have, say("有值 {n}", n=have)), ("no_data", lack, say("暂缺 {n}", n=lack))]
        rows.append((f"{d['name']} ({have + lack})", segments))
        said.append(say("{name}有值 {a} 项、暂缺 {b} 项", name=d["name"], a=have, b=lack))
    return charts.stacked(rows, say("各领域指标的数据完备情况。{said}。", said=joined(said, "clause")))


def _stage_charts(stage: dict[str, Any]) -> dict[str, Any]:
    cvs = [i for i in stage["items"] if i["cv"] is not None]
    # Items of the region's own choice have no limit; beside those that have one they would only blur the picture.
    cvs = [i for i in cvs if i["limit"] is not None] or cvs
    limit = next((i["limit"] for i in cvs if i["limit"] is not None), None)
    over = [i["short"] for i in cvs if i["holds"] is False]
    text = say("均未超过上限") if not over else say("{names}超过上限", names=joined(over))
    shown = figures.number(limit)
    cv_caption = (
        say("{stage}资源配置的校际差异系数（上限 {limit}）：{text}。", stage=stage["name"], limit=shown, text=text)
        if limit is not None
        else say("{stage}资源配置的校际差异系数。", stage=stage["name"])
    )
    cv_chart = charts.limits(
        [(i["short"], float(i["cv"]), i["cv_text"], i["holds"]) for i in cvs],
        None if limit is None else float(limit),
        say("上限 {limit}", limit=shown),
        cv_caption,
    )
    ratios = [i for i in stage["items"] if i["mean"] is not None and i["threshold"]]
    below = [i["short"] for i in ratios if not i["reaches"]]
    said = say("{names}低于达标线", names=joined(below)) if below else say("均不低于达标线")
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
        say("达标线"),
        say("{stage}资源配置的均值相当于达标线的百分比：{text}。", stage=stage["name"], text=said),
    )
    return {"cv_chart": cv_chart, "ratio_chart": ratio_chart}
