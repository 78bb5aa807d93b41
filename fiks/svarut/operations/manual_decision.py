"""Manual decision on a levering with an unknown outcome, when its channel can no longer be asked.

The channel's operator has reported from its books whether it took the letter. Only for operators of the
platform, audited with the reason. Nothing is sent.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon.operators import require_root_and_reason
from fiks.svarut.delivery.cancellation import stop_ready_levering
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.delivery.unknown_outcomes import adopt_as_sent
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.receipts import early_receipts
from fiks.svarut.rules import Kanal, Leveringsstatus
from fiks.svarut.transitions import move_levering

HAS_IT, HAS_IT_NOT = "AVGJORT_HAR_BREVET", "AVGJORT_HAR_IKKE_BREVET"


def decide_delivered(levering_id: UUID, *, grunn: str, world: Verden, actor: Aktor) -> None:
    """Decide that the channel took the letter: it counts as sent, as one found by a look-up.

    UgyldigInndata GRUNN_MANGLER; IkkeFunnet; Konflikt LEVERINGEN_ER_IKKE_UAVKLART, KANALEN_KAN_SPORRES (the
    channel has an address in the settings).
    """
    grunn = require_root_and_reason(actor, grunn)
    with transaction():
        row = _lock_unknown_outcome(levering_id, world)
        told = {"kode": HAS_IT, "aktor": actor.ref}
        adopt_as_sent(levering_id, row.forsendelse_id, Kanal(row.kanal), None, row.forsok, **told)
        _record(row, HAS_IT, grunn, actor)


def decide_not_delivered(levering_id: UUID, *, grunn: str, world: Verden, actor: Aktor) -> Leveringsstatus:
    """Decide that the channel never took the letter: it waits for its sender to send it again or close it.

    Returns the levering's status: one asked to stop is stopped, one that its channel reported after all is
    sent. Errors as `decide_delivered`, and Konflikt LEVERINGEN_ER_I_KARANTENE: a call may still be under way.
    """
    grunn = require_root_and_reason(actor, grunn)
    with transaction() as tx:
        row = _lock_unknown_outcome(levering_id, world)
        if not row.karantene_over:
            raise Konflikt("LEVERINGEN_ER_I_KARANTENE")
        if not early_receipts.adopt_if_answered(levering_id, row.forsok):
            move_levering(
                levering_id,
                fra=Leveringsstatus.UAVKLART,
                til=Leveringsstatus.KLAR if row.stopp_onsket else Leveringsstatus.TIL_BEHANDLING,
                kode=HAS_IT_NOT,
                aktor=actor.ref,
                feilkode=HAS_IT_NOT,
            )
            if row.stopp_onsket:
                stop_ready_levering(levering_id, row.forsendelse_id, actor.ref)
        _record(row, HAS_IT_NOT, grunn, actor)
        now = select(Levering.status).where(Levering.id == levering_id)
        return Leveringsstatus(tx.execute(now).scalar_one())


def _lock_unknown_outcome(levering_id: UUID, world: Verden) -> Row[*tuple[Any, ...]]:
    """The levering, locked, if its outcome is unknown and its channel cannot be asked."""
    quarantine = timedelta(seconds=current().karantene_sekunder)
    found = select(
        Levering.id,
        Levering.forsendelse_id,
        Levering.status,
        Levering.kanal,
        Levering.forsok,
        Levering.stopp_onsket,
        (Levering.uavklart_siden <= func.now() - quarantine).label("karantene_over"),
        Forsendelse.organisasjon_id,
        Forsendelse.konto_id,
    ).join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
    row = session().execute(found.where(Levering.id == levering_id).with_for_update(of=Levering)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    if row.status != Leveringsstatus.UAVKLART:
        raise Konflikt("LEVERINGEN_ER_IKKE_UAVKLART")
    if row.kanal in world.kanaler:
        raise Konflikt("KANALEN_KAN_SPORRES")
    return row


def _record(row: Row[*tuple[Any, ...]], svar: str, grunn: str, actor: Aktor) -> None:
    audit.record(
        actor,
        "LEVERING_AVGJORT",
        "levering",
        row.id,
        organisasjon_id=row.organisasjon_id,
        ressurs_id=row.konto_id,
        tjeneste="SVARUT",
        kanal=row.kanal,
        svar=svar,
        grunn=grunn,
    )
