"""One letter of somebody's «Post fra kommunen»: what its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import Borte, IkkeFunnet, IkkeTilgang
from fiks.svarut.content import Lenke, links_of, unseal_content
from fiks.svarut.documents import offered
from fiks.svarut.inbox import HIGHEST, SHOWN, Innboksbrev, Postboks, as_shown, letter_rows, theirs
from fiks.svarut.letters import load_documents
from fiks.svarut.models import Dokument, Forsendelse, Hendelse
from fiks.svarut.rules import Status


@dataclass(frozen=True, slots=True)
class Brevdokument:
    """A file of the letter. `finnes` is False when it has been deleted; then the rest only tells what it was."""

    nr: int
    filnavn: str
    storrelse: int
    sensitiv: bool
    finnes: bool


@dataclass(frozen=True, slots=True)
class Lesing:
    """When the letter was read first, and whether by whom now looks."""

    tid: datetime
    av_meg: bool


@dataclass(frozen=True, slots=True)
class Aapnet:
    """A letter that has been opened, with what its page needs."""

    brev: Innboksbrev
    dokumenter: tuple[Brevdokument, ...]
    lenker: tuple[Lenke, ...]
    kan_svares: bool
    lesing: Lesing | None


def open_letter(forsendelse_id: UUID, boks: Postboks, *, actor: Aktor) -> Aapnet:
    """The letter's page, written to the audit. It is not read by this: that takes a whole file.

    Errors: IkkeFunnet when it is not theirs to see (never told apart from none), IkkeTilgang("HOYERE_NIVA") when the
    login is too weak, Borte("BREV_SLETTET") when its content has been deleted.
    """
    row = session().execute(letter_rows().where(Forsendelse.id == forsendelse_id, *theirs(boks))).first()
    if row is None or row[0].status not in (*SHOWN, Status.SLETTET):
        raise IkkeFunnet("FINNES_IKKE")
    letter: Forsendelse = row[0]
    if letter.sikkerhetsniva == HIGHEST and boks.acr < 4:
        raise IkkeTilgang("HOYERE_NIVA")
    if letter.status == Status.SLETTET:
        raise Borte("BREV_SLETTET")
    opened = Aapnet(
        as_shown(*row, boks),
        _offered(forsendelse_id),
        links_of(unseal_content(letter.innhold_kryptert)),
        letter.kan_svares,
        _reading(forsendelse_id, actor),
    )
    organisasjon_id = letter.organisasjon_id
    with transaction():
        audit.record(actor, "BREV_APNET", "forsendelse", forsendelse_id, organisasjon_id=organisasjon_id)
    return opened


def _offered(forsendelse_id: UUID) -> tuple[Brevdokument, ...]:
    """The documents as `service.readable_document` hands them out."""
    flagged = select(Dokument.nr).where(Dokument.forsendelse_id == forsendelse_id, Dokument.sensitiv)
    sensitive = frozenset(session().scalars(flagged))
    return tuple(
        Brevdokument(nr, d.filnavn, d.storrelse, d.nr in sensitive, finnes=d.objekt is not None)
        for nr, d in offered(load_documents(forsendelse_id)).items()
    )


def _reading(forsendelse_id: UUID, actor: Aktor) -> Lesing | None:
    """The event that made the letter LEST."""
    made_read = select(Hendelse.tid, Hendelse.aktor).where(
        Hendelse.forsendelse_id == forsendelse_id, Hendelse.til == Status.LEST
    )
    row = session().execute(made_read.order_by(Hendelse.lopenr).limit(1)).first()
    return None if row is None else Lesing(row.tid, row.aktor == actor.ref)
