"""The approver's sample of ten letters, five random and five oddest, with the actor's previews of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.konfigurasjon.queries import Rettigheter
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.documents import pages_of_letter
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.preview import Forhandsvisning, as_shown, order_preview
from fiks.utsending.row_queries import Radvisning, view_row
from fiks.utsending.rules import Delart, Delstatus, Utsendingstatus
from fiks.utsending.sampling import chosen_letters


@dataclass(frozen=True, slots=True, repr=False)
class Stikkprove:
    """A letter of the sample, and its newest preview ordered by the actor since the letters were made.

    `rad.sider` counts the whole letter with the documents that follow.
    """

    rad: Radvisning
    visning: Forhandsvisning | None


def sample(utsending_id: UUID, *, actor: Aktor) -> list[Stikkprove]:
    """The sample with the actor's previews, except previews of letters that have been remade since.

    Receivers who became protected after the choice are left out, even for those who may see them.
    """
    mailing, held = access.require_with_rights(utsending_id, actor, P.GODKJENNE, P.SENDE, P.LESE)
    return _shown(mailing, held, chosen_letters(mailing), actor)


def letter_of(utsending_id: UUID, radnr: int, *, actor: Aktor) -> Stikkprove | None:
    """One letter of the sample, for polling while it is drawn; None when the row is not in it."""
    mailing, held = access.require_with_rights(utsending_id, actor, P.GODKJENNE, P.SENDE, P.LESE)
    wanted = [radnr] if radnr in chosen_letters(mailing) else []
    return next(iter(_shown(mailing, held, wanted, actor)), None)


def _shown(mailing: Utsending, held: Rettigheter, radnr: Sequence[int], actor: Aktor) -> list[Stikkprove]:
    may_see = P.SE_SPERRET in held.everything()
    found = session().execute(
        select(Utsendingsrad, pages_of_letter())
        .where(
            Utsendingsrad.utsending_id == mailing.id,
            Utsendingsrad.radnr.in_(radnr),
            ~Utsendingsrad.skjermet,
        )
        .order_by(Utsendingsrad.radnr)
    )
    rows = [replace(view_row(row, may_see), sider=pages) for row, pages in found]
    pictures = _newest(mailing, radnr, actor)
    return [Stikkprove(row, pictures.get(row.radnr)) for row in rows]


def _newest(mailing: Utsending, radnr: Sequence[int], actor: Aktor) -> dict[int, Forhandsvisning]:
    """The actor's newest preview of each row, ordered since the letters were made."""
    made = select(func.max(Utsendingshendelse.tid)).where(
        Utsendingshendelse.utsending_id == mailing.id,
        Utsendingshendelse.til == Utsendingstatus.PRODUSERES,
    )
    newest = (
        select(func.max(Arbeidsdel.id).label("id"))
        .where(
            Arbeidsdel.utsending_id == mailing.id,
            Arbeidsdel.art == Delart.FORHANDSVISNING,
            Arbeidsdel.bestilt_av == actor.person_id,
            Arbeidsdel.fra.in_(radnr),
            Arbeidsdel.opprettet
            >= func.greatest(mailing.klargjort, mailing.opprettet, made.scalar_subquery()),
        )
        .group_by(Arbeidsdel.fra)
        .subquery()
    )
    parts = session().scalars(
        select(Arbeidsdel)
        .join(newest, newest.c.id == Arbeidsdel.id)
        .execution_options(populate_existing=True)
    )
    return {shown.radnr: shown for shown in map(as_shown, parts)}


def order_sample(utsending_id: UUID, *, actor: Aktor) -> int:
    """Order previews of the sample's letters that have none yet; return how many. Each viewing is audited."""
    missing = [
        one.rad.radnr
        for one in sample(utsending_id, actor=actor)
        if one.visning is None or one.visning.status is Delstatus.FEILET
    ]
    with transaction():
        for radnr in missing:
            order_preview(utsending_id, radnr, actor=actor)
    return len(missing)
