"""Letters encrypted for a receiver open with the openssl command line, and only with the receiver's key."""

from __future__ import annotations

import subprocess
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from cryptography import x509

from fiks.core.crypto import cms_writer
from testmiljo import printhouse_keys

CHUNK = 64 * 1024


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("keys")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    printhouse_keys.letter_key(key, certificate)
    return key, certificate


def certificate_of(keys: tuple[Path, Path]) -> x509.Certificate:
    return cms_writer.load_certificate(keys[1].read_bytes())


def openssl(*arguments: str, message: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", "cms", *arguments], input=message, capture_output=True, check=False)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 127, 128, CHUNK, 3 * CHUNK + 5])
def test_openssl_opens_what_we_encrypt(keys: tuple[Path, Path], size: int) -> None:
    clear = bytes(range(256)) * (size // 256 + 1)
    clear = clear[:size]
    chunks = [clear[start : start + CHUNK] for start in range(0, size, CHUNK)]
    message = b"".join(cms_writer.encrypt(chunks, certificate_of(keys)))
    opened = openssl("-decrypt", "-inform", "DER", "-inkey", str(keys[0]), message=message)
    assert (opened.returncode, opened.stdout) == (0, clear), opened.stderr


def test_receiver_and_algorithms_are_written_as_openssl_writes_them(keys: tuple[Path, Path]) -> None:
    oaep = [f"rsa_{name}" for name in ("padding_mode:oaep", "oaep_md:sha256", "mgf1_md:sha256")]
    options = [word for value in oaep for word in ("-keyopt", value)]
    theirs = openssl(
        "-encrypt", "-binary", "-outform", "DER", "-aes256", "-recip", str(keys[1]), *options, message=b"x"
    )
    ours = b"".join(cms_writer.encrypt([b"x"], certificate_of(keys)))
    assert envelope(ours) == envelope(theirs.stdout)


def envelope(message: bytes) -> tuple[object, ...]:
    """Versions, receiver and algorithms; NULL and absent parameters of SHA-256 mean the same."""
    content = asn1_cms.ContentInfo.load(message)["content"]
    (recipient,) = content["recipient_infos"]
    transport = recipient.chosen
    inner = content["encrypted_content_info"]
    return (
        content["version"].native,
        transport["version"].native,
        transport["rid"].dump(),
        transport["key_encryption_algorithm"].native,
        inner["content_type"].native,
        inner["content_encryption_algorithm"]["algorithm"].native,
    )


def test_every_message_has_a_key_of_its_own(keys: tuple[Path, Path]) -> None:
    certificate = certificate_of(keys)
    assert b"".join(cms_writer.encrypt([b"brev"], certificate)) != b"".join(
        cms_writer.encrypt([b"brev"], certificate)
    )


def test_another_key_does_not_open_it(keys: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    printhouse_keys.letter_key(other, tmp_path / "other.crt.pem")
    message = b"".join(cms_writer.encrypt([b"brev"], certificate_of(keys)))
    opened = openssl("-decrypt", "-inform", "DER", "-inkey", str(other), message=message)
    assert b"brev" not in opened.stdout


def test_memory_is_flat_however_long_the_stream(keys: tuple[Path, Path]) -> None:
    def stream() -> Iterator[bytes]:
        yield from (b"x" * CHUNK for _ in range(800))

    tracemalloc.start()
    total = sum(len(piece) for piece in cms_writer.encrypt(stream(), certificate_of(keys)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 800 * CHUNK and peak < 20 * CHUNK


def test_a_certificate_with_another_kind_of_key_is_refused() -> None:
    with pytest.raises(ValueError):
        cms_writer.load_certificate(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
