"""A virksomhetssertifikat in `x5c`: its chain up to a root we know, and the orgnr it was made for."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey

from testmiljo.maskinporten.clients import MpFeil

LONGEST_CHAIN = 5
ORGNR = re.compile(r"(?:NTRNO-)?([0-9]{9})", re.ASCII)


def key_of(x5c: object, orgnr: str, roots: Sequence[str]) -> RSAKey:
    """The public key of the certificate, if it leads to one of `roots` (PEM) and was made for `orgnr`; else MpFeil."""
    chain = _read(x5c)
    _check_chain(chain, [x509.load_pem_x509_certificate(pem.encode()) for pem in roots])
    if _orgnr(chain[0]) != orgnr:
        raise MpFeil("122", "the client belongs to another orgnr than the certificate")
    public = chain[0].public_key()
    if not isinstance(public, RSAPublicKey):
        raise MpFeil("120", "the key is not RSA")
    return RSAKey.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _read(x5c: object) -> list[x509.Certificate]:
    if not isinstance(x5c, list) or not 0 < len(x5c) <= LONGEST_CHAIN:
        raise MpFeil("123", "x5c is an array of certificates, the client's own first")
    try:
        return [x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in x5c]
    except (ValueError, TypeError):
        raise MpFeil("123", "a part is not a certificate in base64 DER") from None


def _check_chain(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]) -> None:
    """Each certificate is valid now and signed by the next, the last by a root; only the first is no CA."""
    now = datetime.now(UTC)
    path = [one for one in chain if one not in roots]
    if not path:
        raise MpFeil("120", "a root is no virksomhetssertifikat")
    root = next((one for one in roots if _signed(path[-1], one)), None)
    if root is None:
        raise MpFeil("120", "the chain does not lead to a root that is trusted")
    for below, above in zip(path, [*path[1:], root], strict=True):
        if not _signed(below, above):
            raise MpFeil("120", "the chain is broken")
        if not _is_authority(above):
            raise MpFeil("120", "signed by a certificate that is no authority")
    for one in [*path, root]:
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            raise MpFeil("120", "expired, or not valid yet")
    if not _may_sign(path[0]):
        raise MpFeil("120", "not made for signing")


def _signed(below: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _may_sign(certificate: x509.Certificate) -> bool:
    """SIGN and AUTH certificates may; the one for encryption may not."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature or usage.content_commitment


def _orgnr(certificate: x509.Certificate) -> str:
    """From organizationIdentifier (NTRNO-…), or serialNumber in older ones; MpFeil when neither has one."""
    for oid in (NameOID.ORGANIZATION_IDENTIFIER, NameOID.SERIAL_NUMBER):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            found = ORGNR.fullmatch(str(attribute.value))
            if found:
                return found[1]
    raise MpFeil("120", "the certificate names no orgnr")
