"""A plan's page: its targets as asked, and how a region stands to them, as Markdown or HTML.

`python -m warehouse.plans_page --write` renews the targets of `docs/plans/`; with `--home FOLDER` of a built house the
last verdict on each target as well. Without `--write` it says whether the targets of the pages are current.
"""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warehouse.plans import ALL_YEARS, STATUS_ZH, Standing, asked, documents, judged, name_of, number
from warehouse.settings import PROJECT_ROOT, Settings

PAGES = PROJECT_ROOT / "docs" / "plans"
BEGIN, END = "<!-- targets: begin -->", "<!-- targets: end -->"
ASKED = {
    "target_id": "目标", "indicator": "指标", "scope": "范围", "judge": "判定", "value": "目标值", "unit": "单位",
    "span": "起止", "due": "到期",
}  # fmt: skip
JUDGED = {
    "target_id": "目标", "indicator": "指标", "asked": "要求", "school_year": "学年", "period_id": "取数时期",
    "actual": "实际值", "gap": "差距", "status": "结论", "reason_zh": "原因",
}  # fmt: skip
STEPS = {
    "milestone_id": "节点",
    "task": "任务",
    "due_on": "到期",
    "actual_on": "完成",
    "delay": "延迟天数",
    "status": "状态",
}
REMARKS = {"remark_id": "附注", "remark_zh": "文件本身的问题"}
_STEP_ZH = {
    "done": "按期完成", "done_late": "逾期完成", "overdue": "逾期未完成", "no_data": "无报告", "running": "进行中",
    "upcoming": "未开始",
}  # fmt: skip
Rows = Sequence[Mapping[str, Any]]


def judged_rows(standing: Standing) -> list[dict[str, str]]:
    """The verdicts as text; a value that is a person's is not shown."""
    return [
        {
            **{k: str(t[k] or "") for k in ("target_id", "indicator", "reason_zh")},
            "school_year": t["school_year"],
            "period_id": t["period_id"] or "",
            "asked": f"{t['judge_zh']} {t['value']} {t['unit']}".strip(),
            "actual": "受限" if t["is_value_restricted"] and t["status"] in ("met", "missed", "at_risk")
            else number(t["actual_value"]),
            "gap": _signed(t["gap"]),
            "status": STATUS_ZH[t["status"]],
        }
        for t in standing.targets
    ]  # fmt: skip


def _signed(gap: float | None) -> str:
    return "" if gap is None else ("+" if gap > 0 else "") + number(gap)


def step_rows(standing: Standing) -> list[dict[str, str]]:
    return [
        {
            "milestone_id": m["milestone_id"],
            "task": m["task"],
            "due_on": str(m["due_on"]),
            "actual_on": str(m["actual_on"] or ""),
            "delay": "" if m["delay_day_count"] is None else str(m["delay_day_count"]),
            "status": _STEP_ZH[m["status"]],
        }
        for m in standing.milestones
    ]


def summary(standing: Standing) -> str:
    """One line of counts, such as `达到 25 · 未达到 7`."""
    return " · ".join(f"{STATUS_ZH[s]} {n}" for s, n in standing.counts.items())


def _sections(standing: Standing) -> list[tuple[str, Mapping[str, str], Rows]]:
    return [
        (f"目标({len(standing.targets)}项)", JUDGED, judged_rows(standing)),
        ("节点", STEPS, step_rows(standing)),
        ("附注", REMARKS, standing.remarks),
    ]


def _cell(text: Any) -> str:
    return str("" if text is None else text).replace("|", "\\|").replace("\n", " ")


def md_table(columns: Mapping[str, str], rows: Rows) -> str:
    lines = [list(columns.values()), ["---"] * len(columns), *([_cell(r.get(k)) for k in columns] for r in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def markdown(standing: Standing) -> str:
    """The page of a region: verdicts, steps, remarks."""
    parts = [f"# {standing.document_name}", f"{standing.region_code} · {standing.school_year} · {summary(standing)}"]
    for title, columns, rows in _sections(standing):
        if rows:
            parts += [f"## {title}", md_table(columns, rows)]
    return "\n\n".join(parts) + "\n"


def html_page(standing: Standing) -> str:
    """The same page for a browser: one file, no script, nothing fetched."""
    e = html.escape
    body = [f"<h1>{e(standing.document_name)}</h1>"]
    body.append(f"<p>{e(standing.region_code)} · {e(standing.school_year)} · {e(summary(standing))}</p>")
    for title, columns, rows in _sections(standing):
        if not rows:
            continue
        head = "".join(f'<th scope="col">{e(h)}</th>' for h in columns.values())
        lines = "".join(
            "<tr>" + "".join(f"<td>{e(str('' if r.get(k) is None else r.get(k)))}</td>" for k in columns) + "</tr>\n"
            for r in rows
        )
        body.append(f"<h2>{e(title)}</h2>\n<table><thead><tr>{head}</tr></thead>\n<tbody>\n{lines}</tbody></table>")
    style = (
        "body{font:15px/1.5 sans-serif;margin:2rem;color:#1a1a1a}table{border-collapse:collapse}"
        "th,td{border-bottom:1px solid #bbb;padding:.25rem .6rem;text-align:left;vertical-align:top}"
    )
    title = e(f"{standing.document_name} {standing.school_year}")
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{style}</style></head>\n<body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def asked_block(document: str) -> str:
    """The part of a page in docs that follows from the rows of the plan alone."""
    return f"{BEGIN}\n{md_table(ASKED, asked(document))}\n{END}"


def page(document: str, standing: Standing | None, before: str = "") -> str:
    """A page of docs: the targets, then the figures of a region, or those the page had."""
    head = (
        f"# {name_of(document)}\n\n文件代码 {document}。下表由目标表生成,是判定所依据的全部内容;文字以原文件为准。\n\n"
    )
    figures = before.partition(END)[2].strip("\n") if before else ""
    if standing is not None:
        note = "合成区域的结果,数字随生成参数变化:"
        line = f"{standing.region_code} · {standing.school_year} · {summary(standing)}"
        tables = [f"### {t}\n\n{md_table(c, r)}" for t, c, r in _sections(standing) if r]
        figures = "\n\n".join([f"## 判定示例\n\n{note}{line}", *tables])
    return head + asked_block(document) + ("\n\n" + figures if figures else "") + "\n"


def stale() -> list[str]:
    """Documents whose page is lacking or does not hold the targets as they stand."""
    pages = {d: PAGES / f"{d}.md" for d in documents()}
    return [d for d, p in pages.items() if not p.is_file() or asked_block(d) not in p.read_text(encoding="utf-8")]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true")
    options.add_argument("--home", type=Path)
    options.add_argument("--region")
    given = options.parse_args()
    if not given.write:
        behind = stale()
        print("pages behind the targets: " + ", ".join(behind) if behind else "the pages are current")
        return bool(behind)
    settings = Settings.load({"SCHOOLHOUSE_HOME": str(given.home)}) if given.home else None
    PAGES.mkdir(parents=True, exist_ok=True)
    for document in documents():
        path = PAGES / f"{document}.md"
        standing = judged(settings, document, given.region, ALL_YEARS) if settings else None
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        path.write_text(page(document, standing, before), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
