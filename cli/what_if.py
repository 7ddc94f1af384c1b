"""The command that tries a change on the assessment of quality and balance without touching the build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from cli.output import out, print_json, print_table
from warehouse.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
Region = Annotated[str | None, typer.Option("--region", help="region code; optional while there is only one")]

_ZH = {
    "met": "达标",
    "not_met": "未达标",
    "undecided": "未定",
    "primary": "小学",
    "junior": "初中",
    "above_required_edu_teachers": "高于规定学历教师",
    "backbone_teachers": "骨干教师",
    "pe_art_teachers": "体育艺术教师",
    "teaching_area": "教学及辅助用房",
    "sports_area": "体育运动场馆",
    "equipment_value": "教学仪器设备",
    "multimedia_rooms": "网络多媒体教室",
    "student_count": "在校生",
    "above_required_teacher_count": "高于规定学历教师",
    "backbone_teacher_count": "县级以上骨干教师",
    "pe_art_teacher_count": "体育艺术教师",
    "teaching_auxiliary_area_m2": "教学及辅助用房面积",
    "indoor_sports_area_m2": "室内体育用房面积",
    "sports_ground_area_m2": "运动场地面积",
    "equipment_value_yuan": "教学仪器设备值",
    "multimedia_room_count": "网络多媒体教室",
}
_HEADS = {
    "zh": {
        "changes": "改动",
        "items": "七项指标",
        "sections": "学部综合达标",
        "coefficients": "校际差异系数",
        "legs": "随之变化的评估项",
        "school": "学校",
        "stage": "学段",
        "what": "项目",
        "limit": "标准",
        "before": "改动前",
        "after": "改动后",
        "gap": "尚缺",
    },
    "en": {
        "changes": "Changes",
        "items": "The seven items",
        "sections": "Sections",
        "coefficients": "Coefficients of variation",
        "legs": "Legs that change with them",
        "school": "school",
        "stage": "stage",
        "what": "what",
        "limit": "limit",
        "before": "before",
        "after": "after",
        "gap": "still lacking",
    },
}


def register(app: typer.Typer) -> None:
    """Add the command to the house's."""
    app.command("whatif")(whatif)


def whatif(
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="measure=120, measure=+3 or measure=-3; may be repeated")
    ] = None,
    school: Annotated[str | None, typer.Option("--school", help="code of the school, ten digits")] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="primary or junior, for a combined school")] = None,
    year: Annotated[str | None, typer.Option("--year", help="school year (default: the newest edition)")] = None,
    region: Region = None,
    build: Annotated[str | None, typer.Option("--build", help="id of a build (default: the newest good one)")] = None,
    as_json: Json = False,
) -> None:
    """What the assessment of quality and balance would say if a school had more, or less. Nothing is changed."""
    from cli.main import the_region
    from warehouse.whatif import parse_setting, what_if

    settings = Settings.load().prepare()
    result = what_if(
        settings, the_region(settings, region), year, school, stage, [parse_setting(s) for s in sets or ()], build
    )
    if as_json:
        print_json(result.to_dict())
    else:
        _show(result.to_dict(), settings.language)


def _show(found: Mapping[str, Any], language: str) -> None:
    head = _HEADS[language if language in _HEADS else "en"]

    def word(code: str) -> str:
        return _ZH.get(code, code) if head is _HEADS["zh"] else code

    out.print(f"{found['region_code']} {found['school_year']} · build {found['build_id']}", markup=False)
    sides = {"before": head["before"], "after": head["after"]}
    print_table(
        [{"school": f"{c['school_code']} {c['school_name']}", "stage": word(c["stage"]), "what": word(c["measure"]),
          "before": _number(c["before"]), "after": _number(c["after"])} for c in found["changes"]],
        {"school": head["school"], "stage": head["stage"], "what": head["what"], **sides},
        head["changes"],
    )  # fmt: skip
    print_table(
        [{"what": word(i["item_code"]), "limit": _number(i["threshold"]), **_both(i, lambda s: _judged(s, word)),
          "gap": _number(i["after"]["gap_units"])} for i in found["items"]],
        {"what": head["what"], "limit": head["limit"], **sides, "gap": head["gap"]},
        head["items"],
    )  # fmt: skip
    print_table(
        [{"school": f"{s['school_code']} {s['school_name']}", "stage": word(s["stage"]),
          **_both(s, lambda side: f"{side['items_met']}/7 {word(side['status'])}")} for s in found["sections"]],
        {"school": head["school"], "stage": head["stage"], **sides},
        head["sections"],
    )  # fmt: skip
    print_table(
        [{"what": word(c["item_code"]), "stage": word(c["stage"]), "limit": _number(c["limit"]),
          **{side: _number(c[side], 4) for side in sides}} for c in _moved(found["coefficients"], found["changes"])],
        {"what": head["what"], "stage": head["stage"], "limit": head["limit"], **sides},
        head["coefficients"],
    )  # fmt: skip
    name = "name_zh" if head is _HEADS["zh"] else "name_en"
    print_table(
        [{"what": f"{leg['leg_id']} {leg[name]}", "stage": word(leg["stage"]), "limit": _number(leg["limit"]),
          **_both(leg, lambda side: _judged(side, word))} for leg in found["legs"]
         if leg["before"]["status"] != leg["after"]["status"]],
        {"what": head["what"], "stage": head["stage"], "limit": head["limit"], **sides},
        head["legs"],
    )  # fmt: skip
    _conclude(found, word, head)


def _conclude(found: Mapping[str, Any], word: Any, head: Mapping[str, str]) -> None:
    is_zh = head is _HEADS["zh"]
    for side in ("before", "after"):
        whole, passing = found["conclusion"][side], found["passing"][side]
        stages = [s.removesuffix("_sections") for s in passing if s.endswith("_sections")]
        shares = ", ".join(f"{word(s)} {passing[f'{s}_passing']}/{passing[f'{s}_sections']}" for s in stages)
        label, veto = ("结论", "(一票否决)") if is_zh else ("conclusion", " (vetoed)")
        decided = whole["deciding_leg_id"] or ""
        said = word(whole["conclusion"]) + (veto if whole["is_vetoed"] else "")
        out.print(f"{head[side]} · {label}: {said} [{decided}] · {shares}", markup=False)
    if not found["build_agrees"]:
        out.print(
            "注意:改动前的结果与构建不一致,请先运行质量门"
            if is_zh
            else "note: the figures before the change are not those of the build; run the gate first",
            markup=False,
        )


def _moved(coefficients: Iterable[Mapping[str, Any]], changes: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The coefficients that a change moves; all of them where nothing was changed."""
    return [c for c in coefficients if not changes or c["before"] != c["after"]]


def _both(row: Mapping[str, Any], text: Any) -> dict[str, str]:
    return {side: text(row[side]) for side in ("before", "after")}


def _judged(side: Mapping[str, Any], word: Any) -> str:
    return f"{_number(side['value'], 4)} {word(side['status'])}"


def _number(value: Any, places: int = 2) -> str:
    if value is None:
        return "—"
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value)}"
    return f"{value:.{places}f}"
