"""What changed between two editions, figure by figure, and what the editions themselves say of the cause.

A changed figure is put down to the sources whose files or declared corrections differ and from which its indicator is
computed; then to its definition or its target where those differ; then to the code. Two causes that fit are both named.
What nothing explains is said to be unexplained. `publication.replay` proves causes by computing again.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from publication import dictionary, versions
from publication import manifest as m
from publication.datasets import PREFIX, DataSet
from warehouse.errors import SchoolhouseError

# `together`: several inputs that each alone change nothing. Only a replay finds `rule` and `together`.
CAUSES = (
    "late_submission",
    "source_revision",
    "source_withdrawn",
    "correction",
    "definition",
    "target",
    "rule",
    "disclosure",
    "together",
    "code",
)
# The data sets whose figures are compared one by one.
FIGURES = (
    "pub_balance_conclusion",
    "pub_balance_leg",
    "pub_budget_line",
    "pub_budget_summary",
    "pub_indicator_value",
    "pub_project",
    "pub_resource_dispersion",
    "pub_target_tracking",
)


@dataclass(frozen=True)
class Change:
    """One figure that differs; `causes` are those of `CAUSES` that fit, or none."""

    dataset: str
    key: dict[str, str]
    column: str
    before: str
    after: str
    causes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """`summary` is that of changes.json; `inputs` what became of each source, `corrected` the sources whose declared
    corrections differ. `replayed`: the causes were found by computing again.
    """

    before: str
    after: str
    level: str
    summary: list[dict[str, Any]]
    inputs: dict[str, str]
    changes: list[Change] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    replayed: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self, language: str = "zh") -> list[str]:
        """What a person is told: the level, the sources, then every figure with its cause."""
        zh = language == "zh"
        said = [f"{self.before} -> {self.after}: {dictionary.word('level', self.level, language)}"]
        if self.replayed:
            said[0] += "（原因经逐项重算）" if zh else " (causes found by computing again)"
        for source, what in self.inputs.items():
            said.append(f"  {dictionary.word('source', source, language)}: {dictionary.word('cause', what, language)}")
        for source in self.corrected:
            said.append(
                f"  {dictionary.word('source', source, language)}: {dictionary.word('cause', 'correction', language)}"
            )
        for c in self.changes:
            causes = [dictionary.word("cause", x, language) for x in c.causes]
            why = ("、" if zh else ", ").join(causes) or ("无法解释" if zh else "unexplained")
            about = " ".join(v for k, v in c.key.items() if k not in ("region_code", "school_year") and v)
            said.append(f"  {c.dataset.removeprefix(PREFIX)} {about} {c.column}: {c.before} -> {c.after} ({why})")
        return said

    def by_cause(self) -> dict[str, int]:
        return dict(sorted(Counter(c for change in self.changes for c in change.causes or ("unexplained",)).items()))


def difference(before: Path, after: Path) -> Difference:
    """Compare two editions of one region and school year. Raises SchoolhouseError where they are of different ones."""
    old, new = m.read(before), m.read(after)
    if (old["region_code"], old["school_year"]) != (new["region_code"], new["school_year"]):
        raise SchoolhouseError(
            "the two editions are of different regions or school years",
            "两个版本不属于同一区域和学年",
            where=f"{old['edition_id']} / {new['edition_id']}",
            fix_en="Give two versions of one region and school year.",
            fix_zh="请给出同一区域、同一学年的两个版本。",
        )
    sets = [_read(p) for p in sorted((after / "data").glob("*.parquet"))]
    entries = versions.compare(before / "data", sets)
    since = revised(old, new["inputs"], new.get("corrections", []))
    inputs, corrected = since["inputs"], since["corrected"]
    lineage = _json(after / "lineage.json").get("indicators", {})
    code = old["code"]["sha256"] != new["code"]["sha256"]
    changes: list[Change] = []
    for data in sets:
        path = before / "data" / f"{data.name}.parquet"
        if data.name in FIGURES and path.exists():
            changes += _changes(data, _read(path), inputs, corrected, lineage, code)
    return Difference(
        old["edition_id"],
        new["edition_id"],
        versions.level_of(entries),
        entries,
        inputs,
        changes,
        corrected,
    )


def revised(before: dict[str, Any], inputs: list[dict[str, Any]], corrections: list[dict[str, str]]) -> dict[str, Any]:
    """What became of the inputs since an edition with the manifest `before`, as changes.json tells it."""
    return {
        "inputs": dict(sorted(_inputs(before["inputs"], inputs).items())),
        "corrected": _corrected(before.get("corrections", []), corrections),
    }


def figures(sets: list[DataSet]) -> dict[tuple[str, tuple[str, ...], str], str]:
    """(data set, key, column) -> figure, for the data sets that are compared figure by figure."""
    found = {}
    for data in sets:
        if data.name in FIGURES:
            keys, values = _columns(data)
            for row in data.table.to_pylist():
                key = tuple(_text(row[k] or "") for k in keys)
                found |= {(data.name, key, c): _text(row[c]) for c in values}
    return found


def _columns(data: DataSet) -> tuple[list[str], list[str]]:
    roles = {c: dictionary.describe(data.name, c, t).role for c, t in data.columns}
    return [c for c, r in roles.items() if r == "key"], [c for c, r in roles.items() if r == "value"]


def _read(path: Path) -> DataSet:
    table = pq.ParquetFile(path).read()
    return DataSet(path.stem, tuple((f.name, _sql_type(str(f.type))) for f in table.schema), table)


def _sql_type(arrow: str) -> str:
    if arrow.startswith(("double", "decimal", "float")):
        return "DOUBLE"
    return "INTEGER" if arrow.startswith(("int", "uint")) else "BOOLEAN" if arrow == "bool" else "VARCHAR"


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _inputs(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> dict[str, str]:
    """Source -> what became of its files: a claim that is new came late, one that has another file was revised."""

    def claims(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], str]:
        return {(i["source"], i["unit_code"], i["period"], i["scope"]): i["file_sha256"] for i in rows}

    was, now = claims(old), claims(new)
    found: dict[str, str] = {}
    for claim in sorted({*was, *now}):
        if claim not in was:
            found.setdefault(claim[0], "late_submission")
        elif claim not in now:
            found.setdefault(claim[0], "source_withdrawn")
        elif was[claim] != now[claim]:
            found[claim[0]] = "source_revision"
    return found


def _corrected(old: list[dict[str, str]], new: list[dict[str, str]]) -> list[str]:
    """Sources of which a declared correction was entered, changed or taken back."""
    was, now = ({(c["correction_id"], c["source"]) for c in rows} for rows in (old, new))
    return sorted({source for _, source in was ^ now})


def _changes(
    new: DataSet,
    old: DataSet,
    inputs: dict[str, str],
    corrected: list[str],
    lineage: dict[str, list[str]],
    code: bool,
) -> list[Change]:
    keys, values = ([c for c in found if c in dict(old.columns)] for found in _columns(new))
    before = {tuple(r[k] for k in keys): r for r in old.table.to_pylist()}
    found = []
    for row in new.table.to_pylist():
        was = before.get(tuple(row[k] for k in keys))
        if was is None:
            continue
        differing = [c for c in values if was[c] != row[c]]
        causes, sources = _causes(row, was, differing, inputs, corrected, lineage, code)
        found += [
            Change(new.name, {k: str(row[k] or "") for k in keys}, c, _text(was[c]), _text(row[c]), causes, sources)
            for c in differing
        ]
    return found


def _causes(
    row: dict[str, Any],
    was: dict[str, Any],
    differing: list[str],
    inputs: dict[str, str],
    corrected: list[str],
    lineage: dict[str, list[str]],
    code: bool,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    own = lineage.get(str(row.get("indicator_code")))
    # Where the lineage of a figure is not on record every source that changed may be its cause.
    sources = tuple(s for s in sorted({*inputs, *corrected}) if own is None or s in own)
    causes = {inputs[s] for s in sources if s in inputs} | {"correction" for s in sources if s in corrected}
    if "definition_version" in differing:
        causes.add("definition")
    if {"target_value", "judge", "due_date"} & set(differing):
        causes.add("target")
    if "c" in (row.get("obs_status"), was.get("obs_status")) and "obs_status" in differing:
        causes.add("disclosure")
    if not causes and code:
        causes.add("code")
    return tuple(c for c in CAUSES if c in causes), sources


def _text(value: Any) -> str:
    return "" if value is None else str(value)
