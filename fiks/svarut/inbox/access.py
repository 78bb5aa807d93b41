"""Who may read a letter, and serving its documents to them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import Borte, IkkeFunnet, IkkeTilgang
from fiks.core.values.login_level import is_strong_enough
from fiks.konfigurasjon.person import representation
from fiks.svarut.access_log import record_view
from fiks.svarut.documents import offered_files
from fiks.svarut.letters import Dokumentref, load_documents
from fiks.svarut.lifecycle.read_status import record_reading
from fiks.svarut.models import Eksponering, Forsendelse
from fiks.svarut.rules import (
    COVER,
    FORSENDELSESFIL,
    Mottakertype,
    Status,
)
from fiks.svarut.sealed_content import number_index


def required_right(forsendelse_id: UUID) -> str | None:
    """The service (`konfigurasjon.parties`) whose right opens the letter for an organisation.

    None when only persons can be its readers; then nobody needs to ask whom a person may act for.
    """
    exposed = select(Eksponering.forsendelse_id).where(Eksponering.forsendelse_id == Forsendelse.id)
    letter = (
        session()
        .execute(
            select(Forsendelse.mottakertype, Forsendelse.taushetsbelagt, exposed.exists()).where(
                Forsendelse.id == forsendelse_id
            )
        )
        .first()
    )
    if letter is None or not (letter.mottakertype == Mottakertype.ORGANISASJON or letter[2]):
        return None
    return representation.CONFIDENTIAL if letter.taushetsbelagt else representation.SVARUT


def readable_document(
    forsendelse_id: UUID, nr: int, *, pid: str, acr: int, orgnrs: frozenset[str]
) -> Dokumentref:
    """The letter's document number `nr` (from 1) if this person may read it at this level.

    `orgnrs` are the organisations the person holds Post/arkiv for. Errors: IkkeFunnet when the letter is not
    theirs (never told apart from one that does not exist), IkkeTilgang("HOYERE_NIVA") when the login is too
    weak, Borte("DOKUMENT_BORTE").
    """
    return _document(forsendelse_id, nr, require_reader(forsendelse_id, pid, orgnrs), acr)


def begin_download(
    forsendelse_id: UUID, nr: int, *, pid: str, orgnrs: frozenset[str], actor: Aktor
) -> Dokumentref:
    """As `readable_document`, for a download: the audit records that this reader has begun.

    A reader who breaks off before the last byte leaves the letter unread (`mark_read`), but may have seen all
    of it.
    """
    with transaction():
        reader = require_reader(forsendelse_id, pid, orgnrs)
        document = _document(forsendelse_id, nr, reader, actor.acr)
        begun = "BREV_NEDLASTING_BEGYNT"
        record_view(actor, begun, forsendelse_id, by_receiver=reader.is_receiver, nr=nr)
    return document


def _document(forsendelse_id: UUID, nr: int, reader: Tilgang, acr: int) -> Dokumentref:
    if not is_strong_enough(reader.niva, acr):
        raise IkkeTilgang("HOYERE_NIVA")
    documents = load_documents(forsendelse_id)
    if nr in (COVER, FORSENDELSESFIL) or not any(d.nr == nr for d in documents):
        raise IkkeFunnet("FINNES_IKKE")
    served = offered_files(documents).get(nr)
    if served is None or served.objekt is None:
        raise Borte("DOKUMENT_BORTE")
    return served


@dataclass(frozen=True, slots=True)
class Tilgang:
    """How a reader may read a letter: the level it needs, and whether it is to the reader or only exposed."""

    niva: str
    is_receiver: bool


def require_reader(forsendelse_id: UUID, pid: str, orgnrs: frozenset[str]) -> Tilgang:
    """How one of these numbers may read the letter; IkkeFunnet when none may."""
    letter = (
        session()
        .execute(
            select(Forsendelse.mottaker_indeks, Forsendelse.sikkerhetsniva).where(
                Forsendelse.id == forsendelse_id
            )
        )
        .first()
    )
    mine = [number_index(number) for number in (pid, *orgnrs)]
    exposed = select(Eksponering.indeks).where(
        Eksponering.forsendelse_id == forsendelse_id, Eksponering.indeks.in_(mine)
    )
    if letter is not None and letter.mottaker_indeks in mine:
        return Tilgang(str(letter.sikkerhetsniva), is_receiver=True)
    if letter is None or session().execute(exposed).first() is None:
        raise IkkeFunnet("FINNES_IKKE")
    return Tilgang(str(letter.sikkerhetsniva), is_receiver=False)


def may_read(forsendelse_id: UUID, number: str) -> bool:
    """Whether the letter is to this number, or exposed to it."""
    try:
        require_reader(forsendelse_id, number, frozenset())
    except IkkeFunnet:
        return False
    return True


def mark_read(forsendelse_id: UUID, *, pid: str, orgnrs: frozenset[str], actor: Aktor) -> bool:
    """Record that the receiver has downloaded a whole file: LEST, and no paper any more. True the first time.

    A letter read before our own record of the call becomes LEST with that record; one that waits for its
    mottakersystem keeps waiting, and its history records the reading. Readers it is only exposed to leave it
    unread. `pid` and `orgnrs` as in `readable_document`; IkkeFunnet when the letter is not theirs.
    """
    with transaction():
        reader = require_reader(forsendelse_id, pid, orgnrs)
        record_view(actor, "BREV_LASTET_NED", forsendelse_id, by_receiver=reader.is_receiver)
        if not reader.is_receiver:
            return False
        unmoved = (Status.KLAR_FOR_MOTTAK, Status.MANUELT_HANDTERT)
        return record_reading(forsendelse_id, kode="LEST", aktor=actor.ref, unmoved=unmoved)
