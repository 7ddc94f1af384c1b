"""Which footnotes belong to which row: the register's explanations are bound to figures, not typed into texts."""

from __future__ import annotations

from typing import Any

from publication.draft import Draft

Row = dict[str, Any]


def marks(draft: Draft) -> dict[str, list[str]]:
    """Data set -> for each of its rows the ids of its footnotes, blank separated; '' for none."""
    notes = draft.set("footnotes")
    listed = notes.table.to_pylist() if notes else []
    measures = _measures(draft)
    found = {}
    for data in draft.sets:
        if data.name in ("footnotes", "codebook"):
            continue
        about = [(n["footnote_id"], n["entity_type"], n["entity_id"]) for n in listed if n["entity_id"]]
        found[data.name] = [
            " ".join(sorted({i for i, kind, entity in about if _is_about(data.name, row, kind, entity, measures)}))
            for row in (data.table.to_pylist() if about else [{}] * data.rows)
        ]
    return found


def whole(draft: Draft) -> list[Row]:
    """Footnotes that no single row carries: they are about a file, a source or the edition as a whole."""
    notes = draft.set("footnotes")
    used = {i for column in marks(draft).values() for text in column for i in text.split()}
    return [n for n in (notes.table.to_pylist() if notes else []) if n["footnote_id"] not in used]


def _measures(draft: Draft) -> dict[str, set[str]]:
    definitions = draft.set("indicator_definition")
    return {
        r["indicator_code"]: {str(r.get("numerator_measure") or ""), str(r.get("denominator_measure") or "")}
        for r in (definitions.table.to_pylist() if definitions else [])
    }


def _is_about(dataset: str, row: Row, kind: str, entity: str, measures: dict[str, set[str]]) -> bool:
    own = str(row.get("entity_id") or "")
    if kind in ("school", "section"):
        return own == entity or own.startswith(entity + "/")
    if kind in ("indicator", "metric"):
        return entity.split("/")[-1] in (row.get("indicator_code"), row.get("item_code"))
    if kind == "measure":
        return entity in measures.get(str(row.get("indicator_code")), ())
    if kind == "target":
        return entity == row.get("target_id")
    if kind == "dispersion":
        return entity.split("/")[:2] == [row.get("stage"), row.get("item_code")]
    if kind == "project":
        return entity.split("/")[-1] in (row.get("project_name"), row.get("project_id"))
    return kind == "table" and entity == dataset
