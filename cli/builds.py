"""The command that shows the builds a house holds and lets old ones go."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import out, print_json, print_table
from warehouse.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the house's."""
    app.command()(builds)


def builds(
    keep: Annotated[int, typer.Option("--keep", help="good builds to keep, newest first")] = 3,
    apply: Annotated[bool, typer.Option("--apply", help="remove; without it, only say what would go")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")] = False,
) -> None:
    """The builds that are held, why each is kept, and what old ones take; a build can be made again from its pin."""
    from warehouse.old_builds import look, remove

    settings = Settings.load().prepare()
    gone = remove(settings, keep) if apply else []
    held = look(settings, keep)
    shown = [*gone, *held]
    if as_json:
        print_json({"builds": [b.to_dict() for b in held], "removed": [b.to_dict() for b in gone]})
        return
    reasons = {"edition": "已发布版本所用", "gate": "最近一次质量关所检查", "served": "正在提供服务", "newest": "最新"}
    left = "已删除" if apply else "可删除(加 --apply 执行)"
    print_table(
        [{**b.to_dict(), "mb": f"{b.size / 2**20:,.0f}", "kept": reasons.get(b.kept, left)} for b in shown],
        {"build_id": "构建", "status": "状态", "finished_at": "完成时间", "mb": "MB", "kept": "保留原因"},
        "构建",
    )
    size = sum(b.size for b in shown if not b.kept) / 2**20
    count = sum(1 for b in shown if not b.kept)
    out.print(f"{'已删除' if apply else '可删除'} {count} 个,共 {size:,.0f} MB;输入清单(pin.json)和日志保留")
