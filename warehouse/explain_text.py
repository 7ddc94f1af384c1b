"""An explanation for a terminal, in Chinese: the number, how it is made, its rows and cells, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from warehouse.explain import Explanation, Operand
from warehouse.explain_split import split_lines

SHOWN = 8
ROLES = {
    "numerator": "分子",
    "denominator": "分母",
    "now_numerator": "本期分子",
    "now_denominator": "本期分母",
    "prior_numerator": "前期分子",
    "prior_denominator": "前期分母",
    "urban_numerator": "城镇分子",
    "urban_denominator": "城镇分母",
    "other_numerator": "对照分子",
    "other_denominator": "对照分母",
    "members": "计数对象",
    "peer": "外县",
}
STATUSES = {
    "met": "达到",
    "missed": "未达到",
    "at_risk": "有风险",
    "no_data": "无数据",
    "not_due": "未到期",
    "informative": "仅供参考",
}
COMBINES = {"max": "同一对象只计一次", "per_12": "每12行计1,不足12行按1计"}
ROLLUPS = {"distinct": "按对象去重计数", "max_within_school": "校内取最大再合计", "none": "逐项取值"}


def lines(e: Explanation, indent: str = "") -> Iterator[str]:
    """The lines of an explanation; members are indented under it."""
    i, v = e.indicator, e.value
    yield f"{indent}{i['name_zh']}  {i['name_en']}  ({i['indicator_code']}, 口径版本 {v['definition_version']})"
    where = " · ".join(
        str(v[k])
        for k in ("entity_type", "entity_id", "period_id", "stage", "urban_rural", "grade", "subject", "group_code")
        if v[k] not in ("_all", "all")
    )
    yield f"{indent}  {where}:  {number(v['value'])} {i['unit']}  [{v['status']}]"
    yield f"{indent}  公式: {i['formula']}"
    if i["condition"]:
        yield f"{indent}  条件: {i['condition']}"
    if e.agrees is not None:
        yield f"{indent}  由下列各项重算: {number(e.recomputed)} ({'一致' if e.agrees else '不一致'})"
    for o in e.operands:
        yield from _operand(o, indent + "  ")
    yield from _parts(e, indent + "  ")
    for limit in e.limits:
        yield f"{indent}  标准: {limit['member_code']} {limit['judge']} {number(limit['threshold_value'])}"
    for m in e.members:
        yield from lines(m, indent + "    ")
    if indent:
        return
    for t in e.targets:
        status = STATUSES.get(t["status"], t["status"])
        yield (
            f"  目标 {t['target_id']} ({t['document_code']}, {t['stage']}, {t['school_year']}): "
            f"{t['judge']} {number(t['target_value'])} -> {status}"
        )
    if not e.targets:
        yield "  没有约束本数值的目标"
    yield from _since(e.last_edition)
    yield from _context(e)


def _operand(o: Operand, indent: str) -> Iterator[str]:
    filtered = f"  筛选: {o.filter}" if o.filter else ""
    role = ROLES.get(o.role, f"条件项 {o.role[1:]}")
    shown = o.value if o.value is not None else o.recomputed
    yield f"{indent}{role}: {o.name_zh} = {number(shown)} {o.unit}  ({', '.join(o.period_ids)}, {o.stage}){filtered}"
    if not o.is_traced:
        yield f"{indent}    由其他度量推算,没有自己的单元格"
        return
    ways = [w for w in (ROLLUPS.get(o.rollup, ""), COMBINES.get(o.combine, "")) if w]
    if o.formula and o.formula not in ("1",):
        ways.insert(0, f"每行: {o.formula}")
    if ways:
        yield f"{indent}    {';'.join(ways)}"
    if o.agrees is not None:
        mark = "一致" if o.agrees else "不一致"
        yield f"{indent}    由原始单元格重算: {number(o.recomputed)} ({mark}),共 {len(o.rows)} 行"
    if len(o.schools) > 1:
        listed = ", ".join(f"{s['school_code']}: {number(s['value'])}" for s in o.schools[:SHOWN])
        yield f"{indent}    {len(o.schools)} 所学校: {listed}{' …' if len(o.schools) > SHOWN else ''}"
    for line in split_lines(o.splits, SHOWN):
        yield f"{indent}    {line}"
    for r in o.rows[:SHOWN]:
        yield f"{indent}    {row_line(r)}"
    if len(o.rows) > SHOWN:
        yield f"{indent}    … 共 {len(o.rows)} 行,--json 可看全部"


def row_line(r: dict[str, Any]) -> str:
    sheet = f"[{r['sheet']}] " if r["sheet"] else ""
    cells = ", ".join(
        f"{c['column']}{r['row']}={'(人员标识)' if c['field'] == 'person' else number(c['value'])}"
        if c["column"]
        else f"{c['field']}={number(c['value'])}"
        for c in r["cells"]
    )
    return f"{r['file_name']} {sheet}第{r['row']}行  {cells}  sha256 {str(r['file_sha256'])[:12]}…"


def _parts(e: Explanation, indent: str) -> Iterator[str]:
    for p in e.parts[:SHOWN]:
        figures = ", ".join(f"{k}={number(x)}" for k, x in p["figures"].items())
        verdict = "" if p["verdict"] is None else f"  -> {number(p['verdict'])}"
        yield f"{indent}· {p['entity']}: {figures}{verdict}"
    if len(e.parts) > SHOWN:
        yield f"{indent}… 共 {len(e.parts)} 个对象"


def _since(last: dict[str, Any] | None) -> Iterator[str]:
    if last is None:
        yield "  此前的版本未公布本数值"
        return
    then = number(last["value"]) if last["value"] is not None else f"未公布 [{last['obs_status']}]"
    change = last["change"]
    told = "" if change is None else ",无变化" if abs(change) < 1e-9 else f",现变化 {change:+.6g}"
    yield f"  上一版 {last['edition_id']}: {then}{told}"
    for f in last["new_files"][:SHOWN]:
        yield f"    此后收到: {f['file_name']}  sha256 {f['file_sha256'][:12]}…"
    if len(last["new_files"]) > SHOWN:
        yield f"    … 此后收到共 {len(last['new_files'])} 份"
    if last["new_corrections"]:
        yield f"    此后登记的更正: {', '.join(last['new_corrections'])}"
    if last["is_redefined"]:
        yield "    指标口径版本已变"


def _context(e: Explanation) -> Iterator[str]:
    for a in e.attestations:
        yield (
            f"  佐证 {a['evidence_no']}: {a['conclusion']} {number(a['attested_value'])} "
            f"({a['office']}, {a['attested_on']};{a['file_name']} 第{a['row']}行)"
        )
    for d in e.declared:
        yield (
            f"  更正登记: {d['file_name']} {d['column'] or d['column_name']}{d['row']} {number(d['found_value'])} -> "
            f"{number(d['to_value'])}: {d['reason']} ({d['provider']}, {d['provided_on']})"
        )
    for c in e.corrections[:SHOWN]:
        yield f"  更正: {c['file_name']} 已由 {c['by_file_name']} 更正 ({c['basis']})"
    for r in e.rejects[:SHOWN]:
        yield f"  退回的行: {r['file_name']} 第{r['row']}行 {r['column']} [{r['rule']}] {r['message_zh']}"
    if len(e.rejects) > SHOWN:
        yield f"  … 退回共 {len(e.rejects)} 处"
    for f in e.findings[:SHOWN]:
        told = f"  说明: {f['explanation']['text_zh']} ({f['explanation']['signer']})" if f["explanation"] else ""
        yield f"  核查发现 {f['check_id']} [{f['entity_id']}] {f['message_zh']}{told}"
    if len(e.findings) > SHOWN:
        yield f"  … 核查发现共 {len(e.findings)} 条"


def number(value: Any) -> str:
    """A figure without trailing zeros; text and dates as they are; what is missing as a dash."""
    if value is None:
        return "—"
    try:
        figure = float(value)
    except (TypeError, ValueError):
        return str(value)
    return str(value) if isinstance(value, str) else f"{figure:.6f}".rstrip("0").rstrip(".")
