"""Renewed address check: the print room asks whether an ordered letter may still go on paper (ADR 0046).

The receiver is looked up again, as at hand-over; nothing is printed for a strictly protected address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import SystemRandom
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import PRINT
from fiks.core.db import session, transaction
from fiks.core.errors import FiksError
from fiks.print.handover.address_check import Bestilt, Papirsvar
from fiks.print.service import call_off
from fiks.registeroppslag.register_answer import MOST_UNANSWERED, may_be_one_number
from fiks.registeroppslag.rules import Adressebeskyttelse, Person, Registernavn, is_strictly_protected
from fiks.svarut.delivery.address_protection import Skjerm, mask_if_protected
from fiks.svarut.delivery.cancellation import lock_letters
from fiks.svarut.delivery.register_lookup import Registers
from fiks.svarut.history import remark
from fiks.svarut.letters import Brev, load_letters
from fiks.svarut.lifecycle.print_order import settle_without_paper
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import LOOKUP_FAILED, OPEN, Bane, Kanal, Status, registers_needed
from fiks.svarut.transitions import open_levering_for_person

log = logging.getLogger(__name__)
TAKEN_FROM_HOUSE = "TATT_FRA_TRYKKERIET"
UNANSWERED = "TRUKKET_UTEN_SVAR"


@dataclass(frozen=True, slots=True)
class Papirvern:
    """A `fiks.print.protection.Vern` for letters. `skjerm` is told of protected receivers, as at hand-over."""

    registers: Registers
    skjerm: Skjerm

    def ask(self, ordrer: Sequence[Bestilt], /) -> Papirsvar:
        """Ask Folkeregisteret once about all receivers that are persons.

        Raises the KanalFeil of a register that is silent or paused. An order is returned as unanswered when
        one number may be at fault or its letter cannot be read; MOST_UNANSWERED or more are the register's
        fault.
        """
        letters, silent = _opened([one.kilde_id for one in ordrer])
        numbers = {
            one.id: one.mottaker.digital_id
            for one in letters.values()
            if Registernavn.FOLKEREGISTER in registers_needed(one.mottakertype, Kanal.PRINT)
        }
        asked = sorted(set(numbers.values()))
        # By chance, so that not always the same stand last when the register is not asked on.
        told = self.registers.personer_together(SystemRandom().sample(asked, len(asked)))
        for error in told.failed.values():
            if not may_be_one_number(error):
                raise error
        failed = {one: told.failed[no].kode for one, no in numbers.items() if no in told.failed}
        of_receivers = failed if len(told.failed) < MOST_UNANSWERED else {}
        silent |= failed
        people = {one: told.found[no] for one, no in numbers.items() if no in told.found}
        self._note(letters, people)
        return Papirsvar(
            frozenset(o.referanse for o in ordrer if is_strictly_protected(people.get(o.kilde_id))),
            {o.referanse: silent[o.kilde_id] for o in ordrer if o.kilde_id in silent},
            frozenset(o.referanse for o in ordrer if o.kilde_id in of_receivers),
        )

    def _note(self, letters: Mapping[UUID, Brev], people: Mapping[UUID, Person]) -> None:
        for one, person in people.items():
            if person.adressebeskyttelse is not Adressebeskyttelse.UGRADERT:
                mask_if_protected(letters[one], person, self.skjerm)

    def call_off(self, ordrer: Sequence[Bestilt], let_go: Callable[[], bool], /) -> Sequence[UUID]:
        """Call off the orders that print releases; their letters wait in the restricted lane.

        A letter that was read or closed meanwhile does not wait; its history says that it is not printed
        after all.
        """
        return _call_off(ordrer, let_go, TAKEN_FROM_HOUSE, _wait_restricted)

    def call_off_unanswered(self, ordrer: Sequence[Bestilt], let_go: Callable[[], bool], /) -> Sequence[UUID]:
        """As `call_off`, but the letters wait for a person like those that no register answers about at
        hand-over.
        """
        return _call_off(ordrer, let_go, UNANSWERED, _wait_unanswered)


def _call_off(
    ordrer: Sequence[Bestilt],
    let_go: Callable[[], bool],
    kode: str,
    wait: Callable[[UUID, UUID | None], None],
) -> Sequence[UUID]:
    with transaction():
        lock_letters([one.kilde_id for one in ordrer])
        if not let_go():
            return []
        called = call_off([one.referanse for one in ordrer], kode=kode, aktor=PRINT.ref)
        for one in ordrer:
            if one.referanse in called:
                _take_back(one.kilde_id, kode, wait)
    return called


def _opened(ids: Sequence[UUID]) -> tuple[Mapping[UUID, Brev], dict[UUID, str]]:
    """The readable letters, and the error code of each other; an unreadable letter delays no other."""
    letters: dict[UUID, Brev] = {}
    silent: dict[UUID, str] = {}
    try:
        letters = load_letters(ids)
    except FiksError:
        session().rollback()
        for one in ids:
            try:
                letters |= load_letters([one])
            except FiksError as error:
                silent[one] = error.kode
                session().rollback()
    session().rollback()
    for one in set(ids).difference(letters, silent):
        silent[one] = "FINNES_IKKE"
    if silent:
        log.warning("letters_not_asked_about", extra={"antall": len(silent)})
    return letters, silent


def _take_back(forsendelse_id: UUID, kode: str, wait: Callable[[UUID, UUID | None], None]) -> None:
    """Let the letter wait after its order was called off; another open levering of it asks for itself. The
    letter is locked.
    """
    letter = select(Forsendelse.status, Forsendelse.utsending_id).where(Forsendelse.id == forsendelse_id)
    row = session().execute(letter).one()
    others = select(Levering.id).where(Levering.forsendelse_id == forsendelse_id, Levering.status.in_(OPEN))
    if row.status == Status.SENDT_PRINT and session().execute(others).first() is None:
        wait(forsendelse_id, row.utsending_id)
        return
    remark(forsendelse_id, kode, aktor=PRINT.ref)
    if row.status == Status.MANUELT_HANDTERT:
        settle_without_paper([forsendelse_id])


def _wait_restricted(forsendelse_id: UUID, utsending_id: UUID | None) -> None:
    open_levering_for_person(
        forsendelse_id,
        utsending_id=utsending_id,
        bane=Bane.SPERRET,
        kanal=Kanal.PRINT,
        aktor=PRINT.ref,
        kode=TAKEN_FROM_HOUSE,
        venter="MA_BEHANDLES",
        feilkode="ADRESSE_SPERRET",
    )


def _wait_unanswered(forsendelse_id: UUID, utsending_id: UUID | None) -> None:
    open_levering_for_person(
        forsendelse_id,
        utsending_id=utsending_id,
        bane=Bane.MASSE if utsending_id else Bane.ENKELT,
        kanal=Kanal.PRINT,
        aktor=PRINT.ref,
        kode=UNANSWERED,
        venter="FOR_MANGE_FORSOK",
        feilkode=LOOKUP_FAILED,
    )
