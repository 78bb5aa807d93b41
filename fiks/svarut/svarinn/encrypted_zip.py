"""A mottakersystem's download: the letter's files as one ZIP, encrypted to its certificate while it streams.

The standard library's ZIP is written to a sink that cannot seek, so sizes need not be known and memory stays
flat. Entries are deflated: streaming readers cannot find the end of a stored entry whose size comes after it.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zipfile import ZIP64_LIMIT, ZIP_DEFLATED, ZipFile

from cryptography import x509
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.crypto import cms_writer
from fiks.core.db import session, transaction
from fiks.core.errors import FiksError, IkkeFunnet
from fiks.konfigurasjon.avtale.activation import SVARINN
from fiks.svarinn.credentials import encryption_certificate
from fiks.svarut.letters import Dokumentref, load_documents, stream_checked
from fiks.svarut.models import Forsendelse, SvarinnMottak
from fiks.svarut.rules import Status
from fiks.svarut.svarinn.access import NOT_READY, require_receiver
from fiks.svarut.svarinn_handover import files_for_mottakersystem, zip_name

log = logging.getLogger(__name__)
PIECE = 64 * 1024
MARGIN = 1.05
"""The growth that zipfile allows for when deflating."""


@dataclass(frozen=True, slots=True, repr=False)
class Pakke:
    """The download: `filnavn` is the clear ZIP's name, `innhold` the encrypted bytes as they are made."""

    filnavn: str
    innhold: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Plass:
    """A letter's wait for a system; forwarding begins a new one."""

    forsendelse_id: UUID
    system_id: UUID
    klar: datetime


def download_package(forsendelse_id: UUID, *, system_id: UUID, actor: Aktor) -> Pakke:
    """The letter as its system downloads it; audited. `innhold` raises when a stored file is not what was
    sent.

    IkkeFunnet when the letter does not wait for this system; Konflikt SERTIFIKAT_MANGLER or
    SERTIFIKAT_ER_UTLOPT.
    """
    require_receiver(system_id, actor)
    with transaction():
        plass = _waiting(forsendelse_id, system_id)
        certificate = encryption_certificate(system_id)
        documents = files_for_mottakersystem(load_documents(forsendelse_id))
        audit.record(
            actor,
            "BREV_HENTET_AV_MOTTAKERSYSTEM",
            "forsendelse",
            forsendelse_id,
            tjeneste=SVARINN,
            ressurs_id=system_id,
        )
    session().rollback()
    return Pakke(zip_name(forsendelse_id), _streamed(plass, documents, certificate))


def download_name(forsendelse_id: UUID, *, system_id: UUID, actor: Aktor) -> str:
    """The download's file name only (HTTP HEAD): fetches nothing and is not audited. Errors as
    `download_package`.
    """
    require_receiver(system_id, actor)
    _waiting(forsendelse_id, system_id)
    encryption_certificate(system_id)
    return zip_name(forsendelse_id)


def _waiting(forsendelse_id: UUID, system_id: UUID) -> _Plass:
    """The letter's wait for the system; IkkeFunnet when it does not wait for it."""
    waits = select(SvarinnMottak.klar).join(Forsendelse, Forsendelse.id == SvarinnMottak.forsendelse_id)
    mine = waits.where(
        SvarinnMottak.forsendelse_id == forsendelse_id,
        SvarinnMottak.mottakersystem_id == system_id,
        SvarinnMottak.lukket.is_(None),
        Forsendelse.status == Status.KLAR_FOR_MOTTAK,
    )
    klar = session().execute(mine).scalar_one_or_none()
    if klar is None:
        raise IkkeFunnet(NOT_READY)
    return _Plass(forsendelse_id, system_id, klar)


def _streamed(
    plass: _Plass, documents: Sequence[Dokumentref], certificate: x509.Certificate
) -> Iterator[bytes]:
    files = ((one.filnavn, one.storrelse, stream_checked(one)) for one in documents)
    try:
        yield from cms_writer.encrypt(_in_pieces(zip_stream(files)), certificate)
    except FiksError as error:
        log.error("package_broken_off", extra={"forsendelse": str(plass.forsendelse_id), "kode": error.kode})
        raise
    _note_download(plass)


def _note_download(plass: _Plass) -> None:
    """Record when it was fetched, to explain a missing acknowledgement; a failure here does not spoil the
    download.

    Not recorded when the letter was forwarded meanwhile: it has not been fetched where it waits now.
    """
    now = clock.now_sql()
    try:
        with transaction() as tx:
            tx.execute(
                update(SvarinnMottak)
                .where(
                    SvarinnMottak.forsendelse_id == plass.forsendelse_id,
                    SvarinnMottak.mottakersystem_id == plass.system_id,
                    SvarinnMottak.klar == plass.klar,
                )
                .values(hentet_siste=now, hentet_forste=func.coalesce(SvarinnMottak.hentet_forste, now))
                .execution_options(synchronize_session=False)
            )
    except DBAPIError as error:
        log.error(
            "download_not_noted",
            extra={"forsendelse": str(plass.forsendelse_id), "error": type(error).__name__},
        )


class _Sink(io.RawIOBase):
    """The ZIP's output: buffers until it is emptied, and cannot seek."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def zip_stream(files: Iterable[tuple[str, int, Iterable[bytes]]]) -> Iterator[bytes]:
    """Stream a ZIP of (name, maximum size, chunks); errors of the chunks are raised here."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, size, chunks in files:
            with archive.open(name, "w", force_zip64=size * MARGIN > ZIP64_LIMIT) as member:
                for chunk in chunks:
                    member.write(chunk)
                    yield sink.take()
    yield sink.take()


def _in_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in larger pieces, since each becomes a part of its own in the message."""
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk
        if len(gathered) >= PIECE:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
