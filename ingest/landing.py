"""Landing: the bytes as received, by SHA-256, with a sidecar that keeps the name. Identity zone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.texts import mask
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_write, sha256_file
from warehouse.ledger import now
from warehouse.settings import Settings

CONTROL_FILES = frozenset({"explanations.csv", "approvals.csv", "truth.csv", "defects.csv"})
CONTROL_SUFFIXES = frozenset({".md", ".txt"})


@dataclass(frozen=True)
class Arrival:
    """A file that was given: where it lies, its name relative to the inbox or the given folder, its folders inside it.

    `read_from` is where its bytes are now: the file itself, or landing for one that is tried again.
    """

    read_from: Path
    absolute: str
    name: str
    folders: tuple[str, ...]
    sha256: str = ""
    region: str | None = None
    period: str | None = None

    @property
    def shown(self) -> str:
        return mask(self.name)


def find(settings: Settings, paths: Iterable[Path | str]) -> tuple[list[Arrival], list[Arrival]]:
    """Files under the given paths in name order: (to ingest, control files to skip). Each file once.

    Raises SchoolhouseError for a path that does not exist.
    """
    wanted: dict[str, Arrival] = {}
    control: dict[str, Arrival] = {}
    for given in (Path(p) for p in paths):
        root = given.resolve()
        if not root.exists():
            raise SchoolhouseError(
                "no such file or folder",
                "没有这个文件或文件夹",
                where=str(given),
                fix_zh="请检查路径",
                fix_en="check the path",
            )
        for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
            if settings.home in path.parents and settings.inbox not in path.parents:
                continue
            arrival = _arrival(settings, given, root, path)
            (control if is_control(path) else wanted).setdefault(arrival.absolute, arrival)
    return [wanted[k] for k in sorted(wanted)], [control[k] for k in sorted(control)]


def is_control(path: Path) -> bool:
    """Registers and readmes that lie beside the data, and the droppings of desktop programs."""
    name = path.name.lower()
    return (
        name in CONTROL_FILES
        or name.startswith(("readme", ".", "~$"))
        or (path.suffix.lower() in CONTROL_SUFFIXES and not _looks_like_table(path))
        or name in ("thumbs.db", "desktop.ini")
    )


def _looks_like_table(path: Path) -> bool:
    with path.open("rb") as f:
        head = f.read(4096)
    lines = head.splitlines()[:5]
    return path.suffix.lower() == ".txt" and any(line.count(b"\t") >= 2 or line.count(b",") >= 2 for line in lines)


def _arrival(settings: Settings, given: Path, root: Path, path: Path) -> Arrival:
    if settings.inbox in path.parents:
        relative = path.relative_to(settings.inbox)
    elif root.is_file():
        relative = Path(*path.parts[-4:]) if given.is_absolute() else Path(*[p for p in given.parts if p != ".."])
    else:
        relative = Path(root.name) / path.relative_to(root)
    folders = tuple(p for p in relative.parts[:-1] if p not in ("/", "."))
    return Arrival(path, str(path), relative.as_posix().lstrip("/"), folders)


def hashed(arrival: Arrival) -> Arrival:
    return replace(arrival, sha256=sha256_file(arrival.read_from))


def blob(settings: Settings, sha256: str) -> Path:
    return settings.landing / sha256[:2] / sha256


def land(settings: Settings, arrival: Arrival, data: bytes) -> None:
    """Keep the bytes and a sidecar of the names they came under; what is there already stays as it is."""
    target = blob(settings, arrival.sha256)
    if not target.exists():
        atomic_write(target, data)
    sidecar = _sidecar(target)
    note = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.exists() else {"size": len(data), "arrivals": []}
    if any(n["name"] == arrival.name and n["region"] == arrival.region for n in note["arrivals"]):
        return
    note["arrivals"].append(
        {
            "name": arrival.name,
            "absolute": arrival.absolute,
            "folders": arrival.folders,
            "received": now(),
            "region": arrival.region,
            "period": arrival.period,
        }
    )
    atomic_write(sidecar, json.dumps(note, ensure_ascii=False, indent=1))


def recall(settings: Settings, sha256: str) -> list[Arrival]:
    """A landed file again, once for each name it was landed under, the first first."""
    path = blob(settings, sha256)
    note = json.loads(_sidecar(path).read_text(encoding="utf-8"))
    return [
        Arrival(path, n["absolute"], n["name"], tuple(n["folders"]), sha256, n["region"], n["period"])
        for n in note["arrivals"]
    ]


def _sidecar(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")
