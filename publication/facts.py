"""What the report says, drawn from the data sets alone: rows as dicts, joined and grouped for reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from publication import dictionary, figures
from publication.datasets import PREFIX, DataSet
from publication.language import say, spoken

STATUSES = ("missed", "at_risk", "met", "no_data", "not_due", "informative")
_JUDGED = ("missed", "at_risk", "met")
# An indicator by exam, grade and subject can run to hundreds of rows; the rest is in the data file.
_ROWS_SHOWN = 24
Row = dict[str, Any]


def rows_of(sets: Iterable[DataSet], name: str) -> list[Row]:
    return next((s.table.to_pylist() for s in sets if s.name.removeprefix(PREFIX) == name), [])


def pick(row: Row, *names: str) -> Any:
    """The first of the columns that has something in it."""
    return next((row[n] for n in names if row.get(n) not in (None, "")), None)


def definitions(sets: list[DataSet]) -> dict[str, Row]:
    return {r["indicator_code"]: r for r in rows_of(sets, "indicator_definition")}


def indicator_name(code: str, known: dict[str, Row], row: Row | None = None) -> str:
    if spoken() == "en":
        english = pick(row or {}, "indicator_name_en") or pick(known.get(code, {}), "name_en")
        if english:
            return str(english)
    return str(
        pick(row or {}, "indicator_name_zh", "indicator_name") or pick(known.get(code, {}), "name_zh") or code or ""
    )


def reason_of(row: Row) -> str:
    """Why a row has no figure, in the language spoken."""
    code, text = str(row.get("reason") or ""), str(row.get("reason_zh") or "")
    return dictionary.word("reason", code) or text if spoken() == "en" else text or dictionary.word("reason", code)


def rank_of_stage(stage: Any) -> int:
    """Where a stage stands in reading order: as in school, wider scopes after their parts."""
    stages = dictionary.order("stage")
    return stages.index(str(stage)) if str(stage) in stages else len(stages)


def places(definition: Row) -> int:
    places = definition.get("precision_digits")
    return int(places) if places not in (None, "") else 2


def documents(targets: list[Row], known: dict[str, Row], names: dict[str, str]) -> list[Row]:
    """One entry per plan: its name, counts by status, judged rows in reading order, and the rest grouped by reason."""
    found: dict[str, list[Row]] = {}
    for t in targets:
        found.setdefault(str(t.get("document_code") or ""), []).append(t)
    result = []
    # The national method first, then the plans by code.
    for code in sorted(found, key=lambda c: (c != "national", c)):
        rows = sorted(found[code], key=lambda t: (_rank(t), str(t.get("target_id"))))
        counts = {s: sum(t.get("status") == s for t in rows) for s in STATUSES}
        result.append(
            {
                "code": code,
                "name": str(pick(rows[0], "document_name") or names.get(code) or code or say("其他")),
                "total": len(rows),
                "counts": counts,
                "judged": [_target(t, known) for t in rows if t.get("status") in _JUDGED],
                "others": _by_reason([t for t in rows if t.get("status") not in _JUDGED], known),
            }
        )
    return result


def _rank(target: Row) -> int:
    status = target.get("status")
    return STATUSES.index(status) if status in STATUSES else len(STATUSES)


def _target(t: Row, known: dict[str, Row]) -> Row:
    definition = known.get(t.get("indicator_code") or "", {})
    unit = str(pick(t, "unit", "unit_code") or definition.get("unit") or "")
    # A change is judged against zero whatever the unit of the level; what is printed is the level's unit.
    digits = places(definition)
    judge = str(t.get("judge") or "")
    goal = figures.value(t.get("target_value"), unit, digits)
    if unit != "boolean" and not judge.startswith("change"):
        goal = f"{dictionary.word('judge', judge)} {goal}"
    elif judge.startswith("change"):
        goal = dictionary.word("judge", judge)
    return {
        "id": t.get("target_id"),
        "name": indicator_name(t.get("indicator_code") or "", known, t),
        "scope": figures.scope(t),
        "goal": goal,
        "actual": dictionary.word("obs_status", "c")
        if t.get("obs_status") == "c"
        else figures.value(t.get("actual_value"), unit, digits),
        "gap": figures.NONE if unit == "boolean" else figures.signed(t.get("gap"), digits),
        "status": t.get("status"),
        "reason": t.get("reason") or "",
    }


def _by_reason(targets: list[Row], known: dict[str, Row]) -> list[Row]:
    groups: dict[tuple[str, str], list[str]] = {}
    for t in targets:
        status, reason = str(t.get("status")), reason_of(t)
        names = groups.setdefault((status, reason), [])
        name = indicator_name(t.get("indicator_code") or "", known, t)
        narrowed = figures.scope(t)
        names.append(f"{name} ({narrowed})" if narrowed else name)
    ordered = sorted(groups, key=lambda g: (_rank({"status": g[0]}), -len(groups[g]), g[1]))
    return [{"status": s, "reason": r, "count": len(groups[s, r]), "names": _tally(groups[s, r])} for s, r in ordered]


def _tally(names: list[str]) -> list[str]:
    """Each name once, with how often it came."""
    return [n if names.count(n) == 1 else f"{n} ×{names.count(n)}" for n in dict.fromkeys(names)]


def domains(values: list[Row], targets: list[Row], known: dict[str, Row]) -> list[Row]:
    """Indicators of the region itself by domain: valued rows with numerator and denominator, and what is missing."""
    own = [v for v in values if v.get("entity_type") not in ("school", "section", "township")]
    judged: dict[str, list[Row]] = {}
    for t in sorted(targets, key=_rank):
        judged.setdefault(str(t.get("indicator_code")), []).append(t)
    by_code: dict[str, list[Row]] = {}
    for v in own:
        by_code.setdefault(str(v["indicator_code"]), []).append(v)
    order = dictionary.order("domain")
    grouped: dict[str, Row] = {}
    for code in sorted(by_code):
        definition = known.get(code, {})
        domain = str(definition.get("domain") or by_code[code][0].get("domain") or "")
        entry = grouped.setdefault(
            domain,
            {"code": domain, "name": dictionary.word("domain", domain) or say("其他"), "rows": [], "missing": {}},
        )
        valued = [v for v in by_code[code] if v.get("value") is not None or v.get("obs_status") == "c"]
        if not valued:
            reason = reason_of(by_code[code][0])
            entry["missing"].setdefault(reason, []).append(indicator_name(code, known, by_code[code][0]))
            continue
        valued.sort(key=_place)
        shown = [_value(v, definition, known, _status_of(v, judged.get(code, []))) for v in valued[:_ROWS_SHOWN]]
        shown[0]["is_first"] = True
        shown[-1]["left_out"] = len(valued) - len(shown)
        entry["rows"] += shown
    for entry in grouped.values():
        entry["valued_indicators"] = len({r["code"] for r in entry["rows"]})
        entry["missing_indicators"] = sum(len(names) for names in entry["missing"].values())
    return sorted(
        grouped.values(), key=lambda d: (order.index(d["code"]) if d["code"] in order else len(order), d["code"])
    )


def _place(v: Row) -> tuple[str | int, ...]:
    """Reading order of an indicator's rows: stages as in school, then the rest."""
    return (
        rank_of_stage(v.get("stage")),
        *(str(v.get(c) or "") for c in ("period_id", "urban_rural", "grade", "subject", "exam_id", "group_code")),
    )


def _status_of(v: Row, targets: list[Row]) -> str:
    """The least favourable target of the row's own stage, judged ones first; `no_target` where there is none."""
    own = pick(v, "target_status")
    if own:
        return str(own)
    stage = str(v.get("stage") or "all")
    fitting = [
        str(t.get("status"))
        for t in targets
        if stage in ("all", "_all") or str(t.get("stage") or "all") == "all" or stage in str(t["stage"]).split(";")
    ]
    return fitting[0] if fitting else "no_target"


def _value(v: Row, definition: Row, known: dict[str, Row], status: str) -> Row:
    unit, digits = str(definition.get("unit") or v.get("unit") or ""), places(definition)
    suppressed = v.get("obs_status") == "c"
    return {
        "code": str(v["indicator_code"]),
        "name": indicator_name(str(v["indicator_code"]), known, v),
        "scope": figures.scope(v),
        "period": str(v.get("period_id") or ""),
        "value": dictionary.word("obs_status", "c") if suppressed else figures.value(v.get("value"), unit, digits),
        "numerator": figures.NONE if suppressed else figures.number(v.get("numerator")),
        "denominator": figures.NONE if suppressed else figures.number(v.get("denominator")),
        "status": status,
        "left_out": 0,
        "is_first": False,
    }


def balance(dispersion: list[Row], targets: list[Row], known: dict[str, Row]) -> list[Row]:
    """Per stage the seven resource items: county ratio against its threshold, coefficient against its limit."""
    stages: dict[str, list[Row]] = {}
    for r in dispersion:
        if r.get("kind") in (None, "cv_weighted"):
            stages.setdefault(str(r.get("stage")), []).append(r)
    order = dictionary.order("stage")
    result = []
    for stage in sorted(stages, key=lambda s: order.index(s) if s in order else len(order)):
        items = [_item(r, stage, targets, known) for r in stages[stage]]
        place = dictionary.order("resource_item")
        items.sort(key=lambda i: (place.index(i["stem"]) if i["stem"] in place else len(place), i["stem"]))
        result.append({"stage": stage, "name": dictionary.word("stage", stage), "items": items})
    return result


def _item(r: Row, stage: str, targets: list[Row], known: dict[str, Row]) -> Row:
    code = str(r.get("item_code"))
    stem = item_stem(code)
    limit = pick(r, "cv_limit", "limit_value")
    if limit is None:
        limit = _target_value(targets, stage, lambda c: c == f"res_cv_{stem}")
    threshold = r.get("threshold_value")
    if threshold is None:
        threshold = _target_value(targets, stage, lambda c: item_stem(c) == stem and not c.startswith("res_cv_"))
    mean, cv = r.get("mean_value"), r.get("cv_value")
    full = next((c for c in known if item_stem(c) == stem and not c.startswith("res_cv_")), "")
    unit = str((known.get(full) or {}).get("unit") or "")
    return {
        "stem": stem,
        "short": dictionary.word("resource_item", stem) if stem != dictionary.word("resource_item", stem) else code,
        "name": _item_name(r, known.get(full, {}), stem),
        "mean": mean,
        "mean_text": figures.value(mean, unit),
        "threshold": threshold,
        "threshold_text": figures.value(threshold, unit),
        "reaches": None if mean is None or threshold is None else mean >= threshold,
        "cv": cv,
        "cv_text": figures.number(cv, 3),
        "limit": limit,
        "limit_text": figures.number(limit),
        "holds": None if cv is None or limit is None else figures.decimal(cv) <= figures.decimal(limit),  # type: ignore[operator]
        "schools": figures.number(r.get("n_schools"), 0),
        "missing": r.get("n_missing") or 0,
    }


def _item_name(r: Row, definition: Row, stem: str) -> str:
    if spoken() == "en" and definition.get("name_en"):
        return str(definition["name_en"])
    return str(pick(r, "item_name", "item_name_zh", "name_zh") or pick(definition, "name_zh") or stem)


def item_stem(code: str) -> str:
    """The common part of an item's codes: res_cv_sports_area, res_sports_area_per_student -> sports_area."""
    stem = code.removeprefix("res_").removeprefix("cv_")
    return stem.removesuffix("_per100").removesuffix("_per_student")


def _target_value(targets: list[Row], stage: str, fits: Any) -> Any:
    """The target of a stage for the indicators that fit; the national method's own wins over a plan's copy of it."""
    found = [
        t
        for t in targets
        if t.get("stage") in (stage, "primary;junior", "all")
        and fits(str(t.get("indicator_code")))
        and t.get("target_value") is not None
    ]
    found.sort(key=lambda t: (t.get("document_code") != "national", t.get("stage") != stage, str(t.get("target_id"))))
    return found[0]["target_value"] if found else None
