"""What changed since the last edition that published a number: the value then, and what it rests on that is new."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from warehouse.settings import Settings

_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)")
_PLACE = ("indicator_code", "entity_type", "entity_id", "period_id", "stage", "urban_rural")
_DETAIL = ("grade", "subject", "exam_id", "group_code")
_SHOWN = ("edition_id", "school_year", "version")


def read_last_edition(
    settings: Settings, value: Mapping[str, Any], build_id: str, rows: Iterable[Mapping[str, Any]],
    declared: Iterable[Mapping[str, Any]],
) -> dict[str, Any] | None:  # fmt: skip
    """The newest edition that shows the place of `value` and is older than the one made of the build itself: its value,
    obs_status, `change` (now less then, where both have a number), the contributing files (`new_files`) and declared
    corrections (`new_corrections`) that it did not know, and whether it had another definition. None without one.
    """
    if any(value[c] != "_all" for c in _DETAIL):
        return None
    for folder in _editions(settings.editions / str(value["region_code"]), build_id):
        then = _published(folder, value)
        if then is None:
            continue
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        known = {i["file_sha256"] for i in manifest["inputs"]}
        applied = {str(c.get("correction_id")) for c in manifest.get("corrections", [])}
        files = {r["file_sha256"]: r["file_name"] for r in rows if r["file_sha256"] not in known}
        numbers = (value["value"], then["value"])
        return {
            **{k: manifest[k] for k in _SHOWN},
            "value": then["value"],
            "obs_status": then["obs_status"],
            "change": None if None in numbers else float(numbers[0]) - float(numbers[1]),
            "new_files": [{"file_name": n, "file_sha256": s} for s, n in sorted(files.items(), key=lambda f: f[::-1])],
            "new_corrections": sorted({str(d["correction_id"]) for d in declared} - applied),
            "is_redefined": str(then["definition_version"]) != str(value["definition_version"]),
        }
    return None


def _editions(region: Path, build_id: str) -> list[Path]:
    """Standing editions of a region, newest first; with an edition made of the build, only those before it."""
    found = [
        (year.name, tuple(int(n) for n in match.groups()), folder)
        for year in (region.iterdir() if region.is_dir() else ())
        if year.is_dir()
        for folder in year.iterdir()
        if (match := _VERSION.fullmatch(folder.name)) and not (year / f"{folder.name}.withdrawn.json").exists()
    ]
    found.sort(reverse=True)
    own = [n for n, (_, _, folder) in enumerate(found) if _build(folder) == build_id]
    return [folder for _, _, folder in (found[own[-1] + 1 :] if own else found)]


def _build(folder: Path) -> str | None:
    path = folder / "attestation" / "run.json"
    return json.loads(path.read_text(encoding="utf-8")).get("build_id") if path.is_file() else None


def _published(folder: Path, value: Mapping[str, Any]) -> dict[str, Any] | None:
    path = folder / "data" / "pub_indicator_value.parquet"
    if not path.is_file():
        return None
    place = [(c, "=", str(value[c])) for c in _PLACE]
    found = pq.read_table(path, columns=["value", "obs_status", "definition_version"], filters=place)
    return found.to_pylist()[0] if found.num_rows else None
