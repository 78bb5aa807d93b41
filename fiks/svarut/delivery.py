"""Handing letters over: claim, choose the channel, mark that the call begins, call, record.

Each step is its own committed transaction and no network call happens inside one (reliability.md 4.4). Registers are
asked anew for every claim, so death, protection and reservations since the upload count.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, insert, select, update

from fiks.core import clock
from fiks.core.calendar import add_working_hours
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, FiksError, KanalFeil, ProvIgjen, Uavklart
from fiks.core.locks import Owner
from fiks.registeroppslag.rules import Adressebeskyttelse, Kontaktinformasjon, Person, Virksomhet
from fiks.svarinn.queries import has_mottakersystem
from fiks.svarut import circuit
from fiks.svarut.letters import Brev, load_letters
from fiks.svarut.models import Forsendelse, Levering, Leveringsforsok
from fiks.svarut.rules import (
    CLAIM_SIZE,
    UNREAD_ALTINN,
    Bane,
    Kanal,
    Kanalvalg,
    Leveringsstatus,
    Mottakertype,
    Status,
    choose_channel,
    next_channel,
    retry_delay,
)
from fiks.svarut.transitions import (
    Claim,
    Event,
    append_events,
    move_claimed,
    move_forsendelse,
    open_levering,
    remark,
)

log = logging.getLogger(__name__)
AKTOR = "system:arbeider"
HAND_OVER_FROM = (Status.AKSEPTERT, Status.SENDT_SDP, Status.KLAR_FOR_MOTTAK, *UNREAD_ALTINN)
AFTER_SEND = {Kanal.DPI: Status.SENDT_SDP, Kanal.ALTINN: Status.SENDT_ALTINN, Kanal.PRINT: Status.SENDT_PRINT}


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
    """A claimed levering and the channel that was set for it beforehand, if any."""

    claim: Claim
    kanal: Kanal | None


def deliver(bane: Bane, owner: Owner, world: Verden, limit: int = CLAIM_SIZE) -> int:
    """Claim up to `limit` ready leveringer of a lane and hand each over; return how many were claimed."""
    claims = claim(bane, owner.ensure(), limit)
    if not claims:
        return 0
    letters = load_letters([k.claim.forsendelse_id for k in claims])
    session().rollback()
    try:
        facts = look_up(letters, world.register)
    except KanalFeil as error:
        for krav in claims:
            _postpone(krav.claim, error, counts=False)
        return len(claims)
    for krav in claims:
        _hand_over_one(krav, letters[krav.claim.forsendelse_id], facts, owner, world)
    return len(claims)


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
            .returning(Levering.id, Levering.forsendelse_id, Levering.forsok, Levering.kanal)
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
        Krav(Claim(r.id, r.forsendelse_id, eier, r.forsok), Kanal(r.kanal) if r.kanal else None)
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


def decide(brev: Brev, fixed: Kanal | None, facts: Oppslag) -> Kanalvalg:
    """The channel of this hand-over: the one a failed channel or the deadline led to, else by svarut.md 2.3."""
    if fixed is not None:
        return Kanalvalg(fixed, "NESTE", "NESTE_KANAL")
    number = brev.mottaker.digital_id
    organisation = brev.mottakertype is Mottakertype.ORGANISASJON
    return choose_channel(
        brev.mottakertype,
        kontakt=facts.kontakt.get(number),
        person=facts.personer.get(number),
        virksomhet=facts.virksomheter.get(number),
        svarinn=organisation and has_mottakersystem(number, brev.forsendelsestype, brev.sikkerhetsniva),
        sdp_aktiv=brev.sdp_aktiv,
        kun_digital=brev.kun_digital,
    )


def _hand_over_one(krav: Krav, brev: Brev, facts: Oppslag, owner: Owner, world: Verden) -> None:
    valg = decide(brev, krav.kanal, facts)
    session().rollback()
    person = facts.personer.get(brev.mottaker.digital_id)
    protected = person is not None and person.adressebeskyttelse is Adressebeskyttelse.STRENGT_FORTROLIG
    if valg.kanal is None:
        _record_undeliverable(krav.claim, valg)
    elif valg.kanal is Kanal.PRINT and protected:
        _restrict(krav.claim)
    elif valg.kanal is Kanal.SVARINN:
        _record_svarinn(krav.claim, valg)
    elif circuit.is_closed(valg.kanal):
        _postpone(krav.claim, ProvIgjen("KANAL_STENGT", after=60.0), counts=False)
    elif owner.alive() and _begin_call(krav.claim, valg):
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
            .values(kall_startet=func.clock_timestamp(), kanal=valg.kanal)
            .returning(Levering.id)
            .execution_options(synchronize_session=False)
        ).first()
        status = tx.execute(
            select(Forsendelse.status)
            .where(Forsendelse.id == claim.forsendelse_id)
            .with_for_update(read=True)
        ).scalar_one()
        if marked is None or Status(status) not in HAND_OVER_FROM:
            tx.execute(
                update(Levering)
                .where(
                    Levering.id == claim.levering_id,
                    Levering.eier == claim.eier,
                    Levering.forsok == claim.forsok,
                )
                .values(kall_startet=None)
            )
            stopped = move_claimed(claim, Leveringsstatus.STOPPET, kode="STOPPET_FOR_KALL", aktor=AKTOR)
            if stopped and status == Status.AKSEPTERT:
                move_forsendelse(
                    claim.forsendelse_id,
                    fra=(Status.AKSEPTERT,),
                    til=Status.MANUELT_HANDTERT,
                    kode="STOPPET",
                    aktor=AKTOR,
                )
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
        _record_refused(claim, brev, valg.kanal, error)
    except ProvIgjen as error:
        _postpone(claim, error, counts=not error.throttled, kanal=valg.kanal)
    except Uavklart as error:
        _record_unclear(claim, error, valg.kanal)
    except FiksError as error:
        _record_broken(claim, error)
    else:
        record_sent(claim, brev.id, valg, ref)


def lesefrist_from(start: datetime) -> datetime:
    """When unread Altinn post goes on: LESEFRIST_TIMER working hours after `start`."""
    return add_working_hours(start, current().lesefrist_timer)


def record_sent(claim: Claim, forsendelse_id: UUID, valg: Kanalvalg, ref: str) -> None:
    """Record that the channel has the letter: levering OVERLEVERT and the letter's status, one transaction."""
    assert valg.kanal is not None
    with transaction():
        at = clock.now()
        _close_ledger(claim, "OVERLEVERT")
        circuit.after_call(valg.kanal, ok=True)
        if not move_claimed(
            claim,
            Leveringsstatus.OVERLEVERT,
            kode=f"OVERLEVERT_{valg.kanal}",
            aktor=AKTOR,
            leverandor_ref=ref,
        ):
            log.info("levering_not_ours", extra={"levering": str(claim.levering_id)})
            return
        record_status_after_send(tx_forsendelse=forsendelse_id, valg=valg, at=at)


def record_status_after_send(*, tx_forsendelse: UUID, valg: Kanalvalg, at: datetime) -> None:
    """Move the letter to its channel's status; a letter that was read meanwhile keeps LEST and gets a remark."""
    assert valg.kanal is not None
    changes: dict[str, object] = {"kanal": valg.kanal, "overlevert": at}
    if valg.regel != "NESTE":
        changes["kanalregel"] = valg.regel
    if valg.kanal is Kanal.ALTINN:
        changes["lesefrist"] = lesefrist_from(at)
    til = AFTER_SEND[valg.kanal]
    moved = move_forsendelse(
        tx_forsendelse, fra=HAND_OVER_FROM, til=til, kode=str(til), aktor=AKTOR, **changes
    )
    if not moved:
        remark(tx_forsendelse, f"OVERLEVERT_{valg.kanal}_ETTER_LEST", aktor=AKTOR)


def _record_svarinn(claim: Claim, valg: Kanalvalg) -> None:
    with transaction():
        at = clock.now()
        if move_claimed(
            claim, Leveringsstatus.OVERLEVERT, kode="OVERLEVERT_SVARINN", aktor=AKTOR, kanal=valg.kanal
        ):
            move_forsendelse(
                claim.forsendelse_id,
                fra=(Status.AKSEPTERT,),
                til=Status.KLAR_FOR_MOTTAK,
                kode="KLAR_FOR_MOTTAK",
                aktor=AKTOR,
                kanal=valg.kanal,
                kanalregel=valg.regel,
                overlevert=at,
            )


def _record_undeliverable(claim: Claim, valg: Kanalvalg) -> None:
    til = Status.AVVIST if valg.avvist else Status.IKKE_LEVERT
    with transaction():
        if move_claimed(claim, Leveringsstatus.AVVIST, kode=valg.grunn, aktor=AKTOR, feilkode=valg.grunn):
            move_forsendelse(
                claim.forsendelse_id,
                fra=HAND_OVER_FROM,
                til=til,
                kode=valg.grunn,
                aktor=AKTOR,
                kanalregel=valg.regel,
            )


def _restrict(claim: Claim) -> None:
    """A letter that must not go on paper waits for a person, in the lane only few may see."""
    with transaction():
        move_claimed(
            claim,
            Leveringsstatus.TIL_BEHANDLING,
            kode="MA_BEHANDLES",
            aktor=AKTOR,
            bane=Bane.SPERRET,
            kanal=Kanal.PRINT,
            feilkode="ADRESSE_SPERRET",
        )


def _record_refused(claim: Claim, brev: Brev, kanal: Kanal, error: Avvist) -> None:
    with transaction():
        _close_ledger(claim, "AVVIST", error.kode)
        circuit.after_call(kanal, ok=True)
        refuse(claim, brev, kanal, error.kode)


def refuse(claim: Claim, brev: Brev, kanal: Kanal, feilkode: str) -> None:
    """The channel refused for good: close this levering and open the next channel's, or give up, visibly."""
    if not move_claimed(
        claim, Leveringsstatus.AVVIST, kode=f"AVVIST_AV_{kanal}", aktor=AKTOR, feilkode=feilkode, kanal=kanal
    ):
        return
    continue_after_refusal(brev, kanal, feilkode)


def continue_after_refusal(brev: Brev, kanal: Kanal, feilkode: str) -> None:
    """Open the levering of the next channel, or end the letter as IKKE_LEVERT; paper that fails needs a person."""
    following = next_channel(kanal, kun_digital=brev.kun_digital, mottakertype=brev.mottakertype)
    bane = Bane.MASSE if brev.utsending_id else Bane.ENKELT
    if following is not None:
        open_levering(
            brev.id,
            utsending_id=brev.utsending_id,
            bane=bane,
            kanal=following,
            aktor=AKTOR,
            kode="NESTE_KANAL",
        )
        ring(bane)
        return
    if kanal is Kanal.PRINT:
        row = open_levering(
            brev.id,
            utsending_id=brev.utsending_id,
            bane=bane,
            kanal=kanal,
            aktor=AKTOR,
            kode="TIL_BEHANDLING",
        )
        session().execute(
            update(Levering)
            .where(Levering.id == row)
            .values(status=Leveringsstatus.TIL_BEHANDLING, feilkode=feilkode)
        )
        append_events(
            [Event(brev.id, "LEVERING", feilkode, AKTOR, fra="KLAR", til="TIL_BEHANDLING", levering_id=row)]
        )
        return
    move_forsendelse(brev.id, fra=HAND_OVER_FROM, til=Status.IKKE_LEVERT, kode=feilkode, aktor=AKTOR)


def _postpone(claim: Claim, error: KanalFeil, *, counts: bool, kanal: Kanal | None = None) -> None:
    """Nothing was delivered, for certain: wait and try again, or ask a person after the last try."""
    asked = error.after if isinstance(error, ProvIgjen) else None
    with transaction():
        if kanal is not None:
            _close_ledger(claim, "PROV_IGJEN", error.kode)
            circuit.after_call(kanal, ok=False)
        delay = retry_delay(claim.forsok) if counts else timedelta(seconds=asked or 60.0)
        if delay is None:
            move_claimed(
                claim,
                Leveringsstatus.TIL_BEHANDLING,
                kode="FOR_MANGE_FORSOK",
                aktor=AKTOR,
                feilkode=error.kode,
            )
            return
        jitter = random.uniform(0.8, 1.2) if counts else 1.0
        changes: dict[str, object] = {"feilkode": error.kode, "neste_forsok": func.now() + delay * jitter}
        if not counts:
            changes["forsok"] = Levering.forsok
        move_claimed(claim, Leveringsstatus.VENTER, kode=error.kode, aktor=AKTOR, **changes)


def _record_unclear(claim: Claim, error: Uavklart, kanal: Kanal) -> None:
    with transaction():
        _close_ledger(claim, "UAVKLART", error.kode)
        circuit.after_call(kanal, ok=False)
        move_claimed(
            claim,
            Leveringsstatus.UAVKLART,
            kode=error.kode,
            aktor=AKTOR,
            uavklart_siden=func.now(),
            tomme_oppslag=0,
            sist_oppslag=None,
            feilkode=error.kode,
        )


def _record_broken(claim: Claim, error: FiksError) -> None:
    """The letter itself cannot be sent (its document changed or is gone): a person must look, nothing is sent."""
    with transaction():
        _close_ledger(claim, "STANSET", error.kode)
        move_claimed(claim, Leveringsstatus.TIL_BEHANDLING, kode=error.kode, aktor=AKTOR, feilkode=error.kode)


def _close_ledger(claim: Claim, utfall: str, detalj: str | None = None) -> None:
    session().execute(
        update(Leveringsforsok)
        .where(Leveringsforsok.levering_id == claim.levering_id, Leveringsforsok.nr == claim.forsok)
        .values(avsluttet=func.clock_timestamp(), utfall=utfall, detalj=detalj)
    )
