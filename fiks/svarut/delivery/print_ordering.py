"""Handing a letter over to print: the print file is made and stored first, then recorded with the order in
one transaction.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from fiks.core import clock
from fiks.core.actor import ARBEIDER
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, FiksError, Konflikt, ProvIgjen, Utilgjengelig
from fiks.core.isolate import retry_in_new_child
from fiks.konfigurasjon.konto.rules import Printleverandor
from fiks.print.operations.restore import adopt_order
from fiks.print.rules import Trykksak
from fiks.print.service import Bestilling, Listet, listed_house, place_order
from fiks.svarut.delivery import outcomes
from fiks.svarut.delivery.cancellation import is_stop_wanted, stop_before_call
from fiks.svarut.history import remark
from fiks.svarut.letters import Brev
from fiks.svarut.lifecycle import print_order
from fiks.svarut.lifecycle.handed_over_status import record_status_after_send
from fiks.svarut.receipts import early_receipts
from fiks.svarut.rules import Kanal, Kanalvalg, Leveringsstatus
from fiks.svarut.transitions import Claim, move_claimed


class Trykkeri(Protocol):
    """Makes the PDF that a letter is printed from. Raises FiksError, also for an unusable document."""

    def print_file(self, brev: Brev) -> Trykksak: ...


def order_print(claim: Claim, brev: Brev, valg: Kanalvalg, trykkeri: Trykkeri) -> None:
    """Make and store the letter's print file, then order it. Only our own tables, so no unknown outcome."""
    try:
        leverandor = _house_of(claim.levering_id, brev)
        session().rollback()
        sak = retry_in_new_child(lambda: trykkeri.print_file(brev))
        print_order.require_printable(brev, sak)
        lagret = current().store.put_document([sak.pdf], current().keys)
    except Avvist as error:
        outcomes.record_refused(claim, brev, Kanal.PRINT, error)
    except Utilgjengelig as error:
        outcomes.postpone(claim, ProvIgjen(error.kode), counts=False)
    except FiksError as error:
        outcomes.record_broken(claim, error)
    else:
        record_print(claim, valg, print_order.order_of(claim.levering_id, brev, leverandor, sak, lagret))


def _house_of(levering_id: UUID, brev: Brev) -> str:
    """The letter's print house by its class; when none serves it, the house that already has the letter."""
    try:
        return print_order.house_of(brev)
    except Konflikt:
        listet = listed_house(levering_id)
        if listet is None:
            raise
        return listet.leverandor


def _kode(listet: Listet | None, by_hand: bool) -> str:
    """The event code of the hand-over."""
    if listet is not None:
        return "ALT_HOS_TRYKKERIET"
    return "OVERLEVERT_MANUELL_PRINT" if by_hand else "OVERLEVERT_PRINT"


def record_print(claim: Claim, valg: Kanalvalg, bestilling: Bestilling) -> None:
    """Order the stored print file from the print room: one transaction, no unknown outcome, stop included.

    The order's progress comes by the print room's own feed. A file that is not ordered is deleted again.

    A letter that a print house already has, by an order lost with a restored backup, is not ordered anew: it
    is recorded as handed over to that house even if it was stopped, read or closed meanwhile, for it is
    printed; its history then says so. A letter that a digital channel has reported is not ordered at all (ADR
    0037).
    """
    with transaction():
        at = clock.now()
        unwanted = is_stop_wanted(claim) or not outcomes.is_still_wanted(claim.forsendelse_id, valg.kanal)
        listet = listed_house(bestilling.referanse)
        if listet is None and (unwanted or print_order.is_with_another_house(claim.forsendelse_id)):
            stop_before_call(claim)
            delete_after_commit([bestilling.lagret.objekt])
            return
        if listet is None and early_receipts.adopt_if_answered(claim.levering_id, claim.forsok):
            delete_after_commit([bestilling.lagret.objekt])
            return
        by_hand = listet is None and bestilling.leverandor == Printleverandor.MANUELL_PRINT
        if not move_claimed(
            claim,
            Leveringsstatus.OVERLEVERT,
            kode=_kode(listet, by_hand),
            aktor=ARBEIDER.ref,
            kanal=valg.kanal,
            kanalregel=valg.regel,
            leverandor_ref=str(bestilling.referanse),
        ):
            delete_after_commit([bestilling.lagret.objekt])
            return
        record_status_after_send(
            tx_forsendelse=claim.forsendelse_id,
            valg=valg,
            at=at,
            kode="SENDT_MANUELL_PRINT" if by_hand else None,
        )
        if listet is None:
            place_order(bestilling, aktor=ARBEIDER.ref)
        else:
            adopt_order(bestilling, listet, aktor=ARBEIDER.ref)
            if unwanted:
                remark(claim.forsendelse_id, "PRINTES_LIKEVEL", aktor=ARBEIDER.ref)
        print_order.give_up_earlier(claim.forsendelse_id, claim.levering_id)
        early_receipts.apply_early(claim.levering_id, claim.forsendelse_id)
        outcomes.log_handed_over(claim, valg)
