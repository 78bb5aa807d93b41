"""The print houses of an environment: address, login, and the certificate that letters to each are encrypted
to.

`PRINT_SFTP_URL`, `PRINT_KEY` and `PRINT_CERTIFICATE` belong to the house GRAFISK_DIGITAL.
`PRINT_HUS` lists the codes of any others, and each of those has three settings of its own, for
example `PRINT_<CODE>_SFTP_URL`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

from config.reading import Reader

FIRST = "GRAFISK_DIGITAL"
"""Code of the house whose settings have no code in their names."""
BY_HAND = "MANUELL_PRINT"
"""Senders who print themselves: nobody is called."""
FORM = "sftp://user:password@host:port/path?hostkey=SHA256:…"
HOUSE_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
"""Form of a house's code."""
PARTS = ("SFTP_URL", "KEY", "CERTIFICATE")
"""The settings of a house, after PRINT_ and its code."""

_OF_A_HOUSE = re.compile(rf"PRINT_(.+)_(?:{'|'.join(PARTS)})")


@dataclass(frozen=True, slots=True)
class SftpAddress:
    """Address of a print house. `fingerprint` is the host key's, in OpenSSH's form: `SHA256:…`.

    `password` is "" when we log in by a key.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    fingerprint: str

    @classmethod
    def parse(cls, url: str) -> SftpAddress:
        """Parse `sftp://user:password@host:port/path?hostkey=SHA256:…`; without a password, login is by a
        key.

        Raises ValueError, which does not repeat the URL, for anything else.
        """
        parts = urlsplit(url)
        options = dict(option.partition("=")[::2] for option in parts.query.split("&"))
        fingerprint = unquote(options.get("hostkey", "")).rstrip("=")
        if parts.scheme != "sftp" or not parts.hostname or not parts.username:
            raise ValueError("the print house's address must be sftp://user:password@host:port/path")
        if not fingerprint.startswith("SHA256:"):
            raise ValueError("the print house's address must name its host key: ?hostkey=SHA256:…")
        return cls(
            host=parts.hostname,
            port=parts.port or 22,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path).rstrip("/"),
            fingerprint=fingerprint,
        )


@dataclass(frozen=True, slots=True)
class Printhus:
    """A print house that can be reached. `key` and `certificate` are paths, "" when there is none."""

    kode: str
    url: str = field(repr=False)
    key: str = ""
    certificate: str = ""


def read_further(read: Reader) -> tuple[Printhus, ...]:
    """Return the houses that PRINT_HUS lists; `read` collects faults of the codes and of the houses."""
    codes = [code.strip() for code in read.text("PRINT_HUS").split(",") if code.strip()]
    usable = [code for code in codes if HOUSE_CODE.fullmatch(code) and code not in (FIRST, BY_HAND)]
    if len(set(usable)) < len(codes):
        read.faults.append(
            f"PRINT_HUS (each code once, of A-Z, 0-9 and _, from A-Z on; not {FIRST} or {BY_HAND})"
        )
    known = set(usable)
    for name in read.names():
        found = _OF_A_HOUSE.fullmatch(name)
        if found and found[1] not in known:
            read.faults.append(f"{name} (PRINT_HUS does not name {found[1]})")
    return tuple(_read(read, code) for code in dict.fromkeys(usable))


def _read(read: Reader, kode: str) -> Printhus:
    names = [f"PRINT_{kode}_{part}" for part in PARTS]
    made = Printhus(kode, *map(read.text, names))
    if not made.url:
        read.faults.append(f"{names[0]} (missing, and PRINT_HUS names {kode})")
    return made


def prefix(house: Printhus) -> str:
    """Return the prefix of the names of a house's settings."""
    return "PRINT" if house.kode == FIRST else f"PRINT_{house.kode}"


def faults(house: Printhus) -> list[str]:
    """Return the unusable settings of a house, each with the expected form; never a value."""
    begins = prefix(house)
    found = _address_faults(house, begins) if house.url else []
    if house.key and not _is_usable(house.key, _read_key):
        found.append(f"{begins}_KEY (the path of a private SSH key without a passphrase)")
    if house.certificate and not _is_usable(house.certificate, _read_certificate):
        found.append(f"{begins}_CERTIFICATE (the path of a PEM certificate with an RSA key)")
    return found


def _address_faults(house: Printhus, begins: str) -> list[str]:
    try:
        address = SftpAddress.parse(house.url)
    except ValueError:
        return [f"{begins}_SFTP_URL ({FORM})"]
    if bool(address.password) == bool(house.key):
        either = "not both" if house.key else "one of them"
        return [f"{begins}_SFTP_URL (a password in it or a {begins}_KEY, {either})"]
    return []


def _is_usable(path: str, read: Callable[[bytes], object]) -> bool:
    try:
        read(Path(path).read_bytes())
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _read_key(data: bytes) -> object:
    """Read the key as the SFTP client does: OpenSSH's own form first."""
    try:
        return load_ssh_private_key(data, None)
    except ValueError:
        return load_pem_private_key(data, None)


def _read_certificate(data: bytes) -> object:
    key = x509.load_pem_x509_certificate(data).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("no RSA key")
    return key
