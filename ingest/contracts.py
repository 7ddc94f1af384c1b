"""Contracts and code lists: what a source's sheets look like, loaded from its folder into frozen dataclasses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from ingest.texts import header_form
from warehouse.errors import SchoolhouseError

ROOT = Path(__file__).resolve().parent
# The parser in C reads the contracts ten times as fast; it is there wherever libyaml was built in.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SOURCES = ROOT / "sources"


@dataclass(frozen=True)
class Field:
    """One column of a contract. `type` is the physical type in raw; `stored` is False for columns that are
    only read.
    """

    name: str
    type: str
    required: bool
    key: bool
    label: str
    classification: str
    aliases: tuple[str, ...]
    pattern: str | None
    minimum: float | None
    maximum: float | None
    custom: Mapping[str, Any]

    @property
    def stored(self) -> bool:
        return self.custom.get("store", True)

    @property
    def computed(self) -> str | None:
        return self.custom.get("computed")

    @property
    def read(self) -> bool:
        """It is filled from a column of the sheet."""
        return self.computed is None

    @property
    def vocabulary(self) -> str | None:
        return self.custom.get("vocabulary")

    @property
    def unit(self) -> Mapping[str, str] | None:
        return self.custom.get("unit")

    @property
    def identifier(self) -> bool:
        return self.classification == "identifier"

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """Columns that give its value where it has none of its own: an exam number, a school's name."""
        return tuple(self.custom[w] for w in ("foundBy", "codeFromName") if w in self.custom)

    @property
    def part(self) -> str | None:
        """`year`: raw keeps the year of a date."""
        return self.custom.get("part")

    @property
    def numeric(self) -> bool:
        number = self.type == "INTEGER" or self.type.startswith("DECIMAL")
        return number and self.vocabulary is None and self.part is None

    @property
    def additive(self) -> bool:
        """Its values may be added down a sheet: what a total line prints is their sum."""
        told = self.custom.get("additive")
        return self.numeric and (self.name.endswith(tuple(load_yaml("units")["additive"])) if told is None else told)


@dataclass(frozen=True)
class Rule:
    """A predicate over the typed columns of one row that must not be false."""

    name: str
    predicate: str
    column: str
    zh: str
    en: str


@dataclass(frozen=True)
class Contract:
    """One source. `custom` holds what the data contract standard has no word for (see ingest/README.md)."""

    source: str
    version: str
    purpose: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    custom: Mapping[str, Any]
    aliases: Mapping[str, str] = field(default_factory=dict)
    usage: str = ""

    def field(self, name: str) -> Field:
        return self._named[name]

    @cached_property
    def _named(self) -> Mapping[str, Field]:
        return {f.name: f for f in self.fields}

    @property
    def priority(self) -> int:
        return self.custom["priority"]

    @property
    def clock(self) -> str:
        """`school_year`, `fiscal_year`, `calendar_year` or `none`."""
        return self.custom["clock"]

    @cached_property
    def needs(self) -> tuple[str, ...]:
        return tuple(self.custom.get("needs", ()))

    @cached_property
    def unpivot(self) -> Mapping[str, Any] | None:
        return self.custom.get("unpivot")

    @cached_property
    def of_exam(self) -> bool:
        """Its rows belong to an exam whose parameters the region has sent."""
        return "exam_parameters" in self.needs

    @cached_property
    def pseudonyms(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if "pseudonym" in f.custom)

    @cached_property
    def read_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.read)

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.stored)

    @cached_property
    def period_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.custom.get("period"))

    @cached_property
    def row_key(self) -> tuple[str, ...]:
        """Key of a sheet row: the primary key without what unpivoting adds."""
        return tuple(f.name for f in self.fields if f.key and f.computed != "unpivot")


@cache
def contracts() -> dict[str, Contract]:
    """All sources, in the order in which they are loaded."""
    found = [_read(path) for path in sorted(SOURCES.glob("*/contract.yaml"))]
    return {c.source: c for c in sorted(found, key=lambda c: (c.priority, c.source))}


def _read(path: Path) -> Contract:
    try:
        doc = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
        table = doc["schema"][0]
        custom = _properties(doc)
        fields = tuple(_field(p) for p in table["properties"])
        rules = tuple(_rule(q) for q in table.get("quality", ()))
    except (KeyError, IndexError, TypeError, yaml.YAMLError) as e:
        raise SchoolhouseError(
            f"the contract cannot be read: {e}", f"数据契约无法读取:{e}", where=str(path.relative_to(ROOT))
        ) from e
    fields = tuple(_with_alias_kind(f, fields) for f in fields)
    aliases = {header_form(a): f.name for f in fields for a in f.aliases}
    return Contract(
        table["name"],
        doc["version"],
        doc["description"]["purpose"],
        fields,
        rules,
        custom,
        aliases,
        doc["description"].get("usage", ""),
    )


def _properties(node: Mapping[str, Any]) -> dict[str, Any]:
    return {p["property"]: p["value"] for p in node.get("customProperties", ())}


def _field(p: Mapping[str, Any]) -> Field:
    options, custom = p.get("logicalTypeOptions", {}), _properties(p)
    return Field(
        name=p["name"],
        type=p["physicalType"],
        required=p.get("required", False),
        key=p.get("primaryKey", False),
        label=p.get("description", p["name"]),
        classification=p.get("classification", "none"),
        aliases=tuple(str(a) for a in custom.pop("headerAliases", ())),
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        custom=custom,
    )


def _with_alias_kind(f: Field, fields: tuple[Field, ...]) -> Field:
    """An alias of no stated kind is the person's card: a pupil's number is made of it, others have it beside."""
    if "aliasOf" not in f.custom or "aliasKind" in f.custom:
        return f
    kind = next(g for g in fields if g.name == f.custom["aliasOf"]).custom["pseudonym"]["kind"]
    return replace(f, custom={**f.custom, "aliasKind": {"kind": kind if kind == "student" else f"{kind}-card"}})


def _rule(q: Mapping[str, Any]) -> Rule:
    custom = _properties(q)
    return Rule(q["name"], q["implementation"], custom["column"], q["description"], custom["messageEn"])


@dataclass(frozen=True)
class Vocabulary:
    """Written form -> value. `forms` are in `cell_form`."""

    name: str
    forms: Mapping[str, str]
    open: bool
    header_suffixes: tuple[str, ...]

    def value(self, text: str | None) -> str | None:
        if text is None:
            return None
        return self.forms.get(cell_form(text), text if self.open else None)

    def within(self, text: str) -> set[str]:
        """Values whose written forms (two characters or more) occur in a text; longer forms hide shorter ones."""
        found, rest = set(), cell_form(text)
        for form in sorted((f for f in self.forms if len(f) > 1), key=len, reverse=True):
            if form in rest:
                found.add(self.forms[form])
                rest = rest.replace(form, " ")
        return found


def cell_form(text: str) -> str:
    """How cells are compared with a code list: no spaces, lower case (cells are NFKC already)."""
    return re.sub(r"\s+", "", text).lower()


@cache
def vocabularies() -> dict[str, Vocabulary]:
    found = {}
    for name, v in load_yaml("vocabularies").items():
        forms = {cell_form(str(form)): str(value) for value, written in v["values"].items() for form in written}
        found[name] = Vocabulary(name, forms, v.get("open", False), tuple(v.get("header_suffixes", ())))
    return found


@cache
def load_yaml(name: str) -> dict[str, Any]:
    """A data file of this folder."""
    return yaml.load((ROOT / f"{name}.yaml").read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
