"""A card for every indicator, made from the seeds: what it is, how it is made, what it is held to, and who may see it.

`schoolhouse cards` writes `docs/indicators/`; `schoolhouse cards --check` fails when a page does not say what the seeds
say.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from warehouse.card_words import (
    AREAS,
    BRIDGES,
    CLOCKS,
    COMBINES,
    DIRECTIONS,
    DISCLOSURES,
    DOMAINS,
    FORMS,
    JUDGES,
    KINDS,
    LEVELS,
    ROLLUPS,
    STAGES,
    WINDOWS,
    ZONES,
    listed,
)
from warehouse.files import atomic_write
from warehouse.settings import PROJECT_ROOT
from warehouse.terms import read_seed, term_code

FOLDER = PROJECT_ROOT / "docs" / "indicators"
Row = Mapping[str, str]


@dataclass(frozen=True)
class Seeds:
    """The rows that cards are made of."""

    folder: Path = PROJECT_ROOT / "dbt_project" / "seeds"

    def _rows(self, name: str) -> list[dict[str, str]]:
        return read_seed(name)

    @cached_property
    def indicators(self) -> list[dict[str, str]]:
        """The catalogue of the plans, then the bureau's own."""
        own = [{**r, "is_local": "yes"} for r in self._rows("indicator_supplement")]
        return [{**r, "is_local": ""} for r in self._rows("indicator_catalogue")] + own

    @cached_property
    def measures(self) -> dict[str, dict[str, str]]:
        return {r["measure_code"]: r for r in self._rows("measures") + self._rows("measure_supplement")}

    @cached_property
    def terms(self) -> dict[str, dict[str, str]]:
        return {r["term_code"]: r for r in self._rows("term")}

    @cached_property
    def forms(self) -> dict[str, dict[str, str]]:
        return {r["indicator_code"]: r for r in self._rows("indicator_form")}

    @cached_property
    def documents(self) -> dict[str, dict[str, str]]:
        return {r["document_code"]: r for r in self._rows("policy_document")}

    @cached_property
    def origins(self) -> dict[tuple[str, str], dict[str, str]]:
        path = self.folder / "lineage" / "measure_origin.csv"
        with path.open(encoding="utf-8", newline="") as handle:
            return {(r["measure_code"], r["source_fact"]): r for r in csv.DictReader(handle)}

    @cached_property
    def names(self) -> dict[str, str]:
        return {r["indicator_code"]: r["name_zh"] for r in self.indicators}

    def of(self, name: str, indicator: str) -> list[dict[str, str]]:
        """Rows of a seed that are about an indicator."""
        return [r for r in self._tables[name] if indicator in r[_KEYS[name]].replace(";", " ").split()]

    @cached_property
    def _tables(self) -> dict[str, list[dict[str, str]]]:
        return {name: self._rows(name) for name in _KEYS}


_KEYS = {
    "national_standard": "indicator_code",
    "policy_targets": "indicator_code",
    "monitoring_rules": "indicator_codes",
    "condition_operand": "indicator_code",
    "indicator_member": "indicator_code",
    "document_window": "indicator_code",
    "indicator_source": "indicator_code",
}


def pages() -> dict[Path, str]:
    """Every page with its text: a card an indicator, and the index."""
    seeds = Seeds()
    found = {FOLDER / f"{i['indicator_code']}.md": render_card(i, seeds) for i in seeds.indicators}
    found[FOLDER / "README.md"] = render_index(seeds)
    return found


def stale() -> list[Path]:
    """Pages that are missing, say something else than the seeds, or are about no indicator."""
    expected = pages()
    behind = [p for p, text in expected.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    return sorted([*behind, *(p for p in FOLDER.glob("*.md") if p not in expected)])


def write() -> list[Path]:
    """Bring every page up to date; returns those that changed."""
    behind, texts = stale(), pages()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in behind:
        if path in texts:
            atomic_write(path, texts[path])
        else:
            path.unlink()
    return behind


def render_index(seeds: Seeds) -> str:
    """The list of all cards by field."""
    lines = [
        "# 指标卡",
        "",
        f"{len(seeds.indicators)} 项指标,每项一页:口径、分子分母、周期、层级、标准沿革、依据、公开范围。",
        "由种子表生成:`schoolhouse cards` 写入,`schoolhouse cards --check` 核对。",
        "",
    ]
    for domain, name in DOMAINS.items():
        own = [i for i in seeds.indicators if i["domain"] == domain]
        if not own:
            continue
        lines += [f"## {name}", "", "| 指标 | 代码 | 单位 | 类型 | 周期 | 公开范围 |", "|---|---|---|---|---|---|"]
        lines += [
            f"| [{i['name_zh']}]({i['indicator_code']}.md) | `{i['indicator_code']}` | {i['unit']} | {KINDS[i['kind']]}"
            f" | {CLOCKS[i['clock']]} | {ZONES[i['zone']]} |"
            for i in own
        ]
        lines.append("")
    return "\n".join(lines)


def render_card(i: Row, seeds: Seeds) -> str:
    """The card of one indicator."""
    code = i["indicator_code"]
    facts = {
        "代码": f"`{code}`",
        "英文名": i["name_en"],
        "领域": DOMAINS[i["domain"]],
        "单位": i["unit"],
        "方向": DIRECTIONS[i["direction"]],
        "类型": f"{KINDS[i['kind']]}(`{i['kind']}`)",
        "学段": listed(i["stage"], STAGES),
        "周期": CLOCKS[i["clock"]] + (f";{WINDOWS[i['window']]}" if i["window"] else ""),
        "跨周期": BRIDGES[i["bridge"]] if i["bridge"] else "",
        "层级": listed(i["aggregates_to"], LEVELS),
        "分组": i["group_by"],
        "公开范围": ZONES[i["zone"]],
        "披露类别": DISCLOSURES[i["disclosure"]],
        "小数位": i["precision"],
        "口径版本": i["definition_version"] + (f",自 {i['valid_from']} 起" if i["valid_from"] else ""),
        "来源": "本地补充" if i["is_local"] else "规划与督导文件",
    }
    lines = [f"# {i['name_zh']}", "", "| 项目 | 内容 |", "|---|---|"]
    lines += [f"| {k} | {_cell(v)} |" for k, v in facts.items() if v]
    lines += ["", "## 口径", "", f"{_in_words(i, seeds)}。"]
    lines += _operands(i, seeds)
    lines += _standards(code, seeds)
    lines += _rules(code, seeds)
    lines += ["", "## 依据", ""]
    lines += [f"- {d}" for d in _documents(i, seeds)]
    lines += ["", f"追溯:`schoolhouse explain {code}` 给出数值、公式、各校的行和原始单元格。", ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _in_words(i: Row, seeds: Seeds) -> str:
    """How the value is made, in a sentence of its form."""
    form = seeds.forms[i["indicator_code"]]
    top, bottom = (_term_name(i, side, seeds) for side in ("numerator", "denominator"))
    scale = f" × {i['scale']}" if i["scale"] not in ("", "1") else ""
    fraction = f"{top} ÷ {bottom}{scale}" if bottom else f"{top}{scale}"
    members = "、".join(seeds.names[r["member_code"]] for r in seeds.of("indicator_member", i["indicator_code"]))
    return FORMS[form["form"]].format(
        top=top,
        bottom=bottom,
        fraction=fraction,
        scale=scale,
        members=members,
        by=LEVELS.get(form["by_entity"], form["by_entity"]),
        end={"max": "最大值", "min": "最小值", "minmax": "最小值和最大值"}.get(form["function_name"], ""),
        condition=f"`{i['condition']}`",
    )


def _term_name(i: Row, side: str, seeds: Seeds) -> str:
    measure = i[f"{side}_measure"]
    if not measure:
        return ""
    text = i[f"{side}_filter"]
    return seeds.measures[measure]["name_zh"] + (f"({_filter_in_words(text)})" if text else "")


def _filter_in_words(text: str) -> str:
    """`a=x & b in (y|z)` as `x、y或z`: the values speak, the names of the dimensions stand in the table below."""
    parts = []
    for clause in text.split("&"):
        value = clause.partition("=")[2] if "=" in clause else clause.partition("(")[2].rstrip(") ")
        parts.append("或".join(v.strip() for v in value.split("|")))
    return "、".join(parts)


def _operands(i: Row, seeds: Seeds) -> Iterator[str]:
    rows = []
    for side, name in (("numerator", "分子"), ("denominator", "分母")):
        if measure := i[f"{side}_measure"]:
            rows.append((name, measure, i[f"{side}_filter"]))
    shown = {m for _, m, _ in rows}
    for o in seeds.of("condition_operand", i["indicator_code"]):
        for code in filter(None, (o["operand_code"], o["other_code"])):
            measure = code.partition("@")[0].partition("__")[0]
            if measure in seeds.measures and measure not in shown:
                shown.add(measure)
                rows.append(("条件项", measure, ""))
    if not rows:
        return
    yield ""
    yield "| | 度量 | 筛选 | 单位 | 报送来源 | 来源栏目 | 合成方式 | 每行 |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, measure, text in rows:
        m, term = seeds.measures[measure], seeds.terms.get(term_code(measure, text), {})
        origin = seeds.origins.get((measure, term.get("source_fact", "")), {})
        ways = [ROLLUPS.get(term.get("rollup", ""), ""), COMBINES.get(origin.get("combine", ""), "")]
        columns = (
            name,
            f"{m['name_zh']} `{measure}`",
            _code(text),
            m["unit"],
            _code(m["source"]),
            _cell(m["source_fields"]),
            ";".join(w for w in ways if w),
            _code(origin.get("formula", "")),
        )
        yield f"| {' | '.join(columns)} |"
    if i["condition"]:
        yield ""
        yield f"条件:`{i['condition']}`"
    for w in seeds.of("document_window", i["indicator_code"]):
        yield ""
        yield f"文件 {w['document_code']} 的周期:{WINDOWS.get(w['window_text'], w['window_text'])}"
    if needed := sorted({r["source"] for r in seeds.of("indicator_source", i["indicator_code"])}):
        yield ""
        yield f"另需报送:{'、'.join(f'`{s}`' for s in needed)}"


def _standards(code: str, seeds: Seeds) -> Iterator[str]:
    """What the indicator has been held to, by the day from which it held."""
    rows = [
        (r["valid_from"], r["valid_to"], r["legal_basis"], STAGES.get(r["stage"], r["stage"]), "", r["judge"],
         r["standard_value"], "")
        for r in seeds.of("national_standard", code)
    ]  # fmt: skip
    for t in seeds.of("policy_targets", code):
        scope = listed(t["stage"], STAGES) + (f",{AREAS[t['urban_rural']]}" if t["urban_rural"] != "all" else "")
        detail = "、".join(filter(None, (t["grade"], t["subgroup"])))
        basis = f"{seeds.documents[t['document_code']]['document_name']} {t['target_id']}"
        value = f"{t['value_num']} {t['unit_code']}" if t["value_num"] else ""
        shown = "" if t["is_published"] == "yes" else "不公布"
        rows.append((t["period_start"], t["period_end"], basis, scope, detail, t["judge"], value, shown))
    if not rows:
        return
    yield ""
    yield "## 标准与目标沿革"
    yield ""
    yield "| 起 | 止 | 依据 | 范围 | 细分 | 判断 | 数值 | |"
    yield "|---|---|---|---|---|---|---|---|"
    for start, end, basis, scope, detail, judge, value, shown in sorted(rows):
        yield f"| {start} | {end or '现行'} | {basis} | {scope} | {detail} | {JUDGES[judge]} | {value} | {shown} |"


def _rules(code: str, seeds: Seeds) -> Iterator[str]:
    rules = seeds.of("monitoring_rules", code)
    if rules:
        yield ""
        yield "## 监测规则"
        yield ""
        yield from (f"- {r['rule_id']} {r['name_zh']}" for r in rules)


def _documents(i: Row, seeds: Seeds) -> Iterable[str]:
    """Documents that name the indicator or hold it to something."""
    codes = {t["document_code"] for t in seeds.of("policy_targets", i["indicator_code"])}
    of_file = {d["file_name"]: c for c, d in seeds.documents.items()}
    named = [f.partition(":")[0] for f in i["seed_file"].split(";")]
    codes |= {of_file[f] for f in named if f in of_file}
    if seeds.of("national_standard", i["indicator_code"]):
        codes.add("national")
    if not codes:
        return ["本地补充指标,不出自规划文件"]
    return [f"{seeds.documents[c]['document_name']}({seeds.documents[c]['issuer']})" for c in sorted(codes)]
