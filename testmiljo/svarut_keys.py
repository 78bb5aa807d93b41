"""The key pair that senders of the test environment encrypt letters to."""

from __future__ import annotations

from pathlib import Path

from testmiljo.printhouse_keys import letter_key


def svarut_pair(folder: Path) -> Path:
    """The PEM with private key and certificate in `folder`, made the first time."""
    pair = folder / "svarut.pem"
    if not pair.exists():
        key, certificate = folder / "svarut-nokkel.pem", folder / "svarut-sertifikat.pem"
        letter_key(key, certificate)
        pair.touch(0o600)
        pair.write_bytes(key.read_bytes() + certificate.read_bytes())
    return pair
