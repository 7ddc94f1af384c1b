"""OpenSSH signatures (SSHSIG) with Ed25519, as `ssh-keygen -Y sign` and `-Y verify` write and read them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAMESPACE = "schoolhouse-edition"
_MAGIC = b"SSHSIG"
_KEY_TYPE = b"ssh-ed25519"
_HASHES = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


class BadSignature(Exception):
    """The text is not an SSH signature, or does not belong to the message; the message says which."""


def key_blob(key: Ed25519PublicKey) -> bytes:
    """The key in SSH wire format: type and 32 bytes, each with its length."""
    return _string(_KEY_TYPE) + _string(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def fingerprint(blob: bytes) -> str:
    """`SHA256:...` as ssh-keygen prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def sign(key: Ed25519PrivateKey, message: bytes, namespace: str = NAMESPACE) -> str:
    """An armoured signature over `message`."""
    signature = _string(_KEY_TYPE) + _string(key.sign(_to_sign(message, namespace.encode(), b"sha512")))
    blob = (
        _MAGIC
        + struct.pack(">I", 1)
        + _string(key_blob(key.public_key()))
        + _string(namespace.encode())
        + _string(b"")
        + _string(b"sha512")
        + _string(signature)
    )
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    return "\n".join([_BEGIN, *lines, _END]) + "\n"


def check(armoured: str, message: bytes, namespace: str = NAMESPACE) -> bytes:
    """The signer's key blob, if the signature is good for `message` in `namespace`; else BadSignature."""
    blob, namespace_found, hash_name, signature = _parse(armoured)
    if namespace_found != namespace.encode():
        raise BadSignature(f"made for another purpose: {namespace_found.decode(errors='replace')}")
    if hash_name not in _HASHES:
        raise BadSignature(f"unknown hash {hash_name.decode(errors='replace')}")
    key_type, raw = _pair(blob)
    signature_type, value = _pair(signature)
    if key_type != _KEY_TYPE or signature_type != _KEY_TYPE or len(raw) != 32:
        raise BadSignature("not an Ed25519 signature")
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(value, _to_sign(message, namespace_found, hash_name))
    except (InvalidSignature, ValueError) as fault:
        raise BadSignature("does not belong to SHA256SUMS") from fault
    return blob


def _to_sign(message: bytes, namespace: bytes, hash_name: bytes) -> bytes:
    digest = _HASHES[hash_name](message).digest()
    return _MAGIC + _string(namespace) + _string(b"") + _string(hash_name) + _string(digest)


def _parse(armoured: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Key blob, namespace, hash name and signature. The armour must be exactly as `sign` writes it."""
    lines = armoured.split("\n")
    if len(lines) < 4 or lines[0] != _BEGIN or lines[-2:] != [_END, ""]:
        raise BadSignature("not an SSH signature")
    try:
        data = base64.b64decode("".join(lines[1:-2]), validate=True)
    except binascii.Error as fault:
        raise BadSignature("not an SSH signature") from fault
    if base64.b64encode(data).decode() != "".join(lines[1:-2]):
        raise BadSignature("not an SSH signature")
    if data[:6] != _MAGIC or data[6:10] != struct.pack(">I", 1):
        raise BadSignature("not an SSH signature of version 1")
    fields, rest = [], data[10:]
    for _ in range(5):
        field, rest = _take(rest)
        fields.append(field)
    if rest or fields[2]:
        raise BadSignature("bytes after the signature")
    return fields[0], fields[1], fields[3], fields[4]


def _pair(data: bytes) -> tuple[bytes, bytes]:
    first, rest = _take(data)
    second, rest = _take(rest)
    if rest:
        raise BadSignature("bytes after the key")
    return first, second


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _take(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
        raise BadSignature("cut short")
    end = 4 + struct.unpack(">I", data[:4])[0]
    return data[4:end], data[end:]
