"""Decryption of CMS EnvelopedData that others encrypted to us: a stream, BER or DER, of any size with flat
memory.

Only one format is accepted (svarut.md 4.4): KeyTransRecipientInfo by issuer and serial number, RSAES-OAEP
with SHA-256 and MGF1-SHA-256, AES-256-CBC. Messages come from strangers: everything before the content is
small, read within a limit, and must match exactly. Every later failure gives the same error, so that a forger
learns nothing from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from fiks.core.crypto.ber import BerFeil, Kilde
from fiks.core.crypto.encryption import NokkelUkjent
from fiks.core.errors import FiksError

MAX_HEAD = 8 * 1024
MAX_RECIPIENTS = 10
BLOCK = 16
_SEQUENCE, _SET, _INTEGER, _OID = 0x30, 0x31, 0x02, 0x06
_EXPLICIT, _ORIGINATOR = 0xA0, 0xA0
_CONTENT_WHOLE, _CONTENT_IN_PARTS = 0x80, 0xA0
_VERSIONS = frozenset({"v0", "v2", "v3", "v4"})
"""Valid versions of an EnvelopedData, depending on its other content (RFC 5652 section 6.1)."""
_BY_ISSUER = "v0"
"""Version of a KeyTransRecipientInfo by issuer and serial number (RFC 5652 section 6.2.1)."""
_MALFORMED = (BerFeil, ValueError, TypeError, KeyError, OverflowError)


class CmsFeil(FiksError):
    """KRYPTERING_UGYLDIG: the message is not in our format. KAN_IKKE_DEKRYPTERES: decryption failed."""

    status: ClassVar[int] = 400


@dataclass(frozen=True, slots=True, repr=False)
class Nokkelpar:
    """A private key of ours with its certificate, to which others encrypt. No repr: it is secret."""

    key: RSAPrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """Return the certificate as PEM; it is public."""
        return self.certificate.public_bytes(Encoding.PEM)

    def is_named(self, issuer: bytes, serial: int) -> bool:
        """Return whether the issuer (DER) and serial number of a message's recipient are those of this
        certificate.
        """
        return serial == self.certificate.serial_number and issuer == self.certificate.issuer.public_bytes()


def load_pair(pem: bytes) -> Nokkelpar:
    """Read a PEM with a private RSA key and its certificate; ValueError for anything else."""
    key, certificate = load_pem_private_key(pem, password=None), x509.load_pem_x509_certificate(pem)
    if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
        raise ValueError("the key is not RSA of at least 2048 bits")
    if key.public_key() != certificate.public_key():
        raise ValueError("the certificate is another key's")
    return Nokkelpar(key, certificate)


@dataclass(frozen=True, slots=True, repr=False)
class _Konvolutt:
    """The head of a message: the key pair that opens it, the wrapped content key, and the initialisation
    vector.
    """

    par: Nokkelpar
    wrapped: bytes
    iv: bytes


def require_addressed_to_us(start: bytes, pairs: Sequence[Nokkelpar]) -> None:
    """Check the beginning of a message: CmsFeil KRYPTERING_UGYLDIG unless it is in our format, NokkelUkjent
    unless it is encrypted to one of `pairs`.
    """
    _read_head(Kilde([start]), pairs)


def decrypt(chunks: Iterable[bytes], pairs: Sequence[Nokkelpar]) -> Iterator[bytes]:
    """Decrypt a message and yield its content piece by piece; CmsFeil, or NokkelUkjent when no pair of
    `pairs` opens it.

    The content is known to be complete only when the iterator is exhausted: the format has no signature over
    it.
    """
    source = Kilde(chunks)
    head = _read_head(source, pairs)
    cipher = Cipher(algorithms.AES(_unwrap(head)), modes.CBC(head.iv)).decryptor()
    unpadder = padding.PKCS7(BLOCK * 8).unpadder()
    try:
        for piece in _content(source):
            if clear := unpadder.update(cipher.update(piece)):
                yield clear
        last = unpadder.update(cipher.finalize()) + unpadder.finalize()
    except (BerFeil, ValueError):
        raise CmsFeil("KAN_IKKE_DEKRYPTERES") from None
    if last:
        yield last
    source.drain()


def _read_head(source: Kilde, pairs: Sequence[Nokkelpar]) -> _Konvolutt:
    """Read up to the content and leave the source positioned there."""
    try:
        with source.at_most(MAX_HEAD):
            source.enter(_SEQUENCE)
            _require(source.element(_OID) == cms.ContentType("enveloped_data").dump())
            source.enter(_EXPLICIT)
            source.enter(_SEQUENCE)
            _require(cms.CMSVersion.load(source.element(_INTEGER)).native in _VERSIONS)
            if source.next_tag() == _ORIGINATOR:
                source.element(_ORIGINATOR)
            recipients = cms.RecipientInfos.load(source.element(_SET))
            source.enter(_SEQUENCE)
            _require(source.element(_OID) == cms.ContentType("data").dump())
            algorithm = cms.EncryptionAlgorithm.load(source.element(_SEQUENCE))
            par, wrapped = _our_recipient(recipients, pairs)
            return _Konvolutt(par, wrapped, _iv_of(algorithm))
    except _MALFORMED:
        raise CmsFeil("KRYPTERING_UGYLDIG") from None


def _require(is_so: bool) -> None:
    if not is_so:
        raise ValueError("not in the format")


def _our_recipient(recipients: cms.RecipientInfos, pairs: Sequence[Nokkelpar]) -> tuple[Nokkelpar, bytes]:
    """Return the pair that a recipient names, and the content key wrapped for it.

    ValueError when no recipient has the required form, NokkelUkjent when none of them is ours.
    """
    _require(0 < len(recipients) <= MAX_RECIPIENTS)
    others = False
    for recipient in recipients:
        if recipient.name != "ktri" or recipient.chosen["rid"].name != "issuer_and_serial_number":
            continue
        named = recipient.chosen["rid"].chosen
        issuer, serial = named["issuer"].dump(), named["serial_number"].native
        for par in pairs:
            if par.is_named(issuer, serial):
                return par, _wrapped(recipient.chosen, par)
        others = True
    _require(others)
    raise NokkelUkjent("NOKKEL_UKJENT")


def _wrapped(recipient: cms.KeyTransRecipientInfo, par: Nokkelpar) -> bytes:
    _require(recipient["version"].native == _BY_ISSUER)
    algorithm = recipient["key_encryption_algorithm"]
    _require(algorithm["algorithm"].native == "rsaes_oaep")
    oaep = algorithm["parameters"]
    _require(oaep["hash_algorithm"]["algorithm"].native == "sha256")
    _require(oaep["mask_gen_algorithm"]["algorithm"].native == "mgf1")
    _require(oaep["mask_gen_algorithm"]["parameters"]["algorithm"].native == "sha256")
    label = oaep["p_source_algorithm"]
    _require(label["algorithm"].native == "p_specified" and label["parameters"].native == b"")
    wrapped: bytes = recipient["encrypted_key"].native
    _require(len(wrapped) == (par.key.key_size + 7) // 8)
    return wrapped


def _iv_of(algorithm: cms.EncryptionAlgorithm) -> bytes:
    _require(algorithm["algorithm"].native == "aes256_cbc")
    iv: bytes = algorithm["parameters"].native
    _require(len(iv) == BLOCK)
    return iv


def _unwrap(head: _Konvolutt) -> bytes:
    sha256 = hashes.SHA256()
    oaep = rsa_padding.OAEP(mgf=rsa_padding.MGF1(sha256), algorithm=sha256, label=None)
    try:
        key = head.par.key.decrypt(head.wrapped, oaep)
        _require(len(key) == 32)
    except ValueError:
        raise CmsFeil("KAN_IKKE_DEKRYPTERES") from None
    return key


def _content(source: Kilde) -> Iterator[bytes]:
    """Return the encrypted octets: one string, or the parts of a constructed one. BerFeil when they end
    early.
    """
    if source.next_tag() == _CONTENT_WHOLE:
        return source.octets(_CONTENT_WHOLE)
    return source.octets_in_parts(_CONTENT_IN_PARTS)
