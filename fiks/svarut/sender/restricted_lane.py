"""What users without SVARUT.SE_SPERRET, and all machines, see of letters in the restricted lane (ADR 0045).

A letter in the lane reveals that its receiver's address is strictly protected. Others see it as waiting for
hand-over, or where it was ordered. How it ended is shown to everybody.
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

RESTRICTED_LANE_EVENT = "MA_BEHANDLES"
RESTRICTED_LANE_CODES = frozenset(
    {RESTRICTED_LANE_EVENT, "TATT_FRA_UTSKRIFTSKO", "AVBESTILT_UAPNET", "TATT_FRA_TRYKKERIET"}
)
"""Event codes that occur only for letters in the restricted lane."""


def leveringer_made_in_lane(events: Collection[Hendelse]) -> set[UUID]:
    """The ids of leveringer that were created in the lane, for letters already ordered on paper: never
    claimed before.

    They are hidden from everybody outside.
    """
    claimed = {one.levering_id for one in events if one.kode == "KRAV"}
    waits = {one.levering_id for one in events if one.kode == RESTRICTED_LANE_EVENT}
    return {one for one in waits - claimed if one is not None}


def is_made_in_lane() -> ColumnElement[bool]:
    """SQL on a levering joined with its letter: whether it was made in the lane and the letter is still as
    ordered.

    A claim counts a try, so an unclaimed levering has `forsok` 0.
    """
    unclaimed = and_(Levering.bane == Bane.SPERRET, Levering.forsok == 0)
    return and_(unclaimed, Forsendelse.status == Status.SENDT_PRINT)


def visible_events(events: Sequence[Hendelse]) -> list[Hendelse]:
    """The events, oldest first, that may be shown outside the lane.

    The claim that ended in the lane is hidden as well: every other claim is followed by an event within
    minutes.
    """
    made, hidden, claims = leveringer_made_in_lane(events), set[int](), dict[UUID | None, int]()
    for one in events:
        if one.kode in RESTRICTED_LANE_CODES or one.levering_id in made:
            hidden |= {one.lopenr, claims.get(one.levering_id, one.lopenr)}
        elif one.kode == "KRAV":
            claims[one.levering_id] = one.lopenr
    return [one for one in events if one.lopenr not in hidden]


def visible_order(order: Ordrefakta) -> Ordrefakta:
    """The print order as shown outside the lane.

    An order called off because its letter entered the lane is shown as before, until the letter is closed,
    read or posted.
    """
    if order.status != Ordrestatus.AVBESTILT or not _called_off_by_lane(order.referanse):
        return order
    return replace(order, status=Ordrestatus.MOTTATT)


def _called_off_by_lane(ordre_id: UUID) -> bool:
    """Whether the order was called off because of the lane, while its letter still is SENDT_PRINT."""
    taken = (
        select(Ordrehendelse.lopenr)
        .join(Ordre, Ordre.id == Ordrehendelse.ordre_id)
        .join(Forsendelse, Forsendelse.id == Ordre.kilde_id)
        .where(
            Ordre.id == ordre_id,
            Ordrehendelse.til == Ordrestatus.AVBESTILT,
            Ordrehendelse.kode.in_(RESTRICTED_LANE_CODES),
            Forsendelse.status == Status.SENDT_PRINT,
        )
    )
    return session().execute(taken.limit(1)).first() is not None
