"""Verification: is every byte of an edition the one that was signed, and do we trust who signed it?"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from publication import manifest as m
from publication.datasets import data_hash
from publication.signature import is_allowed
from publication.sshsig import BadSignature, check, fingerprint
from warehouse.errors import SchoolhouseError
from warehouse.files import sha256_file

_UNSIGNED = ("attestation/SHA256SUMS", "attestation/SHA256SUMS.sig")
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)")


@dataclass(frozen=True)
class Problem:
    """`kind`: changed, missing, extra, sums, signature, untrusted, manifest; `path` is relative to the edition."""

    kind: str
    path: str
    zh: str
    en: str


@dataclass(frozen=True)
class VerifyResult:
    """`trusted` is None when no file of allowed signers was given: the signature is good, whose it is was not asked."""

    path: Path
    ok: bool
    files: int
    problems: list[Problem] = field(default_factory=list)
    signature_valid: bool = False
    fingerprint: str = ""
    trusted: bool | None = None
    edition_id: str = ""
    data_hash: str = ""

    def lines(self, language: str = "zh") -> list[str]:
        """What a person is told: every problem, or that there is none, then the signer and whether we trust them."""
        zh = language == "zh"
        colon = "：" if zh else ": "
        head = self.edition_id or str(self.path)
        intact = f"{self.files} 个文件与签名时一致" if zh else f"{self.files} files are as they were signed"
        said = [f"{head}{colon}{p.zh if zh else p.en}" for p in self.problems] or [f"{head}{colon}{intact}"]
        if self.signature_valid:
            trust = {
                True: ("受信任", "trusted"),
                False: ("不在受信任名单中", "not an allowed signer"),
                None: ("未给出受信任名单，请核对指纹", "no allowed signers were given, so compare the fingerprint"),
            }[self.trusted]
            said.append(f"{'签名者' if zh else 'signer'} {self.fingerprint}{colon}{trust[0] if zh else trust[1]}")
        return said

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path)}


def verify(path: Path, allowed_signers: Path | None = None) -> VerifyResult:
    """Check every file of an edition folder against SHA256SUMS, its signature, and the manifest.

    `ok` is False when a file was changed, added, removed or renamed, when the signature is not good, or when
    `allowed_signers` (OpenSSH format) does not list the signer. Raises SchoolhouseError where `path` is no edition.
    """
    path = Path(path)
    if not (path / "attestation" / "SHA256SUMS").exists() and not (path / "manifest.json").exists():
        m.read(path)
    problems: list[Problem] = []
    actual = _hash_all(path, problems)
    listed = _read_sums(path, problems)
    problems += _compare(actual, listed)
    signature_valid, mark, trusted = _check_signature(path, allowed_signers, problems)
    content = _check_manifest(path, actual, problems)
    return VerifyResult(
        path=path,
        ok=not problems,
        files=len(actual),
        problems=problems,
        signature_valid=signature_valid,
        fingerprint=mark,
        trusted=trusted,
        edition_id=str(content.get("edition_id", "")),
        data_hash=str(content.get("data_hash", "")),
    )


def _hash_all(root: Path, problems: list[Problem]) -> dict[str, str]:
    """Relative path -> SHA-256 of every file; a link, or a folder without files, does not belong in an edition."""
    hashes: dict[str, str] = {}
    for found in sorted(root.rglob("*")):
        name = found.relative_to(root).as_posix()
        if found.is_symlink() or not (found.is_dir() or found.is_file()):
            problems.append(Problem("extra", name, f"{name} 不是普通文件", f"{name} is not a plain file"))
        elif found.is_file():
            hashes[name] = sha256_file(found)
        elif not any(found.iterdir()):
            problems.append(Problem("extra", name, f"多出空目录 {name}", f"{name} is an empty folder that was added"))
    return hashes


def _read_sums(root: Path, problems: list[Problem]) -> dict[str, str]:
    name = _UNSIGNED[0]
    try:
        text = (root / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        problems.append(Problem("sums", name, f"{name} 缺失或无法读取", f"{name} is missing or unreadable"))
        return {}
    lines = text.split("\n")
    matches = [_LINE.fullmatch(line) for line in lines[:-1]]
    if lines[-1] or not all(matches):
        problems.append(Problem("sums", name, f"{name} 格式有误", f"{name} is malformed"))
    return {match[2]: match[1] for match in matches if match}


def _compare(actual: dict[str, str], listed: dict[str, str]) -> list[Problem]:
    problems = []
    for name in sorted({*actual, *listed} - set(_UNSIGNED)):
        if name not in actual:
            problems.append(Problem("missing", name, f"缺少文件 {name}", f"{name} is missing"))
        elif name not in listed:
            problems.append(Problem("extra", name, f"多出文件 {name}", f"{name} was added"))
        elif actual[name] != listed[name]:
            problems.append(Problem("changed", name, f"文件 {name} 已被改动", f"{name} was changed"))
    return problems


def _check_signature(
    root: Path, allowed_signers: Path | None, problems: list[Problem]
) -> tuple[bool, str, bool | None]:
    """(valid, fingerprint, trusted). The key that signed must be the one in signer.pub."""
    name = _UNSIGNED[1]
    try:
        message = (root / _UNSIGNED[0]).read_bytes()
        blob = check((root / name).read_bytes().decode("ascii"), message)
    except (OSError, UnicodeDecodeError):
        problems.append(Problem("signature", name, "签名缺失或无法读取", "the signature is missing or unreadable"))
        return False, "", None
    except BadSignature as fault:
        problems.append(Problem("signature", name, f"签名无效：{fault}", f"the signature is not valid: {fault}"))
        return False, "", None
    if _key_in(root / "attestation" / "signer.pub") != blob:
        problems.append(Problem("signature", name, "签名密钥与 signer.pub 不符", "the signing key is not signer.pub"))
    mark = fingerprint(blob)
    if allowed_signers is None:
        return True, mark, None
    trusted = is_allowed(Path(allowed_signers), blob)
    if not trusted:
        problems.append(
            Problem("untrusted", name, f"签名者 {mark} 不在受信任名单中", f"the signer {mark} is not an allowed signer")
        )
    return True, mark, trusted


def _key_in(path: Path) -> bytes:
    try:
        return base64.b64decode(path.read_text(encoding="ascii").split()[1], validate=True)
    except (OSError, UnicodeDecodeError, IndexError, binascii.Error):
        return b""


def _check_manifest(root: Path, actual: dict[str, str], problems: list[Problem]) -> dict[str, Any]:
    """The manifest must say of the files what the sums say, and its data hash must follow from them."""
    try:
        content = m.read(root)
        stated = {entry["path"]: entry["sha256"] for entry in content["outputs"]}
        region, school_year = content["region_code"], content["school_year"]
        whole = content["edition_id"] == m.edition_id(region, school_year, content["version"])
    except (SchoolhouseError, KeyError, TypeError, json.JSONDecodeError):
        problems.append(Problem("manifest", "manifest.json", "manifest.json 无法读取", "manifest.json is unreadable"))
        return {}
    own = {"manifest.json"}
    made = {n: sha for n, sha in actual.items() if n not in own and not n.startswith("attestation/")}
    data = {n.removeprefix("data/"): sha for n, sha in made.items() if n.startswith("data/")}
    if stated != made or content.get("data_hash") != data_hash(data) or not whole:
        problems.append(
            Problem("manifest", "manifest.json", "manifest.json 与文件不符", "manifest.json does not match the files")
        )
    return content
