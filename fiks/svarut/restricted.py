"""The restricted lane, as it is told to who may not see it (SVARUT.SE_SPERRET); no machine may.

That a letter waits there says that its receiver's address is strictly protected. To others it waits to be handed over,
or is where it was ordered; how it ended is told to everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from fiks.core.db import session
from fiks.print.models import Ordre, Ordrehendelse
from fiks.print.queries import Ordrefakta
from fiks.print.states import Ordrestatus
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.rules import Bane, Status

WAITS_THERE = "MA_BEHANDLES"
IN_RESTRICTED_LANE = frozenset(
    {WAITS_THERE, "TATT_FRA_UTSKRIFTSKO", "AVBESTILT_UAPNET", "TATT_FRA_TRYKKERIET"}
)
"""What happens only to a letter that waits in the restricted lane."""


def made_there(events: Collection[Hendelse]) -> set[UUID]:
    """The hand-overs that nobody claimed before they waited in the lane: they were made there, of a letter that had
    been ordered, and nothing of them is told outside."""
    claimed = {one.levering_id for one in events if one.kode == "KRAV"}
    waits = {one.levering_id for one in events if one.kode == WAITS_THERE}
    return {one for one in waits - claimed if one is not None}


def is_made_there() -> ColumnElement[bool]:
    """Of a hand-over and its letter (joined): whether `made_there` has it, of a letter that is still as it was ordered.

    Whoever claims one counts a try.
    """
    unclaimed = and_(Levering.bane == Bane.SPERRET, Levering.forsok == 0)
    return and_(unclaimed, Forsendelse.status == Status.SENDT_PRINT)


def told_outside(events: Sequence[Hendelse]) -> list[Hendelse]:
    """Those of a letter's events, oldest first, that are told outside the lane.

    Not the claim that ended there either: of any other something comes within minutes.
    """
    made, hidden, claims = made_there(events), set[int](), dict[UUID | None, int]()
    for one in events:
        if one.kode in IN_RESTRICTED_LANE or one.levering_id in made:
            hidden |= {one.lopenr, claims.get(one.levering_id, one.lopenr)}
        elif one.kode == "KRAV":
            claims[one.levering_id] = one.lopenr
    return [one for one in events if one.lopenr not in hidden]


def order_outside(order: Ordrefakta) -> Ordrefakta:
    """An order as it is told outside the lane: called off for that its letter came there, it is as it was before, until
    somebody closes the letter, or it is read or posted."""
    if order.status != Ordrestatus.AVBESTILT or not _was_taken(order.referanse):
        return order
    return replace(order, status=Ordrestatus.MOTTATT)


def _was_taken(ordre_id: UUID) -> bool:
    """Whether the letter of this order is SENDT_PRINT as before, and the lane is why the order is called off."""
    taken = (
        select(Ordrehendelse.lopenr)
        .join(Ordre, Ordre.id == Ordrehendelse.ordre_id)
        .join(Forsendelse, Forsendelse.id == Ordre.kilde_id)
        .where(
            Ordre.id == ordre_id,
            Ordrehendelse.til == Ordrestatus.AVBESTILT,
            Ordrehendelse.kode.in_(IN_RESTRICTED_LANE),
            Forsendelse.status == Status.SENDT_PRINT,
        )
    )
    return session().execute(taken.limit(1)).first() is not None
