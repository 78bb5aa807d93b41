"""Opening a letter for manual print: nobody prints a letter another person has opened without being told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, any_, select
from sqlalchemy.dialects.postgresql import distinct_on

from fiks.core import audit
from fiks.core.actor import Aktor, person_of
from fiks.core.db import session, transaction, uuid_array
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.rules import P
from fiks.print.models import Leverandor, Ordre
from fiks.print.queries import Trykkfil, print_file
from fiks.print.service import CALLED_OFF_UNOPENED
from fiks.print.states import Ordrestatus
from fiks.registeroppslag.errors import RegisterSvarerIkke
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.register_answer import may_be_one_number
from fiks.registeroppslag.rules import Registernavn, is_strictly_protected
from fiks.svarut.access_log import record_view
from fiks.svarut.delivery.address_protection import Skjerm, mask_if_protected
from fiks.svarut.delivery.cancellation import lock_letters
from fiks.svarut.delivery.register_lookup import Registers
from fiks.svarut.history import remark
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle.print_order import KILDE, cancel_print
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import OPEN, Bane, Kanal, Leveringsstatus, Status, registers_needed
from fiks.svarut.transitions import open_levering_for_person

STILL_ORDERED = tuple(status for status in Ordrestatus if status is not Ordrestatus.AVBESTILT)
OPENED = "APNET_FOR_UTSKRIFT"
RESTRICTED = "SKAL_IKKE_SKRIVES_UT"
TAKEN_UP_BEFORE = "SKAL_IKKE_SKRIVES_UT_MEN_ER_APNET"


@dataclass(frozen=True, slots=True)
class Apning:
    """Who opened a letter for printing, and when. `aktor` is the person's reference."""

    aktor: str
    navn: str | None
    tid: datetime


def ordered_by_hand(*statuses: Ordrestatus) -> Select[UUID]:
    """SQL: the letter's manual print order, with one of these statuses (or any)."""
    by_hand = (
        select(Ordre.id)
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(Ordre.kilde == KILDE, Ordre.kilde_id == Forsendelse.id, Leverandor.manuell)
    )
    return by_hand.where(Ordre.status.in_([str(s) for s in statuses])) if statuses else by_hand


def in_queue() -> ColumnElement[bool]:
    """SQL on a letter: it waits to be printed by hand."""
    waits: ColumnElement[bool] = ordered_by_hand(Ordrestatus.MOTTATT).exists()
    return waits


def taken_after_opening(aktor: str, among: Sequence[UUID] | None = None) -> ColumnElement[bool]:
    """SQL on a letter: taken from the queue after `aktor` had opened it, and still waiting for a person.

    `among`: only by one of these leveringer. Only that person knows whether it was posted, and that it was
    taken says something about its receiver.
    """
    opened = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == Forsendelse.id, Hendelse.kode == OPENED, Hendelse.aktor == aktor
    )
    waits = select(Levering.id).where(
        Levering.forsendelse_id == Forsendelse.id, Levering.status == Leveringsstatus.TIL_BEHANDLING
    )
    if among is not None:
        waits = waits.where(Levering.id == any_(uuid_array(among)))
    taken = ordered_by_hand(Ordrestatus.AVBESTILT).exists() & ~ordered_by_hand(*STILL_ORDERED).exists()
    return taken & opened.exists() & waits.exists()


def last_opened(ids: Sequence[UUID], besides: str = "") -> Mapping[UUID, Apning]:
    """Who opened each of these letters last, except `besides`; unopened letters are left out."""
    opened = (
        session()
        .execute(
            select(Hendelse.forsendelse_id, Hendelse.aktor, Hendelse.tid)
            .ext(distinct_on(Hendelse.forsendelse_id))
            .where(Hendelse.forsendelse_id.in_(ids), Hendelse.kode == OPENED, Hendelse.aktor != besides)
            .order_by(Hendelse.forsendelse_id, Hendelse.lopenr.desc())
        )
        .all()
    )
    people = [person_id for row in opened if (person_id := person_of(row.aktor))]
    named = session().execute(select(Person.id, Person.navn).where(Person.id.in_(people)))
    names = {str(row.id): row.navn for row in named}
    return {row.forsendelse_id: Apning(row.aktor, names.get(row.aktor), row.tid) for row in opened}


def open_letter(
    forsendelse_id: UUID, register: Registerport, skjerm: Skjerm, *, actor: Aktor, again: bool = False
) -> Trykkfil:
    """The print file of a letter in the queue; audited. Needs SVARUT.SENDE on its konto.

    Folkeregisteret is asked again, since a letter may lie for days; `skjerm` is told of a protected receiver,
    as at hand-over. RegisterSvarerIkke UTSKRIFT_UTEN_SVAR when it is silent or paused, MOTTAKER_UTEN_SVAR
    (brev) when this receiver may be the cause: the letter stays in the queue. Konflikt SKAL_IKKE_SKRIVES_UT
    when the address is strictly protected now: the letter has moved to the restricted lane;
    SKAL_IKKE_SKRIVES_UT_MEN_ER_APNET (navn, tid) when another person had opened it and may have posted it.
    IkkeFunnet when the letter is not in the queue (any more). Konflikt APNET_FOR_UTSKRIFT (navn, tid) when
    another person opened it last and may be printing it; not with `again`.
    """
    konto_id = session().scalar(select(Forsendelse.konto_id).where(Forsendelse.id == forsendelse_id))
    if konto_id is None:
        raise IkkeFunnet("FINNES_IKKE")
    konfigurasjon.require(actor, P.SENDE, konto_id)
    if _is_protected(forsendelse_id, register, skjerm):
        before = _restrict(forsendelse_id, konto_id, actor)
        if before is None:
            raise Konflikt(RESTRICTED)
        raise Konflikt(TAKEN_UP_BEFORE, navn=before.navn, tid=before.tid)
    with transaction():
        row = _hold_waiting(forsendelse_id)
        last = last_opened([forsendelse_id]).get(forsendelse_id)
        if last is None or last.aktor != actor.ref:
            if last is not None and not again:
                raise Konflikt(OPENED, navn=last.navn, tid=last.tid)
            remark(forsendelse_id, OPENED, aktor=actor.ref)
        file = print_file(row.ordre_id)
        record_view(actor, "BREV_LASTET_NED_FOR_PRINT", forsendelse_id, ressurs_id=konto_id)
    return file


def _is_protected(forsendelse_id: UUID, register: Registerport, skjerm: Skjerm) -> bool:
    """Whether the waiting letter must not go on paper after all. No transaction is open during the look-up.

    Folkeregisteret is asked behind its circuit breaker, so that nobody waits at the screen for a paused one.
    A click may be the probe that opens it; failures of clicks are not counted.
    """
    if session().execute(select(Forsendelse.id).where(*_waits(forsendelse_id))).first() is None:
        raise IkkeFunnet("FINNES_IKKE")
    brev = load_letters([forsendelse_id])[forsendelse_id]
    session().rollback()
    if Registernavn.FOLKEREGISTER not in registers_needed(brev.mottakertype, Kanal.PRINT):
        return False
    number = brev.mottaker.digital_id
    told = Registers(register).personer([number])
    if error := told.failed.get(number):
        if may_be_one_number(error):
            raise RegisterSvarerIkke("MOTTAKER_UTEN_SVAR", brev=forsendelse_id) from error
        raise RegisterSvarerIkke("UTSKRIFT_UTEN_SVAR") from error
    person = told.found.get(number)
    mask_if_protected(brev, person, skjerm)
    return is_strictly_protected(person)


def _restrict(forsendelse_id: UUID, konto_id: UUID, actor: Aktor) -> Apning | None:
    """Call the order off and move the letter to the restricted lane; return who else had opened it last.

    A letter nobody has opened is certainly not on paper, and its order says so. If another levering is open,
    that one checks the address itself before paper.
    """
    with transaction():
        lock_letters([forsendelse_id])
        row = _hold_waiting(forsendelse_id)
        kode = "TATT_FRA_UTSKRIFTSKO" if last_opened([forsendelse_id]) else CALLED_OFF_UNOPENED
        cancel_print(forsendelse_id, kode=kode, aktor=actor.ref)
        if not _has_open_hand_over(forsendelse_id):
            open_levering_for_person(
                forsendelse_id,
                utsending_id=row.utsending_id,
                bane=Bane.SPERRET,
                kanal=Kanal.PRINT,
                aktor=actor.ref,
                kode="TATT_FRA_UTSKRIFTSKO",
                venter="MA_BEHANDLES",
                feilkode="ADRESSE_SPERRET",
            )
        audit.record(
            actor,
            "BREV_TATT_FRA_UTSKRIFTSKO",
            "forsendelse",
            forsendelse_id,
            organisasjon_id=row.organisasjon_id,
            ressurs_id=konto_id,
            tjeneste="SVARUT",
        )
        return last_opened([forsendelse_id], besides=actor.ref).get(forsendelse_id)


def _has_open_hand_over(forsendelse_id: UUID) -> bool:
    """Whether the locked letter has an open levering: one may have been opened while we waited for the lock."""
    others = select(Levering.id).where(Levering.forsendelse_id == forsendelse_id, Levering.status.in_(OPEN))
    return session().execute(others).first() is not None


def _waits(forsendelse_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return Forsendelse.id == forsendelse_id, Forsendelse.status == Status.SENDT_PRINT, in_queue()


def _hold_waiting(forsendelse_id: UUID) -> Row[UUID, UUID | None, UUID]:
    """The waiting letter's (organisasjon_id, utsending_id, ordre_id), locked until the transaction ends."""
    order = ordered_by_hand(Ordrestatus.MOTTATT).scalar_subquery()
    letter = select(Forsendelse.organisasjon_id, Forsendelse.utsending_id, order.label("ordre_id"))
    row = session().execute(letter.where(*_waits(forsendelse_id)).with_for_update(of=Forsendelse)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    return row
