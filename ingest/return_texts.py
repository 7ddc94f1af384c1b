"""Faults of a submission in the sender's own words: which cell, what is written there, what is wrong, what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.contracts import Contract, Field, load_yaml
from ingest.documents import Document

# How many values of a code list a sentence names.
SHOWN = 12
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FORMATS = {r"^[0-9]{10}$": "应为10位数字", r"^[0-9]{6}$": "应为6位数字", r"^[0-9]{18}$": "应为18位数字"}


@dataclass(frozen=True)
class Fault:
    """One rejected cell, or row (`letter` empty). `row` is 1-based; `value` is what stands there now: identity zone."""

    sheet: str
    row: int
    letter: str
    header: str
    value: str
    what: str
    fix: str
    rule: str

    @property
    def place(self) -> str:
        return f"第{self.row}行{f' {self.letter}列' if self.letter else ''}"


def describe(document: Document | None, rejects: Sequence[dict[str, Any]]) -> list[Fault]:
    """The ledger's rejects of a file as faults, in the order of sheets, rows and columns."""
    places = {} if document is None else {r.sheet.name: i for i, r in enumerate(document.sheets)}
    found = []
    for r in rejects:
        index = places.get(r["sheet"])
        header, value, field = _cell(document, index, r) if document and index is not None else ("", "", None)
        contract = document.contract if document else None
        found.append(
            Fault(
                r["sheet"],
                r["row"],
                r["column"],
                header,
                value,
                r["message_zh"],
                _fix(contract, field, r["rule"]),
                r["rule"],
            )
        )
    return sorted(found, key=lambda f: (places.get(f.sheet, len(places)), f.row, column_index(f.letter), f.rule))


def _cell(document: Document, sheet: int, reject: dict[str, Any]) -> tuple[str, str, Field | None]:
    """(header as sent, value as read, contract field) of a rejected cell."""
    reading = document.sheets[sheet]
    if not reject["column"] or reading.layout is None:
        return "", "", None
    index = column_index(reject["column"])
    table = reading.sheet.table
    value = table.column(index)[reject["row"] - 1].as_py() if index < table.num_columns else None
    name = next((n for n, i in reading.layout.fields.items() if i == index), None)
    field = next((f for f in document.contract.fields if f.name == name), None)
    return reading.layout.headers.get(index, ""), value or "", field


def _fix(contract: Contract | None, field: Field | None, rule: str) -> str:
    """What to do, with the contract's own figures; a half sentence whose figure is not known is left out."""
    fixes = load_yaml("fixes")
    own = contract is not None and any(r.name == rule for r in contract.rules)
    sentence = fixes["contract"] if own else fixes.get(rule, fixes["other"])
    figures = _figures(field)
    parts = [p for p in sentence.split(";") if all(figures.get(k) for k in re.findall(r"\{(\w+)\}", p))]
    return ";".join(parts).format(**figures)


def _figures(field: Field | None) -> dict[str, str]:
    if field is None:
        return {}
    return {
        "allowed": _allowed(field),
        "minimum": "" if field.minimum is None else f"{field.minimum:g}",
        "maximum": "" if field.maximum is None else f"{field.maximum:g}",
        "example": _FORMATS.get(field.pattern or "", ""),
    }


def _allowed(field: Field) -> str:
    """The values of a code list as a school writes them."""
    if not field.vocabulary:
        return ""
    values = load_yaml("vocabularies")[field.vocabulary]["values"]
    written = [next((str(w) for w in forms if _HAN.search(str(w))), str(value)) for value, forms in values.items()]
    return "、".join(written[:SHOWN]) + ("等" if len(written) > SHOWN else "")


def column_index(column: str) -> int:
    """0-based index of a column letter; -1 for none."""
    index = 0
    for c in column:
        index = index * 26 + ord(c) - 64
    return index - 1
