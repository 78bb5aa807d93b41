"""Handing letters over: claim, choose the channel, mark that the call begins, call, record.

Each step is its own committed transaction and no network call happens inside one (reliability.md 4.4). Registers are
asked anew for every claim, so death, protection and reservations since the upload count.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from psycopg import Error as PsycopgError
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, FiksError, KanalFeil, ProvIgjen, Uavklart
from fiks.core.locks import Owner
from fiks.core.storage import LagerUtilgjengelig
from fiks.registeroppslag.rules import Adressebeskyttelse, Kontaktinformasjon, Person, Virksomhet
from fiks.svarinn.queries import has_mottakersystem
from fiks.svarut import circuit, outcomes
from fiks.svarut.letters import Brev, load_letters
from fiks.svarut.models import Forsendelse, Levering, Leveringsforsok
from fiks.svarut.reading import read_before
from fiks.svarut.refusal import AKTOR, HAND_OVER_FROM
from fiks.svarut.rules import (
    CLAIM_SIZE,
    FOLLOWING,
    Bane,
    Kanal,
    Kanalvalg,
    Leveringsstatus,
    Mottakertype,
    Status,
    choose_channel,
)
from fiks.svarut.transitions import (
    Claim,
    Event,
    append_events,
)

log = logging.getLogger(__name__)


class Kanalport(Protocol):
    """One channel over the wire. `send` raises Avvist, ProvIgjen or Uavklart and nothing else."""

    def send(self, referanse: str, brev: Brev) -> str: ...

    def lookup(self, referanse: str) -> str | None: ...


class Registerport(Protocol):
    """The national registers, many ids a call."""

    def personer(self, fnrs: Sequence[str]) -> dict[str, Person]: ...

    def kontakt(self, fnrs: Sequence[str]) -> dict[str, Kontaktinformasjon]: ...

    def virksomheter(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]: ...


@dataclass(frozen=True, slots=True)
class Verden:
    """Everything outside that delivery talks to."""

    register: Registerport
    kanaler: Mapping[Kanal, Kanalport]


@dataclass(frozen=True, slots=True, repr=False)
class Oppslag:
    """What the registers said about one claim's receivers."""

    personer: dict[str, Person]
    kontakt: dict[str, Kontaktinformasjon]
    virksomheter: dict[str, Virksomhet]


@dataclass(frozen=True, slots=True)
class Krav:
    """A claimed levering and the channel that was set for it beforehand, if any, by which rule."""

    claim: Claim
    kanal: Kanal | None
    regel: str | None


def deliver(bane: Bane, owner: Owner, world: Verden, limit: int = CLAIM_SIZE) -> int:
    """Claim up to `limit` ready leveringer of a lane and hand each over; return how many were claimed."""
    claims = claim(bane, owner.ensure(), limit)
    if not claims:
        return 0
    try:
        hand_over(claims, owner, world)
    except BaseException:
        _let_go(claims, owner)
        raise
    return len(claims)


def hand_over(claims: Sequence[Krav], owner: Owner, world: Verden) -> None:
    """Ask the registers about the claimed letters and hand each over, as long as it still is ours."""
    letters = load_letters([k.claim.forsendelse_id for k in claims])
    session().rollback()
    try:
        facts = look_up(letters, world.register)
    except KanalFeil as error:
        for krav in claims:
            outcomes.postpone(krav.claim, error, counts=False)
        return
    for krav in claims:
        _hand_over_one(krav, letters[krav.claim.forsendelse_id], facts, owner, world)


def _let_go(claims: Sequence[Krav], owner: Owner) -> None:
    """Something unforeseen broke the hand-over: nothing may stay claimed by a process that lives on.

    If the database cannot be told now, the ownership itself is given up, and the sweeper takes everything back.
    """
    try:
        session().rollback()
        outcomes.give_back([krav.claim for krav in claims])
    except (SQLAlchemyError, PsycopgError) as error:
        log.warning("claims_not_given_back", extra={"error": type(error).__name__})
        owner.release()


def claim(bane: Bane, eier: int, limit: int = CLAIM_SIZE) -> list[Krav]:
    """Take up to `limit` ready leveringer of the lane for owner `eier`; nothing while sending is frozen.

    A row that has lost its owner twice is taken alone, so that it cannot drag neighbours along (reliability.md 4.8).
    """
    with transaction() as tx:
        if circuit.frozen():
            return []
        ready = (
            select(Levering.id, Levering.tapte_eiere)
            .where(
                Levering.bane == bane,
                Levering.status == Leveringsstatus.KLAR,
                Levering.neste_forsok <= func.now(),
            )
            .order_by(Levering.neste_forsok, Levering.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = tx.execute(ready).all()
        suspects = [row.id for row in rows if row.tapte_eiere >= 2]
        ids = suspects[:1] or [row.id for row in rows]
        if not ids:
            return []
        taken = tx.execute(
            update(Levering)
            .where(Levering.id.in_(ids))
            .values(status=Leveringsstatus.SENDER, eier=eier, forsok=Levering.forsok + 1, kall_startet=None)
            .returning(
                Levering.id, Levering.forsendelse_id, Levering.forsok, Levering.kanal, Levering.kanalregel
            )
            .execution_options(synchronize_session=False)
        ).all()
        append_events(
            [
                Event(
                    row.forsendelse_id,
                    "LEVERING",
                    "KRAV",
                    AKTOR,
                    fra="KLAR",
                    til="SENDER",
                    levering_id=row.id,
                )
                for row in taken
            ]
        )
    return [
        Krav(Claim(r.id, r.forsendelse_id, eier, r.forsok), Kanal(r.kanal) if r.kanal else None, r.kanalregel)
        for r in taken
    ]


def look_up(letters: Mapping[UUID, Brev], register: Registerport) -> Oppslag:
    """Ask the registers about every receiver of these letters; raises KanalFeil when a register cannot answer."""
    fnrs = sorted({b.mottaker.digital_id for b in letters.values() if b.mottakertype is Mottakertype.PERSON})
    orgnrs = sorted(
        {b.mottaker.digital_id for b in letters.values() if b.mottakertype is Mottakertype.ORGANISASJON}
    )
    return Oppslag(
        register.personer(fnrs) if fnrs else {},
        register.kontakt(fnrs) if fnrs else {},
        register.virksomheter(orgnrs) if orgnrs else {},
    )


def decide(brev: Brev, krav: Krav, facts: Oppslag) -> Kanalvalg:
    """The channel of this hand-over: the one an earlier try, a failed channel or the deadline led to, else by
    svarut.md 2.3."""
    if krav.kanal is not None:
        return Kanalvalg(krav.kanal, krav.regel or FOLLOWING, "NESTE_KANAL")
    number = brev.mottaker.digital_id
    organisation = brev.mottakertype is Mottakertype.ORGANISASJON
    return choose_channel(
        brev.mottakertype,
        kontakt=facts.kontakt.get(number),
        person=facts.personer.get(number),
        virksomhet=facts.virksomheter.get(number),
        svarinn=organisation and has_mottakersystem(number, brev.forsendelsestype, brev.sikkerhetsniva),
        sdp_aktiv=brev.sdp_aktiv,
        kun_digital=not brev.can_be_printed,
    )


def _hand_over_one(krav: Krav, brev: Brev, facts: Oppslag, owner: Owner, world: Verden) -> None:
    valg = decide(brev, krav, facts)
    session().rollback()
    person = facts.personer.get(brev.mottaker.digital_id)
    protected = person is not None and person.adressebeskyttelse is Adressebeskyttelse.STRENGT_FORTROLIG
    if valg.kanal is None:
        outcomes.record_undeliverable(krav.claim, valg)
    elif valg.kanal is Kanal.PRINT and protected:
        outcomes.restrict(krav.claim)
    elif valg.kanal is Kanal.SVARINN:
        outcomes.record_svarinn(krav.claim, valg)
    elif circuit.is_closed(valg.kanal):
        outcomes.postpone(krav.claim, ProvIgjen("KANAL_STENGT", after=60.0), counts=False)
    elif owner.alive() and owner.number == krav.claim.eier and _begin_call(krav.claim, valg):
        _call(krav.claim, brev, valg, world)


def _begin_call(claim: Claim, valg: Kanalvalg) -> bool:
    """Mark on the row, and in the ledger, that this attempt's call may leave the house. False: no call."""
    with transaction() as tx:
        marked = tx.execute(
            update(Levering)
            .where(
                Levering.id == claim.levering_id,
                Levering.status == Leveringsstatus.SENDER,
                Levering.eier == claim.eier,
                Levering.forsok == claim.forsok,
                ~Levering.stopp_onsket,
            )
            .values(kall_startet=func.clock_timestamp(), kanal=valg.kanal, kanalregel=valg.regel)
            .returning(Levering.id)
            .execution_options(synchronize_session=False)
        ).first()
        status = tx.execute(
            select(Forsendelse.status)
            .where(Forsendelse.id == claim.forsendelse_id)
            .with_for_update(read=True)
        ).scalar_one()
        again = status == Status.SENDT_PRINT and valg.kanal is Kanal.PRINT
        read = valg.kanal is Kanal.PRINT and read_before(claim.forsendelse_id)
        if marked is None or read or not (again or Status(status) in HAND_OVER_FROM):
            outcomes.stop_before_call(claim)
            return False
        tx.execute(
            insert(Leveringsforsok).values(levering_id=claim.levering_id, nr=claim.forsok, kanal=valg.kanal)
        )
    return True


def _call(claim: Claim, brev: Brev, valg: Kanalvalg, world: Verden) -> None:
    assert valg.kanal is not None
    try:
        ref = world.kanaler[valg.kanal].send(str(claim.levering_id), brev)
    except Avvist as error:
        outcomes.record_refused(claim, brev, valg.kanal, error)
    except ProvIgjen as error:
        outcomes.postpone(claim, error, counts=not error.throttled, kanal=valg.kanal)
    except Uavklart as error:
        outcomes.record_unclear(claim, error, valg.kanal)
    except LagerUtilgjengelig as error:
        outcomes.postpone(claim, ProvIgjen(error.kode), counts=False, kanal=valg.kanal)
    except FiksError as error:
        outcomes.record_broken(claim, error)
    else:
        outcomes.record_sent(claim, brev.id, valg, ref)
