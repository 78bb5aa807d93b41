"""Test letters: a row's letter marked PRØVEBREV, sent to the person who asks and never counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import ARBEIDER, Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang
from fiks.core.storage.segment import Segmentdel
from fiks.core.values.address import Adresse
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.person import service
from fiks.konfigurasjon.rules import P
from fiks.svarut.letters import Dokumentref, Mottaker
from fiks.svarut.mottak.bulk_writer import NyForsendelse, accept_letters
from fiks.svarut.rules import Bane, Mottakertype
from fiks.utsending import access
from fiks.utsending.access_log import record_view
from fiks.utsending.brev import Brevkontekst, Brevmal
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.letters.documents import documents_of, has_documents
from fiks.utsending.letters.inputs import letter_inputs
from fiks.utsending.letters.preview import require_letter_content
from fiks.utsending.letters.printer import Trykker
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingsrad
from fiks.utsending.rules import Delart, Delstatus
from fiks.utsending.sealed_values import row_values


def order_test_letter(utsending_id: UUID, radnr: int, *, actor: Aktor) -> None:
    """Order the test letter of row `radnr`, sent to the actor personally."""
    require_letter_content(access.require(utsending_id, actor, P.SENDE))
    with transaction() as tx:
        row = tx.scalars(
            select(Utsendingsrad).where(
                Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == radnr
            )
        ).first()
        if row is None or row.skjermet:
            raise IkkeFunnet("FINNES_IKKE")
        record_view(actor, "PROVEBREV_SENDT", row)
        queue.order(utsending_id, Delart.PROVEBREV, fra=radnr, til=radnr, bestilt_av=actor.person_id)


@dataclass(frozen=True, slots=True)
class Provebrev:
    """The actor's last test letter: in progress, sent (FERDIG), or FEILET with `feilkode` and its field."""

    radnr: int
    status: Delstatus
    feilkode: str | None
    feilfelt: str | None
    bestilt: datetime


def last_test_letter(utsending_id: UUID, *, actor: Aktor) -> Provebrev | None:
    """The actor's last test letter of this mailing; None when there is none."""
    access.find_visible(utsending_id, actor)
    own = select(Arbeidsdel).where(
        Arbeidsdel.utsending_id == utsending_id,
        Arbeidsdel.art == Delart.PROVEBREV,
        Arbeidsdel.bestilt_av == actor.person_id,
    )
    part = session().scalars(own.order_by(Arbeidsdel.nr.desc()).limit(1)).first()
    if part is None:
        return None
    felt = next((piece.get("felt") for piece in part.resultat), None)
    return Provebrev(part.fra or 0, Delstatus(part.status), part.feilkode, felt, part.opprettet)


@dataclass(frozen=True, slots=True)
class _Bestilt:
    """What a test letter is drawn from, and its receiver: the person who asked."""

    konto_id: UUID
    organisasjon_id: UUID
    mal: Brevmal
    verdier: dict[str, str]
    kontekst: Brevkontekst
    dokumenter: tuple[Dokumentref, ...]
    mottaker: Mottaker
    skjermet: bool
    sikkerhetsniva: str


def send_test_letter(part: Del, printer: Trykker) -> None:
    """Do a PROVEBREV piece: draw the row's letter marked as a test, and send it to the person who asked.

    Refused when the row's receiver has become protected meanwhile, as an order would be.
    """
    bestilt = _ordered(part)
    session().rollback()
    try:
        if bestilt.skjermet:
            raise IkkeTilgang("MANGLER_PRIVILEGIUM", privilegium=str(P.SE_SPERRET))
        pdf = printer.test_letter(bestilt.mal, bestilt.verdier, bestilt.kontekst)
        pages = printer.count_pages(pdf)
    except FiksError as error:
        with transaction():
            queue.fail_piece(part, error.kode, [{"slag": "feil", "felt": error.felt}])
        return
    env = current()
    [piece] = env.store.put_segment([pdf], env.keys)
    with transaction():
        kept = queue.finish_piece(part)
        if kept:
            house = replace(ARBEIDER, request_id=part.request_id)
            accept_letters([_letter(bestilt, piece, pages)], bane=Bane.ENKELT, actor=house)
    if not kept:
        env.store.delete(piece.objekt)


def _ordered(part: Del) -> _Bestilt:
    assert part.fra is not None and part.bestilt_av is not None
    row = session().get_one(Utsendingsrad, (part.utsending_id, part.fra))
    mailing = session().get_one(Utsending, part.utsending_id)
    common, values = letter_inputs(part.utsending_id), row_values(row)
    navn = session().execute(select(Person.navn).where(Person.id == part.bestilt_av)).scalar_one()
    return _Bestilt(
        mailing.konto_id,
        mailing.organisasjon_id,
        common.mal,
        values,
        common.for_row(values, skjermet=row.skjermet),
        documents_of(mailing, [part.fra])[part.fra] if has_documents(mailing) else (),
        Mottaker(service.pid_of(part.bestilt_av), Adresse(navn)),
        row.skjermet,
        mailing.sikkerhetsniva,
    )


def _letter(bestilt: _Bestilt, piece: Segmentdel, pages: int) -> NyForsendelse:
    document = Dokumentref(
        nr=0 if bestilt.dokumenter else 1,
        filnavn="provebrev.pdf",
        mime_type="application/pdf",
        sider=pages,
        giroark=(),
        **asdict(piece),
    )
    return NyForsendelse(
        konto_id=bestilt.konto_id,
        organisasjon_id=bestilt.organisasjon_id,
        tittel=f"PRØVEBREV: {bestilt.kontekst.tittel}"[:1000],
        mottakertype=Mottakertype.PERSON,
        mottaker=bestilt.mottaker,
        dokumenter=(document, *bestilt.dokumenter),
        kun_digital=True,
        sikkerhetsniva=bestilt.sikkerhetsniva,
        prove=True,
    )
