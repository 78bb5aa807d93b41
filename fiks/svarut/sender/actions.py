"""What a sender may do: record an external reading, close, delete, stop and retry its letters.

A letter belongs to its konto, and every act is authorised against that konto; nobody else learns that it
exists. A letter that the konto only pays for (`paid_by_konto`) may not be taken off its way: Konflikt
HENVENDELSE_IKKE_MOTTATT until its receiver has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, and_, any_, func, select, update

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import ring, session, transaction, uuid_array
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import Fnr, mask_numbers
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.svarut.delivery.cancellation import call_may_have_begun, lock_letters, stop_leveringer
from fiks.svarut.history import remark
from fiks.svarut.lifecycle.print_order import cancel_print, settle_without_paper
from fiks.svarut.lifecycle.read_status import log_early_readings, record_reading
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.mottak.letter_writer import INTAKE_LANE
from fiks.svarut.paid_by_konto import is_unconfirmed_henvendelse
from fiks.svarut.paper.cancellation import stop_failed_paper
from fiks.svarut.retention.deletion import erase, hold_all_idle, hold_idle
from fiks.svarut.rules import (
    GOES_ON,
    NOT_YET_SENT,
    OPEN,
    UNREAD_ALTINN,
    Bane,
    Leveringsstatus,
    Slettetype,
    Status,
    may_be_closed,
)
from fiks.svarut.transitions import (
    UNCLAIMED,
    move_forsendelse,
    move_forsendelser,
    move_leveringer,
    stop_open_levering,
)

MAX_SYSTEM = 100


def mark_read_externally(
    forsendelse_id: UUID, *, fnr: str, tidspunkt: datetime, systemnavn: str, actor: Aktor
) -> bool:
    """Record that another system has shown the letter to a reader: LEST, no paper any more. True the first
    time.

    A letter that was read before only gets the event. `tidspunkt` has a zone. UgyldigInndata FNR_UGYLDIG,
    SYSTEMNAVN_UGYLDIG or TIDSPUNKT_UGYLDIG; IkkeFunnet when the letter is not this sender's.
    """
    letter = _require(forsendelse_id, P.SENDE, actor)
    _require_received(forsendelse_id, letter.opphav, letter.status)
    reader = Fnr.parse(fnr, current().synthetic_persons)
    if len(systemnavn) > MAX_SYSTEM or not systemnavn.isprintable():
        raise UgyldigInndata("SYSTEMNAVN_UGYLDIG", felt="eksterntSystemnavn", grense=MAX_SYSTEM)
    if tidspunkt.tzinfo is None:
        raise UgyldigInndata("TIDSPUNKT_UGYLDIG", felt="tidspunkt")
    told = {
        "lest_av": reader.masked,
        "tidspunkt": tidspunkt.isoformat(timespec="seconds"),
        "system": mask_numbers(systemnavn),
    }
    with transaction():
        first = record_reading(forsendelse_id, kode="LEST_EKSTERNT", aktor=actor.ref, detaljer=told)
        if not first:
            remark(forsendelse_id, "LEST_EKSTERNT", aktor=actor.ref, **told)
        audit.record(
            actor,
            "BREV_LEST_EKSTERNT",
            "forsendelse",
            forsendelse_id,
            organisasjon_id=letter.organisasjon_id,
            ressurs_id=letter.konto_id,
            tjeneste="SVARUT",
            gjelder=fnr_index(reader.value),
        )
    return first


def set_manually_handled(forsendelse_id: UUID, *, actor: Aktor) -> None:
    """Close the letter by hand: MANUELT_HANDTERT, and nothing more happens with it. Needs SVARUT.STOPPE.

    Konflikt BREVET_SENDES_NA while it is being handed over, BREVET_ER_UAVKLART while the outcome is unknown,
    KAN_IKKE_HANDTERES when its status does not allow it (`may_be_closed`). A letter that the konto only pays
    for may be closed when it waits for a person, and its writer is told that it did not arrive
    (`lifecycle.failure_notices`).
    """
    letter = _require(forsendelse_id, P.STOPPE, actor)
    with transaction():
        status = hold_idle(forsendelse_id)
        waits = _waits_for_person(forsendelse_id)
        if not may_be_closed(status, waits_for_person=waits):
            raise Konflikt("KAN_IKKE_HANDTERES", status=str(status))
        if not waits:
            _require_received(forsendelse_id, letter.opphav, status)
        stop_open_levering(forsendelse_id, kode="STOPPET", aktor=actor.ref)
        cancel_print(forsendelse_id, kode="STOPPET", aktor=actor.ref)
        if status in GOES_ON:
            settle_without_paper([forsendelse_id])
        move_forsendelse(
            forsendelse_id,
            fra=(status,),
            til=Status.MANUELT_HANDTERT,
            kode="MANUELT_HANDTERT",
            aktor=actor.ref,
        )
        log_early_readings([forsendelse_id])
        audit.record(
            actor,
            "BREV_HANDTERT",
            "forsendelse",
            forsendelse_id,
            organisasjon_id=letter.organisasjon_id,
            ressurs_id=letter.konto_id,
            tjeneste="SVARUT",
        )


def _waits_for_person(forsendelse_id: UUID) -> bool:
    """Whether nothing more happens to the locked letter before a person acts."""
    waits = select(Levering.id).where(
        Levering.forsendelse_id == forsendelse_id, Levering.status == Leveringsstatus.TIL_BEHANDLING
    )
    return session().execute(waits).first() is not None


def delete_documents(forsendelse_id: UUID, *, alt: Slettetype, actor: Aktor) -> None:
    """Delete the letter's documents. ALLE: at once, with everything the bill does not need; the letter is
    SLETTET.

    ORIGINALDOKUMENTER: once the letter is sent, a worker makes the combined PDF that printing and reading
    need, then the originals go. Repeating is fine. Konflikt BREVET_IKKE_SENDT for a letter that is MOTTATT
    (or, ALLE, AKSEPTERT), BREVET_SENDES_NA while it is being handed over, BREVET_ER_UAVKLART while the
    outcome is unknown, SIGNERT_KOPI_HENTES (ALLE) while its signed copy is on its way to the sender.
    """
    _delete([forsendelse_id], alt, actor)


def delete_letters(ids: Sequence[UUID], *, actor: Aktor) -> None:
    """Delete these letters as `delete_documents` does with ALLE: all or none."""
    _delete(ids, Slettetype.ALLE, actor)


def _delete(ids: Sequence[UUID], alt: Slettetype, actor: Aktor) -> None:
    owners = {forsendelse_id: _require(forsendelse_id, P.SENDE, actor) for forsendelse_id in sorted(set(ids))}
    with transaction():
        for forsendelse_id, status in hold_all_idle(list(owners)).items():
            owner = owners[forsendelse_id]
            _require_received(forsendelse_id, owner.opphav, status)
            if status == Status.MOTTATT or (alt is Slettetype.ALLE and status in NOT_YET_SENT):
                raise Konflikt("BREVET_IKKE_SENDT", status=str(status), forsendelse_id=str(forsendelse_id))
            if alt is Slettetype.ALLE:
                erase(forsendelse_id, status, kode="DOKUMENTER_SLETTET", aktor=actor.ref)
            else:
                _order_originals_deleted(forsendelse_id, actor)
            audit.record(
                actor,
                "DOKUMENTER_SLETTET",
                "forsendelse",
                forsendelse_id,
                organisasjon_id=owner.organisasjon_id,
                ressurs_id=owner.konto_id,
                tjeneste="SVARUT",
                slettetype=str(alt),
            )


def _order_originals_deleted(forsendelse_id: UUID, actor: Aktor) -> None:
    ordered = session().execute(
        update(Forsendelse)
        .where(
            Forsendelse.id == forsendelse_id,
            Forsendelse.originaler_slettet.is_(None),
            Forsendelse.status != Status.SLETTET,
        )
        .values(
            originaler_slettet=clock.now_sql(),
            originaler_venter=True,
            kontroll_neste=func.now(),
            kontroll_forsok=0,
        )
        .returning(Forsendelse.id)
        .execution_options(synchronize_session=False)
    )
    if ordered.first() is not None:
        remark(forsendelse_id, "ORIGINALER_SLETTET", aktor=actor.ref)
        ring(INTAKE_LANE)


def _require_received(forsendelse_id: UUID, opphav: str, status: str) -> None:
    """Raise Konflikt for a letter the konto only pays for, until it is received. Received is final, locked or
    not.
    """
    if is_unconfirmed_henvendelse(opphav, status):
        raise Konflikt("HENVENDELSE_IKKE_MOTTATT", forsendelse_id=str(forsendelse_id))


def _require(forsendelse_id: UUID, privilegium: P, actor: Aktor) -> Row[UUID, UUID, str, str]:
    """The letter's (konto_id, organisasjon_id, opphav, status), if the actor may do this to it; else
    IkkeFunnet, IkkeTilgang.

    A konto's own service password may send.
    """
    f = Forsendelse
    found = select(f.konto_id, f.organisasjon_id, f.opphav, f.status).where(f.id == forsendelse_id)
    row = session().execute(found).first()
    if row is None or actor.konto_id not in (None, row.konto_id):
        raise IkkeFunnet("FINNES_IKKE")
    if privilegium is not P.SENDE or actor.konto_id != row.konto_id:
        konfigurasjon.require(actor, privilegium, row.konto_id)
    return row


STOP_PORTION = 5_000


def keep_unread_off_paper(utsending_id: UUID, konto_id: UUID, *, actor: Aktor) -> int:
    """Keep the mailing's unread Altinn letters from ever going on paper: MANUELT_HANDTERT. Returns how many.

    Needs SVARUT.STOPPE on the konto.
    """
    konfigurasjon.require(actor, P.STOPPE, konto_id)
    with transaction():
        done, portion = 0, _unread(utsending_id, konto_id, None)
        while portion:
            done += _keep_off_paper(portion, actor)
            portion = _unread(utsending_id, konto_id, portion[-1])
        audit.record(actor, "IKKE_SKRIV_UT", "utsending", utsending_id, antall=done)
        return done


def _unread(utsending_id: UUID, konto_id: UUID, after: UUID | None) -> Sequence[UUID]:
    """The next portion of the mailing's unread Altinn letters after letter `after`, by id."""
    unread = (
        select(Forsendelse.id)
        .where(
            Forsendelse.utsending_id == utsending_id,
            Forsendelse.konto_id == konto_id,
            Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
        )
        .order_by(Forsendelse.id)
        .limit(STOP_PORTION)
    )
    return session().scalars(unread if after is None else unread.where(Forsendelse.id > after)).all()


def _keep_off_paper(ids: Sequence[UUID], actor: Aktor) -> int:
    """Close these unread letters and stop their way to paper, except those whose print order may have left
    the house.
    """
    stop_leveringer(lock_letters(ids), kode="IKKE_SKRIV_UT", aktor=actor.ref)
    kept = move_forsendelser(
        ids,
        fra=UNREAD_ALTINN,
        til=Status.MANUELT_HANDTERT,
        kode="IKKE_SKRIV_UT",
        aktor=actor.ref,
        unless=select(Levering.forsendelse_id).where(
            Levering.forsendelse_id == any_(uuid_array(ids)), call_may_have_begun()
        ),
    )
    settle_without_paper(kept)
    return len(kept)


def stop_unsent(utsending_id: UUID, *, actor: Aktor) -> int:
    """Stop the mailing's letters whose call has not begun; needs SVARUT.STOPPE on their konto. Returns how
    many.

    Includes letters whose printing failed and that wait to be printed again; ordered paper is not included
    (`paper.cancellation`). Letters in the middle of a call are asked to stop; their result is known when the
    call ends. The caller ensures that no more letters of the mailing are taken in meanwhile.
    """
    with transaction() as tx:
        konto_id = tx.scalar(
            select(Forsendelse.konto_id).where(Forsendelse.utsending_id == utsending_id).limit(1)
        )
        if konto_id is None:
            return 0
        konfigurasjon.require(actor, P.STOPPE, konto_id)
        _ask_to_stop(utsending_id)
        stopped = 0
        while letters := move_leveringer(
            and_(Levering.utsending_id == utsending_id, Levering.forsendelse_id.in_(_unsent(utsending_id))),
            fra=UNCLAIMED,
            til=Leveringsstatus.STOPPET,
            kode="STOPPET",
            aktor=actor.ref,
            limit=STOP_PORTION,
        ):
            closed = move_forsendelser(
                letters,
                fra=(Status.AKSEPTERT,),
                til=Status.MANUELT_HANDTERT,
                kode="STOPPET",
                aktor=actor.ref,
            )
            log_early_readings(closed)
            stopped += len(closed)
        return stopped + stop_failed_paper(utsending_id, actor=actor)


def _unsent(utsending_id: UUID) -> Select[UUID]:
    return select(Forsendelse.id).where(
        Forsendelse.utsending_id == utsending_id, Forsendelse.status == Status.AKSEPTERT
    )


def _ask_to_stop(utsending_id: UUID) -> None:
    """Mark every open levering of an unsent letter, claimed or not, so that no more calls begin for it.

    A channel that refused while we waited for its row may have opened the next levering, so the query is
    repeated; a marked levering opens no next one (`lifecycle.fallback`).
    """
    unasked = (
        Levering.utsending_id == utsending_id,
        Levering.status.in_([str(s) for s in OPEN]),
        ~Levering.stopp_onsket,
        Levering.forsendelse_id.in_(_unsent(utsending_id)),
    )
    while session().execute(select(select(Levering.id).where(*unasked).exists())).scalar_one():
        locked = select(Levering.id).where(*unasked).order_by(Levering.id).with_for_update().cte("locked")
        session().execute(
            update(Levering)
            .where(Levering.id == locked.c.id)
            .values(stopp_onsket=True)
            .execution_options(synchronize_session=False)
        )


def retry_failed(levering_id: UUID, *, actor: Aktor) -> None:
    """Retry a levering that waits for a person. Konflikt("KAN_IKKE_PROVES_IGJEN") when it does not wait.

    The same for one in the restricted lane, whoever asks: only a person delivers that. It is ready from now
    on: its time waiting for the person says nothing about its lane. Needs SVARUT.SENDE on the konto.
    """
    with transaction() as tx:
        row = tx.execute(
            select(Forsendelse.konto_id, Forsendelse.organisasjon_id, Levering.bane)
            .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
            .where(Levering.id == levering_id)
        ).first()
        if row is None:
            raise IkkeFunnet("FINNES_IKKE")
        konfigurasjon.require(actor, P.SENDE, row.konto_id)
        if not move_leveringer(
            and_(Levering.id == levering_id, Levering.bane != Bane.SPERRET),
            fra=(Leveringsstatus.TIL_BEHANDLING,),
            til=Leveringsstatus.KLAR,
            kode="PROVES_IGJEN",
            aktor=actor.ref,
            limit=1,
            frie_forsok=Levering.forsok,
            tapte_eiere=0,
            neste_forsok=func.now(),
        ):
            raise Konflikt("KAN_IKKE_PROVES_IGJEN")
        audit.record(
            actor,
            "PROVES_IGJEN",
            "levering",
            levering_id,
            organisasjon_id=row.organisasjon_id,
            ressurs_id=row.konto_id,
            tjeneste="SVARUT",
        )
        ring(row.bane)
