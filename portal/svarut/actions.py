"""Acts on a letter (retry, close, returned, delete). Each asks on a page of its own that states the
consequence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.konfigurasjon.rules import P
from fiks.svarut.paid_by_konto import is_unconfirmed_henvendelse
from fiks.svarut.paper import manual_queue
from fiks.svarut.rules import NOT_YET_SENT, Leveringsstatus, Slettetype, Status, may_be_closed
from fiks.svarut.sender import actions, letter_page
from fiks.svarut.sender.letter_page import Brevside
from portal.access.actor import current_actor
from portal.svarut.blueprint import blueprint
from portal.texts import error_text, tekst
from portal.texts.svarut.forsendelser import HANDLINGER, Handlingstekst

Answer = AnyResponse | str
DELETED = "DOKUMENTENE_ER_SLETTET"
"""Prevents deletion without being an error: a double submit is told that it is done."""


@dataclass(frozen=True, slots=True)
class Handling:
    """One act: its texts, the code of what prevents it now ("" when nothing does), and its use case."""

    tekst: Handlingstekst
    krever: P
    against: Callable[[Brevside], str]
    do: Callable[[Brevside], None]


def _against_retrying(brev: Brevside) -> str:
    """Letters of a mailing are retried from the mailing, which may have been stopped."""
    return "" if brev.feilet is not None and brev.utsending_id is None else "KAN_IKKE_PROVES_IGJEN"


def _retry(brev: Brevside) -> None:
    assert brev.feilet is not None
    actions.retry_failed(brev.feilet, actor=current_actor())


def has_unknown_outcome(brev: Brevside) -> bool:
    """Whether it is unknown if a channel got the letter (uavklart)."""
    return any(one.status == Leveringsstatus.UAVKLART for one in brev.leveringer)


def _against_closing(brev: Brevside) -> str:
    if has_unknown_outcome(brev):
        return "BREVET_ER_UAVKLART"
    waits = any(one.status == Leveringsstatus.TIL_BEHANDLING for one in brev.leveringer)
    if not may_be_closed(Status(brev.status), waits_for_person=waits):
        return "KAN_IKKE_HANDTERES"
    return "" if waits else _due_to_receiver(brev)


def _due_to_receiver(brev: Brevside) -> str:
    return "HENVENDELSE_IKKE_MOTTATT" if is_unconfirmed_henvendelse(brev.opphav, brev.status) else ""


def _close(brev: Brevside) -> None:
    actions.set_manually_handled(brev.id, actor=current_actor())


def _against_deleting(brev: Brevside) -> str:
    if has_unknown_outcome(brev):
        return "BREVET_ER_UAVKLART"
    if brev.status in NOT_YET_SENT:
        return _due_to_receiver(brev) or "BREVET_IKKE_SENDT"
    left = bool(brev.mottaker.navn) or not all(document.borte for document in brev.dokumenter)
    return _due_to_receiver(brev) or ("" if left else DELETED)


def _delete(brev: Brevside) -> None:
    actions.delete_documents(brev.id, alt=Slettetype.ALLE, actor=current_actor())


def _against_returning(brev: Brevside) -> str:
    """Letters posted by a print house are returned by its own receipt, so only manually posted ones qualify."""
    told = {event.kode for event in brev.hendelser}
    by_hand = brev.status == Status.PRINTET and "PRINTET_MANUELT" in told
    return "" if by_hand and "RETUR_PRINT" not in told else "KAN_IKKE_MELDES_RETUR"


def _return(brev: Brevside) -> None:
    manual_queue.mark_returned(brev.id, actor=current_actor())


ACTIONS: dict[str, Handling] = {
    "svarut.prov_igjen": Handling(HANDLINGER["prov_igjen"], P.SENDE, _against_retrying, _retry),
    "svarut.handtert": Handling(HANDLINGER["handtert"], P.STOPPE, _against_closing, _close),
    "svarut.retur": Handling(HANDLINGER["retur"], P.SENDE, _against_returning, _return),
    "svarut.slett": Handling(HANDLINGER["slett"], P.SENDE, _against_deleting, _delete),
}
"""By endpoint, in the order they are offered."""


def available_actions(brev: Brevside) -> list[tuple[str, str, str]]:
    """What the visitor can do with the letter now: (address, button text, colour)."""
    found = [
        (url_for(endpoint, forsendelse_id=brev.id), act.tekst.knapp, act.tekst.farge)
        for endpoint, act in ACTIONS.items()
        if act.krever in brev.rett and not act.against(brev)
    ]
    if brev.utsending_id is not None:
        found.append((url_for("utsending.detalj", utsending_id=brev.utsending_id), "Gå til utsendingen", ""))
    return found


@blueprint.route("/<uuid:forsendelse_id>/prov-igjen", methods=["GET", "POST"])
def prov_igjen(forsendelse_id: UUID) -> Answer:
    """Retry a letter that waits for a person."""
    return _ask_or_do("svarut.prov_igjen", forsendelse_id)


@blueprint.route("/<uuid:forsendelse_id>/handtert", methods=["GET", "POST"])
def handtert(forsendelse_id: UUID) -> Answer:
    """Close a letter that was handled manually."""
    return _ask_or_do("svarut.handtert", forsendelse_id)


@blueprint.route("/<uuid:forsendelse_id>/retur", methods=["GET", "POST"])
def retur(forsendelse_id: UUID) -> Answer:
    """Register that a manually posted letter was returned."""
    return _ask_or_do("svarut.retur", forsendelse_id)


@blueprint.route("/<uuid:forsendelse_id>/slett", methods=["GET", "POST"])
def slett(forsendelse_id: UUID) -> Answer:
    """Delete all documents of a letter."""
    return _ask_or_do("svarut.slett", forsendelse_id)


def _ask_or_do(endpoint: str, forsendelse_id: UUID) -> Answer:
    """Ask on GET, act on POST, and say so when the letter's state no longer allows it."""
    act, brev = ACTIONS[endpoint], letter_page.letter_for_sender(forsendelse_id, actor=current_actor())
    if act.krever not in brev.rett:
        raise IkkeTilgang("MANGLER_PRIVILEGIUM", privilegium=str(act.krever))
    if against := act.against(brev):
        return _told_against(brev, act, against)
    if request.method == "GET":
        return render_template("svarut/bekreft.html", brev=brev, handling=act.tekst)
    try:
        act.do(brev)
    except Konflikt as error:
        return _back(brev, error_text(error), "warning")
    return _back(brev, act.tekst.gjort, "success")


def _told_against(brev: Brevside, act: Handling, against: str) -> AnyResponse:
    if against != DELETED:
        return _back(brev, tekst(against), "warning")
    if request.method == "POST":
        return _back(brev, act.tekst.gjort, "success")
    return _back(brev, tekst(DELETED), "info")


def _back(brev: Brevside, said: str, farge: str) -> AnyResponse:
    flash(said, farge)
    return redirect(url_for("svarut.forsendelse", forsendelse_id=brev.id), 303)
