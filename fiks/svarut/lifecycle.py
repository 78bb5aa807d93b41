"""What a sender may do: record an external reading, close, delete, stop and retry its letters.

A letter belongs to its konto, and every act is authorised against that konto; nobody else learns that it
exists. A letter that the konto only pays for (`paid_by_konto`) may not be taken off its way: Konflikt
HENVENDELSE_IKKE_MOTTATT until its receiver has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select, update

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import Fnr, mask_numbers
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.svarut.billed import is_due_to_receiver
from fiks.svarut.deletion import erase, hold_all_idle, hold_idle
from fiks.svarut.history import remark
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.mottak.written import LANE
from fiks.svarut.paper import leave_paper, never_on_paper
from fiks.svarut.reading import record_reading, tell_early_readings
from fiks.svarut.rules import GOES_ON, NOT_YET_SENT, Leveringsstatus, Slettetype, Status, may_be_closed
from fiks.svarut.transitions import move_forsendelse, stop_open_levering

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
        leave_paper(forsendelse_id, kode="STOPPET", aktor=actor.ref)
        if status in GOES_ON:
            never_on_paper([forsendelse_id])
        move_forsendelse(
            forsendelse_id,
            fra=(status,),
            til=Status.MANUELT_HANDTERT,
            kode="MANUELT_HANDTERT",
            aktor=actor.ref,
        )
        tell_early_readings([forsendelse_id])
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
        ring(LANE)


def _require_received(forsendelse_id: UUID, opphav: str, status: str) -> None:
    """Raise Konflikt for a letter the konto only pays for, until it is received. Received is final, locked or
    not.
    """
    if is_due_to_receiver(opphav, status):
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
