"""The import floors: a room may import rooms below it, never beside or above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {"dags": 4, "cli": 4, "publication": 3, "ingest": 2, "expectations": 2, "warehouse": 1, "synth": 0}
# The command line and the DAGs may drive the synthetic county; nothing of the house may.
SYNTH_USERS = {"cli", "dags"}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(a.name.split(".")[0] for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names & FLOORS.keys()


def _breaches(room: str, imported: set[str]) -> set[str]:
    others = imported - {room}
    if room == "synth":
        return others
    return {r for r in others if (r == "synth" and room not in SYNTH_USERS) or FLOORS[r] >= FLOORS[room]}


@pytest.mark.parametrize("room", FLOORS)
def test_imports_go_down(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files, f"{room}/ has no Python"
    found = {str(f.relative_to(ROOT)): bad for f in files if (bad := _breaches(room, _imports(f)))}
    assert not found


@pytest.mark.parametrize(
    ("room", "imported", "bad"),
    [
        ("warehouse", {"ingest"}, {"ingest"}),
        ("ingest", {"expectations", "warehouse"}, {"expectations"}),
        ("publication", {"cli", "expectations"}, {"cli"}),
        ("synth", {"warehouse"}, {"warehouse"}),
        ("ingest", {"synth"}, {"synth"}),
        ("cli", {"synth", "ingest"}, set()),
    ],
)
def test_a_breach_is_seen(room: str, imported: set[str], bad: set[str]) -> None:
    assert _breaches(room, imported) == bad
