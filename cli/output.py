"""How commands speak: JSON for machines, one clear line or a table for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def print_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], title: str = "") -> None:
    """Rows as a table; `columns` maps a key to its heading. Nothing is printed for no rows."""
    if not rows:
        return
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*("" if row.get(k) is None else str(row[k]) for k in columns))
    out.print(table)


def print_error(error: Any, language: str, as_json: bool) -> None:
    """A SchoolhouseError as one line on standard error, or as JSON on standard output."""
    if as_json:
        print_json(error.to_dict())
    else:
        err.print(f"[bold red]✗[/] {_plain(error.line(language))}")
        if language == "zh":
            err.print(f"[dim]  {_plain(error.line('en'))}[/]")


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
