"""Choice of the approver's sample: five random and five oddest letters of what is to be approved."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain, zip_longest
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from fiks.core.db import session
from fiks.utsending.documents import bytes_of_letter, pages_of_letter
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import MADE_ELSEWHERE, SENDABLE_NAMES

SAMPLE = 10


def chosen_letters(mailing: Utsending) -> tuple[int, ...]:
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
    found = [session().scalars(kind.limit(SAMPLE)).all() for kind in _odd(base, art)]
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


def _odd(base: Select[int], art: str) -> tuple[Select[int], ...]:
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
