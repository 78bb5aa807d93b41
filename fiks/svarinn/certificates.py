"""Validation of a certificate that a mottakersystem's letters shall be encrypted to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from fiks.core.errors import UgyldigInndata

SHORTEST_KEY = 2048
LARGEST = 64 * 1024
PEM = b"-----BEGIN"


@dataclass(frozen=True, slots=True)
class Sertifikatinnhold:
    """Content of a certificate. `pem` is the certificate alone, `fingeravtrykk` its SHA-256 in hex."""

    pem: bytes
    emne: str
    utsteder: str
    serienummer: str
    fingeravtrykk: str
    biter: int
    gyldig_fra: datetime
    utloper: datetime


def read_certificate(data: bytes, *, now: datetime) -> Sertifikatinnhold:
    """Read an acceptable certificate: X.509 in PEM or DER, RSA of at least 2 048 bits, not expired at `now`.

    UgyldigInndata SERTIFIKAT_UGYLDIG, SERTIFIKAT_UTLOPT, and PRIVAT_NOKKEL for a file that contains a private
    key.
    """
    if b"PRIVATE KEY" in data:
        raise UgyldigInndata("PRIVAT_NOKKEL", felt="sertifikat")
    if len(data) > LARGEST:
        raise UgyldigInndata("SERTIFIKAT_UGYLDIG", felt="sertifikat")
    try:
        found = x509.load_pem_x509_certificate(data) if PEM in data else x509.load_der_x509_certificate(data)
        key, until = found.public_key(), found.not_valid_after_utc
        names = found.subject.rfc4514_string(), found.issuer.rfc4514_string()
    except ValueError:
        raise UgyldigInndata("SERTIFIKAT_UGYLDIG", felt="sertifikat") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST_KEY:
        raise UgyldigInndata("SERTIFIKAT_UGYLDIG", felt="sertifikat")
    if until <= now:
        raise UgyldigInndata("SERTIFIKAT_UTLOPT", felt="sertifikat", utlop=until)
    return Sertifikatinnhold(
        pem=found.public_bytes(Encoding.PEM),
        emne=names[0],
        utsteder=names[1],
        serienummer=f"{found.serial_number:x}",
        fingeravtrykk=found.fingerprint(SHA256()).hex(),
        biter=key.key_size,
        gyldig_fra=found.not_valid_before_utc,
        utloper=until,
    )
