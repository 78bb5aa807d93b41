"""A package as a temporary file of ours until it lies complete at the print house: `manifest.json` and its
letters.

Failures here are our own disk's, not the house's: ProvIgjen("PAKKE_KUNNE_IKKE_LAGES"), which costs the
package no attempt. Nothing with its name has then been left at the house.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cryptography.x509 import Certificate

from fiks.core.crypto import cms_writer
from fiks.core.crypto.encryption import Chunk
from fiks.core.errors import Avvist, ProvIgjen
from fiks.print import rules
from fiks.print.rules import Konfidensialitetsklasse, Kryptering, Pakkefil, Printpakke

Package = SpooledTemporaryFile[bytes]

PACKAGE_NOT_MADE = "PAKKE_KUNNE_IKKE_LAGES"
IN_MEMORY = 8 * 1024 * 1024
PIECE = 64 * 1024


def make_package(pakke: Printpakke, certificate: Certificate | None) -> Package:
    """Build the file; the caller closes it. Letters are encrypted to the package's own certificate, or else
    to `certificate`.

    Raises Avvist for letters that may not go in clear when there is no certificate, ProvIgjen, and whatever
    reading them raises.
    """
    if pakke.sertifikat is not None:
        certificate = cms_writer.load_certificate(pakke.sertifikat)
    if certificate is None and pakke.konfidensialitetsklasse != Konfidensialitetsklasse.NORMAL:
        raise Avvist("PRINTHUS_UTEN_SERTIFIKAT")
    kryptering = Kryptering.INGEN if certificate is None else Kryptering.CMS
    with _own_disk_errors():
        return _write_package(pakke, rules.manifest(pakke, kryptering=kryptering), certificate)


def rewind(package: Package) -> int:
    """Rewind the file and return its size in bytes. Raises ProvIgjen."""
    with _own_disk_errors():
        size = package.seek(0, 2)
        package.seek(0)
    return size


def read_piece(package: Package) -> bytes:
    """Read at most PIECE bytes; empty at the end. Raises ProvIgjen."""
    with _own_disk_errors():
        return package.read(PIECE)


def _write_package(pakke: Printpakke, manifest: dict[str, Any], certificate: Certificate | None) -> Package:
    package: Package = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    try:
        with ZipFile(package, "w", ZIP_STORED) as archive:
            archive.writestr(ZipInfo(rules.MANIFEST), json.dumps(manifest, ensure_ascii=False, indent=1))
            for told, fil in zip(manifest["filer"], pakke.filer, strict=True):
                _write(archive, told["navn"], fil, certificate)
    except BaseException:
        package.close()
        raise
    return package


def _write(archive: ZipFile, name: str, fil: Pakkefil, certificate: Certificate | None) -> None:
    chunks: Iterable[Chunk] = fil.chunks()
    if certificate is not None:
        chunks = cms_writer.encrypt(chunks, certificate)
    with archive.open(ZipInfo(name), "w", force_zip64=True) as document:
        for chunk in chunks:
            document.write(chunk)


@contextmanager
def _own_disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise ProvIgjen(PACKAGE_NOT_MADE, told, throttled=True) from error
