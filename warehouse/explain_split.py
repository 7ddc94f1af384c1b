"""How a combined school's common stock came to its sections, where a number rests on it.

One weight a pupil for each stage, 1 : 1.1 : 1.32 of primary, junior and senior (practice of 2012); or, under the method
`actual`, each section as it was reported. Method and weights are those in force in the school year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb

DIVIDED = "int_section__stock_split"
_PLACE = ("school_code", "school_year", "stage", "submission_id", "sheet_name", "row_number", "is_split")
_CENT = Decimal("0.01")


def read_splits(con: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The combined schools among `rows` whose cells are of common stock, one entry a school and school year.

    An entry has `method` (`actual` or `weights`), `is_split` (weights do not divide where a section has no pupils or
    its stage no weight) and `sections`, all that the school has: stage, pupils, weight, share of the whole, and for
    each stock what the section `reported`, what was `counted`, and what method and report give anew (`made`). `agrees`
    says whether the last two are the same everywhere.
    """
    stocks = [c for (c,) in con.execute(_COLUMNS, [DIVIDED]).fetchall() if c not in _PLACE]
    held = {c["field"] for r in rows for c in r["cells"]} & set(stocks)
    wanted = sorted({(r["school_code"], r["period_id"]) for r in rows if r["school_code"] and r["period_id"]})
    if not held or not wanted:
        return []
    used = [s for s in stocks if s in held]
    places = ", ".join("(?, ?)" for _ in wanted)
    figures = ", ".join(f"reports.{s}, divided.{s}" for s in used)
    found = con.execute(
        "select divided.school_code, divided.school_year, coalesce(parameters.value_text, 'actual'), divided.is_split,"
        f" divided.stage, stages.stage_zh, reports.student_count, stages.split_weight, {figures}"
        f" from {DIVIDED} as divided join stg_school_report__section as reports"
        " using (submission_id, sheet_name, row_number) left join stage as stages on divided.stage = stages.stage"
        " left join int_parameter__by_school_year as parameters on divided.school_year = parameters.school_year"
        " and parameters.parameter_code = 'split_method'"
        f" where (divided.school_code, divided.school_year) in ({places})"
        " order by divided.school_code, divided.school_year, stages.sort_order, divided.stage",
        [value for place in wanted for value in place],
    ).fetchall()
    schools: dict[tuple[str, str], dict[str, Any]] = {}
    for code, year, method, is_split, stage, stage_zh, students, weight, *amounts in found:
        own = schools.setdefault(
            (code, year),
            {"school_code": code, "school_year": year, "method": method, "is_split": is_split, "sections": []},
        )
        pairs = zip(amounts[::2], amounts[1::2], strict=True)
        figures_of = {s: {"reported": r, "counted": c} for s, (r, c) in zip(used, pairs, strict=True)}
        section = {"stage": stage, "stage_zh": stage_zh, "student_count": students, "split_weight": weight}
        own["sections"].append({**section, "share": None, "stocks": figures_of})
    combined = [s for s in schools.values() if len(s["sections"]) > 1]
    for school in combined:
        _divide(school)
    return combined


def _divide(school: dict[str, Any]) -> None:
    """Make every section's stock anew from what was reported, by the method that counted."""
    sections = school["sections"]
    if school["is_split"]:
        weighed = [s["student_count"] * s["split_weight"] for s in sections]
        for section, weight in zip(sections, weighed, strict=True):
            section["share"] = weight / sum(weighed)
    for stock in sections[0]["stocks"]:
        reported = [s["stocks"][stock]["reported"] for s in sections]
        known = [r for r in reported if r is not None]
        for section in sections:
            figures = section["stocks"][stock]
            if section["share"] is None:
                figures["made"] = figures["reported"]
            else:
                whole = sum(known, Decimal(0)) * section["share"]
                figures["made"] = whole.quantize(_CENT, ROUND_HALF_UP) if known else None
    amounts = [f for s in sections for f in s["stocks"].values()]
    school["agrees"] = all(f["made"] == f["counted"] for f in amounts)


def split_lines(splits: Sequence[Mapping[str, Any]], shown: int) -> Iterator[str]:
    """Lines for a terminal, in Chinese: schools divided by weights one by one, the others together."""
    divided = [s for s in splits if s["is_split"]]
    for school in divided[:shown]:
        mark = "一致" if school["agrees"] else "不一致"
        yield (
            f"一贯制学校 {school['school_code']} ({school['school_year']}) 学部分摊: weights 按学生数和权重,"
            f"{_weights([school])},由填报数重算{mark}"
        )
        for section in school["sections"]:
            parts = "; ".join(
                f"{stock} 填报 {_plain(f['reported'])} 分得 {_plain(f['counted'])}"
                for stock, f in section["stocks"].items()
            )
            yield (
                f"  {section['stage_zh']}: {section['student_count']} 人 × {section['split_weight'].normalize():f},"
                f"占全校 {float(section['share']):.4%}; {parts}"
            )
    if len(divided) > shown:
        yield f"… 按权重分摊的一贯制学校共 {len(divided)} 所"
    for method, reason in (("actual", "各学部按实际填报,未用权重"), ("weights", "有学部缺学生数或权重,未分摊")):
        kept = [s for s in splits if not s["is_split"] and s["method"] == method]
        if codes := sorted({s["school_code"] for s in kept}):
            listed = ", ".join(codes[:shown]) + (" …" if len(codes) > shown else "")
            yield f"一贯制学校 {len(codes)} 所 学部分摊: {method} {reason}({_weights(kept)}): {listed}"


def _weights(splits: Sequence[Mapping[str, Any]]) -> str:
    """`小学 : 初中 = 1 : 1.1`, of the stages that the schools have, in the order of their weights."""
    known = {s["stage_zh"]: s["split_weight"] for school in splits for s in school["sections"]}
    stages = sorted((weight, name) for name, weight in known.items() if weight is not None)
    return f"{' : '.join(n for _, n in stages)} = {' : '.join(f'{w.normalize():f}' for w, _ in stages)}"


def _plain(value: Any) -> str:
    return "—" if value is None else f"{value.normalize():f}"


_COLUMNS = "select column_name from information_schema.columns where table_name = ? order by ordinal_position"
