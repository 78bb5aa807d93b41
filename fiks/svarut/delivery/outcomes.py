"""Recording the outcome of a hand-over: each is one transaction, guarded by owner and attempt number."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from fiks.core import clock
from fiks.core.actor import ARBEIDER
from fiks.core.db import ring, session, table_of, transaction
from fiks.core.errors import Avvist, FiksError, KanalFeil, ProvIgjen, Uavklart
from fiks.core.queue.delivery_attempts import (
    UNKNOWN_OUTCOME_COLUMNS,
    retry_columns,
    status_after_lost_owner,
    uncounted_retry_columns,
)
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.cancellation import stop_if_wanted
from fiks.svarut.letters import Brev
from fiks.svarut.lifecycle.fallback import HAND_OVER_FROM, continue_after_refusal
from fiks.svarut.lifecycle.handed_over_status import record_status_after_send
from fiks.svarut.lifecycle.read_status import is_read_before_delivery, log_early_readings
from fiks.svarut.models import Forsendelse, Levering, Leveringsforsok
from fiks.svarut.receipts import early_receipts
from fiks.svarut.rules import NEXT_CHANNEL_RULE, Bane, Kanal, Kanalvalg, Leveringsstatus, Status
from fiks.svarut.svarinn_handover import begin_wait
from fiks.svarut.transitions import Claim, move_claimed, move_forsendelse

log = logging.getLogger(__name__)
TOO_MANY_REQUESTS = "HTTP_429"
_LETTER, _LEDGER = table_of(Forsendelse), table_of(Leveringsforsok)
_HELD_STATUS = select(_LETTER.c.status).where(_LETTER.c.id == bindparam("letter")).with_for_update(read=True)


@cache
def _close_ledger(tid: ColumnElement[datetime]) -> ReturningUpdate[datetime]:
    """Build the statement that ends an attempt in the ledger (database time) and returns `tid`."""
    return (
        update(_LEDGER)
        .where(_LEDGER.c.levering_id == bindparam("hand_over"), _LEDGER.c.nr == bindparam("attempt"))
        .values(avsluttet=func.clock_timestamp(), utfall=bindparam("outcome"), detalj=bindparam("detail"))
        .returning(tid)
    )


def record_sent(claim: Claim, forsendelse_id: UUID, valg: Kanalvalg, ref: str) -> None:
    """Record that the channel accepted the letter: levering OVERLEVERT and the letter's new status, in one
    transaction.
    """
    assert valg.kanal is not None
    with transaction():
        at = close_ledger(claim, "OVERLEVERT")
        assert at is not None, "the call was begun by its ledger row, which nobody deletes"
        circuit_breaker.record_call(valg.kanal, ok=True)
        if not move_claimed(
            claim,
            Leveringsstatus.OVERLEVERT,
            kode=f"OVERLEVERT_{valg.kanal}",
            aktor=ARBEIDER.ref,
            leverandor_ref=ref,
        ):
            log.info("levering_not_ours", extra={"levering": str(claim.levering_id)})
            return
        record_status_after_send(tx_forsendelse=forsendelse_id, valg=valg, at=at)
        early_receipts.apply_early(claim.levering_id, forsendelse_id)
    log_handed_over(claim, valg)


def log_handed_over(claim: Claim, valg: Kanalvalg) -> None:
    """Write the log line of a letter accepted by its channel, its mottakersystem or the print room."""
    log.info("handed_over", extra={"levering": str(claim.levering_id), "kanal": str(valg.kanal)})


def is_still_wanted(forsendelse_id: UUID, kanal: Kanal | None) -> bool:
    """Lock the letter and return whether it should still go to this channel.

    False when it was read, closed or deleted meanwhile.
    """
    status = Status(session().execute(_HELD_STATUS, {"letter": forsendelse_id}).scalar_one())
    if kanal is Kanal.PRINT and is_read_before_delivery(forsendelse_id):
        return False
    again = kanal is Kanal.PRINT and status is Status.SENDT_PRINT
    return again or status in HAND_OVER_FROM


def record_svarinn(claim: Claim, valg: Kanalvalg, klarfiler: Mapping[str, Any]) -> None:
    """Record the hand-over to a mottakersystem. Only our own tables: one transaction, no unknown outcome,
    stop included.

    `klarfiler`: the result of `svarinn_handover.clear_facts`.
    """
    assert valg.mottakersystem_id is not None
    with transaction():
        at = clock.now()
        if stop_if_wanted(claim) or early_receipts.adopt_if_answered(claim.levering_id, claim.forsok):
            return
        if move_claimed(
            claim, Leveringsstatus.OVERLEVERT, kode="OVERLEVERT_SVARINN", aktor=ARBEIDER.ref, kanal=valg.kanal
        ):
            laid = move_forsendelse(
                claim.forsendelse_id,
                fra=(Status.AKSEPTERT,),
                til=Status.KLAR_FOR_MOTTAK,
                kode="KLAR_FOR_MOTTAK",
                aktor=ARBEIDER.ref,
                kanal=valg.kanal,
                kanalregel=valg.regel,
                overlevert=at,
            )
            if laid:
                begin_wait(claim.forsendelse_id, valg.mottakersystem_id, klar=at, klarfiler=klarfiler)
            early_receipts.apply_early(claim.levering_id, claim.forsendelse_id)
            log_handed_over(claim, valg)


def _move_undelivered(
    claim: Claim, til: Leveringsstatus, *, kode: str, aktor: str = ARBEIDER.ref, **changes: object
) -> bool:
    """Move a levering that delivered nothing on from SENDER.

    False when it is no longer ours, or when the channel has reported the letter after all: an earlier call
    may have delivered what no look-up found (`early_receipts.adopt_if_answered`).
    """
    if early_receipts.adopt_if_answered(claim.levering_id, claim.forsok):
        return False
    return move_claimed(claim, til, kode=kode, aktor=aktor, **changes)


def record_undeliverable(claim: Claim, valg: Kanalvalg) -> None:
    """Record that no channel can deliver the letter: levering AVVIST, letter AVVIST or IKKE_LEVERT."""
    til = Status.AVVIST if valg.avvist else Status.IKKE_LEVERT
    rule: dict[str, Any] = {} if valg.regel == NEXT_CHANNEL_RULE else {"kanalregel": valg.regel}
    with transaction():
        if _move_undelivered(claim, Leveringsstatus.AVVIST, kode=valg.grunn, feilkode=valg.grunn):
            move_forsendelse(
                claim.forsendelse_id,
                fra=HAND_OVER_FROM,
                til=til,
                kode=valg.grunn,
                aktor=ARBEIDER.ref,
                **rule,
            )
            log_early_readings([claim.forsendelse_id])


def move_to_restricted_lane(claim: Claim) -> None:
    """Move a letter that must not go on paper to the restricted lane, where it waits for a person; or stop it
    if asked to.
    """
    with transaction():
        if stop_if_wanted(claim):
            return
        _move_undelivered(
            claim,
            Leveringsstatus.TIL_BEHANDLING,
            kode="MA_BEHANDLES",
            bane=Bane.SPERRET,
            kanal=Kanal.PRINT,
            feilkode="ADRESSE_SPERRET",
        )


def record_refused(claim: Claim, brev: Brev, kanal: Kanal, error: Avvist) -> None:
    """Record that the channel refused the letter for good, and continue with the next channel."""
    with transaction():
        close_ledger(claim, "AVVIST", error.kode)
        circuit_breaker.record_call(kanal, ok=True)
        refuse(claim, brev, kanal, error.kode)


def refuse(claim: Claim, brev: Brev, kanal: Kanal, feilkode: str) -> None:
    """Close the refused levering and open the next channel's, or end the letter visibly."""
    if not _move_undelivered(
        claim, Leveringsstatus.AVVIST, kode=f"AVVIST_AV_{kanal}", feilkode=feilkode, kanal=kanal
    ):
        return
    continue_after_refusal(brev, kanal, feilkode)


def postpone(claim: Claim, error: KanalFeil, *, counts: bool, kanal: Kanal | None = None) -> None:
    """Record a failure that delivered nothing for certain: retry later, or hand to a person after the last
    try.

    `kanal`: the channel that failed. None when we failed ourselves: a call that had begun then says nothing
    about a channel. A levering that was asked to stop is stopped at once instead of waiting for the retry.
    """
    asked = error.after if isinstance(error, ProvIgjen) else None
    with transaction():
        if kanal is None:
            close_ledger(claim, "STANSET", error.kode)
        else:
            close_ledger(claim, "PROV_IGJEN", error.kode)
            circuit_breaker.record_call(kanal, ok=False)
            if asked and error.kode == TOO_MANY_REQUESTS:
                circuit_breaker.pause_as_asked(kanal, asked)
        if stop_if_wanted(claim):
            return
        wait = retry_columns(Levering, claim.levering_id, claim.forsok, counts=counts, asked=asked)
        if wait is None:
            ask_a_person(claim, kode="FOR_MANGE_FORSOK", feilkode=error.kode)
        else:
            wait |= {"feilkode": error.kode}
            _move_undelivered(claim, Leveringsstatus.VENTER, kode=error.kode, aktor=ARBEIDER.ref, **wait)


def record_unclear(claim: Claim, error: Uavklart, kanal: Kanal) -> None:
    """Record an unknown outcome: the levering is UAVKLART until a look-up settles it."""
    with transaction():
        close_ledger(claim, "UAVKLART", error.kode)
        circuit_breaker.record_call(kanal, ok=False)
        move_claimed(
            claim,
            Leveringsstatus.UAVKLART,
            kode=error.kode,
            aktor=ARBEIDER.ref,
            feilkode=error.kode,
            **UNKNOWN_OUTCOME_COLUMNS,
        )


def record_broken(claim: Claim, error: FiksError) -> None:
    """Record that the letter itself cannot be sent (document changed or missing): a person must act."""
    with transaction():
        close_ledger(claim, "STANSET", error.kode)
        ask_a_person(claim, kode=error.kode, feilkode=error.kode)


def ask_a_person(claim: Claim, *, kode: str, feilkode: str) -> None:
    """End the tries of a levering that delivered nothing: TIL_BEHANDLING, or stopped if that was asked for.

    In the present transaction.
    """
    if not stop_if_wanted(claim):
        _move_undelivered(claim, Leveringsstatus.TIL_BEHANDLING, kode=kode, feilkode=feilkode)


def give_back(claims: Sequence[Claim], aktor: str = ARBEIDER.ref, *, lost: bool = True) -> None:
    """Take claims back from an owner that still holds them but cannot finish them.

    A levering that was asked to stop is stopped, if its call has not begun. If the owner was not `lost` and
    the error was no letter's fault, leveringer without a call are ready again in a minute, and the try is not
    counted.
    """
    with transaction() as tx:
        for claim in sorted(claims, key=lambda c: c.levering_id):
            row = tx.execute(
                select(Levering.kall_startet, Levering.tapte_eiere)
                .where(Levering.id == claim.levering_id)
                .with_for_update()
            ).one()
            began = row.kall_startet is not None
            if not began and stop_if_wanted(claim):
                continue
            if not lost and not began:
                _move_undelivered(
                    claim,
                    Leveringsstatus.KLAR,
                    kode="GITT_TILBAKE",
                    aktor=aktor,
                    **uncounted_retry_columns(Levering),
                )
                continue
            til = status_after_lost_owner(Leveringsstatus, call_began=began, lost=row.tapte_eiere + 1)
            changes: dict[str, object] = {"tapte_eiere": row.tapte_eiere + 1}
            if til is Leveringsstatus.UAVKLART:
                move_claimed(claim, til, kode="EIER_TAPT", aktor=aktor, **changes, **UNKNOWN_OUTCOME_COLUMNS)
            else:
                _move_undelivered(claim, til, kode="EIER_TAPT", aktor=aktor, **changes)


def return_unbegun(claims: Sequence[Claim], bane: Bane) -> None:
    """Return claims not begun because the process is leaving: ready at once, the try not counted.

    Those that were asked to stop are stopped.
    """
    with transaction():
        for claim in sorted(claims, key=lambda c: c.levering_id):
            if stop_if_wanted(claim):
                continue
            _move_undelivered(
                claim,
                Leveringsstatus.KLAR,
                kode="GITT_TILBAKE",
                frie_forsok=Levering.frie_forsok + 1,
            )
        ring(bane)


def close_ledger(claim: Claim, utfall: str, detalj: str | None = None) -> datetime | None:
    """Record in the ledger how this attempt's call ended, if it was begun; return when, in business time."""
    attempt = {"hand_over": claim.levering_id, "attempt": claim.forsok}
    told = attempt | {"outcome": utfall, "detail": detalj}
    return session().execute(_close_ledger(clock.now_sql()), told).scalar_one_or_none()
