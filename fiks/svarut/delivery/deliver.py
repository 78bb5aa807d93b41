"""Delivery: claim, choose the channel, mark that the call begins, call, record the outcome.

Each step is a committed transaction of its own, and no network call happens inside one (reliability.md 4.4).
Registers are asked anew for every claim, so that a death, an address protection or a reservation since the
upload counts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from psycopg import Error as PsycopgError
from sqlalchemy import bindparam, func, insert, update
from sqlalchemy.exc import SQLAlchemyError

from fiks.core.db import DATABASE_FAULTS, session, table_of, transaction
from fiks.core.errors import Avvist, FiksError, ProvIgjen, Uavklart, Utilgjengelig
from fiks.core.queue.owner_lock import Owner
from fiks.core.telemetry import trace
from fiks.registeroppslag.port import Registersvar
from fiks.registeroppslag.rules import Person, is_strictly_protected
from fiks.svarinn.queries import mottakersystem_for
from fiks.svarut import history
from fiks.svarut.delivery import circuit_breaker, outcomes, register_lookup, wakeup
from fiks.svarut.delivery.address_protection import Skjerm, mask_if_protected
from fiks.svarut.delivery.cancellation import stop_before_call, stop_if_wanted
from fiks.svarut.delivery.claims import Krav, claim, open_letters
from fiks.svarut.delivery.print_ordering import Trykkeri, order_print
from fiks.svarut.delivery.register_lookup import Registers
from fiks.svarut.letters import Brev
from fiks.svarut.lifecycle.channel_choice import (
    channel_of_deleted_organisation,
    choose_channel,
    is_deleted_organisation,
)
from fiks.svarut.models import Levering, Leveringsforsok
from fiks.svarut.rules import (
    CLAIM_SIZE,
    NEXT_CHANNEL_RULE,
    Bane,
    Kanal,
    Kanalvalg,
    Leveringsstatus,
    Mottakertype,
    not_set_up_code,
)
from fiks.svarut.svarinn_handover import clear_facts
from fiks.svarut.transitions import Claim

log = logging.getLogger(__name__)


class Kanalport(Protocol):
    """One channel over the wire. `send` raises only Avvist, ProvIgjen or Uavklart."""

    def send(self, referanse: str, brev: Brev) -> str: ...

    def lookup(self, referanse: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class UtenKanal:
    """Stand-in for a channel that is not set up: its letters wait, and nothing can be looked up."""

    kanal: Kanal

    def send(self, referanse: str, brev: Brev) -> str:
        """Raise ProvIgjen, always. It does not count as a try."""
        raise ProvIgjen(not_set_up_code(self.kanal), throttled=True)

    def lookup(self, referanse: str) -> str | None:
        """Raise ProvIgjen, always: an earlier channel may have the letter, but cannot be asked."""
        raise ProvIgjen(not_set_up_code(self.kanal))


@dataclass(frozen=True, slots=True)
class Verden:
    """Everything outside that delivery talks to, and the maker of print files (printing is ordered in our own
    house).

    `kanaler` holds the channels that are set up. `skjerm` tells the room above of a protected receiver.
    """

    registers: Registers
    kanaler: Mapping[Kanal, Kanalport]
    trykkeri: Trykkeri
    skjerm: Skjerm

    def port(self, kanal: Kanal) -> Kanalport:
        """The channel's port, or its stand-in when it is not set up."""
        return self.kanaler.get(kanal) or UtenKanal(kanal)


def _never() -> bool:
    return False


def deliver(
    bane: Bane,
    owner: Owner,
    world: Verden,
    limit: int = CLAIM_SIZE,
    leaving: Callable[[], bool] = _never,
) -> int:
    """Claim up to `limit` ready leveringer of a lane and hand each over; return how many were claimed.

    When the process is `leaving`, the call under way is completed and the remaining claims are returned.
    """
    with owner.claiming() as eier:
        claims = claim(bane, eier, limit)
    if not claims:
        return 0
    try:
        left = hand_over(claims, owner, world, leaving)
        if left:
            outcomes.return_unbegun([krav.claim for krav in left], bane)
    except BaseException as error:
        _give_back_claims(claims, owner, lost=not isinstance(error, DATABASE_FAULTS))
        raise
    return len(claims)


def hand_over(
    claims: Sequence[Krav], owner: Owner, world: Verden, leaving: Callable[[], bool] = _never
) -> Sequence[Krav]:
    """Look up the receivers of the claimed letters and hand each letter over while we own it.

    Returns the claims not begun because the process is leaving.
    """
    claims, letters = open_letters(claims)
    requests = history.request_ids_of(list(letters))
    session().rollback()
    going, facts = register_lookup.look_up_receivers(claims, letters, world.registers)
    # Also of letters that wait for another register: of these Folkeregisteret has spoken as well.
    letters = {
        one: mask_if_protected(brev, _person(brev, facts), world.skjerm) for one, brev in letters.items()
    }
    for n, krav in enumerate(going):
        if leaving():
            return going[n:]
        letter_id = krav.claim.forsendelse_id
        with trace.continue_trace(requests.get(letter_id), forsendelse=str(letter_id)):
            _hand_over_one(krav, letters[letter_id], facts, owner, world)
    return ()


def _give_back_claims(claims: Sequence[Krav], owner: Owner, *, lost: bool) -> None:
    """Give the claims back after an unforeseen error, so that a living process keeps none of them.

    It counts as a lost owner (`lost`) when one of the letters may be the cause. If the database cannot be
    reached, the process gives up its ownership instead, and the sweeper takes everything back.
    """
    try:
        session().rollback()
        outcomes.give_back([krav.claim for krav in claims], lost=lost)
    except (SQLAlchemyError, PsycopgError) as error:
        log.warning("claims_not_given_back", extra={"error": type(error).__name__})
        owner.release()


def decide_channel(brev: Brev, krav: Krav, facts: Registersvar, world: Verden) -> Kanalvalg:
    """The channel of this levering: the one set by an earlier try, a failed channel or lesefrist, else by
    svarut.md 2.3.

    An installation without digital mailboxes acts as a konto without them. One without Altinn waits: paper
    cannot be taken back, and a forgotten setting would send everything on paper.
    """
    number = brev.mottaker.digital_id
    if (
        krav.kanal is Kanal.ALTINN
        and krav.regel is None
        and is_deleted_organisation(facts.virksomheter.get(number))
    ):
        return channel_of_deleted_organisation(kun_digital=not brev.can_be_printed)
    if krav.kanal is not None:
        return Kanalvalg(krav.kanal, krav.regel or NEXT_CHANNEL_RULE, "NESTE_KANAL")
    organisation = brev.mottakertype is Mottakertype.ORGANISASJON
    system = mottakersystem_for(number, brev.forsendelsestype, brev.sikkerhetsniva) if organisation else None
    valg = choose_channel(
        brev.mottakertype,
        kontakt=facts.kontakt.get(number),
        person=_person(brev, facts),
        virksomhet=facts.virksomheter.get(number),
        svarinn=system is not None,
        sdp_aktiv=brev.sdp_aktiv and Kanal.DPI in world.kanaler,
        kun_digital=not brev.can_be_printed,
    )
    return replace(valg, mottakersystem_id=system) if valg.kanal is Kanal.SVARINN else valg


def _person(brev: Brev, facts: Registersvar) -> Person | None:
    """Folkeregisteret's answer about the receiver, if it was asked."""
    return facts.personer.get(brev.mottaker.digital_id)


def _hand_over_one(krav: Krav, brev: Brev, facts: Registersvar, owner: Owner, world: Verden) -> None:
    valg = decide_channel(brev, krav, facts, world)
    session().rollback()
    if valg.kanal is None:
        outcomes.record_undeliverable(krav.claim, valg)
    elif valg.kanal is Kanal.PRINT and is_strictly_protected(_person(brev, facts)):
        outcomes.move_to_restricted_lane(krav.claim)
    elif valg.kanal is Kanal.SVARINN:
        _offer_to_mottakersystem(krav.claim, brev, valg)
    elif valg.kanal is Kanal.PRINT:
        order_print(krav.claim, brev, valg, world.trykkeri)
    elif owner.alive() and owner.number == krav.claim.eier and _begin_call(krav.claim, valg):
        _call(krav.claim, brev, valg, world)


def _offer_to_mottakersystem(claim: Claim, brev: Brev, valg: Kanalvalg) -> None:
    """Offer the letter to its mottakersystem; postpone it when its documents cannot be read now."""
    try:
        klarfiler = clear_facts(brev.dokumenter)
    except Utilgjengelig as error:
        outcomes.postpone(claim, ProvIgjen(error.kode), counts=False)
    except FiksError as error:
        outcomes.record_broken(claim, error)
    else:
        outcomes.record_svarinn(claim, valg, klarfiler)


_ROW = table_of(Levering)
_MARK = (
    update(_ROW)
    .where(
        _ROW.c.id == bindparam("hand_over"),
        _ROW.c.status == Leveringsstatus.SENDER,
        _ROW.c.eier == bindparam("owner"),
        _ROW.c.forsok == bindparam("attempt"),
        ~_ROW.c.stopp_onsket,
    )
    .values(kall_startet=func.clock_timestamp(), kanal=bindparam("channel"), kanalregel=bindparam("rule"))
    .returning(_ROW.c.id)
)
_LEDGER = insert(table_of(Leveringsforsok))


def _begin_call(claim: Claim, valg: Kanalvalg) -> bool:
    """Mark on the row and in the ledger that this attempt's call may be made. False: no call."""
    kanal = valg.kanal
    assert kanal is not None
    with transaction() as tx:
        state = circuit_breaker.state(kanal)
        if state is circuit_breaker.State.PROBED and stop_if_wanted(claim):
            return False
        if circuit_breaker.let_through(kanal, state) is circuit_breaker.State.PAUSED:
            wakeup.wait_for_opening(claim, kanal)
            return False
        held = {"hand_over": claim.levering_id, "owner": claim.eier, "attempt": claim.forsok}
        marked = tx.execute(_MARK, held | {"channel": kanal, "rule": valg.regel}).first()
        if marked is None or not outcomes.is_still_wanted(claim.forsendelse_id, kanal):
            stop_before_call(claim)
            return False
        tx.execute(_LEDGER, {"levering_id": claim.levering_id, "nr": claim.forsok, "kanal": kanal})
    return True


def _call(claim: Claim, brev: Brev, valg: Kanalvalg, world: Verden) -> None:
    assert valg.kanal is not None
    try:
        ref = world.port(valg.kanal).send(str(claim.levering_id), brev)
    except Avvist as error:
        outcomes.record_refused(claim, brev, valg.kanal, error)
    except ProvIgjen as error:
        outcomes.postpone(claim, error, counts=not error.throttled, kanal=valg.kanal)
    except Uavklart as error:
        outcomes.record_unclear(claim, error, valg.kanal)
    except Utilgjengelig as error:
        outcomes.postpone(claim, ProvIgjen(error.kode), counts=False)
    except FiksError as error:
        outcomes.record_broken(claim, error)
    else:
        outcomes.record_sent(claim, brev.id, valg, ref)
