"""The checks of the gate, one file each under `checks/`: reading them, and the table that documents them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import SchoolhouseError

ROOM = Path(__file__).resolve().parent
CHECKS = ROOM / "checks"
REQUIRED = ROOM / "required_checks.txt"
STAGES = ("receipt", "raw", "marts", "publication")
SEVERITIES = ("critical", "warning", "info")
VERDICT_OF = {"critical": "block", "warning": "explain", "info": "note"}
_TEXTS = ("title_zh", "title_en", "message_zh", "message_en", "resolve_zh", "resolve_en")
_KNOWN = {
    "check_id",
    "stage",
    "severity",
    "entity_types",
    "example",
    *_TEXTS,
    "inputs",
    "parameters",
    "overridable",
    "query",
    "expectation",
}


@dataclass(frozen=True)
class Check:
    """One check: a query that gives an aggregated frame, and the expectation that decides which rows of it fail."""

    check_id: str
    stage: str
    severity: str
    entity_types: tuple[str, ...]
    example: str
    title_zh: str
    title_en: str
    message_zh: str
    message_en: str
    resolve_zh: str
    resolve_en: str
    query: str
    expectation_type: str
    kwargs: Mapping[str, Any]
    inputs: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    # Whether two people may let a finding pass, where the house allows it at all.
    overridable: bool = True

    @property
    def tested_columns(self) -> tuple[str, ...]:
        """Columns of the frame that the expectation reads."""
        return tuple(str(self.kwargs[k]) for k in ("column", "column_A", "column_B") if k in self.kwargs)


def load_checks(folder: Path = CHECKS) -> tuple[Check, ...]:
    """Every check of `folder`, by stage and name. Raises SchoolhouseError for a file that is not a check."""
    checks = [_read(path) for path in sorted(folder.glob("*.yaml"))]
    return tuple(sorted(checks, key=lambda c: (STAGES.index(c.stage), c.check_id)))


def required_checks(path: Path = REQUIRED) -> frozenset[str]:
    """Ids of the checks that a gate cannot do without: a file that went missing must not make it easier to pass.

    Raises SchoolhouseError for a list that cannot be read or is empty.
    """
    try:
        listed = frozenset(path.read_text(encoding="utf-8").split())
    except OSError as e:
        raise _fault(path, f"it cannot be read: {e.strerror}") from e
    if not listed:
        raise _fault(path, "it names no check")
    return listed


@cache
def room_hash() -> str:
    """Hex SHA-256 of the room's code and data: two gates with the same hash judge alike."""
    digest = hashlib.sha256()
    for path in sorted(p for p in ROOM.rglob("*") if p.suffix in {".py", ".yaml", ".txt"}):
        digest.update(f"{path.relative_to(ROOM).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def checks_hash(checks: Sequence[Check]) -> str:
    """Hex SHA-256 of the checks that ran, with the room's code."""
    text = room_hash() + "".join(repr(c) for c in checks)
    return hashlib.sha256(text.encode()).hexdigest()


def render_table(checks: Sequence[Check]) -> str:
    """The catalogue as a Markdown table, as it stands in this room's README."""
    lines = [
        "| check | stage | severity | entity, with an example id | asks |",
        "|---|---|---|---|---|",
    ]
    for c in checks:
        example = c.example.split(" / ", 1)[-1]
        entities = ", ".join(f"`{t}`" for t in c.entity_types)
        lines.append(
            f"| `{c.check_id}` | {c.stage} | {c.severity}: {VERDICT_OF[c.severity]} | {entities}: `{example}` "
            f"| {c.title_en}. {c.title_zh} |"
        )
    return "\n".join(lines) + "\n"


def _read(path: Path) -> Check:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as e:
        raise _fault(path, f"it cannot be read: {str(e).splitlines()[0]}") from e
    if not isinstance(raw, dict):
        raise _fault(path, "it is not a mapping")
    needed = _KNOWN - {"inputs", "parameters", "overridable"}
    if missing := sorted(needed - raw.keys()):
        raise _fault(path, f"missing: {', '.join(missing)}")
    if unknown := sorted(raw.keys() - _KNOWN):
        raise _fault(path, f"unknown: {', '.join(unknown)}")
    if raw["check_id"] != path.stem:
        raise _fault(path, f"check_id is {raw['check_id']}, the file's name is not")
    if raw["stage"] not in STAGES or raw["severity"] not in SEVERITIES:
        raise _fault(path, f"stage is one of {', '.join(STAGES)}; severity one of {', '.join(SEVERITIES)}")
    parameters = {}
    for name, entry in (raw.get("parameters") or {}).items():
        if not isinstance(entry, dict) or not entry.get("why") or "value" not in entry:
            raise _fault(path, f"parameter {name} needs a value and a why")
        parameters[name] = entry["value"]
    kwargs = {k: _resolve(path, v, parameters) for k, v in raw["expectation"]["kwargs"].items()}
    return Check(
        check_id=raw["check_id"],
        stage=raw["stage"],
        severity=raw["severity"],
        entity_types=tuple(raw["entity_types"]),
        example=raw["example"],
        overridable=raw.get("overridable", True),
        **{name: raw[name] for name in _TEXTS},
        query=raw["query"],
        expectation_type=raw["expectation"]["type"],
        kwargs=kwargs,
        inputs=tuple(raw.get("inputs") or ()),
        parameters=parameters,
    )


def _resolve(path: Path, value: Any, parameters: Mapping[str, Any]) -> Any:
    """A kwarg `$name` or `-$name` stands for the parameter of that name."""
    found = re.fullmatch(r"(-?)\$(\w+)", value) if isinstance(value, str) else None
    if not found:
        return value
    if found[2] not in parameters:
        raise _fault(path, f"${found[2]} is not a parameter of the check")
    return -parameters[found[2]] if found[1] else parameters[found[2]]


def _fault(path: Path, what: str) -> SchoolhouseError:
    return SchoolhouseError(
        f"this check file is faulty: {what}",
        f"检查定义有误：{what}",
        where=f"{path.parent.name}/{path.name}",
        fix_en="see expectations/README.md",
        fix_zh="见 expectations/README.md",
    )
