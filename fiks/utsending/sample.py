"""The approver's sample: five random and five oddest letters, and the pictures of them that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.konfigurasjon.rules import P
from fiks.utsending import access, row_queries
from fiks.utsending.models import Arbeidsdel, Utsendingshendelse
from fiks.utsending.preview import Forhandsvisning, order_preview
from fiks.utsending.row_queries import Radvisning
from fiks.utsending.rules import Delart, Delstatus, Utsendingstatus


@dataclass(frozen=True, slots=True, repr=False)
class Stikkprove:
    """One letter of the sample and its newest preview, if the actor has asked for one since the letters were made."""

    rad: Radvisning
    visning: Forhandsvisning | None


def sample(utsending_id: UUID, *, actor: Aktor) -> list[Stikkprove]:
    """The ten letters with the actor's own previews of them, none of letters that have been made anew since."""
    mailing = access.require(utsending_id, actor, P.GODKJENNE, P.SENDE, P.LESE)
    rows = row_queries.approval_sample(utsending_id, actor=actor)
    made = select(func.max(Utsendingshendelse.tid)).where(
        Utsendingshendelse.utsending_id == utsending_id,
        Utsendingshendelse.til == Utsendingstatus.PRODUSERES,
    )
    newest = (
        select(Arbeidsdel.fra, func.max(Arbeidsdel.id).label("id"))
        .where(
            Arbeidsdel.utsending_id == utsending_id,
            Arbeidsdel.art == Delart.FORHANDSVISNING,
            Arbeidsdel.bestilt_av == actor.person_id,
            Arbeidsdel.fra.in_([row.radnr for row in rows]),
            Arbeidsdel.opprettet
            >= func.greatest(mailing.klargjort, mailing.opprettet, made.scalar_subquery()),
        )
        .group_by(Arbeidsdel.fra)
        .subquery()
    )
    parts = session().scalars(select(Arbeidsdel).join(newest, newest.c.id == Arbeidsdel.id))
    shown = {
        part.fra: Forhandsvisning(
            part.id,
            part.utsending_id,
            part.fra or 0,
            Delstatus(part.status),
            part.feilkode,
            max(len(part.resultat) - 1, 0),
        )
        for part in parts
    }
    return [Stikkprove(row, shown.get(row.radnr)) for row in rows]


def order_sample(utsending_id: UUID, *, actor: Aktor) -> int:
    """Order pictures of those of the ten letters that have none yet; returns how many. Each viewing is audited."""
    missing = [
        one.rad.radnr
        for one in sample(utsending_id, actor=actor)
        if one.visning is None or one.visning.status is Delstatus.FEILET
    ]
    with transaction():
        for radnr in missing:
            order_preview(utsending_id, radnr, actor=actor)
    return len(missing)
