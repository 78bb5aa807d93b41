"""The approver's sample of ten letters, five random and five oddest, with the actor's previews of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import chain, zip_longest
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.konfigurasjon.queries import Rettigheter
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.letters.documents import bytes_of_letter, pages_of_letter
from fiks.utsending.letters.preview import Forhandsvisning, order_preview, preview_of_piece
from fiks.utsending.models import Arbeidsdel, Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.rows.queries import Radvisning, view_row
from fiks.utsending.rules import MADE_ELSEWHERE, SENDABLE_NAMES, Delart, Delstatus, Utsendingstatus


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
    return _view_letters(mailing, held, choose_sample(mailing), actor)


def letter_of(utsending_id: UUID, radnr: int, *, actor: Aktor) -> Stikkprove | None:
    """One letter of the sample, for polling while it is drawn; None when the row is not in it."""
    mailing, held = access.require_with_rights(utsending_id, actor, P.GODKJENNE, P.SENDE, P.LESE)
    wanted = [radnr] if radnr in choose_sample(mailing) else []
    return next(iter(_view_letters(mailing, held, wanted, actor)), None)


def _view_letters(
    mailing: Utsending, held: Rettigheter, radnr: Sequence[int], actor: Aktor
) -> list[Stikkprove]:
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
    return {shown.radnr: shown for shown in map(preview_of_piece, parts)}


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


SAMPLE = 10


def choose_sample(mailing: Utsending) -> tuple[int, ...]:
    """Row numbers of the sample.

    Odd: most findings, most pages, no id, abroad, largest file. The random ones follow from the approved
    digest, so every approver sees the same. Protected receivers are left out: a letter shows the address.
    """
    if mailing.innhold_digest is None:
        return _choose(mailing.id, mailing.art, b"")
    # Rows change only in a draft, and its letters are made after that: the moment tells what the digest does not,
    # as whom the registers protect. Whom they protect since, when letters are handed over, `sample` leaves out.
    return _remembered(mailing.id, mailing.art, mailing.innhold_digest, mailing.klargjort)


@lru_cache(256)
def _remembered(
    utsending_id: UUID,
    art: str,
    digest: bytes,
    klargjort: datetime | None,
) -> tuple[int, ...]:
    return _choose(utsending_id, art, digest)


def _choose(utsending_id: UUID, art: str, digest: bytes) -> tuple[int, ...]:
    base = select(Utsendingsrad.radnr).where(
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.status.in_(SENDABLE_NAMES),
        ~Utsendingsrad.skjermet,
    )
    chosen = dict.fromkeys(_random(base, digest))
    found = [session().scalars(kind.limit(SAMPLE)).all() for kind in _oddest_first(base, art)]
    for odd in chain.from_iterable(zip_longest(*found)):
        if odd is not None and len(chosen) < SAMPLE:
            chosen[odd] = None
    return tuple(sorted(chosen))


def _random(base: Select[int], digest: bytes) -> Sequence[int]:
    """Half of the sample, chosen by position so that only those rows are read."""
    antall = session().execute(select(func.count()).select_from(base.subquery())).scalar_one()
    chance = random.Random(digest)
    places = chance.sample(range(antall), min(SAMPLE // 2, antall))
    order = func.row_number().over(order_by=Utsendingsrad.radnr) - 1
    placed = base.add_columns(order.label("plass")).subquery()
    return session().scalars(select(placed.c.radnr).where(placed.c.plass.in_(places))).all()


def _oddest_first(base: Select[int], art: str) -> tuple[Select[int], ...]:
    """Queries that put the oddest letters first, one for each kind of oddity."""
    pages, size = _size_of(art)
    row = Utsendingsrad
    return (
        base.order_by(func.jsonb_array_length(row.funn).desc(), row.radnr),
        base.order_by(pages.desc().nulls_last(), row.radnr),
        base.where(row.mottakertype == "INGEN").order_by(row.radnr),
        base.where(row.portosone.in_(["EUROPA", "VERDEN"])).order_by(row.radnr),
        base.order_by(size.desc().nulls_last(), row.radnr),
    )


def _size_of(art: str) -> tuple[ColumnElement[int | None], ColumnElement[int | None]]:
    """Pages and bytes that letters are compared by; a document that follows all of them is not counted."""
    if art in MADE_ELSEWHERE:
        return pages_of_letter(), bytes_of_letter()
    return Utsendingsrad.sider.expression, Utsendingsrad.storrelse.expression
