"""Messages encrypted to us: what openssl and we write opens, and nothing hostile does more than be refused."""

from __future__ import annotations

import subprocess
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiks.core.crypto import cms_writer
from fiks.core.crypto.cms_reader import CmsFeil, Nokkelpar, decrypt, load_pair, require_addressed_to_us
from fiks.core.crypto.encryption import NokkelUkjent
from testmiljo.svarut_keys import svarut_pair

OAEP = [w for n in ("padding_mode:oaep", "oaep_md:sha256", "mgf1_md:sha256") for w in ("-keyopt", f"rsa_{n}")]
SIZES = [0, 1, 15, 16, 17, 127, 128, 65_535, 65_536, 200_003]
CODES = {"KRYPTERING_UGYLDIG", "KAN_IKKE_DEKRYPTERES", "NOKKEL_UKJENT"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("svarut")
    svarut_pair(made)
    return made


@pytest.fixture(scope="module")
def pair(folder: Path) -> Nokkelpar:
    return load_pair(svarut_pair(folder).read_bytes())


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Nokkelpar:
    return load_pair(svarut_pair(tmp_path_factory.mktemp("annen")).read_bytes())


def clear_text(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def by_openssl(
    folder: Path, clear: bytes, *flags: str, cipher: str = "-aes256", keyopt: list[str] = OAEP
) -> bytes:
    """`flags` before the recipient, or other recipients; `keyopt` how its key is wrapped."""
    recipient = ["-recip", str(folder / "svarut-sertifikat.pem"), *keyopt]
    command = ["openssl", "cms", "-encrypt", "-binary", "-outform", "DER", cipher, *flags, *recipient]
    return subprocess.run(command, input=clear, capture_output=True, check=True).stdout


def by_us(pair: Nokkelpar, clear: bytes, size: int = 64 * 1024) -> bytes:
    chunks = [clear[at : at + size] for at in range(0, len(clear), size)]
    return b"".join(cms_writer.encrypt(chunks, pair.certificate))


def opened(message: bytes, *pairs: Nokkelpar, size: int = 0) -> bytes:
    step = size or max(1, len(message))
    return b"".join(decrypt((message[at : at + step] for at in range(0, len(message), step)), pairs))


def refused(message: bytes, *pairs: Nokkelpar) -> str:
    with pytest.raises(CmsFeil) as error:
        opened(message, *pairs)
    return error.value.kode


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("way", ["definite", "indefinite"])
def test_what_openssl_encrypts_opens_in_der_and_in_streamed_ber(
    folder: Path, pair: Nokkelpar, size: int, way: str
) -> None:
    message = by_openssl(folder, clear_text(size), *(["-stream", "-indef"] if way == "indefinite" else []))
    assert opened(message, pair) == clear_text(size)
    require_addressed_to_us(message[: 16 * 1024], [pair])


@pytest.mark.parametrize("size", SIZES)
def test_what_we_encrypt_we_open(pair: Nokkelpar, size: int) -> None:
    assert opened(by_us(pair, clear_text(size)), pair) == clear_text(size)


@pytest.mark.parametrize("step", [1, 2, 7, 16, 4_095])
def test_a_message_may_be_cut_into_chunks_anywhere(folder: Path, pair: Nokkelpar, step: int) -> None:
    for message in (by_us(pair, clear_text(5_000), 1_000), by_openssl(folder, clear_text(5_000))):
        assert opened(message, pair, size=step) == clear_text(5_000)


def test_the_older_of_two_keys_still_opens(pair: Nokkelpar, other: Nokkelpar) -> None:
    assert opened(by_us(pair, b"gammelt"), other, pair) == b"gammelt"


def test_we_find_ourselves_among_several_recipients(folder: Path, pair: Nokkelpar, other: Nokkelpar) -> None:
    theirs = folder / "annen.pem"
    theirs.write_bytes(other.pem)
    message = by_openssl(folder, b"til to", "-recip", str(theirs), *OAEP)
    assert opened(message, pair) == opened(message, other) == b"til to"


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        (b"\x02\x01\x00\x31", b"\x02\x01\x01\x31"),
        (b"\x02\x01\x00\x31", b"\x02\x01\x05\x31"),
        (b"\x02\x01\x00\x30", b"\x02\x01\x02\x30"),
    ],
    ids=["no version of EnvelopedData", "a later one", "a recipient by key identifier that names an issuer"],
)
def test_a_message_of_another_version_is_refused(pair: Nokkelpar, written: bytes, changed: bytes) -> None:
    """RFC 5652 sections 6.1 and 6.2.1."""
    message = by_us(pair, b"brev")
    assert written in message[:64]
    assert refused(message.replace(written, changed, 1), pair) == "KRYPTERING_UGYLDIG"


def test_a_message_for_somebody_else_is_refused_at_its_head(pair: Nokkelpar, other: Nokkelpar) -> None:
    message = by_us(other, b"hemmelig")
    for ours in ([pair], []):
        with pytest.raises(NokkelUkjent, match="NOKKEL_UKJENT"):
            opened(message, *ours)
        with pytest.raises(NokkelUkjent, match="NOKKEL_UKJENT"):
            require_addressed_to_us(message, ours)


@pytest.mark.parametrize(
    ("flags", "cipher", "keyopt"),
    [
        ([], "-aes256", []),
        ([], "-aes256", OAEP[:2]),
        ([], "-aes256", [*OAEP[:4], "-keyopt", "rsa_mgf1_md:sha1"]),
        ([], "-aes128", OAEP),
        ([], "-des3", OAEP),
        (["-keyid"], "-aes256", OAEP),
        ([], "-aes-256-gcm", OAEP),
    ],
    ids=["PKCS1 v1.5", "OAEP SHA-1", "MGF1 SHA-1", "AES-128", "3DES", "key id", "GCM"],
)
def test_every_other_format_is_refused(
    folder: Path, pair: Nokkelpar, flags: list[str], cipher: str, keyopt: list[str]
) -> None:
    message = by_openssl(folder, b"x" * 100, *flags, cipher=cipher, keyopt=keyopt)
    assert refused(message, pair) == "KRYPTERING_UGYLDIG"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 klar tekst", b"PK\x03\x04", b"-----BEGIN CMS-----\n"])
def test_what_is_no_message_is_refused(pair: Nokkelpar, content: bytes) -> None:
    assert refused(content, pair) == "KRYPTERING_UGYLDIG"


def test_a_message_that_ends_early_never_passes_for_whole(folder: Path, pair: Nokkelpar) -> None:
    for message in (by_us(pair, clear_text(200), 50), by_openssl(folder, clear_text(200))):
        whole = len(message) - (10 if message[1] == 0x80 else 0)  # the last ends say nothing any more
        for length in range(whole):
            assert refused(message[:length], pair) in CODES


def test_a_head_without_end_is_refused_before_much_of_it_is_read(pair: Nokkelpar) -> None:
    taken = 0

    def endless(begin: bytes) -> Iterator[bytes]:
        nonlocal taken
        yield begin
        while True:
            taken += 4_096
            yield bytes(4_096)

    envelope = b"\x30\x80" + bytes.fromhex("06092a864886f70d010703") + b"\xa0\x80\x30\x80\x02\x01\x00"
    for begin in (
        b"\x30\x84\xff\xff\xff\xff" + envelope[2:] + b"\x31\x84\x7f\xff\xff\xff",
        envelope + b"\x31\x80" + b"\x30\x80" * 100,
        b"\x30\x80\x06\x88" + b"\x7f" * 8,
        b"\x30\xff",
    ):
        with pytest.raises(CmsFeil, match="KRYPTERING_UGYLDIG"):
            list(decrypt(endless(begin), [pair]))
    assert taken < 64 * 1024


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_message_that_was_tampered_with_is_refused_or_opens_and_nothing_else_happens(
    pair: Nokkelpar, data: st.DataObject
) -> None:
    message = bytearray(by_us(pair, clear_text(300), 100))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(message) - 1))
        message[at] = data.draw(st.integers(0, 255))
    try:
        opened(bytes(message), pair)
    except (CmsFeil, NokkelUkjent) as error:
        assert error.kode in CODES


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_bytes_at_all_are_only_refused(pair: Nokkelpar, content: bytes) -> None:
    assert refused(content, pair) in CODES


def test_a_wrong_content_key_and_wrong_padding_are_told_apart_by_nobody(pair: Nokkelpar) -> None:
    message = by_us(pair, clear_text(64))
    [recipient] = asn1_cms.ContentInfo.load(message)["content"]["recipient_infos"]
    wrapped = message.index(recipient.chosen["encrypted_key"].native)
    # In CBC a block's bits are turned by those of the block before it: here the one that tells how much padding there
    # is. Turned in the last block itself they would become noise, which is good padding once in 256.
    last = len(message) - len(b"\0\0") * 5 - 16
    assert message[last - 2 : last] == b"\x04\x10"
    for at in (wrapped + 10, last - 3):
        tampered = bytearray(message)
        tampered[at] ^= 0x80
        assert refused(bytes(tampered), pair) == "KAN_IKKE_DEKRYPTERES"


def test_memory_stays_flat_however_large_the_message(pair: Nokkelpar) -> None:
    piece = bytes(64 * 1024)
    message = cms_writer.encrypt((piece for _ in range(1_000)), pair.certificate)
    tracemalloc.start()
    size = sum(len(chunk) for chunk in decrypt(message, [pair]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 1_000 * len(piece)
    assert peak < 2 * 1024 * 1024


def test_a_pem_that_is_no_pair_is_refused(pair: Nokkelpar, other: Nokkelpar, folder: Path) -> None:
    key = (folder / "svarut-nokkel.pem").read_bytes()
    for pem in (b"", key, pair.pem, key + other.pem):
        with pytest.raises(ValueError):
            load_pair(pem)
    assert "Nokkelpar(key=" not in repr(pair)
