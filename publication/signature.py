"""The signing key of the house, the list of hashes it signs, and who trusts it."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import os
import shlex
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from publication.sshsig import NAMESPACE
from warehouse.errors import SchoolhouseError
from warehouse.files import sync_folder
from warehouse.settings import Settings

KEY_NAME = "signing.key"


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key in `vault/signing.key` (OpenSSH format, 0600), made on first use."""
    path = settings.vault / KEY_NAME
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise SchoolhouseError(
            "the signing key can be read by others",
            "签名密钥可被他人读取",
            where=str(path),
            fix_en=f"Run `chmod 600 {path}`.",
            fix_zh=f"请运行 chmod 600 {path}。",
        )
    try:
        key = load_ssh_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as fault:
        raise SchoolhouseError(
            "the signing key cannot be read",
            "签名密钥无法读取",
            where=str(path),
            fix_en="An OpenSSH Ed25519 key without a passphrase is needed.",
            fix_zh="需要无口令的 OpenSSH Ed25519 密钥。",
        ) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise SchoolhouseError("the signing key is not an Ed25519 key", "签名密钥不是 Ed25519 密钥", where=str(path))
    return key


def _make_key(path: Path) -> None:
    """Written aside and linked into place, so that of two first publications one key survives."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, text)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
    sync_folder(path.parent)


def public_line(key: Ed25519PrivateKey) -> str:
    """`ssh-ed25519 AAAA... schoolhouse` and a line feed."""
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " schoolhouse\n"


def sums(hashes: dict[str, str]) -> str:
    """Relative path -> SHA-256, as `sha256sum -c` reads it."""
    return "".join(f"{sha}  {path}\n" for path, sha in sorted(hashes.items()))


def is_allowed(allowed_signers: Path, blob: bytes, at: datetime | None = None) -> bool:
    """Whether an OpenSSH allowed_signers file trusts the key for editions, now or at the given time."""
    at = at or datetime.now(UTC)
    try:
        text = allowed_signers.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise SchoolhouseError(
            "the file of allowed signers cannot be read", "受信任签名者文件无法读取", where=str(allowed_signers)
        ) from fault
    return any(_line_allows(line, blob, at) for line in text.splitlines())


def _line_allows(line: str, blob: bytes, at: datetime) -> bool:
    line = line.strip()
    if not line or line.startswith("#"):
        return False
    try:
        words = shlex.split(line)
        start = words.index("ssh-ed25519")
        if start < 1 or base64.b64decode(words[start + 1], validate=True) != blob:
            return False
    except (ValueError, IndexError, binascii.Error):
        return False
    # shlex joins `namespaces="a,b",valid-after="2024"` into one word; a comma before a known name starts an option.
    options: dict[str, str] = {}
    name = ""
    for part in ",".join(words[1:start]).split(","):
        key, _, value = part.partition("=")
        if key.lower() in ("namespaces", "valid-after", "valid-before", "cert-authority"):
            name = key.lower()
            options[name] = value
        elif name:
            options[name] += "," + part
    if "cert-authority" in options:
        return False
    if "namespaces" in options and not any(fnmatch.fnmatch(NAMESPACE, p) for p in options["namespaces"].split(",")):
        return False
    after, before = options.get("valid-after"), options.get("valid-before")
    return not ((after and at < _time(after)) or (before and at >= _time(before)))


def _time(text: str) -> datetime:
    digits = text.removesuffix("Z")
    shape = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}.get(len(digits))
    try:
        if shape:
            return datetime.strptime(digits, shape).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise SchoolhouseError(f"not a time: {text}", f"时间格式有误：{text}", where="allowed_signers")
