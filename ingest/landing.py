"""Landing: the bytes as received, by SHA-256, with a sidecar that keeps the name. Identity zone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.refusals import Refusal
from ingest.texts import mask
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_path, atomic_write, sha256_file
from warehouse.ledger import now
from warehouse.settings import Settings

CONTROL_FILES = frozenset(
    {"explanations.csv", "approvals.csv", "corrections.csv", "overrides.csv", "truth.csv", "defects.csv"}
)
CONTROL_SUFFIXES = frozenset({".md", ".txt"})
TABLE_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".csv", ".tsv"})
# What a line of a message cannot show: control characters, broken encodings, signs that turn the direction of writing.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SHOWN_CHARS = 300
# A file up to this size is copied from memory: what is written is what was hashed.
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Arrival:
    """A file that was given: where it lies, its name relative to the inbox or the given folder, its folders inside it.

    `read_from` is where its bytes are now: the file itself, or landing for one that is tried again. `fault` says why it
    cannot be opened at all; its `sha256` then stands for the name, since there are no bytes.
    """

    read_from: Path
    absolute: str
    name: str
    folders: tuple[str, ...]
    sha256: str = ""
    region: str | None = None
    period: str | None = None
    fault: Refusal | None = None

    @property
    def shown(self) -> str:
        """The name on one line, without identity numbers and without what cannot be shown."""
        text = mask(_UNSHOWABLE.sub("\ufffd", self.name))
        return text if len(text) <= _SHOWN_CHARS else f"…{text[1 - _SHOWN_CHARS :]}"


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
        whole, places = root.is_dir(), {}
        for path in sorted(root.rglob("*")) if whole else [root]:
            folder = path.parent
            if folder not in places:
                places[folder] = _place(settings, given, root, folder)
            if places[folder] is None:
                continue
            fault = _fault(path)
            if fault is None and whole and path.is_dir():
                continue
            name, folders = places[folder]
            arrival = Arrival(path, str(path), f"{name}{path.name}", folders, fault=fault)
            aside = fault is None and is_control(path)
            (control if aside else wanted).setdefault(arrival.absolute, arrival)
    return [wanted[k] for k in sorted(wanted)], [control[k] for k in sorted(control)]


def _fault(path: Path) -> Refusal | None:
    """Why something under a file's name is no file to open. Links are not followed: they may lead anywhere."""
    try:
        if path.is_symlink():
            return Refusal("link")
        if path.is_dir():
            empty = path.suffix.lower() in TABLE_SUFFIXES and not any(path.iterdir())
            return Refusal("not_a_file") if empty else None
        if not path.is_file():
            return Refusal("not_a_file")
        if not os.access(path, os.R_OK):
            return Refusal("unreadable", reason=os.strerror(13))
    except OSError as e:
        return Refusal("unreadable", reason=e.strerror or "")
    return None


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


def _place(settings: Settings, given: Path, root: Path, folder: Path) -> tuple[str, tuple[str, ...]] | None:
    """(what stands before the names of a folder's files, its folders), relative to the inbox or to what was given; None
    for the house's own folders.
    """
    around = (folder, *folder.parents)
    if settings.home in around and settings.inbox not in around:
        return None
    if settings.inbox in around:
        relative = folder.relative_to(settings.inbox)
    elif not root.is_dir():
        relative = (
            Path(*root.parts[-4:-1]) if given.is_absolute() else Path(*[p for p in given.parts[:-1] if p != ".."])
        )
    else:
        relative = Path(root.name) / folder.relative_to(root)
    folders = tuple(p for p in relative.parts if p != "/")
    return "".join(f"{p}/" for p in folders), folders


def hashed(arrival: Arrival) -> Arrival:
    """The arrival with the SHA-256 of its bytes, or with the fault that keeps them from being read."""
    fault = arrival.fault
    try:
        if fault is None:
            return replace(arrival, sha256=sha256_file(arrival.read_from))
    except OSError as e:
        fault = Refusal("unreadable", reason=e.strerror or "")
    stand_in = hashlib.sha256(os.fsencode(f"not opened: {arrival.absolute}")).hexdigest()
    return replace(arrival, sha256=stand_in, fault=fault)


def blob(settings: Settings, sha256: str) -> Path:
    return settings.landing / sha256[:2] / sha256


def land(settings: Settings, arrival: Arrival) -> None:
    """Keep the bytes and a sidecar of the names they came under; what is there already stays as it is.

    Raises Refusal when the bytes are no longer those that were hashed: nothing is kept then.
    """
    target = blob(settings, arrival.sha256)
    if not target.exists():
        with atomic_path(target) as aside:
            size = _copy(arrival, aside)
    else:
        size = target.stat().st_size
    sidecar = _sidecar(target)
    note = _read_note(sidecar) if sidecar.exists() else {"size": size, "arrivals": []}
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
    # Names that are no UTF-8 are kept byte for byte.
    atomic_write(sidecar, json.dumps(note, ensure_ascii=False).encode("utf-8", "surrogateescape"))


def _copy(arrival: Arrival, aside: Path) -> int:
    """Copy the bytes and prove that they are those that were hashed; their number. Raises Refusal."""
    if arrival.read_from.stat().st_size <= _AT_ONCE:
        data = arrival.read_from.read_bytes()
        if hashlib.sha256(data).hexdigest() != arrival.sha256:
            raise Refusal("changed")
        return aside.write_bytes(data)
    shutil.copyfile(arrival.read_from, aside)
    if sha256_file(aside) != arrival.sha256:
        raise Refusal("changed")
    return aside.stat().st_size


def recall(settings: Settings, sha256: str) -> list[Arrival]:
    """A landed file again, once for each name it was landed under, the first first."""
    path = blob(settings, sha256)
    note = _read_note(_sidecar(path))
    return [
        Arrival(path, n["absolute"], n["name"], tuple(n["folders"]), sha256, n["region"], n["period"])
        for n in note["arrivals"]
    ]


def _read_note(sidecar: Path) -> dict[str, Any]:
    return json.loads(sidecar.read_text(encoding="utf-8", errors="surrogateescape"))


def _sidecar(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")
