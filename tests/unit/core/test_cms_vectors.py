"""KS' own messages and ours are one format: each opens with the same line of openssl (svarut.md 4.4)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from asn1crypto import cms as asn1

from fiks.core.crypto import cms_writer

DATA = Path(__file__).parents[2] / "data" / "fiks-io"
OPENSSL = ("openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-keyform", "DER")


def opened(message: Path, key: str) -> bytes:
    command = [*OPENSSL, "-in", message, "-inkey", DATA / key]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.parametrize(
    ("message", "key", "clear"),
    [
        ("ks-enveloped-v1.ber", "ks-testkey.pkcs8.der", "ks-enveloped-v1.plain"),
        ("melding.asice.cms", "mottaker.pkcs8.der", "melding.asice"),
    ],
)
def test_a_message_of_ks_opens(message: str, key: str, clear: str) -> None:
    assert opened(DATA / message, key) == (DATA / clear).read_bytes()


def test_sv12_38_our_message_opens_as_theirs_and_names_the_same_algorithms(tmp_path: Path) -> None:
    clear = (DATA / "melding.asice").read_bytes()
    certificate = cms_writer.load_certificate((DATA / "mottaker.pem").read_bytes())
    ours = tmp_path / "melding.cms"
    ours.write_bytes(b"".join(cms_writer.encrypt([clear], certificate)))
    assert opened(ours, "mottaker.pkcs8.der") == clear
    assert algorithms(ours) == algorithms(DATA / "ks-enveloped-v1.ber")
    assert algorithms(ours) == algorithms(DATA / "melding.asice.cms")


def algorithms(message: Path) -> tuple[str, ...]:
    """How the content is encrypted, and how its key is, with how the recipient is named."""
    envelope = asn1.ContentInfo.load(message.read_bytes())["content"]
    [recipient] = envelope["recipient_infos"]
    transport = recipient.chosen["key_encryption_algorithm"]
    oaep = transport["parameters"]
    return (
        envelope["encrypted_content_info"]["content_encryption_algorithm"]["algorithm"].native,
        transport["algorithm"].native,
        oaep["hash_algorithm"]["algorithm"].native,
        oaep["mask_gen_algorithm"]["parameters"]["algorithm"].native,
        recipient.chosen["rid"].name,
    )
