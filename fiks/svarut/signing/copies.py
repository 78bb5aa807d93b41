"""Signed copies (svarut.md 1.7): each goes back as a new letter to the sender's reply address.

Exactly one letter is made: the copy is fetched and stored first, which may happen twice; then the order's
guarded move, the new letter and both histories are one transaction. A copy that the service has lost is asked
for until an operator gives it up.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeFunnet, KanalFeil, Konflikt
from fiks.core.storage.store import LagerUtilgjengelig, Lagret
from fiks.core.values.address import Adresse
from fiks.core.values.login_level import Sikkerhetsniva
from fiks.konfigurasjon.operators import require_root_and_reason
from fiks.svarut.models import Dokument, Forsendelse, Signeringsoppdrag
from fiks.svarut.mottak.duplicates import fingerprint
from fiks.svarut.mottak.innsending import Dokumentfakta, Innsending
from fiks.svarut.mottak.letter_writer import write_letter
from fiks.svarut.mottak.rules import address_faults
from fiks.svarut.rules import Opphav, Signeringsstatus
from fiks.svarut.sealed_content import unseal_content
from fiks.svarut.signing.orders import (
    HOUSE,
    PORTION,
    Krav,
    Signeringsport,
    claim_order,
    move_signing_order,
    postpone_order,
    refuse_order,
)

log = logging.getLogger(__name__)
FORSENDELSESTYPE = "ks.signertforsendelse"


def copy_id(forsendelse_id: UUID) -> UUID:
    """The id of the letter that carries the signed copy of this letter back."""
    return uuid5(forsendelse_id, "signert")


def send_signed_copies(port: Signeringsport) -> int:
    """Fetch a portion of signed copies and make their letters; return how many were handled.

    A portion ends with the first copy that must wait, as when orders are registered.
    """
    done, answered = 0, True
    while answered and done < PORTION and (krav := claim_order(*_waiting())) is not None:
        with krav.followed():
            answered = _send_one(krav, port)
        done += 1
    return done


def _waiting() -> tuple[ColumnElement[bool], ...]:
    row = Signeringsoppdrag
    open_ones = [str(s) for s in (Signeringsstatus.VENTER_SIGNERING, Signeringsstatus.UTLOPT)]
    return row.signert.is_not(None), row.status.in_(open_ones)


def _send_one(krav: Krav, port: Signeringsport) -> bool:
    """Send one copy back, or refuse the order when there is nowhere to send it; False when it must wait."""
    try:
        new = _reply_letter(krav.forsendelse_id)
        session().rollback()
        if new is None:
            refuse_order(krav.forsendelse_id, "BREVET_ER_AVSLUTTET")
            return True
        signed = port.signed(str(krav.forsendelse_id))
        stored = current().store.put_document([signed], current().keys)
    except (KanalFeil, FiksError) as error:
        postpone_order(krav, error)
        return False
    if not _write(krav, new, stored):
        _delete_stored(stored)
    return True


def _reply_letter(forsendelse_id: UUID) -> Innsending | None:
    """The reply letter as its sender would have described it; None when the original has been deleted
    meanwhile.

    Nobody has checked that post can reach the reply address: if it cannot, the letter never goes on paper.
    """
    letter = session().get_one(Forsendelse, forsendelse_id, populate_existing=True)
    answers = unseal_content(letter.innhold_kryptert).get("svarSendesTil")
    if answers is None:
        return None
    name = select(Dokument.filnavn).where(Dokument.forsendelse_id == forsendelse_id, Dokument.skal_signeres)
    address = Adresse(**answers["adresse"])
    return Innsending(
        opphav=Opphav.SIGNERING,
        tittel=letter.tittel,
        navn=address.navn,
        digital_id=answers["digitalId"],
        adresse=None if any(address_faults(address, Opphav.SIGNERING)) else address,
        dokumenter=(Dokumentfakta(session().execute(name).scalar_one(), "application/pdf"),),
        konteringskode=letter.konteringskode or "",
        forsendelsestype=FORSENDELSESTYPE,
        niva4=letter.sikkerhetsniva == Sikkerhetsniva.HOYESTE,
        taushetsbelagt=letter.taushetsbelagt,
        svar_pa=forsendelse_id,
    )


def _write(krav: Krav, new: Innsending, stored: Lagret) -> bool:
    """Close the order and write the new letter together; False when another worker has done so."""
    new_id = copy_id(krav.forsendelse_id)
    with transaction() as tx:
        mine = move_signing_order(
            krav.forsendelse_id,
            Signeringsstatus.SIGNERT_AV_MOTTAKER,
            kode="SIGNERING_FULLFORT",
            svar_id=str(new_id),
        )
        if mine:
            of_letter = select(Forsendelse.konto_id).where(Forsendelse.id == krav.forsendelse_id)
            write_letter(
                new_id,
                new,
                [stored],
                konto_id=tx.execute(of_letter).scalar_one(),
                avtrykk=fingerprint(new, [stored.sha256]),
                actor=replace(HOUSE, request_id=krav.request_id),
            )
    return mine


def give_up_lost_copy(forsendelse_id: UUID, *, grunn: str, actor: Aktor) -> None:
    """Stop asking for a signed copy that the service has lost, as its owner has confirmed; remarked on the
    letter.

    Only for operators of the platform, and audited with the reason. UgyldigInndata GRUNN_MANGLER; IkkeFunnet;
    Konflikt INGEN_KOPI_VENTES: it is not signed, or its copy has come.
    """
    grunn = require_root_and_reason(actor, grunn)
    with transaction() as tx:
        held = select(Signeringsoppdrag).where(Signeringsoppdrag.forsendelse_id == forsendelse_id)
        order = tx.scalars(held.with_for_update().execution_options(populate_existing=True)).first()
        if order is None:
            raise IkkeFunnet("FINNES_IKKE")
        lost = order.signert is not None and move_signing_order(
            forsendelse_id, Signeringsstatus.AVVIST_AV_SVARUT, kode="SIGNERING_KOPI_TAPT"
        )
        if not lost:
            raise Konflikt("INGEN_KOPI_VENTES")
        letter = tx.get_one(Forsendelse, forsendelse_id)
        audit.record(
            actor,
            "SIGNERT_KOPI_OPPGITT",
            "forsendelse",
            forsendelse_id,
            organisasjon_id=letter.organisasjon_id,
            ressurs_id=letter.konto_id,
            tjeneste="SVARUT",
            grunn=grunn,
        )


def _delete_stored(stored: Lagret) -> None:
    """Delete a stored copy that no letter owns; if that fails, the job for stray objects finds it."""
    try:
        current().store.delete(stored.objekt)
    except LagerUtilgjengelig as lost:
        log.warning("objects_not_deleted", extra={"antall": 1, "kode": lost.kode})
