"""Whatever is done to an edition after it was signed is found and named."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from publication import EditionResult, verify
from publication.signature import public_line, sums
from publication.sshsig import sign
from warehouse.errors import SchoolhouseError
from warehouse.files import sha256_file


def test_an_edition_as_published_is_sound(published: EditionResult) -> None:
    result = verify(published.path)
    assert result.ok
    assert result.signature_valid
    assert result.fingerprint.startswith("SHA256:")
    assert result.trusted is None
    assert result.files == len([p for p in published.path.rglob("*") if p.is_file()])


def test_a_flipped_byte_in_any_file_is_found(copy: Path) -> None:
    for path in sorted(p for p in copy.rglob("*") if p.is_file()):
        good = path.read_bytes()
        for position in (0, len(good) // 2, len(good) - 1):
            bad = bytearray(good)
            bad[position] ^= 1
            path.write_bytes(bad)
            assert not verify(copy).ok, f"byte {position} of {path.relative_to(copy)}"
        path.write_bytes(good)
    assert verify(copy).ok


def test_files_renamed_added_and_removed_are_named(copy: Path) -> None:
    (copy / "report.html").rename(copy / "report2.html")
    (copy / "data" / "codebook.csv").unlink()
    (copy / "attestation" / "note.txt").write_text("added")
    (copy / "empty").mkdir()
    found = {(p.kind, p.path) for p in verify(copy).problems}
    assert {
        ("missing", "report.html"),
        ("extra", "report2.html"),
        ("missing", "data/codebook.csv"),
        ("extra", "attestation/note.txt"),
        ("extra", "empty"),
    } <= found


def test_a_link_in_place_of_a_file_is_found(copy: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    (copy / "data" / "codebook.csv").rename(outside)
    (copy / "data" / "codebook.csv").symlink_to(outside)
    assert not verify(copy).ok


def test_hashes_rewritten_without_the_key_are_found(copy: Path) -> None:
    (copy / "report.html").write_text("another report")
    _rewrite_sums(copy)
    assert "signature" in {p.kind for p in verify(copy).problems}


def test_a_forger_with_a_key_of_their_own_is_not_trusted(copy: Path, published: EditionResult, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed_signers"
    allowed.write_text(f'bureau namespaces="schoolhouse-edition" {(copy / "attestation" / "signer.pub").read_text()}')
    assert verify(published.path, allowed).trusted is True
    forger = Ed25519PrivateKey.generate()
    (copy / "attestation" / "signer.pub").write_text(public_line(forger))
    text = _rewrite_sums(copy)
    (copy / "attestation" / "SHA256SUMS.sig").write_text(sign(forger, text))
    result = verify(copy, allowed)
    assert (result.signature_valid, result.trusted, result.ok) == (True, False, False)
    assert verify(copy).fingerprint != verify(published.path).fingerprint


@pytest.mark.parametrize(
    "options",
    ['namespaces="file,git"', 'valid-before="20200101"', 'valid-after="20990101"', "cert-authority", "# bureau"],
)
def test_an_allowed_signer_for_something_else_is_not_trusted(
    options: str, published: EditionResult, tmp_path: Path
) -> None:
    allowed = tmp_path / "allowed_signers"
    line = f"bureau {options} " if not options.startswith("#") else options + " "
    allowed.write_text(line + (published.path / "attestation" / "signer.pub").read_text())
    assert verify(published.path, allowed).trusted is False


def test_a_signature_for_another_purpose_is_refused(copy: Path) -> None:
    key = Ed25519PrivateKey.generate()
    (copy / "attestation" / "signer.pub").write_text(public_line(key))
    text = _rewrite_sums(copy)
    (copy / "attestation" / "SHA256SUMS.sig").write_text(sign(key, text, "file"))
    assert not verify(copy).signature_valid


def test_what_is_no_edition_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SchoolhouseError, match="not an edition"):
        verify(tmp_path)


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="coreutils is not here")
def test_coreutils_checks_the_sums(published: EditionResult) -> None:
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "attestation/SHA256SUMS"], cwd=published.path, check=True)


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is not here")
def test_openssh_verifies_our_signature(published: EditionResult, tmp_path: Path) -> None:
    folder = published.path / "attestation"
    allowed = tmp_path / "allowed_signers"
    allowed.write_text("bureau " + (folder / "signer.pub").read_text())
    command = ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "bureau", "-n", "schoolhouse-edition"]
    command += ["-s", folder / "SHA256SUMS.sig"]
    done = subprocess.run(command, input=(folder / "SHA256SUMS").read_bytes(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert verify(published.path).fingerprint in done.stdout.decode()
    changed = (folder / "SHA256SUMS").read_bytes().replace(b"0", b"1", 1)
    assert subprocess.run(command, input=changed, capture_output=True, check=False).returncode != 0


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is not here")
def test_we_verify_what_openssh_signed_with_our_key(copy: Path, published: EditionResult) -> None:
    key = next(p for p in published.path.parents if (p / "vault").is_dir()) / "vault" / "signing.key"
    signature = copy / "attestation" / "SHA256SUMS.sig"
    signature.unlink()
    command = ["ssh-keygen", "-Y", "sign", "-f", key, "-n", "schoolhouse-edition", copy / "attestation" / "SHA256SUMS"]
    subprocess.run(command, check=True, capture_output=True)
    assert verify(copy).ok


def _rewrite_sums(folder: Path) -> bytes:
    unsigned = ("attestation/SHA256SUMS", "attestation/SHA256SUMS.sig")
    names = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    text = sums({n: sha256_file(p) for n, p in names.items() if n not in unsigned}).encode()
    (folder / "attestation" / "SHA256SUMS").write_bytes(text)
    return text
