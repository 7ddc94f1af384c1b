"""Pages made from the contracts: `docs/sources.md` and each source's README.

`python -m ingest.catalogue --write` makes them, `--check` fails when one is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from ingest.contracts import SOURCES, Contract, Field, contracts
from warehouse.files import atomic_write
from warehouse.settings import PROJECT_ROOT

PERIODS = {
    "school_year": ("school year", "学年"),
    "fiscal_year": ("fiscal year", "财政年度"),
    "calendar_year": ("calendar year", "自然年"),
    "none": ("a list without a year, sent whole", "不分年度,整表报送"),
}
_INTRO = """# The files a bureau sends

One section a source: what the file is, its period, and its columns as the raw table has them. The header is the first
accepted way of writing it; the contract of the source lists the others. *key*: part of the row's key; *required*: a row
without it is returned. People's identifiers become keyed pseudonyms on the way in; names are not kept. Made from the
contracts by `python -m ingest.catalogue --write`.
"""


def render_catalogue() -> str:
    """Markdown of `docs/sources.md`: every source with its columns."""
    parts = [_INTRO]
    for name in sorted(contracts()):
        c = contracts()[name]
        parts.append(
            f"## {name}\n\n{c.purpose}。Period: {PERIODS[c.clock][0]}. Measures under `{measure_source(c)}`.\n"
        )
        parts.append("| column | type | header | |\n|---|---|---|---|\n" + "\n".join(_rows(c)) + "\n")
    return "\n".join(parts)


def measure_source(contract: Contract) -> str:
    """The name under which the list of measures knows the source."""
    return contract.custom.get("measureSource", contract.source)


def _rows(contract: Contract) -> Iterator[str]:
    for f in contract.fields:
        if not f.stored and not f.custom.get("aliasOf"):
            continue
        header = f.aliases[0] if f.aliases else "—"
        yield f"| {f.name} | {f.type} | {header} | {', '.join(_marks(f))} |"


def _marks(f: Field) -> Iterator[str]:
    if f.required:
        yield "required"
    if f.key:
        yield "key"
    if f.vocabulary:
        yield f"list `{f.vocabulary}`"
    if f.custom.get("pseudonym"):
        yield "pseudonym"
    if f.custom.get("aliasOf"):
        yield f"alias of {f.custom['aliasOf']}, not stored"
    if f.custom.get("part"):
        yield f"only the {f.custom['part']} is kept"
    if f.unit:
        yield f.unit.get("default") or "unit from the header or the unit line"


def render_readme(contract: Contract) -> str:
    """Markdown of a source's README: who sends it, how it is known, what becomes of it."""
    c = contract
    header = {f.name: f.aliases[0] if f.aliases else f.name for f in c.fields}
    period_en, period_zh = PERIODS[c.clock]
    sender = "学校(也可由区县汇总)" if c.custom["unit"] == "school" else "区县教育局"
    needed = [header[f.name] for f in c.fields if f.required and f.read]
    known = " / ".join("、".join(header[n] for n in group) for group in c.custom["detection"]["requires"])
    person = [header[f.name] for f in c.fields if f.identifier]
    private = [header[f.name] for f in c.fields if f.classification in ("name", "sensitive")]
    lines = [
        f"# {c.source}",
        "",
        f"{c.purpose}。报送单位:{sender};周期:{period_zh}。",
        "",
        f"{c.usage}。",
        "",
        f"- One row is {c.custom['rowGrain']}. Period: {period_en}. Measures under `{measure_source(c)}`.",
        f"- 必填: {'、'.join(needed)}。",
        f"- 认表依据(表头): {known}。",
        f"- A file is split into submissions by region, period{''.join(', ' + s for s in c.custom['scope'])}.",
        f"- Waits for: {', '.join(c.needs) or 'nothing'}.",
    ]
    if person or private:
        lines.append(f"- 个人信息: {'、'.join([*person, *private])}。标识符换成假名,姓名不入库,敏感项只进受限区。")
    units = [f"{header[f.name]} ({(f.unit or {}).get('default') or '表头或单位行写明'})" for f in c.fields if f.unit]
    if units:
        lines.append(f"- 计量单位: {'、'.join(units)}。")
    lines += [
        "",
        "`fixtures/`: `good_*` load whole, `bad_<rule>` has one fault in one row, `rejected_*` are turned away whole.",
        "",
    ]
    return "\n".join(lines)


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    found = {PROJECT_ROOT / "docs" / "sources.md": render_catalogue()}
    found |= {SOURCES / c.source / "README.md": render_readme(c) for c in contracts().values()}
    return found


def stale() -> list[Path]:
    """Pages that do not say what the contracts say."""
    return [p for p, text in pages().items() if not p.exists() or p.read_text(encoding="utf-8") != text]


def main(arguments: list[str]) -> int:
    """`--write` makes the pages; `--check` fails when one is out of date."""
    behind = stale()
    if "--write" in arguments:
        texts = pages()
        for path in behind:
            atomic_write(path, texts[path])
        return 0
    for path in behind:
        print(f"{path.relative_to(PROJECT_ROOT)} is out of date: python -m ingest.catalogue --write", file=sys.stderr)
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
