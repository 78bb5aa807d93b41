"""CMS EnvelopedData for one receiver, as print houses and mottakersystemer open it with `openssl cms
-decrypt`.

`cryptography` only offers PKCS#1 v1.5 key transport, so this module writes the envelope itself. The content
is streamed in BER with indefinite lengths (as BouncyCastle does): the size need not be known and memory stays
flat (ADR 0008).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding

_SEQUENCE, _CONTEXT_0, _END = b"\x30\x80", b"\xa0\x80", b"\x00\x00"
_OCTET_STRING = b"\x04"
_BLOCK_BITS = 128


def load_certificate(pem: bytes) -> x509.Certificate:
    """Read a receiver's PEM certificate; ValueError when it is no certificate or its key is not RSA."""
    certificate = x509.load_pem_x509_certificate(pem)
    _rsa_key(certificate)
    return certificate


def encrypt(
    chunks: Iterable[bytes | bytearray | memoryview], certificate: x509.Certificate
) -> Iterator[bytes]:
    """Encrypt a stream to the holder of `certificate` and yield the CMS message piece by piece.

    AES-256-CBC content, one KeyTransRecipientInfo by issuer and serial number, RSAES-OAEP with SHA-256 and
    MGF1-SHA-256 (KS' own format for SvarInn). Every chunk becomes one octet string: 64 kB is a good size.
    """
    key, iv = os.urandom(32), os.urandom(16)
    yield _head(certificate, key, iv)
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    padder = padding.PKCS7(_BLOCK_BITS).padder()
    for chunk in chunks:
        yield _octets(cipher.update(padder.update(chunk)))
    yield _octets(cipher.update(padder.finalize()) + cipher.finalize())
    yield _END * 5


def _head(certificate: x509.Certificate, key: bytes, iv: bytes) -> bytes:
    """Return everything before the content; it opens five indefinite lengths that `encrypt` closes."""
    recipients = cms.RecipientInfos([cms.RecipientInfo("ktri", _key_transport(certificate, key))])
    algorithm = cms.EncryptionAlgorithm({"algorithm": "aes256_cbc", "parameters": iv})
    return b"".join(
        (
            _SEQUENCE,
            cms.ContentType("enveloped_data").dump(),
            _CONTEXT_0,
            _SEQUENCE,
            cms.CMSVersion("v0").dump(),
            recipients.dump(),
            _SEQUENCE,
            cms.ContentType("data").dump(),
            algorithm.dump(),
            _CONTEXT_0,
        )
    )


def _key_transport(certificate: x509.Certificate, key: bytes) -> cms.KeyTransRecipientInfo:
    public = _rsa_key(certificate)
    sha256 = hashes.SHA256()
    oaep = rsa_padding.OAEP(mgf=rsa_padding.MGF1(sha256), algorithm=sha256, label=None)
    holder = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    digest = {"algorithm": "sha256"}
    parameters = algos.RSAESOAEPParams(
        {"hash_algorithm": digest, "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest}}
    )
    return cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": cms.RecipientIdentifier(
                "issuer_and_serial_number",
                cms.IssuerAndSerialNumber({"issuer": holder.issuer, "serial_number": holder.serial_number}),
            ),
            "key_encryption_algorithm": {"algorithm": "rsaes_oaep", "parameters": parameters},
            "encrypted_key": public.encrypt(key, oaep),
        }
    )


def _rsa_key(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return key
    raise ValueError("the certificate's key is not RSA")


def _octets(data: bytes) -> bytes:
    """Return one primitive octet string with a definite length; empty for no data."""
    if not data:
        return b""
    size = len(data)
    if size < 0x80:
        return _OCTET_STRING + bytes([size]) + data
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return _OCTET_STRING + bytes([0x80 | len(length)]) + length + data
