"""Manual decisions: what a print house has confirmed to a person in writing and no receipt or list will ever
say.

Only for operators of the platform, audited with the reason. No call is made to the print house.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row, func, select, update

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon.operators import require_root_and_reason
from fiks.print.handover.deliver import Husene
from fiks.print.handover.recovery import adopt_package
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.operations.move_order import NOT_HANDED_OVER
from fiks.print.receipt_feed import publish_receipt
from fiks.print.rules import Kvitteringsart
from fiks.print.service import NOTHING_SAID, record_posted
from fiks.print.states import Ordrestatus, Pakkestatus
from fiks.print.transitions import move_orders, move_package

PRINTED, NOT_PRINTED = "BEKREFTET_TRYKT", "BEKREFTET_IKKE_TRYKT"


def confirm_printed(ordre_id: UUID, *, grunn: str, actor: Aktor) -> None:
    """Record that the house printed and posted the order although its receipt is lost: POSTLAGT now, as by
    PRINTET, at no known price.

    Raises UgyldigInndata GRUNN_MANGLER; IkkeFunnet; Konflikt ORDREN_VENTER_IKKE_PA_KVITTERING (the order does
    not await a receipt).
    """
    grunn = require_root_and_reason(actor, grunn)
    with transaction():
        row = _lock_unanswered(ordre_id)
        now = clock.now()
        record_posted(ordre_id, now, NOTHING_SAID, kode=PRINTED, aktor=actor.ref)
        publish_receipt(ordre_id, Kvitteringsart.PRINTET, now)
        _record_order(row, PRINTED, grunn, actor)


def confirm_not_printed(ordre_id: UUID, *, grunn: str, actor: Aktor) -> None:
    """Record that the house has not printed the order and never will: FEILET, as by receipt; it may be
    ordered again or moved.

    Errors as `confirm_printed`.
    """
    grunn = require_root_and_reason(actor, grunn)
    with transaction():
        row = _lock_unanswered(ordre_id)
        move_orders(
            Ordre.id == ordre_id,
            fra=(Ordrestatus.PRODUSERT,),
            til=Ordrestatus.FEILET,
            kode=NOT_PRINTED,
            aktor=actor.ref,
            feilkode=NOT_PRINTED,
        )
        publish_receipt(ordre_id, Kvitteringsart.FEILET, clock.now(), NOT_PRINTED)
        _record_order(row, NOT_PRINTED, grunn, actor)


def confirm_has_package(pakke_id: UUID, *, grunn: str, houses: Husene, actor: Aktor) -> None:
    """Record that a house that cannot be asked any more has an UAVKLART package: OVERLEVERT, as when its list
    says so.

    Raises UgyldigInndata GRUNN_MANGLER; IkkeFunnet; Konflikt PAKKEN_ER_IKKE_UAVKLART, TRYKKERIET_ER_I_BRUK,
    TRYKKERIET_KAN_SPORRES.
    """
    grunn = require_root_and_reason(actor, grunn)
    with transaction():
        row = _lock_doubtful_package(pakke_id, houses)
        if not adopt_package(pakke_id, f"{pakke_id}.zip"):
            raise Konflikt("PAKKEN_ER_IKKE_UAVKLART")
        _record_package(row, "HAR", grunn, actor)


def confirm_has_not_package(pakke_id: UUID, *, grunn: str, houses: Husene, actor: Aktor) -> None:
    """Record that a house that cannot be asked any more neither has nor will get a package that is or was
    UAVKLART; its orders may then be moved.

    Errors as `confirm_has_package`, and Konflikt PAKKEN_ER_I_KARANTENE (a call may still be on its way) and
    PAKKEN_ER_HOS_TRYKKERIET (the house has answered or listed one of its orders).
    """
    grunn = require_root_and_reason(actor, grunn)
    with transaction() as tx:
        row = _lock_doubtful_package(pakke_id, houses)
        if not row.karantene_over:
            raise Konflikt("PAKKEN_ER_I_KARANTENE")
        if _is_answered_or_listed(pakke_id):
            raise Konflikt("PAKKEN_ER_HOS_TRYKKERIET")
        move_package(pakke_id, fra=Pakkestatus.UAVKLART, til=Pakkestatus.KLAR, neste_forsok=func.now())
        certain = update(Pakke).where(Pakke.id == pakke_id)
        tx.execute(certain.values(uavklart_siden=None, tomme_oppslag=0, sist_oppslag=None))
        _record_package(row, "HAR_IKKE", grunn, actor)


def _lock_unanswered(ordre_id: UUID) -> Row[UUID, str, UUID, UUID, str, bool]:
    """Lock and return an order that awaits a receipt. Orders that senders print themselves are the senders'
    to answer for.
    """
    row = (
        session()
        .execute(
            select(
                Ordre.id,
                Ordre.leverandor,
                Ordre.organisasjon_id,
                Ordre.ressurs_id,
                Ordre.status,
                Leverandor.manuell,
            )
            .join(Leverandor, Leverandor.kode == Ordre.leverandor)
            .where(Ordre.id == ordre_id)
            .with_for_update(of=Ordre)
        )
        .first()
    )
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    if row.status != Ordrestatus.PRODUSERT or row.manuell:
        raise Konflikt("ORDREN_VENTER_IKKE_PA_KVITTERING")
    return row


def _lock_doubtful_package(pakke_id: UUID, houses: Husene) -> Row[UUID, str, str, int, bool | None, bool]:
    """Lock and return a package that is or was in doubt and that no process holds, at a house that is out of
    use and has no address.
    """
    quarantine = timedelta(seconds=current().karantene_sekunder)
    rested = (Pakke.uavklart_siden <= func.now() - quarantine).label("karantene_over")
    row = (
        session()
        .execute(
            select(Pakke.id, Pakke.leverandor, Pakke.status, Pakke.antall, rested, Leverandor.aktiv)
            .join(Leverandor, Leverandor.kode == Pakke.leverandor)
            .where(Pakke.id == pakke_id)
            .with_for_update(of=Pakke)
        )
        .first()
    )
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    if row.karantene_over is None or row.status not in (Pakkestatus.UAVKLART, *NOT_HANDED_OVER):
        raise Konflikt("PAKKEN_ER_IKKE_UAVKLART")
    if row.leverandor in houses:
        raise Konflikt("TRYKKERIET_KAN_SPORRES")
    if row.aktiv:
        raise Konflikt("TRYKKERIET_ER_I_BRUK")
    return row


def _is_answered_or_listed(pakke_id: UUID) -> bool:
    """Return whether the house has answered or listed an order of the package; locks its orders until the
    transaction ends.
    """
    inside = select(Ordre.status, Ordre.sett_hos_leverandor).where(Ordre.pakke_id == pakke_id)
    rows = session().execute(inside.order_by(Ordre.id).with_for_update()).all()
    return any(status != Ordrestatus.MOTTATT or seen is not None for status, seen in rows)


def _record_order(row: Row[UUID, str, UUID, UUID, str, bool], svar: str, grunn: str, actor: Aktor) -> None:
    audit.record(
        actor,
        "PRINTORDRE_AVSLUTTET",
        "printordre",
        row.id,
        organisasjon_id=row.organisasjon_id,
        ressurs_id=row.ressurs_id,
        leverandor=row.leverandor,
        svar=svar,
        grunn=grunn,
    )


def _record_package(
    row: Row[UUID, str, str, int, bool | None, bool], svar: str, grunn: str, actor: Aktor
) -> None:
    audit.record(
        actor,
        "PRINTPAKKE_AVGJORT",
        "printpakke",
        row.id,
        leverandor=row.leverandor,
        antall=row.antall,
        svar=svar,
        grunn=grunn,
    )
