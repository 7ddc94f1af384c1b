"""The pages that go with the figures, made from the model: dictionary, methodology, quality statement, revisions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from publication import dictionary, facts, figures, report, sections
from publication import manifest as m
from publication.draft import Draft
from publication.language import LANGUAGES, speaking, spoken

PAGES = ("dictionary", "methodology", "quality", "revisions")


def documents(draft: Draft, version: str, changes: dict[str, Any], history: list[dict[str, Any]]) -> dict[str, bytes]:
    """`docs/<page>.html` in Chinese, `docs/en/<page>.html` in English.

    `history`: changes of earlier versions, oldest first.
    """
    made = {}
    for language in LANGUAGES:
        folder = "docs/" if language == "zh" else f"docs/{language}/"
        with speaking(language):
            common = {
                "region_name": draft.names.region,
                "school_year": draft.school_year,
                "version": version,
                "edition_id": m.edition_id(draft.region, draft.school_year, version),
            }
            parts = {
                "dictionary": {"sets": _columns(draft), "codes": _codes()},
                "methodology": {"definitions": _definitions(draft), "names": draft.names},
                "quality": _quality(draft),
                "revisions": {"history": [_said(h) for h in [*history, {"version": version, **changes}]]},
            }
            environment = report.environment()
            for page in PAGES:
                text = environment.get_template(f"docs/{page}.html").render({**common, **parts[page]})
                made[f"{folder}{page}.html"] = text.encode()
    return made


def _said(changes: dict[str, Any]) -> dict[str, Any]:
    """What a version says of itself; a line a data set."""
    return {"version": changes["version"], **sections.changes(changes)}


def _columns(draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "name": s.name,
            "title": dictionary.name(s.name),
            "rows": s.rows,
            "columns": [
                {
                    "name": c,
                    "label": dictionary.label(s.name, c, t),
                    "type": t,
                    "unit": dictionary.describe(s.name, c, t).unit,
                    "role": dictionary.word("column_role", dictionary.describe(s.name, c, t).role),
                }
                for c, t in s.columns
            ],
        }
        for s in draft.sets
    ]


def _codes() -> list[dict[str, Any]]:
    families = ("obs_status", "status", "reason", "stage", "urban_rural", "judge", "milestone_state")
    return [
        {"name": f, "codes": [(c, dictionary.word(f, c)) for c in dictionary.order(f) if not c.startswith("_")]}
        for f in families
    ]


def _definitions(draft: Draft) -> list[dict[str, Any]]:
    known = facts.definitions(draft.sets)
    order = dictionary.order("domain")
    rows = [
        {
            "code": code,
            "name": facts.indicator_name(code, known),
            "domain": dictionary.word("domain", d.get("domain")),
            "unit": dictionary.word("unit", d.get("unit")),
            "formula": sections.formula(d, draft.names.measures),
            "clock": dictionary.word("period_type", d.get("clock")),
            "version": str(d.get("definition_version") or ""),
            "place": (order.index(d["domain"]) if d.get("domain") in order else len(order), code),
        }
        for code, d in known.items()
    ]
    return sorted(rows, key=lambda r: r["place"])


def _quality(draft: Draft) -> dict[str, Any]:
    values = [v for v in facts.rows_of(draft.sets, "indicator_value") if v.get("entity_type") in ("county", "city")]
    statuses = Counter(str(v.get("obs_status")) for v in values)
    reasons = Counter(facts.reason_of(v) for v in values if v.get("obs_status") in ("M", "z"))
    found = Counter(f["check_id"] for f in draft.clearance.findings)
    checks = [
        {
            "id": c.check_id,
            "title": c.title_zh if spoken() == "zh" else c.title_en,
            "severity": dictionary.word("severity", c.severity),
            "stage": dictionary.word("check_stage", c.stage),
            "found": found[c.check_id],
        }
        for c in sorted(
            () if draft.clearance.gate.get("checks") else m.checks(),
            key=lambda c: (dictionary.order("severity").index(c.severity), c.check_id),
        )
    ]
    notes = facts.rows_of(draft.sets, "footnotes")
    return {
        "statuses": [(dictionary.word("obs_status", s), statuses[s]) for s in dictionary.order("obs_status")],
        "reasons": sorted(reasons.items(), key=lambda r: (-r[1], r[0])),
        "sources": sections.sources(draft.inputs),
        "checks": checks,
        "notes": [{**n, "message": n["message_zh"] if spoken() == "zh" else n["message_en"]} for n in notes],
        "rows_accepted": figures.number(sum(i["rows_accepted"] for i in draft.inputs), 0),
        "rows_rejected": figures.number(sum(i["rows_rejected"] for i in draft.inputs), 0),
        "verdict": dictionary.word("verdict", draft.clearance.outcome),
    }
