"""One letter of «Post fra kommunen»: the facts its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_, select

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import Borte, IkkeFunnet, IkkeTilgang
from fiks.core.values.login_level import is_strong_enough
from fiks.svarut.access_log import record_view
from fiks.svarut.documents import offered_files
from fiks.svarut.inbox.access import require_reader
from fiks.svarut.inbox.queries import Postboks, has_arrived, is_in_inbox, is_theirs, letter_rows
from fiks.svarut.inbox.row import Innboksbrev, as_inbox_row
from fiks.svarut.letters import load_documents
from fiks.svarut.lifecycle.print_order import READ_REMARKS
from fiks.svarut.models import Dokument, Forsendelse, Hendelse
from fiks.svarut.rules import Status
from fiks.svarut.sealed_content import Lenke, links_of, number_index, unseal_content


@dataclass(frozen=True, slots=True)
class Brevdokument:
    """A file of the letter. `finnes` is False when it has been deleted; the other fields then describe what
    it was.
    """

    nr: int
    filnavn: str
    storrelse: int
    sensitiv: bool
    finnes: bool


@dataclass(frozen=True, slots=True)
class Lesing:
    """When the letter was first read, and whether the present reader did so."""

    tid: datetime
    av_meg: bool


@dataclass(frozen=True, slots=True)
class Aapnet:
    """An opened letter with what its page needs."""

    brev: Innboksbrev
    dokumenter: tuple[Brevdokument, ...]
    lenker: tuple[Lenke, ...]
    kan_svares: bool
    lesing: Lesing | None


def open_letter(forsendelse_id: UUID, boks: Postboks, *, actor: Aktor) -> Aapnet:
    """The letter's page; audited. This does not mark it as read: that takes a whole downloaded file.

    Errors: IkkeFunnet when it is not in the mailbox (never told apart from a letter that does not exist),
    IkkeTilgang("HOYERE_NIVA") when the login is too weak, Borte("BREV_SLETTET") when its content is deleted.
    """
    row = session().execute(letter_rows().where(*_in_box(forsendelse_id, boks))).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return _open(row, egen=row[0].mottaker_indeks == number_index(boks.nummer), acr=boks.acr, actor=actor)


def open_linked(forsendelse_id: UUID, *, pid: str, orgnrs: frozenset[str], actor: Aktor) -> Aapnet:
    """As `open_letter`, for a reader who follows the link of a message: open to everyone who may read the
    files.

    It ignores what Min side shows, and works before the hand-over is recorded. `pid` and `orgnrs` as in
    `inbox.access.readable_document`.
    """
    reader = require_reader(forsendelse_id, pid, orgnrs)
    row = session().execute(letter_rows().where(Forsendelse.id == forsendelse_id)).one()
    return _open(row, egen=reader.is_receiver, acr=actor.acr, actor=actor)


def _open(
    row: Row[Forsendelse, str, bool, bool, datetime | None], *, egen: bool, acr: int, actor: Aktor
) -> Aapnet:
    letter = row[0]
    if not is_strong_enough(letter.sikkerhetsniva, acr):
        raise IkkeTilgang("HOYERE_NIVA")
    if letter.status == Status.SLETTET:
        raise Borte("BREV_SLETTET")
    shown = as_inbox_row(*row, egen=egen)
    opened = Aapnet(
        shown,
        _offered(letter.id),
        links_of(unseal_content(letter.innhold_kryptert)),
        letter.kan_svares and has_arrived(letter),
        _reading(letter.id, actor) if shown.lest else None,
    )
    with transaction():
        record_view(actor, "BREV_APNET", shown.id, by_receiver=egen)
    return opened


def is_in_postboks(boks: Postboks, forsendelse_id: UUID) -> bool:
    """Whether the letter is in this mailbox, whatever level it needs, or was before it was deleted."""
    found = letter_rows().with_only_columns(Forsendelse.id).where(*_in_box(forsendelse_id, boks))
    return session().execute(found).first() is not None


def _in_box(forsendelse_id: UUID, boks: Postboks) -> tuple[ColumnElement[bool], ...]:
    was_there = or_(is_in_inbox(), Forsendelse.status == Status.SLETTET)
    return (Forsendelse.id == forsendelse_id, *is_theirs(boks), was_there)


def _offered(forsendelse_id: UUID) -> tuple[Brevdokument, ...]:
    """The documents that `inbox.access.readable_document` serves."""
    flagged = select(Dokument.nr).where(Dokument.forsendelse_id == forsendelse_id, Dokument.sensitiv)
    sensitive = frozenset(session().scalars(flagged))
    return tuple(
        Brevdokument(nr, d.filnavn, d.storrelse, d.nr in sensitive, finnes=d.objekt is not None)
        for nr, d in offered_files(load_documents(forsendelse_id)).items()
    )


def _reading(forsendelse_id: UUID, actor: Aktor) -> Lesing | None:
    """The first event that records a reading of the letter."""
    remarked = and_(Hendelse.art == "MERKNAD", Hendelse.kode.in_(READ_REMARKS))
    told = select(Hendelse.tid, Hendelse.aktor).where(
        Hendelse.forsendelse_id == forsendelse_id, or_(Hendelse.til == Status.LEST, remarked)
    )
    row = session().execute(told.order_by(Hendelse.lopenr).limit(1)).first()
    return None if row is None else Lesing(row.tid, row.aktor == actor.ref)
