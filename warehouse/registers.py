"""The registers of explanations and approvals: CSV files and single entries, into the ledger. Nothing is ever changed.

An entry's id is a hash of its content, so the same row read twice, from any file, is one entry.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

ROLES = ("statistics_officer", "bureau_leader")
DECISIONS = ("approve", "reject")
# Entered by the house alone: a wait that ended without a decision. It neither gives nor takes an approval.
TIMED_OUT = "timed_out"
MODES = ("file", "cli", "airflow")
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class Rule:
    """What a field must be: `holds` says whether a value is fine, the texts say what is expected."""

    holds: Callable[[str], bool]
    en: str
    zh: str


def _is_school_year(value: str) -> bool:
    found = re.fullmatch(r"(\d{4})-(\d{4})", value)
    return bool(found) and int(found[2]) == int(found[1]) + 1


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


FILLED = Rule(bool, "must not be empty", "不能为空")
ANY = Rule(lambda v: True, "", "")
# An explanation speaks of one thing: a pattern would close findings that nobody has looked at.
ONE_THING = Rule(
    lambda v: bool(v) and not set(v) & set("*%?"),
    "must name one thing, without wildcards",
    "只能写一个对象，不能用通配符",
)
NAME = Rule(lambda v: bool(re.fullmatch(r"[a-z][a-z0-9_]*", v)), "must be a lower-case code", "必须是小写英文代码")
REGION = Rule(
    lambda v: bool(re.fullmatch(r"[0-9X]\d{5}", v)), "must be a six-digit region code", "必须是六位行政区划代码"
)
SCHOOL_YEAR = Rule(_is_school_year, "must be a school year such as 2024-2025", "必须是学年，例如 2024-2025")
DATE = Rule(_is_date, "must be a date such as 2025-01-31", "必须是日期，例如 2025-01-31")


def one_of(options: Sequence[str]) -> Rule:
    return Rule(lambda v: v in options, f"must be one of {', '.join(options)}", f"只能是 {'、'.join(options)}")


EXPLANATION_FIELDS: dict[str, Rule] = {
    "region_code": REGION,
    "school_year": SCHOOL_YEAR,
    "check_id": NAME,
    "entity_type": NAME,
    "entity_id": ONE_THING,
    "observed": ANY,
    "reason_code": NAME,
    "text_zh": FILLED,
    "signer": FILLED,
    "signed_on": DATE,
}
# Columns that a register may leave out.
_OPTIONAL = ("comment", "observed")
APPROVAL_FIELDS: dict[str, Rule] = {
    "region_code": REGION,
    "school_year": SCHOOL_YEAR,
    "role": one_of(ROLES),
    "approver": FILLED,
    "decision": one_of(DECISIONS),
    "decided_on": DATE,
    "comment": ANY,
}


def load_registers(settings: Settings, folders: Iterable[Path] | None = None) -> dict[str, int]:
    """Enter every row of the `explanations.csv` and `approvals.csv` below `folders` (default: the settings' registers).

    Returns `{"files", "explanations", "approvals"}`: files read and entries that were new. All files are checked
    before the first row is entered; raises SchoolhouseError naming file and row of the first fault.
    """
    roots = settings.registers if folders is None else tuple(folders)
    explanations: list[dict[str, str]] = []
    approvals: list[dict[str, str]] = []
    paths = find_files(roots, "explanations.csv")
    for path in paths:
        explanations += [_explanation(r, "file") for r in read_rows(path, EXPLANATION_FIELDS)]
    for path in (more := find_files(roots, "approvals.csv")):
        approvals += [_approval(r, "file", "") for r in read_rows(path, APPROVAL_FIELDS)]
    ledger = l.Ledger.open(settings)
    return {
        "files": len(paths) + len(more),
        "explanations": enter_new(ledger, l.explanation, "explanation_id", explanations),
        "approvals": enter_new(ledger, l.approval, "approval_id", approvals),
    }


def explain_finding(
    settings: Settings,
    *,
    region_code: str,
    school_year: str,
    check_id: str,
    entity_type: str,
    entity_id: str,
    reason_code: str,
    text_zh: str,
    signer: str,
    observed: str = "",
    signed_on: str | None = None,
) -> str:
    """Enter one explanation and return its id; `signed_on` is ISO, today by default. With `observed` it closes the
    finding only while that value is found. Raises SchoolhouseError.
    """
    row = {
        "region_code": region_code,
        "school_year": school_year,
        "check_id": check_id,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "observed": observed,
        "reason_code": reason_code,
        "text_zh": text_zh,
        "signer": signer,
        "signed_on": signed_on or date.today().isoformat(),
    }
    entry = _explanation(check_row(row, EXPLANATION_FIELDS, ""), "cli")
    enter_new(l.Ledger.open(settings), l.explanation, "explanation_id", [entry])
    return entry["explanation_id"]


def observed_last(settings: Settings, region_code: str, school_year: str, key: tuple[str, str, str]) -> str:
    """The value of a finding (check, entity type, entity id) in the region's newest gate of the year, or ''."""
    g, f = l.gate_run.c, l.finding.c
    query = (
        sa.select(f.observed)
        .join(l.gate_run, g.gate_id == f.gate_id)
        .where(g.region_code == region_code, g.school_year == school_year)
        .where(f.check_id == key[0], f.entity_type == key[1], f.entity_id == key[2])
        .order_by(g.ran_at.desc())
    )
    rows = l.Ledger.open(settings).rows(query.limit(1))
    return rows[0]["observed"] if rows else ""


def approve(
    settings: Settings,
    *,
    region_code: str,
    school_year: str,
    role: str,
    approver: str,
    decision: str = "approve",
    decided_on: str | None = None,
    comment: str = "",
    mode: str = "cli",
    gate_id: str = "",
) -> str:
    """Enter one approval or refusal and return its id; `mode` says how it was given. Raises SchoolhouseError."""
    row = {
        "region_code": region_code,
        "school_year": school_year,
        "role": role,
        "approver": approver,
        "decision": decision,
        "decided_on": decided_on or date.today().isoformat(),
        "comment": comment,
        "mode": mode,
    }
    checked = check_row(row, {**APPROVAL_FIELDS, "mode": one_of(MODES)}, "")
    entry = _approval(checked, mode, gate_id)
    enter_new(l.Ledger.open(settings), l.approval, "approval_id", [entry])
    return entry["approval_id"]


def note_timeout(settings: Settings, *, region_code: str, school_year: str, role: str, gate_id: str) -> str:
    """Enter that nobody signed for a role while the sign-off on a gate run was waited for; return the entry's id."""
    row = {
        "region_code": region_code,
        "school_year": school_year,
        "role": role,
        "approver": "",
        "decision": TIMED_OUT,
        "decided_on": date.today().isoformat(),
        "comment": "",
    }
    entry = _approval(row, "airflow", gate_id)
    enter_new(l.Ledger.open(settings), l.approval, "approval_id", [entry])
    return entry["approval_id"]


def person_form(name: str) -> str:
    """A name as compared: width, case and spaces do not make two people."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def find_files(folders: Iterable[Path], name: str) -> list[Path]:
    """Every file of that name below the folders, each once, in a stable order."""
    return sorted({p.resolve() for f in folders if f.is_dir() for p in f.rglob(name) if p.is_file()})


def read_rows(path: Path, fields: Mapping[str, Rule]) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(_text(path)))
    columns = [(c or "").strip() for c in reader.fieldnames or []]
    missing = [c for c in fields if c not in columns and c not in _OPTIONAL]
    if missing:
        raise SchoolhouseError(
            f"columns missing: {', '.join(missing)}",
            f"缺少列：{'、'.join(missing)}",
            where=f"{path.name} ({path.parent.name})",
            fix_en=f"the header must be {','.join(fields)}",
            fix_zh=f"表头应为 {','.join(fields)}",
        )
    reader.fieldnames = columns
    rows = []
    for row in reader:
        where = f"{path.name} ({path.parent.name}), row {reader.line_num}"
        if None in row or None in row.values():
            raise SchoolhouseError(
                f"the row has {'more' if None in row else 'fewer'} fields than the header",
                f"该行列数与表头不符（{'多' if None in row else '少'}）",
                where=where,
                fix_en="quote a text that holds commas",
                fix_zh="含逗号的文字请加英文双引号",
            )
        if any(v.strip() for v in row.values()):
            rows.append(check_row(row, fields, where))
    return rows


def _text(path: Path) -> str:
    data = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SchoolhouseError(
        "the register is neither UTF-8 nor GB18030 text",
        "登记表不是 UTF-8 或 GB18030 文本",
        where=str(path.name),
        fix_en="save it as CSV again",
        fix_zh="请重新另存为 CSV",
    )


def check_row(row: Mapping[str, str], fields: Mapping[str, Rule], where: str) -> dict[str, str]:
    clean = {name: (row.get(name) or "").strip() for name in fields}
    for name, rule in fields.items():
        if not rule.holds(clean[name]):
            shown = f" ({clean[name]})" if clean[name] else ""
            raise SchoolhouseError(
                f"{name}{shown} {rule.en}",
                f"{name}{shown} {rule.zh}",
                where=where,
                fix_en="correct the row; nothing of the registers was entered" if where else "correct the value",
                fix_zh="请改正该行；各登记表均未录入" if where else "请改正",
            )
    return clean


def _explanation(row: Mapping[str, str], origin: str) -> dict[str, str]:
    # A blank value is no part of the entry's name: a row without the column and a row that leaves it blank are one.
    content = [row[name] for name in EXPLANATION_FIELDS if name != "observed" or row[name]]
    return {"explanation_id": entry_id("x", content), **row, "origin": origin, "registered_at": l.now()}


def _approval(row: Mapping[str, str], mode: str, gate_id: str) -> dict[str, str]:
    content = [*(row[name] for name in APPROVAL_FIELDS), mode, gate_id]
    return {"approval_id": entry_id("a", content), **row, "mode": mode, "gate_id": gate_id, "registered_at": l.now()}


def entry_id(prefix: str, content: Sequence[str]) -> str:
    return prefix + hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:15]


def enter_new(ledger: l.Ledger, table: sa.Table, key: str, entries: Sequence[Mapping[str, Any]]) -> int:
    """Insert entries whose id is not there yet; return how many were new."""
    known = {r[key] for r in ledger.rows(sa.select(table.c[key]))}
    new = {e[key]: e for e in entries if e[key] not in known}
    ledger.insert(table, list(new.values()))
    return len(new)
