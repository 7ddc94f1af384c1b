"""Publication: the next version of a region's school year, written once, signed, never changed."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from publication import manifest as m
from publication import pdf, versions
from publication.clearance import Clearance, clear
from publication.contents import PDF, contents, history
from publication.datasets import codebook, read_published
from publication.difference import revised
from publication.draft import Draft
from publication.footnotes import footnotes
from publication.history import read_history
from publication.lineage import read_lineage
from publication.protection import protect
from publication.shelf import finish, one_publisher, unwritable
from publication.signature import public_line, signing_key, sums
from publication.sshsig import sign
from publication.verify import verify
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_write, remove_tree, sha256_file, sync_folder
from warehouse.ledger import Ledger, now
from warehouse.release import release_of
from warehouse.settings import Settings

_TOOLS = (
    "altair",
    "cryptography",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "pyarrow",
    "pysdmx",
    "weasyprint",
    "xlsxwriter",
)


@dataclass(frozen=True)
class EditionResult:
    """`path` is the edition's folder, `report` its HTML file; `changed` is False when nothing had to be written.

    `notices` say what this machine could not make, in English and Chinese.
    """

    path: Path
    version: str
    verdict: str
    report: Path
    changed: bool
    data_hash: str
    notices: tuple[dict[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path), "report": str(self.report)}


def withdraw(settings: Settings, region: str, school_year: str, version: str, *, reason: str, person: str) -> Path:
    """Take a published version away and leave a signed tombstone in its place; its number is never used again.

    Returns the tombstone. Raises SchoolhouseError where there is no such version, or no reason or name is given.
    """
    settings.prepare()
    ledger = Ledger.open(settings)
    shelf = settings.editions / region / school_year
    with one_publisher(shelf):
        folder = shelf / version
        if not folder.is_dir() or folder not in versions.editions(shelf) or not reason.strip() or not person.strip():
            raise SchoolhouseError(
                f"there is no version {version} to withdraw, or no reason or name was given",
                f"没有可撤回的版本 {version}，或未写明原因与撤回人",
                where=f"{region} {school_year}",
                fix_en="Name a published version, the reason and who withdraws it.",
                fix_zh="请写明已发布的版本、撤回原因和撤回人。",
            )
        content = m.read(folder)
        told = {
            "edition_id": content["edition_id"],
            "version": version,
            "data_hash": content["data_hash"],
            "sha256_sums": sha256_file(folder / "attestation" / "SHA256SUMS"),
            "reason": reason.strip(),
            "withdrawn_by": person.strip(),
            "withdrawn_at": now(),
        }
        stone = versions.tombstone(shelf, version)
        text = m.dump(told)
        key = signing_key(settings)
        atomic_write(stone.with_suffix(".json.sig"), sign(key, text))
        atomic_write(stone, text)
        finish(settings, ledger, shelf)
    return stone


def publish(settings: Settings, region: str, school_year: str, gate_id: str | None = None) -> EditionResult:
    """Publish the build that the gate let through, as the next version under `editions/<region>/<school_year>/`.

    The same data, verdict and report as the newest version write nothing. Raises SchoolhouseError when the gate has not
    passed, an approval is missing, the build is gone, or the newest version on disk has been tampered with.
    """
    # The gate's room loads a heavy engine; whoever only verifies need not wait for it.
    from expectations.decision import require

    settings.prepare()
    ledger = Ledger.open(settings)
    clearance = clear(ledger, region, school_year, gate_id)
    require(settings, ledger, clearance.gate["gate_id"])
    make = partial(_draft, settings, clearance, region, school_year)
    return publish_draft(settings, ledger, clearance, make)


def publish_draft(
    settings: Settings, ledger: Ledger, clearance: Clearance, make: Callable[[Sequence[Path]], Draft]
) -> EditionResult:
    """Publish what `make` makes, given the data folders of earlier versions, as the next version of its shelf."""
    shelf = settings.editions / clearance.gate["region_code"] / clearance.gate["school_year"]
    with one_publisher(shelf):
        finish(settings, ledger, shelf)
        older = versions.editions(shelf)
        draft = make([folder / "data" for folder in older])
        newest = next(reversed(older), None)
        if newest is None:
            changes = versions.changes(None, "first", [], (None, clearance.outcome))
        else:
            _require_intact(newest)
            before = m.read(newest)
            entries = versions.compare(newest / "data", draft.sets)
            if not entries and before["verdict"] == clearance.outcome and _says_the_same(draft, newest):
                return _result(newest, before, changed=False)
            verdicts = before["verdict"], clearance.outcome
            changes = versions.changes(newest.name, versions.level_of(entries), entries, verdicts)
            changes |= revised(before, draft.inputs, draft.corrections)
        version = versions.unused(shelf, newest.name if newest else None, changes["level"])
        folder = _write(settings, shelf, version, draft, changes)
        finish(settings, ledger, shelf)
        return _result(folder, m.read(folder), changed=True)


def _draft(
    settings: Settings, clearance: Clearance, region: str, school_year: str, earlier: Sequence[Path] = ()
) -> Draft:
    build = settings.build / clearance.gate["build_id"]
    database = build / "warehouse.duckdb"
    if not database.exists():
        raise SchoolhouseError(
            "the build that the gate looked at is gone",
            "质量关所检查的构建已不存在",
            where=clearance.gate["build_id"],
            fix_en="Run `schoolhouse build` and the gate again.",
            fix_zh="请重新运行 schoolhouse build 和质量关。",
        )
    published, names = read_published(database, region, school_year)
    figures = [*published, *read_history(database, region, school_year)]
    figures, protected = protect(database, region, school_year, figures, earlier)
    if protected is not None and protected.left:
        raise SchoolhouseError(
            f"{len(protected.left)} small counts could be had from other figures",
            f"有 {len(protected.left)} 个小数可由其他数字推算",
            where=f"{region} {school_year}",
            fix_en="Take the indicators concerned out of the published zone.",
            fix_zh="请将相关指标移出公开范围。",
        )
    sets = [*figures, footnotes(clearance)]
    sets.append(codebook(sets))
    sets.sort(key=lambda s: s.name)
    data = {f"{s.name}.csv": s.csv() for s in sets} | {f"{s.name}.parquet": s.parquet() for s in sets}
    inputs = m.read_inputs(build, region)
    lineage, corrections = read_lineage(build, sets, inputs), m.read_corrections(database, region)
    return Draft(region, names, school_year, clearance, inputs, sets, data, lineage, corrections)


def _says_the_same(draft: Draft, newest: Path) -> bool:
    """Whether the files under the newest version's number would be the ones that are there, byte for byte.

    The PDF is the report printed; where the report is the same, so is what it prints.
    """
    changes = json.loads((newest / "changes.json").read_text(encoding="utf-8"))
    made = contents(draft, newest.name, changes, history(newest.parent, newest.name))
    return all((newest / name).exists() and content == (newest / name).read_bytes() for name, content in made.items())


def _write(settings: Settings, shelf: Path, version: str, draft: Draft, changes: dict[str, Any]) -> Path:
    """Write the whole edition beside its place, sync it, make it read-only and rename it in one step.

    A disk that is full or cannot be written ends in one line, with what was there before as it was.
    """
    aside = shelf / f".{version}.tmp"
    try:
        return _write_aside(settings, shelf, aside, version, draft, changes)
    except OSError as fault:
        with contextlib.suppress(OSError):
            remove_tree(aside)
        raise unwritable(shelf, fault) from fault


def _write_aside(
    settings: Settings, shelf: Path, aside: Path, version: str, draft: Draft, changes: dict[str, Any]
) -> Path:
    for name, content in draft.data.items():
        _put(aside / "data" / name, content)
    made = contents(draft, version, changes, history(shelf))
    notices = []
    try:
        made[PDF] = pdf.of_edition(made["report.html"].decode())
    except pdf.Unavailable as fault:
        notices.append({"en": fault.en, "zh": fault.zh})
    for name, content in made.items():
        _put(aside / name, content)
    manifest = m.manifest(
        region=draft.region,
        region_name=draft.names.region,
        school_year=draft.school_year,
        version=version,
        clearance=draft.clearance,
        inputs=draft.inputs,
        corrections=draft.corrections,
        files=m.outputs(aside, draft.sets),
        data_hash=draft.data_hash,
    )
    _put(aside / "manifest.json", m.dump(manifest))
    _attest(settings, aside, draft.clearance, notices)
    for path in sorted(aside.rglob("*"), reverse=True):
        if path.is_dir():
            sync_folder(path)
            path.chmod(0o555)
        else:
            path.chmod(0o444)
    sync_folder(aside)
    # Who may read it is decided once it is in its place.
    aside.chmod(0o700)
    if problems := verify(aside).problems:
        raise OSError(errno.EIO, f"{problems[0].path} is not what was written")
    folder = shelf / version
    aside.rename(folder)
    sync_folder(shelf)
    return folder


def _attest(settings: Settings, folder: Path, clearance: Clearance, notices: list[dict[str, str]]) -> None:
    """Who approved and how, which run it was, and the signature over the hashes of all of it."""
    kept = ("role", "approver", "decision", "decided_on", "mode", "comment")
    approvals = [{k: a[k] for k in kept} for a in clearance.approvals]
    explained = [
        {k: e[k] for k in ("check_id", "entity_type", "entity_id", "reason_code", "signer", "signed_on", "origin")}
        for _, e in sorted(clearance.explanations.items())
    ]
    unattended = all(a["mode"] == "file" for a in approvals)
    _put(
        folder / "attestation" / "approvals.json",
        m.dump({"unattended": unattended, "approvals": approvals, "explanations": explained}),
    )
    release = release_of(clearance.gate["region_code"], clearance.gate["school_year"])
    if release.at is not None and release.at > datetime.now(UTC):
        said = f"{release.at:%Y-%m-%d %H:%M %Z}"
        notices.append({"en": f"not public before {said}", "zh": f"{said} 之前不公开"})
    run = {
        "build_id": clearance.gate["build_id"],
        "gate_id": clearance.gate["gate_id"],
        "gate_ran_at": clearance.gate["ran_at"],
        "published_at": now(),
        "release_at": release.at and release.at.isoformat(),
        "prerelease_at": release.opens and release.opens.isoformat(),
        "notices": notices,
        "tools": {"python": platform.python_version()}
        | {t: package_version(t) for t in (*_TOOLS, "vl-convert-python")},
    }
    _put(folder / "attestation" / "run.json", m.dump(run))
    key = signing_key(settings)
    _put(folder / "attestation" / "signer.pub", public_line(key).encode())
    hashes = {p.relative_to(folder).as_posix(): sha256_file(p) for p in folder.rglob("*") if p.is_file()}
    text = sums(hashes).encode()
    _put(folder / "attestation" / "SHA256SUMS", text)
    _put(folder / "attestation" / "SHA256SUMS.sig", sign(key, text).encode())


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())


def _require_intact(newest: Path) -> None:
    result = verify(newest)
    if not result.ok:
        raise SchoolhouseError(
            f"the newest version has been changed since it was signed: {result.problems[0].en}",
            f"最新版本在签名后被改动：{result.problems[0].zh}",
            where=str(newest),
            fix_en="Put the folder back from a backup; editions never change.",
            fix_zh="请从备份恢复该目录；已发布版本不得改动。",
        )


def _result(folder: Path, content: dict[str, Any], *, changed: bool) -> EditionResult:
    run = json.loads((folder / "attestation" / "run.json").read_text(encoding="utf-8"))
    return EditionResult(
        folder,
        folder.name,
        content["verdict"],
        folder / "report.html",
        changed,
        content["data_hash"],
        tuple(run.get("notices", ())),
    )
